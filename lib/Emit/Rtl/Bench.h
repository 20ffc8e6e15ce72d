//===- Bench.h - The hardware of a design, ready to simulate ----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A folder that needs nothing of catc any more:
//   rtl/*.sv         the modules, with the design's parameters in catc_config_pkg.sv
//   files.f          their list, in the order in which tools read them, from this folder
//   tb/catc_tb.cpp   the test bench
//   cases/NAME.case  descriptor, operands and results of one start of the hardware each
//   operators.json   what the starts are, with their predicted (and simulated) cycles
//   Makefile         `make` builds the model with Verilator and runs every case, `make lint`
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_RTL_BENCH_H
#define CATC_EMIT_RTL_BENCH_H

#include "Emit/HardwareProgram.h"
#include "Emit/RtlLibrary.h"

namespace cat::emit {

/// The options with which Verilator makes a model that simulates fast.
const std::vector<std::string> &verilatorOptions();

/// Writes all of it but operators.json below `prefix` ("rtl/", or nothing).
Problem writeBench(Folder &folder, const std::string &prefix, const RtlLibrary &library,
                   const HardwareProgram &program);

/// The name of a start's file below the prefix.
std::string caseFile(const Start &start);

/// The cycles after which a simulated start hangs: far more than the row model, which is exact,
/// says.
int64_t cycleLimit(const Start &start);

} // namespace cat::emit

#endif // CATC_EMIT_RTL_BENCH_H
