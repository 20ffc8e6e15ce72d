//===- Prepared.h - A problem ready for enumeration -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_PREPARED_H
#define CATC_SEARCH_PREPARED_H

#include "Search/Dominance.h"
#include "Search/Enumerate.h"
#include "Search/Separable.h"
#include <vector>

namespace cat::search {

/// A problem with what its exact part implies: the factored form and the hardware worth looking at.
struct Prepared {
  explicit Prepared(const Problem &problem, unsigned threads);

  const Problem &problem;
  Factoring factoring;
  std::vector<QuantityRange> ranges;
  std::vector<HardwareId> feasible; ///< satisfy every requirement on hardware alone
  std::vector<HardwareId> kept;     ///< of these, not dominated
  double filterSeconds = 0, dominanceSeconds = 0;
};

/// Every requirement on the model alone holds.
bool satisfiesModelRequirements(const Prepared &prepared, ModelId model);

/// Values of model-level expressions for blocks of models.
class ModelColumns {
public:
  explicit ModelColumns(const Problem &problem);

  /// Fills the parameter columns for models [begin, begin + count), and the metric's if `source` is
  /// given.
  void load(ModelId begin, int64_t count, const EvaluationSource *source);

  /// `expr` over Problem::symbols, without hardware or terms, for each loaded model.
  void evaluate(const Expr &expr, double *out) const;

private:
  const Problem &problem;
  int64_t count = 0;
  std::vector<std::vector<double>> columns; // [symbol][model]
};

/// Visits all models in blocks, ascending, and tells which satisfy every requirement that the model
/// and, with `source`, its evaluation decide. Adds what each requirement rejects to `rejections`
/// (one for each of the problem's) where it is not null. visit(begin, holds, columns): holds[i] is
/// nonzero if model begin + i satisfies them.
void scanModels(
    const Problem &problem, const Factoring &factoring, const EvaluationSource *source,
    std::vector<Rejection> *rejections,
    const std::function<void(ModelId, const std::vector<char> &, const ModelColumns &)> &visit);

/// One entry for each requirement: what hardware decides is counted, the rest is set up for
/// scanModels.
std::vector<Rejection> hardwareRejections(const Problem &problem, const Factoring &factoring,
                                          bool evaluated);

/// Exact values of designs, one model at a time. Keeps scratch space: one object a thread.
class ExactDesigns {
public:
  explicit ExactDesigns(const Problem &problem);

  void setModel(ModelId model, const Evaluation &evaluation);

  /// Computes the design's goals. Returns false if a requirement fails, a goal is not a number, or
  /// a goal does not beat its threshold.
  bool evaluate(HardwareId hardware);

  /// The goals of the last design, each in its own sense.
  const std::vector<double> &goals() const { return goalValues; }
  int64_t evaluations() const { return count; }

private:
  const Problem &problem;
  ModelId model = 0;
  int64_t count = 0;
  std::vector<int32_t> modelLevels;
  std::vector<double> symbols, terms, goalValues;
};

/// True if a goal's value counts: a number, and strictly better than the threshold if there is one.
bool beatsThreshold(const Goal &goal, double value);

} // namespace cat::search

#endif // CATC_SEARCH_PREPARED_H
