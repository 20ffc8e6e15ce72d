//===- GemmModel.h - What a mapping of a GEMM costs -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one formula behind countGemm, isLegal and mapGemm. Clusters first share the problem; each
// then runs two nests of three loops, the outer over global-buffer tiles (trip counts t), the inner
// over local-SRAM tiles (trip counts g). Everything that a mapping costs follows from how often
// each operand is fetched, and that follows from the trip counts by one rule: a loop that an
// operand does not depend on multiplies its fetches only if a loop that it does depend on runs
// inside it.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_GEMMMODEL_H
#define CATC_COST_GEMMMODEL_H

#include "Cost/Cost.h"
#include <array>

namespace cat::cost {

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Trip counts of the two loop nests.
struct Trips {
  int64_t tM = 1, tN = 1, tK = 1;
  int64_t gM = 1, gN = 1, gK = 1;
};

/// How often operands move.
struct Reuse {
  int64_t a = 1, w = 1; ///< fetches of each operand element into local SRAM
  int64_t passes =
      1; ///< visits of a result to local SRAM; partial sums return to the global buffer between
  int64_t spills =
      1; ///< visits of a result to the accumulators; partial sums wait in local SRAM between
  int64_t dramA = 1, dramW = 1,
          dramPasses = 1; ///< the same between DRAM and the global buffer, when not resident
};

/// `held`: the tile's partial sums fit the accumulators, so they stay there as long as the tile
/// does not change.
Reuse reuse(LoopOrder global, LoopOrder local, const Trips &trips, bool held);

/// One cluster's share of a GEMM. Columns are counted in steps of the array's width.
struct Share {
  ClusterSplit split = ClusterSplit::None;
  int64_t usedM = 1, usedN = 1, usedB = 1; ///< clusters with work, in the direction of the split
  int64_t rows = 0, columns = 0, batch = 0;
  // Bytes for a fetch of each operand once: by all clusters, and by the busiest.
  int64_t allA = 0, allW = 0, oneA = 0, oneW = 0;
  // Array-side reads: every row of A for each column step; the stationary operand for each chunk of
  // rows.
  int64_t allStream = 0, allLoad = 0, oneStream = 0, oneLoad = 0;
  int64_t oneResults = 0; ///< result elements of the busiest cluster
};

/// The row direction of a tiling: tiles of m rows in blocks of globalM. Rows stream in chunks that
/// the accumulators can hold.
struct RowTiling {
  int64_t globalM = 0, m = 0;
  int64_t chunks = 0; ///< over all blocks
  int64_t cycles = 0; ///< for one column step and one depth step, over all blocks
  bool fitsAccumulators = false;
};

/// What a mapping asks of each part of the machine.
struct Demand {
  int64_t fetched = 0; ///< operand bytes into local SRAM, all clusters
  int64_t partial =
      0; ///< bytes of partial sums from local SRAM to the global buffer, and as many back
  int64_t staged = 0;                        ///< bytes of each result that wait in local SRAM
  int64_t array = 0;                         ///< cycles of the busiest cluster's array
  int64_t local = 0;                         ///< bytes of the busiest cluster's local SRAM
  int64_t globalRead = 0, globalWritten = 0; ///< bytes
  int64_t dramRead = 0, dramWritten = 0;     ///< bytes
};

class GemmModel {
public:
  GemmModel(const Machine &machine, const Gemm &gemm);

  const Machine &machine;
  const Gemm &gemm;
  int64_t columnSteps, depthSteps; ///< ceil(N/W), ceil(K/D)
  int64_t results;                 ///< B*M*N
  std::array<Share, 3> shares;     ///< the splits that have work
  int numShares = 0;

  const Share *share(ClusterSplit split) const;

  /// Rows of an equal chunk that fits the accumulators, for blocks of `globalM` rows.
  int64_t chunkRows(int64_t globalM) const {
    return ceilDiv(globalM, ceilDiv(globalM, machine.array.accumulatorRows));
  }
  /// `m` must be at most one chunk of chunkRows(globalM) rows, a whole number of them, or globalM.
  RowTiling rowTiling(const Share &share, int64_t globalM, int64_t m) const {
    return rowTiling(ceilDiv(share.rows, globalM), globalM, chunkRows(globalM), m);
  }
  /// The same, for `blocks` blocks of globalM rows with equal chunks of `chunk` rows.
  RowTiling rowTiling(int64_t blocks, int64_t globalM, int64_t chunk, int64_t m) const;

  /// Bytes that a local tile occupies: operands twice (double-buffered), results once, four bytes
  /// each while they are partial.
  int64_t localBytes(int64_t m, int64_t nSteps, int64_t kSteps, bool partial) const {
    int64_t n = nSteps * machine.array.width, k = kSteps * machine.array.depth;
    return 2 * machine.elementBytes * (m + n) * k + resultBytes(partial) * m * n;
  }
  int64_t resultBytes(bool partial) const {
    return partial ? machine.array.accumulatorBytes : machine.elementBytes;
  }
  /// Bytes that stay in the global buffer in a resident mapping, beside the parameters' tile.
  int64_t residentBytes(bool partial) const {
    return residentElements * machine.elementBytes + results * resultBytes(partial);
  }
  /// Bytes of the double-buffered parameter tile of a resident mapping: per column and depth step.
  int64_t parameterTileBytes(const Share &share) const {
    return parametersCross ? 2 * machine.elementBytes * machine.array.width * machine.array.depth *
                                 share.usedN * share.usedB
                           : 0;
  }
  /// Bytes of a global-buffer tile of a mapping that is not resident, all clusters.
  int64_t globalBytes(const Share &share, int64_t m, int64_t nSteps, int64_t kSteps,
                      bool partial) const {
    int64_t allM = m * share.usedM, allN = nSteps * machine.array.width * share.usedN;
    return share.usedB * (2 * machine.elementBytes * (allM + allN) * kSteps * machine.array.depth +
                          resultBytes(partial) * allM * allN);
  }

  /// What a mapping asks of each part of the machine. Non-decreasing in every member of `reuse`, in
  /// the rows' chunks and cycles.
  Demand demand(const Share &share, bool resident, const Reuse &reuse, const RowTiling &rows) const;

  /// Cycles that the demand takes.
  int64_t cycles(const Demand &demand) const;
  /// True if cycles(demand) <= cycles; without its divisions.
  bool within(const Demand &demand, int64_t cycles) const;

  /// The event counts of a mapping that demands `demand` and takes `cycles`.
  EventCounts counts(const Share &share, const RowTiling &rows, const Demand &demand,
                     int64_t cycles) const;
  EventCounts counts(const Share &share, bool resident, const Reuse &reuse,
                     const RowTiling &rows) const {
    Demand d = demand(share, resident, reuse, rows);
    return counts(share, rows, d, cycles(d));
  }

private:
  bool parametersCross;     ///< the stationary operand is a parameter
  int64_t residentElements; ///< A, a stationary activation, and what else is live
  int64_t bytesA, bytesW;   ///< operands, once
  /// Bytes that a mapping that is not resident moves out of the global buffer before and into it
  /// afterwards: where everything fits, the operators around keep it there.
  int64_t displacedOut = 0, displacedIn = 0;
  double dramCyclesPerByte;
  int64_t fillCycles, drainCycles, vectorCycles;

  /// Cycles before and after those in which the bottleneck is busy.
  int64_t idleCycles(const Demand &d) const {
    return fillCycles + drainCycles + (d.dramRead + d.dramWritten ? machine.dram.latencyCycles : 0);
  }
};

} // namespace cat::cost

#endif // CATC_COST_GEMMMODEL_H
