//===- Rejections.cpp - Why a front is empty ------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Rejections.h"
#include "Search/CounterRandom.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace cat;
using namespace cat::study;

namespace {

/// A requirement, or a goal that must beat its threshold.
struct Criterion {
  Rejection rejection;
  Expr value;
  const search::Goal *goal = nullptr; ///< null of a requirement
  bool evaluated = false;             ///< depends on the evaluated metric
  bool mappable = false;

  bool isMet(const double *symbols) const {
    double result = value.evaluate(symbols);
    return !goal            ? result != 0
           : goal->maximize ? result > goal->threshold
                            : result < goal->threshold;
  }
};

} // namespace

std::optional<Rejection> study::strictest(
    const Codesign &codesign,
    const std::function<std::optional<search::Evaluation>(search::ModelId)> &evaluation) {
  constexpr int64_t kMostDesigns = 1 << 16;
  const search::Problem &problem = codesign.problem();
  std::vector<Criterion> criteria;
  std::vector<const Expr *> identities;
  for (auto [i, requirement] : llvm::enumerate(problem.requirements)) {
    const std::string &label = codesign.requirementLabels()[i];
    // What violates these is no design.
    if (llvm::StringRef(label).ends_with(kSharedLabel)) {
      identities.push_back(&requirement);
      continue;
    }
    Criterion &criterion = criteria.emplace_back();
    criterion.rejection.what = label.empty() ? codesign.describeRequirement(i) : "'" + label + "'";
    criterion.value = requirement;
    criterion.mappable = label == kMappableLabel;
  }
  for (auto [i, goal] : llvm::enumerate(problem.goals)) {
    if (std::isnan(goal.threshold))
      continue;
    Criterion &criterion = criteria.emplace_back();
    criterion.rejection.what = "the threshold of '" + codesign.goals()[i].name + "'";
    criterion.value = goal.value;
    criterion.goal = &goal;
  }
  for (Criterion &criterion : criteria)
    criterion.evaluated = llvm::any_of(criterion.value.symbols(), [&](int32_t s) {
      search::SymbolKind kind = problem.symbols[s].kind;
      return kind == search::SymbolKind::Accuracy || kind == search::SymbolKind::AccuracySigma;
    });

  const int64_t models = problem.modelCount(), hardware = problem.hardwareCount;
  const bool sampled = models > kMostDesigns / hardware;
  const int64_t designs = sampled ? kMostDesigns : models * hardware;
  std::vector<double> symbols(problem.symbols.size()), terms(problem.terms.size());
  std::vector<int32_t> levels(problem.parameters.size());
  for (int64_t i = 0; i < designs; ++i) {
    search::CounterRandom random(/*seed=*/0, static_cast<uint64_t>(i));
    search::ModelId model = sampled ? random.below(models) : i / hardware;
    auto h = static_cast<search::HardwareId>(sampled ? random.below(hardware) : i % hardware);
    problem.levels(model, levels.data());
    problem.exactTerms(model, h, terms.data());
    std::optional<search::Evaluation> known = evaluation(model);
    for (auto [s, symbol] : llvm::enumerate(problem.symbols)) {
      switch (symbol.kind) {
      case search::SymbolKind::Term:
        symbols[s] = terms[symbol.index];
        break;
      case search::SymbolKind::ModelParameter:
        symbols[s] = problem.parameters[symbol.index].levels[levels[symbol.index]];
        break;
      case search::SymbolKind::HardwareValue:
        symbols[s] = problem.hardwareValues[symbol.index][h];
        break;
      case search::SymbolKind::Accuracy:
        symbols[s] = known ? known->value : 0;
        break;
      case search::SymbolKind::AccuracySigma:
        symbols[s] = known ? known->sigma : 0;
        break;
      }
    }
    if (!llvm::all_of(identities,
                      [&](const Expr *same) { return same->evaluate(symbols.data()) != 0; }))
      continue;
    for (Criterion &criterion : criteria) {
      if (criterion.evaluated && !known)
        continue;
      Rejection &rejection = criterion.rejection;
      rejection.sampled = sampled;
      ++rejection.looked;
      if (criterion.isMet(symbols.data()))
        continue;
      ++rejection.rejected;
      if (criterion.mappable && rejection.example.empty())
        rejection.example = codesign.whyUnmappable(model, h);
    }
  }
  auto share = [](const Criterion &criterion) {
    return static_cast<double>(criterion.rejection.rejected) /
           static_cast<double>(std::max<int64_t>(1, criterion.rejection.looked));
  };
  auto most = llvm::max_element(
      criteria, [&](const Criterion &a, const Criterion &b) { return share(a) < share(b); });
  if (most == criteria.end() || most->rejection.rejected == 0)
    return std::nullopt;
  return most->rejection;
}
