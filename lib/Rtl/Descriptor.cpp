//===- Descriptor.cpp - What the register block is told -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Descriptor.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModelVector.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::rtl;
using namespace cat::cost;

namespace {

/// Hands out whole banks, one after the other.
class Banks {
public:
  explicit Banks(const HardwareParameters &hw)
      : bankWords(hw.globalBytes / kGlobalBanks / hw.wordBytes) {}

  int64_t take(int64_t words) {
    int64_t first = used * bankWords;
    used += divideUp(words, bankWords);
    return first;
  }
  bool fit() const { return used <= kGlobalBanks; }
  std::string shortage() const {
    return "the operands take " + std::to_string(used) + " of the global buffer's " +
           std::to_string(kGlobalBanks) + " banks";
  }

private:
  int64_t bankWords, used = 0;
};

/// A value of a field of so many bits, which checkGemm and whyNotRun keep in its range.
uint32_t field(int64_t value, int bits) {
  CATC_CHECK(value >= 0 && value >> bits == 0, "a descriptor's field overflows");
  return static_cast<uint32_t>(value);
}

uint32_t halves(int64_t low, int64_t high) { return field(low, 16) | field(high, 16) << 16; }

uint32_t clusters(int64_t active, int64_t frame, uint8_t slotMask) {
  return field(active, 8) | field(frame, 16) << 8 | uint32_t{slotMask} << 24;
}

} // namespace

static int64_t segmentWords(const HardwareParameters &hw, int64_t bytes) {
  return divideUp(bytes, hw.wordBytes);
}

Result<GemmLayout> rtl::layoutGemm(const HardwareParameters &hw, const GemmDescriptor &gemm,
                                   const GemmPlan &plan) {
  GemmLayout layout;
  bool rows = gemm.split == ClusterSplit::Rows, columns = gemm.split == ClusterSplit::Columns;
  layout.chunks = (rows ? (plan.active - 1) * plan.full.chunks : 0) + plan.last.chunks;
  layout.columnSteps =
      (columns ? (plan.active - 1) * plan.full.columnSteps : 0) + plan.last.columnSteps;
  layout.inputWords = segmentWords(hw, plan.depthSteps * plan.rows * hw.depth);
  layout.tileWords = plan.tileWords;
  layout.resultWords = segmentWords(hw, plan.rows * hw.width);

  int64_t results = gemm.batch * layout.chunks * layout.columnSteps * layout.resultWords;
  Banks banks(hw);
  layout.input = banks.take(gemm.batch * layout.chunks * layout.inputWords);
  layout.results = banks.take(results);
  if (gemm.residual)
    layout.residual = banks.take(results);
  if (gemm.parameters) {
    for (int64_t block = 0; block < plan.blocks; ++block)
      layout.dramWords += plan.blockWords(block);
    layout.weights[0] = banks.take(plan.blockWords(0));
    if (plan.blocks > 1)
      layout.weights[1] = banks.take(plan.blockWords(0));
  } else {
    layout.weights[0] = banks.take(gemm.batch * layout.columnSteps * layout.tileWords);
  }
  if (!banks.fit())
    return Fault{banks.shortage()};
  return layout;
}

