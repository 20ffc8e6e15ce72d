//===- SemaExpr.cpp - Operators, literals and evaluation ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Space/Space.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace cat;
using namespace cat::frontend;
using llvm::dyn_cast;
using llvm::SMRange;
using llvm::StringRef;

/// Largest number of nodes of a symbolic expression, written out. Names stand for whole
/// expressions, so a few lines can otherwise describe one that no memory holds.
static constexpr uint64_t kMaxExpressionSize = 10000;

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

std::string cat::frontend::withArticle(StringRef noun) {
  return ((StringRef("aeiou").contains(noun.front()) ? "an " : "a ") + noun).str();
}

std::string cat::frontend::describe(const Value &value) {
  switch (value.kind) {
  case Value::Kind::Error:
    return "an error";
  case Value::Kind::Number:
    return value.dimension.describe();
  case Value::Kind::Truth:
    return "a truth value";
  case Value::Kind::String:
    return "a string";
  case Value::Kind::List:
    return "a list";
  case Value::Kind::Block:
    return withArticle(value.objects.front()->kind->name);
  }
  return "";
}

std::optional<double> cat::frontend::constantOf(const Value &value) {
  return value.attribute ? cat::getBoundNumber(value.attribute) : std::nullopt;
}

std::string cat::frontend::quoted(SMRange range) {
  std::string text;
  for (StringRef word : llvm::split(textOf(range), '\n'))
    text += (text.empty() ? "" : " ") + word.trim().str();
  if (text.size() > 60)
    text = text.substr(0, 57) + "...";
  return "'" + text + "'";
}

/// Whole numbers up to 2^53 are integers, others reals.
Value Sema::number(const Dimension &dimension, double value, bool integral) {
  Value result;
  result.kind = Value::Kind::Number;
  result.dimension = dimension;
  result.integral = integral && value == std::floor(value) && std::fabs(value) < 9007199254740992.0;
  if (result.integral)
    result.attribute = builder_.getI64IntegerAttr(static_cast<int64_t>(value));
  else
    result.attribute = builder_.getF64FloatAttr(value);
  return result;
}

Value Sema::truth(mlir::Attribute attribute) {
  Value result;
  result.kind = Value::Kind::Truth;
  result.attribute = attribute;
  return result;
}

uint64_t Sema::sizeOf(mlir::Attribute attribute) {
  auto expr = dyn_cast<space::ExprAttr>(attribute);
  if (!expr)
    return 1;
  // Operands were sized when they were built.
  uint64_t size = 1;
  for (mlir::Attribute operand : expr.getOperands()) {
    auto known = sizes_.find(operand);
    size += known == sizes_.end() ? 1 : known->second;
  }
  return sizes_[attribute] = std::min(size, 2 * kMaxExpressionSize);
}

Value Sema::apply(ExprOp op, llvm::ArrayRef<Value> operands, const Dimension &dimension,
                  SMRange range) {
  llvm::SmallVector<mlir::Attribute, 2> attributes;
  bool integral = true, constant = true;
  for (const Value &operand : operands) {
    if (operand.isError())
      return {};
    attributes.push_back(operand.attribute);
    integral &= operand.integral;
    constant &= constantOf(operand).has_value();
  }
  Value result;
  result.kind = Value::Kind::Number;
  result.dimension = dimension;
  result.attribute = space::ExprAttr::fold(builder_.getContext(), op, attributes);
  switch (op) {
  case ExprOp::Ceil:
  case ExprOp::Floor:
    integral = true;
    break;
  case ExprOp::Div:
  case ExprOp::Sqrt:
  case ExprOp::Log2:
  case ExprOp::Pow:
    integral = false;
    break;
  default:
    break;
  }
  result.integral = constant ? llvm::isa<mlir::IntegerAttr>(result.attribute) : integral;
  if (auto real = dyn_cast<mlir::FloatAttr>(result.attribute);
      real && !real.getValue().isFinite()) {
    std::optional<double> divisor = op == ExprOp::Div ? constantOf(operands[1]) : std::nullopt;
    diagnostics_.error(range, divisor && *divisor == 0
                                  ? llvm::Twine("division by zero")
                                  : "the value of " + quoted(range) + " is not a finite number");
    return {};
  }
  if (sizeOf(result.attribute) > kMaxExpressionSize) {
    diagnostics_.error(
        range, "expression is too large: with the names in it written out, it has more than " +
                   llvm::Twine(kMaxExpressionSize) + " parts");
    return {};
  }
  return result;
}

