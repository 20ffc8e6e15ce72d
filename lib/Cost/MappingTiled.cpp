//===- MappingTiled.cpp - Mappings with any global tile ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every local tiling of given global tiles, and the global tiles of mappings that tile activations
// through DRAM too.
//
//===----------------------------------------------------------------------===//

#include "Cost/MappingSearch.h"
#include <array>

using namespace cat;
using namespace cat::cost;

/// Offers the best depths for the local tile's rows and columns: equal at both levels, or with
/// several local tiles along K. Returns true if no local tile can be deeper.
bool MappingSearch::searchDepths(const Share &share, const GlobalTiles &tiles,
                                 const RowTiling &rows, int64_t columns, LoopOrder order,
                                 bool equal) {
  const int64_t steps = model.depthSteps;
  if (localTilings &&
      !localTilings->has(ceilDiv(share.rows, rows.m), ceilDiv(share.columns, columns)))
    return false;
  const int64_t complete = localDepth(rows.m, columns, false),
                partial = localDepth(rows.m, columns, true);
  // Results complete in the accumulators, complete in local SRAM, complete in the global buffer:
  // each needs more room than the last and never has fewer trips, so the first that holds is the
  // best.
  const int64_t limits[3][2] = {
      {complete, tiles.whole}, {partial, tiles.whole}, {partial, tiles.partial}};
  for (int where = 0; where != 3; ++where) {
    const int64_t local = std::min(limits[where][0], steps);
    int64_t deepest = std::min(limits[where][1], steps);
    if (equal)
      deepest = std::min(deepest, local);
    if (!local || !deepest || (tiles.resident && deepest < steps))
      return false;
    deepest = leastSize(steps, deepest);
    GlobalTile g{tiles.resident, tiles.m, tiles.n, deepest, tiles.order};
    int64_t depth = leastSize(deepest, std::min(local, deepest));
    Reuse r =
        reuse(g.order, order, trips(share, steps, g, rows, columns, depth), held(rows, columns));
    if ((r.passes > 1 ? 2 : r.spills > 1 ? 1 : 0) > where)
      continue;
    offer(share, g, rows, columns, depth, order, r);
    // A shallower global tile has more trips, and pays only where equal parts of it waste less of
    // the local depth.
    int64_t visits = r.spills;
    const int64_t fewest = ceilDiv(steps, local);
    while (visits > fewest && depth < g.k) {
      g.k = nextSize(steps, g.k);
      depth = leastSize(g.k, std::min(local, g.k));
      if (ceilDiv(steps, g.k) * ceilDiv(g.k, depth) >= visits)
        continue;
      r = reuse(g.order, order, trips(share, steps, g, rows, columns, depth), held(rows, columns));
      offer(share, g, rows, columns, depth, order, r);
      visits = r.spills;
    }
    return depth == leastSize(steps, std::min(tiles.whole, steps));
  }
  return false;
}

/// Mappings whose local tile has all columns and all depth of the global one (6).
void MappingSearch::searchWideTiles(const Share &share, const GlobalTiles &tiles) {
  const int64_t steps = model.depthSteps;
  const int64_t deepest = std::min({localDepth(1, tiles.n, false), tiles.whole, steps});
  if (!deepest || (tiles.resident && deepest < steps))
    return;
  const Reuse least = outerReuse(tiles.order, tiles.tM, tiles.tN, ceilDiv(steps, deepest));
  for (size_t i = 0; const RowTiling *rows = rowTilings->at(i); ++i) {
    if (!worthwhile(share, *rows))
      continue;
    if (!promising(share, tiles.resident, least, rowTilings->bound(*rows)))
      return;
    if (localDepth(rows->m, tiles.n, false))
      searchDepths(share, tiles, *rows, tiles.n, *anyOrder(), true);
  }
}

