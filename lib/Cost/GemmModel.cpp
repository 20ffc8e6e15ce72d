//===- GemmModel.cpp - What a mapping of a GEMM costs -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/GemmModel.h"
#include "Cost/ClosedForm.h"
#include "Cost/HardwareMath.h"
#include "Support/Check.h"
#include <algorithm>

using namespace cat;
using namespace cat::cost;

GemmModel::GemmModel(const Machine &machine, const Gemm &gemm)
    : machine(machine), gemm(gemm), hardware(HardwareParameters::fromMachine(machine)) {
  CATC_CHECK(gemm.m > 0 && gemm.n > 0 && gemm.k > 0 && gemm.batch > 0,
             "a GEMM needs positive sizes");
  // Every count is at most a few dozen times MACs times trips, so this keeps all of them in 64
  // bits.
  CATC_CHECK(static_cast<__int128>(gemm.m + 1) * (gemm.n + 1) * (gemm.k + 1) * gemm.batch <
                 (__int128(1) << 50),
             "a GEMM of more than 2^50 multiply-accumulates");
  parameters_ = gemm.stationary == Stationary::Parameter;
  columnSteps_ = divideUp(gemm.n, hardware.width);
  depthSteps_ = divideUp(gemm.k, hardware.depth);
  tileWords_ = words((ParameterRows + depthSteps_ * hardware.depth) * hardware.width);
  const Footprint all = packed(whole());
  whole_ = banks(all.input) + banks(all.stationary) + banks(all.results) +
               banks(words(gemm.liveElements)) + (parameters_ ? banks(tileWords_) : 0) <=
           kGlobalBanks;
  if (whole_) {
    displacedOut_ = all.input + all.stationary + words(gemm.liveElements);
    displacedIn_ = all.results + words(otherLive());
  }
}

int64_t GemmModel::otherLive() const {
  return std::max<int64_t>(0, gemm.liveElements - (gemm.residual ? gemm.results() : 0));
}

int64_t GemmModel::words(int64_t bytes) const { return divideUp(bytes, hardware.wordBytes); }

int64_t GemmModel::banks(int64_t words) const {
  return divideUp(words * hardware.wordBytes * kGlobalBanks, hardware.globalBytes);
}

int64_t GemmModel::transfer(int64_t words) const {
  return words ? copyCycles(hardware, {words * hardware.wordBytes, false}) : 0;
}

Footprint GemmModel::packed(const Part &part) const {
  Footprint f;
  f.input = words(part.batch * part.rows * depthSteps_ * hardware.depth);
  f.results = words(part.batch * part.rows * columnSteps_ * hardware.width);
  f.stationary = parameters_ ? 0 : part.batch * columnSteps_ * tileWords_;
  return f;
}

/// Segments of equal size, that of a whole chunk: one of each chunk of rows, and one of its results
/// in each column step. Clusters that share columns read the same rows.
Footprint GemmModel::footprint(const GemmDescriptor &part, const GemmPlan &plan) const {
  const bool rows = part.split == ClusterSplit::Rows;
  const int64_t chunks = (rows ? (plan.active - 1) * plan.full.chunks : 0) + plan.last.chunks;
  Footprint f;
  f.input = part.batch * chunks * words(plan.depthSteps * plan.rows * hardware.depth);
  f.results = part.batch * chunks * columnSteps_ * words(plan.rows * hardware.width);
  f.stationary = parameters_ ? 0 : part.batch * columnSteps_ * tileWords_;
  return f;
}

Parts GemmModel::parts(const Mapping &mapping) const {
  Parts p;
  if (mapping.resident) {
    p.block = whole();
    p.full = 1;
    return p;
  }
  p.block = {mapping.blockBatch, mapping.blockRows};
  if (mapping.blockRows >= gemm.m) {
    p.full = gemm.batch / mapping.blockBatch;
    p.rest = {gemm.batch % mapping.blockBatch, gemm.m};
  } else {
    p.groups = gemm.batch;
    p.full = gemm.m / mapping.blockRows;
    p.rest = {1, gemm.m % mapping.blockRows};
  }
  return p;
}

