//===- catc_drain.sv - From complete sums to rows of results
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row of WIDTH sums is taken every PERIOD = WIDTH/UNITS cycles at most and requantised UNITS lanes
// a cycle; then comes a table of 256 entries and the addition of a residual row, both optional and
// as late when absent. A row is out PERIOD + 7 cycles after its sums.
//
// The requantisation constants of two visits of column steps are kept: ParameterRows rows of WIDTH
// bytes, lane by lane eight bytes.
//
//===----------------------------------------------------------------------===//

module catc_drain #(
    parameter int WIDTH = 8,
    parameter int UNITS = 4
) (
    input  logic                clk,
    input  logic                rst_n,
    // Constants.
    input  logic                constants_we,
    input  logic                constants_set,
    input  logic [2:0]          constants_row,
    input  logic [WIDTH*8-1:0]  constants,
    output logic                set_done,  // the visit's last row no longer needs them
    // The table: four entries a write, and the addition.
    input  logic                table_we,
    input  logic [5:0]          table_address,
    input  logic [31:0]         table_entries,
    input  logic                table_enable,
    input  logic                add_enable,
    input  logic [15:0]         add_multiplier_a,
    input  logic [15:0]         add_multiplier_b,
    input  logic [31:0]         add_offset,
    // Sums.
    input  logic                sums_valid,
    input  logic                sums_last,  // of the visit
    input  logic [WIDTH*32-1:0] sums,
    // Residual rows: the row is read one cycle after residual_pop and held.
    output logic                residual_pop,
    input  logic [WIDTH*8-1:0]  residual,
    output logic                row_valid,
    output logic [WIDTH*8-1:0]  row
);
  localparam int PERIOD = WIDTH / UNITS;
  localparam int SW = (PERIOD > 1) ? $clog2(PERIOD) : 1;

  // Slices.
  logic [WIDTH*32-1:0] sums_q;
  logic [SW-1:0]       slice;
  logic                running, last_q, set_q, slice_end;
  assign slice_end = (slice == SW'(PERIOD - 1));
  assign set_done  = running && slice_end && last_q;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      running <= 1'b0;
      slice   <= '0;
      set_q   <= 1'b0;
    end else begin
      if (sums_valid) running <= 1'b1;
      else if (slice_end) running <= 1'b0;
      if (running) slice <= slice_end ? '0 : slice + 1'b1;
      if (set_done) set_q <= !set_q;
    end
    if (sums_valid) begin
      sums_q <= sums;
      last_q <= sums_last;
    end
  end

  // Constants.
  logic [WIDTH*8-1:0]  rows[16];
  logic [WIDTH*64-1:0] set;
  always_ff @(posedge clk) if (constants_we) rows[{constants_set, constants_row}] <= constants;
  genvar r;
  generate
    for (r = 0; r < 8; r = r + 1) begin : g_set
      assign set[r*WIDTH*8+:WIDTH*8] = rows[{set_q, 3'(r)}];
    end
  endgenerate

  // Requantisation: 4 cycles.
  logic [UNITS*32-1:0] slice_sums;
  logic [UNITS*64-1:0] slice_constants;
  logic [UNITS*8-1:0]  quantized, looked_up, result;
  assign slice_sums      = sums_q[slice*UNITS*32+:UNITS*32];
  assign slice_constants = set[slice*UNITS*64+:UNITS*64];
  catc_requantize #(.N(UNITS)) u_requantize (
      .clk(clk), .sums(slice_sums), .constants(slice_constants), .y(quantized));

  // The table: 1 cycle.
  logic [2047:0] entries;
  always_ff @(posedge clk) begin
    if (table_we) entries[table_address*32+:32] <= table_entries;
    for (int n = 0; n < UNITS; n = n + 1)
      looked_up[n*8+:8] <= table_enable ? entries[quantized[n*8+:8]*8+:8] : quantized[n*8+:8];
  end

  // The residual row's slice arrives with looked_up, five cycles after the sums' slice.
  logic [SW-1:0] slice4, slice5, slice7;
  logic          running4, running5, running7;
  logic [UNITS*8-1:0] residual_slice;
  catc_delay #(.WIDTH(SW + 1), .N(4)) u_tag4 (
      .clk(clk), .d({running && rst_n, slice}), .q({running4, slice4}));
  catc_delay #(.WIDTH(SW + 1), .N(1)) u_tag5 (
      .clk(clk), .d({running4, slice4}), .q({running5, slice5}));
  catc_delay #(.WIDTH(SW + 1), .N(2)) u_tag7 (
      .clk(clk), .d({running5, slice5}), .q({running7, slice7}));
  assign residual_pop   = add_enable && running4 && (slice4 == '0);
  assign residual_slice = residual[slice5*UNITS*8+:UNITS*8];
  catc_add #(.N(UNITS)) u_add (
      .clk(clk), .enable(add_enable), .multiplier_a(add_multiplier_a),
      .multiplier_b(add_multiplier_b), .offset(add_offset), .a(looked_up), .b(residual_slice),
      .y(result));

  // Assembly.
  assign row_valid = running7 && (slice7 == SW'(PERIOD - 1));
  generate
    if (PERIOD == 1) begin : g_whole
      assign row = result;
    end else begin : g_slices
      logic [(WIDTH-UNITS)*8-1:0] assembled;
      always_ff @(posedge clk)
        if (running7) assembled <= ((WIDTH-UNITS)*8)'({result, assembled} >> (UNITS * 8));
      assign row = {result, assembled};
    end
  endgenerate
endmodule
