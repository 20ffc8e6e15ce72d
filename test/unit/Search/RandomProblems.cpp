//===- RandomProblems.cpp - Small problems and their brute-force fronts ---===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomProblems.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

double Dice::normal() {
  double u = uniform(), v = uniform();
  return std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * M_PI * v);
}

namespace {

/// Builds one random problem.
class Builder {
public:
  Builder(Dice &dice, const ProblemOptions &options) : dice(dice), options(options) {}
  Problem build();

private:
  double value() { return coarse ? 1 + static_cast<double>(dice.below(4)) : 0.2 + dice.uniform(); }
  void addParameters();
  void addSegments();
  void addHardware();
  void addTerms();
  void addSymbols();
  Expr symbol(SymbolKind kind);
  Expr hardwareFactor();
  Expr additive();
  Expr composite();
  Expr modelExpr();
  Expr evaluatedExpr();
  Expr comparison(Expr left, double low, double high);
  Expr requirement();
  Expr goal(int index);

  Dice &dice;
  ProblemOptions options;
  Problem problem;
  bool coarse = false;
};

} // namespace

void Builder::addParameters() {
  int64_t count = 2 + dice.below(3);
  for (int64_t i = 0; i < count; ++i) {
    Parameter parameter;
    parameter.categorical = dice.chance(0.3);
    int64_t levels = 1 + dice.below(4);
    for (int64_t l = 0; l < levels; ++l)
      parameter.levels.push_back(parameter.categorical ? static_cast<double>(l)
                                                       : static_cast<double>(2 + 3 * l));
    problem.parameters.push_back(parameter);
  }
}

void Builder::addSegments() {
  int64_t count = 1 + dice.below(3);
  for (int64_t s = 0; s < count; ++s) {
    Segment segment;
    for (size_t p = 0; p < problem.parameters.size(); ++p)
      if (dice.chance(0.5)) {
        segment.parameters.push_back(static_cast<int32_t>(p));
        segment.variants *= static_cast<int64_t>(problem.parameters[p].levels.size());
      }
    problem.segments.push_back(segment);
  }
}

void Builder::addHardware() {
  problem.hardwareCount = static_cast<int32_t>(1 + dice.below(40));
  int64_t id = dice.below(5);
  for (int32_t h = 0; h < problem.hardwareCount; ++h) {
    problem.hardwareIds.push_back(id);
    id += 1 + dice.below(3);
  }
  for (int v = 0; v < 2; ++v) {
    std::vector<double> values;
    for (int32_t h = 0; h < problem.hardwareCount; ++h)
      values.push_back(value());
    problem.hardwareValues.push_back(values);
  }
}

void Builder::addTerms() {
  int64_t count = 1 + dice.below(3);
  size_t points = problem.hardwareCount;
  for (int64_t t = 0; t < count; ++t) {
    AdditiveTerm term;
    if (dice.chance(0.7))
      for (size_t h = 0; h < points; ++h)
        term.base.push_back(value());
    for (const Segment &segment : problem.segments) {
      std::vector<double> table;
      if (dice.chance(0.85))
        for (int64_t v = 0; v < segment.variants; ++v)
          for (size_t h = 0; h < points; ++h)
            table.push_back(value() * (dice.chance(0.5) ? 1 : 1 + static_cast<double>(h % 3)));
      term.tables.push_back(table);
    }
    problem.terms.push_back(term);
  }
  // The authoritative values differ from the tables by up to the tolerance, in a way that a pure
  // function of the design decides.
  double jitter = dice.chance(0.5) ? 0.9e-9 : 0;
  auto terms = std::make_shared<std::vector<AdditiveTerm>>(problem.terms);
  Problem shape = problem;
  problem.exactTerms = [terms, shape, jitter](ModelId model, HardwareId h, double *out) {
    std::vector<int32_t> levels(shape.parameters.size());
    shape.levels(model, levels.data());
    for (size_t t = 0; t < terms->size(); ++t) {
      const AdditiveTerm &term = (*terms)[t];
      double sum = term.base.empty() ? 0 : term.base[h];
      bool tables = false;
      for (size_t s = 0; s < term.tables.size(); ++s)
        if (!term.tables[s].empty()) {
          sum += term.tables[s][shape.variant(s, levels.data()) * shape.hardwareCount + h];
          tables = true;
        }
      uint64_t hash = (model * 1000003 + h * 10007 + static_cast<int64_t>(t)) * 0x9E3779B97F4A7C15u;
      double unit = static_cast<double>(hash >> 40) * 0x1p-23 - 1;
      out[t] = tables ? sum * (1 + jitter * unit) : sum;
    }
  };
}