/// Output and input stationary mappings (7).
void MappingSearch::searchRowTiles(const Share &share, const GlobalTiles &tiles) {
  const int64_t steps = model.depthSteps;
  const bool output = declares(machine.localOrders, LoopOrder::OutputStationary),
             input = declares(machine.localOrders, LoopOrder::InputStationary),
             weight = declares(machine.localOrders, LoopOrder::WeightStationary);
  for (size_t i = 0; const RowTiling *rows = rowTilings->at(i); ++i) {
    if (!worthwhile(share, *rows))
      continue;
    const int64_t gM = ceilDiv(tiles.m, rows->m);
    Reuse least = reuse(tiles.order, LoopOrder::OutputStationary,
                        {tiles.tM, tiles.tN, tiles.tK, gM, 1, 1}, true);
    least.w = gM * tiles.tM;
    if (!promising(share, tiles.resident, least, rowTilings->bound(*rows)))
      return;
    const int64_t deepest = localDepth(rows->m, 1, true);
    if (!localDepth(rows->m, 1, false) || !promising(share, tiles.resident, least, *rows))
      continue;
    // With one row tile, weight stationary is output stationary.
    std::optional<LoopOrder> finishing;
    if (output || (weight && gM == 1))
      finishing = output ? LoopOrder::OutputStationary : LoopOrder::WeightStationary;
    if (tiles.n > 1) {
      if (finishing || input)
        searchDepths(share, tiles, *rows, 1, finishing.value_or(LoopOrder::InputStationary), true);
      if (input)
        searchDepths(share, tiles, *rows, 1, LoopOrder::InputStationary, false);
      if (finishing && rows->fitsAccumulators)
        searchDepths(share, tiles, *rows, 1, *finishing, false);
    }
    if (!finishing && !input)
      continue;
    if (deepest && !rows->fitsAccumulators)
      least.spills = std::max(least.spills, ceilDiv(steps, deepest));
    const int64_t widest = std::min(localColumns(rows->m), tiles.n);
    for (int64_t columns = leastSize(tiles.n, widest); columns;
         columns = nextSize(tiles.n, columns)) {
      if (!finishing && columns < tiles.n)
        break;
      least.a = ceilDiv(tiles.n, columns) * tiles.tN;
      if (!promising(share, tiles.resident, least, *rows) ||
          searchDepths(share, tiles, *rows, columns, finishing.value_or(LoopOrder::InputStationary),
                       false))
        break;
    }
  }
}

/// Weight stationary mappings of several row tiles (8).
void MappingSearch::searchWeightStationary(const Share &share, const GlobalTiles &tiles) {
  if (!declares(machine.localOrders, LoopOrder::WeightStationary))
    return;
  const int64_t steps = model.depthSteps;
  Reuse least = reuse(tiles.order, LoopOrder::WeightStationary,
                      {tiles.tM, tiles.tN, tiles.tK, 2, 1, 1}, true);
  const int64_t fewestPasses = least.passes;
  const int64_t widestEver = std::min(localColumns(1), tiles.n);
  const int64_t deepestEver = std::min(localDepth(1, 1, false), steps);
  if (!widestEver)
    return;
  for (size_t i = 0; const RowTiling *rows = rowTilings->at(i); ++i) {
    if (rows->m >= tiles.m || !worthwhile(share, *rows))
      continue;
    least.a = ceilDiv(tiles.n, widestEver) * tiles.tN;
    least.passes = least.spills = std::max(fewestPasses, ceilDiv(steps, deepestEver));
    if (!promising(share, tiles.resident, least, rowTilings->bound(*rows)))
      return;
    const int64_t widest = std::min(localColumns(rows->m), tiles.n);
    const int64_t deepest = std::min(localDepth(rows->m, 1, false), steps);
    if (!widest)
      continue;
    least.passes = least.spills = std::max(fewestPasses, ceilDiv(steps, deepest));
    for (int64_t columns = leastSize(tiles.n, widest); columns;
         columns = nextSize(tiles.n, columns)) {
      least.a = ceilDiv(tiles.n, columns) * tiles.tN;
      if (!promising(share, tiles.resident, least, *rows) ||
          searchDepths(share, tiles, *rows, columns, LoopOrder::WeightStationary, false))
        break;
    }
  }
}

/// Every local tiling of these global tiles.
void MappingSearch::searchTiles(const Share &share, const GlobalTiles &tiles) {
  RowTilings made(model, share, tiles.m);
  rowTilings = &made;
  // Without room for partial sums, one local tile holds all of them.
  if (!tiles.partial && tiles.whole < model.depthSteps) {
    searchDepths(share, tiles, *made.at(0), tiles.n, *anyOrder(), false);
    return;
  }
  searchWideTiles(share, tiles);
  searchRowTiles(share, tiles);
  searchWeightStationary(share, tiles);
}

