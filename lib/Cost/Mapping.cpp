//===- Mapping.cpp - The best mapping of a GEMM -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An exact search for the legal mapping with the least (cycles, dynamic energy).
//
// Why a small candidate set is exact. GemmModel::counts depends on tile sizes only through trip
// counts and the chunks of rows, and is non-decreasing in each. So:
//
// (1) Of the tiles with the same trip counts, the smallest leaves the most room for everything
// else. Sizes ceil(X/t) suffice for columns, depth and blocks of rows; for rows of a local tile,
// the same below one chunk, and whole numbers of chunks above it.
//
// (2) For given rows, columns, order and global tile, the deepest local tile that fits is the best:
// fewer trips along K never cost more. Partial sums widen the results in a tile from one element to
// one accumulator each, but whether a tile has partial sums is itself non-decreasing in the trips
// along K; so the deepest tile that fits without any is tried first, then the deepest that fits
// with them.
//
// Resident mappings of parameters (searchParameters) have t_M = 1. Write n for the columns of the
// local tile, and g > 1 for "more than one local tile in a global tile". Then:
//
// (3) If g_N = 1 and g_K = 1, the order does not matter. If g_N = 1 and g_K > 1, weight stationary
// is no better than with g_K = 1 (partial sums make g_K t_K visits either way), and so is any order
// with g_M = 1; output and input stationary coincide.
//
// (4) If g_N > 1, then output stationary with g_K > 1, and weight stationary with g_K > 1 or
// g_M > 1, fetch A g_N t_N >= ceil(N/n) times, no better than g_N = 1 with the same n. What remains
// fetches A t_N times and W g_M times whatever n is, so n = one column step leaves the most room;
// and g_K = 1, since partial sums make g_K t_K >= ceil(K/k) visits.
//
// All other mappings go through searchTile, which relies on (1) and (2) alone. MappingTest checks
// all of this against brute force over every tile size.
//
//===----------------------------------------------------------------------===//

#include "Cost/Energy.h"
#include "Cost/GemmModel.h"
#include "Support/Check.h"
#include <algorithm>
#include <limits>
#include <vector>

using namespace cat;
using namespace cat::cost;

namespace {

constexpr LoopOrder kOrders[] = {LoopOrder::OutputStationary, LoopOrder::WeightStationary,
                                 LoopOrder::InputStationary};

bool declares(const LoopOrders &orders, LoopOrder order) {
  switch (order) {
  case LoopOrder::OutputStationary:
    return orders.outputStationary;
  case LoopOrder::WeightStationary:
    return orders.weightStationary;
  case LoopOrder::InputStationary:
    return orders.inputStationary;
  }
  return false;
}

/// The next smaller size that is the least one of its trip count over `whole`, or 0.
int64_t nextSize(int64_t whole, int64_t size) {
  if (size <= 1)
    return 0;
  return ceilDiv(whole, ceilDiv(whole, size - 1));
}

/// The least size with the trip count of `size`.
int64_t leastSize(int64_t whole, int64_t size) { return ceilDiv(whole, ceilDiv(whole, size)); }

/// A global tile in units of rows, column steps and depth steps, with the order of the loops over
/// such tiles.
struct GlobalTile {
  bool resident = false;
  int64_t m = 0, n = 0, k = 0;
  LoopOrder order = LoopOrder::WeightStationary;
  int64_t traffic = 0; ///< DRAM bytes
};

/// The useful tilings of blocks of rows, largest tile first: whole numbers of chunks, then parts of
/// one. Made as they are asked for, since bounds leave few to look at.
class RowTilings {
public:
  RowTilings(const GemmModel &model, const Share &share, int64_t globalM,
             std::vector<RowTiling> &storage)
      : model(model), globalM(globalM), blocks(ceilDiv(share.rows, globalM)),
        chunk(model.chunkRows(globalM)), chunks(ceilDiv(globalM, chunk)), nextChunks(chunks),
        nextRows(chunk), made(storage) {
    made.clear();
  }

