//===- Problem.h - A factored co-design problem -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A design is a model and a hardware point. Once the hardware is fixed, exact metrics are sums over
// the model's independent segments; what is evaluated (accuracy) depends on the model alone. This
// header states just that structure, with indices for names: nothing here, or below lib/Search,
// knows what a parameter is called.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_PROBLEM_H
#define CATC_SEARCH_PROBLEM_H

#include "Support/Expr.h"
#include <cstdint>
#include <functional>
#include <vector>

namespace cat::search {

/// Mixed-radix index over the model parameters; parameter 0 is the most significant digit.
using ModelId = int64_t;
/// Index into the feasible hardware points of a Problem.
using HardwareId = int32_t;

/// A model parameter: the numeric value of each level, in declaration order. A categorical's levels
/// are 0, 1, 2 ...
struct Parameter {
  std::vector<double> levels;
  bool categorical = false;
};

/// An independent part of the model. Its variant index is mixed-radix over `parameters`, the first
/// most significant.
struct Segment {
  std::vector<int32_t> parameters; ///< ascending indices into Problem::parameters
  int64_t variants = 1;
};

/// value(m, h) = base[h] + sum over segments s of tables[s][variant_s(m) * H + h], with H hardware
/// points. An empty table contributes nothing; an empty base is zero.
struct AdditiveTerm {
  std::vector<double> base;
  std::vector<std::vector<double>> tables;
};

enum class SymbolKind : uint8_t {
  Term,           ///< Problem::terms[index]
  ModelParameter, ///< numeric level of Problem::parameters[index]
  HardwareValue,  ///< Problem::hardwareValues[index][h]
  Accuracy,       ///< the evaluated metric
  AccuracySigma,  ///< its sigma
};

struct Symbol {
  SymbolKind kind = SymbolKind::Term;
  int32_t index = 0;
};

struct Goal {
  Expr value; ///< over Problem::symbols
  bool maximize = false;
  /// The worst value of interest: reference point of the hypervolume; designs at or beyond it are
  /// not on the front. NaN if the goal has none (every design counts for the front; no hypervolume
  /// is defined).
  double threshold = 0;
};

struct Problem {
  std::vector<Parameter> parameters;
  std::vector<Segment> segments;
  int32_t hardwareCount = 0;
  std::vector<std::vector<double>> hardwareValues; ///< [value][h]
  std::vector<AdditiveTerm> terms;
  std::vector<Symbol> symbols;
  std::vector<Goal> goals;
  std::vector<Expr> requirements; ///< truth-valued, over symbols

  /// Position of hardware point h in the declared hardware space, ascending; ties between designs
  /// break by (model, this).
  std::vector<int64_t> hardwareIds;

  /// Authoritative values of all terms of one design. Tables may differ from it by rounding only;
  /// whatever is reported is computed from this. Thread-safe.
  std::function<void(ModelId, HardwareId, double *terms)> exactTerms;

  /// Relative rounding difference allowed between tables and exactTerms.
  double tableTolerance = 1e-9;

  int64_t modelCount() const {
    int64_t n = 1;
    for (const Parameter &p : parameters)
      n *= static_cast<int64_t>(p.levels.size());
    return n;
  }
  /// Level of each parameter of a model.
  void levels(ModelId model, int32_t *out) const {
    for (size_t i = parameters.size(); i-- > 0;) {
      auto radix = static_cast<int64_t>(parameters[i].levels.size());
      out[i] = static_cast<int32_t>(model % radix);
      model /= radix;
    }
  }
  /// Variant of segment `s` for the given levels.
  int64_t variant(size_t s, const int32_t *levels) const {
    int64_t v = 0;
    for (int32_t p : segments[s].parameters)
      v = v * static_cast<int64_t>(parameters[p].levels.size()) + levels[p];
    return v;
  }
};

/// What an evaluator, or a predictor for all models, says of a model's evaluated metric.
struct Evaluation {
  double value = 0;
  double sigma = 0; ///< what is not known (used by lower(accuracy, k))
  double noise = 0; ///< standard deviation of repeating the measurement (given to the GP)
};

/// A design of a front.
struct FrontPoint {
  ModelId model = 0;
  HardwareId hardware = 0;
  std::vector<double> goals; ///< as in Problem::goals, in the goal's own sense
};

} // namespace cat::search

#endif // CATC_SEARCH_PROBLEM_H
