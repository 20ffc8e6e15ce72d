//===- catc_add.sv - Residual addition
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// N lanes of add in lib/Int8/Pointwise.h, two cycles: the saturating sum of two activations in the
// result's scale.
//
//===----------------------------------------------------------------------===//

module catc_add #(
    parameter int N = 4
) (
    input  logic           clk,
    input  logic           enable,  // else the first operand passes, as late
    input  logic [15:0]    multiplier_a,
    input  logic [15:0]    multiplier_b,
    input  logic [31:0]    offset,
    input  logic [N*8-1:0] a,
    input  logic [N*8-1:0] b,
    output logic [N*8-1:0] y
);
  genvar n;
  generate
    for (n = 0; n < N; n = n + 1) begin : g_lane
      logic signed [26:0] product_a, product_b, sum;
      logic signed [15:0] scaled;
      logic        [7:0]  a1;
      assign sum    = product_a + product_b + $signed(offset[26:0]);
      assign scaled = 16'(sum >>> 11);
      always_ff @(posedge clk) begin
        product_a <= 27'($signed(a[n*8+:8])) * 27'($signed({1'b0, multiplier_a}));
        product_b <= 27'($signed(b[n*8+:8])) * 27'($signed({1'b0, multiplier_b}));
        a1        <= a[n*8+:8];
        y[n*8+:8] <= !enable ? a1 : (scaled > 16'sd127) ? 8'h7f :
                     (scaled < -16'sd128) ? 8'h80 : scaled[7:0];
      end
    end
  endgenerate
  logic unused;
  assign unused = ^offset[31:27];
endmodule
