//===- catc_control.sv - Registers, counters and the order of an operator's blocks
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Word addresses of the register port: 0 control (write bit 0: start), 1 status (bit 0 busy, bit 1
// done, bit 2 conflict in the global buffer), 2 cycles from start to done, 3 the number of clusters; 16.. the descriptor
// (catc_descriptor_pkg); 64.. stall cycles, three a cluster: input, weights, output; 128.. the
// drain's table, four entries a word, which cannot be read. Writes other than start are for an idle
// machine. A sequencer that runs a whole network writes the same words: it would stand between the
// register port and this module.
//
// An operator with parameters runs in blocks of column steps: while the clusters work on a block, the
// next one's parameters come from DRAM; both end before the next block begins.
//
//===----------------------------------------------------------------------===//

module catc_control #(
    parameter int CLUSTERS = 2,
    parameter int AW       = 12
) (
    input  logic                                     clk,
    input  logic                                     rst_n,
    input  logic                                     reg_we,
    input  logic [7:0]                               reg_address,
    input  logic [31:0]                              reg_wdata,
    output logic [31:0]                              reg_rdata,
    output logic                                     busy,
    output logic [catc_descriptor_pkg::WORDS*32-1:0] descriptor,
    output logic                                     table_we,
    output logic [5:0]                               table_address,
    output logic [31:0]                              table_entries,
    // A block of the clusters.
    output logic                                     start,
    output logic [15:0]                              tiles_others,
    output logic [15:0]                              tiles_last,
    output logic                                     block_odd,
    output logic                                     block_last,
    output logic [AW-1:0]                            z_offset,
    input  logic [CLUSTERS-1:0]                      cluster_busy,
    // A transfer.
    output logic                                     dma_start,
    output logic                                     dma_to_dram,
    output logic [31:0]                              dma_dram_base,
    output logic [AW-1:0]                            dma_buffer_base,
    output logic [31:0]                              dma_words,
    input  logic                                     dma_busy,
    // Events.
    input  logic                                     conflict,
    input  logic [CLUSTERS-1:0]                      stall_a,
    input  logic [CLUSTERS-1:0]                      stall_w,
    input  logic [CLUSTERS-1:0]                      stall_out
);
  localparam logic [2:0] IDLE = 3'd0, BEGIN = 3'd1, FETCH = 3'd2, LAUNCH = 3'd3, RUN = 3'd4;

  logic [31:0] words[catc_descriptor_pkg::WORDS];
  logic [2:0]  state;
  logic        done, conflicted, go, transfer_only, parameters, next_last;
  logic [31:0] cycles, dram_base;
  logic [15:0] block, blocks, block_tiles, left_others, left_last, next_others, next_last_left;
  logic [15:0] fetched;
  logic        fetched_end;
  logic [31:0] others_words, last_words;

  genvar i;
  generate
    for (i = 0; i < catc_descriptor_pkg::WORDS; i = i + 1) begin : g_word
      assign descriptor[i*32+:32] = words[i];
    end
  endgenerate

  assign go            = reg_we && (reg_address == 8'd0) && reg_wdata[0] && (state == IDLE);
  assign table_we      = reg_we && (reg_address[7:6] == 2'd2);
  assign table_address = reg_address[5:0];
  assign table_entries = reg_wdata;
  assign transfer_only = (words[catc_descriptor_pkg::OPERATION][1:0] == 2'd2);
  assign parameters    = (words[catc_descriptor_pkg::OPERATION][1:0] == 2'd0) &&
                         words[catc_descriptor_pkg::OPERATION][4];
  assign blocks        = words[catc_descriptor_pkg::BLOCKS][15:0];
  assign block_tiles   = words[catc_descriptor_pkg::BLOCKS][31:16];

  // Column steps of this block, and those that are left for the next.
  assign tiles_others   = (left_others < block_tiles) ? left_others : block_tiles;
  assign tiles_last     = (left_last < block_tiles) ? left_last : block_tiles;
  assign next_others    = left_others - tiles_others;
  assign next_last_left = left_last - tiles_last;
  assign block_odd      = block[0];
  assign block_last     = (block == blocks - 16'd1);
  assign next_last      = (block + 16'd1 == blocks - 16'd1);
  assign busy           = (state != IDLE);
  assign start          = (state == LAUNCH);

  // The block to fetch: the first one, or the one after that which is launched.
  assign fetched     = (state == BEGIN) ? left_last : next_last_left;
  assign fetched_end = (state == BEGIN) ? block_last : next_last;
  assign others_words = fetched_end ? words[catc_descriptor_pkg::DMA_OTHERS_END]
                                    : words[catc_descriptor_pkg::DMA_OTHERS];
  assign last_words   = (fetched >= block_tiles) ? words[catc_descriptor_pkg::DMA_WHOLE] :
                        (fetched != 16'd0) ? words[catc_descriptor_pkg::DMA_PART] : 32'd0;
  assign dma_start   = (state == BEGIN && (transfer_only || parameters)) ||
                       (state == LAUNCH && parameters && !block_last);
  assign dma_to_dram = transfer_only && words[catc_descriptor_pkg::OPERATION][7];
  assign dma_words   = transfer_only ? words[catc_descriptor_pkg::DMA_OTHERS]
                                     : others_words + last_words;
  assign dma_dram_base   = dram_base;
  assign dma_buffer_base = transfer_only ? words[catc_descriptor_pkg::A_BASE][AW-1:0] :
                           (state == BEGIN) || block_odd ?
                               words[catc_descriptor_pkg::W_BASE_EVEN][AW-1:0] :
                               words[catc_descriptor_pkg::W_BASE_ODD][AW-1:0];

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      state      <= IDLE;
      done       <= 1'b0;
      conflicted <= 1'b0;
    end else begin
      case (state)
        IDLE:    if (go) state <= BEGIN;
        BEGIN:   state <= (transfer_only || parameters) ? FETCH : LAUNCH;
        FETCH:   if (!dma_busy) state <= transfer_only ? IDLE : LAUNCH;
        LAUNCH:  state <= RUN;
        RUN:     if (cluster_busy == '0 && !dma_busy) state <= block_last ? IDLE : LAUNCH;
        default: state <= IDLE;
      endcase
      if (go) begin
        done       <= 1'b0;
        conflicted <= 1'b0;
      end else begin
        if (busy && conflict) conflicted <= 1'b1;
        if ((state == FETCH && transfer_only && !dma_busy) ||
            (state == RUN && cluster_busy == '0 && !dma_busy && block_last)) done <= 1'b1;
      end
    end
    if (go) begin
      cycles      <= '0;
      block       <= '0;
      left_others <= words[catc_descriptor_pkg::COLUMN_STEPS][15:0];
      left_last   <= words[catc_descriptor_pkg::COLUMN_STEPS][31:16];
      z_offset    <= '0;
      dram_base   <= words[catc_descriptor_pkg::DRAM_BASE];
    end else begin
      if (busy) cycles <= cycles + 32'd1;
      if (dma_start) dram_base <= dram_base + dma_words;
      if (state == RUN && cluster_busy == '0 && !dma_busy) begin
        block       <= block + 16'd1;
        left_others <= next_others;
        left_last   <= next_last_left;
        z_offset    <= z_offset + words[catc_descriptor_pkg::Z_BLOCK][AW-1:0];
      end
    end
    if (reg_we && reg_address >= 8'd16 && reg_address < 8'(16 + catc_descriptor_pkg::WORDS))
      words[6'(reg_address - 8'd16)] <= reg_wdata;
  end

  // Stall counters.
  logic [31:0] stalls[3*CLUSTERS];
  genvar c;
  generate
    for (c = 0; c < CLUSTERS; c = c + 1) begin : g_stalls
      always_ff @(posedge clk) begin
        if (go) begin
          stalls[3*c]   <= '0;
          stalls[3*c+1] <= '0;
          stalls[3*c+2] <= '0;
        end else begin
          stalls[3*c]   <= stalls[3*c] + 32'(stall_a[c]);
          stalls[3*c+1] <= stalls[3*c+1] + 32'(stall_w[c]);
          stalls[3*c+2] <= stalls[3*c+2] + 32'(stall_out[c]);
        end
      end
    end
  endgenerate

  localparam int SW = $clog2(3 * CLUSTERS);
  always_comb begin
    reg_rdata = '0;
    if (reg_address == 8'd1) reg_rdata = {29'd0, conflicted, done, busy};
    else if (reg_address == 8'd2) reg_rdata = cycles;
    else if (reg_address == 8'd3) reg_rdata = 32'(CLUSTERS);
    else if (reg_address >= 8'd64 && reg_address < 8'(64 + 3 * CLUSTERS))
      reg_rdata = stalls[SW'(reg_address - 8'd64)];
    else if (reg_address >= 8'd16 && reg_address < 8'(16 + catc_descriptor_pkg::WORDS))
      reg_rdata = words[6'(reg_address - 8'd16)];
  end
endmodule
