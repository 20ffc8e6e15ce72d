//===- catc_config_pkg.sv - Parameters of one accelerator
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The defaults that the library is linted with. An emitted design brings its own package of this
// name; hw/README.md says what each parameter means and which values are legal.
//
//===----------------------------------------------------------------------===//

package catc_config_pkg;
  localparam int CLUSTERS         = 2;
  localparam int WIDTH            = 8;     // lanes, the N direction
  localparam int DEPTH            = 8;     // reduction, the K direction
  localparam bit SYSTOLIC         = 1'b0;  // else lanes of dot products
  localparam int REQUANTIZERS     = 4;
  localparam int ACCUMULATOR_ROWS = 32;
  localparam int OUTPUT_ROWS      = 32;
  localparam int INPUT_WORDS      = 128;   // of DEPTH bytes
  localparam int WEIGHT_ROWS      = 128;   // of WIDTH bytes
  localparam int VECTOR_LANES     = 8;
  localparam int VECTOR_ROW_BYTES = 1024;  // longest row of softmax and of the norms
  localparam int WORD_BYTES       = 16;    // of the global buffer
  localparam int LINK_BYTES       = 8;     // a cycle, each direction
  localparam int BUFFER_WORDS     = 4096;
  localparam int DRAM_RATE        = 32768; // words a cycle, in 1/65536
  localparam int DRAM_LATENCY     = 20;    // cycles
endpackage