GemmDescriptor GemmModel::descriptor(const Mapping &mapping, const Part &part) const {
  GemmDescriptor d;
  d.batch = part.batch;
  d.m = part.rows;
  d.n = gemm.n;
  d.k = gemm.k;
  d.parameters = parameters_;
  d.residual = gemm.residual;
  d.table = gemm.table;
  d.split = mapping.split;
  d.hold = mapping.hold;
  int64_t rows =
      mapping.split == ClusterSplit::Rows ? divideUp(part.rows, hardware.clusters) : part.rows;
  d.chunkRows = std::min(mapping.chunkRows, rows);
  d.blockColumns = mapping.blockColumns;
  return d;
}

bool GemmModel::declares(Hold hold) const {
  switch (hold) {
  case Hold::Neither:
    return machine.holds.neither;
  case Hold::Weight:
    return machine.holds.weight;
  case Hold::Input:
    return machine.holds.input;
  }
  return false;
}

bool GemmModel::splits(const Part &part, ClusterSplit split) const {
  return (split == ClusterSplit::None) == (hardware.clusters == 1) &&
         (split != ClusterSplit::Batch || part.batch > 1);
}

bool GemmModel::fits(const Mapping &mapping, const GemmDescriptor &part,
                     const GemmPlan &plan) const {
  const Footprint f = footprint(part, plan);
  // The residual operand, which is one of those that are live, is laid out like the results.
  int64_t used = banks(f.input) + banks(f.stationary) + banks(f.results);
  if (gemm.residual)
    used += banks(f.results);
  if (mapping.resident)
    used += banks(words(otherLive()));
  if (parameters_)
    used += banks(plan.blockWords(0)) * (plan.blocks > 1 && !mapping.serial ? 2 : 1);
  return used <= kGlobalBanks;
}

int64_t GemmModel::startCycles(const GemmDescriptor &start, const GemmPlan &plan) const {
  return gemmCycles(hardware, start, plan);
}

GemmModel::Share GemmModel::share(const Part &part, ClusterSplit split) const {
  Share s{part.batch, part.rows, columnSteps_, 1};
  if (split == ClusterSplit::None)
    return s;
  int64_t &shared = split == ClusterSplit::Rows      ? s.rows
                    : split == ClusterSplit::Columns ? s.columns
                                                     : s.batch;
  const int64_t all = shared;
  shared = divideUp(all, hardware.clusters);
  s.active = divideUp(all, shared);
  return s;
}

int64_t GemmModel::leastCycles(const Part &part, ClusterSplit split, Hold hold,
                               int64_t chunkRows) const {
  const auto [batch, rows, columns, active] = share(part, split);
  const int64_t depth = hardware.depth, drain = hardware.drainCycles();
  const int64_t frame = std::max(active, hardware.linkCycles());
  const int64_t chunks = divideUp(rows, chunkRows), last = rows - (chunks - 1) * chunkRows;
  auto sum = [&](auto perChunk) { return (chunks - 1) * perChunk(chunkRows) + perChunk(last); };
  // A stream has at most all but one of SlotPeriod read slots.
  auto read = [&](int64_t n) { return n * SlotPeriod / (SlotPeriod - 1) * frame; };
  // The next column step's rows need not wait for the drain to take the last one.
  const int64_t array =
      columns * sum([&](int64_t r) {
        int64_t others = (depthSteps_ - 1) * std::max(r, depth);
        return others + std::max(r * drain - std::min(drain - 1, others), ParameterRows + depth);
      });
  const int64_t results = columns * sum([&](int64_t r) { return words(r * hardware.width); });
  const int64_t input = (hold == Hold::Input ? 1 : columns) *
                            sum([&](int64_t r) { return read(words(depthSteps_ * r * depth)); }) +
                        (gemm.residual ? read(results) : 0);
  const int64_t weights = columns * (hold == Hold::Weight ? 1 : chunks) * read(tileWords_);
  // Each works at the same time as the others; what fills and empties them comes on top.
  return batch * std::max({array, results * frame, input, weights});
}

