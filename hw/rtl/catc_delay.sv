//===- catc_delay.sv - A delay of N cycles
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

module catc_delay #(
    parameter int WIDTH = 1,
    parameter int N     = 1
) (
    input  logic             clk,
    input  logic [WIDTH-1:0] d,
    output logic [WIDTH-1:0] q
);
  generate
    if (N == 0) begin : g_wire
      logic unused;
      assign unused = clk;
      assign q = d;
    end else begin : g_registers
      logic [WIDTH*N-1:0] line;
      if (N == 1) begin : g_one
        always_ff @(posedge clk) line <= d;
      end else begin : g_many
        always_ff @(posedge clk) line <= {line[WIDTH*(N-1)-1:0], d};
      end
      assign q = line[WIDTH*N-1-:WIDTH];
    end
  endgenerate
endmodule
