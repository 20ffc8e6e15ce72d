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
#include "Cost/Machine.h"
#include "Cost/Program.h"
#include "Support/Quantity.h"
#include <optional>
#include <string>

namespace cat::cost {

enum class LoopOrder : uint8_t { OutputStationary, WeightStationary, InputStationary };

/// How a GEMM is shared between clusters before it is tiled: equal blocks of rows, of array-wide
/// column steps, or of batch items. None on a machine of one cluster, and only there.
enum class ClusterSplit : uint8_t { None, Rows, Columns, Batch };

/// Tile sizes in elements of M, N and K (n a multiple of the array's width, k of its depth), and
/// the order of the loops that walk over the tiles: output stationary is M, N, K from the outside
/// in; weight stationary N, K, M; input stationary M, K, N.
struct Tile {
  int64_t m = 0, n = 0, k = 0;
  LoopOrder order = LoopOrder::OutputStationary;
  friend bool operator==(const Tile &a, const Tile &b) {
    return a.m == b.m && a.n == b.n && a.k == b.k && a.order == b.order;
  }
};

/// The mapping of one GEMM onto one machine.
///
/// Resident: activations (and whatever else is live) stay in the global buffer and parameters cross
/// from DRAM once, in double-buffered tiles of global.n x global.k that all rows use (global.m is
/// every row, and tiles go along K, then N). Otherwise both operands and the result cross in tiles
/// of `global`, for which the mapping has the whole buffer: where the activations and what else is
/// live would fit, other operators keep them there, so they are written to DRAM first, and the
/// result and what is still live are read back. Where they do not fit they are in DRAM already.
struct Mapping {
  bool resident = false;
  Tile global; ///< DRAM -> global buffer: one cluster's part of the tile
  ClusterSplit split = ClusterSplit::None;
  Tile local; ///< global buffer -> local SRAM of one cluster
  friend bool operator==(const Mapping &a, const Mapping &b) {
    return a.resident == b.resident && a.global == b.global && a.split == b.split &&
           a.local == b.local;
  }
};

/// Why a machine cannot be costed (a local SRAM too small for one tile, a zero bandwidth), or
/// nothing.
std::optional<std::string> checkMachine(const Machine &machine);

/// The legal mapping with the least (cycles, dynamic energy), lexicographically; ties go to the one
/// that the search (MappingSearch.h) meets first, resident ones before others, so the choice is
/// deterministic. Always exists on a machine that checkMachine accepts. More capacity of local
/// SRAM, all else equal, never costs cycles; nor does more of the global buffer, but where
/// activations come to fit.
Mapping mapGemm(const Machine &machine, const Gemm &gemm);

/// True if the machine can run the mapping: tiles fit, orders are declared and splits have work.
bool isLegal(const Machine &machine, const Gemm &gemm, const Mapping &mapping);

/// Event counts of one execution.
EventCounts countGemm(const Machine &machine, const Gemm &gemm, const Mapping &mapping);
EventCounts countVector(const Machine &machine, const Vector &vector);
EventCounts countCopy(const Machine &machine, const Copy &copy);

/// Counts of one execution of an operator, mapped by mapGemm where it is a GEMM.
EventCounts countOperator(const Machine &machine, const Operator &op);

/// Counts of a whole program, serial composition.
EventCounts countProgram(const Machine &machine, const Program &program);

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

struct AreaBreakdown {
  SquareMillimetres array, accumulators, requantizers, vector, local, global, other;
  SquareMillimetres total() const {
    return array + accumulators + requantizers + vector + local + global + other;
  }
};
AreaBreakdown area(const Machine &machine);

/// Two operations per MAC slot and cycle.
OperationsPerSecond peakThroughput(const Machine &machine);

} // namespace cat::cost

#endif // CATC_COST_COST_H
