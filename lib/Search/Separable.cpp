//===- Separable.cpp - What goals and requirements depend on --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Separable.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <optional>

using namespace cat;
using namespace cat::search;

namespace {

using Values = std::vector<double>; // one value for each hardware point

/// What a sub-expression touches.
enum Touches : uint8_t { Hardware = 1, ModelParameters = 2, Evaluated = 4, Tables = 8 };

/// Factors expressions one at a time into a shared Factoring.
class Factorer {
public:
  Factorer(const Problem &problem, Factoring &out);

  FactoredExpr run(const Expr &expr, int32_t source);

private:
  uint8_t touches(const Expr &expr) const;
  Values hardwareValue(const Expr &expr) const;
  std::optional<LinearForm> linear(const Expr &expr) const;
  Expr rewrite(const Expr &expr, FactoredExpr &out);
  Expr quantityLeaf(LinearForm form, FactoredExpr &out);
  Expr leaf(FactoredExpr::Leaf leaf, FactoredExpr &out);

  const Problem &problem;
  Factoring &out;
  size_t points;
  std::vector<Values> tableless; // [term], empty for terms with tables
};

} // namespace

static bool hasTables(const AdditiveTerm &term) {
  return std::any_of(term.tables.begin(), term.tables.end(),
                     [](const Values &table) { return !table.empty(); });
}

Factorer::Factorer(const Problem &problem, Factoring &out)
    : problem(problem), out(out), points(problem.hardwareCount), tableless(problem.terms.size()) {
  std::vector<double> terms(problem.terms.size());
  bool any = false;
  for (size_t t = 0; t < terms.size(); ++t)
    if (!hasTables(problem.terms[t])) {
      tableless[t].resize(points);
      any = true;
    }
  for (size_t h = 0; any && h < points; ++h) {
    problem.exactTerms(0, static_cast<HardwareId>(h), terms.data());
    for (size_t t = 0; t < terms.size(); ++t)
      if (!tableless[t].empty())
        tableless[t][h] = terms[t];
  }
}

uint8_t Factorer::touches(const Expr &expr) const {
  uint8_t found = 0;
  for (int32_t s : expr.symbols()) {
    const Symbol &symbol = problem.symbols[s];
    switch (symbol.kind) {
    case SymbolKind::Term:
      found |= tableless[symbol.index].empty() ? Tables : Hardware;
      break;
    case SymbolKind::ModelParameter:
      found |= ModelParameters;
      break;
    case SymbolKind::HardwareValue:
      found |= Hardware;
      break;
    case SymbolKind::Accuracy:
    case SymbolKind::AccuracySigma:
      found |= Evaluated;
      break;
    }
  }
  return found;
}

/// The value of an expression over hardware values, terms without tables and constants.
Values Factorer::hardwareValue(const Expr &expr) const {
  std::vector<const double *> columns(problem.symbols.size(), nullptr);
  for (int32_t s : expr.symbols()) {
    const Symbol &symbol = problem.symbols[s];
    columns[s] = symbol.kind == SymbolKind::Term ? tableless[symbol.index].data()
                                                 : problem.hardwareValues[symbol.index].data();
  }
  Values values(points);
  expr.evaluate(columns.data(), static_cast<int64_t>(points), values.data());
  return values;
}

static Values absolute(Values values) {
  for (double &v : values)
    v = std::fabs(v);
  return values;
}

static void accumulate(Values &into, const Values &from, double sign) {
  for (size_t h = 0; h < into.size(); ++h)
    into[h] += sign * from[h];
}

/// a + sign * b
static LinearForm sum(LinearForm a, const LinearForm &b, double sign) {
  accumulate(a.constant, b.constant, sign);
  accumulate(a.constantMagnitude, b.constantMagnitude, 1);
  for (const LinearForm::Part &part : b.parts) {
    auto same = std::find_if(a.parts.begin(), a.parts.end(),
                             [&](const LinearForm::Part &p) { return p.term == part.term; });
    if (same == a.parts.end()) {
      a.parts.push_back(part);
      for (double &c : a.parts.back().coefficient)
        c *= sign;
    } else {
      accumulate(same->coefficient, part.coefficient, sign);
      accumulate(same->magnitude, part.magnitude, 1);
    }
  }
  std::sort(a.parts.begin(), a.parts.end(),
            [](const LinearForm::Part &p, const LinearForm::Part &q) { return p.term < q.term; });
  return a;
}

