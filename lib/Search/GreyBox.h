//===- GreyBox.h - Bayesian optimisation with known goals -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Only the evaluated goal is modelled, by a Gaussian process over the model parameters; every other
// goal and requirement is known for every hardware point of every model. Each step proposes the
// model with the largest expected gain of hypervolume when all of its feasible hardware joins the
// front (SetValuedEhvi.h). With up to some millions of models and at most two known goals all of
// them are scanned; otherwise a pool of quasi-random models and neighbours of the front.
//
// Pending models are believed to have their posterior mean (kriging believer; Ginsbourger, Le Riche
// and Carraro 2010). Where evaluations have noise, the front's levels are posterior means rather
// than observations.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_GREYBOX_H
#define CATC_SEARCH_GREYBOX_H

#include "Search/TrialRecord.h"
#include <memory>
#include <optional>
#include <string>

namespace cat::search {

class Gp;
class SetValuedEhvi;
struct PointSet;
struct Scored;

class GreyBox final : public TrialRecord {
public:
  /// Says why this strategy cannot search a problem; nothing if it can. It needs exactly one goal
  /// of the evaluated metric and model parameters alone, no other use of the metric than a lower or
  /// upper limit on that goal's own metric.
  static std::optional<std::string> whyNot(const Problem &problem);

  /// `whyNot` must be empty (checked).
  GreyBox(const Problem &problem, const StrategyOptions &options);
  ~GreyBox() override;

  std::optional<ModelId> ask() override;

private:
  struct State;
  std::optional<ModelId> initialModel() const;
  std::optional<ModelId> greedyModel() const;
  std::optional<ModelId> bestModel() const;
  std::vector<Scored> scannedCandidates(const Gp &gp, const SetValuedEhvi &gain) const;
  std::vector<Scored> pooledCandidates(const Gp &gp, const SetValuedEhvi &gain) const;
  Gp fitted() const;
  double standardised(double value) const;
  double lowestLevel(const std::vector<std::pair<double, PointSet>> &front) const;
  void updateScale();

  std::unique_ptr<State> state;
};

} // namespace cat::search

#endif // CATC_SEARCH_GREYBOX_H