int64_t GemmModel::partingCycles(const Part &part, ClusterSplit split, int64_t chunkRows) const {
  const Share s = share(part, split);
  const int64_t wait = (depthSteps_ - 1 + hardware.drainCycles()) * hardware.depth;
  const int64_t words = 2 * std::max(s.active, hardware.linkCycles());
  return s.batch * s.columns * (wait + divideUp(s.rows, chunkRows) * words);
}

int64_t GemmModel::loadCycles() const {
  return parameters_ ? dramCycles(hardware, columnSteps_ * tileWords_) : 0;
}

int64_t GemmModel::partCopyCycles(const Part &part, bool first) const {
  const Footprint f = packed(part);
  return transfer(f.input) + transfer(f.results) * (gemm.residual ? 2 : 1) +
         (first ? transfer(f.stationary) : 0);
}

int64_t GemmModel::displacedCycles() const {
  return transfer(displacedOut_) + transfer(displacedIn_);
}

int64_t GemmModel::machineCycles(const Mapping &mapping) const {
  auto run = [&](const Part &part) {
    int64_t total = 0;
    forEachStart(mapping, part, [&](const GemmDescriptor &d, int64_t times) {
      total += times * startCycles(d, GemmPlan(hardware, d));
    });
    return total;
  };
  if (mapping.resident)
    return run(whole());
  const Parts p = parts(mapping);
  const bool items = mapping.blockRows >= gemm.m;
  int64_t group = 0;
  if (p.full)
    group += p.full * (run(p.block) + partCopyCycles(p.block, items));
  if (p.hasRest())
    group += run(p.rest) + partCopyCycles(p.rest, items);
  if (!items) // an item's stationary activation stays for all of its rows
    group += transfer(packed({1, gemm.m}).stationary);
  return p.groups * group + displacedCycles();
}

std::vector<Starts> GemmModel::starts(const Mapping &mapping) const {
  std::vector<Starts> starts;
  auto copy = [&](int64_t words, bool toDram, int64_t times) {
    if (words)
      starts.push_back({CopyDescriptor{words * hardware.wordBytes, toDram}, times});
  };
  auto add = [&](const Part &part, int64_t times) {
    forEachStart(mapping, part, [&](const GemmDescriptor &start, int64_t count) {
      starts.push_back({start, times * count});
    });
  };
  auto run = [&](const Part &part, int64_t times, bool first) {
    const Footprint f = packed(part);
    copy(f.input, false, times);
    if (gemm.residual)
      copy(f.results, false, times);
    if (first)
      copy(f.stationary, false, times);
    add(part, times);
    copy(f.results, true, times);
  };
  if (mapping.resident) {
    add(whole(), 1);
    return starts;
  }
  const Parts p = parts(mapping);
  const bool items = mapping.blockRows >= gemm.m;
  copy(displacedOut_, true, 1);
  if (!items)
    copy(packed({1, gemm.m}).stationary, false, p.groups);
  if (p.full)
    run(p.block, p.groups * p.full, items);
  if (p.hasRest())
    run(p.rest, p.groups, items);
  copy(displacedIn_, false, 1);
  return starts;
}

int64_t GemmModel::scaleSimCycles(ClusterSplit split) const {
  int64_t batch = gemm.batch, m = gemm.m, n = gemm.n;
  if (split == ClusterSplit::Batch)
    batch = divideUp(batch, hardware.clusters);
  if (split == ClusterSplit::Rows)
    m = divideUp(m, hardware.clusters);
  if (split == ClusterSplit::Columns)
    n = std::min(n, divideUp(columnSteps_, hardware.clusters) * hardware.width);
  const int64_t rows = hardware.depth, columns = hardware.width, k = gemm.k;
  auto folds = [&](int64_t down, int64_t across) {
    return divideUp(down, rows) * divideUp(across, columns);
  };
  switch (machine.timing) {
  case TimingModel::ScaleSimWeightStationary:
    return batch * (folds(k, n) * (2 * rows + columns + m - 2) - 1);
  case TimingModel::ScaleSimInputStationary:
    return batch * (folds(k, m) * (2 * rows + columns + n - 2) - 1);
  case TimingModel::ScaleSimOutputStationary:
    return batch * (folds(m, n) * (rows + columns + k - 2) - 1);
  case TimingModel::Template:
    break;
  }
  CATC_CHECK(false, "no such timing model");
}

