//===- Traffic.h - Data movement of a loop nest -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How often a nest of loops over a GEMM moves its operands between levels of memory, in closed
// form. One rule does it: a tile is fetched anew in each iteration of the loops around it, save
// that an irrelevant loop (one the operand is not indexed by) counts only if a relevant loop with
// more than one trip lies inside it and still outside the tile; otherwise the tile simply stays.
//
// The rule and the conventions of reads, fills and updates are those of Timeloop (Parashar et al.,
// ISPASS 2019), whose model the tests reproduce.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_TRAFFIC_H
#define CATC_COST_TRAFFIC_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cat::cost::traffic {

/// The dimensions of a batch of products Z[M x N] = A[M x K] W[K x N].
enum class Dimension : uint8_t { Batch, M, N, K };
enum class Operand : uint8_t { A, W, Z };
inline constexpr std::array<Operand, 3> kOperands = {Operand::A, Operand::W, Operand::Z};

/// True if `operand` is indexed by `dimension`. Every batch item has operands of its own.
bool isRelevant(Operand operand, Dimension dimension);

struct Loop {
  Dimension dimension = Dimension::M;
  int64_t trips = 1;
};

/// Loops from the outermost to the innermost.
using Nest = std::vector<Loop>;

/// Elements of the operand that loops `first`, first + 1, ... walk over.
int64_t tileElements(const Nest &nest, Operand operand, size_t first = 0);

/// Times that a tile of the operand, held inside loops 0 ... last - 1, is fetched (or written
/// back).
int64_t tileFetches(const Nest &nest, Operand operand, size_t last);

/// Elements moved into (or out of) a memory that holds the part of the operand that loops
/// `position`, position + 1, ... walk over: tileElements x tileFetches.
int64_t movedElements(const Nest &nest, Operand operand, size_t position);

/// One level of memory: the loops over the tiles of the level below, in time, and over the
/// instances below, in space. Instances that need the same element are sent it once, and partial
/// sums of instances are added up on their way.
struct Level {
  Nest temporal, spatial;
  /// Elements per cycle and instance, or zero for no limit. Reads and writes have a port each, or
  /// share one.
  double bandwidth = 0;
  bool sharedPort = false;
};

/// Accesses of one operand at one instance of a level, in elements.
///
/// A and W: `fills` come from the level above, `reads` go to the level below. Z: `updates` come
/// from below; each but the first of an element finds a partial sum, which is among `reads`;
/// `fills` are partial sums that had been evicted and return. A finished result leaves without a
/// read.
struct Accesses {
  int64_t reads = 0, fills = 0, updates = 0;
};

struct LevelTraffic {
  std::array<Accesses, 3> operands; ///< by Operand
  const Accesses &of(Operand operand) const { return operands[static_cast<size_t>(operand)]; }
  int64_t reads() const;
  int64_t writes() const; ///< fills and updates
};

/// Traffic of each level, the outermost memory first. Below the last level stand multipliers with
/// a register for each operand, which hold what the innermost loops do not change.
std::vector<LevelTraffic> loopNestTraffic(const std::vector<Level> &levels);

/// Cycles of perfectly overlapped levels: the multiplications of one multiplier, or the accesses of
/// a level at its bandwidth, whichever take longest.
int64_t loopNestCycles(const std::vector<Level> &levels);

} // namespace cat::cost::traffic

#endif // CATC_COST_TRAFFIC_H
