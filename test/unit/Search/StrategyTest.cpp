//===- StrategyTest.cpp - Ask and tell ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Strategy.h"
#include "RandomProblems.h"
#include "Search/CurveTable.h"
#include "Search/Enumerate.h"
#include "Search/GreyBox.h"
#include "Search/Prepared.h"
#include "Search/ScanScorer.h"
#include "Search/SetValuedEhvi.h"
#include "Search/Subset.h"
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

static std::unique_ptr<Strategy> make(std::string_view name, const Problem &problem,
                                      const StrategyOptions &options) {
  StrategyResult result = makeStrategy(name, problem, options);
  EXPECT_TRUE(result.strategy) << result.reason;
  return std::move(result.strategy);
}

static Problem searchable(Dice &dice, int goals) {
  ProblemOptions options;
  options.evaluatedGoal = true;
  options.goals = goals;
  return randomProblem(dice, options);
}

/// One with at least `models` models that may contribute.
static Problem searchable(Dice &dice, int goals, int64_t models) {
  while (true) {
    Problem problem = searchable(dice, goals);
    ModelFronts fronts(problem);
    int64_t open = 0;
    for (ModelId m = 0; m < problem.modelCount(); ++m)
      open += fronts.mayContribute(m);
    if (open >= models)
      return problem;
  }
}

class StrategyByName : public ::testing::TestWithParam<std::string_view> {};

/// Run to exhaustion, every strategy finds the whole front, asks for no model twice and for every
/// model that matters.
TEST_P(StrategyByName, ExhaustsTheSpaceAndFindsTheFront) {
  size_t found = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed);
    Problem problem = searchable(dice, static_cast<int>(1 + seed % 4));
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    for (Evaluation &e : evaluations)
      e.noise = seed % 2 ? 0 : 0.01;
    StrategyOptions options;
    options.seed = seed;
    if (seed % 3 == 0) {
      auto prior = evaluations;
      for (Evaluation &e : prior)
        e.value += 0.1 * dice.normal();
      options.prior = std::make_shared<const std::vector<Evaluation>>(prior);
    }
    std::unique_ptr<Strategy> strategy = make(GetParam(), problem, options);
    ModelFronts fronts(problem);
    std::set<ModelId> asked;
    std::vector<FrontPoint> points;
    while (std::optional<ModelId> model = strategy->ask()) {
      ASSERT_TRUE(asked.insert(*model).second) << "seed " << seed;
      strategy->tell(*model, evaluations[*model]);
      for (FrontPoint &p : fronts.front(*model, evaluations[*model]))
        points.push_back(std::move(p));
    }
    std::vector<FrontPoint> expected = bruteForceFront(problem, evaluations);
    points = nondominated(problem, std::move(points));
    ASSERT_EQ(points.size(), expected.size()) << "seed " << seed;
    for (size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(points[i].model, expected[i].model);
      EXPECT_EQ(points[i].hardware, expected[i].hardware);
    }
    for (ModelId m = 0; m < problem.modelCount(); ++m)
      EXPECT_EQ(asked.count(m), fronts.mayContribute(m) ? 1u : 0u) << "seed " << seed;
    found += expected.size();
  }
  EXPECT_GT(found, 60u);
}

/// The same seed gives the same trials; another seed gives others; told trials resume exactly; the
/// number of threads does not matter.
TEST_P(StrategyByName, IsAFunctionOfSeedAndTrials) {
  int differing = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Dice dice(seed + 500);
    Problem problem = searchable(dice, static_cast<int>(2 + seed % 3), 30);
    std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
    auto trials = [&](uint64_t s, unsigned threads, int resumeAt) {
      StrategyOptions options;
      options.seed = s;
      options.threads = threads;
      std::vector<ModelId> sequence;
      std::unique_ptr<Strategy> strategy = make(GetParam(), problem, options);
      for (int t = 0; t < 20; ++t) {
        if (t == resumeAt) {
          strategy = make(GetParam(), problem, options);
          for (ModelId model : sequence)
            strategy->tell(model, evaluations[model]);
        }
        std::optional<ModelId> model = strategy->ask();
        if (!model)
          break;
        sequence.push_back(*model);
        strategy->tell(*model, evaluations[*model]);
      }
      return sequence;
    };
    std::vector<ModelId> once = trials(seed, 1, -1);
    EXPECT_EQ(trials(seed, 1, -1), once);
    EXPECT_EQ(trials(seed, 3, -1), once);
    for (int at : {1, 5, 9, 15})
      EXPECT_EQ(trials(seed, 1, at), once) << "resumed at " << at;
    differing += trials(seed + 1, 1, -1) != once;
  }
  EXPECT_GT(differing, 8);
}

