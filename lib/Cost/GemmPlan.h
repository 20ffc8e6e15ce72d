//===- GemmPlan.h - How a GEMM is laid out over time ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What follows from a GEMM's descriptor by arithmetic alone: shares of the clusters, chunks,
// blocks, bytes of each stream, slots. The closed form, the row-exact model, the registers and the
// layouts of operands all start from it.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_GEMMPLAN_H
#define CATC_COST_GEMMPLAN_H

#include "Cost/Hardware.h"
#include <optional>
#include <string>

namespace cat::cost {

/// Rows of W bytes in front of each column step's weights: per lane, eight bytes of bias and
/// requantisation constants.
constexpr int64_t ParameterRows = 8;
/// Frames after which the assignment of read slots to streams repeats.
constexpr int64_t SlotPeriod = 8;

/// The most that the descriptor's 16-bit fields hold: batch items, chunks, column and depth steps;
/// columns of a vector operator.
constexpr int64_t MostCounted = 65535;
/// The most that its 24-bit fields hold: rows and words of a segment, groups of a cluster's rows.
constexpr int64_t MostInSegment = (int64_t{1} << 24) - 1;
/// The most words that DRAM addresses reach.
constexpr int64_t MostDramWords = int64_t{1} << 32;

/// One cluster's part of the loops.
struct GemmShare {
  int64_t batch = 0, chunks = 0, columnSteps = 0;
  int64_t lastRows = 0; ///< rows of the last chunk
};

struct GemmPlan {
  /// A descriptor that checkGemm accepts.
  GemmPlan(const HardwareParameters &hardware, const GemmDescriptor &gemm);

  int64_t active = 1;       ///< clusters with work; the last of them has the share `last`
  GemmShare full, last;     ///< equal where active == 1
  int64_t depthSteps = 0;   ///< Kt
  int64_t rows = 0;         ///< of a chunk that is not the last
  int64_t blocks = 1;       ///< barriers between which parameters stay
  int64_t blockColumns = 0; ///< column steps of a cluster in a block that is not the last
  int64_t frame = 1;        ///< cycles between two slots of a cluster: F
  int64_t weightSlots = 4;  ///< of eight frames
  int64_t tileWords = 0;    ///< words of a column step's constants and weights

  /// Column steps in block `block` of a cluster that has `columnSteps` in all.
  int64_t columnsIn(int64_t block, int64_t columnSteps) const {
    int64_t left = columnSteps - block * blockColumns;
    return left < 0 ? 0 : left < blockColumns ? left : blockColumns;
  }
  /// Words of parameters that block `block` brings from DRAM.
  int64_t blockWords(int64_t block) const {
    return ((columnClusters - 1) * columnsIn(block, full.columnSteps) +
            columnsIn(block, last.columnSteps)) *
           tileWords;
  }
  /// Bit f: the read slot of frame f (modulo SlotPeriod) belongs to the weight stream.
  uint8_t slotMask() const;

private:
  int64_t columnClusters = 1; ///< clusters with column steps of their own
};

/// Rows of equal chunks of at most `capacity` rows.
inline int64_t equalChunk(int64_t rows, int64_t capacity) {
  int64_t chunks = (rows + capacity - 1) / capacity;
  return (rows + chunks - 1) / chunks;
}

/// Rows that a chunk may have: the accumulators', and what the input half of the local SRAM holds,
/// over the whole depth for Hold::Input. Zero if not even one row fits.
int64_t chunkCapacity(const HardwareParameters &hardware, int64_t k, Hold hold);

/// Why the machine cannot run this GEMM with this mapping, apart from the global buffer's capacity,
/// or nothing.
std::optional<std::string> checkGemm(const HardwareParameters &hardware,
                                     const GemmDescriptor &gemm);

} // namespace cat::cost

#endif // CATC_COST_GEMMPLAN_H
