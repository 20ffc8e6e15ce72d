//===- Mapping.cpp - The best mapping of a GEMM -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What can be mapped is a small set, so that the best of it is found by looking at each. Bounds
// leave out what cannot be the best: the array alone takes so long, and so do the first block of
// parameters and the copies around a part.
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/Energy.h"
#include "Cost/GemmModel.h"
#include "Cost/HardwareMath.h"
#include <algorithm>
#include <limits>

using namespace cat;
using namespace cat::cost;

namespace {

constexpr ClusterSplit kSplits[] = {ClusterSplit::None, ClusterSplit::Rows, ClusterSplit::Columns,
                                    ClusterSplit::Batch};
constexpr Hold kHolds[] = {Hold::Input, Hold::Weight, Hold::Neither};

class MappingSearch {
public:
  MappingSearch(const Machine &machine, const Gemm &gemm)
      : model(machine, gemm), hardware(model.hardware), gemm(gemm) {}

  std::optional<Mapping> run() {
    if (model.fitsWhole())
      searchPart(Mapping(), model.whole(), 0);
    // Otherwise all operands cross, parameters too, and the clusters still work.
    const int64_t around = model.displacedCycles();
    const int64_t copies = model.partCopyCycles(model.whole(), true);
    if (!best || around + copies + std::max(leastWhole, model.loadCycles()) <= bestCycles)
      searchBlocks(around);
    return best;
  }

private:
  const GemmModel model;
  const HardwareParameters &hardware;
  const Gemm &gemm;
  std::optional<Mapping> best;
  int64_t bestCycles = std::numeric_limits<int64_t>::max();
  /// What the clusters take at least for all rows, in whatever parts.
  int64_t leastWhole = std::numeric_limits<int64_t>::max();
  std::optional<double> bestEnergy; ///< looked up at the first tie

  double energyOf(const Mapping &mapping, int64_t cycles) const {
    return EnergyRates(model.machine).dynamic(model.counts(mapping, cycles)).total().value();
  }

  void offer(const Mapping &mapping, int64_t cycles) {
    if (cycles > bestCycles)
      return;
    if (cycles == bestCycles) {
      if (!bestEnergy)
        bestEnergy = energyOf(*best, bestCycles);
      double energy = energyOf(mapping, cycles);
      if (energy >= *bestEnergy)
        return;
      bestEnergy = energy;
    } else {
      bestEnergy.reset();
    }
    best = mapping;
    bestCycles = cycles;
  }

  /// Mappings that are not resident, the biggest blocks first.
  void searchBlocks(int64_t around) {
    Mapping mapping;
    mapping.resident = false;
    auto search = [&](int64_t batch, int64_t rows) {
      mapping.blockBatch = batch;
      mapping.blockRows = rows;
      const Parts parts = model.parts(mapping);
      int64_t copies = parts.groups * parts.full * model.partCopyCycles(parts.block, false);
      if (around + copies <= bestCycles)
        searchPart(mapping, parts.block, around + copies);
    };
    for (int64_t batch = gemm.batch; batch; batch = largestPowerBelow(batch))
      search(batch, gemm.m);
    for (int64_t rows = largestPowerBelow(gemm.m); rows; rows = largestPowerBelow(rows))
      search(1, rows);
  }

  static int64_t largestPowerBelow(int64_t x) {
    int64_t power = 1;
    while (power * 2 < x)
      power *= 2;
    return power < x ? power : 0;
  }

  /// Mappings in parts like `part`, which take at least `around` cycles beside their runs. Of the
  /// largest chunks those that may take the fewest cycles are looked at first.
  void searchPart(Mapping mapping, const Part &part, int64_t around) {
    const Parts parts = model.parts(mapping);
    const int64_t runs = parts.groups * parts.full;
    struct Candidate {
      ClusterSplit split;
      Hold hold;
      int64_t rows, chunkRows, least;
    };
    Candidate candidates[3 * 3];
    size_t count = 0;
    for (ClusterSplit split : kSplits)
      if (model.splits(part, split))
        for (Hold hold : kHolds)
          if (int64_t most = model.declares(hold) ? chunkCapacity(hardware, gemm.k, hold) : 0) {
            const int64_t rows =
                split == ClusterSplit::Rows ? divideUp(part.rows, hardware.clusters) : part.rows;
            const int64_t chunk = equalChunk(rows, most);
            candidates[count++] = {split, hold, rows, chunk,
                                   model.leastCycles(part, split, hold, chunk)};
          }
    if (mapping.resident)
      for (size_t i = 0; i != count; ++i)
        leastWhole = std::min(leastWhole,
                              candidates[i].least - model.partingCycles(part, candidates[i].split,
                                                                        candidates[i].chunkRows));
    auto search = [&](const Candidate &c) {
      if (around + runs * c.least > bestCycles)
        return;
      mapping.split = c.split;
      mapping.hold = c.hold;
      mapping.chunkRows = c.chunkRows;
      searchColumns(mapping, part, around, runs, c.least);
    };
    for (size_t i = 0; i != count; ++i) {
      for (size_t j = i + 1; j != count; ++j)
        if (candidates[j].least < candidates[i].least)
          std::swap(candidates[i], candidates[j]);
      search(candidates[i]);
    }
    // Of a held input more chunks than necessary, those of a smaller local SRAM: then more of it is
    // never worse.
    for (size_t i = 0; i != count; ++i) {
      Candidate &c = candidates[i];
      HardwareParameters smaller = hardware;
      while (c.hold == Hold::Input && (smaller.inputWords /= 2)) {
        const int64_t most = chunkCapacity(smaller, gemm.k, c.hold);
        if (!most)
          break;
        const int64_t chunk = equalChunk(c.rows, most);
        if (chunk == c.chunkRows)
          continue;
        c.chunkRows = chunk;
        c.least = model.leastCycles(part, c.split, c.hold, chunk);
        search(c);
      }
    }
  }

