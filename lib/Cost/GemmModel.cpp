//===- GemmModel.cpp - What a mapping of a GEMM costs -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost/GemmModel.h"
#include "Cost/Timing.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::cost;

namespace {

/// For each of the loops over M, N and K of one nest: whether a loop that the operand indifferent
/// to it (W, A, Z in turn) depends on runs inside it, more than once.
struct Inside {
  bool m, n, k;
};

Inside inside(LoopOrder order, int64_t tripsM, int64_t tripsN, int64_t tripsK) {
  constexpr unsigned M = 1, N = 2, K = 4;
  // Loops inside those over M, N and K, for the nests M, N, K; N, K, M; and M, K, N.
  constexpr unsigned char kInner[3][3] = {{N | K, K, 0}, {0, K | M, M}, {N | K, 0, N}};
  unsigned loops = (tripsM > 1 ? M : 0) | (tripsN > 1 ? N : 0) | (tripsK > 1 ? K : 0);
  const unsigned char *inner = kInner[static_cast<int>(order)];
  return {(loops & inner[0]) != 0, (loops & inner[1]) != 0, (loops & inner[2]) != 0};
}

} // namespace

Reuse cost::reuse(LoopOrder global, LoopOrder local, const Trips &t, bool held) {
  Inside outer = inside(global, t.tM, t.tN, t.tK), inner = inside(local, t.gM, t.gN, t.gK);
  bool m = t.gM > 1, n = t.gN > 1, k = t.gK > 1;
  Reuse r;
  r.dramA = outer.n ? t.tN : 1;
  r.dramW = outer.m ? t.tM : 1;
  r.dramPasses = outer.k ? t.tK : 1;
  r.a = (inner.n ? t.gN : 1) * (outer.n || m || k ? t.tN : 1);
  r.w = (inner.m ? t.gM : 1) * (outer.m || n || k ? t.tM : 1);
  r.passes = (inner.k ? t.gK : 1) * (outer.k || m || n ? t.tK : 1);
  r.spills = held ? r.passes : t.tK * t.gK;
  return r;
}

GemmModel::GemmModel(const Machine &machine, const Gemm &gemm) : machine(machine), gemm(gemm) {
  CATC_CHECK(gemm.m > 0 && gemm.n > 0 && gemm.k > 0 && gemm.batch > 0,
             "a GEMM needs positive sizes");
  // Every count is at most a few dozen times MACs times trips, so this keeps all of them in 64
  // bits.
  CATC_CHECK(static_cast<__int128>(gemm.m + 1) * (gemm.n + 1) * (gemm.k + 1) * gemm.batch <
                 (__int128(1) << 50),
             "a GEMM of more than 2^50 multiply-accumulates");
  const MacArray &array = machine.array;
  const int64_t element = machine.elementBytes;
  columnSteps = ceilDiv(gemm.n, array.width);
  depthSteps = ceilDiv(gemm.k, array.depth);
  results = gemm.batch * gemm.m * gemm.n;
  parametersCross = gemm.stationary == Stationary::Parameter;
  bytesA = gemm.batch * gemm.m * gemm.k * element;
  bytesW = gemm.batch * gemm.k * gemm.n * element;
  residentElements = (bytesA + (parametersCross ? 0 : bytesW)) / element + gemm.liveElements;
  if (residentBytes(/*partial=*/false) <= machine.global.capacity) {
    displacedOut = residentElements * element;
    int64_t after = results + std::max<int64_t>(0, gemm.liveElements - gemm.drainReadElements);
    displacedIn = after * element;
  }
  dramCyclesPerByte = timing::dramCyclesPerByte(machine);

  // The array's timing contract: the first stationary tile loads before the first row; results
  // leave a registered adder tree 2 + log2(D) cycles after their row, and six more cycles pass
  // requantisation and the output FIFO.
  fillCycles = std::max(array.depth,
                        ceilDiv(array.depth * array.width * element, machine.local.bytesPerCycle));
  int64_t log2Depth = 0;
  while ((int64_t(1) << log2Depth) < array.depth)
    ++log2Depth;
  drainCycles = 2 + log2Depth + 6;
  vectorCycles = ceilDiv(gemm.drainPasses * results, machine.vector.lanes * machine.clusters);

  auto add = [&](ClusterSplit split) {
    Share s;
    s.split = split;
    auto part = [&](ClusterSplit by, int64_t whole, int64_t &used) {
      int64_t each = split == by ? ceilDiv(whole, machine.clusters) : whole;
      used = ceilDiv(whole, each);
      return each;
    };
    s.rows = part(ClusterSplit::Rows, gemm.m, s.usedM);
    s.columns = part(ClusterSplit::Columns, columnSteps, s.usedN);
    s.batch = part(ClusterSplit::Batch, gemm.batch, s.usedB);
    int64_t columnElements = std::min(gemm.n, s.columns * array.width);
    s.allA = bytesA * s.usedN;
    s.allW = bytesW * s.usedM;
    s.oneA = s.batch * s.rows * gemm.k * element;
    s.oneW = s.batch * gemm.k * columnElements * element;
    s.oneResults = s.batch * s.rows * columnElements;
    int64_t depth = depthSteps * array.depth * element;
    s.allStream = gemm.batch * gemm.m * depth * columnSteps;
    s.oneStream = s.batch * s.rows * depth * s.columns;
    s.allLoad = gemm.batch * depth * columnSteps * array.width * s.usedM;
    s.oneLoad = s.batch * depth * s.columns * array.width;
    shares[numShares++] = s;
  };
  if (machine.clusters == 1) {
    add(ClusterSplit::None);
    return;
  }
  add(ClusterSplit::Rows);
  add(ClusterSplit::Columns);
  if (gemm.batch > 1)
    add(ClusterSplit::Batch);
}

