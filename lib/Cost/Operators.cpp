//===- Operators.cpp - Counts of operators and programs ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/Cost.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModelVector.h"
#include "Cost/Starts.h"
#include "Support/Check.h"
#include <algorithm>

using namespace cat;
using namespace cat::cost;

namespace {

/// Scalar operations of a row: the reciprocal of softmax's total; the moments and the iterative
/// square root of a norm (Kim et al., I-BERT, arXiv 2101.01321).
int64_t rowOperations(VectorFunction function) {
  switch (function) {
  case VectorFunction::Softmax:
    return 1;
  case VectorFunction::LayerNorm:
  case VectorFunction::L2Norm:
    return 8;
  case VectorFunction::Add:
  case VectorFunction::Pointwise:
    return 0;
  }
  return 0;
}

/// Words of the global buffer for the rows of each cluster with work, and for what it reads first.
struct VectorWords {
  int64_t active, header, read, written, groups;

  VectorWords(const HardwareParameters &hw, const Vector &vector, int64_t rows) {
    const int64_t share = divideUp(rows, hw.clusters);
    const VectorWork work{vector.function, share, vector.columns, hw.vectorLanes};
    auto words = [&](int64_t groups) { return divideUp(groups * work.lanes, hw.wordBytes); };
    active = divideUp(rows, share);
    header = words(work.headerGroups());
    read = words(share * work.rowInputGroups());
    written = words(work.outputGroups());
    groups = std::max({share * work.rowInputGroups(), work.outputGroups(), read, written});
  }

  bool fit(const HardwareParameters &hw) const {
    auto banks = [&](int64_t n) {
      return divideUp(n * hw.wordBytes * kGlobalBanks, hw.globalBytes);
    };
    return groups <= MostInSegment &&
           banks(header) + banks(active * read) + banks(active * written) <= kGlobalBanks;
  }
};

/// Rows that run at once: all where operands and results fit the global buffer; else as many as
/// fit, a power of two, which cross from DRAM and back. 0 if not one fits.
int64_t blockRows(const HardwareParameters &hw, const Vector &vector) {
  if (VectorWords(hw, vector, vector.rows).fit(hw))
    return vector.rows;
  int64_t rows = 1;
  while (2 * rows < vector.rows)
    rows *= 2;
  while (rows && !VectorWords(hw, vector, rows).fit(hw))
    rows /= 2;
  return rows;
}

} // namespace

std::optional<std::string> cost::whyNotRun(const Machine &machine, const Vector &vector) {
  const HardwareParameters hw = HardwareParameters::fromMachine(machine);
  const bool buffered =
      vector.function != VectorFunction::Add && vector.function != VectorFunction::Pointwise;
  if (buffered && vector.columns > hw.vectorRowBytes)
    return "a row of " + std::to_string(vector.columns) + " elements does not fit the " +
           std::to_string(hw.vectorRowBytes) +
           " bytes of the vector unit's row buffer; raise its 'row_bytes'";
  if (vector.columns > MostCounted)
    return "a row of " + std::to_string(vector.columns) + " elements is longer than the " +
           std::to_string(MostCounted) +
           " that the register block can count; make the model smaller";
  if (!blockRows(hw, vector))
    return "not one row fits the global buffer; raise its 'capacity'";
  return std::nullopt;
}

std::optional<std::string> cost::whyNotRun(const Machine &machine, const Copy &copy) {
  const int64_t bytes = copy.elements * machine.elementBytes, room = machine.global.capacity;
  if (bytes <= room)
    return std::nullopt;
  return std::to_string(bytes) + " bytes do not fit the global buffer of " + std::to_string(room) +
         "; raise its 'capacity'";
}

