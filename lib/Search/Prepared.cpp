//===- Prepared.cpp - A problem ready for enumeration ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Prepared.h"
#include "Search/Hypervolume.h"
#include "Support/Check.h"
#include <algorithm>
#include <chrono>
#include <cmath>

using namespace cat;
using namespace cat::search;

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool cat::search::beatsThreshold(const Goal &goal, double value) {
  if (std::isnan(value))
    return false;
  return std::isnan(goal.threshold) || minimised(goal, value) < minimised(goal, goal.threshold);
}

/// Checks what the index arithmetic below relies on.
static void checkShape(const Problem &problem) {
  size_t points = problem.hardwareCount;
  CATC_CHECK(problem.hardwareIds.size() == points, "hardwareIds and hardwareCount differ");
  CATC_CHECK(!problem.goals.empty(), "a problem without goals");
  for (const Segment &segment : problem.segments) {
    int64_t variants = 1;
    for (int32_t p : segment.parameters)
      variants *= static_cast<int64_t>(problem.parameters[p].levels.size());
    CATC_CHECK(variants == segment.variants, "a segment's variants differ from its parameters'");
  }
  for (const AdditiveTerm &term : problem.terms) {
    CATC_CHECK(term.base.empty() || term.base.size() == points, "base of the wrong size");
    CATC_CHECK(term.tables.size() <= problem.segments.size(), "more tables than segments");
    for (size_t s = 0; s < term.tables.size(); ++s)
      CATC_CHECK(term.tables[s].empty() ||
                     term.tables[s].size() == problem.segments[s].variants * points,
                 "table of the wrong size");
  }
  for (const std::vector<double> &values : problem.hardwareValues)
    CATC_CHECK(values.size() == points, "hardware values of the wrong size");
}

/// A requirement on hardware alone at one point. One without symbols is a constant.
static bool holdsAt(const Factoring &factoring, const FactoredExpr &requirement, size_t h) {
  if (requirement.leaves.empty())
    return requirement.outer.evaluate(nullptr) != 0;
  return factoring.quantities[requirement.leaves[0].quantity].constant[h] != 0;
}

Prepared::Prepared(const Problem &problem, unsigned threads) : problem(problem) {
  checkShape(problem);
  Clock::time_point start = Clock::now();
  factoring = factor(problem);
  for (HardwareId h = 0; h < problem.hardwareCount; ++h)
    if (std::all_of(factoring.requirements.begin(), factoring.requirements.end(),
                    [&](const FactoredExpr &requirement) {
                      return requirement.kind != ExprClass::HardwareOnly ||
                             holdsAt(factoring, requirement, h);
                    }))
      feasible.push_back(h);
  filterSeconds = secondsSince(start);
  start = Clock::now();
  ranges = quantityRanges(problem, factoring, threads);
  kept = undominatedHardware(problem, factoring, ranges, feasible, threads);
  dominanceSeconds = secondsSince(start);
}

std::vector<Rejection> cat::search::hardwareRejections(const Problem &problem,
                                                       const Factoring &factoring, bool evaluated) {
  std::vector<Rejection> rejections(problem.requirements.size());
  for (size_t r = 0; r < rejections.size(); ++r) {
    // A requirement may have several conjuncts.
    std::vector<const FactoredExpr *> conjuncts;
    bool hardware = true, model = true, known = true;
    for (const FactoredExpr &requirement : factoring.requirements) {
      if (requirement.source != static_cast<int32_t>(r))
        continue;
      conjuncts.push_back(&requirement);
      hardware &= requirement.kind == ExprClass::HardwareOnly;
      model &= !requirement.dependsOnHardware();
      known &= evaluated || requirement.kind != ExprClass::Evaluated;
    }
    Rejection &rejection = rejections[r];
    if (hardware) {
      rejection.of = Rejection::Of::Hardware;
      rejection.total = problem.hardwareCount;
      rejection.rejected = 0;
      for (HardwareId h = 0; h < problem.hardwareCount; ++h)
        rejection.rejected +=
            !std::all_of(conjuncts.begin(), conjuncts.end(), [&](const FactoredExpr *conjunct) {
              return holdsAt(factoring, *conjunct, h);
            });
    } else if (model) {
      rejection.of = Rejection::Of::Models;
      rejection.total = problem.modelCount();
      rejection.rejected = known ? 0 : -1;
    }
  }
  return rejections;
}

void cat::search::scanModels(
    const Problem &problem, const Factoring &factoring, const EvaluationSource *source,
    std::vector<Rejection> *rejections,
    const std::function<void(ModelId, const std::vector<char> &, const ModelColumns &)> &visit) {
  constexpr int64_t kBlock = 4096;
  int64_t models = problem.modelCount();
  ModelColumns columns(problem);
  std::vector<double> values(kBlock);
  std::vector<char> holds, single;
  for (ModelId begin = 0; begin < models; begin += kBlock) {
    int64_t n = std::min(kBlock, models - begin);
    columns.load(begin, n, source);
    holds.assign(n, 1);
    for (size_t i = 0; i < factoring.requirements.size(); ++i) {
      const FactoredExpr &requirement = factoring.requirements[i];
      bool decided = requirement.kind == ExprClass::ModelOnly ||
                     (requirement.kind == ExprClass::Evaluated && source);
      // Conjuncts of one requirement follow each other.
      bool first = i == 0 || factoring.requirements[i - 1].source != requirement.source;
      bool last = i + 1 == factoring.requirements.size() ||
                  factoring.requirements[i + 1].source != requirement.source;
      if (first)
        single.assign(n, 1);
      if (decided) {
        columns.evaluate(factoring.modelValues[requirement.leaves[0].modelValue], values.data());
        for (int64_t k = 0; k < n; ++k)
          single[k] &= values[k] != 0;
      }
      if (!last)
        continue;
      for (int64_t k = 0; k < n; ++k)
        holds[k] &= single[k];
      if (rejections) {
        Rejection &rejection = (*rejections)[requirement.source];
        if (rejection.of == Rejection::Of::Models && rejection.rejected >= 0)
          rejection.rejected += std::count(single.begin(), single.end(), 0);
      }
    }
    visit(begin, holds, columns);
  }
}