const Share *GemmModel::share(ClusterSplit split) const {
  for (int i = 0; i != numShares; ++i)
    if (shares[i].split == split)
      return &shares[i];
  return nullptr;
}

RowTiling GemmModel::rowTiling(int64_t blocks, int64_t globalM, int64_t chunk, int64_t m) const {
  chunk = std::min(m, chunk);
  const int64_t chunks = ceilDiv(globalM, chunk), depth = machine.array.depth;
  // Loading the next stationary tile takes D cycles, so a shorter chunk waits for it.
  int64_t cycles =
      (chunks - 1) * std::max(chunk, depth) + std::max(globalM - (chunks - 1) * chunk, depth);
  return {globalM, m, blocks * chunks, blocks * cycles, m <= machine.array.accumulatorRows};
}

Demand GemmModel::demand(const Share &s, bool resident, const Reuse &r,
                         const RowTiling &rows) const {
  const int64_t element = machine.elementBytes, sum = machine.array.accumulatorBytes;
  Demand d;
  if (resident) {
    d.dramRead = parametersCross ? bytesW : 0;
  } else {
    int64_t partial = results * sum * (r.dramPasses - 1);
    d.dramRead = bytesA * r.dramA + bytesW * r.dramW + partial + gemm.drainReadElements * element +
                 displacedIn;
    d.dramWritten = results * element + partial + displacedOut;
  }
  d.fetched = s.allA * r.a + s.allW * r.w;
  d.partial = results * sum * (r.passes - 1);
  d.staged = element + sum * (r.passes - 1 + r.spills - 1);
  d.array = rows.cycles * s.batch * s.columns * depthSteps;
  d.local = s.oneA * r.a + s.oneW * r.w + 2 * s.oneResults * d.staged + s.oneStream +
            s.oneLoad * rows.chunks;
  d.globalRead = d.fetched + d.partial + gemm.drainReadElements * element + d.dramWritten;
  d.globalWritten = results * element + d.partial + d.dramRead;
  return d;
}

int64_t GemmModel::cycles(const Demand &d) const {
  int64_t busy = std::max(d.array, ceilDiv(d.local, machine.local.bytesPerCycle));
  busy = std::max(busy, ceilDiv(d.globalRead + d.globalWritten, machine.global.bytesPerCycle));
  busy = std::max(busy, timing::dramCycles(dramCyclesPerByte, d.dramRead + d.dramWritten));
  return std::max(busy, vectorCycles) + idleCycles(d);
}

bool GemmModel::within(const Demand &d, int64_t cycles) const {
  const int64_t busy = cycles - idleCycles(d);
  // ceil(x) <= busy just if x <= busy. The products may exceed 64 bits.
  const __int128 wide = busy;
  return d.array <= busy && vectorCycles <= busy && d.local <= wide * machine.local.bytesPerCycle &&
         d.globalRead + d.globalWritten <= wide * machine.global.bytesPerCycle &&
         static_cast<double>(d.dramRead + d.dramWritten) * dramCyclesPerByte <=
             static_cast<double>(busy);
}

EventCounts GemmModel::counts(const Share &s, const RowTiling &rows, const Demand &d,
                              int64_t cycles) const {
  const MacArray &array = machine.array;
  EventCounts c;
  c.dramReadBytes = d.dramRead;
  c.dramWriteBytes = d.dramWritten;
  c.localWriteBytes = d.fetched + results * d.staged;
  c.localReadBytes = s.allStream + s.allLoad * rows.chunks + results * d.staged;
  c.globalReadBytes = d.globalRead;
  c.globalWriteBytes = d.globalWritten;
  c.macs = gemm.macs();
  // Every lane reads and writes its accumulator for each row and depth step.
  c.accumulatorBytes =
      2 * array.accumulatorBytes * gemm.batch * gemm.m * columnSteps * array.width * depthSteps;
  c.vectorOperations = gemm.drainPasses * results;
  c.cycles = c.arrayCycles = cycles;
  return c;
}
