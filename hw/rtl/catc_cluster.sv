//===- catc_cluster.sv - One cluster: readers, GEMM core, vector unit, writer
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs its share of one block of an operator from start until busy falls. ID is its place among the
// clusters, and the phase of its slots.
//
//===----------------------------------------------------------------------===//

module catc_cluster #(
    parameter int ID               = 0,
    parameter int WIDTH            = 8,
    parameter int DEPTH            = 8,
    parameter bit SYSTOLIC         = 1'b0,
    parameter int REQUANTIZERS     = 4,
    parameter int ACCUMULATOR_ROWS = 32,
    parameter int OUTPUT_ROWS      = 32,
    parameter int INPUT_WORDS      = 128,
    parameter int WEIGHT_ROWS      = 128,
    parameter int VECTOR_LANES     = 8,
    parameter int VECTOR_ROW_BYTES = 1024,
    parameter int WORD             = 16,
    parameter int LINK             = 8,
    parameter int AW               = 12
) (
    input  logic                                         clk,
    input  logic                                         rst_n,
    // The block: constant until all clusters are idle.
    input  logic                                         start,
    input  logic [catc_descriptor_pkg::WORDS*32-1:0]     descriptor,
    input  logic [15:0]                                  tiles_others,
    input  logic [15:0]                                  tiles_last,
    input  logic                                         block_odd,
    input  logic                                         block_last,
    input  logic [AW-1:0]                                z_offset,
    output logic                                         busy,
    input  logic                                         table_we,
    input  logic [5:0]                                   table_address,
    input  logic [31:0]                                  table_entries,
    // Slots and the words that they move.
    input  logic                                         slot,
    input  logic                                         slot_weights,
    output logic                                         request,
    output logic [AW-1:0]                                request_address,
    input  logic                                         word_valid,
    input  logic [WORD*8-1:0]                            word,
    output logic                                         send,
    output logic [AW-1:0]                                send_address,
    output logic [WORD*8-1:0]                            send_word,
    output logic                                         stall_a,
    output logic                                         stall_w,
    output logic                                         stall_out
);
  localparam int WIDER = (WIDTH > DEPTH) ? WIDTH : DEPTH;
  localparam int BEAT  = (WIDER > VECTOR_LANES) ? WIDER : VECTOR_LANES;
  localparam int LINK_CYCLES = (WORD + LINK - 1) / LINK;

  // ---- The descriptor, as this cluster sees it ----
  logic        last_cluster, working, vector, hold_input, hold_weight, residual;
  logic [1:0]  hold;
  logic [15:0] batches, chunks, tiles, rows_end;
  logic [31:0] loops, v_rows;
  logic [23:0] a_beats_end, v_in, v_out;
  logic [AW-1:0] a_base, w_base, r_base, z_base;
  assign vector       = (descriptor[32*catc_descriptor_pkg::OPERATION+:2] == 2'd1);
  assign hold         = descriptor[32*catc_descriptor_pkg::OPERATION+2+:2];
  assign hold_input   = (hold == 2'd1);
  assign hold_weight  = (hold == 2'd2);
  assign residual     = descriptor[32*catc_descriptor_pkg::OPERATION+5];
  assign last_cluster = (descriptor[32*catc_descriptor_pkg::CLUSTERS+:8] == 8'(ID + 1));
  assign tiles        = last_cluster ? tiles_last : tiles_others;
  assign working      = (8'(ID) < descriptor[32*catc_descriptor_pkg::CLUSTERS+:8]) &&
                        (tiles != 16'd0);
  assign loops        = last_cluster ? descriptor[32*catc_descriptor_pkg::LOOPS_LAST+:32]
                                     : descriptor[32*catc_descriptor_pkg::LOOPS_OTHERS+:32];
  assign batches      = loops[15:0];
  assign chunks       = loops[31:16];
  assign rows_end     = last_cluster ? descriptor[32*catc_descriptor_pkg::CHUNK_ROWS_END+16+:16]
                                     : descriptor[32*catc_descriptor_pkg::CHUNK_ROWS_END+:16];
  assign a_beats_end  = last_cluster ? descriptor[32*catc_descriptor_pkg::A_BEATS_END_LAST+:24]
                                     : descriptor[32*catc_descriptor_pkg::A_BEATS_END_OTHERS+:24];
  assign v_rows       = last_cluster ? descriptor[32*catc_descriptor_pkg::V_ROWS_LAST+:32]
                                     : descriptor[32*catc_descriptor_pkg::V_ROWS_OTHERS+:32];
  assign v_in         = last_cluster ? descriptor[32*catc_descriptor_pkg::V_IN_LAST+:24]
                                     : descriptor[32*catc_descriptor_pkg::V_IN_OTHERS+:24];
  assign v_out        = last_cluster ? descriptor[32*catc_descriptor_pkg::V_OUT_LAST+:24]
                                     : descriptor[32*catc_descriptor_pkg::V_OUT_OTHERS+:24];
  assign a_base = descriptor[32*catc_descriptor_pkg::A_BASE+:AW] +
                  AW'(ID) * descriptor[32*catc_descriptor_pkg::A_CLUSTER+:AW];
  assign w_base = (block_odd ? descriptor[32*catc_descriptor_pkg::W_BASE_ODD+:AW]
                             : descriptor[32*catc_descriptor_pkg::W_BASE_EVEN+:AW]) +
                  AW'(ID) * (block_last ? descriptor[32*catc_descriptor_pkg::W_CLUSTER_END+:AW]
                                        : descriptor[32*catc_descriptor_pkg::W_CLUSTER+:AW]);
  assign r_base = descriptor[32*catc_descriptor_pkg::R_BASE+:AW] + z_offset +
                  AW'(ID) * descriptor[32*catc_descriptor_pkg::R_CLUSTER+:AW];
  assign z_base = descriptor[32*catc_descriptor_pkg::Z_BASE+:AW] + z_offset +
                  AW'(ID) * descriptor[32*catc_descriptor_pkg::Z_CLUSTER+:AW];

  logic begin_gemm, begin_vector, begin_any;
  assign begin_any    = start && working;
  assign begin_gemm   = begin_any && !vector;
  assign begin_vector = begin_any && vector;

  // ---- Input stream: a chunk of A, then the rows of each column step's residual operand. The
  //      vector unit's header and rows come the same way. ----
  logic        a_active, a_second, a_is_rows, a_step, a_segment_done, a_two;
  logic [15:0] a_tiles, a_rows;
  logic        a_first_chunk, a_first_tile, a_last_chunk, a_last_tile, a_last_batch, a_last;
  logic [AW-1:0] a_address, r_address;
  logic [23:0] a_beats;
  logic [1:0]  a_kind;
  assign a_rows    = a_last_chunk ? rows_end : descriptor[32*catc_descriptor_pkg::CHUNK_ROWS+:16];
  assign a_two     = residual || vector;
  assign a_tiles   = (hold_input && !residual) ? 16'd1 : tiles;
  assign a_is_rows = a_second || (hold_input && !a_first_tile);
  assign a_step    = a_segment_done && (a_is_rows || !a_two);
  assign a_kind    = vector ? 2'd2 : a_is_rows ? 2'd1 : 2'd0;
  assign a_beats   = !a_is_rows ? (a_last_chunk ? a_beats_end
                                                : descriptor[32*catc_descriptor_pkg::A_BEATS+:24]) :
                     vector ? v_in : 24'(a_rows);
  catc_loop u_a_loop (
      .clk(clk), .load(begin_any), .step(a_step), .tile_outer(hold_weight), .batches(batches),
      .chunks(chunks), .tiles(a_tiles), .first_chunk(a_first_chunk), .first_tile(a_first_tile),
      .last_chunk(a_last_chunk), .last_tile(a_last_tile), .last_batch(a_last_batch),
      .last(a_last));
  catc_address #(.AW(AW)) u_a_address (
      .clk(clk), .load(begin_any), .step(a_step), .tile_outer(hold_weight),
      .last_chunk(a_last_chunk), .last_tile(a_last_tile), .base(a_base),
      .batch_stride(descriptor[32*catc_descriptor_pkg::A_BATCH+:AW]),
      .chunk_stride(descriptor[32*catc_descriptor_pkg::A_CHUNK+:AW]), .tile_stride({AW{1'b0}}),
      .address(a_address));
  catc_address #(.AW(AW)) u_r_address (
      .clk(clk), .load(begin_any), .step(a_step), .tile_outer(hold_weight),
      .last_chunk(a_last_chunk), .last_tile(a_last_tile), .base(r_base),
      .batch_stride(descriptor[32*catc_descriptor_pkg::Z_BATCH+:AW]),
      .chunk_stride(descriptor[32*catc_descriptor_pkg::Z_CHUNK+:AW]),
      .tile_stride(descriptor[32*catc_descriptor_pkg::Z_TILE+:AW]), .address(r_address));
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      a_active <= 1'b0;
      a_second <= 1'b0;
    end else if (begin_any) begin
      a_active <= 1'b1;
      a_second <= 1'b0;
    end else if (a_segment_done) begin
      a_second <= a_two && !a_is_rows;
      if (a_step && a_last) a_active <= 1'b0;
    end
  end

  logic              a_request, a_word, a_beat_valid, a_beat_ready;
  logic [AW-1:0]     a_request_address;
  logic [1:0]        a_beat_kind;
  logic [BEAT*8-1:0] a_beat;
  catc_reader #(.WORD(WORD), .DEPTH(DEPTH), .WIDTH(WIDTH), .LANES(VECTOR_LANES), .BEAT(BEAT),
                .AW(AW)) u_a_reader (
      .clk(clk), .rst_n(rst_n), .segment_valid(a_active), .segment_kind(a_kind),
      .segment_address(a_is_rows ? r_address : a_address), .segment_beats(a_beats),
      .segment_done(a_segment_done), .slot(slot && !slot_weights), .request(a_request),
      .request_address(a_request_address), .word_valid(a_word), .word(word),
      .beat_valid(a_beat_valid), .beat_kind(a_beat_kind), .beat(a_beat),
      .beat_ready(a_beat_ready));

  // ---- Weight stream: column steps, each with its constants in front ----
  logic          w_active, w_step, w_first_chunk, w_first_tile, w_last_chunk, w_last_tile;
  logic          w_last_batch, w_last;
  logic [AW-1:0] w_address, w_request_address;
  logic          w_request, w_word, w_beat_valid, w_beat_ready;
  logic [1:0]    w_beat_kind;
  logic [WIDTH*8-1:0] w_beat;
  catc_loop u_w_loop (
      .clk(clk), .load(begin_any), .step(w_step), .tile_outer(1'b0), .batches(batches),
      .chunks(hold_weight ? 16'd1 : chunks), .tiles(tiles), .first_chunk(w_first_chunk),
      .first_tile(w_first_tile), .last_chunk(w_last_chunk), .last_tile(w_last_tile),
      .last_batch(w_last_batch), .last(w_last));
  catc_address #(.AW(AW)) u_w_address (
      .clk(clk), .load(begin_any), .step(w_step), .tile_outer(1'b0), .last_chunk(w_last_chunk),
      .last_tile(w_last_tile), .base(w_base),
      .batch_stride(descriptor[32*catc_descriptor_pkg::W_BATCH+:AW]), .chunk_stride({AW{1'b0}}),
      .tile_stride(descriptor[32*catc_descriptor_pkg::W_TILE+:AW]), .address(w_address));
  always_ff @(posedge clk) begin
    if (!rst_n) w_active <= 1'b0;
    else if (begin_gemm) w_active <= 1'b1;
    else if (w_step && w_last) w_active <= 1'b0;
  end
  catc_reader #(.WORD(WORD), .DEPTH(WIDTH), .WIDTH(WIDTH), .LANES(WIDTH), .BEAT(WIDTH),
                .AW(AW)) u_w_reader (
      .clk(clk), .rst_n(rst_n), .segment_valid(w_active), .segment_kind(2'd1),
      .segment_address(w_address),
      .segment_beats(descriptor[32*catc_descriptor_pkg::W_BEATS+:24]), .segment_done(w_step),
      .slot(slot && slot_weights), .request(w_request), .request_address(w_request_address),
      .word_valid(w_word), .word(word), .beat_valid(w_beat_valid), .beat_kind(w_beat_kind),
      .beat(w_beat), .beat_ready(w_beat_ready));

  // The words that come back are told apart by the slot in which they were asked for.
  assign request         = a_request || w_request;
  assign request_address = slot_weights ? w_request_address : a_request_address;
  logic [1:0] asked;
  catc_delay #(.WIDTH(2), .N(1 + LINK_CYCLES)) u_asked (
      .clk(clk), .d({a_request, w_request}), .q(asked));
  assign a_word = word_valid && asked[1];
  assign w_word = word_valid && asked[0];

  // ---- GEMM core ----
  logic a_ready, residual_ready, group_ready, row_valid, row_ready;
  logic [WIDTH*8-1:0] row;
  assign a_beat_ready = (a_beat_kind == 2'd0) ? a_ready :
                        (a_beat_kind == 2'd1) ? residual_ready : group_ready;
  catc_gemm #(.WIDTH(WIDTH), .DEPTH(DEPTH), .SYSTOLIC(SYSTOLIC), .UNITS(REQUANTIZERS),
              .ACCUMULATOR_ROWS(ACCUMULATOR_ROWS), .OUTPUT_ROWS(OUTPUT_ROWS),
              .INPUT_WORDS(INPUT_WORDS), .WEIGHT_ROWS(WEIGHT_ROWS)) u_gemm (
      .clk(clk), .rst_n(rst_n), .start(begin_gemm), .hold(hold), .batches(batches),
      .chunks(chunks), .tiles(tiles),
      .steps(descriptor[32*catc_descriptor_pkg::DEPTH_STEPS+:16]),
      .rows(descriptor[32*catc_descriptor_pkg::CHUNK_ROWS+:16]), .rows_last(rows_end),
      .table_we(table_we), .table_address(table_address), .table_entries(table_entries),
      .table_enable(descriptor[32*catc_descriptor_pkg::OPERATION+6]), .add_enable(residual),
      .add_multiplier_a(descriptor[32*catc_descriptor_pkg::ADD_MULTIPLIERS+:16]),
      .add_multiplier_b(descriptor[32*catc_descriptor_pkg::ADD_MULTIPLIERS+16+:16]),
      .add_offset(descriptor[32*catc_descriptor_pkg::ADD_OFFSET+:32]),
      .a_valid(a_beat_valid && a_beat_kind == 2'd0), .a_ready(a_ready), .a(a_beat[DEPTH*8-1:0]),
      .w_valid(w_beat_valid), .w_ready(w_beat_ready), .w(w_beat),
      .residual_valid(a_beat_valid && a_beat_kind == 2'd1), .residual_ready(residual_ready),
      .residual(a_beat[WIDTH*8-1:0]), .row_valid(row_valid), .row_ready(row_ready), .row(row),
      .stall_a(stall_a), .stall_w(stall_w), .stall_out(stall_out));

  // ---- Vector unit ----
  logic out_valid, out_ready, vector_busy;
  logic [VECTOR_LANES*8-1:0] out_group;
  catc_vector #(.V(VECTOR_LANES), .ROW_BYTES(VECTOR_ROW_BYTES)) u_vector (
      .clk(clk), .rst_n(rst_n), .start(begin_vector),
      .func(descriptor[32*catc_descriptor_pkg::OPERATION+8+:3]), .rows(v_rows),
      .columns(descriptor[32*catc_descriptor_pkg::V_COLUMNS+:16]), .busy(vector_busy),
      .in_valid(a_beat_valid && a_beat_kind == 2'd2), .in_ready(group_ready),
      .in_data(a_beat[VECTOR_LANES*8-1:0]), .out_valid(out_valid), .out_ready(out_ready),
      .out_data(out_group));

  // ---- Results ----
  logic          z_segment_done, z_first_chunk, z_first_tile, z_last_chunk, z_last_tile;
  logic          z_last_batch, z_last, all_sent, landed;
  logic [AW-1:0] z_address;
  logic [15:0]   z_rows;
  assign z_rows = z_last_chunk ? rows_end : descriptor[32*catc_descriptor_pkg::CHUNK_ROWS+:16];
  catc_loop u_z_loop (
      .clk(clk), .load(begin_any), .step(z_segment_done), .tile_outer(hold_weight),
      .batches(batches), .chunks(chunks), .tiles(tiles), .first_chunk(z_first_chunk),
      .first_tile(z_first_tile), .last_chunk(z_last_chunk), .last_tile(z_last_tile),
      .last_batch(z_last_batch), .last(z_last));
  catc_address #(.AW(AW)) u_z_address (
      .clk(clk), .load(begin_any), .step(z_segment_done), .tile_outer(hold_weight),
      .last_chunk(z_last_chunk), .last_tile(z_last_tile), .base(z_base),
      .batch_stride(descriptor[32*catc_descriptor_pkg::Z_BATCH+:AW]),
      .chunk_stride(descriptor[32*catc_descriptor_pkg::Z_CHUNK+:AW]),
      .tile_stride(descriptor[32*catc_descriptor_pkg::Z_TILE+:AW]), .address(z_address));
  catc_writer #(.WORD(WORD), .WIDTH(WIDTH), .LANES(VECTOR_LANES), .AW(AW)) u_writer (
      .clk(clk), .rst_n(rst_n), .start(begin_any), .kind(vector), .segment_address(z_address),
      .segment_beats(vector ? v_out : 24'(z_rows)), .segment_last(z_last),
      .segment_done(z_segment_done), .row_valid(row_valid),
      .row_ready(row_ready), .row(row), .group_valid(out_valid), .group_ready(out_ready),
      .group(out_group), .slot(slot), .send(send), .send_address(send_address),
      .send_word(send_word), .all_sent(all_sent));

  // The last word is in the buffer LINK_CYCLES after its slot.
  catc_delay #(.WIDTH(1), .N(LINK_CYCLES)) u_landed (
      .clk(clk), .d(all_sent && rst_n), .q(landed));
  always_ff @(posedge clk) begin
    if (!rst_n) busy <= 1'b0;
    else if (begin_any) busy <= 1'b1;
    else if (landed) busy <= 1'b0;
  end

  logic unused;
  assign unused = ^{descriptor, a_first_chunk, a_last_batch, w_first_chunk, w_first_tile,
                    w_last_batch, z_first_chunk, z_first_tile, z_last_batch, w_beat_kind,
                    vector_busy};
endmodule
