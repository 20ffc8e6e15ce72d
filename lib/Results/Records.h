//===- Records.h - Plain records of a study's outcome -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a finished search hands to tables, files and emitters: nothing here knows the IR, the search
// or the store.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_RECORDS_H
#define CATC_RESULTS_RECORDS_H

#include "Carbon/Carbon.h"
#include "Results/DesignId.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cat::results {

/// A goal and its coordinate of the hypervolume's reference point.
struct GoalRecord {
  std::string name; ///< as written in the spec
  bool maximize = false;
  /// The worst value of interest; absent if the spec gives none.
  std::optional<double> threshold;
  /// Base unit of the goal's values and threshold ("s", "kgCO2e"; "1" if dimensionless).
  std::string unit = "1";
};

/// Who measured accuracy, how, and what it took.
struct SearchFootprint {
  std::string evaluator, protocol, fidelity;
  int64_t failed = 0; ///< trials
  Joules energy;
  /// Absent if the study's grid differs from design to design.
  std::optional<KilogramsCO2e> carbon;
  std::string how; ///< where the energy comes from
};

struct StudySummary {
  std::string name;
  uint64_t seed = 0;
  std::string strategy;
  /// Which accuracy is meant ("ImageNet top-1"); empty if the study evaluates none.
  std::string accuracyMetric;
  std::vector<GoalRecord> goals;
  /// Hypervolume dominated by the front within the reference point, in the product of the goals'
  /// base units; absent unless every goal has a threshold.
  std::optional<double> hypervolume;
  DesignId designsTotal;                 ///< size of the declared space
  int64_t evaluations = 0;               ///< models whose accuracy was evaluated
  std::optional<SearchFootprint> search; ///< of a study that measures
};

struct ParameterRecord {
  std::string name; ///< dotted path as in the spec
  /// A number in `unit`, or the chosen name of a categorical.
  std::variant<double, std::string> value;
  /// The unit of the parameter's domain ("KiB"); "1" if dimensionless or text.
  std::string unit = "1";
};

struct AccuracyRecord {
  double value = 0;
  double sigma = 0; ///< what is not known
  double noise = 0; ///< what repeating the measurement would vary
  std::string source;
  bool extrapolated = false;
};

struct DesignRecord {
  DesignId id;
  std::vector<ParameterRecord>
      parameters; ///< in the spec's order, the same for every design of a study
  carbon::Metrics exact;
  std::optional<AccuracyRecord> accuracy;
  /// The same model measured on a split that the search has not seen.
  std::optional<AccuracyRecord> test;
  std::vector<double> goals; ///< values of StudySummary::goals
};

/// A study's summary and the designs on its front.
struct ParetoFront {
  StudySummary study;
  std::vector<DesignRecord> points;
};

/// The same, with the designs made as they are asked for: a front may have hundreds of thousands.
struct FrontView {
  StudySummary study;
  size_t size = 0;
  /// Makes the design at a position below `size`, reusing the record's storage. Several threads may
  /// call it at once.
  std::function<void(size_t, DesignRecord &)> read;

  FrontView() = default;
  /// Refers to the points of `front`.
  FrontView(const ParetoFront &front)
      : study(front.study), size(front.points.size()),
        read([&front](size_t i, DesignRecord &design) { design = front.points[i]; }) {}
};

} // namespace cat::results

#endif // CATC_RESULTS_RECORDS_H