bool Sema::expectNumber(const Value &value, const ast::Expr &expr, StringRef what) {
  if (value.kind == Value::Kind::Number)
    return true;
  if (!value.isError())
    diagnostics_.error(expr.range, what + " needs a number, but " + quoted(expr.range) + " is " +
                                       describe(value));
  return false;
}

bool Sema::expectTruth(const Value &value, const ast::Expr &expr, StringRef what) {
  if (value.kind == Value::Kind::Truth)
    return true;
  if (!value.isError())
    diagnostics_.error(expr.range, what + " needs a truth value, such as a comparison, but " +
                                       quoted(expr.range) + " is " + describe(value));
  return false;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

void Sema::reportCycle(Field &field) {
  auto first = std::find(evaluating_.begin(), evaluating_.end(), &field);
  Diagnostic &error = diagnostics_.error(field.range, "'" + field.name + "' depends on itself");
  for (auto it = first + 1; it < evaluating_.end(); ++it)
    error.note((*it)->range, "via '" + (*it)->name + "'");
}

const Value &Sema::evaluate(Field &field) {
  if (field.state == Field::State::Evaluated)
    return field.result;
  if (field.state == Field::State::InProgress) {
    reportCycle(field);
    return field.result; // still an error
  }
  field.state = Field::State::InProgress;
  evaluating_.push_back(&field);
  Value value = field.search ? evaluateDomain(field)
                             : evaluate(*field.value, {field.scope, field.file, &field});
  if (!value.isError() && !field.search)
    value = checkField(field, value);
  evaluating_.pop_back();
  field.result = value;
  field.state = Field::State::Evaluated;
  return field.result;
}

Value Sema::evaluate(const ast::Expr &expr, const Scope &scope) {
  if (depth_ > kMaxDepth) {
    diagnostics_.error(expr.range,
                       "this depends on more than " + llvm::Twine(kMaxDepth) + " other values");
    return {};
  }
  ++depth_;
  llvm::scope_exit leave([&] { --depth_; });
  switch (expr.kind) {
  case ast::Expr::Kind::Number:
    return evaluateNumber(llvm::cast<ast::NumberExpr>(expr), scope);
  case ast::Expr::Kind::String: {
    Value result;
    result.kind = Value::Kind::String;
    result.attribute = builder_.getStringAttr(llvm::cast<ast::StringExpr>(expr).value);
    return result;
  }
  case ast::Expr::Kind::Boolean:
    return truth(builder_.getI64IntegerAttr(llvm::cast<ast::BooleanExpr>(expr).value));
  case ast::Expr::Kind::Name:
    return evaluateName(llvm::cast<ast::NameExpr>(expr), scope);
  case ast::Expr::Kind::List:
    return evaluateList(llvm::cast<ast::ListExpr>(expr), scope);
  case ast::Expr::Kind::Unary:
    return evaluateUnary(llvm::cast<ast::UnaryExpr>(expr), scope);
  case ast::Expr::Kind::Binary:
    return evaluateBinary(llvm::cast<ast::BinaryExpr>(expr), scope);
  case ast::Expr::Kind::Call:
    return evaluateCall(llvm::cast<ast::CallExpr>(expr), scope);
  }
  return {};
}

Value Sema::evaluateNumber(const ast::NumberExpr &expr, const Scope &scope) {
  const Unit *unit = nullptr;
  if (expr.unit) {
    unit = lookupUnit(expr.unit.text);
    if (!unit) {
      reportUnknownUnit(expr.unit, scope, expr);
      return {};
    }
  }
  double value = expr.integral ? static_cast<double>(expr.integer) : expr.real;
  if (!unit) {
    Value result = number(dim::none, value, expr.integral);
    // Integers beyond 2^53 are exact as they stand.
    if (expr.integral && !result.integral) {
      result.attribute = builder_.getI64IntegerAttr(expr.integer);
      result.integral = true;
    }
    return result;
  }
  value = value * unit->numerator / unit->denominator;
  if (!std::isfinite(value)) {
    diagnostics_.error(expr.range, "number is too large");
    return {};
  }
  return number(unit->dimension, value, expr.integral);
}

Value Sema::evaluateList(const ast::ListExpr &expr, const Scope &scope) {
  Value result;
  result.kind = Value::Kind::List;
  result.integral = true;
  llvm::SmallVector<mlir::Attribute> attributes;
  for (size_t i = 0; i < expr.elements.size(); ++i) {
    const ast::Expr &element = *expr.elements[i];
    Value value = evaluate(element, scope);
    if (value.isError())
      return {};
    if (i == 0) {
      result.element = value.kind;
      result.dimension = value.dimension;
    }
    bool alike = value.kind == result.element && value.dimension == result.dimension;
    if (!alike || value.kind == Value::Kind::List || value.isChoice()) {
      diagnostics_.error(element.range,
                         !alike ? "elements of a list must be alike, but " + quoted(element.range) +
                                      " is " + describe(value)
                                : quoted(element.range) + " cannot be an element of a list");
      return {};
    }
    result.integral &= value.integral;
    if (value.kind == Value::Kind::Block)
      result.objects.push_back(value.objects.front());
    else
      attributes.push_back(value.attribute);
  }
  if (result.element != Value::Kind::Block)
    result.attribute = builder_.getArrayAttr(attributes);
  return result;
}

Value Sema::evaluateUnary(const ast::UnaryExpr &expr, const Scope &scope) {
  Value operand = evaluate(*expr.operand, scope);
  if (expr.op == ExprOp::Not) {
    if (!expectTruth(operand, *expr.operand, "'not'"))
      return {};
    Value result = apply(ExprOp::Not, operand, dim::none, expr.range);
    return result.isError() ? result : truth(result.attribute);
  }
  if (!expectNumber(operand, *expr.operand, "'-'"))
    return {};
  return apply(ExprOp::Neg, operand, operand.dimension, expr.range);
}

//===----------------------------------------------------------------------===//
// Binary operators
//===----------------------------------------------------------------------===//

static bool isComparison(ExprOp op) { return op >= ExprOp::LE && op <= ExprOp::NE; }

/// A bare number beside a quantity: the unit was forgotten.
static std::string unitHint(const ast::Expr &expr, const Value &value, const Value &other) {
  auto *literal = dyn_cast<ast::NumberExpr>(&expr);
  if (!literal || literal->unit || !value.dimension.isNone() || other.kind != Value::Kind::Number)
    return "";
  return "; write '" + textOf(expr.range).str() + " " + customaryUnit(other.dimension) + "' for " +
         other.dimension.describe();
}

void Sema::reportUnlike(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs) {
  std::string hint = unitHint(*expr.rhs, rhs, lhs);
  if (hint.empty())
    hint = unitHint(*expr.lhs, lhs, rhs);
  diagnostics_.error(expr.range, "operands of '" + textOf(expr.operatorRange) + "' differ: " +
                                     quoted(expr.lhs->range) + " is " + describe(lhs) + ", " +
                                     quoted(expr.rhs->range) + " is " + describe(rhs) + hint);
}

Value Sema::evaluateBinary(const ast::BinaryExpr &expr, const Scope &scope) {
  if (isComparison(expr.op))
    if (auto *chained = dyn_cast<ast::BinaryExpr>(expr.lhs.get());
        chained && isComparison(chained->op) && !chained->parenthesized) {
      std::string repaired =
          (textOf(chained->range) + " and " + textOf(join(chained->rhs->range, expr.range))).str();
      diagnostics_.error(expr.range, "comparisons do not chain; write '" + repaired + "'")
          .fixIt(expr.range, repaired);
      return {};
    }
  Value lhs = evaluate(*expr.lhs, scope), rhs = evaluate(*expr.rhs, scope);
  if (lhs.isError() || rhs.isError())
    return {};
  std::string spelling = ("'" + textOf(expr.operatorRange) + "'").str();
  switch (expr.op) {
  case ExprOp::And:
  case ExprOp::Or:
  case ExprOp::Implies: {
    if (!expectTruth(lhs, *expr.lhs, spelling) || !expectTruth(rhs, *expr.rhs, spelling))
      return {};
    Value result = apply(expr.op, {lhs, rhs}, dim::none, expr.range);
    return result.isError() ? result : truth(result.attribute);
  }
  case ExprOp::Mul:
  case ExprOp::Div:
    if (!expectNumber(lhs, *expr.lhs, spelling) || !expectNumber(rhs, *expr.rhs, spelling))
      return {};
    return apply(expr.op, {lhs, rhs},
                 expr.op == ExprOp::Mul ? lhs.dimension * rhs.dimension
                                        : lhs.dimension / rhs.dimension,
                 expr.range);
  case ExprOp::Add:
  case ExprOp::Sub:
    if (!expectNumber(lhs, *expr.lhs, spelling) || !expectNumber(rhs, *expr.rhs, spelling))
      return {};
    if (lhs.dimension != rhs.dimension) {
      reportUnlike(expr, lhs, rhs);
      return {};
    }
    return apply(expr.op, {lhs, rhs}, lhs.dimension, expr.range);
  default:
    return evaluateComparison(expr, lhs, rhs);
  }
}

Value Sema::evaluateComparison(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs) {
  if (lhs.kind != rhs.kind || (lhs.kind == Value::Kind::Number && lhs.dimension != rhs.dimension)) {
    reportUnlike(expr, lhs, rhs);
    return {};
  }
  bool isEquality = expr.op == ExprOp::EQ || expr.op == ExprOp::NE;
  if (lhs.kind == Value::Kind::Number || (isEquality && lhs.kind == Value::Kind::Truth)) {
    Value result = apply(expr.op, {lhs, rhs}, dim::none, expr.range);
    return result.isError() ? result : truth(result.attribute);
  }
  if (isEquality && (lhs.kind == Value::Kind::Block || lhs.kind == Value::Kind::String))
    return evaluateIdentity(expr, lhs, rhs);
  diagnostics_.error(expr.range, "'" + textOf(expr.operatorRange) + "' cannot compare " +
                                     describe(lhs) + " with " + describe(rhs));
  return {};
}

/// Truth of `a == b` for strings of which either may be selected by a parameter.
static mlir::Attribute compareStrings(mlir::Builder &builder, mlir::Attribute a,
                                      mlir::Attribute b) {
  for (auto [selection, other] : {std::pair(a, b), std::pair(b, a)})
    if (auto select = dyn_cast<space::ExprAttr>(selection)) {
      llvm::SmallVector<mlir::Attribute> operands{select.getOperands().front()};
      for (mlir::Attribute choice : select.getOperands().drop_front())
        operands.push_back(compareStrings(builder, choice, other));
      return space::ExprAttr::fold(builder.getContext(), ExprOp::Select, operands);
    }
  return builder.getI64IntegerAttr(a == b);
}

/// The declared block that a value, perhaps derived from it by a call, is of.
static const Object *originOf(const Object *object) {
  while (!object->declaration && object->base)
    object = object->base;
  return object;
}

Value Sema::evaluateIdentity(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs) {
  mlir::Attribute equal;
  if (lhs.kind == Value::Kind::String) {
    equal = compareStrings(builder_, lhs.attribute, rhs.attribute);
  } else if (lhs.isChoice() && rhs.isChoice()) {
    diagnostics_.error(expr.range,
                       "two searched blocks cannot be compared; compare one of their keys");
    return {};
  } else {
    const Value &choice = lhs.isChoice() ? lhs : rhs, &single = lhs.isChoice() ? rhs : lhs;
    llvm::SmallVector<mlir::Attribute> operands;
    bool any = false;
    for (Object *object : choice.objects) {
      bool same = originOf(object) == originOf(single.objects.front());
      any |= same;
      operands.push_back(builder_.getI64IntegerAttr(same));
    }
    if (choice.isChoice() && !any) {
      diagnostics_.error(expr.range,
                         "never true: the choices of one side do not include the other");
      return {};
    }
    if (choice.isChoice())
      operands.insert(operands.begin(), choice.index);
    equal = choice.isChoice()
                ? space::ExprAttr::fold(builder_.getContext(), ExprOp::Select, operands)
                : operands.front();
  }
  // A comparison in any case, so that the condition reads as one.
  ExprOp op = expr.op == ExprOp::EQ ? ExprOp::NE : ExprOp::EQ;
  return truth(
      space::ExprAttr::fold(builder_.getContext(), op, {equal, builder_.getI64IntegerAttr(0)}));
}
