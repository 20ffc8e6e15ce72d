//===- BenchCost.cpp - Speed of the mapper ----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Budget: mapping one GEMM on one hardware point takes at most 5 us, on average over the published
// hardware space and the GEMMs of ViT-B/16.
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Cost/Machines.h"
#include "Cost/Workloads.h"
#include <benchmark/benchmark.h>

using namespace cat::cost;
using namespace cat::cost::test;

namespace {

std::vector<Gemm> gemms(int64_t images) {
  std::vector<Gemm> result;
  for (const TowerSize &size : {kVitB16Vision, kVitB16Text})
    for (const Operator &op : tower(size, images).operators)
      if (op.kind == OperatorKind::Gemm)
        result.push_back(op.gemm);
  return result;
}

std::vector<Machine> machines(size_t stride) {
  std::vector<Machine> result;
  std::vector<Point> points = publishedSpace();
  for (size_t i = 0; i < points.size(); i += stride)
    result.push_back(edgeMachine(points[i]));
  return result;
}

/// One mapping an iteration, in the order in which tables are filled: every GEMM of a machine, then
/// the next machine.
void mapGemms(benchmark::State &state, const std::vector<Machine> &hardware,
              const std::vector<Gemm> &work) {
  size_t machine = 0, gemm = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(mapGemm(hardware[machine], work[gemm]));
    if (++gemm == work.size()) {
      gemm = 0;
      machine = (machine + 1) % hardware.size();
    }
  }
}

void BM_MapGemm(benchmark::State &state) { mapGemms(state, machines(1), gemms(1)); }

/// Four images: on the smaller buffers activations are tiled through DRAM.
void BM_MapGemmFourImages(benchmark::State &state) { mapGemms(state, machines(54), gemms(4)); }

void BM_CountProgram(benchmark::State &state) {
  Machine machine = edgeMachine({1, 256, 8, 2, 64, 128});
  Program program = tower(kVitB16Vision);
  for (auto _ : state)
    benchmark::DoNotOptimize(countProgram(machine, program));
}

} // namespace

BENCHMARK(BM_MapGemm)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_MapGemmFourImages)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CountProgram)->Unit(benchmark::kMicrosecond);
