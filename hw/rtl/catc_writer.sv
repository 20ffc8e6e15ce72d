//===- catc_writer.sv - From rows to words of the global buffer
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The opposite of catc_reader: rows of a segment are packed into words, the last one padded, and a
// word leaves in each of the cluster's write slots. Two words wait between packing and slot. Kinds of
// rows: 0 WIDTH bytes, 1 LANES bytes.
//
//===----------------------------------------------------------------------===//

module catc_writer #(
    parameter int WORD  = 16,
    parameter int WIDTH = 8,
    parameter int LANES = 8,
    parameter int AW    = 12
) (
    input  logic               clk,
    input  logic               rst_n,
    input  logic               start,
    input  logic               kind,
    // The segment, held until segment_done; segment_last is the operator's last one.
    input  logic [AW-1:0]      segment_address,
    input  logic [23:0]        segment_beats,
    input  logic               segment_last,
    output logic               segment_done,
    input  logic               row_valid,
    output logic               row_ready,
    input  logic [WIDTH*8-1:0] row,
    input  logic               group_valid,
    output logic               group_ready,
    input  logic [LANES*8-1:0] group,
    input  logic               slot,
    output logic               send,
    output logic [AW-1:0]      send_address,
    output logic [WORD*8-1:0]  send_word,
    output logic               all_sent  // in the cycle of the last word's slot
);
  localparam int MOST = (WORD / WIDTH > WORD / LANES) ? WORD / WIDTH : WORD / LANES;
  localparam int PARTS = (WIDTH > WORD) ? WIDTH / WORD : 1;
  localparam int MAX_INDEX = (MOST > PARTS) ? MOST : PARTS;
  localparam int XW = (MAX_INDEX > 1) ? $clog2(MAX_INDEX) : 1;

  // Packing.
  logic [XW-1:0] index;
  logic [23:0]   beat_count, offset;
  logic [WORD*8-1:0] packed_q, packed_d;
  logic          valid, room, accept, last_beat, word_done, last_part, beat_done;
  logic          filled;  // all rows of the operator are packed

  logic [WORD*8-1:0] row_packed, group_packed;
  logic          row_full, group_full, row_last_part;
  generate
    if (WIDTH < WORD) begin : g_narrow
      localparam int NW = $clog2(WORD / WIDTH);
      always_comb begin
        row_packed = packed_q;
        row_packed[index[NW-1:0]*WIDTH*8+:WIDTH*8] = row;
      end
      assign row_full = (index == XW'(WORD / WIDTH - 1));
      assign row_last_part = 1'b1;
    end else if (WIDTH == WORD) begin : g_equal
      assign row_packed = row;
      assign row_full = 1'b1;
      assign row_last_part = 1'b1;
    end else begin : g_wide
      assign row_packed = row[index*WORD*8+:WORD*8];
      assign row_full = 1'b1;
      assign row_last_part = (index == XW'(PARTS - 1));
    end
    if (LANES < WORD) begin : g_narrow_group
      localparam int NV = $clog2(WORD / LANES);
      always_comb begin
        group_packed = packed_q;
        group_packed[index[NV-1:0]*LANES*8+:LANES*8] = group;
      end
      assign group_full = (index == XW'(WORD / LANES - 1));
    end else begin : g_equal_group
      assign group_packed = group;
      assign group_full = 1'b1;
    end
  endgenerate
  assign packed_d  = kind ? group_packed : row_packed;
  assign last_part = kind || row_last_part;
  assign valid     = !filled && (kind ? group_valid : row_valid);
  assign accept    = valid && room;
  assign beat_done = accept && last_part;
  assign last_beat = (beat_count == segment_beats - 24'd1) && last_part;
  assign word_done = accept && ((kind ? group_full : row_full) || last_beat);
  assign segment_done = accept && last_beat;
  assign row_ready   = !filled && !kind && room && row_last_part;
  assign group_ready = !filled && kind && room;

  // Words that wait for a slot.
  logic [WORD*8-1:0] words[2];
  logic [AW-1:0]     addresses[2];
  logic [1:0]        push_ptr, pop_ptr;
  assign room = ((push_ptr - pop_ptr) != 2'd2);
  assign send = slot && (push_ptr != pop_ptr);
  assign send_address = addresses[pop_ptr[0]];
  assign send_word    = words[pop_ptr[0]];
  assign all_sent     = send && filled && ((push_ptr - pop_ptr) == 2'd1);

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      push_ptr   <= '0;
      pop_ptr    <= '0;
      index      <= '0;
      beat_count <= '0;
      offset     <= '0;
      filled     <= 1'b1;
    end else begin
      if (start) filled <= 1'b0;
      else if (segment_done && segment_last) filled <= 1'b1;
      if (accept) begin
        if (word_done && last_part) index <= '0;
        else index <= index + 1'b1;
      end
      if (beat_done) beat_count <= last_beat ? 24'd0 : beat_count + 24'd1;
      if (word_done) begin
        push_ptr <= push_ptr + 1'b1;
        offset   <= last_beat ? 24'd0 : offset + 24'd1;
      end
      if (send) pop_ptr <= pop_ptr + 1'b1;
    end
    if (accept) packed_q <= packed_d;
    if (word_done) begin
      words[push_ptr[0]]     <= packed_d;
      addresses[push_ptr[0]] <= segment_address + AW'(offset);
    end
  end

  logic unused;
  assign unused = ^packed_q;
endmodule
