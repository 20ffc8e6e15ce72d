//===- catc_systolic_row.sv - One reduction row of the systolic array
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// WIDTH cells in packed vectors, so that simulators keep a loop where there could be thousands of
// instances. Activations, swaps and loads move one lane a cycle, sums and weights one row a cycle.
//
//===----------------------------------------------------------------------===//

module catc_systolic_row #(
    parameter int WIDTH = 8,
    parameter int SUM   = 19
) (
    input  logic                 clk,
    input  logic [7:0]           a_in,
    input  logic                 swap_in,
    input  logic                 load_in,
    input  logic [WIDTH*8-1:0]   w_in,
    input  logic [WIDTH*SUM-1:0] sum_in,
    output logic [WIDTH*8-1:0]   w_out,
    output logic [WIDTH*SUM-1:0] sum_out
);
  // Entry n is what lane n sees in this cycle.
  logic [WIDTH*8-1:0] a, current, shadow;
  logic [WIDTH-1:0] swap, load;
  generate
    if (WIDTH == 1) begin : g_one
      assign a    = a_in;
      assign swap = swap_in;
      assign load = load_in;
    end else begin : g_many
      logic [(WIDTH-1)*8-1:0] a_q;
      logic [WIDTH-2:0] swap_q, load_q;
      assign a    = {a_q, a_in};
      assign swap = {swap_q, swap_in};
      assign load = {load_q, load_in};
      always_ff @(posedge clk) begin
        a_q    <= a[(WIDTH-1)*8-1:0];
        swap_q <= swap[WIDTH-2:0];
        load_q <= load[WIDTH-2:0];
      end
    end
  endgenerate
  always_ff @(posedge clk) begin
    w_out <= w_in;
    for (int n = 0; n < WIDTH; n = n + 1) begin
      sum_out[n*SUM+:SUM] <= $signed(sum_in[n*SUM+:SUM]) +
          $signed(a[n*8+:8]) * $signed(swap[n] ? shadow[n*8+:8] : current[n*8+:8]);
      if (swap[n]) current[n*8+:8] <= shadow[n*8+:8];
      if (load[n]) shadow[n*8+:8] <= w_in[n*8+:8];
    end
  end
endmodule
