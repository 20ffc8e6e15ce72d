//===- GreyBox.cpp - Bayesian optimisation with known goals ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/GreyBox.h"
#include "Search/CurveTable.h"
#include "Search/ExpectedImprovement.h"
#include "Search/Gp.h"
#include "Search/Parallel.h"
#include "Search/PosteriorScan.h"
#include "Search/ScanScorer.h"
#include "Search/SetValuedEhvi.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <unordered_map>

using namespace cat;
using namespace cat::search;
using Eigen::Index;
using Eigen::VectorXd;

/// Up to this many models are scanned, with about 70 bytes for each.
static constexpr int64_t kMostScanned = int64_t(1) << 21;
/// Models whose gain is computed exactly in a step, and how far below the best estimate they may
/// be.
static constexpr size_t kMostRescored = 1000;
static constexpr float kRescoreFraction = 0.5f;
static constexpr int kPoolSize = 2048;

//===----------------------------------------------------------------------===//
// What can be searched
//===----------------------------------------------------------------------===//

/// A limit on the evaluated metric that acts as a second reference of its goal: [goal >= limit] if
/// it is maximised, and the other way round.
static std::optional<double> limitOnGoal(const Problem &problem, const Goal &goal,
                                         const Expr &requirement) {
  const std::vector<Expr::Node> &nodes = requirement.nodes();
  const Expr::Node &root = nodes.back();
  if (nodes.size() != 3 || goal.value.nodes().size() != 1)
    return std::nullopt;
  bool atMost = root.op == ExprOp::LE || root.op == ExprOp::LT;
  bool atLeast = root.op == ExprOp::GE || root.op == ExprOp::GT;
  const Expr::Node &x = nodes[root.operands[0]], &y = nodes[root.operands[1]];
  bool left = x.op == ExprOp::Symbol;
  const Expr::Node &symbol = left ? x : y, &constant = left ? y : x;
  if (!(atMost || atLeast) || symbol.op != ExprOp::Symbol || constant.op != ExprOp::Constant ||
      symbol.symbol != goal.value.nodes()[0].symbol ||
      problem.symbols[symbol.symbol].kind != SymbolKind::Accuracy)
    return std::nullopt;
  bool wantsMore = atLeast == left;
  return wantsMore == goal.maximize ? std::optional<double>(constant.constant) : std::nullopt;
}

/// Index of the one evaluated goal, or -1.
static int32_t evaluatedGoal(const Factoring &factoring) {
  for (const FactoredExpr &goal : factoring.goals)
    if (goal.kind == ExprClass::Evaluated)
      return goal.source;
  return -1;
}