TEST_P(StrategyByName, HandlesPendingAndFailedTrials) {
  Dice dice(77);
  Problem problem = searchable(dice, 3, 40);
  std::vector<Evaluation> evaluations = randomEvaluations(dice, problem);
  std::unique_ptr<Strategy> strategy = make(GetParam(), problem, {});
  std::set<ModelId> seen;
  ModelId adopted = 3;
  strategy->adoptPending(adopted);
  seen.insert(adopted);
  std::vector<ModelId> running;
  for (int round = 0; round < 40; ++round) {
    while (running.size() < 4) {
      std::optional<ModelId> model = strategy->ask();
      if (!model)
        break;
      ASSERT_TRUE(seen.insert(*model).second);
      running.push_back(*model);
    }
    if (running.empty())
      break;
    // Out of order, every third one failing.
    size_t pick = dice.below(static_cast<int64_t>(running.size()));
    if (round % 3 == 0)
      strategy->tellFailed(running[pick]);
    else
      strategy->tell(running[pick], evaluations[running[pick]]);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  EXPECT_GT(seen.size(), 30u);
}

TEST_P(StrategyByName, AsksNothingWhereNothingIsFeasible) {
  Dice dice(5);
  Problem problem = searchable(dice, 2);
  problem.requirements = {Expr::apply(ExprOp::LT, {Expr::symbol(0), Expr::constant(-1)})};
  EXPECT_FALSE(make(GetParam(), problem, {})->ask());
}

INSTANTIATE_TEST_SUITE_P(All, StrategyByName, ::testing::ValuesIn(strategyNames()),
                         [](const auto &info) { return std::string(info.param); });

TEST(Strategy, UnknownNameGivesAReason) {
  Dice dice(1);
  Problem problem = searchable(dice, 2);
  StrategyResult result = makeStrategy("nonsense", problem, {});
  EXPECT_FALSE(result.strategy);
  EXPECT_NE(result.reason.find("nonsense"), std::string::npos);
}

TEST(GreyBox, RefusesWithAReason) {
  Dice dice(2);
  Problem problem = searchable(dice, 2);
  int32_t accuracy = problem.goals[0].value.nodes()[0].symbol, term = 0;
  EXPECT_FALSE(GreyBox::whyNot(problem));

  Problem mixed = problem;
  mixed.goals[0].value = Expr::apply(ExprOp::Div, {Expr::symbol(accuracy), Expr::symbol(term)});
  ASSERT_TRUE(GreyBox::whyNot(mixed));
  // Random search does not mind.
  EXPECT_TRUE(makeStrategy("random", mixed, {}).strategy);
  EXPECT_FALSE(makeStrategy("greybox", mixed, {}).strategy);

  Problem two = problem;
  two.goals.push_back(problem.goals[0]);
  ASSERT_TRUE(GreyBox::whyNot(two));
  EXPECT_NE(GreyBox::whyNot(two)->find("second"), std::string::npos);

  Problem none = problem;
  none.goals.erase(none.goals.begin());
  EXPECT_TRUE(GreyBox::whyNot(none));

  Problem limited = problem;
  limited.requirements.push_back(
      Expr::apply(ExprOp::GE, {Expr::symbol(accuracy), Expr::constant(0.5)}));
  EXPECT_FALSE(GreyBox::whyNot(limited));
  limited.requirements.push_back(
      Expr::apply(ExprOp::LE, {Expr::symbol(accuracy), Expr::constant(0.9)}));
  EXPECT_TRUE(GreyBox::whyNot(limited));
}

/// Compact curves against the exact ones, and estimates of the gain against the closed form.
TEST(ScanScorer, EstimatesTheGain) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Dice dice(seed + 900);
    int known = static_cast<int>(seed % 3);
    Problem problem = searchable(dice, known + 1);
    Prepared prepared(problem, 1);
    std::vector<int32_t> goals;
    for (int g = 1; g <= known; ++g)
      goals.push_back(g);
    CurveTable curves(prepared, goals, true, 2);
    std::vector<std::pair<double, PointSet>> front;
    for (int i = 0; i < 5; ++i) {
      ModelId m = dice.below(problem.modelCount());
      front.emplace_back(dice.uniform(), curves.curve(m));
    }
    SetValuedEhvi gain(curves.reference(), 0.1, front);
    ScanScorer scorer(curves, gain, goals.size(), 1);
    int64_t models = problem.modelCount();
    std::vector<float> mean, sd;
    for (int64_t m = 0; m < models; ++m) {
      mean.push_back(static_cast<float>(dice.uniform()));
      sd.push_back(static_cast<float>(0.05 + 0.2 * dice.uniform()));
    }
    scorer.visit(0, 0, models, mean.data(), sd.data(), [](ModelId) { return true; });
    std::vector<Scored> best = scorer.best();
    double most = 0;
    for (int64_t m = 0; m < models; ++m) {
      PointSet points = curves.curve(m);
      bool possible = known == 0 ? ModelFronts(problem).mayContribute(m) : points.size() > 0;
      EXPECT_EQ(curves.total(m) > 0, possible);
      most = std::max(most, possible ? gain(mean[m], sd[m], points) : 0);
    }
    EXPECT_TRUE(std::is_sorted(best.begin(), best.end()));
    if (most <= 0)
      continue;
    ASSERT_FALSE(best.empty()) << "seed " << seed;
    // Exact for no or one known goal; with two, quadrature must not lose the best.
    double reached = 0;
    for (size_t i = 0; i < best.size(); ++i)
      if (best[i].estimate >= 0.5f * best[0].estimate)
        reached = std::max(
            reached, gain(mean[best[i].model], sd[best[i].model], curves.curve(best[i].model)));
    EXPECT_GE(reached, (known < 2 ? 0.999 : 0.9) * most) << "seed " << seed;
    if (known < 2) {
      EXPECT_NEAR(best[0].estimate, most, 2e-3 * most) << "seed " << seed;
    }
    ++compared;
  }
  EXPECT_GT(compared, 100);
}

