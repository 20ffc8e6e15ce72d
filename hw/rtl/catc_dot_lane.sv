//===- catc_dot_lane.sv - One lane of the vector-MAC array
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dot product of DEPTH bytes: registered products, then a registered adder tree, 1 + log2(DEPTH)
// cycles from (a, swap) to sum. The stationary operand is double buffered: `load[k]` writes the
// shadow of row k, `swap` makes the shadow current for the row that arrives with it.
//
//===----------------------------------------------------------------------===//

module catc_dot_lane #(
    parameter int DEPTH = 8,
    parameter int SUM   = 16 + $clog2(DEPTH)
) (
    input  logic               clk,
    input  logic [DEPTH*8-1:0] a,
    input  logic               swap,
    input  logic [DEPTH-1:0]   load,
    input  logic [7:0]         w,
    output logic [SUM-1:0]     sum
);
  localparam int LEVELS = $clog2(DEPTH);

  logic [DEPTH*8-1:0] current, shadow;
  logic [(2*DEPTH-1)*SUM-1:0] tree;  // level l starts at entry 2*DEPTH - (2*DEPTH >> l)
  always_ff @(posedge clk) begin
    for (int k = 0; k < DEPTH; k = k + 1) begin
      tree[k*SUM+:SUM] <= $signed(a[k*8+:8]) * $signed(swap ? shadow[k*8+:8] : current[k*8+:8]);
      if (swap) current[k*8+:8] <= shadow[k*8+:8];
      if (load[k]) shadow[k*8+:8] <= w;
    end
    for (int l = 1; l <= LEVELS; l = l + 1)
      for (int k = 0; k < (DEPTH >> l); k = k + 1)
        tree[(2*DEPTH-((2*DEPTH)>>l)+k)*SUM+:SUM] <=
            tree[(2*DEPTH-((2*DEPTH)>>(l-1))+2*k)*SUM+:SUM] +
            tree[(2*DEPTH-((2*DEPTH)>>(l-1))+2*k+1)*SUM+:SUM];
  end
  assign sum = tree[(2*DEPTH-2)*SUM+:SUM];
endmodule
