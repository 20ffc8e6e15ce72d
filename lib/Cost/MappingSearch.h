//===- MappingSearch.h - The best mapping of a GEMM -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An exact search for the legal mapping with the least (cycles, dynamic energy).
//
// Why a small candidate set is exact. GemmModel::demand depends on tile sizes only through trip
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
// Resident mappings of parameters (MappingResident.cpp) have t_M = 1. Write n for the columns of
// the local tile, and g > 1 for "more than one local tile in a global tile". Then:
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
// All other mappings (MappingTiled.cpp) have a global tile of any rows and columns. For each, in
// any order:
//
// (5) The deepest global tile that fits is the best for a local tile, unless a shallower one
// divides into local tiles with less waste, so that g_K t_K falls.
//
// (6) If g_N = 1 and g_K = 1, the order does not matter.
//
// (7) Else output and input stationary fetch W g_M t_M times. With g_K = 1 they fetch A t_N times
// whatever n is, and so does input stationary with g_N > 1 and g_K > 1, which also visits results
// g_K t_K times: n = one column step leaves the most room. With g_N = 1 they coincide. Only output
// stationary with g_K > 1, which fetches A g_N t_N times, needs every n.
//
// (8) Weight stationary is output stationary if g_M = 1. Else it fetches W t_M times, A g_N t_N
// times and visits results g_K t_K times, and needs every n.
//
// Two bounds leave few of these to look at. Each global tile moves at least the DRAM traffic of its
// own trips. And:
//
// (9) The innermost loop with more than one trip, at whichever level, holds one operand in place.
// The other two move once for every trip of the loop that they do not depend on, at both levels:
// for a local tile of x that is at least ceil(X/x) trips. So a local tile has a bound whatever the
// global tile is.
//
// MappingTest checks all of this against brute force over every tile size.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_MAPPINGSEARCH_H
#define CATC_COST_MAPPINGSEARCH_H

#include "Cost/Energy.h"
#include "Cost/GemmModel.h"
#include <algorithm>
#include <vector>