  /// The tiling at a position, or null after the last.
  const RowTiling *at(size_t i) {
    while (i >= made.size()) {
      if (nextChunks) {
        made.push_back(
            model.rowTiling(blocks, globalM, chunk, std::min(nextChunks * chunk, globalM)));
        nextChunks = nextSize(chunks, nextChunks);
      } else if ((nextRows = nextSize(globalM, nextRows))) {
        made.push_back(model.rowTiling(blocks, globalM, chunk, nextRows));
      } else {
        nextRows = 1;
        return nullptr;
      }
    }
    return &made[i];
  }

  /// What this tiling and all smaller tiles take at least: their chunks grow no fewer, and none
  /// takes fewer cycles than its rows or the array's depth.
  RowTiling bound(const RowTiling &rows) const {
    RowTiling least = rows;
    least.cycles = std::max(blocks * globalM, rows.chunks * model.machine.array.depth);
    return least;
  }

private:
  const GemmModel &model;
  const int64_t globalM, blocks, chunk, chunks;
  int64_t nextChunks, nextRows;
  std::vector<RowTiling> &made;
};

class Search {
public:
  Search(const Machine &machine, const Gemm &gemm)
      : model(machine, gemm), rates(machine), machine(machine) {}

  /// Fills the best resident mapping; false if there is none.
  bool searchResident() {
    for (int i = 0; i != model.numShares; ++i) {
      const Share &share = model.shares[i];
      if (model.gemm.stationary == Stationary::Parameter)
        searchParameters(share);
      else if (model.residentBytes(false) <= machine.global.capacity)
        searchTile(share, {true, share.rows, share.columns, model.depthSteps});
    }
    return found;
  }

  void searchTiled();

  const Mapping &best() const { return mapping; }
  bool hasBest() const { return found; }

private:
  void searchParameters(const Share &share);
  void searchColumnTiles(const Share &share, int64_t columns, const RowTiling &rows);
  void searchSingleSteps(const Share &share, const RowTiling &rows);
  void searchTile(const Share &share, const GlobalTile &global);
  void searchColumns(const Share &share, const GlobalTile &global, const RowTiling &rows,
                     int64_t widest, LoopOrder order, bool partialFits);

  /// Depth steps of the deepest local tile that fits; 0 if none.
  int64_t localDepth(int64_t m, int64_t columns, bool partial) const {
    int64_t fixed = model.localBytes(m, columns, 0, partial);
    int64_t left = machine.local.capacity - fixed;
    return left <= 0 ? 0 : left / (model.localBytes(m, columns, 1, partial) - fixed);
  }

  /// Column steps of the widest local tile that fits, with complete results; 0 if none.
  int64_t localColumns(int64_t m) const {
    int64_t fixed = model.localBytes(m, 0, 1, false);
    int64_t left = machine.local.capacity - fixed;
    return left <= 0 ? 0 : left / (model.localBytes(m, 1, 1, false) - fixed);
  }

  /// Steps (columns x depth) of the parameter tile for which the global buffer has room.
  int64_t parameterSteps(const Share &share, bool partial) const {
    int64_t left = machine.global.capacity - model.residentBytes(partial);
    return left <= 0 ? 0 : left / model.parameterTileBytes(share);
  }

  bool improves(const EventCounts &counts) const {
    if (!found || counts.cycles != bestCycles)
      return !found || counts.cycles < bestCycles;
    return energyOf(counts) < bestEnergy;
  }
  Joules energyOf(const EventCounts &counts) const { return rates.dynamic(counts).total(); }

  /// True if a mapping with at least these fetches could still improve on the best.
  bool promising(const Share &share, bool resident, const Reuse &least,
                 const RowTiling &rows) const {
    return improves(model.counts(share, resident, least, rows));
  }