void GemmModel::addCopy(EventCounts &c, int64_t wordsIn, int64_t wordsOut, int64_t times) const {
  int64_t in = wordsIn * hardware.wordBytes * times, out = wordsOut * hardware.wordBytes * times;
  c.dramReadBytes += in;
  c.globalWriteBytes += in;
  c.globalReadBytes += out;
  c.dramWriteBytes += out;
}

void GemmModel::addStart(EventCounts &c, const GemmDescriptor &d, int64_t times) const {
  const GemmPlan plan(hardware, d);
  const int64_t width = hardware.width, depth = plan.depthSteps * hardware.depth;
  auto add = [&](const GemmShare &share, int64_t clusters) {
    if (!clusters)
      return;
    auto chunkWords = [&](int64_t rowBytes) {
      return (share.chunks - 1) * words(plan.rows * rowBytes) + words(share.lastRows * rowBytes);
    };
    const int64_t rows = (share.chunks - 1) * plan.rows + share.lastRows;
    const int64_t items = times * clusters * share.batch;
    // A held operand is sent once: the input for each block of columns, the weights for all chunks.
    const int64_t inputs =
        d.hold == Hold::Input ? divideUp(share.columnSteps, plan.blockColumns) : share.columnSteps;
    const int64_t tiles = share.columnSteps * (d.hold == Hold::Weight ? 1 : share.chunks);
    const int64_t results = share.columnSteps * chunkWords(width);
    c.globalReadBytes +=
        items * hardware.wordBytes *
        (inputs * chunkWords(depth) + tiles * plan.tileWords + (gemm.residual ? results : 0));
    c.globalWriteBytes += items * hardware.wordBytes * results;
    c.localWriteBytes += items * (inputs * rows * depth + tiles * (ParameterRows + depth) * width);
    c.localReadBytes +=
        items * share.columnSteps * (rows * depth + share.chunks * (ParameterRows + depth) * width);
    // Every lane writes its accumulator but in the last depth step, and reads it but in the first.
    c.accumulatorBytes += items * share.columnSteps * rows * width * 2 *
                          machine.array.accumulatorBytes * (plan.depthSteps - 1);
  };
  add(plan.full, plan.active - 1);
  add(plan.last, 1);
  if (parameters_)
    addCopy(c, divideUp(d.n, width) * tileWords_, 0, times);
}

EventCounts GemmModel::counts(const Mapping &mapping, int64_t cycles) const {
  EventCounts c;
  const Parts p = parts(mapping);
  auto add = [&](const Part &part, int64_t times) {
    forEachStart(mapping, part,
                 [&](const GemmDescriptor &d, int64_t starts) { addStart(c, d, times * starts); });
    if (mapping.resident)
      return;
    const Footprint f = packed(part);
    addCopy(c, f.input + (gemm.residual ? f.results : 0), f.results, times);
  };
  if (p.full)
    add(p.block, p.groups * p.full);
  if (p.hasRest())
    add(p.rest, p.groups);
  if (!mapping.resident) {
    addCopy(c, packed({1, gemm.m}).stationary, 0, gemm.batch);
    addCopy(c, displacedIn_, displacedOut_, 1);
  }
  c.macs = gemm.macs();
  c.requantizations = gemm.results();
  c.vectorOperations = gemm.drainPasses() * gemm.results();
  c.cycles = c.arrayCycles = cycles;
  return c;
}
