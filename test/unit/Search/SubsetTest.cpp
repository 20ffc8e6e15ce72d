//===- SubsetTest.cpp - Representative designs, knee and ceilings ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Subset.h"
#include "RandomProblems.h"
#include "Search/Oracle.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

static const double kNaN = std::numeric_limits<double>::quiet_NaN();

static std::vector<Goal> goalsOf(std::vector<bool> maximize, double threshold = kNaN) {
  std::vector<Goal> goals;
  for (bool m : maximize)
    goals.push_back({Expr::constant(0), m, threshold});
  return goals;
}

/// A quarter of a circle, first goal maximised.
static std::vector<FrontPoint> circle(int n) {
  std::vector<FrontPoint> points;
  for (int i = 0; i < n; ++i) {
    double t = M_PI / 2 * i / (n - 1);
    points.push_back({i, 0, {10 * std::cos(t), -3 * std::sin(t)}});
  }
  return points;
}

TEST(Subset, HypervolumeRespectsTheSense) {
  std::vector<Goal> goals = goalsOf({true, false});
  std::vector<FrontPoint> points = {{0, 0, {0.8, 2}}, {1, 0, {0.5, 1}}};
  EXPECT_DOUBLE_EQ(hypervolume(goals, points, {0.3, 4}), 0.5 * 2 + 0.2 * 1);
}

TEST(Subset, ReferenceIsTheThresholdOrBeyondTheWorst) {
  std::vector<Goal> goals = goalsOf({true, false});
  goals[1].threshold = 9;
  std::vector<FrontPoint> points = {{0, 0, {3, 1}}, {1, 0, {5, 2}}};
  std::vector<double> reference = referencePoint(goals, points);
  EXPECT_DOUBLE_EQ(reference[0], 3 - 0.2);
  EXPECT_EQ(reference[1], 9);
}

TEST(Subset, KneeOfAConvexFrontIsItsBulge) {
  std::vector<FrontPoint> points = circle(91);
  EXPECT_EQ(kneePoint(goalsOf({true, false}), points), 45u);
  // Scaling a goal does not move it.
  for (FrontPoint &p : points)
    p.goals[1] *= 1e6;
  EXPECT_EQ(kneePoint(goalsOf({true, false}), points), 45u);
  EXPECT_EQ(kneePoint(goalsOf({true, false}), {points[3]}), 0u);
}

TEST(Subset, RepresentativesIncludeTheExtremesAndCoverTheFront) {
  std::vector<Goal> goals = goalsOf({true, false});
  std::vector<FrontPoint> points = circle(400);
  std::vector<size_t> chosen = representativeSubset(goals, points, 12);
  ASSERT_EQ(chosen.size(), 12u);
  EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
  EXPECT_EQ(chosen.front(), 0u);
  EXPECT_EQ(chosen.back(), 399u);
  std::vector<FrontPoint> subset;
  for (size_t i : chosen)
    subset.push_back(points[i]);
  std::vector<double> reference = referencePoint(goals, points);
  double all = hypervolume(goals, points, reference);
  std::vector<double> best = bestSubsetHypervolumes(goals, points, reference, 12);
  // Two of the twelve are spent on the extremes.
  EXPECT_GT(hypervolume(goals, subset, reference), 0.98 * best[9]);
  EXPECT_LE(hypervolume(goals, subset, reference), best[11] * (1 + 1e-12));
  EXPECT_LT(best[11], all);
  EXPECT_EQ(representativeSubset(goals, points, 12), chosen);
  EXPECT_EQ(representativeSubset(goals, circle(5), 12).size(), 5u);
  EXPECT_EQ(representativeSubset(goals, points, 1).size(), 1u);
  EXPECT_TRUE(representativeSubset(goals, points, 0).empty());
}

