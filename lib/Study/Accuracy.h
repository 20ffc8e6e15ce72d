//===- Accuracy.h - The evaluated metric of a study -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_ACCURACY_H
#define CATC_STUDY_ACCURACY_H

#include "Eval/Predictor.h"
#include "Results/Records.h"
#include "Study/Codesign.h"

namespace cat::study {

/// An accuracy, and which one it is.
struct NamedAccuracy {
  results::AccuracyRecord record;
  std::string metric; ///< "ImageNet top-1"
};

/// The provider of evaluators that predict; every other one measures (Study/Measurement.h).
inline constexpr llvm::StringLiteral kPredictorProvider = "predictor";

/// How a study obtains its accuracy; null if it evaluates none.
space::EvaluatorOp findEvaluator(StudyOps ops);

/// The predictor that a study's evaluator names, with the unpruned model's MACs from its lowered
/// graph; nothing if the study predicts no accuracy. Emits an error at the evaluator and fails if
/// its data or parent do not fit the model.
llvm::FailureOr<std::optional<eval::Predictor>> makePredictor(StudyOps ops);

/// The prediction for one design, through its own lowered graph.
llvm::FailureOr<std::optional<NamedAccuracy>>
predictDesign(StudyOps ops, const ParameterTable &table, const Point &point);

/// The prediction for a fixed model of the module (a baseline).
llvm::FailureOr<std::optional<NamedAccuracy>> predictModel(StudyOps ops, nn::ModelOp model);

/// Predictions for all models of a problem: each tower variant's share is computed once.
class ModelPredictions {
public:
  ModelPredictions(const eval::Predictor &predictor, const Codesign &codesign);

  eval::Prediction at(search::ModelId model) const;
  search::Evaluation evaluation(search::ModelId model) const { return at(model); }
  const std::string &metric() const { return predictor_.metric(); }
  results::AccuracyRecord record(search::ModelId model) const;

private:
  const eval::Predictor &predictor_;
  const Codesign &codesign_;
  std::vector<size_t> segments_; ///< of the problem, for each segment of the predictor
  std::vector<std::vector<eval::SegmentTerm>> terms_;
};

} // namespace cat::study

#endif // CATC_STUDY_ACCURACY_H
