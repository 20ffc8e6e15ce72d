//===- catc_sram_1rw.sv - SRAM with one port
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Synchronous. CATC_SRAM_MACRO: see catc_sram.sv; here the wrapper is catc_sram_1rw_macro.
//
//===----------------------------------------------------------------------===//

module catc_sram_1rw #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 16,
    parameter int AW    = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             en,
    input  logic             we,
    input  logic [AW-1:0]    addr,
    input  logic [WIDTH-1:0] wdata,
    output logic [WIDTH-1:0] rdata
);
`ifdef CATC_SRAM_MACRO
  catc_sram_1rw_macro #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_macro (
      .clk(clk), .en(en), .we(we), .addr(addr), .wdata(wdata), .rdata(rdata));
`else
  logic [WIDTH-1:0] mem[DEPTH];
  always_ff @(posedge clk) begin
    if (en && !we) rdata <= mem[addr];
    if (en && we) mem[addr] <= wdata;
  end
`endif
endmodule