void Builder::addSymbols() {
  for (size_t t = 0; t < problem.terms.size(); ++t)
    problem.symbols.push_back({SymbolKind::Term, static_cast<int32_t>(t)});
  for (size_t p = 0; p < problem.parameters.size(); ++p)
    problem.symbols.push_back({SymbolKind::ModelParameter, static_cast<int32_t>(p)});
  for (int32_t v = 0; v < 2; ++v)
    problem.symbols.push_back({SymbolKind::HardwareValue, v});
  problem.symbols.push_back({SymbolKind::Accuracy, 0});
  problem.symbols.push_back({SymbolKind::AccuracySigma, 0});
}

Expr Builder::symbol(SymbolKind kind) {
  std::vector<int32_t> of;
  for (size_t s = 0; s < problem.symbols.size(); ++s)
    if (problem.symbols[s].kind == kind)
      of.push_back(static_cast<int32_t>(s));
  return Expr::symbol(of[dice.below(static_cast<int64_t>(of.size()))]);
}

Expr Builder::hardwareFactor() {
  Expr v = symbol(SymbolKind::HardwareValue);
  switch (dice.below(3)) {
  case 0:
    return v;
  case 1:
    return Expr::constant(0.5 + dice.uniform());
  default:
    return Expr::apply(ExprOp::Add, {v, Expr::constant(1)});
  }
}

Expr Builder::additive() {
  Expr e = symbol(SymbolKind::Term);
  switch (dice.below(6)) {
  case 0:
    return Expr::apply(ExprOp::Mul, {hardwareFactor(), e});
  case 1:
    return Expr::apply(ExprOp::Div, {e, hardwareFactor()});
  case 2:
    return Expr::apply(ExprOp::Add, {e, hardwareFactor()});
  case 3:
    return Expr::apply(ExprOp::Sub, {e, Expr::apply(ExprOp::Neg, {symbol(SymbolKind::Term)})});
  case 4:
    return Expr::apply(ExprOp::Sub,
                       {e, Expr::apply(ExprOp::Mul, {symbol(SymbolKind::Term), hardwareFactor()})});
  default:
    return e;
  }
}

Expr Builder::composite() {
  switch (dice.below(8)) {
  case 0:
    return Expr::apply(ExprOp::Mul, {additive(), additive()});
  case 1:
    return Expr::apply(ExprOp::Max, {additive(), additive()});
  case 2:
    return Expr::apply(ExprOp::Min, {additive(), symbol(SymbolKind::HardwareValue)});
  case 3:
    return Expr::apply(ExprOp::Mul, {additive(), symbol(SymbolKind::ModelParameter)});
  case 4:
    return Expr::apply(ExprOp::Div, {additive(), additive()});
  case 5:
    return Expr::apply(ExprOp::Sqrt, {additive()});
  case 6:
    return Expr::apply(ExprOp::Ceil, {additive()});
  default:
    return Expr::apply(ExprOp::Abs, {Expr::apply(ExprOp::Sub, {additive(), Expr::constant(4)})});
  }
}

Expr Builder::modelExpr() {
  Expr p = symbol(SymbolKind::ModelParameter);
  return dice.chance(0.5) ? p : Expr::apply(ExprOp::Mul, {p, symbol(SymbolKind::ModelParameter)});
}

Expr Builder::evaluatedExpr() {
  Expr a = symbol(SymbolKind::Accuracy);
  switch (dice.below(4)) {
  case 0:
    return Expr::apply(ExprOp::Sub, {a, symbol(SymbolKind::AccuracySigma)});
  case 1:
    return Expr::apply(ExprOp::Div,
                       {a, Expr::apply(ExprOp::Log2, {symbol(SymbolKind::ModelParameter)})});
  default:
    return a;
  }
}