EventCounts cost::countVector(const Machine &machine, const Vector &vector) {
  const HardwareParameters hw = HardwareParameters::fromMachine(machine);
  EventCounts c;
  auto add = [&](int64_t rows, int64_t times, bool crosses) {
    const VectorWords words(hw, vector, rows);
    const int64_t read = words.active * words.read * hw.wordBytes,
                  written = words.active * words.written * hw.wordBytes;
    c.globalReadBytes += times * words.active * words.header * hw.wordBytes;
    c.globalReadBytes += times * read;
    c.globalWriteBytes += times * written;
    c.cycles += times * vectorCycles(hw, {vector.function, rows, vector.columns});
    if (!crosses)
      return;
    c.dramReadBytes += times * read;
    c.globalWriteBytes += times * read;
    c.globalReadBytes += times * written;
    c.dramWriteBytes += times * written;
    c.cycles += times * (copyCycles(hw, {read, false}) + copyCycles(hw, {written, true}));
  };
  const int64_t block = blockRows(hw, vector);
  CATC_CHECK(block, "a vector operator is counted that cannot run");
  if (block == vector.rows) {
    add(block, 1, false);
  } else {
    add(block, vector.rows / block, true);
    if (vector.rows % block)
      add(vector.rows % block, 1, true);
  }
  const VectorWork work{vector.function, vector.rows, vector.columns, hw.vectorLanes};
  c.vectorOperations =
      vector.rows * (vector.columns * work.passes() + rowOperations(vector.function));
  return c;
}

std::vector<Starts> cost::vectorStarts(const Machine &machine, const Vector &vector) {
  const HardwareParameters hw = HardwareParameters::fromMachine(machine);
  const int64_t block = blockRows(hw, vector);
  CATC_CHECK(block, "a vector operator is started that cannot run");
  if (block == vector.rows)
    return {{VectorDescriptor{vector.function, block, vector.columns}, 1}};
  std::vector<Starts> starts;
  auto add = [&](int64_t rows, int64_t times) {
    const VectorWords words(hw, vector, rows);
    auto copy = [&](int64_t each, bool toDram) {
      starts.push_back({CopyDescriptor{words.active * each * hw.wordBytes, toDram}, times});
    };
    copy(words.read, false);
    starts.push_back({VectorDescriptor{vector.function, rows, vector.columns}, times});
    copy(words.written, true);
  };
  add(block, vector.rows / block);
  if (vector.rows % block)
    add(vector.rows % block, 1);
  return starts;
}

EventCounts cost::countCopy(const Machine &machine, const Copy &copy) {
  const HardwareParameters hardware = HardwareParameters::fromMachine(machine);
  EventCounts c;
  const int64_t bytes = copy.elements * machine.elementBytes;
  const int64_t moved = divideUp(bytes, hardware.wordBytes) * hardware.wordBytes;
  (copy.toDram ? c.dramWriteBytes : c.dramReadBytes) = moved;
  (copy.toDram ? c.globalReadBytes : c.globalWriteBytes) = moved;
  c.cycles = copyCycles(hardware, {bytes, copy.toDram});
  return c;
}

std::string cost::whyNotRun(const Machine &machine, const Operator &op) {
  switch (op.kind) {
  case OperatorKind::Gemm:
    return whyUnmappable(machine, op.gemm);
  case OperatorKind::Vector:
    return whyNotRun(machine, op.vector).value_or("");
  case OperatorKind::Copy:
    return whyNotRun(machine, op.copy).value_or("");
  }
  CATC_CHECK(false, "unknown operator kind");
}

std::optional<EventCounts> cost::countOperator(const Machine &machine, const Operator &op) {
  switch (op.kind) {
  case OperatorKind::Gemm:
    if (std::optional<Mapping> mapping = mapGemm(machine, op.gemm))
      return countGemm(machine, op.gemm, *mapping);
    return std::nullopt;
  case OperatorKind::Vector:
    if (whyNotRun(machine, op.vector))
      return std::nullopt;
    return countVector(machine, op.vector);
  case OperatorKind::Copy:
    if (whyNotRun(machine, op.copy))
      return std::nullopt;
    return countCopy(machine, op.copy);
  }
  CATC_CHECK(false, "unknown operator kind");
}

std::optional<EventCounts> cost::countProgram(const Machine &machine, const Program &program) {
  EventCounts total;
  for (const Operator &op : program.operators) {
    std::optional<EventCounts> counts = countOperator(machine, op);
    if (!counts)
      return std::nullopt;
    total += *counts * op.repeat;
  }
  return total;
}