/// Greedy choice by definition, gain by gain.
TEST(Subset, RepresentativesAreGreedy) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Dice dice(seed);
    std::vector<Goal> goals = goalsOf({true, false, false});
    Problem problem;
    problem.goals = goals;
    problem.hardwareIds = {0};
    std::vector<FrontPoint> points;
    for (int i = 0; i < 60; ++i)
      points.push_back({i, 0, {dice.uniform(), dice.uniform(), dice.uniform()}});
    points = nondominated(problem, points);
    if (points.size() < 8)
      continue;
    std::vector<size_t> chosen = representativeSubset(goals, points, 2);
    // With fewer than one for each goal nothing is reserved.
    std::vector<double> lo(3, 1e9), hi(3, -1e9);
    for (const FrontPoint &p : points)
      for (size_t g = 0; g < 3; ++g) {
        lo[g] = std::min(lo[g], p.goals[g]);
        hi[g] = std::max(hi[g], p.goals[g]);
      }
    std::vector<double> reference = {lo[0] - 0.1 * (hi[0] - lo[0]), hi[1] + 0.1 * (hi[1] - lo[1]),
                                     hi[2] + 0.1 * (hi[2] - lo[2])};
    std::vector<FrontPoint> set;
    std::vector<size_t> expected;
    for (int k = 0; k < 2; ++k) {
      size_t best = 0;
      double most = -1;
      for (size_t i = 0; i < points.size(); ++i) {
        std::vector<FrontPoint> with = set;
        with.push_back(points[i]);
        double v = hypervolume(goals, with, reference);
        if (v > most * (1 + 1e-12)) {
          most = v;
          best = i;
        }
      }
      set.push_back(points[best]);
      expected.push_back(best);
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(chosen, expected) << "seed " << seed;
  }
}

TEST(Oracle, DynamicProgrammingEqualsAllSubsets) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    std::vector<Goal> goals = goalsOf({false, true});
    std::vector<FrontPoint> points;
    for (int i = 0; i < 9; ++i)
      points.push_back({i, 0, {dice.uniform(), dice.uniform()}});
    std::vector<double> reference = {0.9, 0.1}, best(10, 0);
    for (uint32_t subset = 1; subset < 1u << 9; ++subset) {
      std::vector<FrontPoint> some;
      for (int i = 0; i < 9; ++i)
        if (subset >> i & 1)
          some.push_back(points[i]);
      best[some.size()] = std::max(best[some.size()], hypervolume(goals, some, reference));
    }
    std::vector<double> actual = bestSubsetHypervolumes(goals, points, reference, 9);
    for (size_t k = 0; k < actual.size(); ++k)
      EXPECT_NEAR(actual[k], best[k + 1], 1e-13) << "seed " << seed << " k " << k + 1;
  }
}

TEST(Oracle, GreedyModelsReachTheWholeFront) {
  int checked = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed);
    ProblemOptions options;
    options.evaluatedGoal = true;
    options.goals = 3;
    Problem problem = randomProblem(dice, options);
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    Front front = enumerateFront(problem, evaluations);
    if (front.points.size() < 4)
      continue;
    std::vector<double> reference = referencePoint(problem.goals, front.points);
    std::vector<double> volumes =
        greedyModelHypervolumes(problem, ModelFronts(problem), front, evaluations, reference, 1000);
    for (size_t k = 1; k < volumes.size(); ++k)
      EXPECT_GE(volumes[k], volumes[k - 1] * (1 - 1e-12));
    double exact = hypervolume(problem.goals, front.points, reference);
    EXPECT_NEAR(volumes.back(), exact, 1e-9 * exact);
    // The first choice is the best single model.
    double best = 0;
    for (ModelId m = 0; m < problem.modelCount(); ++m)
      best =
          std::max(best, hypervolume(problem.goals,
                                     bruteForceModelFront(problem, m, evaluations[m]), reference));
    EXPECT_NEAR(volumes.front(), best, 1e-9 * best);
    ++checked;
  }
  EXPECT_GT(checked, 10);
}
