//===- catc_sram.sv - SRAM with one read and one write port
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Synchronous, read first: a read in the cycle of a write to the same word returns the old one.
// Defining CATC_SRAM_MACRO replaces the behavioural memory by an instance of catc_sram_macro, a
// wrapper of the same ports and parameters around a technology's macros, which a physical flow
// supplies.
//
//===----------------------------------------------------------------------===//

module catc_sram #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 16,
    parameter int AW    = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             we,
    input  logic [AW-1:0]    waddr,
    input  logic [WIDTH-1:0] wdata,
    input  logic             re,
    input  logic [AW-1:0]    raddr,
    output logic [WIDTH-1:0] rdata
);
`ifdef CATC_SRAM_MACRO
  catc_sram_macro #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_macro (
      .clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(re), .raddr(raddr), .rdata(rdata));
`else
  logic [WIDTH-1:0] mem[DEPTH];
  always_ff @(posedge clk) begin
    if (re) rdata <= mem[raddr];
    if (we) mem[waddr] <= wdata;
  end
`endif
endmodule