Expr Builder::comparison(Expr left, double low, double high) {
  static const ExprOp ops[] = {ExprOp::LE, ExprOp::LT, ExprOp::GE, ExprOp::GT};
  Expr limit = Expr::constant(low + (high - low) * dice.uniform());
  return dice.chance(0.8) ? Expr::apply(ops[dice.below(4)], {left, limit})
                          : Expr::apply(ops[dice.below(4)], {limit, left});
}

Expr Builder::requirement() {
  if (options.evaluatedGoal && dice.chance(0.5))
    return Expr::apply(ExprOp::LE,
                       {symbol(SymbolKind::Term), Expr::constant(3 + 10 * dice.uniform())});
  switch (dice.below(options.evaluatedGoal ? 8 : options.mixed ? 10 : 9)) {
  case 0:
    return comparison(symbol(SymbolKind::HardwareValue), 0.5, 4);
  case 1:
    return comparison(modelExpr(), 2, 12);
  case 2:
    return comparison(additive(), 1, 12);
  case 3:
    return comparison(composite(), 1, 20);
  case 4:
    return Expr::apply(ExprOp::Implies, {comparison(symbol(SymbolKind::HardwareValue), 0.5, 4),
                                         comparison(additive(), 1, 12)});
  case 5:
    return Expr::apply(ExprOp::Or, {comparison(additive(), 1, 12), comparison(modelExpr(), 2, 12)});
  case 6:
    return Expr::apply(
        ExprOp::And,
        {comparison(additive(), 1, 20),
         Expr::apply(ExprOp::Not, {comparison(symbol(SymbolKind::HardwareValue), 3, 4)})});
  case 7:
    return Expr::apply(ExprOp::LE, {symbol(SymbolKind::Term),
                                    Expr::apply(ExprOp::Mul, {symbol(SymbolKind::HardwareValue),
                                                              Expr::constant(4)})});
  case 8:
    return comparison(evaluatedExpr(), 0, 0.4);
  default:
    return Expr::apply(ExprOp::Implies,
                       {comparison(evaluatedExpr(), 0, 1), comparison(additive(), 1, 12)});
  }
}

Expr Builder::goal(int index) {
  if (options.evaluatedGoal)
    return index == 0                              ? symbol(SymbolKind::Accuracy)
           : options.composite && dice.chance(0.3) ? composite()
                                                   : additive();
  switch (dice.below(options.mixed ? 8 : 7)) {
  case 0:
  case 1:
    return evaluatedExpr();
  case 2:
    return modelExpr();
  case 3:
    return symbol(SymbolKind::HardwareValue);
  case 4:
    return options.composite ? composite() : additive();
  case 7:
    return Expr::apply(ExprOp::Div, {evaluatedExpr(), additive()});
  default:
    return additive();
  }
}

Problem Builder::build() {
  coarse = dice.chance(0.5);
  addParameters();
  addSegments();
  addHardware();
  addTerms();
  addSymbols();
  int goals = options.goals ? options.goals : static_cast<int>(1 + dice.below(4));
  for (int g = 0; g < goals; ++g) {
    Goal goal;
    goal.value = this->goal(g);
    goal.maximize = options.evaluatedGoal ? g == 0 : dice.chance(0.4);
    goal.threshold = std::numeric_limits<double>::quiet_NaN();
    if (options.evaluatedGoal)
      goal.threshold = g == 0 ? 0.1 : 40;
    else if (dice.chance(0.4))
      goal.threshold = goal.maximize ? 3 * dice.uniform() : 2 + 12 * dice.uniform();
    problem.goals.push_back(goal);
  }
  for (int64_t r = dice.below(4); r > 0; --r)
    problem.requirements.push_back(requirement());
  return problem;
}

Problem cat::search::test::randomProblem(Dice &dice, const ProblemOptions &options) {
  return Builder(dice, options).build();
}

std::vector<Evaluation> cat::search::test::randomEvaluations(Dice &dice, const Problem &problem) {
  bool ties = dice.chance(0.4);
  std::vector<Evaluation> evaluations(problem.modelCount());
  for (Evaluation &e : evaluations) {
    e.value = ties ? static_cast<double>(dice.below(4)) / 4 : dice.uniform();
    e.sigma = ties ? 0.25 * static_cast<double>(dice.below(2)) : 0.1 * dice.uniform();
  }
  return evaluations;
}

