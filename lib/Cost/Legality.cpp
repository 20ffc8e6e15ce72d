//===- Legality.cpp - Which machines can be built ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of hw/README.md: which parameters the SystemVerilog library takes. Messages are in the
// words of the template, with the field to change.
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Cost/GemmPlan.h"
#include "Cost/HardwareMath.h"
#include <algorithm>
#include <sstream>

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

bool isPowerOfTwo(int64_t x) { return x > 0 && (x & (x - 1)) == 0; }

int64_t nextPower(int64_t x) {
  int64_t power = 1;
  while (power < x)
    power *= 2;
  return power;
}

/// A size of the hardware library: a power of two between `least` and `most`.
struct Size {
  const char *component, *field, *name;
  const char *unit; ///< of value and bounds, with a space before it
  int64_t value, least, most;
};

Problem checkPower(const Size &s) {
  if (isPowerOfTwo(s.value))
    return std::nullopt;
  auto number = [&](int64_t value) { return std::to_string(value) + s.unit; };
  const int64_t more = nextPower(s.value), less = more / 2;
  std::string near = less < s.least  ? number(std::max(more, s.least))
                     : more > s.most ? number(std::min(less, s.most))
                                     : number(less) + " or " + number(more);
  return MachineProblem{s.component, s.field, std::string(s.name) + " is a power of two",
                        std::string(s.name) + " must be a power of two, but is " + number(s.value) +
                            "; set '" + s.field + "' to " + near};
}

Problem checkLeast(const Size &s, int64_t bound, std::string rule, const std::string &why) {
  if (s.value >= bound)
    return std::nullopt;
  return MachineProblem{s.component, s.field, std::move(rule),
                        std::string(s.name) + " is " + std::to_string(s.value) + s.unit + ", but " +
                            why + "; raise '" + s.field + "' to at least " +
                            std::to_string(nextPower(bound)) + s.unit};
}

Problem checkMost(const Size &s) {
  if (s.value <= s.most)
    return std::nullopt;
  std::string most = std::to_string(s.most) + s.unit;
  return MachineProblem{s.component, s.field, std::string(s.name) + " is at most " + most,
                        std::string(s.name) + " is " + std::to_string(s.value) + s.unit +
                            ", but the hardware library's counters take " + most + "; lower '" +
                            s.field + "' to that or less"};
}

constexpr int64_t kMostRows = int64_t{1} << 15;        // 16-bit row counters
constexpr int64_t kMostArray = 1024, kMostPort = 1024; // lanes, depth; bytes of a word
constexpr int64_t kMostLocal = int64_t{1} << 26, kMostGlobal = int64_t{1} << 30; // bytes
constexpr int64_t kMostLatency = 65535;

Size localCapacity(int64_t bytes) {
  return {"local", "capacity", "the local SRAM's capacity", " B", bytes, 64, kMostLocal};
}

