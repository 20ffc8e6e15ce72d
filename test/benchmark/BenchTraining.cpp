//===- BenchTraining.cpp - How fast models are trained and measured -------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pairs of an image and a caption a second, on one thread, beside the ceiling: what the matrix
// products of the same model would take at the rate of a large one (512 x 512 x 512), measured in
// the same run. The model is that of examples/shapes_clip.cat.
//
//===----------------------------------------------------------------------===//

#include "Throughput.h"
#include "Training.h"
#include "Weights/ClipWeights.h"
#include <benchmark/benchmark.h>

using namespace cat;
using namespace cat::torcheval;

static weights::ClipConfig shapesClip() {
  weights::ClipConfig config;
  config.embed = 64;
  config.vision = {6, 96, 4, 24, 384};
  config.text = {3, 64, 4, 16, 256};
  config.patch = 8;
  config.image = 32;
  config.context = 12;
  config.vocab = 32;
  return config;
}

/// Operations of the matrix products of one pair, forwards; a multiply-accumulate counts as two.
static double operationsOf(const weights::ClipConfig &config) {
  auto tower = [](const weights::TowerConfig &t, int64_t tokens) {
    const int64_t linear = 4 * t.width * t.qkvWidth() + 2 * t.width * t.ffn;
    return t.layers * (tokens * linear + 2 * tokens * tokens * t.qkvWidth());
  };
  const int64_t patches = config.imageTokens() - 1;
  return 2.0 * static_cast<double>(tower(config.vision, config.imageTokens()) +
                                   tower(config.text, config.context) +
                                   patches * 3 * config.patch * config.patch * config.vision.width +
                                   config.embed * (config.vision.width + config.text.width));
}

static Clip model() {
  at::set_num_threads(1);
  return *Clip::create(shapesClip(), weights::randomWeights(shapesClip(), 1));
}

/// A batch whose captions fill the context.
static PairBatch batchOf(int64_t pairs) {
  torch::manual_seed(1);
  PairBatch batch;
  batch.pixels = torch::randn({pairs, 3, 32, 32});
  batch.tokens = torch::randint(1, 31, {pairs, 12}, torch::kInt64);
  batch.tokens.select(1, 11).fill_(31);
  return batch;
}

static void report(benchmark::State &state, int64_t pairs, double operations) {
  const double ceiling = measureMatmul() / operations;
  const auto done = static_cast<double>(pairs * state.iterations());
  state.counters["pairs_per_s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["ceiling_pairs_per_s"] = ceiling;
  state.counters["of_ceiling"] = benchmark::Counter(done / ceiling, benchmark::Counter::kIsRate);
}

static void BM_Matmul512(benchmark::State &state) {
  at::set_num_threads(1);
  double rate = 0;
  for (auto _ : state)
    rate = measureMatmul();
  state.counters["flops"] = rate;
}
BENCHMARK(BM_Matmul512)->Unit(benchmark::kMillisecond);

static void BM_TrainingStep(benchmark::State &state) {
  const int64_t pairs = state.range(0);
  Clip clip = model();
  Trainer trainer(clip, {});
  PairBatch batch = batchOf(pairs);
  for (auto _ : state)
    benchmark::DoNotOptimize(trainer.step(batch.pixels, batch.tokens, {}, 1e-4));
  // Backwards takes two products for each one forwards.
  report(state, pairs, 3 * operationsOf(shapesClip()));
}
BENCHMARK(BM_TrainingStep)->Arg(32)->Arg(128)->Unit(benchmark::kMillisecond);

static void BM_Embed(benchmark::State &state) {
  const int64_t pairs = state.range(0);
  torch::NoGradGuard noGradients;
  Clip clip = model();
  PairBatch batch = batchOf(pairs);
  for (auto _ : state)
    benchmark::DoNotOptimize(clip.encode(batch.pixels, batch.tokens));
  report(state, pairs, operationsOf(shapesClip()));
}
BENCHMARK(BM_Embed)->Arg(64)->Unit(benchmark::kMillisecond);