Descriptor rtl::describe(const HardwareParameters &hw, const GemmDescriptor &gemm,
                         const GemmPlan &plan, const GemmLayout &layout,
                         const int8::Addition &addition, int64_t dramBase) {
  Descriptor d = {};
  auto set = [&](DescriptorWord word, int64_t value, int bits = 32) {
    d[word] = field(value, bits);
  };
  bool rows = gemm.split == ClusterSplit::Rows, columns = gemm.split == ClusterSplit::Columns;
  bool batch = gemm.split == ClusterSplit::Batch;
  const GemmShare &full = plan.full, &last = plan.last;

  set(Operation, static_cast<int64_t>(gemm.hold) << 2 | (gemm.parameters ? 1 << 4 : 0) |
                     (gemm.residual ? 1 << 5 : 0) | (gemm.table ? 1 << 6 : 0));
  d[Clusters] = clusters(plan.active, plan.frame, plan.slotMask());
  d[LoopsOthers] = halves(full.batch, full.chunks);
  d[LoopsLast] = halves(last.batch, last.chunks);
  set(ChunkRows, plan.rows, 16);
  d[ChunkRowsEnd] = halves(full.lastRows, last.lastRows);
  set(DepthSteps, plan.depthSteps, 16);
  d[ColumnSteps] = halves(plan.active > 1 ? full.columnSteps : 0, last.columnSteps);
  d[Blocks] = halves(plan.blocks, plan.blockColumns);

  int64_t inputBatch = layout.chunks * layout.inputWords;
  set(ABase, layout.input);
  set(ACluster, rows ? full.chunks * layout.inputWords : batch ? full.batch * inputBatch : 0);
  set(ABatch, inputBatch);
  set(AChunk, layout.inputWords);
  set(ABeats, plan.depthSteps * plan.rows, 24);
  set(ABeatsEndOthers, plan.depthSteps * full.lastRows, 24);
  set(ABeatsEndLast, plan.depthSteps * last.lastRows, 24);

  int64_t weightBatch = layout.columnSteps * layout.tileWords;
  int64_t lastColumns = plan.columnsIn(plan.blocks - 1, full.columnSteps);
  set(WBaseEven, layout.weights[0]);
  set(WBaseOdd, layout.weights[1]);
  set(WCluster, columns ? plan.blockColumns * layout.tileWords
                : batch ? full.batch * weightBatch
                        : 0);
  set(WClusterEnd, columns ? lastColumns * layout.tileWords : d[WCluster]);
  set(WBatch, weightBatch);
  set(WTile, layout.tileWords);
  set(WBeats, ParameterRows + plan.depthSteps * hw.depth, 24);

  int64_t resultChunk = layout.columnSteps * layout.resultWords;
  int64_t resultBatch = layout.chunks * resultChunk;
  int64_t resultCluster = rows      ? full.chunks * resultChunk
                          : columns ? full.columnSteps * layout.resultWords
                          : batch   ? full.batch * resultBatch
                                    : 0;
  set(RBase, layout.residual);
  set(RCluster, resultCluster);
  set(ZBase, layout.results);
  set(ZCluster, resultCluster);
  set(ZBatch, resultBatch);
  set(ZChunk, resultChunk);
  set(ZTile, layout.resultWords);
  set(ZBlock, plan.blockColumns * layout.resultWords);

  int64_t others = columns ? plan.active - 1 : 0;
  set(DramBase, dramBase);
  set(DmaOthers, others * plan.blockColumns * layout.tileWords);
  set(DmaOthersEnd, others * lastColumns * layout.tileWords);
  set(DmaWhole, plan.blockColumns * layout.tileWords);
  set(DmaPart, last.columnSteps % plan.blockColumns * layout.tileWords);

  d[AddMultipliers] = halves(addition.multiplierA, addition.multiplierB);
  d[AddOffset] = static_cast<uint32_t>(addition.offset);
  return d;
}

Descriptor rtl::describe(const HardwareParameters &hw, const CopyDescriptor &copy,
                         int64_t bufferBase, int64_t dramBase) {
  Descriptor d = {};
  d[Operation] = 2u | (copy.toDram ? 1u << 7 : 0);
  d[ABase] = field(bufferBase, 32);
  d[DramBase] = field(dramBase, 32);
  d[DmaOthers] = field(segmentWords(hw, copy.bytes), 32);
  return d;
}

Result<VectorLayout> rtl::layoutVector(const HardwareParameters &hw,
                                       const VectorDescriptor &vector) {
  VectorLayout layout;
  layout.rows = divideUp(vector.rows, hw.clusters);
  layout.active = divideUp(vector.rows, layout.rows);
  layout.lastRows = vector.rows - (layout.active - 1) * layout.rows;
  VectorWork work{vector.function, layout.rows, vector.columns, hw.vectorLanes};
  layout.headerWords = segmentWords(hw, work.headerGroups() * hw.vectorLanes);
  layout.inputWords = segmentWords(hw, layout.rows * work.rowInputGroups() * hw.vectorLanes);
  layout.resultWords = segmentWords(hw, work.outputGroups() * hw.vectorLanes);
  Banks banks(hw);
  layout.header = banks.take(layout.headerWords);
  layout.input = banks.take(layout.active * layout.inputWords);
  layout.results = banks.take(layout.active * layout.resultWords);
  if (!banks.fit())
    return Fault{banks.shortage()};
  return layout;
}

Descriptor rtl::describe(const HardwareParameters &hw, const VectorDescriptor &vector,
                         const VectorLayout &layout) {
  Descriptor d = {};
  auto set = [&](DescriptorWord word, int64_t value, int bits = 32) {
    d[word] = field(value, bits);
  };
  VectorWork work{vector.function, layout.rows, vector.columns, hw.vectorLanes};
  VectorWork last{vector.function, layout.lastRows, vector.columns, hw.vectorLanes};
  set(Operation, 1 | static_cast<int64_t>(vector.function) << 8);
  d[Clusters] = clusters(layout.active, std::max(layout.active, hw.linkCycles()), 0);
  d[LoopsOthers] = d[LoopsLast] = halves(1, 1);
  d[ColumnSteps] = halves(1, 1);
  d[Blocks] = halves(1, 1);
  set(ABase, layout.header);
  set(ABeatsEndOthers, work.headerGroups(), 24);
  set(ABeatsEndLast, work.headerGroups(), 24);
  set(RBase, layout.input);
  set(RCluster, layout.inputWords);
  set(ZBase, layout.results);
  set(ZCluster, layout.resultWords);
  set(VRowsOthers, layout.rows);
  set(VRowsLast, layout.lastRows);
  set(VColumns, vector.columns, 16);
  set(VInOthers, layout.rows * work.rowInputGroups(), 24);
  set(VInLast, layout.lastRows * work.rowInputGroups(), 24);
  set(VOutOthers, work.outputGroups(), 24);
  set(VOutLast, last.outputGroups(), 24);
  return d;
}
