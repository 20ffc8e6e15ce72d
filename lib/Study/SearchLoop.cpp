//===- SearchLoop.cpp - Ask, evaluate, tell -------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/SearchLoop.h"
#include "Results/Format.h"
#include "Search/Enumerate.h"
#include "Search/Hypervolume.h"
#include "Search/Subset.h"
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

using namespace cat;
using namespace cat::study;

namespace {

/// The front so far.
class RunningFront {
public:
  RunningFront(const Codesign &codesign, unsigned threads)
      : problem(codesign.problem()), fronts(codesign.problem(), threads) {}

  /// Returns the models that have no design on the front any more, or never had.
  std::set<search::ModelId> add(search::ModelId model, const search::Evaluation &evaluation) {
    std::set<search::ModelId> gone = {model};
    for (const search::FrontPoint &point : points)
      gone.insert(point.model);
    std::vector<search::FrontPoint> more = fronts.front(model, evaluation);
    points.insert(points.end(), more.begin(), more.end());
    points = search::nondominated(problem, std::move(points));
    for (const search::FrontPoint &point : points)
      gone.erase(point.model);
    return gone;
  }

  void describe(Progress &progress) const {
    progress.best.clear();
    if (points.empty())
      return;
    std::vector<double> reference = search::referencePoint(problem.goals, points);
    progress.hypervolume = search::hypervolume(problem.goals, points, reference);
    for (size_t g = 0; g < problem.goals.size(); ++g) {
      double best = points.front().goals[g];
      for (const search::FrontPoint &point : points)
        best = problem.goals[g].maximize ? std::max(best, point.goals[g])
                                         : std::min(best, point.goals[g]);
      progress.best.push_back(best);
    }
  }

  std::vector<search::FrontPoint> points;

private:
  const search::Problem &problem;
  search::ModelFronts fronts;
};

} // namespace

static RunError toRunError(const StoreError &error) { return {error.message, error.remedy}; }

namespace {

/// Name of the observations that the search selects by, and of those on the test split.
constexpr const char *kMetric = "accuracy", *kTestMetric = "accuracy.test";

/// Name of the store's figure for what the evaluator's measurements rest on.
constexpr const char *kIdentity = "evaluator.identity";

/// Name of the store's figure for what was used outside of trials, in joules.
constexpr const char *kOverhead = "overhead_j";

/// Names of the store's figures for the accuracy of the baseline.
constexpr const char *kBaselineValue = "baseline_accuracy",
                     *kBaselineNoise = "baseline_accuracy_noise",
                     *kBaselineSource = "baseline_accuracy_source";

/// Attempts at a trial whose failures may be of chance.
constexpr int kMostAttempts = 2;

/// Points of a trial's learning curve that are kept.
constexpr int kMostCurvePoints = 1000;

/// Failures, without a success, that end a search.
constexpr int64_t kHopeless = 3;

const Observation *observationOf(const Trial &trial, const char *metric) {
  for (const Observation &observation : trial.observations)
    if (observation.metric == metric)
      return &observation;
  return nullptr;
}

results::AccuracyRecord recordOf(const Observation &o) {
  return {o.value, o.sigma, o.noise, o.source, o.extrapolated};
}

Observation observationOf(const char *metric, const EvaluationResult &result) {
  const results::AccuracyRecord &a = result.accuracy;
  return {metric, result.fidelity, a.value, a.sigma, a.noise, a.source, a.extrapolated};
}

/// The loop of ask and tell.
class SearchLoop {
public:
  SearchLoop(const Codesign &codesign, Evaluator &evaluator, search::Strategy &strategy,
             const RunOptions &options, Store &store,
             const std::function<void(const Progress &)> &report)
      : problem_(codesign.problem()), evaluator_(evaluator), strategy_(strategy), store_(store),
        report_(report), front_(codesign, options.threads) {
    progress_.total = options.trials;
  }

  std::variant<RunOutcome, RunError> run() {
    for (auto step : {&SearchLoop::readStore, &SearchLoop::searchModels,
                      &SearchLoop::measureBaseline, &SearchLoop::testFront})
      if (std::optional<RunError> error = (this->*step)())
        return *error;
    return std::move(outcome_);
  }

private:
  /// How a trial ended: with a record, or with none.
  using Ended = std::optional<results::AccuracyRecord>;