  /// Every block of columns, where each of `runs` runs takes at least `least` cycles beside the
  /// first block's way from DRAM.
  void searchColumns(Mapping &mapping, const Part &part, int64_t around, int64_t runs,
                     int64_t least) {
    const bool parameters = gemm.stationary == Stationary::Parameter;
    const bool shared = mapping.split == ClusterSplit::Columns;
    const int64_t steps = model.columnSteps();
    const int64_t columns = shared ? divideUp(steps, hardware.clusters) : steps;
    const int64_t clusters = model.columnClusters(mapping.split);
    auto load = [&](int64_t n) { return dramCycles(hardware, n * model.tileWords()); };
    mapping.blockColumns = parameters ? 1 : columns;
    GemmDescriptor run = model.descriptor(mapping, part);
    if (checkGemm(hardware, run))
      return;
    for (;; mapping.blockColumns = run.blockColumns = std::min(2 * run.blockColumns, columns)) {
      const int64_t block = mapping.blockColumns;
      if (parameters) {
        // The clusters wait for the first block, and work on the last one after it has come.
        const int64_t last = (columns - 1) % block + 1;
        const int64_t first = load(std::min(block * clusters, steps));
        if (around + runs * (least + first) > bestCycles)
          return;
        if (around + runs * (model.loadCycles() + least / columns * last) > bestCycles) {
          if (block == columns)
            return;
          continue;
        }
      }
      const GemmPlan plan(hardware, run);
      mapping.serial = false;
      if (model.fits(mapping, run, plan))
        offer(mapping,
              mapping.resident ? model.startCycles(run, plan) : model.machineCycles(mapping));
      if (block == columns)
        return;
      // One after the other, which seldom pays where two have room: all loads, and all blocks but
      // the last.
      if (around + runs * (model.loadCycles() + least / columns * (columns / block * block)) >
          bestCycles)
        continue;
      mapping.serial = true;
      if (model.fits(mapping, run, plan))
        offer(mapping, model.machineCycles(mapping));
    }
  }
};

} // namespace

std::optional<Mapping> cost::mapGemm(const Machine &machine, const Gemm &gemm) {
  return MappingSearch(machine, gemm).run();
}

std::string cost::whyUnmappable(const Machine &machine, const Gemm &gemm) {
  GemmDescriptor least;
  least.m = least.n = least.chunkRows = least.blockColumns = 1;
  least.k = gemm.k;
  HardwareParameters roomy = HardwareParameters::fromMachine(machine);
  roomy.inputWords = roomy.weightRows = int64_t(1) << 40;
  if (std::optional<std::string> problem = checkGemm(roomy, least))
    return *problem + "; make the model smaller";
  // The first memory that helps, and how much of it.
  constexpr int kDoublings = 20;
  Machine more = machine;
  for (int i = 0; i != kDoublings; ++i) {
    more.global.capacity *= 2;
    if (mapGemm(more, gemm))
      return "the global buffer of " + std::to_string(machine.global.capacity) +
             " bytes has no room for a block of activations and one of parameters; raise its "
             "'capacity' to " +
             std::to_string(more.global.capacity) + ", or make the array's 'width' smaller";
  }
  for (int i = 0; i != kDoublings; ++i) {
    more.local.capacity *= 2;
    if (mapGemm(more, gemm))
      return "the local SRAM of " + std::to_string(machine.local.capacity) +
             " bytes cannot hold what its 'orders' say; raise its 'capacity' to " +
             std::to_string(more.local.capacity) + ", or add \"output\" to them";
  }
  return "no mapping is legal, whatever its memories";
}

bool cost::isLegal(const Machine &machine, const Gemm &gemm, const Mapping &mapping) {
  GemmModel model(machine, gemm);
  if (!model.declares(mapping.hold))
    return false;
  if (!mapping.resident &&
      (mapping.blockBatch < 1 || mapping.blockBatch > gemm.batch || mapping.blockRows < 1 ||
       mapping.blockRows > gemm.m || (mapping.blockBatch > 1 && mapping.blockRows != gemm.m)))
    return false;
  const Parts parts = model.parts(mapping);
  if (!model.splits(parts.block, mapping.split))
    return false;
  auto runs = [&](const Part &part) {
    GemmDescriptor d = model.descriptor(mapping, part);
    return !checkGemm(model.hardware, d) && model.fits(mapping, d, GemmPlan(model.hardware, d));
  };
  return runs(parts.block) && (!parts.hasRest() || runs(parts.rest));
}

EventCounts cost::countGemm(const Machine &machine, const Gemm &gemm, const Mapping &mapping) {
  GemmModel model(machine, gemm);
  return model.counts(mapping, model.cycles(mapping));
}
