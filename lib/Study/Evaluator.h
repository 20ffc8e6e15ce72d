//===- Evaluator.h - What a search evaluates models by ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Either something that knows every model's figure at once (a predictor), or processes that measure
// one model after the other, several at a time. The search loop sees no difference but for what
// only a prediction can do: serve as a prior, and evaluate all models.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_EVALUATOR_H
#define CATC_STUDY_EVALUATOR_H

#include "Study/Accuracy.h"
#include "Study/Store.h"
#include <deque>
#include <variant>

namespace cat::study {

/// What stopped a run before its end.
struct RunError {
  std::string message, remedy;
};

/// How far an evaluation is.
struct EvaluationProgress {
  std::string message;              ///< in words; may be empty
  std::optional<CurvePoint> figure; ///< what the model is worth so far
};

struct EvaluationResult {
  results::AccuracyRecord accuracy;
  double fidelity = 1;
  TrialUsage usage;
};

struct EvaluationFailure {
  std::string message;
  bool retry = false; ///< the same evaluation may succeed
  TrialUsage usage;
};

struct EvaluationEvent {
  int64_t trial = 0;
  bool test = false;
  std::variant<EvaluationProgress, EvaluationResult, EvaluationFailure> content;
};

class Evaluator {
public:
  /// The trial that stands for the study's baseline, which is no model of the search.
  static constexpr int64_t kBaseline = -1;

  virtual ~Evaluator();

  /// Which accuracy it is.
  virtual const std::string &metric() const = 0;
  /// A digest of what measurements rest on beside the spec, such as data; empty where there is none
  /// to tell.
  virtual std::string identity() const { return {}; }
  /// Predictions for all models; null where each has to be measured.
  virtual const ModelPredictions *predictions() const { return nullptr; }
  /// How many evaluations may be under way.
  virtual unsigned parallel() const { return 1; }
  /// True if models can be measured again on a split that the search has not seen.
  virtual bool measuresTest() const { return false; }

  /// True if the study's baseline can be evaluated, too.
  virtual bool measuresBaseline() const { return false; }
  /// What getting ready took.
  virtual TrialUsage preparation() const { return {}; }

  /// Begins an evaluation for a trial; `test` on the split for the end. Of kBaseline, `model` does
  /// not matter.
  virtual void begin(int64_t trial, search::ModelId model, bool test) = 0;
  /// Waits for the next event of those begun.
  virtual std::variant<EvaluationEvent, RunError> next() = 0;
  /// What was kept of a model, if anything, will not be asked for: it is not on the front.
  virtual void discard(search::ModelId model) {}
};

/// Predictions as an evaluator.
class PredictionEvaluator final : public Evaluator {
public:
  /// Refers to `predictions`.
  explicit PredictionEvaluator(const ModelPredictions &predictions) : predictions_(predictions) {}

  const std::string &metric() const override { return predictions_.metric(); }
  const ModelPredictions *predictions() const override { return &predictions_; }
  void begin(int64_t trial, search::ModelId model, bool test) override;
  std::variant<EvaluationEvent, RunError> next() override;

private:
  const ModelPredictions &predictions_;
  std::deque<EvaluationEvent> events_;
};

} // namespace cat::study

#endif // CATC_STUDY_EVALUATOR_H