  static Trips trips(const Share &share, int64_t depthSteps, const GlobalTile &g,
                     const RowTiling &rows, int64_t columns, int64_t depth) {
    return {ceilDiv(share.rows, g.m), ceilDiv(share.columns, g.n), ceilDiv(depthSteps, g.k),
            ceilDiv(g.m, rows.m),     ceilDiv(g.n, columns),       ceilDiv(g.k, depth)};
  }
  /// Fetches that the loops over global tiles alone make.
  Reuse outerReuse(const Share &share, const GlobalTile &g) const {
    return reuse(
        g.order, LoopOrder::OutputStationary,
        {ceilDiv(share.rows, g.m), ceilDiv(share.columns, g.n), ceilDiv(model.depthSteps, g.k)},
        true);
  }
  static bool held(const RowTiling &rows, int64_t columns) {
    return rows.fitsAccumulators && columns == 1;
  }

  /// Takes a legal mapping if it improves on the best. Returns its reuse.
  Reuse offer(const Share &share, const GlobalTile &g, const RowTiling &rows, int64_t columns,
              int64_t depth, LoopOrder order) {
    Reuse r = reuse(g.order, order, trips(share, model.depthSteps, g, rows, columns, depth),
                    held(rows, columns));
    EventCounts counts = model.counts(share, g.resident, r, rows);
    if (!improves(counts))
      return r;
    int64_t width = machine.array.width, step = machine.array.depth;
    found = true;
    bestCycles = counts.cycles;
    bestEnergy = energyOf(counts);
    mapping.resident = g.resident;
    mapping.split = share.split;
    mapping.global = {g.m, g.n * width, g.k * step, g.order};
    mapping.local = {rows.m, columns * width, depth * step, order};
    return r;
  }

  /// The first of the given orders that the machine declares locally, or nothing.
  std::optional<LoopOrder> firstDeclared(std::initializer_list<LoopOrder> orders) const {
    for (LoopOrder order : orders)
      if (declares(machine.localOrders, order))
        return order;
    return std::nullopt;
  }

  /// For tilings whose cost does not depend on the local order.
  std::optional<LoopOrder> anyOrder() const {
    return firstDeclared({kOrders[0], kOrders[1], kOrders[2]});
  }

