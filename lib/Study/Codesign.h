//===- Codesign.h - A study as a factored problem ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Space IR -> search::Problem. Which parameters are the model's and which the hardware's, what the
// segments are, which metrics are exact and which evaluated: all of it is derived from the IR.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_CODESIGN_H
#define CATC_STUDY_CODESIGN_H

#include "Accel/Accel.h"
#include "Carbon/Carbon.h"
#include "Search/Problem.h"
#include "Study/Parameters.h"
#include "Study/Segments.h"

namespace cat::study {

/// A goal as people read it.
struct GoalInfo {
  std::string name; ///< metric or expression as written
  bool maximize = false;
  double threshold = 0; ///< NaN if the goal has none
  std::string unit;     ///< of the threshold as written
  double scale = 1;
  std::string metric; ///< the metric it is, or empty for any other expression
};

/// How many of the hardware points declared a requirement on the hardware alone rejects. A point
/// that depends on parameters of the model too is one point, whatever their values.
struct HardwareRejection {
  std::string label;
  int64_t rejected = 0; ///< with every value of the shared parameters
  int64_t partly = 0;   ///< with some values of them, but not all
  mlir::Location location;
};

/// Label of the requirement that every study has: the inferences take no longer than the lifetime.
inline constexpr const char *kServedLabel = "inferences within the lifetime";

/// Label of the requirement that every study has in whose space it rejects something: the machine
/// can run each operator of the model. Until operators are lowered, every study has it.
inline constexpr const char *kMappableLabel = "every operator can be mapped";

/// How the labels of the requirements end that a parameter which model and hardware share has one
/// value.
inline constexpr const char *kSharedLabel = " is the same for model and hardware";

/// Labels of the rules that hardware must follow to be built (cost::checkMachine).
inline constexpr const char *kLegalLabel = "hardware is legal: ";

/// The ops of a study.
struct StudyOps {
  mlir::ModuleOp module;
  space::StudyOp study;
  nn::ModelOp model;
  accel::MachineOp machine;
  space::CarbonOp carbon;
};

/// Finds the study of a module and what it names. Emits an error and fails if something is missing.
llvm::FailureOr<StudyOps> findStudy(mlir::ModuleOp module);

struct CodesignOptions {
  unsigned threads = 1;
  int64_t maxHardware = 1'000'000;
  /// Stop after the hardware points: no model is lowered and no term tabulated.
  bool hardwareOnly = false;
};

class Codesign {
public:
  /// Builds the problem of a module's study: lowers segments, costs every operator on every
  /// hardware point that satisfies the requirements on hardware alone, and tabulates the terms that
  /// goals and requirements need. Emits errors at the op at fault.
  static llvm::FailureOr<std::unique_ptr<Codesign>> create(StudyOps ops,
                                                           const CodesignOptions &options);

  const search::Problem &problem() const { return problem_; }
  const ParameterTable &table() const { return table_; }
  const LoweredModel &lowered() const { return lowered_; }
  const std::vector<GoalInfo> &goals() const { return goals_; }
  const std::vector<HardwareRejection> &hardwareRejections() const { return rejections_; }
  /// Hardware points declared that satisfy every requirement on the hardware alone with some value
  /// of the shared parameters, and those of them that do so with some values only.
  int64_t hardwareSatisfying() const { return satisfying_; }
  int64_t hardwareSatisfyingPartly() const { return satisfyingPartly_; }
  /// Labels of problem().requirements.
  const std::vector<std::string> &requirementLabels() const { return requirementLabels_; }
  /// "the requirement at spec.cat:12", for one of problem().requirements.
  std::string describeRequirement(size_t requirement) const;
  /// How many of the models declared a requirement of problem() on the model alone rejects. Nothing
  /// if it depends on more than the model's parameters, or on too many of their combinations to
  /// look at each.
  std::optional<int64_t> modelsRejected(size_t requirement) const;
  const cost::Machine &machine(search::HardwareId h) const { return machines_[h]; }
  const carbon::Deployment &deployment(search::HardwareId h) const { return deployments_[h]; }

  /// Total counts of a model on a hardware point.
  cost::EventCounts counts(search::ModelId model, search::HardwareId hardware) const;
  /// Executions of GEMMs in a design that its machine cannot run; their counts are zero.
  int64_t unmappable(search::ModelId model, search::HardwareId hardware) const;
  /// Which operator of a design its machine cannot run, and why; empty if it runs all.
  std::string whyUnmappable(search::ModelId model, search::HardwareId hardware) const;
  /// Metrics of a design, from its counts.
  carbon::Metrics metrics(search::ModelId model, search::HardwareId hardware) const;
  /// Variant of every segment for a model.
  std::vector<int64_t> variants(search::ModelId model) const;
  /// Levels of a design.
  Point point(search::ModelId model, search::HardwareId hardware) const;
  /// A feasible hardware point with a declared index, or -1. With shared parameters several have
  /// the same index.
  search::HardwareId findHardware(int64_t declared) const;

private:
  Codesign(const StudyOps &ops, const CodesignOptions &options);

  llvm::LogicalResult buildSymbols();
  llvm::LogicalResult buildHardware();
  llvm::LogicalResult buildSegments();
  llvm::LogicalResult costOperators();
  /// Adds the requirement that a design has no operator that its machine cannot run, by their
  /// number: a term of its own.
  void requireMappable();
  void buildTerms();
  int32_t symbolOf(mlir::Attribute leaf);
  bool isHardwareOnly(const Expr &expr) const;

  StudyOps ops_;
  CodesignOptions options_;
  ParameterTable table_;
  LoweredModel lowered_;
  search::Problem problem_;
  std::vector<GoalInfo> goals_;
  std::vector<std::string> requirementLabels_;
  std::vector<mlir::Location> requirementLocations_;
  std::vector<HardwareRejection> rejections_;
  int64_t satisfying_ = 0, satisfyingPartly_ = 0;

  /// What each Problem::hardwareValues entry is: a parameter of the table, or an exact metric of
  /// the hardware alone.
  struct HardwareValueSource {
    int32_t parameter = -1;
    SquareMillimetres carbon::Metrics::*area = nullptr;
    OperationsPerSecond carbon::Metrics::*peak = nullptr;
    KilogramsCO2e carbon::Metrics::*embodied = nullptr;
    bool servedTime = false; ///< lifetime / inferences
  };
  std::vector<HardwareValueSource> hardwareSources_;
  std::vector<std::string> terms_; ///< metric of each Problem::terms entry, or kMappableLabel
  llvm::DenseMap<mlir::Attribute, int32_t> symbols_;

  std::vector<cost::Machine> machines_;
  std::vector<carbon::Deployment> deployments_;
  std::vector<carbon::MetricsModel> metrics_;
  std::vector<cost::EventCounts> operatorCounts_; ///< [operator * H + h], zero if unmappable
  std::vector<char> unmappable_;                  ///< the same; empty if there is none
};

} // namespace cat::study

#endif // CATC_STUDY_CODESIGN_H