//===----------------------------------------------------------------------===//
// ModelColumns
//===----------------------------------------------------------------------===//

ModelColumns::ModelColumns(const Problem &problem)
    : problem(problem), columns(problem.symbols.size()) {}

void ModelColumns::load(ModelId begin, int64_t n, const EvaluationSource *source) {
  count = n;
  for (size_t s = 0; s < problem.symbols.size(); ++s) {
    if (problem.symbols[s].kind != SymbolKind::ModelParameter)
      continue;
    // The level advances with a period of the product of the radices below it.
    auto parameter = static_cast<size_t>(problem.symbols[s].index);
    int64_t period = 1;
    for (size_t p = parameter + 1; p < problem.parameters.size(); ++p)
      period *= static_cast<int64_t>(problem.parameters[p].levels.size());
    const std::vector<double> &levels = problem.parameters[parameter].levels;
    columns[s].resize(n);
    for (int64_t i = 0; i < n; ++i)
      columns[s][i] = levels[(begin + i) / period % static_cast<int64_t>(levels.size())];
  }
  if (!source)
    return;
  std::vector<Evaluation> evaluations(n);
  for (int64_t i = 0; i < n; ++i)
    evaluations[i] = (*source)(begin + i);
  for (size_t s = 0; s < problem.symbols.size(); ++s) {
    SymbolKind kind = problem.symbols[s].kind;
    if (kind != SymbolKind::Accuracy && kind != SymbolKind::AccuracySigma)
      continue;
    columns[s].resize(n);
    for (int64_t i = 0; i < n; ++i)
      columns[s][i] = kind == SymbolKind::Accuracy ? evaluations[i].value : evaluations[i].sigma;
  }
}

void ModelColumns::evaluate(const Expr &expr, double *out) const {
  std::vector<const double *> pointers;
  pointers.reserve(columns.size());
  for (const std::vector<double> &column : columns)
    pointers.push_back(column.empty() ? nullptr : column.data());
  expr.evaluate(pointers.data(), count, out);
}

bool cat::search::satisfiesModelRequirements(const Prepared &prepared, ModelId model) {
  const Factoring &factoring = prepared.factoring;
  if (std::none_of(factoring.requirements.begin(), factoring.requirements.end(),
                   [](const FactoredExpr &r) { return r.kind == ExprClass::ModelOnly; }))
    return true;
  ModelColumns columns(prepared.problem);
  columns.load(model, 1, nullptr);
  return std::all_of(factoring.requirements.begin(), factoring.requirements.end(),
                     [&](const FactoredExpr &requirement) {
                       if (requirement.kind != ExprClass::ModelOnly)
                         return true;
                       double truth = 0;
                       columns.evaluate(factoring.modelValues[requirement.leaves[0].modelValue],
                                        &truth);
                       return truth != 0;
                     });
}

//===----------------------------------------------------------------------===//
// ExactDesigns
//===----------------------------------------------------------------------===//

ExactDesigns::ExactDesigns(const Problem &problem)
    : problem(problem), modelLevels(problem.parameters.size()), symbols(problem.symbols.size()),
      terms(problem.terms.size()), goalValues(problem.goals.size()) {}

void ExactDesigns::setModel(ModelId id, const Evaluation &evaluation) {
  model = id;
  problem.levels(model, modelLevels.data());
  for (size_t s = 0; s < symbols.size(); ++s) {
    const Symbol &symbol = problem.symbols[s];
    if (symbol.kind == SymbolKind::ModelParameter)
      symbols[s] = problem.parameters[symbol.index].levels[modelLevels[symbol.index]];
    else if (symbol.kind == SymbolKind::Accuracy)
      symbols[s] = evaluation.value;
    else if (symbol.kind == SymbolKind::AccuracySigma)
      symbols[s] = evaluation.sigma;
  }
}

bool ExactDesigns::evaluate(HardwareId hardware) {
  ++count;
  if (!terms.empty())
    problem.exactTerms(model, hardware, terms.data());
  for (size_t s = 0; s < symbols.size(); ++s) {
    const Symbol &symbol = problem.symbols[s];
    if (symbol.kind == SymbolKind::Term)
      symbols[s] = terms[symbol.index];
    else if (symbol.kind == SymbolKind::HardwareValue)
      symbols[s] = problem.hardwareValues[symbol.index][hardware];
  }
  for (size_t g = 0; g < goalValues.size(); ++g) {
    goalValues[g] = problem.goals[g].value.evaluate(symbols.data());
    if (!beatsThreshold(problem.goals[g], goalValues[g]))
      return false;
  }
  for (const Expr &requirement : problem.requirements)
    if (requirement.evaluate(symbols.data()) == 0)
      return false;
  return true;
}