/// Finds what the local tilings of a share take at least that may improve on the best mapping, as
/// if each operand crossed from DRAM once and the global buffer had no end (9).
void MappingSearch::collectLocal(const Share &share, LocalTilings &local) const {
  const int64_t steps = model.depthSteps;
  RowTiling rows;
  auto keep = [&](const Reuse &r) {
    Demand d = model.demand(share, false, r, rows);
    if (!model.within(d, bestCycles))
      return false;
    LocalBound bound{r, rows, model.within(d, bestCycles - 1), {}};
    Joules energy = energyOf(model.counts(share, rows, d, bestCycles));
    if (!bound.faster && energy >= bestEnergy)
      return false;
    bound.energy = energy - trafficEnergy(d);
    if (std::none_of(local.bounds.begin(), local.bounds.end(),
                     [&](const LocalBound &other) { return other.noWorseThan(bound); }))
      local.bounds.push_back(bound);
    return true;
  };
  for (int64_t m = share.rows; m; m = nextSize(share.rows, m)) {
    const int64_t tM = ceilDiv(share.rows, m);
    rows.chunks = std::max(tM, ceilDiv(share.rows, machine.array.accumulatorRows));
    rows.cycles = std::max(share.rows, rows.chunks * machine.array.depth);
    rows.fitsAccumulators = m <= machine.array.accumulatorRows;
    if (!promising(share, false, {}, rows))
      break;
    const int64_t widest = std::min(localColumns(m), share.columns);
    bool refetchA = true;
    for (int64_t n = widest ? leastSize(share.columns, widest) : 0; n;
         n = nextSize(share.columns, n)) {
      Reuse holdA, holdW, holdZ;
      holdA.w = holdZ.w = tM;
      holdW.a = holdZ.a = ceilDiv(share.columns, n);
      refetchA = refetchA && promising(share, false, holdW, rows);
      if (localDepth(m, n, false) < steps) {
        const int64_t partial = localDepth(m, n, true);
        const int64_t tK = partial ? ceilDiv(steps, partial) : 0;
        holdA.passes = holdA.spills = holdW.passes = holdW.spills = tK;
        holdZ.spills = held(rows, n) ? 1 : tK;
      }
      bool kept = holdA.spills && keep(holdA);
      kept |= refetchA && holdW.spills && keep(holdW);
      kept |= refetchA && holdZ.spills && keep(holdZ);
      if (kept)
        local.trips.emplace_back(tM, holdW.a);
    }
  }
  std::sort(local.bounds.begin(), local.bounds.end(), [](const LocalBound &a, const LocalBound &b) {
    return std::make_pair(!a.faster, a.energy) < std::make_pair(!b.faster, b.energy);
  });
}