namespace cat::cost {

inline constexpr LoopOrder kOrders[] = {LoopOrder::OutputStationary, LoopOrder::WeightStationary,
                                        LoopOrder::InputStationary};

inline bool declares(const LoopOrders &orders, LoopOrder order) {
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
inline int64_t nextSize(int64_t whole, int64_t size) {
  if (size <= 1)
    return 0;
  return ceilDiv(whole, ceilDiv(whole, size - 1));
}

/// The least size with the trip count of `size`.
inline int64_t leastSize(int64_t whole, int64_t size) {
  return ceilDiv(whole, ceilDiv(whole, size));
}

/// A global tile in units of rows, column steps and depth steps, with the order of the loops over
/// such tiles.
struct GlobalTile {
  bool resident = false;
  int64_t m = 0, n = 0, k = 0;
  LoopOrder order = LoopOrder::WeightStationary;
};

/// Global tiles of all depths for which the global buffer has room.
struct GlobalTiles {
  bool resident = false;
  int64_t m = 0, n = 0;
  LoopOrder order = LoopOrder::WeightStationary;
  /// Depth steps of the deepest: of tiles whose results are complete when they leave local SRAM,
  /// and of tiles whose partial sums return to the global buffer; 0 if there is none.
  int64_t whole = 0, partial = 0;
  const Share *share = nullptr;
  int64_t tM = 1, tN = 1, tK = 1; ///< the fewest trips of the loops over tiles
  /// What any mapping with one of these tiles takes at least.
  int64_t leastCycles = 0;
  Joules leastEnergy;
  Joules traffic; ///< the part of it that DRAM traffic takes
};

/// What some local tilings take at least.
struct LocalBound {
  Reuse reuse;
  RowTiling rows;
  bool faster = false; ///< it may take fewer cycles than the best mapping, not just as many
  Joules energy;       ///< without that of DRAM traffic

  bool noWorseThan(const LocalBound &other) const {
    return reuse.a <= other.reuse.a && reuse.w <= other.reuse.w &&
           reuse.passes <= other.reuse.passes && reuse.spills <= other.reuse.spills &&
           rows.chunks <= other.rows.chunks;
  }
};

/// The local tilings of a share that may improve on the best mapping.
struct LocalTilings {
  std::vector<LocalBound> bounds; ///< none is worse than another; by `faster`, then energy
  std::vector<std::pair<int64_t, int64_t>>
      trips; ///< of all of them over the share's rows and columns; ascending

  void clear() {
    bounds.clear();
    trips.clear();
  }
  bool hasRows(int64_t tM) const {
    auto it = std::lower_bound(trips.begin(), trips.end(), std::make_pair(tM, int64_t(0)));
    return it != trips.end() && it->first == tM;
  }
  bool has(int64_t tM, int64_t tN) const {
    return std::binary_search(trips.begin(), trips.end(), std::make_pair(tM, tN));
  }
};

/// The useful tilings of blocks of rows, largest tile first: whole numbers of chunks, then parts of
/// one. Made as they are asked for, since bounds leave few to look at. One object at a time in a
/// thread: they share their storage.
class RowTilings {
public:
  RowTilings(const GemmModel &model, const Share &share, int64_t globalM)
      : model(model), globalM(globalM), blocks(ceilDiv(share.rows, globalM)),
        chunk(model.chunkRows(globalM)), chunks(ceilDiv(globalM, chunk)), nextChunks(chunks),
        nextRows(chunk), made(storage()) {
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
  static std::vector<RowTiling> &storage() {
    static thread_local std::vector<RowTiling> rows;
    return rows;
  }

  const GemmModel &model;
  const int64_t globalM, blocks, chunk, chunks;
  int64_t nextChunks, nextRows;
  std::vector<RowTiling> &made;
};

/// The search of one mapGemm.
class MappingSearch {
public:
  MappingSearch(const Machine &machine, const Gemm &gemm)
      : model(machine, gemm), rates(machine), machine(machine) {}

  void searchResident();
  void searchTiled();

  const Mapping &best() const { return mapping; }
  bool hasBest() const { return found; }

private:
  void searchParameters(const Share &share);
  void searchColumnTiles(const Share &share, int64_t columns, const RowTiling &rows);
  void searchSingleSteps(const Share &share, const RowTiling &rows);
  void collectTiles(const Share &share, LoopOrder order, bool all,
                    std::vector<GlobalTiles> &collected) const;
  void collectLocal(const Share &share, LocalTilings &local) const;
  bool mayImprove(const GlobalTiles &tiles, const LocalTilings &local) const;
  void searchTiles(const Share &share, const GlobalTiles &tiles);
  void searchWideTiles(const Share &share, const GlobalTiles &tiles);
  void searchRowTiles(const Share &share, const GlobalTiles &tiles);
  void searchWeightStationary(const Share &share, const GlobalTiles &tiles);
  bool searchDepths(const Share &share, const GlobalTiles &tiles, const RowTiling &rows,
                    int64_t columns, LoopOrder order, bool equal);

  /// Depth steps of the deepest local tile that fits; 0 if none.
  int64_t localDepth(int64_t m, int64_t columns, bool partial) const {
    int64_t fixed = model.localBytes(m, columns, 0, partial);
    int64_t left = machine.local.capacity - fixed;
    return left <= 0 ? 0 : left / (model.localBytes(m, columns, 1, partial) - fixed);
  }

  /// The same for global tiles of a tiled mapping: depth steps, and column steps with complete
  /// results.
  int64_t globalDepth(const Share &share, int64_t m, int64_t columns, bool partial) const {
    int64_t fixed = model.globalBytes(share, m, columns, 0, partial);
    int64_t left = machine.global.capacity - fixed;
    return left <= 0 ? 0 : left / (model.globalBytes(share, m, columns, 1, partial) - fixed);
  }
  int64_t globalColumns(const Share &share, int64_t m) const {
    int64_t fixed = model.globalBytes(share, m, 0, 1, false);
    int64_t left = machine.global.capacity - fixed;
    return left <= 0 ? 0 : left / (model.globalBytes(share, m, 1, 1, false) - fixed);
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

  bool improves(int64_t cycles, Joules energy) const {
    return !found || cycles < bestCycles || (cycles == bestCycles && energy < bestEnergy);
  }
  /// Energy of crossing from and to DRAM.
  Joules trafficEnergy(const Demand &d) const {
    return (rates.dramByte + rates.globalWriteByte) * static_cast<double>(d.dramRead) +
           (rates.dramByte + rates.globalReadByte) * static_cast<double>(d.dramWritten);
  }
  Joules energyOf(const EventCounts &counts) const { return rates.dynamic(counts).total(); }

  /// True if a mapping with at least these fetches could still improve on the best.
  bool promising(const Share &share, bool resident, const Reuse &least,
                 const RowTiling &rows) const {
    if (!found)
      return true;
    Demand d = model.demand(share, resident, least, rows);
    return model.within(d, bestCycles) &&
           (model.within(d, bestCycles - 1) ||
            energyOf(model.counts(share, rows, d, bestCycles)) < bestEnergy);
  }

  /// False if no local tiling of these rows may improve on the best mapping.
  bool worthwhile(const Share &share, const RowTiling &rows) const {
    return !localTilings || localTilings->hasRows(ceilDiv(share.rows, rows.m));
  }

  static Trips trips(const Share &share, int64_t depthSteps, const GlobalTile &g,
                     const RowTiling &rows, int64_t columns, int64_t depth) {
    return {ceilDiv(share.rows, g.m), ceilDiv(share.columns, g.n), ceilDiv(depthSteps, g.k),
            ceilDiv(g.m, rows.m),     ceilDiv(g.n, columns),       ceilDiv(g.k, depth)};
  }
  /// Fetches that the loops over global tiles alone make.
  static Reuse outerReuse(LoopOrder order, int64_t tM, int64_t tN, int64_t tK) {
    return reuse(order, LoopOrder::OutputStationary, {tM, tN, tK}, true);
  }
  static bool held(const RowTiling &rows, int64_t columns) {
    return rows.fitsAccumulators && columns == 1;
  }

  /// The fewest chunks of rows that the accumulators allow, at the array's full rate.
  RowTiling fewestChunks(const Share &share) const {
    RowTiling fewest;
    fewest.chunks = ceilDiv(share.rows, machine.array.accumulatorRows);
    fewest.cycles = std::max(share.rows, fewest.chunks * machine.array.depth);
    return fewest;
  }

  /// Takes a legal mapping if it improves on the best. Returns its reuse.
  Reuse offer(const Share &share, const GlobalTile &g, const RowTiling &rows, int64_t columns,
              int64_t depth, LoopOrder order) {
    Reuse r = reuse(g.order, order, trips(share, model.depthSteps, g, rows, columns, depth),
                    held(rows, columns));
    offer(share, g, rows, columns, depth, order, r);
    return r;
  }
  /// The same, where the reuse is known.
  void offer(const Share &share, const GlobalTile &g, const RowTiling &rows, int64_t columns,
             int64_t depth, LoopOrder order, const Reuse &r) {
    Demand d = model.demand(share, g.resident, r, rows);
    if (found && !model.within(d, bestCycles))
      return;
    EventCounts counts = model.counts(share, rows, d, model.cycles(d));
    Joules energy = energyOf(counts);
    if (!improves(counts.cycles, energy))
      return;
    int64_t width = machine.array.width, step = machine.array.depth;
    found = true;
    bestCycles = counts.cycles;
    bestEnergy = energy;
    mapping.resident = g.resident;
    mapping.split = share.split;
    mapping.global = {g.m, g.n * width, g.k * step, g.order};
    mapping.local = {rows.m, columns * width, depth * step, order};
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
  RowTilings *rowTilings = nullptr;           ///< of the global tiles that are being searched
  const LocalTilings *localTilings = nullptr; ///< all that need be searched, if known
  bool found = false;
  int64_t bestCycles = 0;
  Joules bestEnergy;
  Mapping mapping;
};

} // namespace cat::cost

#endif // CATC_COST_MAPPINGSEARCH_H