  const GemmModel model;
  const EnergyRates rates;
  const Machine &machine;
  bool found = false;
  int64_t bestCycles = 0;
  Joules bestEnergy;
  Mapping mapping;
};

void Search::searchParameters(const Share &share) {
  static thread_local std::vector<RowTiling> storage;
  RowTilings rows(model, share, share.rows, storage);

  // If one local tile holds all of A, A moves once whatever the columns.
  for (int64_t columns = share.columns; columns; columns = nextSize(share.columns, columns))
    if (model.localBytes(share.rows, columns, model.depthSteps, false) <= machine.local.capacity &&
        columns * model.depthSteps <= parameterSteps(share, false)) {
      GlobalTile g{true, share.rows, columns, model.depthSteps};
      offer(share, g, *rows.at(0), columns, model.depthSteps, *anyOrder());
      break;
    }
  // Tiles that fill the accumulators are good ones: meeting them first makes the bounds below
  // sharp.
  for (size_t i = 0; const RowTiling *r = rows.at(i); ++i)
    if (r->fitsAccumulators) {
      for (int64_t columns = 1; columns <= share.columns; columns *= 2)
        searchColumnTiles(share, leastSize(share.columns, columns), *r);
      break;
    }
  // Otherwise, with g_N = 1, A moves once for each column tile. Neither this nor the rows' bound
  // ever falls, so where it fails it fails for smaller tiles and for narrower ones.
  size_t count = std::numeric_limits<size_t>::max();
  for (int64_t columns = share.columns; columns && count;
       columns = nextSize(share.columns, columns)) {
    Reuse least;
    least.a = ceilDiv(share.columns, columns);
    for (size_t i = 0; i != count; ++i) {
      const RowTiling *r = rows.at(i);
      if (!r || !promising(share, true, least, rows.bound(*r)))
        count = i;
      else
        searchColumnTiles(share, columns, *r);
      if (i == count)
        break;
    }
  }
  if (share.columns == 1)
    return;
  for (size_t i = 0; const RowTiling *r = rows.at(i); ++i) {
    Reuse least;
    least.w = ceilDiv(share.rows, r->m);
    if (!promising(share, true, least, rows.bound(*r)))
      return;
    searchSingleSteps(share, *r);
  }
}

/// Resident mappings of parameters whose global tile is as wide as the local one.
void Search::searchColumnTiles(const Share &share, int64_t columns, const RowTiling &rows) {
  const int64_t steps = model.depthSteps;
  const int64_t globalWhole = parameterSteps(share, false) / columns,
                globalPartial = parameterSteps(share, true) / columns;
  const bool oneRowTile = rows.m >= share.rows;
  GlobalTile g{true, share.rows, columns, 0};

  // g_K = 1: parameters stream through, tile by tile.
  int64_t depth = std::min({localDepth(rows.m, columns, false), globalWhole, steps});
  bool partialBeyond = !oneRowTile && depth < steps; // partial sums return to the global buffer
  if (depth && depth < steps && (partialBeyond || !held(rows, columns)))
    depth = std::min(
        {localDepth(rows.m, columns, true), partialBeyond ? globalPartial : globalWhole, steps});
  if (depth) {
    depth = leastSize(steps, depth);
    g.k = depth;
    offer(share, g, rows, columns, depth, *anyOrder());
  }

  // g_K > 1: a deeper global tile saves visits of partial sums to the global buffer. It pays with
  // several row tiles only, and only if the local order finishes a result before it moves on.
  auto order = firstDeclared({LoopOrder::OutputStationary, LoopOrder::InputStationary});
  if (oneRowTile || !order)
    return;
  int64_t deepest = globalWhole >= steps ? steps : globalPartial;
  for (int64_t globalDepth = deepest ? leastSize(steps, std::min(deepest, steps)) : 0; globalDepth;
       globalDepth = nextSize(steps, globalDepth)) {
    bool whole = globalDepth == steps, inAccumulators = held(rows, columns);
    int64_t local = localDepth(rows.m, columns, !(whole && inAccumulators));
    if (!local || (!whole && globalDepth > globalPartial))
      return;
    g.k = globalDepth;
    Reuse r = offer(share, g, rows, columns, leastSize(globalDepth, std::min(local, globalDepth)),
                    *order);
    // A shallower global tile means more passes; it can only help where it saves visits to the
    // accumulators.
    if (inAccumulators || r.spills <= ceilDiv(steps, local))
      return;
  }
}

/// Resident mappings of parameters with several local tiles of one column step in each global tile.
void Search::searchSingleSteps(const Share &share, const RowTiling &rows) {
  const int64_t steps = model.depthSteps;
  const bool oneRowTile = rows.m >= share.rows;
  auto order = oneRowTile
                   ? anyOrder()
                   : firstDeclared({LoopOrder::OutputStationary, LoopOrder::InputStationary});
  if (!order)
    return;
  Reuse least;
  least.w = ceilDiv(share.rows, rows.m);
  auto tryDepth = [&](int64_t depth) {
    bool partial = depth < steps;
    int64_t columns = std::min(parameterSteps(share, partial) / depth, share.columns);
    if (columns < 2)
      return true;
    columns = leastSize(share.columns, columns);
    GlobalTile g{true, share.rows, columns, depth};
    offer(share, g, rows, 1, depth, *order);
    return columns < share.columns; // already fetched once: shallower tiles only add visits
  };
  if (localDepth(rows.m, 1, false) >= steps && !tryDepth(steps))
    return;
  for (int64_t depth = std::min(localDepth(rows.m, 1, true), steps); depth;
       depth = nextSize(steps, depth)) {
    depth = leastSize(steps, depth);
    if (depth == steps)
      continue;
    least.passes = least.spills = ceilDiv(steps, depth);
    if (!promising(share, true, least, rows) || !tryDepth(depth))
      return;
  }
}

/// Every local tiling of a given global tile.
void Search::searchTile(const Share &share, const GlobalTile &g) {
  const Reuse least = outerReuse(share, g);
  const bool partialFits =
      g.resident ? model.residentBytes(true) <= machine.global.capacity
                 : model.globalBytes(share, g.m, g.n, g.k, true) <= machine.global.capacity;
  static thread_local std::vector<RowTiling> storage;
  RowTilings tilings(model, share, g.m, storage);
  for (size_t i = 0; const RowTiling *rows = tilings.at(i); ++i) {
    if (!promising(share, g.resident, least, tilings.bound(*rows)))
      return;
    const int64_t widest = std::min(localColumns(rows->m), g.n);
    if (!widest || !promising(share, g.resident, least, *rows))
      continue;
    for (LoopOrder order : kOrders) {
      if (!declares(machine.localOrders, order))
        continue;
      // The widest tile with all of the global tile's depth, whether it fits or not.
      Trips bound = trips(share, model.depthSteps, g, *rows, widest, g.k);
      if (promising(share, g.resident, reuse(g.order, order, bound, true), *rows))
        searchColumns(share, g, *rows, widest, order, partialFits);
    }
  }
}

void Search::searchColumns(const Share &share, const GlobalTile &g, const RowTiling &rows,
                           int64_t widest, LoopOrder order, bool partialFits) {
  for (int64_t columns = leastSize(g.n, widest); columns; columns = nextSize(g.n, columns)) {
    int64_t depth = std::min(localDepth(rows.m, columns, false), g.k);
    auto fetches = [&] {
      return reuse(g.order, order, trips(share, model.depthSteps, g, rows, columns, depth),
                   held(rows, columns));
    };
    Reuse r = fetches();
    if (r.spills > 1) {
      depth = std::min(localDepth(rows.m, columns, true), g.k);
      if (depth)
        r = fetches();
    }
    if (depth && (r.passes == 1 || partialFits))
      offer(share, g, rows, columns, leastSize(g.k, depth), order);
    // With all the depth in one tile, a narrower one only adds trips.
    if (depth == g.k)
      return;
  }
}

/// Mappings that tile activations too. Global tiles are taken in the order of their DRAM traffic,
/// until that alone is worse than the best mapping.
void Search::searchTiled() {
  static thread_local std::vector<GlobalTile> tiles;
  for (int i = 0; i != model.numShares; ++i) {
    const Share &share = model.shares[i];
    tiles.clear();
    for (int64_t m = share.rows; m; m = nextSize(share.rows, m))
      for (int64_t n = share.columns; n; n = nextSize(share.columns, n))
        for (int64_t k = model.depthSteps; k; k = nextSize(model.depthSteps, k)) {
          if (model.globalBytes(share, m, n, k, false) > machine.global.capacity)
            continue;
          Trips outer = {ceilDiv(share.rows, m), ceilDiv(share.columns, n),
                         ceilDiv(model.depthSteps, k)};
          for (LoopOrder order : kOrders)
            if (declares(machine.globalOrders, order)) {
              int64_t read, written;
              model.tiledTraffic(reuse(order, LoopOrder::OutputStationary, outer, true), read,
                                 written);
              tiles.push_back({false, m, n, k, order, read + written});
            }
        }
    std::stable_sort(tiles.begin(), tiles.end(), [](const GlobalTile &a, const GlobalTile &b) {
      return a.traffic < b.traffic;
    });
    // The fewest chunks of rows that the accumulators allow, at the array's full rate.
    RowTiling fewest;
    fewest.chunks = ceilDiv(share.rows, machine.array.accumulatorRows);
    fewest.cycles = std::max(share.rows, fewest.chunks * machine.array.depth);
    for (const GlobalTile &tile : tiles) {
      // What crosses from DRAM is the bound's only part that depends on the tile: the first failure
      // is the last.
      Reuse outer = outerReuse(share, tile), traffic = outer;
      traffic.a = traffic.w = traffic.passes = traffic.spills = 1;
      if (!promising(share, false, traffic, fewest))
        break;
      if (promising(share, false, outer, fewest))
        searchTile(share, tile);
    }
  }
}

} // namespace

