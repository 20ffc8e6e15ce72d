//===- BenchDesign.cpp - The price of one design --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Budgets: one CLIP design through the IR pipeline, through cost programs (amortised over the
// designs that share their segments and operators), memory over 10,000 designs, and time and memory
// of the exact front of all designs.
//
//===----------------------------------------------------------------------===//

#include "Frontend/Frontend.h"
#include "Search/Enumerate.h"
#include "Study/Accuracy.h"
#include "Study/DesignCost.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <unistd.h>

using namespace cat;

namespace {

/// The main example, factored on first use.
struct Example {
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  frontend::DiagnosticEngine diagnostics;
  frontend::Spec spec;
  study::StudyOps ops;
  std::unique_ptr<study::Codesign> codesign;

  Example() {
    frontend::FrontendOptions options;
    options.searchPaths = {CATC_SOURCE_DIR};
    spec = frontend::loadSpec(CATC_SOURCE_DIR "/examples/clip_vit_b16.cat", &context, options,
                              diagnostics);
    diagnostics.flush(llvm::errs());
    if (!spec)
      std::exit(1);
    llvm::FailureOr<study::StudyOps> found = study::findStudy(*spec.module);
    if (failed(found))
      std::exit(1);
    ops = *found;
    auto created = study::Codesign::create(ops, {2});
    if (failed(created))
      std::exit(1);
    codesign = std::move(*created);
  }

  static Example &get() {
    static Example example;
    return example;
  }

  search::FrontPoint randomDesign(std::mt19937_64 &random) const {
    search::FrontPoint point;
    point.model = static_cast<int64_t>(random() % codesign->problem().modelCount());
    point.hardware = static_cast<int32_t>(random() % codesign->problem().hardwareCount);
    return point;
  }
};

double residentBytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Forgets the largest resident set so far.
void resetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// The largest resident set since resetPeak().
double peakBytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key)
    if (double kibibytes = 0; key == "VmHWM:" && status >> kibibytes)
      return kibibytes * 1024;
  return 0;
}

} // namespace

static void BM_DesignThroughIR(benchmark::State &state) {
  Example &example = Example::get();
  std::mt19937_64 random(1);
  for (auto _ : state) {
    search::FrontPoint design = example.randomDesign(random);
    auto metrics = study::costThroughIR(example.ops, example.codesign->table(),
                                        example.codesign->point(design.model, design.hardware));
    if (failed(metrics))
      state.SkipWithError("a design cannot be lowered");
  }
}
BENCHMARK(BM_DesignThroughIR)->Unit(benchmark::kMillisecond);

static void BM_DesignThroughPrograms(benchmark::State &state) {
  Example &example = Example::get();
  std::mt19937_64 random(2);
  for (auto _ : state) {
    search::FrontPoint design = example.randomDesign(random);
    benchmark::DoNotOptimize(example.codesign->metrics(design.model, design.hardware));
  }
}
BENCHMARK(BM_DesignThroughPrograms)->Unit(benchmark::kMicrosecond);

static void BM_FactorSpace(benchmark::State &state) {
  Example &example = Example::get();
  for (auto _ : state)
    if (failed(study::Codesign::create(example.ops, {2})))
      state.SkipWithError("the space cannot be factored");
}
BENCHMARK(BM_FactorSpace)->Unit(benchmark::kMillisecond)->Iterations(3);

static void BM_TenThousandDesigns(benchmark::State &state) {
  Example &example = Example::get();
  std::mt19937_64 random(3);
  auto verify = [&](int count) {
    std::vector<search::FrontPoint> designs;
    for (int i = 0; i < count; ++i)
      designs.push_back(example.randomDesign(random));
    if (study::verifyThroughIR(example.ops, *example.codesign, designs, 2))
      state.SkipWithError("a design differs between the IR and the tables");
  };
  for (auto _ : state) {
    verify(1000);
    double before = residentBytes();
    verify(9000);
    state.counters["growth_bytes"] = residentBytes() - before;
  }
}
BENCHMARK(BM_TenThousandDesigns)->Unit(benchmark::kSecond)->Iterations(1);

/// Factors and tabulates the space of the main example, and enumerates it, on two threads.
static void BM_ExactFrontOfExample(benchmark::State &state) {
  Example &example = Example::get();
  llvm::FailureOr<std::optional<eval::Predictor>> predictor = study::makePredictor(example.ops);
  if (failed(predictor) || !*predictor) {
    state.SkipWithError("the example has no predictor");
    return;
  }
  double growth = 0;
  size_t points = 0;
  for (auto _ : state) {
    state.PauseTiming();
    example.codesign.reset(); // else its memory would be there twice
    resetPeak();
    double before = residentBytes();
    state.ResumeTiming();
    auto codesign = study::Codesign::create(example.ops, {2});
    if (failed(codesign)) {
      state.SkipWithError("the space cannot be factored");
      return;
    }
    study::ModelPredictions predictions(**predictor, **codesign);
    search::EnumerateOptions options;
    options.threads = 2;
    search::Front front = search::enumerateFront(
        (*codesign)->problem(),
        [&](search::ModelId model) { return predictions.evaluation(model); }, options);
    growth = std::max(growth, peakBytes() - before);
    points = front.points.size();
    example.codesign = std::move(*codesign);
  }
  state.counters["peak_growth_bytes"] = growth;
  state.counters["points"] = static_cast<double>(points);
}
BENCHMARK(BM_ExactFrontOfExample)->Unit(benchmark::kSecond)->Iterations(3)->UseRealTime();
