//===- catc_descriptor_pkg.sv - The words of a descriptor
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Indices of 32-bit words in the register block, from its descriptor's base. "Last" speaks of the
// last cluster with work, "others" of those before it. Addresses and strides are words of the global
// buffer. lib/Rtl/Descriptor.h has the same list for C++.
//
//===----------------------------------------------------------------------===//

package catc_descriptor_pkg;
  localparam int WORDS = 48;
  // [1:0] 0 GEMM, 1 vector, 2 transfer; [3:2] hold; [4] parameters from DRAM; [5] residual;
  // [6] table; [7] transfer to DRAM; [10:8] function of the vector unit.
  localparam int OPERATION          = 0;
  localparam int CLUSTERS           = 1;   // [7:0] with work, [23:8] frame, [31:24] slot mask
  localparam int LOOPS_OTHERS       = 2;   // [15:0] batch items, [31:16] chunks
  localparam int LOOPS_LAST         = 3;
  localparam int CHUNK_ROWS         = 4;   // [15:0]
  localparam int CHUNK_ROWS_END     = 5;   // of the last chunk: [15:0] others, [31:16] last
  localparam int DEPTH_STEPS        = 6;   // [15:0]
  localparam int COLUMN_STEPS       = 7;   // [15:0] others, [31:16] last
  localparam int BLOCKS             = 8;   // [15:0] blocks, [31:16] column steps of a block
  localparam int A_BASE             = 9;
  localparam int A_CLUSTER          = 10;
  localparam int A_BATCH            = 11;
  localparam int A_CHUNK            = 12;
  localparam int A_BEATS            = 13;  // of a chunk
  localparam int A_BEATS_END_OTHERS = 14;
  localparam int A_BEATS_END_LAST   = 15;
  localparam int W_BASE_EVEN        = 16;  // blocks 0, 2 ..
  localparam int W_BASE_ODD         = 17;
  localparam int W_CLUSTER          = 18;
  localparam int W_CLUSTER_END      = 19;  // in the last block
  localparam int W_BATCH            = 20;
  localparam int W_TILE             = 21;
  localparam int W_BEATS            = 22;
  localparam int R_BASE             = 23;
  localparam int R_CLUSTER          = 24;
  localparam int Z_BASE             = 25;
  localparam int Z_CLUSTER          = 26;
  localparam int Z_BATCH            = 27;  // strides of results and of the residual operand
  localparam int Z_CHUNK            = 28;
  localparam int Z_TILE             = 29;
  localparam int Z_BLOCK            = 30;
  localparam int DRAM_BASE          = 31;
  localparam int DMA_OTHERS         = 32;  // words of a block: of the other clusters,
  localparam int DMA_OTHERS_END     = 33;  //   in the last block,
  localparam int DMA_WHOLE          = 34;  //   of the last cluster where its block is whole,
  localparam int DMA_PART           = 35;  //   and where it is not
  localparam int ADD_MULTIPLIERS    = 36;  // [15:0] result, [31:16] residual
  localparam int ADD_OFFSET         = 37;
  localparam int V_ROWS_OTHERS      = 38;
  localparam int V_ROWS_LAST        = 39;
  localparam int V_COLUMNS          = 40;  // [15:0]
  localparam int V_IN_OTHERS        = 41;  // groups
  localparam int V_IN_LAST          = 42;
  localparam int V_OUT_OTHERS       = 43;
  localparam int V_OUT_LAST         = 44;
endpackage
