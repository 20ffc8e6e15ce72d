//===- Enumerate.h - Exact Pareto front of all designs ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exact front of a factored problem whose evaluated metric is known, or predicted, for every
// model. The result equals brute force over all designs bit for bit: tables only screen, and always
// conservatively; whatever is kept is decided on values from Problem::exactTerms.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_ENUMERATE_H
#define CATC_SEARCH_ENUMERATE_H

#include "Search/Problem.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cat::search {

struct Prepared;

/// The evaluated metric of a model. Called once a model, ascending, from one thread.
using EvaluationSource = std::function<Evaluation(ModelId)>;

struct EnumerateOptions {
  unsigned threads = 1;
  /// Above this many models enumeration is refused (memory grows with the number of models).
  int64_t maxModels = 50'000'000;
};

/// How many candidates one requirement rejects on its own, where that can be counted.
struct Rejection {
  enum class Of : uint8_t {
    Hardware, ///< decided by the hardware point alone
    Models,   ///< decided by the model alone
    Designs,  ///< needs both; counted only by brute force, so `rejected` is -1
  };
  Of of = Of::Designs;
  int64_t rejected = -1;
  int64_t total = 0;
};

struct PhaseSeconds {
  double filter = 0;    ///< requirements on hardware alone and on models alone
  double dominance = 0; ///< pruning of hardware that another point beats for every model
  double tables = 0;    ///< compacted screening tables
  double screen = 0;    ///< scan of all remaining designs, with exact values of the survivors
  double merge = 0;     ///< final exact filter
  double total() const { return filter + dominance + tables + screen + merge; }
};

/// The non-dominated feasible designs, best value of the first goal first; then by the further
/// goals, then by id. Of designs with equal goal values only the one with the smallest (model,
/// hardwareIds) is listed. A design is on the front only if it is strictly better than the
/// threshold of every goal that has one.
struct Front {
  std::vector<FrontPoint> points;
  double designs = 0;           ///< models x hardware points, before any requirement
  int64_t models = 0;           ///< models that satisfy what the model alone decides
  int32_t hardwareFeasible = 0; ///< hardware points that satisfy what the hardware alone decides
  int32_t hardwareKept = 0;     ///< of these, the points left by dominance
  int64_t exactEvaluations = 0; ///< calls of Problem::exactTerms
  std::vector<Rejection> rejections; ///< one for each requirement
  PhaseSeconds seconds;
};

/// Says why enumerateFront would not be exact for this problem, in terms of its goals and
/// requirements ("goal 1 ...", counted from 1); nothing if it is exact.
std::optional<std::string> whyNotEnumerable(const Problem &problem,
                                            const EnumerateOptions &options = {});

/// The exact front. `whyNotEnumerable` must be empty (checked). `evaluations` may be null if
/// nothing depends on the evaluated metric.
Front enumerateFront(const Problem &problem, const EvaluationSource &evaluations,
                     const EnumerateOptions &options = {});

/// The same with one evaluation for each model.
Front enumerateFront(const Problem &problem, const std::vector<Evaluation> &evaluations,
                     const EnumerateOptions &options = {});

/// How many hardware points or models each requirement rejects, in the order of
/// Problem::requirements. Requirements on the evaluated metric are counted when `evaluations` is
/// given, and are Of::Models with -1 otherwise.
std::vector<Rejection> countRejections(const Problem &problem,
                                       const EvaluationSource &evaluations = {});

/// The best hardware for single models: what one evaluation of a model adds to the front. Prepares
/// once, answers many times; const member functions are thread-safe.
class ModelFronts {
public:
  explicit ModelFronts(const Problem &problem, unsigned threads = 1);
  ~ModelFronts();
  ModelFronts(ModelFronts &&) noexcept;
  ModelFronts &operator=(ModelFronts &&) noexcept;

  /// False if no evaluation could put a design of this model on the front: a requirement on the
  /// model alone fails, or its tables show that no hardware point is feasible and beats the
  /// thresholds. May be true where exact values would say no by a rounding error.
  bool mayContribute(ModelId model) const;

  /// The non-dominated feasible designs of one model given its evaluation, exact, ties broken as in
  /// Front, ascending by the hardware's position. Designs at or beyond a threshold are left out.
  /// Works for every problem, also where enumeration is refused.
  std::vector<FrontPoint> front(ModelId model, const Evaluation &evaluation) const;

  /// Hardware points worth considering for some model, ascending.
  const std::vector<HardwareId> &hardware() const;

  /// The factored problem (Search/Prepared.h).
  const Prepared &prepared() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

/// ModelFronts(problem).front(model, evaluation), for single questions.
std::vector<FrontPoint> modelFront(const Problem &problem, ModelId model,
                                   const Evaluation &evaluation);

/// The non-dominated subset of `points`, sorted and with ties broken as in Front. Thresholds are
/// not applied.
std::vector<FrontPoint> nondominated(const Problem &problem, std::vector<FrontPoint> points);

} // namespace cat::search

#endif // CATC_SEARCH_ENUMERATE_H