/// Appends the global tiles of an order that may improve on the best mapping; without `all`, only
/// those whose trips along M and N are powers of two.
void MappingSearch::collectTiles(const Share &share, LoopOrder order, bool all,
                                 std::vector<GlobalTiles> &collected) const {
  const int64_t steps = model.depthSteps;
  const RowTiling fewest = fewestChunks(share);
  auto next = [&](int64_t whole, int64_t size) {
    if (all || size <= 1)
      return nextSize(whole, size);
    int64_t smaller = ceilDiv(whole, 2 * ceilDiv(whole, size));
    return smaller < size ? smaller : 0;
  };
  GlobalTiles tiles;
  tiles.order = order;
  tiles.share = &share;
  // Grows with every count of trips.
  auto improving = [&](int64_t tK) {
    return promising(share, false, outerReuse(order, tiles.tM, tiles.tN, tK), fewest);
  };
  auto collect = [&](int64_t whole, int64_t partial, int64_t tK) {
    Demand d = model.demand(share, false, outerReuse(order, tiles.tM, tiles.tN, tK), fewest);
    if (found && !model.within(d, bestCycles))
      return;
    tiles.tK = tK;
    tiles.leastCycles = model.cycles(d);
    tiles.leastEnergy = energyOf(model.counts(share, fewest, d, tiles.leastCycles));
    if (!improves(tiles.leastCycles, tiles.leastEnergy))
      return;
    tiles.traffic = trafficEnergy(d);
    tiles.whole = whole;
    tiles.partial = partial;
    collected.push_back(tiles);
  };
  // Orders that differ only in where a single trip stands are the same.
  auto repeated = [&] {
    const LoopOrders &orders = machine.globalOrders;
    bool output = orders.outputStationary && order != LoopOrder::OutputStationary;
    if (tiles.tM == 1 && tiles.tN == 1)
      return output || (orders.weightStationary && order == LoopOrder::InputStationary);
    return output && (order == LoopOrder::WeightStationary ? tiles.tM == 1 : tiles.tN == 1);
  };
  for (tiles.m = share.rows; tiles.m; tiles.m = next(share.rows, tiles.m)) {
    tiles.tM = ceilDiv(share.rows, tiles.m);
    tiles.tN = 1;
    if (!improving(1))
      return;
    const int64_t widest = std::min(globalColumns(share, tiles.m), share.columns);
    for (tiles.n = widest ? leastSize(share.columns, widest) : 0; tiles.n;
         tiles.n = next(share.columns, tiles.n)) {
      tiles.tN = ceilDiv(share.columns, tiles.n);
      if (!improving(1))
        break;
      if (repeated())
        continue;
      const int64_t whole = std::min(globalDepth(share, tiles.m, tiles.n, false), steps);
      const int64_t partial = std::min(globalDepth(share, tiles.m, tiles.n, true), steps);
      if (whole == steps) {
        collect(whole, partial, 1);
        continue;
      }
      if (partial)
        collect(whole, partial, ceilDiv(steps, partial));
      // Deeper tiles have no room for partial sums, unless one local tile holds all of them.
      if (whole > partial && localDepth(tiles.m, tiles.n, false) &&
          outerReuse(order, tiles.tM, tiles.tN, 2).dramPasses == 1)
        collect(whole, 0, ceilDiv(steps, whole));
    }
  }
}

/// True if one of these tiles with one of the local tilings may improve on the best mapping.
bool MappingSearch::mayImprove(const GlobalTiles &tiles, const LocalTilings &local) const {
  const Reuse outer = outerReuse(tiles.order, tiles.tM, tiles.tN, tiles.tK);
  // Sums in another order than energyOf's differ from it by rounding.
  const Joules enough = bestEnergy * (1 + 1e-9) - tiles.traffic;
  for (const LocalBound &bound : local.bounds) {
    if (!bound.faster && bound.energy > enough)
      return false;
    Reuse least = outer;
    least.a = std::max(least.a, bound.reuse.a);
    least.w = std::max(least.w, bound.reuse.w);
    least.passes = std::max(least.passes, bound.reuse.passes);
    least.spills = std::max(least.spills, bound.reuse.spills);
    if (promising(*tiles.share, false, least, bound.rows))
      return true;
  }
  return false;
}

/// Mappings that tile activations too. Global tiles are taken in the order of what they take at
/// least, until that is worse than the best mapping; a coarse selection of them comes first, since
/// a good mapping makes the bounds sharp.
void MappingSearch::searchTiled() {
  static thread_local std::vector<GlobalTiles> collected;
  static thread_local std::array<LocalTilings, 3> local;
  for (bool all : {false, true}) {
    collected.clear();
    for (int i = 0; i != model.numShares; ++i) {
      const Share &share = model.shares[i];
      local[i].clear();
      if (!promising(share, false, {}, fewestChunks(share)))
        continue;
      if (found) {
        collectLocal(share, local[i]);
        if (local[i].bounds.empty())
          continue;
      }
      for (LoopOrder order : kOrders)
        if (declares(machine.globalOrders, order))
          collectTiles(share, order, all, collected);
    }
    std::stable_sort(collected.begin(), collected.end(),
                     [](const GlobalTiles &a, const GlobalTiles &b) {
                       return std::make_pair(a.leastCycles, a.leastEnergy) <
                              std::make_pair(b.leastCycles, b.leastEnergy);
                     });
    for (const GlobalTiles &tiles : collected) {
      if (!improves(tiles.leastCycles, tiles.leastEnergy))
        break;
      const LocalTilings &tilings = local[tiles.share - model.shares.data()];
      localTilings = tilings.bounds.empty() ? nullptr : &tilings;
      if (!localTilings || mayImprove(tiles, tilings))
        searchTiles(*tiles.share, tiles);
    }
  }
}
