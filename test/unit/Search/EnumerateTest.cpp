//===- EnumerateTest.cpp - The exact front against brute force ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Enumerate.h"
#include "RandomProblems.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

/// Equal designs with equal bits.
static void expectSame(const std::vector<FrontPoint> &actual,
                       const std::vector<FrontPoint> &expected, uint64_t seed) {
  ASSERT_EQ(actual.size(), expected.size()) << "seed " << seed;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(actual[i].model, expected[i].model) << "seed " << seed << " point " << i;
    ASSERT_EQ(actual[i].hardware, expected[i].hardware) << "seed " << seed << " point " << i;
    ASSERT_EQ(actual[i].goals.size(), expected[i].goals.size());
    ASSERT_EQ(0, std::memcmp(actual[i].goals.data(), expected[i].goals.data(),
                             actual[i].goals.size() * sizeof(double)))
        << "seed " << seed << " point " << i;
  }
}

class EnumerateRandom : public ::testing::TestWithParam<int> {};

TEST_P(EnumerateRandom, EqualsBruteForce) {
  size_t pruned = 0, points = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Dice dice(seed * 16 + GetParam());
    ProblemOptions options;
    options.goals = GetParam();
    options.composite = seed % 3 != 0;
    Problem problem = randomProblem(dice, options);
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    ASSERT_FALSE(whyNotEnumerable(problem));
    std::vector<FrontPoint> expected = bruteForceFront(problem, evaluations);
    for (unsigned threads : {1u, 3u}) {
      EnumerateOptions how;
      how.threads = threads;
      Front front = enumerateFront(problem, evaluations, how);
      expectSame(front.points, expected, seed);
      if (HasFatalFailure())
        return;
      EXPECT_EQ(front.designs, static_cast<double>(problem.modelCount()) * problem.hardwareCount);
      EXPECT_LE(front.hardwareKept, front.hardwareFeasible);
      pruned += front.hardwareFeasible - front.hardwareKept;
    }
    points += expected.size();
  }
  // The sample must exercise what it is about.
  EXPECT_GT(pruned, 500u);
  EXPECT_GT(points, 150u * GetParam());
}

INSTANTIATE_TEST_SUITE_P(Goals, EnumerateRandom, ::testing::Values(1, 2, 3, 4));

TEST(Enumerate, ModelFrontsEqualBruteForce) {
  size_t points = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    ProblemOptions options;
    options.mixed = true;
    Problem problem = randomProblem(dice, options);
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    ModelFronts fronts(problem);
    for (ModelId m = 0; m < problem.modelCount(); m += 1 + dice.below(5)) {
      std::vector<FrontPoint> expected = bruteForceModelFront(problem, m, evaluations[m]);
      expectSame(fronts.front(m, evaluations[m]), expected, seed);
      if (HasFatalFailure())
        return;
      EXPECT_TRUE(expected.empty() || fronts.mayContribute(m)) << "seed " << seed;
      points += expected.size();
    }
  }
  EXPECT_GT(points, 1000u);
}

TEST(Enumerate, RefusesWhatItCannotFactor) {
  Dice dice(3);
  Problem problem = randomProblem(dice);
  EXPECT_FALSE(whyNotEnumerable(problem));
  int32_t term = -1, accuracy = -1;
  for (size_t s = 0; s < problem.symbols.size(); ++s) {
    if (problem.symbols[s].kind == SymbolKind::Term)
      term = static_cast<int32_t>(s);
    if (problem.symbols[s].kind == SymbolKind::Accuracy)
      accuracy = static_cast<int32_t>(s);
  }
  Problem mixedGoal = problem;
  Goal ratio;
  ratio.value = Expr::apply(ExprOp::Div, {Expr::symbol(accuracy), Expr::symbol(term)});
  mixedGoal.goals.push_back(ratio);
  ASSERT_TRUE(whyNotEnumerable(mixedGoal));
  EXPECT_NE(whyNotEnumerable(mixedGoal)->find("goal " + std::to_string(mixedGoal.goals.size())),
            std::string::npos);
  Problem mixedRequirement = problem;
  mixedRequirement.requirements.push_back(
      Expr::apply(ExprOp::LE, {Expr::symbol(accuracy), Expr::symbol(term)}));
  ASSERT_TRUE(whyNotEnumerable(mixedRequirement));
  EXPECT_NE(whyNotEnumerable(mixedRequirement)->find("requirement"), std::string::npos);
  EnumerateOptions few;
  few.maxModels = problem.modelCount() - 1;
  EXPECT_TRUE(whyNotEnumerable(problem, few));
}

TEST(Enumerate, CountsRejectionsAsBruteForceDoes) {
  size_t counted = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Dice dice(seed + 7000);
    Problem problem = randomProblem(dice);
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    std::vector<Rejection> rejections =
        countRejections(problem, [&](ModelId m) { return evaluations[m]; });
    ASSERT_EQ(rejections.size(), problem.requirements.size());
    for (size_t r = 0; r < rejections.size(); ++r) {
      const Rejection &rejection = rejections[r];
      if (rejection.of == Rejection::Of::Designs) {
        EXPECT_EQ(rejection.rejected, -1);
        continue;
      }
      bool hardware = rejection.of == Rejection::Of::Hardware;
      int64_t expected = 0, total = hardware ? problem.hardwareCount : problem.modelCount();
      for (int64_t i = 0; i < total; ++i) {
        ModelId m = hardware ? 0 : i;
        std::vector<double> symbols =
            symbolValues(problem, m, hardware ? static_cast<HardwareId>(i) : 0, evaluations[m]);
        expected += problem.requirements[r].evaluate(symbols.data()) == 0;
      }
      EXPECT_EQ(rejection.total, total) << "seed " << seed;
      EXPECT_EQ(rejection.rejected, expected) << "seed " << seed;
      ++counted;
    }
  }
  EXPECT_GT(counted, 50u);
}
