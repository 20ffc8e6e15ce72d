//===- catc_link.sv - The wires between the global buffer and a cluster, one direction
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A word crosses in WORD/LINK pieces, the first in the cycle of in_valid, and comes out in the cycle
// of its last piece. Words must be at least WORD/LINK cycles apart.
//
//===----------------------------------------------------------------------===//

module catc_link #(
    parameter int WORD = 16,
    parameter int LINK = 8
) (
    input  logic              clk,
    input  logic              rst_n,
    input  logic              in_valid,
    input  logic [WORD*8-1:0] in_data,
    output logic              out_valid,
    output logic [WORD*8-1:0] out_data
);
  generate
    if (LINK >= WORD) begin : g_whole
      logic unused;
      assign unused    = clk ^ rst_n;
      assign out_valid = in_valid;
      assign out_data  = in_data;
    end else begin : g_pieces
      localparam int PIECES = WORD / LINK;
      localparam int REST   = (WORD - LINK) * 8;
      logic [REST-1:0]           waiting, arrived;
      logic [LINK*8-1:0]         wires;
      logic [$clog2(PIECES)-1:0] piece;
      logic                      running;
      assign running   = (piece != '0);
      assign wires     = running ? waiting[LINK*8-1:0] : in_data[LINK*8-1:0];
      assign out_valid = (piece == $clog2(PIECES)'(PIECES - 1));
      assign out_data  = {wires, arrived};
      always_ff @(posedge clk) begin
        if (!rst_n) piece <= '0;
        else if (running || in_valid) piece <= piece + 1'b1;
        if (in_valid) waiting <= in_data[WORD*8-1:LINK*8];
        else waiting <= waiting >> (LINK * 8);
        arrived <= REST'({wires, arrived} >> (LINK * 8));
      end
    end
  endgenerate
endmodule
