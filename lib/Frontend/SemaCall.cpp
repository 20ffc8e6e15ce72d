//===- SemaCall.cpp - Functions and block calls ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Frontend/Spelling.h"
#include "Space/Space.h"
#include <cmath>

using namespace cat;
using namespace cat::frontend;
using llvm::StringRef;

/// Kinds that a call makes without a declared base: negative_binomial(defect_density = ...).
static const KindSchema *predeclaredKind(StringRef name) {
  if (name == "negative_binomial")
    return lookupKind("yield_model");
  if (name == "command")
    return lookupKind("command");
  return nullptr;
}

static constexpr llvm::StringLiteral kPredeclared[] = {"negative_binomial", "command"};

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static bool takesTwo(cat::ExprOp op) { return op == cat::ExprOp::Pow; }
static bool takesMany(cat::ExprOp op) { return op == cat::ExprOp::Min || op == cat::ExprOp::Max; }

Value Sema::evaluateFunction(const ast::CallExpr &expr, cat::ExprOp op, const Scope &scope) {
  StringRef function = textOf(expr.callee->range);
  size_t count = expr.arguments.size();
  bool fits = takesMany(op) ? count >= 2 : count == (takesTwo(op) ? 2 : 1);
  if (!fits) {
    diagnostics_.error(expr.range, "'" + function + "' takes " +
                                       (takesMany(op)  ? "two or more arguments"
                                        : takesTwo(op) ? "2 arguments"
                                                       : "1 argument") +
                                       ", but is given " + llvm::Twine(count));
    return {};
  }
  std::vector<Value> values;
  for (const ast::Argument &argument : expr.arguments) {
    if (argument.name) {
      diagnostics_.error(argument.name.range, "'" + function + "' takes no named arguments");
      return {};
    }
    values.push_back(evaluate(*argument.value, scope));
    if (!expectNumber(values.back(), *argument.value, ("'" + function + "'").str()))
      return {};
  }
  const ast::Expr &first = *expr.arguments[0].value;
  const Dimension dimension = values.front().dimension;
  switch (op) {
  case ExprOp::Min:
  case ExprOp::Max: {
    Value result = values[0];
    for (size_t i = 1; i < count; ++i) {
      const ast::Expr &argument = *expr.arguments[i].value;
      if (values[i].dimension != dimension) {
        diagnostics_.error(argument.range, "arguments of '" + function +
                                               "' differ: " + quoted(first.range) + " is " +
                                               describe(values[0]) + ", " + quoted(argument.range) +
                                               " is " + describe(values[i]));
        return {};
      }
      result = apply(op, {result, values[i]}, dimension, expr.range);
    }
    return result;
  }
  case ExprOp::Sqrt: {
    std::optional<Dimension> root = dimension.squareRoot();
    if (!root) {
      diagnostics_.error(first.range,
                         "the square root of " + describe(values[0]) + " has no dimension");
      return {};
    }
    return apply(op, values, *root, expr.range);
  }
  case ExprOp::Pow: {
    std::optional<double> exponent = constantOf(values[1]);
    if (!values[1].dimension.isNone()) {
      diagnostics_.error(expr.arguments[1].value->range,
                         "an exponent must be a number, but " +
                             quoted(expr.arguments[1].value->range) + " is " + describe(values[1]));
      return {};
    }
    bool isInteger = exponent && *exponent == std::floor(*exponent) && std::fabs(*exponent) <= 100;
    if (!dimension.isNone() && !isInteger) {
      diagnostics_.error(expr.arguments[1].value->range,
                         "the power of " + describe(values[0]) +
                             " needs a constant integer exponent of at most 100");
      return {};
    }
    return apply(op, values,
                 dimension.isNone() ? dimension : dimension.power(static_cast<int64_t>(*exponent)),
                 expr.range);
  }
  case ExprOp::Abs:
    return apply(op, values, dimension, expr.range);
  default:
    // What ceil(3 ms) is would depend on the unit.
    if (!dimension.isNone()) {
      diagnostics_.error(first.range, "'" + function + "' expects a number, but " +
                                          quoted(first.range) + " is " + describe(values[0]) +
                                          "; divide it by a unit");
      return {};
    }
    return apply(op, values, dimension, expr.range);
  }
}

/// has_divisor(n, from, to): whether a whole number from one to the other divides n.
Value Sema::evaluateHasDivisor(const ast::CallExpr &expr, const Scope &scope) {
  if (expr.arguments.size() != 3 ||
      llvm::any_of(expr.arguments, [](const auto &argument) { return bool(argument.name); })) {
    diagnostics_.error(expr.range, "'has_divisor' takes a number, and the least and the greatest "
                                   "divisor: 'has_divisor(width, heads, width / head_dim)'");
    return {};
  }
  std::vector<Value> values;
  for (const ast::Argument &argument : expr.arguments) {
    const ast::Expr &given = *argument.value;
    values.push_back(evaluate(given, scope));
    if (!expectNumber(values.back(), given, "'has_divisor'"))
      return {};
    if (!values.back().dimension.isNone()) {
      diagnostics_.error(given.range, "'has_divisor' expects a number, but " + quoted(given.range) +
                                          " is " + describe(values.back()) +
                                          "; divide it by a unit");
      return {};
    }
  }
  Value result = apply(ExprOp::HasDivisor, values, dim::none, expr.range);
  return result.isError() ? result : truth(result.attribute);
}

