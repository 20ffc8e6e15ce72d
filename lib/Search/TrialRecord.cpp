//===- TrialRecord.cpp - What a strategy knows of its trials --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/TrialRecord.h"
#include "Support/Check.h"
#include <algorithm>

using namespace cat::search;

TrialRecord::TrialRecord(const Problem &problem, uint64_t seed, unsigned threads)
    : problem(problem), fronts(problem, threads), seed(seed) {}

static void removePending(std::vector<ModelId> &pending, ModelId model) {
  pending.erase(std::remove(pending.begin(), pending.end(), model), pending.end());
}

void TrialRecord::tell(ModelId model, const Evaluation &evaluation) {
  CATC_CHECK(model >= 0 && model < problem.modelCount(), "a model outside the problem");
  removePending(pending, model);
  known.insert(model);
  auto same = std::find_if(told.begin(), told.end(),
                           [&](const auto &trial) { return trial.first == model; });
  if (same == told.end())
    told.emplace_back(model, evaluation);
  else
    same->second = evaluation;
}

void TrialRecord::tellFailed(ModelId model) {
  removePending(pending, model);
  known.insert(model);
}

void TrialRecord::adoptPending(ModelId model) {
  if (known.insert(model).second)
    pending.push_back(model);
}

ModelId TrialRecord::propose(ModelId model) {
  adoptPending(model);
  return model;
}

std::optional<ModelId> TrialRecord::randomModel(CounterRandom random) const {
  int64_t models = problem.modelCount();
  auto isOpen = [&](ModelId model) { return !isKnown(model) && fronts.mayContribute(model); };
  for (int attempt = 0; attempt < 256; ++attempt) {
    ModelId model = random.below(models);
    if (isOpen(model))
      return model;
  }
  // Few are left, or few are feasible: take the first open one from a random place on.
  ModelId start = random.below(models);
  for (ModelId i = 0; i < models; ++i) {
    ModelId model = (start + i) % models;
    if (isOpen(model))
      return model;
  }
  return std::nullopt;
}