  std::optional<RunError> readStore();
  std::optional<RunError> searchModels();
  std::optional<RunError> measureBaseline();
  std::optional<RunError> testFront();
  std::optional<RunError> propose(bool &exhausted);
  std::optional<RunError> begin(int64_t trial);
  std::optional<RunError> takeEvent();
  std::optional<RunError> takeFailure(int64_t trial, const EvaluationFailure &failure);
  std::optional<RunError> checkIdentity();
  std::optional<RunError> addOverhead(double joules);
  std::optional<RunError> tell(const Ended &ended);

  const search::Problem &problem_;
  Evaluator &evaluator_;
  search::Strategy &strategy_;
  Store &store_;
  const std::function<void(const Progress &)> &report_;
  RunningFront front_;
  Progress progress_;
  RunOutcome outcome_;
  std::vector<Trial> stored_;
  std::vector<search::ModelId> models_; ///< of each trial that was proposed
  std::map<int64_t, Ended> ended_;      ///< trials whose results have not been told
  std::map<int64_t, int> attempts_;     ///< of trials of this run
  std::map<int64_t, int> curvePoints_;
  int64_t told_ = 0;
  double overhead_ = 0;
};

} // namespace

/// What an earlier run left.
std::optional<RunError> SearchLoop::readStore() {
  StoreResult<std::vector<Trial>> known = store_.trials();
  if (!known)
    return toRunError(known.error());
  stored_ = std::move(*known);
  bool hopeless = std::none_of(stored_.begin(), stored_.end(),
                               [](const Trial &trial) { return trial.state == TrialState::Done; });
  for (size_t i = 0; i < stored_.size(); ++i) {
    Trial &trial = stored_[i];
    if (trial.index != static_cast<int64_t>(i))
      return RunError{"the stored trial " + std::to_string(i) + " is missing",
                      "the study is damaged; start again in another folder with --out"};
    if (trial.model < 0 || trial.model >= problem_.modelCount())
      return RunError{"the stored trial " + std::to_string(trial.index) + " is of model " +
                          std::to_string(trial.model) + ", and the spec has " +
                          std::to_string(problem_.modelCount()),
                      "the study is damaged; start again in another folder with --out"};
    outcome_.energy = outcome_.energy + Joules(trial.usage.joules);
    if (trial.state == TrialState::Failed && hopeless)
      trial.state = TrialState::Pending;
    if (const Observation *test = observationOf(trial, kTestMetric))
      outcome_.tested[trial.model] = recordOf(*test);
  }
  if (std::optional<RunError> error = checkIdentity())
    return error;
  StoreResult<std::string> overhead = store_.figure(kOverhead);
  if (!overhead)
    return toRunError(overhead.error());
  overhead_ = std::strtod(overhead->c_str(), nullptr);
  outcome_.energy = outcome_.energy + Joules(overhead_);
  return addOverhead(evaluator_.preparation().joules);
}

/// Figures of different data do not belong on one front.
std::optional<RunError> SearchLoop::checkIdentity() {
  StoreResult<std::string> begun = store_.figure(kIdentity);
  if (!begun)
    return toRunError(begun.error());
  if (begun->empty()) {
    if (auto error = store_.setFigure(kIdentity, evaluator_.identity()))
      return toRunError(*error);
  } else if (*begun != evaluator_.identity()) {
    return RunError{"the evaluator's data or weights are not those that the search began with",
                    "start again in another folder with --out"};
  }
  return std::nullopt;
}

std::optional<RunError> SearchLoop::addOverhead(double joules) {
  if (joules <= 0)
    return std::nullopt;
  overhead_ += joules;
  outcome_.energy = outcome_.energy + Joules(joules);
  if (auto error = store_.setFigure(kOverhead, results::shortestNumber(overhead_)))
    return toRunError(*error);
  return std::nullopt;
}

std::optional<RunError> SearchLoop::searchModels() {
  bool exhausted = false;
  while (true) {
    if (std::optional<RunError> error = propose(exhausted))
      return error;
    if (told_ == static_cast<int64_t>(models_.size()))
      break;
    if (auto next = ended_.find(told_); next != ended_.end()) {
      Ended ended = next->second;
      ended_.erase(next);
      if (std::optional<RunError> error = tell(ended))
        return error;
    } else if (std::optional<RunError> error = takeEvent()) {
      return error;
    }
  }
  if (outcome_.failed && !outcome_.evaluations)
    return RunError{"no model could be evaluated: " + outcome_.firstFailure,
                    "once that is mended, --resume tries again"};
  outcome_.front = front_.points;
  return std::nullopt;
}