/// Without thresholds the reference follows from what is known; the search must still find the
/// front's two ends.
TEST(GreyBox, SearchesGoalsWithoutThresholds) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Dice dice(seed + 40);
    Problem problem = searchable(dice, 2, 60);
    for (Goal &goal : problem.goals)
      goal.threshold = std::nan("");
    std::vector<Evaluation> evaluations(problem.modelCount());
    for (ModelId m = 0; m < problem.modelCount(); ++m) {
      // Smooth in the parameters, so that a model of it can be learnt.
      std::vector<int32_t> levels(problem.parameters.size());
      problem.levels(m, levels.data());
      double sum = 0;
      for (size_t p = 0; p < levels.size(); ++p)
        sum += levels[p] * (1.0 + 0.3 * static_cast<double>(p));
      evaluations[m].value = sum / (5 + sum);
    }
    Front front = enumerateFront(problem, evaluations);
    std::vector<double> reference = referencePoint(problem.goals, front.points);
    std::unique_ptr<Strategy> strategy = make("greybox", problem, {seed, 0, nullptr, 1});
    std::vector<FrontPoint> points;
    for (int t = 0; t < 30; ++t) {
      ModelId m = strategy->ask().value();
      strategy->tell(m, evaluations[m]);
      for (FrontPoint &p : modelFront(problem, m, evaluations[m]))
        points.push_back(std::move(p));
    }
    double exact = hypervolume(problem.goals, front.points, reference);
    EXPECT_GT(hypervolume(problem.goals, points, reference), 0.95 * exact) << "seed " << seed;
  }
}

/// With noise of 5 % of the range, told to the strategy, the truth about what it evaluated is
/// nearly the whole front.
TEST(GreyBox, NoisyObservationsAreSmoothed) {
  Problem problem;
  problem.parameters = {{{}, false}, {{}, false}};
  for (int i = 0; i < 12; ++i) {
    problem.parameters[0].levels.push_back(i);
    problem.parameters[1].levels.push_back(i);
  }
  problem.segments = {{{0, 1}, 144}};
  problem.hardwareCount = 1;
  problem.hardwareIds = {0};
  std::vector<double> cost;
  for (int m = 0; m < 144; ++m)
    cost.push_back(1 + m / 12 + m % 12);
  problem.terms = {{{}, {cost}}};
  problem.symbols = {{SymbolKind::Accuracy, 0}, {SymbolKind::Term, 0}};
  problem.goals = {{Expr::symbol(0), true, 0}, {Expr::symbol(1), false, 24}};
  problem.exactTerms = [&](ModelId m, HardwareId, double *out) { out[0] = cost[m]; };
  // The first parameter buys accuracy at half the price.
  std::vector<Evaluation> truth;
  for (int m = 0; m < 144; ++m)
    truth.push_back({1 - std::exp(-0.25 * (m / 12) - 0.12 * (m % 12)), 0, 0});
  double exact = hypervolume(problem.goals, enumerateFront(problem, truth).points, {0, 24});
  auto share = [&](std::string_view name, uint64_t seed) {
    Dice dice(seed);
    std::unique_ptr<Strategy> strategy = make(name, problem, {seed, 0, nullptr, 1});
    std::vector<FrontPoint> points;
    for (int t = 0; t < 40; ++t) {
      ModelId m = strategy->ask().value();
      Evaluation noisy = truth[m];
      noisy.noise = 0.05;
      noisy.value += 0.05 * dice.normal();
      strategy->tell(m, noisy);
      for (FrontPoint &p : modelFront(problem, m, truth[m]))
        points.push_back(std::move(p));
    }
    return hypervolume(problem.goals, points, {0, 24}) / exact;
  };
  for (uint64_t seed = 0; seed < 8; ++seed) {
    double greybox = share("greybox", seed), random = share("random", seed);
    EXPECT_GT(greybox, random) << "seed " << seed;
    EXPECT_GT(greybox, 0.99) << "seed " << seed;
  }
}