template <typename Op> static void scale(LinearForm &form, const Values &factor, const Op &op) {
  for (size_t h = 0; h < factor.size(); ++h) {
    double size = std::fabs(factor[h]);
    form.constant[h] = op(form.constant[h], factor[h]);
    form.constantMagnitude[h] = op(form.constantMagnitude[h], size);
    for (LinearForm::Part &part : form.parts) {
      part.coefficient[h] = op(part.coefficient[h], factor[h]);
      part.magnitude[h] = op(part.magnitude[h], size);
    }
  }
}

/// The expression as a linear form, if it is one by + - * / with hardware-only coefficients.
std::optional<LinearForm> Factorer::linear(const Expr &expr) const {
  uint8_t found = touches(expr);
  if (found & (ModelParameters | Evaluated))
    return std::nullopt;
  if (!(found & Tables)) {
    LinearForm form;
    form.constant = hardwareValue(expr);
    form.constantMagnitude = absolute(form.constant);
    return form;
  }
  const Expr::Node &root = expr.nodes().back();
  auto operand = [&](size_t i) { return expr.subexpression(root.operands[i]); };
  switch (root.op) {
  case ExprOp::Symbol: {
    LinearForm form;
    form.constant.assign(points, 0);
    form.constantMagnitude = form.constant;
    form.parts.push_back(
        {problem.symbols[root.symbol].index, Values(points, 1), Values(points, 1)});
    return form;
  }
  case ExprOp::Neg: {
    std::optional<LinearForm> a = linear(operand(0));
    if (a)
      scale(*a, Values(points, -1), [](double x, double f) { return x * f; });
    return a;
  }
  case ExprOp::Add:
  case ExprOp::Sub: {
    std::optional<LinearForm> a = linear(operand(0)), b = linear(operand(1));
    if (!a || !b)
      return std::nullopt;
    return sum(std::move(*a), *b, root.op == ExprOp::Add ? 1 : -1);
  }
  case ExprOp::Mul:
  case ExprOp::Div: {
    bool divide = root.op == ExprOp::Div, left = touches(operand(0)) & Tables;
    std::optional<LinearForm> a = linear(operand(left ? 0 : 1)), f = linear(operand(left ? 1 : 0));
    if (!a || !f || !f->hardwareOnly() || (divide && !left))
      return std::nullopt;
    if (divide)
      scale(*a, f->constant, [](double x, double d) { return x / d; });
    else
      scale(*a, f->constant, [](double x, double d) { return x * d; });
    return a;
  }
  default:
    return std::nullopt;
  }
}

Expr Factorer::leaf(FactoredExpr::Leaf leaf, FactoredExpr &factored) {
  for (size_t i = 0; i < factored.leaves.size(); ++i)
    if (factored.leaves[i].quantity == leaf.quantity &&
        factored.leaves[i].modelValue == leaf.modelValue)
      return Expr::symbol(static_cast<int32_t>(i));
  factored.leaves.push_back(leaf);
  return Expr::symbol(static_cast<int32_t>(factored.leaves.size()) - 1);
}

/// Equal bit by bit where it matters; NaN compares unequal, which only costs a second copy.
static bool sameForm(const LinearForm &a, const LinearForm &b) {
  if (a.constant != b.constant || a.constantMagnitude != b.constantMagnitude ||
      a.parts.size() != b.parts.size())
    return false;
  for (size_t i = 0; i < a.parts.size(); ++i)
    if (a.parts[i].term != b.parts[i].term || a.parts[i].coefficient != b.parts[i].coefficient ||
        a.parts[i].magnitude != b.parts[i].magnitude)
      return false;
  return true;
}

