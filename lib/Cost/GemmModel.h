//===- GemmModel.h - What a mapping of a GEMM costs -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one formula behind countGemm, isLegal and mapGemm. A mapping runs the GEMM in one or more
// parts (blocks of activations). Each part is one start of the emitted machine: its cycles are the
// closed form's (ClosedForm.h), and the words that it moves follow from its plan (GemmPlan.h).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_GEMMMODEL_H
#define CATC_COST_GEMMMODEL_H

#include "Cost/Cost.h"
#include "Cost/GemmPlan.h"
#include "Cost/Starts.h"

namespace cat::cost {

/// What is run at once: batch items, or rows of one.
struct Part {
  int64_t batch = 0, rows = 0;
};

/// The parts of a GEMM: `full` equal ones, then `rest` if it has work; so for each group. Blocks of
/// rows are grouped by batch item.
struct Parts {
  Part block, rest;
  int64_t full = 0, groups = 1;
  bool hasRest() const { return rest.batch && rest.rows; }
};

/// Words of the global buffer that each operand of a part takes.
struct Footprint {
  int64_t input = 0, results = 0, stationary = 0;
};

class GemmModel {
public:
  GemmModel(const Machine &machine, const Gemm &gemm);

  const Machine &machine;
  const Gemm &gemm;
  const HardwareParameters hardware;

  Part whole() const { return {gemm.batch, gemm.m}; }
  Parts parts(const Mapping &mapping) const;

  /// What the register block is told for one part, all columns.
  GemmDescriptor descriptor(const Mapping &mapping, const Part &part) const;
  /// Calls fn(descriptor, times) for the starts of one part: one, or those of a serial mapping.
  template <typename Fn> void forEachStart(const Mapping &mapping, const Part &part, Fn fn) const {
    GemmDescriptor d = descriptor(mapping, part);
    if (!mapping.serial)
      return fn(d, int64_t(1));
    // As many as overlapping blocks have, on the same clusters: that is never slower.
    const int64_t columns = mapping.blockColumns * columnClusters(mapping.split) * hardware.width,
                  full = gemm.n / columns;
    d.n = columns;
    if (full)
      fn(d, full);
    d.n = gemm.n - full * columns;
    if (d.n)
      fn(d, int64_t(1));
  }

  bool declares(Hold hold) const;
  /// True if clusters can share a part so: one cluster shares nothing, and an item is not split
  /// into items.
  bool splits(const Part &part, ClusterSplit split) const;

  /// True if operands, results, blocks of parameters and what else must be there have room in the
  /// global buffer, each in banks of its own.
  bool fits(const Mapping &mapping, const GemmDescriptor &part, const GemmPlan &plan) const;
  /// True if all activations and what else is live fit the global buffer, beside the parameters of
  /// a column step: then other operators keep them there.
  bool fitsWhole() const { return whole_; }

  /// Cycles of one start of the machine.
  int64_t startCycles(const GemmDescriptor &start, const GemmPlan &plan) const;
  /// What the runs of a part take at least on the busiest cluster, whatever the blocks of columns:
  /// its array, its slots for reading weights and input and for writing results.
  int64_t leastCycles(const Part &part, ClusterSplit split, Hold hold, int64_t chunkRows) const;
  /// The most by which parts of the rows that divide better into chunks may be below leastCycles:
  /// the array waits for one tile of weights less, and each stream has a broken word less.
  int64_t partingCycles(const Part &part, ClusterSplit split, int64_t chunkRows) const;
  /// Cycles of all parameters' way from DRAM.
  int64_t loadCycles() const;
  int64_t columnSteps() const { return columnSteps_; }
  /// Clusters with column steps of their own.
  int64_t columnClusters(ClusterSplit split) const {
    if (split != ClusterSplit::Columns)
      return 1;
    const int64_t each = (columnSteps_ + hardware.clusters - 1) / hardware.clusters;
    return (columnSteps_ + each - 1) / each;
  }
  int64_t tileWords() const { return tileWords_; }
  /// Cycles of the copies around a part of a mapping that is not resident. `first`: it brings an
  /// item's stationary activation.
  int64_t partCopyCycles(const Part &part, bool first) const;
  /// Cycles in which what other operators keep on chip makes room for such a mapping, and returns.
  int64_t displacedCycles() const;

  /// Cycles of a mapping on the emitted machine.
  int64_t machineCycles(const Mapping &mapping) const;
  /// The starts that machineCycles is the sum of: runs of parts, and the copies around them.
  std::vector<Starts> starts(const Mapping &mapping) const;
  /// The same, or what another timing model that the machine declares says of it.
  int64_t cycles(const Mapping &mapping) const {
    return machine.timing == TimingModel::Template ? machineCycles(mapping)
                                                   : scaleSimCycles(mapping.split);
  }
  /// The event counts of a mapping that takes `cycles`.
  EventCounts counts(const Mapping &mapping, int64_t cycles) const;

private:
  /// The busiest cluster's part of a part.
  struct Share {
    int64_t batch, rows, columns, active;
  };
  Share share(const Part &part, ClusterSplit split) const;

  bool parameters_; ///< the stationary operand crosses from DRAM
  bool whole_ = false;
  int64_t columnSteps_, depthSteps_;           ///< ceil(N/W), ceil(K/D)
  int64_t tileWords_;                          ///< of a column step's constants and weights
  int64_t displacedOut_ = 0, displacedIn_ = 0; ///< words

  /// SCALE-Sim v3 (Raj et al., ISPASS 2025) without stalls: folds of an array of D rows and W
  /// columns, each loaded, streamed and drained by itself.
  int64_t scaleSimCycles(ClusterSplit split) const;
  /// Elements that are live beside the GEMM's operands.
  int64_t otherLive() const;
  int64_t words(int64_t bytes) const;
  int64_t banks(int64_t words) const;
  int64_t transfer(int64_t words) const;
  /// Words of a part as one stream in and one out.
  Footprint packed(const Part &part) const;
  Footprint footprint(const GemmDescriptor &part, const GemmPlan &plan) const;
  void addStart(EventCounts &c, const GemmDescriptor &start, int64_t times) const;
  void addCopy(EventCounts &c, int64_t wordsIn, int64_t wordsOut, int64_t times) const;
};

} // namespace cat::cost

#endif // CATC_COST_GEMMMODEL_H
