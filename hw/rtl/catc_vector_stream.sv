//===- catc_vector_stream.sv - The vector unit's pipeline for add and pointwise: results are there three cycles after a group came in
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lib/Int8/Pointwise.h. An add's first operand is kept (take_first) until the second one comes.

module catc_vector_stream #(
    parameter int V = 16
) (
    input  logic           clk,
    input  logic           is_add,
    input  logic           take_first,
    input  logic [V*8-1:0] data,
    input  logic [   63:0] constants,  // of add: multiplier a, multiplier b, offset (4 bytes)
    input  logic [ 2047:0] lut,        // of pointwise
    output logic [V*8-1:0] result
);
  logic [V*8-1:0] first, a1, x1;   // an add's operands are a1 and x1, a pointwise function's is x1
  logic [V*25-1:0] pa2, pb2;       // products (signed)
  logic [V*8-1:0] t2;
  logic [V*34-1:0] sum;
  logic [24:0] multiplier_a, multiplier_b;
  logic [33:0] offset;
  assign multiplier_a = {9'd0, constants[15:0]};
  assign multiplier_b = {9'd0, constants[31:16]};
  assign offset = {{2{constants[63]}}, constants[63:32]};
  logic [V*23-1:0] high;

  always_comb
    for (int l = 0; l < V; l = l + 1) begin
      sum[l*34+:34] = 34'($signed(pa2[l*25+:25])) + 34'($signed(pb2[l*25+:25])) + offset;
      high[l*23+:23] = sum[l*34+11+:23];
    end

  always_ff @(posedge clk) begin
    if (take_first) first <= data;
    a1 <= first;
    x1 <= data;
    for (int l = 0; l < V; l = l + 1) begin
      pa2[l*25+:25] <= 25'($signed(a1[l*8+:8])) * multiplier_a;
      pb2[l*25+:25] <= 25'($signed(x1[l*8+:8])) * multiplier_b;
      t2[l*8+:8]    <= lut[{x1[l*8+:8], 3'd0}+:8];
      result[l*8+:8] <= !is_add ? t2[l*8+:8] : ($signed(high[l*23+:23]) > 23'sd127) ? 8'h7f :
          ($signed(high[l*23+:23]) < -23'sd128) ? 8'h80 : high[l*23+:8];
    end
  end
endmodule
