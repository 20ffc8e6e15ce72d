//===- catc_buffer.sv - The global buffer: banks of words
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 16 single-ported banks of equal size, one after the other in the address space. Three ports: reads
// of the clusters, writes of the clusters, transfers. Data come one cycle after the request. Two
// ports in the same bank in the same cycle are a conflict, which the allocation of operands to banks
// has to exclude; it is reported, and the lower port loses.
//
//===----------------------------------------------------------------------===//

module catc_buffer #(
    parameter int WORD  = 16,
    parameter int WORDS = 4096,
    parameter int AW    = $clog2(WORDS)
) (
    input  logic              clk,
    input  logic              read,
    input  logic [AW-1:0]     read_address,
    output logic [WORD*8-1:0] read_data,
    input  logic              write,
    input  logic [AW-1:0]     write_address,
    input  logic [WORD*8-1:0] write_data,
    input  logic              transfer,
    input  logic              transfer_we,
    input  logic [AW-1:0]     transfer_address,
    input  logic [WORD*8-1:0] transfer_wdata,
    output logic [WORD*8-1:0] transfer_rdata,
    output logic              conflict
);
  localparam int BANKS = 16;
  localparam int BW = AW - 4;

  logic [3:0] read_bank, transfer_bank;
  logic [WORD*8-1:0] data[BANKS];
  always_ff @(posedge clk) begin
    if (read) read_bank <= read_address[AW-1:BW];
    if (transfer && !transfer_we) transfer_bank <= transfer_address[AW-1:BW];
  end
  assign read_data      = data[read_bank];
  assign transfer_rdata = data[transfer_bank];
  assign conflict =
      (read && write && read_address[AW-1:BW] == write_address[AW-1:BW]) ||
      (read && transfer && read_address[AW-1:BW] == transfer_address[AW-1:BW]) ||
      (write && transfer && write_address[AW-1:BW] == transfer_address[AW-1:BW]);

  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      logic hit_read, hit_write, hit_transfer, we;
      logic [BW-1:0] address;
      logic [WORD*8-1:0] wdata;
      assign hit_read     = read && (read_address[AW-1:BW] == 4'(b));
      assign hit_write    = write && (write_address[AW-1:BW] == 4'(b));
      assign hit_transfer = transfer && (transfer_address[AW-1:BW] == 4'(b));
      assign we      = !hit_read && (hit_write || transfer_we);
      assign address = hit_read ? read_address[BW-1:0] :
                       hit_write ? write_address[BW-1:0] : transfer_address[BW-1:0];
      assign wdata   = hit_write ? write_data : transfer_wdata;
      catc_sram_1rw #(.WIDTH(WORD*8), .DEPTH(WORDS/BANKS)) u_bank (
          .clk(clk), .en(hit_read || hit_write || hit_transfer), .we(we), .addr(address),
          .wdata(wdata), .rdata(data[b]));
    end
  endgenerate
endmodule
