//===- Mapping.cpp - The mapping of a GEMM ----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The public functions; MappingSearch.h says how the best mapping is found.
//
//===----------------------------------------------------------------------===//

#include "Cost/MappingSearch.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::cost;

Mapping cost::mapGemm(const Machine &machine, const Gemm &gemm) {
  MappingSearch search(machine, gemm);
  search.searchResident();
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
         model.globalBytes(*share, g.m, gn, gk, r.passes > 1) <= machine.global.capacity;
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