/// Begins as many trials as may be under way.
std::optional<RunError> SearchLoop::propose(bool &exhausted) {
  int64_t wanted = std::max<int64_t>(progress_.total, static_cast<int64_t>(stored_.size()));
  int64_t parallel = evaluator_.parallel();
  while (!exhausted && static_cast<int64_t>(models_.size()) < std::min(wanted, told_ + parallel)) {
    auto trial = static_cast<int64_t>(models_.size());
    if (models_.size() < stored_.size()) {
      const Trial &known = stored_[models_.size()];
      strategy_.adoptPending(known.model);
      models_.push_back(known.model);
      const Observation *observation = observationOf(known, kMetric);
      if (known.state == TrialState::Done && observation) {
        ended_[trial] = recordOf(*observation);
        continue;
      }
      if (known.state == TrialState::Failed) {
        if (outcome_.firstFailure.empty())
          outcome_.firstFailure = known.error;
        ended_[trial] = std::nullopt;
        continue;
      }
    } else if (std::optional<search::ModelId> model = strategy_.ask()) {
      models_.push_back(*model);
    } else {
      exhausted = true;
      break;
    }
    if (std::optional<RunError> error = begin(trial))
      return error;
  }
  return std::nullopt;
}

std::optional<RunError> SearchLoop::begin(int64_t trial) {
  if (auto error = store_.beginTrial(trial, models_[trial]))
    return toRunError(*error);
  ++attempts_[trial];
  evaluator_.begin(trial, models_[trial], /*test=*/false);
  return std::nullopt;
}

std::optional<RunError> SearchLoop::takeEvent() {
  std::variant<EvaluationEvent, RunError> next = evaluator_.next();
  if (auto *error = std::get_if<RunError>(&next))
    return *error;
  auto &event = std::get<EvaluationEvent>(next);
  if (auto *progress = std::get_if<EvaluationProgress>(&event.content)) {
    // A worker that reports each of a million steps must not fill the disk.
    if (progress->figure && ++curvePoints_[event.trial] <= kMostCurvePoints)
      if (auto error = store_.addCurvePoint(event.trial, *progress->figure))
        return toRunError(*error);
    progress_.message = "trial " + std::to_string(event.trial) + ": " + progress->message;
    report_(progress_);
    progress_.message.clear();
    return std::nullopt;
  }
  if (auto *failure = std::get_if<EvaluationFailure>(&event.content))
    return takeFailure(event.trial, *failure);
  auto &result = std::get<EvaluationResult>(event.content);
  if (auto error = store_.finishTrial(event.trial, {observationOf(kMetric, result)}, result.usage))
    return toRunError(*error);
  outcome_.energy = outcome_.energy + Joules(result.usage.joules);
  ended_[event.trial] = std::move(result.accuracy);
  return std::nullopt;
}

std::optional<RunError> SearchLoop::takeFailure(int64_t trial, const EvaluationFailure &failure) {
  if (auto error = store_.failTrial(trial, failure.message, failure.usage))
    return toRunError(*error);
  outcome_.energy = outcome_.energy + Joules(failure.usage.joules);
  if (failure.retry && attempts_[trial] < kMostAttempts)
    return begin(trial);
  if (outcome_.firstFailure.empty())
    outcome_.firstFailure = failure.message;
  ended_[trial] = std::nullopt;
  return std::nullopt;
}

std::optional<RunError> SearchLoop::tell(const Ended &ended) {
  search::ModelId model = models_[told_];
  bool isNew = attempts_.count(told_);
  ++told_;
  if (ended) {
    search::Evaluation evaluation{ended->value, ended->sigma, ended->noise};
    strategy_.tell(model, evaluation);
    for (search::ModelId gone : front_.add(model, evaluation))
      evaluator_.discard(gone);
    if (!evaluator_.predictions())
      outcome_.measured[model] = *ended;
    ++outcome_.evaluations;
  } else {
    strategy_.tellFailed(model);
    ++outcome_.failed;
    if (!outcome_.evaluations && outcome_.failed >= kHopeless)
      return RunError{"the first " + std::to_string(outcome_.failed) +
                          " evaluations failed: " + outcome_.firstFailure,
                      "once that is mended, --resume tries again"};
  }
  if (!isNew)
    return std::nullopt;
  progress_.trials = outcome_.evaluations + outcome_.failed;
  front_.describe(progress_);
  report_(progress_);
  return std::nullopt;
}

