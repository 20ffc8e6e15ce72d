//===- ModelFronts.cpp - The best hardware for single models --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Enumerate.h"
#include "Search/Hypervolume.h"
#include "Search/Prepared.h"
#include "Search/Screen.h"
#include <algorithm>
#include <limits>

using namespace cat;
using namespace cat::search;

struct ModelFronts::State {
  State(const Problem &problem, unsigned threads)
      : prepared(problem, threads), screen(prepared, hardwareGoals(prepared), threads) {}

  static std::vector<int32_t> hardwareGoals(const Prepared &prepared) {
    std::vector<int32_t> goals;
    for (const FactoredExpr &goal : prepared.factoring.goals)
      if (goal.dependsOnHardware())
        goals.push_back(goal.source);
    return goals;
  }

  Prepared prepared;
  Screen screen;
};

ModelFronts::ModelFronts(const Problem &problem, unsigned threads)
    : state(std::make_unique<State>(problem, threads)) {}
ModelFronts::~ModelFronts() = default;
ModelFronts::ModelFronts(ModelFronts &&) noexcept = default;
ModelFronts &ModelFronts::operator=(ModelFronts &&) noexcept = default;

const std::vector<HardwareId> &ModelFronts::hardware() const { return state->prepared.kept; }
const Prepared &ModelFronts::prepared() const { return state->prepared; }

bool ModelFronts::mayContribute(ModelId model) const {
  if (!satisfiesModelRequirements(state->prepared, model))
    return false;
  // Not a number stands for any evaluation: bounds that depend on it exclude nothing.
  double unknown = std::numeric_limits<double>::quiet_NaN();
  Screen::View view = state->screen.makeView();
  state->screen.setModel(view, model, {unknown, unknown, unknown});
  state->screen.boundAll(view);
  return std::any_of(view.possible.begin(), view.possible.end(),
                     [](unsigned char possible) { return possible != 0; });
}

std::vector<FrontPoint> ModelFronts::front(ModelId model, const Evaluation &evaluation) const {
  const Problem &problem = state->prepared.problem;
  const Screen &screen = state->screen;
  Screen::View view = screen.makeView();
  screen.setModel(view, model, evaluation);
  screen.boundAll(view);
  ExactDesigns exact(problem);
  exact.setModel(model, evaluation);
  std::vector<FrontPoint> points;
  for (size_t i = 0; i < screen.size(); ++i)
    if (view.possible[i] && exact.evaluate(screen.at(i)))
      points.push_back({model, screen.at(i), exact.goals()});
  points = nondominated(problem, std::move(points));
  std::sort(points.begin(), points.end(), [&](const FrontPoint &a, const FrontPoint &b) {
    return problem.hardwareIds[a.hardware] < problem.hardwareIds[b.hardware];
  });
  return points;
}

std::vector<FrontPoint> cat::search::modelFront(const Problem &problem, ModelId model,
                                                const Evaluation &evaluation) {
  return ModelFronts(problem).front(model, evaluation);
}