Mapping cost::mapGemm(const Machine &machine, const Gemm &gemm) {
  Search search(machine, gemm);
  if (!search.searchResident())
    search.searchTiled();
  CATC_CHECK(search.hasBest(), "no legal mapping; checkMachine should have refused this machine");
  return search.best();
}

bool cost::isLegal(const Machine &machine, const Gemm &gemm, const Mapping &mapping) {
  GemmModel model(machine, gemm);
  const Share *share = model.share(mapping.split);
  const int64_t width = machine.array.width, step = machine.array.depth;
  const Tile &g = mapping.global, &l = mapping.local;
  if (!share || l.m < 1 || l.n < 1 || l.k < 1 || g.n % width || l.n % width || g.k % step ||
      l.k % step)
    return false;
  const int64_t gn = g.n / width, gk = g.k / step, ln = l.n / width, lk = l.k / step;
  if (l.m > g.m || ln > gn || lk > gk || g.m > share->rows || gn > share->columns ||
      gk > model.depthSteps)
    return false;
  const int64_t chunk = model.chunkRows(g.m);
  if (l.m > chunk && l.m % chunk && l.m != g.m)
    return false;
  if (!declares(machine.localOrders, l.order))
    return false;

  Trips trips = {ceilDiv(share->rows, g.m),
                 ceilDiv(share->columns, gn),
                 ceilDiv(model.depthSteps, gk),
                 ceilDiv(g.m, l.m),
                 ceilDiv(gn, ln),
                 ceilDiv(gk, lk)};
  Reuse r =
      reuse(g.order, l.order, trips, model.rowTiling(*share, g.m, l.m).fitsAccumulators && ln == 1);
  if (model.localBytes(l.m, ln, lk, r.spills > 1) > machine.local.capacity)
    return false;
  if (mapping.resident) {
    // Activations need no tile in the global buffer beside themselves.
    bool whole = g.m == share->rows && g.order == LoopOrder::WeightStationary &&
                 (gemm.stationary == Stationary::Parameter ||
                  (gn == share->columns && gk == model.depthSteps));
    return whole &&
           model.residentBytes(r.passes > 1) + model.parameterTileBytes(*share) * gn * gk <=
               machine.global.capacity;
  }
  return declares(machine.globalOrders, g.order) &&
         model.globalBytes(*share, g.m, gn, gk, r.passes > 1) <= machine.global.capacity &&
         !Search(machine, gemm).searchResident();
}

EventCounts cost::countGemm(const Machine &machine, const Gemm &gemm, const Mapping &mapping) {
  GemmModel model(machine, gemm);
  const Share *share = model.share(mapping.split);
  CATC_CHECK(share, "a mapping splits work that the GEMM does not have");
  const Tile &g = mapping.global, &l = mapping.local;
  RowTiling rows = model.rowTiling(*share, g.m, l.m);
  Trips trips = {ceilDiv(share->rows, g.m),
                 ceilDiv(share->columns * machine.array.width, g.n),
                 ceilDiv(model.depthSteps * machine.array.depth, g.k),
                 ceilDiv(g.m, l.m),
                 ceilDiv(g.n, l.n),
                 ceilDiv(g.k, l.k)};
  bool held = rows.fitsAccumulators && l.n == machine.array.width;
  return model.counts(*share, mapping.resident, reuse(g.order, l.order, trips, held), rows);
}
