//===- ToyProblemTest.cpp - Exact front and search at full size -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyProblem.h"
#include "References.h"
#include "Search/Enumerate.h"
#include "Search/Strategy.h"
#include "Search/Subset.h"
#include <gtest/gtest.h>
#include <set>

using namespace cat::search;
using namespace cat::search::test;

TEST(ToyProblem, ReproducesReferenceDesigns) {
  CATC_REFERENCE_OR_SKIP(file, "search/toyclip_values.json");
  const llvm::json::Object &o = *file->getAsObject();
  Problem problem = toyProblem({0, 1, 1});
  std::vector<Evaluation> accuracies = toyAccuracies(problem);
  std::vector<double> accuracy = numbers(*o.get("acc")), latency = numbers(*o.get("lat")),
                      carbon = numbers(*o.get("carbon"));
  static const int64_t radix[] = {7, 5, 5, 5, 7, 5, 5, 7, 3, 4, 6, 5, 3, 3};
  std::vector<std::vector<double>> index = table(*o.get("X_index"));
  ASSERT_GT(index.size(), 0u);
  for (size_t i = 0; i < index.size(); ++i) {
    int64_t model = 0, hardware = 0;
    for (size_t k = 0; k < 14; ++k)
      (k < 8 ? model : hardware) =
          (k < 8 ? model : hardware) * radix[k] + static_cast<int64_t>(index[i][k]);
    std::vector<double> symbols(5);
    problem.exactTerms(model, static_cast<HardwareId>(hardware), symbols.data());
    symbols[kToyArea] = problem.hardwareValues[0][hardware];
    symbols[kToyAccuracy] = accuracies[model].value;
    EXPECT_NEAR(symbols[kToyAccuracy], accuracy[i], 1e-14);
    EXPECT_NEAR(symbols[kToyLatency], latency[i], 1e-14 * latency[i]);
    EXPECT_NEAR(problem.goals[2].value.evaluate(symbols.data()), carbon[i], 1e-13 * carbon[i]);
  }
}

/// Three thousand million designs against the hypervolume and the sizes that an independent
/// enumeration found.
TEST(ToyProblem, ExactFrontsHaveTheReferenceHypervolume) {
  CATC_REFERENCE_OR_SKIP(file, "search/toyclip_values.json");
  const llvm::json::Object &o = *file->getAsObject();
  for (auto [name, thresholds] :
       {std::pair<std::string, std::array<double, 3>>{"refA", {0.02, 0.1, 0.4}},
        std::pair<std::string, std::array<double, 3>>{"refB", {0.10, 0.04, 0.36}}}) {
    SCOPED_TRACE(name);
    Problem problem = toyProblem(thresholds);
    EnumerateOptions options;
    options.threads = 2;
    Front front = enumerateFront(problem, toyAccuracies(problem), options);
    std::set<ModelId> models;
    for (const FrontPoint &p : front.points)
      models.insert(p.model);
    EXPECT_EQ(front.hardwareFeasible, number(*o.get("feasible_hw")));
    EXPECT_LT(front.hardwareKept, front.hardwareFeasible / 2);
    EXPECT_EQ(front.points.size(), number(*o.get("pareto_points_" + name)));
    EXPECT_EQ(models.size(), number(*o.get("pareto_models_" + name)));
    double expected = number(*o.get("exact_hv_" + name));
    EXPECT_NEAR(
        hypervolume(problem.goals, front.points, referencePoint(problem.goals, front.points)),
        expected, 1e-12 * expected);
  }
}

/// Share of the exact hypervolume after `trials` evaluations.
static double shareAfter(const Problem &problem, const std::vector<Evaluation> &accuracies,
                         const std::string &name, uint64_t seed, int trials, double exact) {
  StrategyOptions options;
  options.seed = seed;
  options.threads = 2;
  std::unique_ptr<Strategy> strategy = makeStrategy(name, problem, options).strategy;
  ModelFronts fronts(problem);
  std::vector<FrontPoint> points;
  for (int t = 0; t < trials; ++t) {
    ModelId model = strategy->ask().value();
    strategy->tell(model, accuracies[model]);
    for (FrontPoint &p : fronts.front(model, accuracies[model]))
      points.push_back(std::move(p));
  }
  points = nondominated(problem, std::move(points));
  return hypervolume(problem.goals, points, referencePoint(problem.goals, points)) / exact;
}

TEST(ToyProblem, GreyBoxFindsTheFrontInFewEvaluations) {
  CATC_REFERENCE_OR_SKIP(file, "search/toyclip_values.json");
  double exact = number(*file->getAsObject()->get("exact_hv_refA"));
  Problem problem = toyProblem({0.02, 0.1, 0.4});
  std::vector<Evaluation> accuracies = toyAccuracies(problem);
  double greybox = shareAfter(problem, accuracies, "greybox", 1, 28, exact);
  double random = shareAfter(problem, accuracies, "random", 1, 28, exact);
  // An independent implementation reached a median of 99.3 % here, random models 62 %.
  EXPECT_GT(greybox, 0.985);
  EXPECT_LT(random, 0.9);
  EXPECT_GT(random, 0.2);
}
