//===- Operators.cpp - Counts of operators and programs ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Cost/GemmModel.h"
#include "Cost/Timing.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::cost;

namespace {

/// Cycles from the first element's arrival in the vector unit to the last one's result: its
/// pipeline and the sequencer's set-up.
constexpr int64_t kVectorPipelineCycles = 20;

std::optional<std::string> checkTable(const SramTechnology &t, const char *level) {
  auto fail = [&](const char *what) { return std::string(level) + ": " + what; };
  size_t n = t.capacities.size();
  if (!n || t.readEnergy.size() != n || t.writeEnergy.size() != n || t.area.size() != n)
    return fail("the SRAM technology's tables must have one entry for each capacity");
  for (size_t i = 0; i != n; ++i) {
    if (t.capacities[i] <= 0 || (i && t.capacities[i] <= t.capacities[i - 1]))
      return fail("the SRAM technology's capacities must be positive and ascend");
    if (t.readEnergy[i].value() <= 0 || t.writeEnergy[i].value() <= 0 || t.area[i].value() < 0)
      return fail("the SRAM technology's energies must be positive and its areas not negative");
  }
  if (t.baseWidth <= 0)
    return fail("the SRAM technology's base width must be positive");
  return std::nullopt;
}

} // namespace

std::optional<std::string> cost::checkMachine(const Machine &machine) {
  const MacArray &array = machine.array;
  auto positive = [](std::initializer_list<std::pair<const char *, double>> values)
      -> std::optional<std::string> {
    for (auto [name, value] : values)
      if (!(value > 0))
        return std::string(name) + " must be positive";
    return std::nullopt;
  };
  auto number = [](int64_t value) { return static_cast<double>(value); };
  if (auto error =
          positive({{"the clock", machine.clock.value()},
                    {"the element size", number(machine.elementBytes)},
                    {"the number of clusters", number(machine.clusters)},
                    {"the array width", number(array.width)},
                    {"the array depth", number(array.depth)},
                    {"the number of accumulator rows", number(array.accumulatorRows)},
                    {"the accumulator size", number(array.accumulatorBytes)},
                    {"the MACs for each requantiser", number(array.macsPerRequantizer)},
                    {"the number of vector lanes", number(machine.vector.lanes)},
                    {"the local SRAM's capacity", number(machine.local.capacity)},
                    {"the local SRAM's bandwidth", number(machine.local.bytesPerCycle)},
                    {"the global buffer's capacity", number(machine.global.capacity)},
                    {"the global buffer's bandwidth", number(machine.global.bytesPerCycle)},
                    {"the DRAM's bandwidth", machine.dram.bandwidth.value()},
                    {"the DRAM's efficiency", machine.dram.efficiency}}))
    return error;
  if (array.cellDepths.empty() || array.cellDepths.size() != array.cellArea.size())
    return "the array's cell areas must have one entry for each depth";
  if (machine.dram.latencyCycles < 0)
    return "the DRAM's latency must not be negative";
  for (size_t i = 1; i < array.cellDepths.size(); ++i)
    if (array.cellDepths[i] <= array.cellDepths[i - 1])
      return "the depths of the array's cell areas must ascend";
  if (machine.local.instances != machine.clusters)
    return "there must be one local SRAM for each of the " + std::to_string(machine.clusters) +
           " clusters, but there are " + std::to_string(machine.local.instances);
  for (auto [memory, level] : {std::make_pair(&machine.local, "local SRAM"),
                               std::make_pair(&machine.global, "global buffer")}) {
    if (auto error = checkTable(memory->technology, level))
      return error;
    const SramTechnology &t = memory->technology;
    double doublings = std::log2(static_cast<double>(memory->bytesPerCycle) / t.baseWidth);
    if (!(1 + t.areaPerDoubling * doublings > 0) || !(1 + t.energyPerDoubling * doublings > 0))
      return std::string(level) +
             ": so narrow a word would have a negative area or energy; use a technology whose base "
             "width is nearer to it";
  }
  auto anyOrder = [](const LoopOrders &o) {
    return o.outputStationary || o.weightStationary || o.inputStationary;
  };
  if (!anyOrder(machine.localOrders) || !anyOrder(machine.globalOrders))
    return "each level of memory must declare a loop order";
  // The least tile: one row, one array of the stationary operand, its partial sums; a row for each
  // cluster in the global buffer.
  int64_t stationary = 2 * machine.elementBytes * array.depth * array.width;
  int64_t perRow = 2 * machine.elementBytes * array.depth + array.accumulatorBytes * array.width;
  if (machine.local.capacity < stationary + perRow)
    return "the local SRAM of " + std::to_string(machine.local.capacity) +
           " bytes is too small for one tile of the array (" + std::to_string(stationary + perRow) +
           " bytes)";
  if (machine.global.capacity < stationary + machine.clusters * perRow)
    return "the global buffer of " + std::to_string(machine.global.capacity) +
           " bytes is too small for one tile of each cluster (" +
           std::to_string(stationary + machine.clusters * perRow) + " bytes)";
  return std::nullopt;
}

EventCounts cost::countVector(const Machine &machine, const Vector &vector) {
  EventCounts c;
  c.vectorOperations =
      vector.rows * vector.columns * vector.passes + vector.rows * vector.rowOperations;
  c.globalReadBytes = vector.readElements * machine.elementBytes;
  c.globalWriteBytes = vector.writeElements * machine.elementBytes;
  int64_t compute = ceilDiv(c.vectorOperations, machine.vector.lanes * machine.clusters);
  int64_t transfer = ceilDiv(c.globalReadBytes + c.globalWriteBytes, machine.global.bytesPerCycle);
  c.cycles = std::max(compute, transfer) + kVectorPipelineCycles;
  return c;
}

EventCounts cost::countCopy(const Machine &machine, const Copy &copy) {
  EventCounts c;
  int64_t bytes = copy.elements * machine.elementBytes;
  (copy.toDram ? c.dramWriteBytes : c.dramReadBytes) = bytes;
  (copy.toDram ? c.globalReadBytes : c.globalWriteBytes) = bytes;
  c.cycles = std::max(timing::dramCycles(timing::dramCyclesPerByte(machine), bytes),
                      ceilDiv(bytes, machine.global.bytesPerCycle)) +
             machine.dram.latencyCycles;
  return c;
}

EventCounts cost::countOperator(const Machine &machine, const Operator &op) {
  switch (op.kind) {
  case OperatorKind::Gemm:
    return countGemm(machine, op.gemm, mapGemm(machine, op.gemm));
  case OperatorKind::Vector:
    return countVector(machine, op.vector);
  case OperatorKind::Copy:
    return countCopy(machine, op.copy);
  }
  CATC_CHECK(false, "unknown operator kind");
}

EventCounts cost::countProgram(const Machine &machine, const Program &program) {
  EventCounts total;
  for (const Operator &op : program.operators)
    total += countOperator(machine, op) * op.repeat;
  return total;
}
