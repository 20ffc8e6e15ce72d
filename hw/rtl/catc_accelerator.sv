//===- catc_accelerator.sv - The whole machine
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clusters around the global buffer, transfers from and to DRAM, the register block. Each frame of
// F cycles has one read and one write slot for each cluster, at the cycle of the frame that is its
// number; F comes with the descriptor and is at least the number of clusters with work and the cycles
// in which a word crosses a link. The host port reaches the global buffer while the machine is idle.
//
//===----------------------------------------------------------------------===//

module catc_accelerator #(
    parameter int CLUSTERS         = catc_config_pkg::CLUSTERS,
    parameter int WIDTH            = catc_config_pkg::WIDTH,
    parameter int DEPTH            = catc_config_pkg::DEPTH,
    parameter bit SYSTOLIC         = catc_config_pkg::SYSTOLIC,
    parameter int REQUANTIZERS     = catc_config_pkg::REQUANTIZERS,
    parameter int ACCUMULATOR_ROWS = catc_config_pkg::ACCUMULATOR_ROWS,
    parameter int OUTPUT_ROWS      = catc_config_pkg::OUTPUT_ROWS,
    parameter int INPUT_WORDS      = catc_config_pkg::INPUT_WORDS,
    parameter int WEIGHT_ROWS      = catc_config_pkg::WEIGHT_ROWS,
    parameter int VECTOR_LANES     = catc_config_pkg::VECTOR_LANES,
    parameter int VECTOR_ROW_BYTES = catc_config_pkg::VECTOR_ROW_BYTES,
    parameter int WORD             = catc_config_pkg::WORD_BYTES,
    parameter int LINK             = catc_config_pkg::LINK_BYTES,
    parameter int BUFFER_WORDS     = catc_config_pkg::BUFFER_WORDS,
    parameter int DRAM_RATE        = catc_config_pkg::DRAM_RATE,
    parameter int DRAM_LATENCY     = catc_config_pkg::DRAM_LATENCY,
    parameter int AW               = $clog2(BUFFER_WORDS)
) (
    input  logic              clk,
    input  logic              rst_n,
    // Register port; reads are combinational.
    input  logic              reg_we,
    input  logic [7:0]        reg_address,
    input  logic [31:0]       reg_wdata,
    output logic [31:0]       reg_rdata,
    output logic              busy,
    // Host port of the global buffer; data one cycle after the request.
    input  logic              host_en,
    input  logic              host_we,
    input  logic [AW-1:0]     host_address,
    input  logic [WORD*8-1:0] host_wdata,
    output logic [WORD*8-1:0] host_rdata,
    // DRAM data port: see catc_dma.
    output logic              dram_read,
    output logic              dram_write,
    output logic [31:0]       dram_address,
    input  logic [WORD*8-1:0] dram_rdata,
    output logic [WORD*8-1:0] dram_wdata
);
  logic [catc_descriptor_pkg::WORDS*32-1:0] descriptor;
  logic                table_we, start, block_odd, block_last, conflict;
  logic [5:0]          table_address;
  logic [31:0]         table_entries;
  logic [15:0]         tiles_others, tiles_last;
  logic [AW-1:0]       z_offset;
  logic [CLUSTERS-1:0] cluster_busy, stall_a, stall_w, stall_out;
  logic                dma_start, dma_to_dram, dma_busy;
  logic [31:0]         dma_dram_base, dma_words;
  logic [AW-1:0]       dma_buffer_base;
  catc_control #(.CLUSTERS(CLUSTERS), .AW(AW)) u_control (
      .clk(clk), .rst_n(rst_n), .reg_we(reg_we), .reg_address(reg_address),
      .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .busy(busy), .descriptor(descriptor),
      .table_we(table_we), .table_address(table_address), .table_entries(table_entries),
      .start(start), .tiles_others(tiles_others), .tiles_last(tiles_last), .block_odd(block_odd),
      .block_last(block_last), .z_offset(z_offset), .cluster_busy(cluster_busy),
      .dma_start(dma_start), .dma_to_dram(dma_to_dram), .dma_dram_base(dma_dram_base),
      .dma_buffer_base(dma_buffer_base), .dma_words(dma_words), .dma_busy(dma_busy),
      .conflict(conflict), .stall_a(stall_a), .stall_w(stall_w), .stall_out(stall_out));

  // ---- Slots ----
  logic [15:0] phase, frame_cycles;
  logic [2:0]  frame;
  logic [7:0]  mask;
  logic        slot_weights;
  assign frame_cycles = descriptor[32*catc_descriptor_pkg::CLUSTERS+8+:16];
  assign mask         = descriptor[32*catc_descriptor_pkg::CLUSTERS+24+:8];
  assign slot_weights = mask[frame];
  always_ff @(posedge clk) begin
    if (!rst_n || start) begin
      phase <= '0;
      frame <= '0;
    end else if (phase == frame_cycles - 16'd1) begin
      phase <= '0;
      frame <= frame + 3'd1;
    end else begin
      phase <= phase + 16'd1;
    end
  end

  // ---- Clusters ----
  logic [CLUSTERS-1:0]        request, send, sent_valid;
  logic [CLUSTERS*AW-1:0]     request_address, send_address, sent_address;
  logic [CLUSTERS*WORD*8-1:0] sent_word;
  logic [WORD*8-1:0]          read_data;
  genvar c;
  generate
    for (c = 0; c < CLUSTERS; c = c + 1) begin : g_cluster
      logic              arrives, word_valid;
      logic [WORD*8-1:0] word, send_word;
      catc_delay #(.WIDTH(1), .N(2)) u_arrives (
          .clk(clk), .d(request[c] && rst_n), .q(arrives));
      catc_link #(.WORD(WORD), .LINK(LINK)) u_read_link (
          .clk(clk), .rst_n(rst_n), .in_valid(arrives), .in_data(read_data),
          .out_valid(word_valid), .out_data(word));
      catc_link #(.WORD(WORD), .LINK(LINK)) u_write_link (
          .clk(clk), .rst_n(rst_n), .in_valid(send[c]), .in_data(send_word),
          .out_valid(sent_valid[c]), .out_data(sent_word[c*WORD*8+:WORD*8]));
      catc_delay #(.WIDTH(AW), .N((WORD + LINK - 1) / LINK - 1)) u_sent_address (
          .clk(clk), .d(send_address[c*AW+:AW]), .q(sent_address[c*AW+:AW]));
      catc_cluster #(.ID(c), .WIDTH(WIDTH), .DEPTH(DEPTH), .SYSTOLIC(SYSTOLIC),
                     .REQUANTIZERS(REQUANTIZERS), .ACCUMULATOR_ROWS(ACCUMULATOR_ROWS),
                     .OUTPUT_ROWS(OUTPUT_ROWS), .INPUT_WORDS(INPUT_WORDS),
                     .WEIGHT_ROWS(WEIGHT_ROWS), .VECTOR_LANES(VECTOR_LANES),
                     .VECTOR_ROW_BYTES(VECTOR_ROW_BYTES), .WORD(WORD), .LINK(LINK), .AW(AW)) u_cluster (
          .clk(clk), .rst_n(rst_n), .start(start), .descriptor(descriptor),
          .tiles_others(tiles_others), .tiles_last(tiles_last), .block_odd(block_odd),
          .block_last(block_last), .z_offset(z_offset), .busy(cluster_busy[c]),
          .table_we(table_we), .table_address(table_address), .table_entries(table_entries),
          .slot(phase == 16'(c)), .slot_weights(slot_weights), .request(request[c]),
          .request_address(request_address[c*AW+:AW]), .word_valid(word_valid), .word(word),
          .send(send[c]), .send_address(send_address[c*AW+:AW]), .send_word(send_word),
          .stall_a(stall_a[c]), .stall_w(stall_w[c]), .stall_out(stall_out[c]));
    end
  endgenerate

  // ---- Global buffer: one request and one result a cycle, registered ----
  logic              read, read_d, write, write_d;
  logic [AW-1:0]     read_address, read_address_d, write_address, write_address_d;
  logic [WORD*8-1:0] write_data, write_data_d;
  always_comb begin
    read_d          = 1'b0;
    read_address_d  = '0;
    write_d         = 1'b0;
    write_address_d = '0;
    write_data_d    = '0;
    for (int n = 0; n < CLUSTERS; n = n + 1) begin
      read_d  = read_d | request[n];
      write_d = write_d | sent_valid[n];
      read_address_d  = read_address_d | ({AW{request[n]}} & request_address[n*AW+:AW]);
      write_address_d = write_address_d | ({AW{sent_valid[n]}} & sent_address[n*AW+:AW]);
      write_data_d    = write_data_d | ({(WORD*8){sent_valid[n]}} & sent_word[n*WORD*8+:WORD*8]);
    end
  end
  always_ff @(posedge clk) begin
    read          <= read_d && rst_n;
    read_address  <= read_address_d;
    write         <= write_d && rst_n;
    write_address <= write_address_d;
    write_data    <= write_data_d;
  end

  logic              dma_transfer, dma_we;
  logic [AW-1:0]     dma_address;
  logic [WORD*8-1:0] dma_wdata;
  catc_dma #(.WORD(WORD), .AW(AW), .RATE(DRAM_RATE), .LATENCY(DRAM_LATENCY)) u_dma (
      .clk(clk), .rst_n(rst_n), .start(dma_start), .to_dram(dma_to_dram),
      .dram_base(dma_dram_base), .buffer_base(dma_buffer_base), .words(dma_words),
      .busy(dma_busy), .dram_read(dram_read), .dram_write(dram_write),
      .dram_address(dram_address), .dram_rdata(dram_rdata), .dram_wdata(dram_wdata),
      .transfer(dma_transfer), .transfer_we(dma_we), .transfer_address(dma_address),
      .transfer_wdata(dma_wdata), .transfer_rdata(host_rdata));
  catc_buffer #(.WORD(WORD), .WORDS(BUFFER_WORDS), .AW(AW)) u_buffer (
      .clk(clk), .read(read), .read_address(read_address), .read_data(read_data), .write(write),
      .write_address(write_address), .write_data(write_data), .transfer(busy ? dma_transfer : host_en),
      .transfer_we(busy ? dma_we : host_we), .transfer_address(busy ? dma_address : host_address),
      .transfer_wdata(busy ? dma_wdata : host_wdata), .transfer_rdata(host_rdata),
      .conflict(conflict));
endmodule
