//===- catc_reader.sv - From words of the global buffer to rows
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The source offers segments: runs of beats (rows) of one kind that start on a word. Words are
// requested in the reader's slots, at most BUFFERED of them between request and consumption, and
// unpacked to one beat a cycle: several of a word where a beat is narrower, several words a beat
// where it is wider. Padding behind a segment's last beat is dropped.
//
// Kinds of beats: 0 DEPTH bytes, 1 WIDTH bytes, 2 LANES bytes.
//
//===----------------------------------------------------------------------===//

module catc_reader #(
    parameter int WORD  = 16,
    parameter int DEPTH = 8,
    parameter int WIDTH = 8,
    parameter int LANES = 8,
    parameter int BEAT  = 8,  // the widest of the three
    parameter int AW    = 12
) (
    input  logic              clk,
    input  logic              rst_n,
    // The segment: held until segment_done, when the next one follows in the next cycle.
    input  logic              segment_valid,
    input  logic [1:0]        segment_kind,
    input  logic [AW-1:0]     segment_address,
    input  logic [23:0]       segment_beats,
    output logic              segment_done,
    // Requests, and the words that come back in order.
    input  logic              slot,
    output logic              request,
    output logic [AW-1:0]     request_address,
    input  logic              word_valid,
    input  logic [WORD*8-1:0] word,
    // Beats.
    output logic              beat_valid,
    output logic [1:0]        beat_kind,
    output logic [BEAT*8-1:0] beat,
    input  logic              beat_ready
);
  localparam int BUFFERED = 4;
  localparam int PTR = 2;
  localparam int MOST = (WORD / DEPTH > WORD / WIDTH) ? WORD / DEPTH : WORD / WIDTH;
  localparam int MANY = (MOST > WORD / LANES) ? MOST : WORD / LANES;
  localparam int PARTS = (BEAT > WORD) ? BEAT / WORD : 1;
  localparam int MAX_INDEX = (MANY > PARTS) ? MANY : PARTS;
  localparam int XW = (MAX_INDEX > 1) ? $clog2(MAX_INDEX) : 1;
  localparam int LOG_WORD = $clog2(WORD);

  // Requests.
  logic [23:0] offset, last_offset;
  logic [XW-1:0] last_index, full_index;  // of the beats in the segment's last word, in a whole word
  logic [PTR:0] request_ptr, arrive_ptr, head_ptr;
  logic take;

  function automatic logic [23:0] words_less_one(input logic [23:0] beats, input int bytes);
    if (bytes <= WORD) words_less_one = (beats - 24'd1) >> (LOG_WORD - $clog2(bytes));
    else words_less_one = (beats << ($clog2(bytes) - LOG_WORD)) - 24'd1;
  endfunction
  function automatic logic [XW-1:0] beats_less_one(input int bytes);
    beats_less_one = (bytes < WORD) ? XW'(WORD / bytes - 1) : '0;
  endfunction
  always_comb begin
    case (segment_kind)
      2'd0: begin
        last_offset = words_less_one(segment_beats, DEPTH);
        full_index  = beats_less_one(DEPTH);
      end
      2'd1: begin
        last_offset = words_less_one(segment_beats, WIDTH);
        full_index  = beats_less_one(WIDTH);
      end
      default: begin
        last_offset = words_less_one(segment_beats, LANES);
        full_index  = beats_less_one(LANES);
      end
    endcase
    last_index = (XW'(segment_beats) - XW'(1)) & full_index;
  end

  assign request = slot && segment_valid && ((request_ptr - head_ptr) != (PTR+1)'(BUFFERED));
  assign request_address = segment_address + AW'(offset);
  assign segment_done = request && (offset == last_offset);

  // What is known of each word when it is requested, and the words as they arrive.
  logic [WORD*8-1:0] words[BUFFERED];
  logic [XW-1:0]     indices[BUFFERED];
  logic [1:0]        kinds[BUFFERED];
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      request_ptr <= '0;
      arrive_ptr  <= '0;
      head_ptr    <= '0;
      offset      <= '0;
    end else begin
      if (request) begin
        request_ptr <= request_ptr + 1'b1;
        offset      <= segment_done ? 24'd0 : offset + 24'd1;
      end
      if (word_valid) arrive_ptr <= arrive_ptr + 1'b1;
      if (take) head_ptr <= head_ptr + 1'b1;
    end
    if (request) begin
      indices[request_ptr[PTR-1:0]] <= segment_done ? last_index : full_index;
      kinds[request_ptr[PTR-1:0]]   <= segment_kind;
    end
    if (word_valid) words[arrive_ptr[PTR-1:0]] <= word;
  end

  // Unpacking.
  logic [WORD*8-1:0] head;
  logic [XW-1:0]     index, index_end;
  logic              head_valid, whole;
  assign head       = words[head_ptr[PTR-1:0]];
  assign index_end  = indices[head_ptr[PTR-1:0]];
  assign beat_kind  = kinds[head_ptr[PTR-1:0]];
  assign head_valid = (arrive_ptr != head_ptr);

  logic [BEAT*8-1:0] beats[3];
  logic [XW-1:0]     parts_end[3];  // words of a wide beat, less one
  genvar k;
  generate
    for (k = 0; k < 3; k = k + 1) begin : g_kind
      localparam int BYTES = (k == 0) ? DEPTH : (k == 1) ? WIDTH : LANES;
      if (BYTES < WORD) begin : g_narrow
        assign parts_end[k] = '0;
        assign beats[k] = (BEAT*8)'(head[index[$clog2(WORD/BYTES)-1:0]*BYTES*8+:BYTES*8]);
      end else if (BYTES == WORD) begin : g_equal
        assign parts_end[k] = '0;
        assign beats[k] = (BEAT*8)'(head);
      end else begin : g_wide
        localparam int REST = (BYTES - WORD) * 8;
        logic [REST-1:0] held;
        assign parts_end[k] = XW'(BYTES / WORD - 1);
        assign beats[k] = (BEAT*8)'({head, held});
        always_ff @(posedge clk) if (take) held <= REST'({head, held} >> (WORD * 8));
      end
    end
  endgenerate
  logic wide;
  logic [XW-1:0] part_end;
  assign part_end   = parts_end[(beat_kind == 2'd3) ? 2'd0 : beat_kind];
  assign beat       = beats[(beat_kind == 2'd3) ? 2'd0 : beat_kind];
  assign wide       = (part_end != '0);
  assign whole      = !wide || (index == part_end);
  assign beat_valid = head_valid && whole;
  assign take       = head_valid && (wide ? (!whole || beat_ready) : (beat_ready && index == index_end));
  always_ff @(posedge clk) begin
    if (!rst_n) index <= '0;
    else if (wide) begin
      if (take) index <= whole ? '0 : index + 1'b1;
    end else if (head_valid && beat_ready) index <= (index == index_end) ? '0 : index + 1'b1;
  end
endmodule
