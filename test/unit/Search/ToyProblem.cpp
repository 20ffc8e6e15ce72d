//===- ToyProblem.cpp - A co-design problem with a known optimum ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProblem.h"
#include <algorithm>
#include <cmath>
#include <memory>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

static constexpr double kFrequency = 625e6;

namespace {

/// A hardware point.
struct Machine {
  double cores, width, depth, local, bandwidth, global;

  double area() const {
    return cores * width * depth * 900.0 + cores * width * 4000.0 + 4 * cores * local * 1024 * 1.1 +
           cores * bandwidth * 9000.0 + global * 1048576 * 1.1 + 2.0e6;
  }
  double tops() const { return cores * width * depth * 2 * kFrequency / 1e12; }
};

struct Cost {
  double seconds, joules;
};

} // namespace

static double gemmCycles(double m, double k, double n, const Machine &hw) {
  return std::ceil(m / hw.cores) * std::ceil(n / hw.width) * std::ceil(k / hw.depth) + hw.width +
         hw.depth;
}

/// One encoder: sequence length, layers, then FFN, hidden size (in eighths of the full ones) and
/// heads.
static Cost encoder(double s, double layers, double f8, double h8, double heads, double fullH,
                    double fullF, const Machine &hw) {
  double h = std::floor(h8 * fullH / 8), f = std::floor(f8 * fullF / 8), a = 64 * heads;
  double cycles = gemmCycles(s, h, 3 * a, hw) + gemmCycles(s, a, h, hw) + gemmCycles(s, h, f, hw) +
                  gemmCycles(s, f, h, hw) +
                  heads * (gemmCycles(s, 64, s, hw) + gemmCycles(s, s, 64, hw));
  double weights = 4 * h * a + 2 * h * f, activations = s * (2 * h + 3 * a + f) + heads * s * s;
  double refetch = std::max(1.0, std::ceil(activations / (hw.global * 1048576.0)));
  double spill = std::max(1.0, (s * h / hw.cores) / (hw.local * 1024.0) * 2.0);
  double dram = (weights * refetch + 0.25 * activations) / 40.0;
  double local = (weights + activations) * spill * std::sqrt(hw.width * hw.depth) /
                 (8.0 * hw.cores * hw.bandwidth * std::sqrt(512.0));
  double macs = s * (4 * h * a + 2 * h * f) + 2 * heads * s * s * 64;
  return {layers * (std::max(std::max(cycles, dram), local) + 2000.0) / kFrequency,
          layers * (macs * 0.35e-12 + (weights * refetch + 0.25 * activations) * 20e-12 +
                    (weights + activations) * spill * 1.2e-12 *
                        (1 + std::log2(hw.local / 64.0) * 0.15) * 8)};
}

static Parameter range(double from, double to) {
  Parameter parameter;
  for (double v = from; v <= to; ++v)
    parameter.levels.push_back(v);
  return parameter;
}

