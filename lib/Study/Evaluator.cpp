//===- Evaluator.cpp - What a search evaluates models by ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Evaluator.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::study;

Evaluator::~Evaluator() = default;

void PredictionEvaluator::begin(int64_t trial, search::ModelId model, bool test) {
  CATC_CHECK(!test, "a prediction has no test split");
  events_.push_back({trial, test, EvaluationResult{predictions_.record(model), 1, {}}});
}

std::variant<EvaluationEvent, RunError> PredictionEvaluator::next() {
  CATC_CHECK(!events_.empty(), "nothing is being evaluated");
  EvaluationEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}