/// The rules; `inputHalf` and `weightHalf` are the capacities of local SRAMs, in bytes, whose
/// halves the parameters have.
Problem checkRules(const HardwareParameters &h, int64_t inputHalf, int64_t weightHalf) {
  const Size clusters = {"array", "instances", "the number of clusters", "", h.clusters, 1, 16};
  const Size width = {"array", "width", "the array's width", "", h.width, 1, kMostArray};
  const Size depth = {"array", "depth", "the array's depth", "", h.depth, 2, kMostArray};
  const Size accumulators = {"array",  "accumulator_rows", "the number of accumulator rows",
                             "",       h.accumulatorRows,  4,
                             kMostRows};
  const Size outputs = {"array", "output_rows", "the number of output rows", "", h.outputRows,
                        2,       kMostRows};
  const Size lanes = {"vector", "lanes", "the number of vector lanes", "", h.vectorLanes, 2, 256};
  const Size rowBytes = {
      "vector", "row_bytes", "the vector unit's row buffer", " B", h.vectorRowBytes, 4, 65536};
  const Size link = {"local", "bandwidth", "the local SRAM's bandwidth", " B/cycle", h.linkBytes,
                     1,       kMostPort};
  const Size word = {"global",   "bandwidth", "the global buffer's bandwidth",
                     " B/cycle", h.wordBytes, 1,
                     kMostPort};
  const Size global = {"global", "capacity", "the global buffer's capacity", " B", h.globalBytes,
                       64,       kMostGlobal};
  for (const Size *size : {&clusters, &width, &depth, &accumulators, &outputs, &lanes, &rowBytes,
                           &link, &global, &word}) {
    if (Problem problem = checkPower(*size))
      return problem;
    if (Problem problem = checkMost(*size))
      return problem;
  }
  if (!isPowerOfTwo(h.requantizers) || h.requantizers > h.width)
    return MachineProblem{
        "array", "macs_per_requantizer", "the number of requantisers is a power of two",
        "the number of requantisers must be a power of two and at most the array's width, but is " +
            std::to_string(h.requantizers) + "; set 'macs_per_requantizer' to a power of two"};
  if (Problem problem = checkLeast(depth, depth.least, "the array is at least two deep",
                                   "a lane adds at least two products"))
    return problem;
  if (Problem problem =
          checkLeast(accumulators, accumulators.least, "there are at least four accumulator rows",
                     "a sum is four cycles on its way to its accumulator"))
    return problem;
  const int64_t rows = h.leastOutputRows();
  if (Problem problem = checkLeast(outputs, rows, "the output rows cover the array's latency",
                                   "the array has up to " + std::to_string(rows) + " on their way"))
    return problem;
  // Both halves of the local SRAM; what is proposed suits both.
  const int64_t leastInput = 2 * 16 * h.depth,
                leastWeight = 2 * (2 * h.depth + ParameterRows) * h.width;
  for (int64_t half : {inputHalf, weightHalf}) {
    if (Problem problem = checkPower(localCapacity(half)))
      return problem;
    if (Problem problem = checkMost(localCapacity(half)))
      return problem;
  }
  const int64_t leastLocal = std::max(leastInput, leastWeight);
  if (inputHalf < leastInput)
    return checkLeast(localCapacity(inputHalf), leastLocal,
                      "the local SRAM's input half holds 16 words",
                      "its input half must hold 16 words of the array's depth");
  if (weightHalf < leastWeight)
    return checkLeast(localCapacity(weightHalf), leastLocal,
                      "the local SRAM's weight half holds two tiles",
                      "its weight half must hold two tiles of weights and a row's constants");
  if (h.vectorLanes > h.wordBytes)
    return MachineProblem{
        "vector", "lanes", "the vector unit is no wider than the global buffer's word",
        "the vector unit has " + std::to_string(h.vectorLanes) +
            " lanes, but a word of the global buffer only " + std::to_string(h.wordBytes) +
            " bytes; lower 'lanes' or raise the global memory's 'bandwidth'"};
  if (Problem problem = checkLeast(lanes, lanes.least, "the vector unit has at least two lanes",
                                   "it counts lanes with at least a bit"))
    return problem;
  if (Problem problem = checkLeast(
          rowBytes, 2 * h.vectorLanes, "the vector unit's row buffer holds two groups",
          "it holds at least two groups of the " + std::to_string(h.vectorLanes) + " lanes"))
    return problem;
  if (Problem problem = checkLeast(global, kGlobalBanks * 4 * h.wordBytes,
                                   "a bank of the global buffer holds four words",
                                   "each of its 16 banks must hold four words"))
    return problem;
  if (h.dramRate < 1 || h.dramRate > 65536)
    return MachineProblem{"dram", "bandwidth", "DRAM delivers a word in 65,536 cycles",
                          "the DRAM takes more than 65,536 cycles for a word of " +
                              std::to_string(h.wordBytes) +
                              " bytes; raise its 'bandwidth' or lower the global memory's"};
  return checkMost(
      {"dram", "latency", "the DRAM's latency", " cycles", h.dramLatency, 0, kMostLatency});
}

} // namespace

Problem cost::checkHardware(const HardwareParameters &h) {
  return checkRules(h, 2 * h.depth * h.inputWords, 2 * h.width * h.weightRows);
}

Problem cost::checkMachine(const Machine &machine) {
  if (Problem problem = checkRecord(machine))
    return problem;
  if (machine.maxClock.value() > 0 && machine.clock > machine.maxClock) {
    auto megahertz = [](Hertz clock) {
      std::ostringstream text;
      text << clock.value() / 1e6 << " MHz";
      return text.str();
    };
    return MachineProblem{"", "clock", "the clock is at most what the logic reaches",
                          "the clock is " + megahertz(machine.clock) + ", but the logic reaches " +
                              megahertz(machine.maxClock) +
                              "; lower 'clock', or give another 'max_clock' with the energies of "
                              "its voltage"};
  }
  const int64_t local = machine.local.capacity;
  return checkRules(HardwareParameters::fromMachine(machine), local, local);
}
