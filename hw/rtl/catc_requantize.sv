//===- catc_requantize.sv - From 32-bit sums to bytes
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// N lanes of the definition in lib/Int8/Requantize.h, four cycles: sum with bias (33 bits), first
// shift to 16 bits, 16 x 16 multiplication, second shift and zero point. A lane's constants are eight
// bytes, little-endian: bias (4), multiplier (2), shift (1), zero point (1).
//
//===----------------------------------------------------------------------===//

module catc_requantize #(
    parameter int N = 4
) (
    input  logic            clk,
    input  logic [N*32-1:0] sums,
    input  logic [N*64-1:0] constants,
    output logic [N*8-1:0]  y
);
  genvar n;
  generate
    for (n = 0; n < N; n = n + 1) begin : g_lane
      logic signed [32:0] biased;
      logic        [15:0] multiplier1, multiplier2;
      logic        [5:0]  shift1;
      logic        [7:0]  zero1, zero2, zero3;
      logic signed [15:0] x, x_next;
      logic signed [32:0] product;

      // round(biased * 2^(22 - shift)), clamped to 16 bits.
      logic        [5:0]  right;
      logic        [4:0]  left;
      logic signed [54:0] up;
      logic signed [33:0] wide, down;
      logic signed [54:0] normal;
      assign right  = shift1 - 6'd23;  // one less than the distance
      assign left   = 5'd22 - shift1[4:0];
      assign up     = 55'(biased) <<< left;
      assign wide   = 34'(biased);
      assign down   = ((wide >>> right) + 34'sd1) >>> 1;
      assign normal = (shift1 > 6'd22) ? 55'(down) : up;
      assign x_next = (normal > 55'sd32767) ? 16'sd32767 :
                      (normal < -55'sd32768) ? -16'sd32768 : normal[15:0];

      logic signed [11:0] scaled;
      assign scaled = 12'((product + 33'sd2097152) >>> 22) + 12'($signed(zero3));

      always_ff @(posedge clk) begin
        biased      <= 33'($signed(sums[n*32+:32])) + 33'($signed(constants[n*64+:32]));
        multiplier1 <= constants[n*64+32+:16];
        shift1      <= constants[n*64+48+:6];
        zero1       <= constants[n*64+56+:8];

        x           <= x_next;
        multiplier2 <= multiplier1;
        zero2       <= zero1;

        product     <= 33'(x) * 33'($signed({1'b0, multiplier2}));
        zero3       <= zero2;

        y[n*8+:8]   <= (scaled > 12'sd127) ? 8'h7f :
                       (scaled < -12'sd128) ? 8'h80 : scaled[7:0];
      end
      logic unused;
      assign unused = ^constants[n*64+54+:2];
    end
  endgenerate
endmodule
