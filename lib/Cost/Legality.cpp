//===- Legality.cpp - Which machines can be built ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// checkHardware says which parameters the SystemVerilog library takes; this says the same of a
// machine as it is declared, with the field to change.
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Cost/GemmPlan.h"
#include "Cost/HardwareMath.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::cost;

namespace {

using Problem = std::optional<MachineProblem>;

/// A record that no value of a searched parameter mends.
MachineProblem wrong(const char *component, const char *field, std::string message) {
  return {component, field, "", std::move(message)};
}

Problem checkTable(const SramTechnology &t, const char *component) {
  std::string level = component == std::string("local") ? "local SRAM: " : "global buffer: ";
  auto fail = [&](const char *field, const char *what) {
    return wrong(component, field, level + what);
  };
  size_t n = t.capacities.size();
  if (!n || t.readEnergy.size() != n || t.writeEnergy.size() != n || t.area.size() != n)
    return fail("capacities", "the SRAM technology's tables must have one entry for each capacity");
  for (size_t i = 0; i != n; ++i) {
    if (t.capacities[i] <= 0 || (i && t.capacities[i] <= t.capacities[i - 1]))
      return fail("capacities", "the SRAM technology's capacities must be positive and ascend");
    if (t.readEnergy[i].value() <= 0 || t.writeEnergy[i].value() <= 0 || t.area[i].value() < 0)
      return fail("area",
                  "the SRAM technology's energies must be positive and its areas not negative");
  }
  if (t.baseWidth <= 0)
    return fail("base_width", "the SRAM technology's base width must be positive");
  return std::nullopt;
}

/// What the record needs for any cost to be computed.
Problem checkRecord(const Machine &machine) {
  const MacArray &array = machine.array;
  struct Value {
    const char *component, *field, *name;
    double value;
  };
  auto number = [](int64_t value) { return static_cast<double>(value); };
  for (const Value &v : {
           Value{"", "clock", "the clock", machine.clock.value()},
           {"", "precision", "the element size", number(machine.elementBytes)},
           {"array", "instances", "the number of clusters", number(machine.clusters)},
           {"array", "width", "the array width", number(array.width)},
           {"array", "depth", "the array depth", number(array.depth)},
           {"array", "accumulator_rows", "the number of accumulator rows",
            number(array.accumulatorRows)},
           {"array", "output_rows", "the number of output rows", number(array.outputRows)},
           {"array", "accumulator_bytes", "the accumulator size", number(array.accumulatorBytes)},
           {"array", "macs_per_requantizer", "the MACs for each requantiser",
            number(array.macsPerRequantizer)},
           {"vector", "lanes", "the number of vector lanes", number(machine.vector.lanes)},
           {"local", "capacity", "the local SRAM's capacity", number(machine.local.capacity)},
           {"local", "bandwidth", "the local SRAM's bandwidth",
            number(machine.local.bytesPerCycle)},
           {"global", "capacity", "the global buffer's capacity", number(machine.global.capacity)},
           {"global", "bandwidth", "the global buffer's bandwidth",
            number(machine.global.bytesPerCycle)},
           {"dram", "bandwidth", "the DRAM's bandwidth", machine.dram.bandwidth.value()},
           {"dram", "efficiency", "the DRAM's efficiency", machine.dram.efficiency},
       })
    if (!(v.value > 0))
      return wrong(v.component, v.field, std::string(v.name) + " must be positive");
  if (array.cellDepths.empty() || array.cellDepths.size() != array.cellArea.size())
    return wrong("array", "cell_area", "the array's cell areas must have one entry for each depth");
  if (machine.dram.latencyCycles < 0)
    return wrong("dram", "latency", "the DRAM's latency must not be negative");
  for (size_t i = 1; i < array.cellDepths.size(); ++i)
    if (array.cellDepths[i] <= array.cellDepths[i - 1])
      return wrong("array", "cell_depths", "the depths of the array's cell areas must ascend");
  if (machine.local.instances != machine.clusters)
    return wrong("local", "instances",
                 "there must be one local SRAM for each of the " +
                     std::to_string(machine.clusters) + " clusters, but there are " +
                     std::to_string(machine.local.instances));
  for (auto [memory, level] :
       {std::make_pair(&machine.local, "local"), std::make_pair(&machine.global, "global")}) {
    if (Problem problem = checkTable(memory->technology, level))
      return problem;
  }
  if (!machine.holds.neither && !machine.holds.weight && !machine.holds.input)
    return wrong("local", "orders",
                 "the local SRAM must declare a loop order: \"output\", \"weight\" or \"input\"");
  if (machine.elementBytes != 1)
    return MachineProblem{"", "precision", "operands have 8 bits",
                          "the array multiplies 8-bit integers, but 'precision' is " +
                              std::to_string(8 * machine.elementBytes) +
                              " bit; write 'precision = 8 bit'"};
  if (array.accumulatorBytes != 4)
    return MachineProblem{"array", "accumulator_bytes", "accumulators have 32 bits",
                          "the array sums in 32 bits, but 'accumulator_bytes' is " +
                              std::to_string(array.accumulatorBytes) +
                              "; write 'accumulator_bytes = 4 B'"};
  return std::nullopt;
}

int64_t nextPower(int64_t x) {
  int64_t power = 1;
  while (power < x)
    power *= 2;
  return power;
}

/// The rules of hw/README.md.
Problem checkRules(const Machine &machine) {
  const HardwareParameters h = HardwareParameters::fromMachine(machine);
  struct Size {
    const char *component, *field, *name;
    int64_t value;
  };
  for (const Size &s : {
           Size{"array", "instances", "the number of clusters", h.clusters},
           {"array", "width", "the array's width", h.width},
           {"array", "depth", "the array's depth", h.depth},
           {"array", "accumulator_rows", "the number of accumulator rows", h.accumulatorRows},
           {"array", "output_rows", "the number of output rows", h.outputRows},
           {"array", "macs_per_requantizer", "the number of requantisers", h.requantizers},
           {"vector", "lanes", "the number of vector lanes", h.vectorLanes},
           {"local", "capacity", "the local SRAM's capacity", machine.local.capacity},
           {"local", "bandwidth", "the local SRAM's bandwidth", h.linkBytes},
           {"global", "capacity", "the global buffer's capacity", h.globalBytes},
           {"global", "bandwidth", "the global buffer's bandwidth", h.wordBytes},
       }) {
    const int64_t more = nextPower(s.value);
    if (more == s.value)
      continue;
    std::string near = std::to_string(more / 2) + " or " + std::to_string(more);
    bool units = s.field == std::string("macs_per_requantizer");
    return MachineProblem{s.component, s.field, std::string(s.name) + " is a power of two",
                          std::string(s.name) + " must be a power of two, but is " +
                              std::to_string(s.value) + "; set '" + s.field + "' to " +
                              (units ? "a power of two" : near)};
  }
  auto least = [](const char *component, const char *field, const char *rule, std::string what,
                  int64_t value, int64_t bound, const char *why) -> MachineProblem {
    return {component, field, rule,
            what + " is " + std::to_string(value) + ", but " + why + "; raise '" + field +
                "' to at least " + std::to_string(nextPower(bound))};
  };
  if (h.depth < 2)
    return least("array", "depth", "the array is at least two deep", "the array's depth", h.depth,
                 2, "a lane adds at least two products");
  if (h.accumulatorRows < 4)
    return least("array", "accumulator_rows", "there are at least four accumulator rows",
                 "the number of accumulator rows", h.accumulatorRows, 4,
                 "a sum is four cycles on its way to its accumulator");
  const int64_t rows = h.leastOutputRows();
  if (h.outputRows < rows)
    return least("array", "output_rows", "the output rows cover the array's latency",
                 "the number of output rows", h.outputRows, rows,
                 ("the array has up to " + std::to_string(rows) + " on their way").c_str());
  if (h.inputWords < 16)
    return least("local", "capacity", "the local SRAM's input half holds 16 words",
                 "the local SRAM's capacity", machine.local.capacity, 2 * 16 * h.depth,
                 "its input half must hold 16 words of the array's depth");
  if (h.weightRows < 2 * h.depth + ParameterRows)
    return least("local", "capacity", "the local SRAM's weight half holds two tiles",
                 "the local SRAM's capacity", machine.local.capacity,
                 2 * (2 * h.depth + ParameterRows) * h.width,
                 "its weight half must hold two tiles of weights and a row's constants");
  if (h.vectorLanes > h.wordBytes)
    return MachineProblem{
        "vector", "lanes", "the vector unit is no wider than the global buffer's word",
        "the vector unit has " + std::to_string(h.vectorLanes) +
            " lanes, but a word of the global buffer only " + std::to_string(h.wordBytes) +
            " bytes; lower 'lanes' or raise the global memory's 'bandwidth'"};
  if (h.globalBytes < kGlobalBanks * 4 * h.wordBytes)
    return least("global", "capacity", "a bank of the global buffer holds four words",
                 "the global buffer's capacity", h.globalBytes, kGlobalBanks * 4 * h.wordBytes,
                 "each of its 16 banks must hold four words");
  if (h.dramRate < 1)
    return MachineProblem{"dram", "bandwidth", "DRAM delivers a word in 65,536 cycles",
                          "the DRAM takes more than 65,536 cycles for a word of " +
                              std::to_string(h.wordBytes) +
                              " bytes; raise its 'bandwidth' or lower the global memory's"};
  if (std::optional<std::string> other = checkHardware(h))
    return MachineProblem{"", "", "the hardware library takes its sizes",
                          "the hardware library cannot be built: " + *other};
  return std::nullopt;
}

} // namespace

Problem cost::checkMachine(const Machine &machine) {
  if (Problem problem = checkRecord(machine))
    return problem;
  return checkRules(machine);
}
