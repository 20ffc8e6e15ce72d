//===- Cost.h - Counts, area and energy of operators ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pure functions behind accel's cost interface. Each is a function of plain records; passes,
// cost programs and the enumerator call these same functions.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_COST_H
#define CATC_COST_COST_H

#include "Cost/EventCounts.h"
#include "Cost/Hardware.h"
#include "Cost/Machine.h"
#include "Cost/Program.h"
#include "Support/Quantity.h"
#include <optional>
#include <string>
#include <vector>

namespace cat::cost {

/// The mapping of one GEMM onto one machine, as the machine's registers take it.
///
/// Resident: activations (and whatever else is live) stay in the global buffer, and parameters
/// cross from DRAM in blocks of `blockColumns` column steps of each cluster, the next one while the
/// clusters work on the last; or, where the buffer has no room for two blocks, each by itself
/// (`serial`). Not resident: the operator runs once for each block of activations (`blockBatch`
/// items, or one item's `blockRows` rows), one after the other: the block is copied in, run, and
/// its results copied out. Such a mapping has the whole buffer: where the activations and what else
/// is live would fit beside a column step of parameters, other operators keep them there, so they
/// are written to DRAM first, and the result and what is still live are read back.
struct Mapping {
  ClusterSplit split = ClusterSplit::None;
  Hold hold = Hold::Neither;
  int64_t chunkRows = 0;    ///< rows that stream past each tile of weights
  int64_t blockColumns = 0; ///< of each cluster; all of them for a stationary activation
  bool serial = false;      ///< each block of columns is a start of its own
  bool resident = true;
  int64_t blockBatch = 0, blockRows = 0; ///< of all clusters; 0 if resident
  friend bool operator==(const Mapping &a, const Mapping &b) {
    return a.split == b.split && a.hold == b.hold && a.chunkRows == b.chunkRows &&
           a.blockColumns == b.blockColumns && a.serial == b.serial && a.resident == b.resident &&
           a.blockBatch == b.blockBatch && a.blockRows == b.blockRows;
  }
};

/// What is wrong with the machine's record, or with the hardware that it describes: whether the
/// emitted machine can be built and run as its timing model says. Nothing if it can be costed.
std::optional<MachineProblem> checkMachine(const Machine &machine);

/// The legal mapping with the least (cycles, dynamic energy), lexicographically, over what the
/// hardware can run: every split, every hold that the machine declares, as few chunks of rows as
/// fit or, holding the input, as few as would fit smaller local SRAMs, blocks of a power of two of
/// column steps or all, serial or not, and blocks of activations of a power of two of batch items
/// or rows, or all; ties go to the one met first. Nothing if none is legal. More capacity of a
/// memory, all else equal, never costs cycles, but where activations come to fit the global buffer;
/// of a local SRAM whose input half feeds all accumulator rows.
std::optional<Mapping> mapGemm(const Machine &machine, const Gemm &gemm);

/// Why mapGemm finds nothing, with what to change.
std::string whyUnmappable(const Machine &machine, const Gemm &gemm);

/// Why the machine cannot run an operator of the vector unit, or a transfer, with what to change,
/// or nothing.
std::optional<std::string> whyNotRun(const Machine &machine, const Vector &vector);
std::optional<std::string> whyNotRun(const Machine &machine, const Copy &copy);

/// Why the machine cannot run an operator of which countOperator finds nothing, with what to
/// change.
std::string whyNotRun(const Machine &machine, const Operator &op);

/// True if the machine can run the mapping.
bool isLegal(const Machine &machine, const Gemm &gemm, const Mapping &mapping);

/// Event counts of one execution.
EventCounts countGemm(const Machine &machine, const Gemm &gemm, const Mapping &mapping);
EventCounts countVector(const Machine &machine, const Vector &vector);
EventCounts countCopy(const Machine &machine, const Copy &copy);

/// Counts of one execution of an operator, mapped by mapGemm where it is a GEMM; nothing if the
/// machine cannot run it.
std::optional<EventCounts> countOperator(const Machine &machine, const Operator &op);

/// Counts of a whole program, serial composition; nothing if one of its operators cannot run.
std::optional<EventCounts> countProgram(const Machine &machine, const Program &program);

/// Energy of the events themselves, without leakage or time-dependent power. Linear in the counts.
struct EnergyBreakdown {
  Joules mac, accumulator, clock, vector, local, global, dram; ///< dynamic
  Joules leakage, dramActive; ///< while running: power x elapsed time
  Joules total() const {
    return mac + accumulator + clock + vector + local + global + dram + leakage + dramActive;
  }
};
EnergyBreakdown energy(const Machine &machine, const EventCounts &counts);

/// Elapsed time of the counts.
Seconds latency(const Machine &machine, const EventCounts &counts);

/// Power drawn while waiting for the next inference: remaining leakage and DRAM self-refresh.
Watts idlePower(const Machine &machine);

/// Of the whole chip. The accumulators' share includes the FIFOs of rows that stand beside them.
struct AreaBreakdown {
  SquareMillimetres array, accumulators, requantizers, vector, local, global, links, other;
  SquareMillimetres total() const {
    return array + accumulators + requantizers + vector + local + global + links + other;
  }
};
AreaBreakdown area(const Machine &machine);

/// Requantisation units of a cluster: one for macsPerRequantizer MACs, at most one for each lane.
int64_t requantizersPerCluster(const MacArray &array);

/// Bits of register that skew the operands of a systolic array, whose row k starts k cycles late,
/// and line up the sums of its columns.
int64_t skewBits(const MacArray &array);

/// Two operations per MAC slot and cycle.
OperationsPerSecond peakThroughput(const Machine &machine);

} // namespace cat::cost

#endif // CATC_COST_COST_H