Expr Factorer::quantityLeaf(LinearForm form, FactoredExpr &factored) {
  size_t q = 0;
  while (q < out.quantities.size() && !sameForm(out.quantities[q], form))
    ++q;
  if (q == out.quantities.size())
    out.quantities.push_back(std::move(form));
  return leaf({static_cast<int32_t>(q), -1}, factored);
}

static bool sameExpr(const Expr &a, const Expr &b) {
  if (a.nodes().size() != b.nodes().size())
    return false;
  for (size_t i = 0; i < a.nodes().size(); ++i) {
    const Expr::Node &p = a.nodes()[i], &q = b.nodes()[i];
    if (p.op != q.op || p.constant != q.constant || p.symbol != q.symbol ||
        p.operands != q.operands)
      return false;
  }
  return true;
}

static bool isComparison(ExprOp op) { return op >= ExprOp::LE && op <= ExprOp::NE; }

/// Replaces the largest sub-expressions that are quantities or model values by leaves.
Expr Factorer::rewrite(const Expr &expr, FactoredExpr &factored) {
  uint8_t found = touches(expr);
  if (found == 0)
    return Expr::constant(expr.evaluate(nullptr));
  if (!(found & (Hardware | Tables))) {
    size_t v = 0;
    while (v < out.modelValues.size() && !sameExpr(out.modelValues[v], expr))
      ++v;
    if (v == out.modelValues.size())
      out.modelValues.push_back(expr);
    return leaf({-1, static_cast<int32_t>(v)}, factored);
  }
  if (std::optional<LinearForm> form = linear(expr))
    return quantityLeaf(std::move(*form), factored);
  const Expr::Node &root = expr.nodes().back();
  // x <= y and x - y <= 0 agree for IEEE numbers (with gradual underflow), and the difference is
  // one quantity.
  if (isComparison(root.op)) {
    Expr x = expr.subexpression(root.operands[0]), y = expr.subexpression(root.operands[1]);
    if (touches(x) && touches(y))
      if (std::optional<LinearForm> form = linear(Expr::apply(ExprOp::Sub, {x, y})))
        return Expr::apply(root.op, {quantityLeaf(std::move(*form), factored), Expr::constant(0)});
  }
  std::vector<Expr> operands;
  operands.reserve(root.operands.size());
  for (int32_t o : root.operands)
    operands.push_back(rewrite(expr.subexpression(o), factored));
  return Expr::apply(root.op, operands);
}

FactoredExpr Factorer::run(const Expr &expr, int32_t source) {
  FactoredExpr factored;
  factored.source = source;
  factored.outer = rewrite(expr, factored);
  uint8_t found = touches(expr);
  bool hardware = found & (Hardware | Tables);
  if (found & Evaluated)
    factored.kind = hardware ? ExprClass::Mixed : ExprClass::Evaluated;
  else if (!hardware)
    factored.kind = found ? ExprClass::ModelOnly : ExprClass::HardwareOnly;
  else if (!(found & (Tables | ModelParameters)))
    factored.kind = ExprClass::HardwareOnly;
  else
    factored.kind = factored.isLeaf() ? ExprClass::Additive : ExprClass::Composite;
  return factored;
}

/// Appends the conjuncts of a requirement.
static void split(const Expr &expr, std::vector<Expr> &out) {
  const Expr::Node &root = expr.nodes().back();
  if (root.op == ExprOp::And) {
    split(expr.subexpression(root.operands[0]), out);
    split(expr.subexpression(root.operands[1]), out);
  } else {
    out.push_back(expr);
  }
}

Factoring cat::search::factor(const Problem &problem) {
  Factoring out;
  Factorer factorer(problem, out);
  for (size_t g = 0; g < problem.goals.size(); ++g)
    out.goals.push_back(factorer.run(problem.goals[g].value, static_cast<int32_t>(g)));
  for (size_t r = 0; r < problem.requirements.size(); ++r) {
    std::vector<Expr> conjuncts;
    split(problem.requirements[r], conjuncts);
    for (const Expr &conjunct : conjuncts)
      out.requirements.push_back(factorer.run(conjunct, static_cast<int32_t>(r)));
  }
  return out;
}
