//===- MappingResident.cpp - Mappings that keep activations on chip -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Activations stay in the global buffer; parameters cross from DRAM once.
//
//===----------------------------------------------------------------------===//

#include "Cost/MappingSearch.h"
#include <limits>

using namespace cat;
using namespace cat::cost;

void MappingSearch::searchResident() {
  for (int i = 0; i != model.numShares; ++i) {
    const Share &share = model.shares[i];
    if (model.gemm.stationary == Stationary::Parameter) {
      searchParameters(share);
      continue;
    }
    GlobalTiles tiles;
    tiles.resident = true;
    tiles.m = share.rows;
    tiles.n = share.columns;
    tiles.whole = model.residentBytes(false) <= machine.global.capacity ? model.depthSteps : 0;
    tiles.partial = model.residentBytes(true) <= machine.global.capacity ? model.depthSteps : 0;
    if (tiles.whole)
      searchTiles(share, tiles);
  }
}

void MappingSearch::searchParameters(const Share &share) {
  RowTilings rows(model, share, share.rows);

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
void MappingSearch::searchColumnTiles(const Share &share, int64_t columns, const RowTiling &rows) {
  const int64_t steps = model.depthSteps;
  const int64_t complete = localDepth(rows.m, columns, false);
  if (!complete)
    return;
  const bool inAccumulators = held(rows, columns);
  const int64_t partial = localDepth(rows.m, columns, true);
  // Unless the accumulators hold them, partial sums wait in local SRAM after each local tile.
  if (complete < steps && !inAccumulators) {
    if (!partial)
      return;
    Reuse least;
    least.a = ceilDiv(share.columns, columns);
    least.spills = ceilDiv(steps, partial);
    if (!promising(share, true, least, rows))
      return;
  }
  const int64_t globalWhole = parameterSteps(share, false) / columns,
                globalPartial = parameterSteps(share, true) / columns;
  const bool oneRowTile = rows.m >= share.rows;
  GlobalTile g{true, share.rows, columns, 0};

  // g_K = 1: parameters stream through, tile by tile.
  int64_t depth = std::min({complete, globalWhole, steps});
  bool partialBeyond = !oneRowTile && depth < steps; // partial sums return to the global buffer
  if (depth && depth < steps && (partialBeyond || !inAccumulators))
    depth = std::min({partial, partialBeyond ? globalPartial : globalWhole, steps});
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
    bool whole = globalDepth == steps;
    int64_t local = whole && inAccumulators ? complete : partial;
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
void MappingSearch::searchSingleSteps(const Share &share, const RowTiling &rows) {
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
