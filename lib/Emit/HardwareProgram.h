//===- HardwareProgram.h - What the hardware is started for -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operator of a design takes one start of the hardware or, where its activations do not fit the
// global buffer, several: the parts of a product, and copies around them. Equal starts, of one or
// of several operators, are one here. What takes long to simulate is made smaller: fewer batch
// items, rows, columns or depth, with the same loop order, split and kind of blocks.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_HARDWAREPROGRAM_H
#define CATC_EMIT_HARDWAREPROGRAM_H

#include "Cost/Starts.h"
#include "Emit/MappedProgram.h"
#include "Rtl/Golden.h"
#include "llvm/Support/JSON.h"

namespace cat::emit {

/// What the register block is told.
using Descriptor = std::variant<cost::GemmDescriptor, cost::VectorDescriptor, cost::CopyDescriptor>;

/// "gemm 77 x 1536 x 512, holding input in chunks of 77 rows".
std::string describe(const Descriptor &descriptor);

/// A start, with its golden vectors.
struct Start {
  std::string name;        ///< a word
  Descriptor whole;        ///< as the design needs it
  Descriptor run;          ///< as it is simulated: the same, or scaled down
  std::string scaled;      ///< how: "rows 77 -> 39"; empty if it is the same
  int64_t closedForm = 0;  ///< cycles of `run`
  int64_t rowModel = 0;    ///< cycles of `run`
  int64_t wholeCycles = 0; ///< closed form of `whole`
  std::optional<int64_t> simulated;
  std::optional<int64_t> mismatches; ///< bytes of the results that are wrong
};

/// An operator's starts: their indices, and how often each is done in one execution.
struct OperatorStarts {
  std::string name;
  int64_t executions = 0;
  std::vector<std::pair<size_t, int64_t>> starts;

  /// A figure of one execution, where every start has it.
  template <typename Fn> int64_t sum(const std::vector<Start> &all, Fn figure) const {
    int64_t total = 0;
    for (auto [index, times] : starts)
      total += times * figure(all[index]);
    return total;
  }
};

struct HardwareProgram {
  cost::HardwareParameters hardware;
  std::vector<Start> starts;
  std::vector<OperatorStarts> operators;
};

/// The starts of a design's first `count` distinct operators, each scaled down until it takes at
/// most `maxCycles`, or what makes one of about ten minutes for all if that is zero. A fault names
/// what the hardware cannot run.
Result<HardwareProgram> hardwareProgram(const MappedProgram &program, int64_t count,
                                        int64_t maxCycles);

/// The golden vectors of a start. A fault where the machine cannot run it.
Result<rtl::Case> goldenCase(const cost::HardwareParameters &hardware, const Start &start);

/// Text of operators.json (schema "catc.operators/1"):
///   {"schema", "hardware": {parameters}, "starts": [{"name", "operation": {"kind", sizes},
///    "scaled_down", "whole": {...}, "whole_closed_form_cycles", "closed_form_cycles",
///    "row_model_cycles", "simulated_cycles", "mismatches"}],
///    "operators": [{"name", "executions", "starts": [{"name", "times"}]}]}
/// "scaled_down" and what begins with "whole" are there for starts that are; what is simulated,
/// once it has been.
std::string operatorsJson(const HardwareProgram &program);

} // namespace cat::emit

#endif // CATC_EMIT_HARDWAREPROGRAM_H