std::optional<std::string> GreyBox::whyNot(const Problem &problem) {
  Factoring factoring = factor(problem);
  int32_t evaluated = evaluatedGoal(factoring);
  if (evaluated < 0)
    return "no goal depends on the evaluated metric alone";
  for (const FactoredExpr &goal : factoring.goals) {
    std::string name = "goal " + std::to_string(goal.source + 1);
    if (goal.kind == ExprClass::Mixed)
      return name + " combines the evaluated metric with metrics that depend on the hardware";
    if (goal.kind == ExprClass::Evaluated && goal.source != evaluated)
      return name + " is a second goal of the evaluated metric";
  }
  for (const FactoredExpr &requirement : factoring.requirements) {
    std::string name = "requirement " + std::to_string(requirement.source + 1);
    if (requirement.kind == ExprClass::Mixed)
      return name + " combines the evaluated metric with metrics that depend on the hardware";
    if (requirement.kind != ExprClass::Evaluated)
      continue;
    const Expr &expr = factoring.modelValues[requirement.leaves[0].modelValue];
    if (!limitOnGoal(problem, problem.goals[evaluated], expr))
      return name + " is not a limit on the worst value of goal " + std::to_string(evaluated + 1);
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

struct GreyBox::State {
  StrategyOptions options;
  int32_t goal = -1;          ///< the evaluated goal
  std::vector<int32_t> known; ///< the others
  bool scanned = false;       ///< all models are looked at in each step
  std::unique_ptr<CurveTable> curves;
  std::optional<PosteriorScan> scan;
  int initial = 0;
  /// Worst value of interest of the evaluated goal, maximised: its threshold or the limits on it;
  /// NaN if there is none.
  double lowest = std::numeric_limits<double>::quiet_NaN();
  std::vector<float> prediction; ///< [model], maximised and standardised; empty without a prior
  double center = 0, scale = 1;  ///< of the standardised values
  mutable std::unordered_map<ModelId, PointSet> toldCurves;

  const PointSet &curve(ModelId model) const {
    auto found = toldCurves.find(model);
    if (found == toldCurves.end())
      found = toldCurves.emplace(model, curves->curve(model)).first;
    return found->second;
  }
};

GreyBox::~GreyBox() = default;

/// The evaluated goal's value, maximised.
static double goalValue(const Problem &problem, int32_t goal, ModelId model,
                        const Evaluation &evaluation) {
  std::vector<int32_t> levels(problem.parameters.size());
  problem.levels(model, levels.data());
  std::vector<double> symbols(problem.symbols.size(), 0.0);
  for (size_t s = 0; s < symbols.size(); ++s) {
    const Symbol &symbol = problem.symbols[s];
    if (symbol.kind == SymbolKind::ModelParameter)
      symbols[s] = problem.parameters[symbol.index].levels[levels[symbol.index]];
    else if (symbol.kind == SymbolKind::Accuracy)
      symbols[s] = evaluation.value;
    else if (symbol.kind == SymbolKind::AccuracySigma)
      symbols[s] = evaluation.sigma;
  }
  return -minimised(problem.goals[goal], problem.goals[goal].value.evaluate(symbols.data()));
}

GreyBox::GreyBox(const Problem &problem, const StrategyOptions &options)
    : TrialRecord(problem, options.seed, options.threads), state(std::make_unique<State>()) {
  CATC_CHECK(!whyNot(problem), "a problem that this strategy refuses");
  const Prepared &prepared = fronts.prepared();
  State &s = *state;
  s.options = options;
  s.goal = evaluatedGoal(prepared.factoring);
  for (size_t g = 0; g < problem.goals.size(); ++g)
    if (static_cast<int32_t>(g) != s.goal)
      s.known.push_back(static_cast<int32_t>(g));
  const Goal &goal = problem.goals[s.goal];
  if (!std::isnan(goal.threshold))
    s.lowest = -minimised(goal, goal.threshold);
  for (const FactoredExpr &requirement : prepared.factoring.requirements)
    if (requirement.kind == ExprClass::Evaluated) {
      const Expr &expr = prepared.factoring.modelValues[requirement.leaves[0].modelValue];
      double limit = -minimised(goal, *limitOnGoal(problem, goal, expr));
      s.lowest = std::isnan(s.lowest) ? limit : std::max(s.lowest, limit);
    }

  int64_t models = problem.modelCount();
  s.scanned = models <= kMostScanned && s.known.size() <= 2;
  s.curves = std::make_unique<CurveTable>(prepared, s.known, s.scanned, options.threads);
  s.scan.emplace(problem);
  // Few, because even a poor model knows better than chance where nothing has been gained yet.
  s.initial = options.initialDesigns > 0 ? options.initialDesigns : 4;
  if (!options.prior)
    return;

  CATC_CHECK(static_cast<int64_t>(options.prior->size()) == models,
             "a prior needs one prediction for each model");
  std::vector<double> values(models);
  EvaluationSource predicted = [&](ModelId model) { return (*options.prior)[model]; };
  scanModels(problem, prepared.factoring, &predicted, nullptr,
             [&](ModelId begin, const std::vector<char> &, const ModelColumns &columns) {
               columns.evaluate(goal.value, &values[begin]);
             });
  for (double &v : values)
    v = -minimised(goal, v);
  double sum = std::accumulate(values.begin(), values.end(), 0.0), squares = 0;
  s.center = sum / static_cast<double>(models);
  for (double v : values)
    squares += (v - s.center) * (v - s.center);
  s.scale = std::max(1e-9, std::sqrt(squares / static_cast<double>(models)));
  s.prediction.resize(models);
  for (ModelId m = 0; m < models; ++m)
    s.prediction[m] = static_cast<float>((values[m] - s.center) / s.scale);
}

//===----------------------------------------------------------------------===//
// First models
//===----------------------------------------------------------------------===//

/// Element `index` of the Halton sequence in `base`.
static double radicalInverse(uint64_t index, unsigned base) {
  double result = 0, digit = 1;
  for (; index; index /= base) {
    digit /= base;
    result += digit * static_cast<double>(index % base);
  }
  return result;
}

/// A quasi-random model: Halton's sequence (1960), shifted at random (Cranley and Patterson 1976).
static ModelId haltonModel(const Problem &problem, CounterRandom shift, uint64_t index) {
  static constexpr unsigned kPrimes[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37,
                                         41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89};
  ModelId model = 0;
  for (size_t p = 0; p < problem.parameters.size(); ++p) {
    auto radix = static_cast<int64_t>(problem.parameters[p].levels.size());
    // Beyond the table's dimensions the shift alone, hashed with the index, is as good.
    double u = p < std::size(kPrimes) ? radicalInverse(index + 1, kPrimes[p])
                                      : CounterRandom(index, p).uniform();
    u += shift.uniform();
    u -= std::floor(u);
    model =
        model * radix + std::min(radix - 1, static_cast<int64_t>(u * static_cast<double>(radix)));
  }
  return model;
}

std::optional<ModelId> GreyBox::initialModel() const {
  const State &s = *state;
  if (!s.prediction.empty() && s.scanned) {
    // The model that adds most to what is known if predictions were true, among a half of the
    // models that the seed chooses.
    if (std::optional<ModelId> model = greedyModel())
      return model;
  }
  constexpr uint64_t kShiftKey = ~uint64_t(0);
  for (uint64_t attempt = 0; attempt < 64; ++attempt) {
    ModelId model = haltonModel(problem, randomFor(kShiftKey), trial() + 4096 * attempt);
    if (!isKnown(model) && fronts.mayContribute(model))
      return model;
  }
  return randomModel(randomFor(trial()));
}

std::optional<ModelId> GreyBox::greedyModel() const {
  const State &s = *state;
  std::vector<std::pair<double, PointSet>> front;
  front.reserve(told.size() + pending.size());
  for (const auto &[model, evaluation] : told)
    front.emplace_back(standardised(goalValue(problem, s.goal, model, evaluation)), s.curve(model));
  for (ModelId model : pending)
    front.emplace_back(s.prediction[model], s.curve(model));
  double lowest = lowestLevel(front);
  SetValuedEhvi gain(s.curves->reference(), lowest, std::move(front));
  ScanScorer scorer(*s.curves, gain, s.known.size(), s.options.threads);
  constexpr int64_t kRun = 1024;
  constexpr float kSpread = 0.05f; // a little, so that near misses count
  std::vector<float> sd(kRun, kSpread);
  parallelFor(s.options.threads, problem.modelCount(), kRun,
              [&](int64_t begin, int64_t end, unsigned thread) {
                scorer.visit(thread, begin, end - begin, &s.prediction[begin], sd.data(),
                             [&](ModelId model) {
                               return !isKnown(model) && (randomFor(model).next() & 1);
                             });
              });
  std::vector<Scored> best = scorer.best();
  return best.empty() ? std::nullopt : std::optional<ModelId>(best.front().model);
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

double GreyBox::standardised(double value) const { return (value - state->center) / state->scale; }

/// The reference level of the evaluated goal, standardised.
double GreyBox::lowestLevel(const std::vector<std::pair<double, PointSet>> &front) const {
  if (!std::isnan(state->lowest))
    return standardised(state->lowest);
  double lo = std::numeric_limits<double>::infinity(), hi = -lo;
  for (const auto &[level, points] : front) {
    lo = std::min(lo, level);
    hi = std::max(hi, level);
  }
  // As for other goals without a threshold: 10 % of the range beyond the worst; one unit if there
  // is no range yet.
  return front.empty() ? -1 : lo - (hi > lo ? 0.1 * (hi - lo) : 1);
}

/// What was told as GP data in standardised units, then the pending models with their posterior
/// means.
Gp GreyBox::fitted() const {
  const State &s = *state;
  auto n = static_cast<Index>(told.size());
  GpData data;
  data.x.resize(static_cast<Index>(problem.parameters.size()), n);
  data.y.resize(n);
  VectorXd noise(n);
  for (Index i = 0; i < n; ++i) {
    const auto &[model, evaluation] = told[i];
    data.x.col(i) = unitCoordinates(problem, model);
    data.y[i] = standardised(goalValue(problem, s.goal, model, evaluation));
    // The goal's noise, to first order.
    Evaluation above = evaluation, below = evaluation;
    above.value += evaluation.noise;
    below.value -= evaluation.noise;
    double sd = 0.5 / s.scale *
                std::fabs(goalValue(problem, s.goal, model, above) -
                          goalValue(problem, s.goal, model, below));
    noise[i] = std::max(1e-4, sd * sd);
  }
  bool noisy = std::any_of(told.begin(), told.end(),
                           [](const auto &trial) { return trial.second.noise > 0; });
  if (noisy)
    data.noiseVariance = noise;
  if (!s.prediction.empty()) {
    data.prediction.resize(n);
    for (Index i = 0; i < n; ++i)
      data.prediction[i] = s.prediction[told[i].first];
  }
  Kernel kernel;
  for (const Parameter &parameter : problem.parameters)
    kernel.categorical.push_back(parameter.categorical);
  Gp gp = Gp::fit(kernel, data);
  if (pending.empty())
    return gp;

  auto all = n + static_cast<Index>(pending.size());
  GpData believed = data;
  believed.x.conservativeResize(Eigen::NoChange, all);
  believed.y.conservativeResize(all);
  believed.noiseVariance.conservativeResize(all);
  if (!noisy)
    believed.noiseVariance.head(n).setConstant(std::exp(gp.parameters().logNoise));
  if (!s.prediction.empty())
    believed.prediction.conservativeResize(all);
  for (Index i = n; i < all; ++i) {
    ModelId model = pending[i - n];
    double prediction = s.prediction.empty() ? 0 : s.prediction[model];
    believed.x.col(i) = unitCoordinates(problem, model);
    believed.y[i] = gp.predict(believed.x.col(i), prediction).mean;
    believed.noiseVariance[i] = 1e-4;
    if (!s.prediction.empty())
      believed.prediction[i] = prediction;
  }
  return Gp::condition(kernel, believed, gp.parameters());
}

std::optional<ModelId> GreyBox::bestModel() const {
  const State &s = *state;
  Gp gp = fitted();
  bool noisy = std::any_of(told.begin(), told.end(),
                           [](const auto &trial) { return trial.second.noise > 0; });
  std::vector<std::pair<double, PointSet>> front;
  for (size_t i = 0; i < told.size() + pending.size(); ++i) {
    bool isTold = i < told.size();
    ModelId model = isTold ? told[i].first : pending[i - told.size()];
    auto index = static_cast<Index>(i);
    front.emplace_back(isTold && noisy ? gp.smoothed(index) : gp.data().y[index], s.curve(model));
  }
  double lowest = lowestLevel(front);
  SetValuedEhvi gain(s.curves->reference(), lowest, std::move(front));
  std::vector<Scored> candidates =
      s.scanned ? scannedCandidates(gp, gain) : pooledCandidates(gp, gain);

  std::optional<ModelId> best;
  double most = 0;
  for (size_t i = 0; i < candidates.size() && i < kMostRescored; ++i) {
    const Scored &candidate = candidates[i];
    // Scanned estimates are near the gain, pooled ones bound it.
    if (candidate.estimate < (s.scanned ? kRescoreFraction * candidates[0].estimate : most))
      break;
    double prediction = s.prediction.empty() ? 0 : s.prediction[candidate.model];
    Gp::Prediction p = gp.predict(unitCoordinates(problem, candidate.model), prediction);
    double value = gain(p.mean, std::sqrt(p.variance), s.curves->curve(candidate.model));
    if (value > most) {
      most = value;
      best = candidate.model;
    }
  }
  return best;
}

std::vector<Scored> GreyBox::scannedCandidates(const Gp &gp, const SetValuedEhvi &gain) const {
  const State &s = *state;
  ScanScorer scorer(*s.curves, gain, s.known.size(), s.options.threads);
  s.scan->run(
      gp, s.prediction, s.options.threads,
      [&](unsigned thread, ModelId begin, int64_t count, const float *mean, const float *sd) {
        scorer.visit(thread, begin, count, mean, sd,
                     [&](ModelId model) { return !isKnown(model); });
      });
  return scorer.best();
}

std::vector<Scored> GreyBox::pooledCandidates(const Gp &gp, const SetValuedEhvi &gain) const {
  const State &s = *state;
  std::set<ModelId> pool;
  int64_t models = problem.modelCount();
  if (models <= kPoolSize) {
    for (ModelId model = 0; model < models; ++model)
      pool.insert(model);
  } else {
    for (uint64_t i = 0; i < kPoolSize; ++i)
      pool.insert(haltonModel(problem, randomFor(trial()), i));
    // Every model that differs from an evaluated one in one parameter by one level, or in any way
    // if it is categorical.
    for (const auto &[model, evaluation] : told) {
      int64_t weight = 1;
      std::vector<int32_t> levels(problem.parameters.size());
      problem.levels(model, levels.data());
      for (size_t p = levels.size(); p-- > 0;) {
        auto radix = static_cast<int32_t>(problem.parameters[p].levels.size());
        for (int32_t level = 0; level < radix; ++level)
          if (problem.parameters[p].categorical || std::abs(level - levels[p]) == 1)
            pool.insert(model + weight * (level - levels[p]));
        weight *= radix;
      }
    }
  }
  std::vector<Scored> candidates;
  for (ModelId model : pool) {
    if (isKnown(model))
      continue;
    PointSet points = s.curves->curve(model);
    double size = s.known.empty() ? fronts.mayContribute(model)
                                  : hypervolume(points, s.curves->reference().data());
    if (!(size > 0))
      continue;
    Gp::Prediction p =
        gp.predict(unitCoordinates(problem, model), s.prediction.empty() ? 0 : s.prediction[model]);
    // The gain's bound A_J psi(t_j), j the lowest level at which the model adds anything.
    double estimate = size * expectedExcess(p.mean, std::sqrt(p.variance), gain.levels().front());
    candidates.push_back({static_cast<float>(estimate), model});
  }
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

std::optional<ModelId> GreyBox::ask() {
  State &s = *state;
  updateScale();
  std::optional<ModelId> model;
  if (trial() >= static_cast<uint64_t>(s.initial) && !told.empty() &&
      (told.size() > 1 || !s.prediction.empty()))
    model = bestModel();
  else
    model = initialModel();
  // Nothing promises a gain: explore what is left.
  if (!model)
    model = randomModel(randomFor(trial()));
  return model ? std::optional<ModelId>(propose(*model)) : std::nullopt;
}

/// Centre and scale of the GP's values: the predictions' if there are any, else the observations'.
void GreyBox::updateScale() {
  State &s = *state;
  if (!s.prediction.empty() || told.empty())
    return;
  double sum = 0, squares = 0;
  std::vector<double> values;
  values.reserve(told.size());
  for (const auto &[model, evaluation] : told)
    values.push_back(goalValue(problem, s.goal, model, evaluation));
  for (double v : values)
    sum += v;
  s.center = sum / static_cast<double>(values.size());
  for (double v : values)
    squares += (v - s.center) * (v - s.center);
  double variance = values.size() > 1 ? squares / static_cast<double>(values.size() - 1) : 0;
  s.scale = variance > 0 ? std::sqrt(variance) : 1;
}
