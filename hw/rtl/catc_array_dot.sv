//===- catc_array_dot.sv - Vector-MAC array: lanes of dot products
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 2 + log2(DEPTH) cycles from a row of A to its sums.
//
//===----------------------------------------------------------------------===//

module catc_array_dot #(
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
  logic [DEPTH*8-1:0] a_q;
  logic [DEPTH-1:0]   load_q;
  logic [WIDTH*8-1:0] w_q;
  logic               swap_q;
  always_ff @(posedge clk) begin
    a_q    <= a;
    swap_q <= swap;
    w_q    <= w;
    load_q <= DEPTH'(load) << load_row;
  end
  genvar n;
  generate
    for (n = 0; n < WIDTH; n = n + 1) begin : g_lane
      catc_dot_lane #(.DEPTH(DEPTH), .SUM(SUM)) u_lane (
          .clk(clk), .a(a_q), .swap(swap_q), .load(load_q), .w(w_q[n*8+:8]),
          .sum(sums[n*SUM+:SUM]));
    end
  endgenerate
endmodule