/// lower(accuracy, k) is accuracy - k * sigma.
Value Sema::evaluateLower(const ast::CallExpr &expr, const Scope &scope) {
  if (expr.arguments.size() != 2 || expr.arguments[0].name || expr.arguments[1].name) {
    diagnostics_.error(
        expr.range,
        "'lower' takes a metric and a number of standard deviations: 'lower(accuracy, 1)'");
    return {};
  }
  const ast::Expr &first = *expr.arguments[0].value, &second = *expr.arguments[1].value;
  Value metric = evaluate(first, scope), count = evaluate(second, scope);
  if (metric.isError() || !expectNumber(count, second, "'lower'"))
    return {};
  auto attribute = llvm::dyn_cast<space::MetricAttr>(metric.attribute ? metric.attribute
                                                                      : builder_.getUnitAttr());
  const MetricSchema *schema = attribute ? lookupMetric(attribute.getName().getValue()) : nullptr;
  if (!schema || !schema->evaluated) {
    diagnostics_.error(first.range,
                       "'lower' needs an evaluated metric, such as 'accuracy', but is given " +
                           quoted(first.range));
    return {};
  }
  if (!count.dimension.isNone()) {
    diagnostics_.error(second.range, "'lower' expects a number of standard deviations, but " +
                                         quoted(second.range) + " is " + describe(count));
    return {};
  }
  Value sigma = metric;
  sigma.attribute = space::MetricAttr::get(builder_.getContext(),
                                           builder_.getStringAttr(schema->name + ".sigma"));
  Value margin = apply(ExprOp::Mul, {count, sigma}, metric.dimension, expr.range);
  return apply(ExprOp::Sub, {metric, margin}, metric.dimension, expr.range);
}

//===----------------------------------------------------------------------===//
// Block calls
//===----------------------------------------------------------------------===//

Value Sema::evaluateCall(const ast::CallExpr &expr, const Scope &scope) {
  static constexpr std::pair<llvm::StringLiteral, cat::ExprOp> kFunctions[] = {
      {"min", ExprOp::Min},   {"max", ExprOp::Max},   {"sqrt", ExprOp::Sqrt},
      {"log2", ExprOp::Log2}, {"ceil", ExprOp::Ceil}, {"floor", ExprOp::Floor},
      {"abs", ExprOp::Abs},   {"pow", ExprOp::Pow}};
  const ast::NameExpr &callee = *expr.callee;
  StringRef first = callee.parts[0].text;
  if (callee.parts.size() == 1) {
    if (first == "lower")
      return evaluateLower(expr, scope);
    if (first == "has_divisor")
      return evaluateHasDivisor(expr, scope);
    for (auto [name, op] : kFunctions)
      if (name == first)
        return evaluateFunction(expr, op, scope);
  }
  Value result;
  result.kind = Value::Kind::Block;
  if (const KindSchema *kind = callee.parts.size() == 1 ? predeclaredKind(first) : nullptr) {
    Object *&base = predeclared_[&expr];
    if (!base) {
      base = &objectStorage_.emplace_back();
      base->kind = kind;
      base->name = first;
      base->path = first.str();
      base->range = callee.range;
      base->file = scope.file;
    }
    Object *object = derive(*base, expr, scope);
    if (!object)
      return {};
    result.objects.push_back(object);
    return result;
  }
  if (lookup(callee, scope).kind == Found::Kind::Nothing) {
    llvm::SmallVector<StringRef> names{"lower", "has_divisor"};
    for (auto [name, op] : kFunctions)
      names.push_back(name);
    names.append(std::begin(kPredeclared), std::end(kPredeclared));
    std::string hint = callee.parts.size() == 1 ? nearestName(first, names) : "";
    if (hint.empty())
      reportUnknownName(callee, scope);
    else
      diagnostics_.error(callee.range,
                         "unknown function '" + first + "'; did you mean '" + hint + "'?");
    return {};
  }
  Value value = evaluateName(callee, scope);
  if (value.isError())
    return {};
  if (value.kind != Value::Kind::Block || value.isChoice()) {
    diagnostics_.error(callee.range,
                       quoted(callee.range) + " is " + describe(value) + " and cannot be called");
    return {};
  }
  Object *object = derive(*value.objects.front(), expr, scope);
  if (!object)
    return {};
  result.objects.push_back(object);
  return result;
}
