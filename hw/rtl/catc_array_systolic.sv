//===- catc_array_systolic.sv - Systolic array with skewed operands
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DEPTH + WIDTH - 1 cycles from a row of A to its sums, all lanes together: rows are skewed on the
// way in and lanes deskewed on the way out, so that it is used exactly as catc_array_dot.
//
//===----------------------------------------------------------------------===//

module catc_array_systolic #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 8,
    parameter int SUM   = 16 + $clog2(DEPTH)
) (
    input  logic                     clk,
    input  logic [DEPTH*8-1:0]       a,
    input  logic                     swap,
    input  logic                     load,
    input  logic [$clog2(DEPTH)-1:0] load_row,
    input  logic [WIDTH*8-1:0]       w,
    output logic [WIDTH*SUM-1:0]     sums
);
  localparam int LEVELS = $clog2(DEPTH);

  genvar k, n;
  logic [WIDTH*8-1:0]   weights[0:DEPTH];
  logic [WIDTH*SUM-1:0] partial[0:DEPTH];
  assign partial[0] = '0;
  generate
    for (k = 0; k < DEPTH; k = k + 1) begin : g_row
      logic [9:0] edge_q;
      catc_delay #(.WIDTH(10), .N(k)) u_skew (
          .clk(clk), .d({a[k*8+:8], swap, load && (load_row == LEVELS'(k))}), .q(edge_q));
      catc_systolic_row #(.WIDTH(WIDTH), .SUM(SUM)) u_row (
          .clk(clk), .a_in(edge_q[9:2]), .swap_in(edge_q[1]), .load_in(edge_q[0]),
          .w_in(weights[k]), .sum_in(partial[k]), .w_out(weights[k+1]), .sum_out(partial[k+1]));
    end
    for (n = 0; n < WIDTH; n = n + 1) begin : g_lane
      catc_delay #(.WIDTH(8), .N(n)) u_skew (
          .clk(clk), .d(w[n*8+:8]), .q(weights[0][n*8+:8]));
      catc_delay #(.WIDTH(SUM), .N(WIDTH-1-n)) u_deskew (
          .clk(clk), .d(partial[DEPTH][n*SUM+:SUM]), .q(sums[n*SUM+:SUM]));
    end
  endgenerate
  logic unused;
  assign unused = ^weights[DEPTH];
endmodule
