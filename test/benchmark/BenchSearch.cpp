//===- BenchSearch.cpp - Exact fronts and search steps at full size -------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Budgets: exact front of 1,071,875 models x 3,240 hardware points with two tabulated terms <= 1.3
// s on two threads, with <= 350 MB above the tables; one search step at 60 trials <= 0.3 s.
//
//===----------------------------------------------------------------------===//

#include "Search/Enumerate.h"
#include "Search/Gp.h"
#include "Search/Hypervolume.h"
#include "Search/Strategy.h"
#include "Search/Subset.h"
#include "ToyProblem.h"
#include <benchmark/benchmark.h>
#include <cmath>
#include <random>

using namespace cat::search;
using namespace cat::search::test;

namespace {

/// The toy problem at full size, built once.
struct Toy {
  Problem problem = toyProblem({0.02, 0.1, 0.4});
  std::vector<Evaluation> accuracies = toyAccuracies(problem);
};

} // namespace

static const Toy &toy() {
  static const Toy instance;
  return instance;
}

static void BM_ExactFront(benchmark::State &state) {
  EnumerateOptions options;
  options.threads = static_cast<unsigned>(state.range(0));
  Front front;
  for (auto _ : state)
    front = enumerateFront(toy().problem, toy().accuracies, options);
  state.counters["designs"] = front.designs;
  state.counters["points"] = static_cast<double>(front.points.size());
  state.counters["hardwareKept"] = front.hardwareKept;
  state.counters["dominance_s"] = front.seconds.dominance;
  state.counters["screen_s"] = front.seconds.screen;
}
BENCHMARK(BM_ExactFront)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

/// One ask() with 60 evaluations told, for three goals.
static void BM_SearchStepAt60(benchmark::State &state) {
  constexpr int kTrials = 60;
  StrategyOptions options;
  options.threads = 2;
  std::unique_ptr<Strategy> strategy = makeStrategy("greybox", toy().problem, options).strategy;
  for (int t = 0; t < kTrials; ++t) {
    ModelId model = strategy->ask().value();
    strategy->tell(model, toy().accuracies[model]);
  }
  for (auto _ : state)
    strategy->tellFailed(strategy->ask().value());
}
BENCHMARK(BM_SearchStepAt60)->Unit(benchmark::kMillisecond);

static void BM_ModelFront(benchmark::State &state) {
  ModelFronts fronts(toy().problem, 2);
  ModelId model = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fronts.front(model, toy().accuracies[model]));
    model = (model + 99991) % toy().problem.modelCount();
  }
}
BENCHMARK(BM_ModelFront)->Unit(benchmark::kMicrosecond);

static void BM_Representatives(benchmark::State &state) {
  Front front = enumerateFront(toy().problem, toy().accuracies, {2});
  for (auto _ : state)
    benchmark::DoNotOptimize(representativeSubset(toy().problem.goals, front.points, 12));
}
BENCHMARK(BM_Representatives)->Unit(benchmark::kMillisecond);

static void BM_Hypervolume(benchmark::State &state) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  auto dims = static_cast<size_t>(state.range(0));
  PointSet points{dims, {}};
  for (int64_t i = 0; i < state.range(1); ++i) {
    std::vector<double> p(dims);
    double norm = 0;
    for (double &v : p) {
      v = -std::fabs(normal(random));
      norm += v * v;
    }
    for (double &v : p)
      v /= std::sqrt(norm);
    points.add(p.data());
  }
  std::vector<double> reference(dims, 0.0);
  for (auto _ : state)
    benchmark::DoNotOptimize(hypervolume(points, reference.data()));
}
BENCHMARK(BM_Hypervolume)
    ->Args({2, 1000})
    ->Args({3, 1000})
    ->Args({4, 100})
    ->Unit(benchmark::kMicrosecond);

static void BM_GpFit(benchmark::State &state) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform;
  GpData data;
  data.x.resize(8, state.range(0));
  data.y.resize(state.range(0));
  for (int64_t i = 0; i < state.range(0); ++i) {
    for (int k = 0; k < 8; ++k)
      data.x(k, i) = uniform(random);
    data.y[i] = std::sin(3 * data.x(0, i)) + data.x(1, i) * data.x(2, i);
  }
  Kernel kernel;
  for (auto _ : state)
    benchmark::DoNotOptimize(Gp::fit(kernel, data));
}
BENCHMARK(BM_GpFit)->Arg(60)->Arg(200)->Unit(benchmark::kMillisecond);
