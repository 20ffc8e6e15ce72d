//===- Measurement.h - Accuracy measured by worker processes ----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a study's evaluator block (`command` or `measurement`) to worker processes, and from models
// to what the workers are sent: docs/evaluator.md. A plan is what the spec says; a Measurement is
// its workers at work.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_MEASUREMENT_H
#define CATC_STUDY_MEASUREMENT_H

#include "Eval/Rapl.h"
#include "Eval/WorkerPool.h"
#include "Study/Evaluator.h"
#include <map>

namespace cat::study {

/// Name of the worker program that a `measurement` runs.
inline constexpr const char *kWorkerProgram = "catc-eval-torch";

/// What a spec says of its workers.
struct MeasurementPlan {
  StudyOps ops;
  space::EvaluatorOp evaluator;
  std::string command;  ///< for the shell; empty: the worker program
  std::string launcher; ///< words before the command; may be empty
  std::string folder;   ///< where the workers work, and where relative paths begin
  std::string metric;   ///< that the spec names; empty: the worker's
  double answerSeconds = 3600;
  Watts power; ///< of a busy processor
  bool powerIsAssumed = true;
  llvm::json::Object config; ///< the block as JSON
  /// Records of the unpruned model, if there is one, and of the study's baseline, if it was pruned
  /// from the same one or is it.
  std::optional<llvm::json::Value> parent, baseline;
};

/// Reads the evaluator of a study; nothing if its accuracy is not measured. Emits an error at the
/// evaluator and fails if the block cannot be right. Starts nothing. Paths are relative to
/// `specFolder`.
llvm::FailureOr<std::optional<MeasurementPlan>> planMeasurement(StudyOps ops,
                                                                const std::string &specFolder);

/// How a plan is carried out.
struct MeasurementSession {
  std::string programFolder; ///< where catc's executable is
  std::string runFolder;     ///< absolute; empty: nothing is kept
  std::string cache;         ///< absolute: what a worker keeps for further searches
  uint64_t seed = 0;
  unsigned workers = 1;
  std::string fidelity; ///< empty: the full evaluation
  int interrupt = -1;   ///< a descriptor that becomes readable when the user wants to stop
  std::function<void(const std::string &)> report; ///< progress of the preparation
};

class Measurement final : public Evaluator {
public:
  /// Starts the workers; returns when the first is ready. Emits an error at the evaluator where the
  /// worker program is missing, no worker gets ready, or it has no such fidelity.
  static llvm::FailureOr<std::unique_ptr<Measurement>> start(const MeasurementPlan &plan,
                                                             const ParameterTable &table,
                                                             const MeasurementSession &session);

  const std::string &metric() const override { return metric_; }
  unsigned parallel() const override { return pool_->size(); }
  std::string identity() const override { return pool_->description().identity; }
  bool measuresTest() const override { return pool_->description().test; }
  bool measuresBaseline() const override { return plan_.baseline.has_value(); }
  TrialUsage preparation() const override { return preparation_; }
  void begin(int64_t trial, search::ModelId model, bool test) override;
  std::variant<EvaluationEvent, RunError> next() override;
  void discard(search::ModelId model) override;

  /// "my_eval 1.0", and how it measures, in words.
  std::string name() const;
  const std::string &protocol() const { return pool_->description().protocol; }
  const eval::Fidelity &fidelity() const { return fidelity_; }
  /// Where the figures for energy come from, so far.
  std::string energySource() const;

private:
  Measurement(const MeasurementPlan &plan, const ParameterTable &table,
              const MeasurementSession &session)
      : plan_(plan), table_(table), session_(session), rapl_(openRapl(plan)) {}

  static std::optional<eval::Rapl> openRapl(const MeasurementPlan &plan);
  bool chooseFidelity();
  /// Where a worker keeps a model.
  std::string artefactsOf(search::ModelId model) const;
  llvm::json::Value recordOf(search::ModelId model) const;
  TrialUsage usageOf(const eval::Usage &reported, double wallSeconds);

  const MeasurementPlan &plan_;
  const ParameterTable &table_;
  MeasurementSession session_;
  std::unique_ptr<eval::WorkerPool> pool_;
  std::string metric_;
  eval::Fidelity fidelity_;
  TrialUsage preparation_;
  std::optional<eval::Rapl> rapl_;
  bool reported_ = false, counted_ = false, estimated_ = false;    ///< sources of energy seen
  std::map<int64_t, std::chrono::steady_clock::time_point> begun_; ///< by ticket
};

} // namespace cat::study

#endif // CATC_STUDY_MEASUREMENT_H
