//===- catc_dma.sv - Transfers between DRAM and the global buffer
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The DRAM side works in slots: word k of a transfer moves LATENCY + ceil((k + 1) * 65536 / RATE)
// cycles after its start, so that a transfer's time is a function of its size. A memory controller
// must have the word by then, or take it: dram_rdata is due one cycle after dram_read, dram_wdata is
// valid with dram_write.
//
//===----------------------------------------------------------------------===//

module catc_dma #(
    parameter int WORD    = 16,
    parameter int AW      = 12,
    parameter int RATE    = 32768,
    parameter int LATENCY = 20
) (
    input  logic              clk,
    input  logic              rst_n,
    input  logic              start,
    input  logic              to_dram,
    input  logic [31:0]       dram_base,
    input  logic [AW-1:0]     buffer_base,
    input  logic [31:0]       words,
    output logic              busy,
    output logic              dram_read,
    output logic              dram_write,
    output logic [31:0]       dram_address,
    input  logic [WORD*8-1:0] dram_rdata,
    output logic [WORD*8-1:0] dram_wdata,
    output logic              transfer,
    output logic              transfer_we,
    output logic [AW-1:0]     transfer_address,
    output logic [WORD*8-1:0] transfer_wdata,
    input  logic [WORD*8-1:0] transfer_rdata
);
  logic          running, direction, slot, moved;
  logic [31:0]   wait_left, words_left, address, address_q;
  logic [AW-1:0] local_address, local_q;
  logic [16:0]   phase;

  assign phase = 17'({1'b0, phase_q}) + 17'(RATE);
  logic [15:0] phase_q;
  assign slot = running && (wait_left == 32'd0) && phase[16];
  assign busy = running || moved;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      running <= 1'b0;
      moved   <= 1'b0;
    end else begin
      if (start) running <= (words != 32'd0);
      else if (slot && words_left == 32'd1) running <= 1'b0;
      moved <= slot;
    end
    if (start) begin
      direction     <= to_dram;
      wait_left     <= 32'(LATENCY);
      words_left    <= words;
      address       <= dram_base;
      local_address <= buffer_base;
      phase_q       <= '0;
    end else if (running) begin
      if (wait_left != 32'd0) wait_left <= wait_left - 32'd1;
      else phase_q <= phase[15:0];
      if (slot) begin
        words_left    <= words_left - 32'd1;
        address       <= address + 32'd1;
        local_address <= local_address + 1'b1;
      end
    end
    address_q <= address;
    local_q   <= local_address;
  end

  // A load reads DRAM in its slot and writes the buffer a cycle later, a store the other way round.
  assign dram_read        = slot && !direction;
  assign dram_write       = moved && direction;
  assign dram_address     = direction ? address_q : address;
  assign dram_wdata       = transfer_rdata;
  assign transfer         = direction ? slot : moved;
  assign transfer_we      = !direction;
  assign transfer_address = direction ? local_address : local_q;
  assign transfer_wdata   = dram_rdata;
endmodule
