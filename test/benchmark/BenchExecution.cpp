//===- BenchExecution.cpp - Speed of compiled models ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear layers of ViT-B/16 as cat-run computes them, the weight's transposition included; counts
// operations a second. A library's product takes a model of this size at 60 to 200 GFLOP/s a core.
//
//===----------------------------------------------------------------------===//

#include "Execution/Lower.h"
#include "Execution/Program.h"
#include "NN/NN.h"
#include "mlir/Parser/Parser.h"
#include <benchmark/benchmark.h>

using namespace cat;
using namespace cat::execution;

/// A layer of `inputs` to `features` on `tokens` tokens.
static std::string linear(int64_t tokens, int64_t inputs, int64_t features) {
  auto type = [&](int64_t columns) {
    return "tensor<" + std::to_string(tokens) + "x" + std::to_string(columns) + "xf32>";
  };
  std::string in = type(inputs), out = type(features);
  return R"(nn.model @m family "f" {
    %s = nn.segment @s -> )" +
         out + R"( {
      %x = nn.input "x" [)" +
         std::to_string(tokens) + ", " + std::to_string(inputs) + "] of f32 : " + in + R"(
      %y = nn.linear %x {features = )" +
         std::to_string(features) + R"(, weight = "fc"} : )" + in + " -> " + out + R"(
      nn.yield %y : )" +
         out + R"(
    }
    nn.return
  })";
}

static void BM_Linear(benchmark::State &state) {
  int64_t tokens = state.range(0), inputs = state.range(1), features = state.range(2);
  mlir::DialectRegistry registry;
  registry.insert<space::SpaceDialect, nn::NNDialect>();
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(linear(tokens, inputs, features), &context);
  auto program = module ? Program::compile(*module, "m") : nullptr;
  if (!program) {
    state.SkipWithError("the layer does not compile");
    return;
  }
  std::vector<float> x(tokens * inputs, 1), w(features * inputs, 1), y(tokens * features);
  for (auto _ : state) {
    if (program->run({x.data()}, {w.data()}, {y.data()})) {
      state.SkipWithError("the layer does not run");
      return;
    }
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(tokens * inputs * features),
                         benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(BM_Linear)
    ->Args({197, 768, 3072})
    ->Args({197, 3072, 768})
    ->Args({512, 512, 512})
    ->Args({1, 512, 512})
    ->Unit(benchmark::kMillisecond);