/// Measures the baseline, unless an earlier run has.
std::optional<RunError> SearchLoop::measureBaseline() {
  if (!evaluator_.measuresBaseline())
    return std::nullopt;
  std::string stored[3];
  for (auto [name, text] :
       {std::pair(kBaselineValue, &stored[0]), std::pair(kBaselineNoise, &stored[1]),
        std::pair(kBaselineSource, &stored[2])}) {
    StoreResult<std::string> figure = store_.figure(name);
    if (!figure)
      return toRunError(figure.error());
    *text = *figure;
  }
  if (!stored[0].empty()) {
    double noise = std::strtod(stored[1].c_str(), nullptr);
    outcome_.baseline = {std::strtod(stored[0].c_str(), nullptr), noise, noise, stored[2], false};
    return std::nullopt;
  }
  evaluator_.begin(Evaluator::kBaseline, 0, /*test=*/false);
  while (true) {
    std::variant<EvaluationEvent, RunError> next = evaluator_.next();
    if (auto *error = std::get_if<RunError>(&next))
      return *error;
    auto &event = std::get<EvaluationEvent>(next);
    if (auto *progress = std::get_if<EvaluationProgress>(&event.content)) {
      progress_.message = "baseline: " + progress->message;
      report_(progress_);
    } else if (auto *failure = std::get_if<EvaluationFailure>(&event.content)) {
      outcome_.baselineFailure = failure->message;
      return addOverhead(failure->usage.joules);
    } else {
      const auto &result = std::get<EvaluationResult>(event.content);
      outcome_.baseline = result.accuracy;
      // The value last: where it is, the others are.
      for (const auto &[name, text] :
           {std::pair(kBaselineSource, result.accuracy.source),
            std::pair(kBaselineNoise, results::shortestNumber(result.accuracy.noise)),
            std::pair(kBaselineValue, results::shortestNumber(result.accuracy.value))})
        if (auto error = store_.setFigure(name, text))
          return toRunError(*error);
      return addOverhead(result.usage.joules);
    }
  }
}

/// Measures the front's models on the split that selected nothing, those of earlier trials first.
std::optional<RunError> SearchLoop::testFront() {
  if (!evaluator_.measuresTest())
    return std::nullopt;
  std::map<search::ModelId, int64_t> trialOf;
  for (size_t i = 0; i < models_.size(); ++i)
    trialOf[models_[i]] = static_cast<int64_t>(i);
  std::set<int64_t> open;
  for (const search::FrontPoint &point : outcome_.front)
    if (!outcome_.tested.count(point.model))
      open.insert(trialOf[point.model]);
  auto next = open.begin();
  size_t running = 0, done = 0;
  while (done < open.size()) {
    for (; running < evaluator_.parallel() && next != open.end(); ++next, ++running)
      evaluator_.begin(*next, models_[*next], /*test=*/true);
    std::variant<EvaluationEvent, RunError> waited = evaluator_.next();
    if (auto *error = std::get_if<RunError>(&waited))
      return *error;
    auto &event = std::get<EvaluationEvent>(waited);
    if (std::holds_alternative<EvaluationProgress>(event.content))
      continue;
    --running;
    ++done;
    progress_.message =
        "test split: " + std::to_string(done) + "/" + std::to_string(open.size()) + " models";
    report_(progress_);
    double joules;
    if (auto *failure = std::get_if<EvaluationFailure>(&event.content)) {
      if (!outcome_.testFailures++)
        outcome_.firstTestFailure = failure->message;
      joules = failure->usage.joules;
    } else {
      auto &result = std::get<EvaluationResult>(event.content);
      if (auto error = store_.observe(event.trial, observationOf(kTestMetric, result)))
        return toRunError(*error);
      outcome_.tested[models_[event.trial]] = result.accuracy;
      joules = result.usage.joules;
    }
    if (std::optional<RunError> error = addOverhead(joules))
      return error;
  }
  return std::nullopt;
}

std::variant<RunOutcome, RunError>
study::runLoop(const Codesign &codesign, Evaluator &evaluator, search::Strategy &strategy,
               const RunOptions &options, Store &store,
               const std::function<void(const Progress &)> &report) {
  return SearchLoop(codesign, evaluator, strategy, options, store, report).run();
}
