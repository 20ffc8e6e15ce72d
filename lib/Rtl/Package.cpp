//===- Package.cpp - The parameters of one accelerator --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Package.h"

using namespace cat;
using namespace cat::cost;

std::string rtl::configPackage(const HardwareParameters &hw) {
  std::string text = "// Parameters of one accelerator: see hw/README.md.\n"
                     "package catc_config_pkg;\n";
  auto put = [&](const char *name, int64_t value) {
    text += "  localparam int " + std::string(name) + " = " + std::to_string(value) + ";\n";
  };
  put("CLUSTERS", hw.clusters);
  put("WIDTH", hw.width);
  put("DEPTH", hw.depth);
  text += std::string("  localparam bit SYSTOLIC = 1'b") +
          (hw.style == ArrayStyle::Systolic ? "1" : "0") + ";\n";
  put("REQUANTIZERS", hw.requantizers);
  put("ACCUMULATOR_ROWS", hw.accumulatorRows);
  put("OUTPUT_ROWS", hw.outputRows);
  put("INPUT_WORDS", hw.inputWords);
  put("WEIGHT_ROWS", hw.weightRows);
  put("VECTOR_LANES", hw.vectorLanes);
  put("VECTOR_ROW_BYTES", hw.vectorRowBytes);
  put("WORD_BYTES", hw.wordBytes);
  put("LINK_BYTES", hw.linkBytes);
  put("BUFFER_WORDS", hw.globalBytes / hw.wordBytes);
  put("DRAM_RATE", hw.dramRate);
  put("DRAM_LATENCY", hw.dramLatency);
  return text + "endpackage\n";
}
