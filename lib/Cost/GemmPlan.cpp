//===- GemmPlan.cpp - How a GEMM is laid out over time --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/GemmPlan.h"
#include "Cost/HardwareMath.h"
#include <algorithm>

using namespace cat;
using namespace cat::cost;

/// `total` in equal parts for at most `clusters` clusters, a power of two: the number of parts, of
/// the others and of the last.
static int64_t split(int64_t total, int64_t clusters, int64_t &part, int64_t &rest) {
  part = shiftUp(total, log2Of(clusters));
  int64_t parts = (clusters - 1) * part < total ? clusters : divideUp(total, part);
  rest = total - (parts - 1) * part;
  return parts;
}

GemmPlan::GemmPlan(const HardwareParameters &hw, const GemmDescriptor &gemm) {
  int64_t logW = log2Of(hw.width), logD = log2Of(hw.depth), logG = log2Of(hw.wordBytes);
  depthSteps = shiftUp(gemm.k, logD);
  rows = gemm.chunkRows;

  int64_t columns = shiftUp(gemm.n, logW);
  int64_t m = gemm.m, lastM = gemm.m;
  full.batch = last.batch = gemm.batch;
  full.columnSteps = last.columnSteps = columns;
  switch (gemm.split) {
  case ClusterSplit::None:
    break;
  case ClusterSplit::Rows:
    active = split(gemm.m, hw.clusters, m, lastM);
    break;
  case ClusterSplit::Columns:
    columnClusters = active = split(columns, hw.clusters, full.columnSteps, last.columnSteps);
    break;
  case ClusterSplit::Batch:
    active = split(gemm.batch, hw.clusters, full.batch, last.batch);
    break;
  }
  full.chunks = divideUp(m, rows);
  full.lastRows = m - (full.chunks - 1) * rows;
  last.chunks = lastM > (full.chunks - 1) * rows ? full.chunks : divideUp(lastM, rows);
  last.lastRows = lastM - (last.chunks - 1) * rows;

  const GemmShare &busiest = active > 1 ? full : last;
  blockColumns =
      gemm.parameters ? std::min(gemm.blockColumns, busiest.columnSteps) : busiest.columnSteps;
  blocks = divideUp(busiest.columnSteps, blockColumns);

  frame = std::max(active, hw.linkCycles());
  tileWords = shiftUp((ParameterRows + (depthSteps << logD)) << logW, logG);

  // Read slots in proportion to the words of a whole block.
  int64_t passes = busiest.chunks * blockColumns;
  int64_t chunkWords = shiftUp(depthSteps * rows << logD, logG);
  int64_t w = tileWords * (gemm.hold == Hold::Weight ? blockColumns : passes);
  int64_t a = chunkWords * (gemm.hold == Hold::Input ? busiest.chunks : passes);
  int64_t r = gemm.residual ? shiftUp(rows << logW, logG) * passes : 0;
  int64_t all = w + a + r;
  weightSlots = std::clamp((2 * SlotPeriod * w + all) / (2 * all), int64_t{1}, SlotPeriod - 1);
}

uint8_t GemmPlan::slotMask() const {
  unsigned mask = 0;
  for (int64_t f = 0; f < SlotPeriod; ++f)
    if (f * weightSlots % SlotPeriod < weightSlots)
      mask |= 1u << f;
  return static_cast<uint8_t>(mask);
}

int64_t cost::chunkCapacity(const HardwareParameters &hw, int64_t k, Hold hold) {
  // A residual row comes behind the last depth step's input, all of which must find room before.
  int64_t rows = hold == Hold::Input ? hw.inputWords / divideUp(k, hw.depth) : hw.inputWords;
  return std::min(hw.accumulatorRows, rows);
}

std::optional<std::string> cost::checkGemm(const HardwareParameters &hw,
                                           const GemmDescriptor &gemm) {
  if (gemm.batch < 1 || gemm.m < 1 || gemm.n < 1 || gemm.k < 1)
    return "a GEMM of size zero";
  if (gemm.parameters && gemm.batch != 1)
    return "parameters are shared by all items of a batch: make the batch part of the rows";
  // K products of at most 128 * 128; the bias is added with a bit more.
  if (gemm.k >= (int64_t{1} << 31) / (128 * 128))
    return "a depth of " + std::to_string(gemm.k) + " does not fit the 32-bit accumulators";
  int64_t capacity = chunkCapacity(hw, gemm.k, gemm.hold);
  if (gemm.chunkRows < 1 || gemm.chunkRows > capacity)
    return "chunks of " + std::to_string(gemm.chunkRows) + " rows; " + std::to_string(capacity) +
           " fit";
  // The register block's counters and addresses.
  const int64_t depthSteps = divideUp(gemm.k, hw.depth), columnSteps = divideUp(gemm.n, hw.width);
  if (gemm.batch > MostCounted || divideUp(gemm.m, gemm.chunkRows) > MostCounted ||
      columnSteps > MostCounted || depthSteps > MostCounted)
    return "more than " + std::to_string(MostCounted) +
           " items, chunks, column steps or depth steps, which the register block cannot count";
  const int64_t tileRows = ParameterRows + depthSteps * hw.depth;
  auto words = [&](int64_t bytes) { return divideUp(bytes, hw.wordBytes); };
  if (std::max({depthSteps * gemm.chunkRows, words(depthSteps * gemm.chunkRows * hw.depth),
                words(gemm.chunkRows * hw.width), tileRows, words(tileRows * hw.width)}) >
      MostInSegment)
    return "a chunk's rows or a column step's weights are more than " +
           std::to_string(MostInSegment) + ", which the register block cannot count";
  if (gemm.parameters && columnSteps * words(tileRows * hw.width) > MostDramWords)
    return "the parameters take more than the " + std::to_string(MostDramWords) +
           " words of DRAM that the register block can address";
  if (gemm.hold == Hold::Weight && hw.weightRows < tileRows)
    return "the weights of a column step do not fit the weight half of the local SRAM";
  if (gemm.blockColumns < 1)
    return "a block of no column step";
  return std::nullopt;
}