Problem cat::search::test::toyProblem(const std::array<double, 3> &thresholds) {
  Problem problem;
  problem.parameters = {range(6, 12), range(4, 8), range(4, 8), range(4, 8),
                        range(6, 12), range(4, 8), range(4, 8), range(6, 12)};
  problem.segments = {{{0, 1, 2, 3}, 875}, {{4, 5, 6, 7}, 1225}};
  std::vector<Machine> machines;
  for (double c : {1, 2, 4})
    for (double w : {32, 64, 128, 256})
      for (double d : {2, 4, 8, 16, 32, 64})
        for (double l : {64, 128, 256, 512, 1024})
          for (double b : {32, 64, 128})
            for (double g : {2, 4, 8})
              machines.push_back({c, w, d, l, b, g});
  size_t points = machines.size();
  problem.hardwareCount = static_cast<int32_t>(points);
  problem.hardwareValues.resize(2);
  for (size_t h = 0; h < points; ++h) {
    problem.hardwareIds.push_back(static_cast<int64_t>(h));
    problem.hardwareValues[0].push_back(machines[h].area());
    problem.hardwareValues[1].push_back(machines[h].tops());
  }
  // Terms: latency and dynamic energy.
  auto terms = std::make_shared<std::vector<AdditiveTerm>>(2);
  for (AdditiveTerm &term : *terms)
    term.tables.resize(2);
  for (size_t s = 0; s < 2; ++s) {
    int64_t variants = problem.segments[s].variants;
    for (AdditiveTerm &term : *terms)
      term.tables[s].resize(variants * points);
    for (int64_t v = 0; v < variants; ++v) {
      const Parameter *p = &problem.parameters[4 * s];
      double level[4];
      for (int64_t i = 3, rest = v; i >= 0; --i) {
        level[i] = p[i].levels[rest % static_cast<int64_t>(p[i].levels.size())];
        rest /= static_cast<int64_t>(p[i].levels.size());
      }
      for (size_t h = 0; h < points; ++h) {
        Cost cost = encoder(s ? 197 : 77, level[0], level[1], level[2], level[3], s ? 768 : 512,
                            s ? 3072 : 2048, machines[h]);
        (*terms)[0].tables[s][v * points + h] = cost.seconds;
        (*terms)[1].tables[s][v * points + h] = cost.joules;
      }
    }
  }
  problem.terms = *terms;
  problem.exactTerms = [terms, points](ModelId m, HardwareId h, double *out) {
    for (size_t t = 0; t < 2; ++t)
      out[t] = (*terms)[t].tables[0][(m / 1225) * points + h] +
               (*terms)[t].tables[1][(m % 1225) * points + h];
  };
  problem.symbols = {{SymbolKind::Term, 0},
                     {SymbolKind::Term, 1},
                     {SymbolKind::HardwareValue, 0},
                     {SymbolKind::HardwareValue, 1},
                     {SymbolKind::Accuracy, 0}};
  auto c = [](double v) { return Expr::constant(v); };
  auto op = [](ExprOp o, Expr a, Expr b) { return Expr::apply(o, {std::move(a), std::move(b)}); };
  Expr latency = Expr::symbol(kToyLatency), area = Expr::symbol(kToyArea);
  // energy = dynamic + latency (0.1 + area 2.2e-8); carbon = area 1e-6 0.0105 + energy 5e8 68
  // / 3.6e6 / 1000 0.35 / 10
  Expr energy =
      op(ExprOp::Add, Expr::symbol(kToyDynamicEnergy),
         op(ExprOp::Mul, latency, op(ExprOp::Add, c(0.10), op(ExprOp::Mul, area, c(2.2e-8)))));
  Expr carbon = op(ExprOp::Add, op(ExprOp::Mul, op(ExprOp::Mul, area, c(1e-6)), c(0.0105)),
                   op(ExprOp::Mul, energy, c(5.0e8 * 68.0 / 3.6e6 / 1000.0 * 0.35 / 10.0)));
  problem.goals = {{Expr::symbol(kToyAccuracy), true, thresholds[0]},
                   {latency, false, thresholds[1]},
                   {carbon, false, thresholds[2]}};
  problem.requirements = {op(ExprOp::LE, area, c(31990347.0)),
                          op(ExprOp::LE, Expr::symbol(kToyTops), c(20.48))};
  return problem;
}

std::vector<Evaluation> cat::search::test::toyAccuracies(const Problem &problem) {
  std::vector<Evaluation> accuracies(problem.modelCount());
  for (ModelId m = 0; m < problem.modelCount(); ++m) {
    int32_t levels[8];
    problem.levels(m, levels);
    auto v = [&](size_t p) { return problem.parameters[p].levels[levels[p]]; };
    double tl = v(0) / 12, tf = v(1) / 8, th = v(2) / 8, ta = v(3) / 8;
    double vl = v(4) / 12, vf = v(5) / 8, vh = v(6) / 8, va = v(7) / 12;
    double dt = 1.1 * std::pow(1 - tl, 1.4) + 0.5 * std::pow(1 - tf, 1.2) +
                0.8 * std::pow(1 - th, 1.5) + 0.35 * std::pow(1 - ta, 1.1) +
                0.8 * (1 - th) * (1 - ta);
    double dv = 2.0 * std::pow(1 - vl, 1.5) + 0.8 * std::pow(1 - vf, 1.2) +
                1.3 * std::pow(1 - vh, 1.4) + 0.5 * std::pow(1 - va, 1.1) +
                1.2 * (1 - vh) * (1 - va) + 1.0 * (1 - vl) * (1 - vf);
    double a = 0.46 * std::exp(-0.8 * dt - dv) - 0.05 * std::fabs(dt - 0.6 * dv) * std::exp(-dv);
    a += 0.006 * std::sin(9 * tl + 5 * vf) + 0.005 * std::sin(11 * vh - 6 * tf) +
         0.004 * std::cos(13 * va * ta);
    accuracies[m].value = std::max(a, 0.001);
  }
  return accuracies;
}
