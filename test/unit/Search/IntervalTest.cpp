//===- IntervalTest.cpp - Bounds and trends of expressions ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Interval.h"
#include "RandomProblems.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

static const ExprOp kUnary[] = {ExprOp::Neg,  ExprOp::Not,   ExprOp::Sqrt, ExprOp::Log2,
                                ExprOp::Ceil, ExprOp::Floor, ExprOp::Abs};
static const ExprOp kBinary[] = {ExprOp::Add, ExprOp::Sub, ExprOp::Mul, ExprOp::Div,
                                 ExprOp::Min, ExprOp::Max, ExprOp::Pow, ExprOp::LE,
                                 ExprOp::GE,  ExprOp::LT,  ExprOp::GT,  ExprOp::EQ,
                                 ExprOp::NE,  ExprOp::And, ExprOp::Or,  ExprOp::Implies};

static Expr randomExpr(Dice &dice, int depth, int symbols) {
  if (depth == 0 || dice.chance(0.2))
    return dice.chance(0.7) ? Expr::symbol(static_cast<int32_t>(dice.below(symbols)))
                            : Expr::constant(static_cast<double>(dice.below(7)) - 2);
  if (dice.chance(0.25))
    return Expr::apply(kUnary[dice.below(std::size(kUnary))],
                       {randomExpr(dice, depth - 1, symbols)});
  if (dice.chance(0.05))
    return Expr::apply(ExprOp::Select,
                       {randomExpr(dice, depth - 1, symbols), randomExpr(dice, depth - 1, symbols),
                        randomExpr(dice, depth - 1, symbols)});
  if (dice.chance(0.05))
    return Expr::apply(ExprOp::HasDivisor,
                       {randomExpr(dice, depth - 1, symbols), randomExpr(dice, depth - 1, symbols),
                        randomExpr(dice, depth - 1, symbols)});
  return Expr::apply(kBinary[dice.below(std::size(kBinary))],
                     {randomExpr(dice, depth - 1, symbols), randomExpr(dice, depth - 1, symbols)});
}

static std::vector<Interval> randomBox(Dice &dice, int symbols) {
  std::vector<Interval> box;
  for (int s = 0; s < symbols; ++s) {
    double lo = static_cast<double>(dice.below(9)) - 3, width = static_cast<double>(dice.below(4));
    box.push_back({lo, lo + width});
  }
  return box;
}

static double inside(Dice &dice, const Interval &v) {
  return dice.chance(0.4) ? (dice.chance(0.5) ? v.lo : v.hi)
                          : v.lo + (v.hi - v.lo) * dice.uniform();
}

TEST(Interval, EnclosesEveryValue) {
  constexpr int kSymbols = 3;
  size_t finite = 0;
  for (uint64_t seed = 0; seed < 5000; ++seed) {
    Dice dice(seed);
    Expr expr = randomExpr(dice, 3, kSymbols);
    std::vector<Interval> box = randomBox(dice, kSymbols);
    Interval bounds = evaluateInterval(expr, box.data());
    finite += bounds.finite();
    for (int sample = 0; sample < 20; ++sample) {
      double symbols[kSymbols];
      for (int s = 0; s < kSymbols; ++s)
        symbols[s] = inside(dice, box[s]);
      double value = expr.evaluate(symbols);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isinf(bounds.lo) && std::isinf(bounds.hi)) << "seed " << seed;
        continue;
      }
      EXPECT_LE(bounds.lo, value) << "seed " << seed;
      EXPECT_GE(bounds.hi, value) << "seed " << seed;
    }
    // Many points at once give the same.
    constexpr int kPoints = 70;
    std::vector<std::vector<double>> lo(kSymbols), hi(kSymbols);
    std::vector<Interval> expected;
    for (int p = 0; p < kPoints; ++p) {
      std::vector<Interval> at = randomBox(dice, kSymbols);
      expected.push_back(evaluateInterval(expr, at.data()));
      for (int s = 0; s < kSymbols; ++s) {
        lo[s].push_back(at[s].lo);
        hi[s].push_back(at[s].hi);
      }
    }
    const double *los[kSymbols], *his[kSymbols];
    for (int s = 0; s < kSymbols; ++s) {
      los[s] = lo[s].data();
      his[s] = hi[s].data();
    }
    std::vector<double> outLo(kPoints), outHi(kPoints), scratch;
    evaluateIntervals(expr, los, his, kPoints, outLo.data(), outHi.data(), scratch);
    for (int p = 0; p < kPoints; ++p) {
      EXPECT_EQ(outLo[p], expected[p].lo) << "seed " << seed;
      EXPECT_EQ(outHi[p], expected[p].hi) << "seed " << seed;
    }
  }
  EXPECT_GT(finite, 2000u);
}

TEST(Interval, TrendsHold) {
  constexpr int kSymbols = 3;
  size_t known = 0;
  for (uint64_t seed = 0; seed < 8000; ++seed) {
    Dice dice(seed + 50000);
    Expr expr = randomExpr(dice, 3, kSymbols);
    std::vector<Interval> box = randomBox(dice, kSymbols);
    std::vector<uint8_t> trend = trends(expr, box);
    for (int s = 0; s < kSymbols; ++s) {
      if (trend[s] == Unknown)
        continue;
      known += trend[s] != Flat;
      for (int sample = 0; sample < 20; ++sample) {
        double symbols[kSymbols];
        for (int t = 0; t < kSymbols; ++t)
          symbols[t] = inside(dice, box[t]);
        double a = symbols[s], b = inside(dice, box[s]);
        symbols[s] = std::min(a, b);
        double low = expr.evaluate(symbols);
        symbols[s] = std::max(a, b);
        double high = expr.evaluate(symbols);
        if (trend[s] == Flat) {
          EXPECT_TRUE(low == high || (std::isnan(low) && std::isnan(high))) << "seed " << seed;
        } else {
          EXPECT_TRUE(trend[s] == Up ? low <= high : low >= high)
              << "seed " << seed << " symbol " << s << ": " << low << " to " << high;
        }
      }
    }
  }
  EXPECT_GT(known, 1000u);
}