std::vector<double> cat::search::test::symbolValues(const Problem &problem, ModelId model,
                                                    HardwareId hardware,
                                                    const Evaluation &evaluation) {
  std::vector<int32_t> levels(problem.parameters.size());
  problem.levels(model, levels.data());
  std::vector<double> terms(problem.terms.size()), symbols;
  problem.exactTerms(model, hardware, terms.data());
  for (const Symbol &s : problem.symbols) {
    switch (s.kind) {
    case SymbolKind::Term:
      symbols.push_back(terms[s.index]);
      break;
    case SymbolKind::ModelParameter:
      symbols.push_back(problem.parameters[s.index].levels[levels[s.index]]);
      break;
    case SymbolKind::HardwareValue:
      symbols.push_back(problem.hardwareValues[s.index][hardware]);
      break;
    case SymbolKind::Accuracy:
      symbols.push_back(evaluation.value);
      break;
    case SymbolKind::AccuracySigma:
      symbols.push_back(evaluation.sigma);
      break;
    }
  }
  return symbols;
}

/// Appends the model's feasible designs that beat every threshold.
static void addDesigns(const Problem &problem, ModelId model, const Evaluation &evaluation,
                       std::vector<FrontPoint> &out) {
  for (HardwareId h = 0; h < problem.hardwareCount; ++h) {
    std::vector<double> symbols = symbolValues(problem, model, h, evaluation);
    bool counts = true;
    for (const Expr &requirement : problem.requirements)
      counts &= requirement.evaluate(symbols.data()) != 0;
    FrontPoint point{model, h, {}};
    for (const Goal &goal : problem.goals) {
      double v = goal.value.evaluate(symbols.data());
      counts &= !std::isnan(v);
      if (!std::isnan(goal.threshold))
        counts &= goal.maximize ? v > goal.threshold : v < goal.threshold;
      point.goals.push_back(v);
    }
    if (counts)
      out.push_back(point);
  }
}

static std::vector<FrontPoint> undominated(const Problem &problem,
                                           const std::vector<FrontPoint> &designs) {
  std::vector<FrontPoint> front;
  for (const FrontPoint &p : designs) {
    bool beaten = false;
    for (const FrontPoint &q : designs) {
      bool noworse = true, better = false;
      for (size_t g = 0; g < problem.goals.size(); ++g) {
        double sign = problem.goals[g].maximize ? -1 : 1;
        noworse &= sign * q.goals[g] <= sign * p.goals[g];
        better |= sign * q.goals[g] < sign * p.goals[g];
      }
      bool smaller = q.model != p.model
                         ? q.model < p.model
                         : problem.hardwareIds[q.hardware] < problem.hardwareIds[p.hardware];
      beaten |= noworse && (better || smaller);
    }
    if (!beaten)
      front.push_back(p);
  }
  return front;
}

std::vector<FrontPoint>
cat::search::test::bruteForceFront(const Problem &problem,
                                   const std::vector<Evaluation> &evaluations) {
  std::vector<FrontPoint> designs;
  for (ModelId m = 0; m < problem.modelCount(); ++m)
    addDesigns(problem, m, evaluations[m], designs);
  std::vector<FrontPoint> front = undominated(problem, designs);
  std::sort(front.begin(), front.end(), [&](const FrontPoint &a, const FrontPoint &b) {
    for (size_t g = 0; g < problem.goals.size(); ++g)
      if (a.goals[g] != b.goals[g])
        return (a.goals[g] < b.goals[g]) != problem.goals[g].maximize;
    return a.model != b.model ? a.model < b.model : a.hardware < b.hardware;
  });
  return front;
}

std::vector<FrontPoint> cat::search::test::bruteForceModelFront(const Problem &problem,
                                                                ModelId model,
                                                                const Evaluation &evaluation) {
  std::vector<FrontPoint> designs;
  addDesigns(problem, model, evaluation, designs);
  return undominated(problem, designs);
}
