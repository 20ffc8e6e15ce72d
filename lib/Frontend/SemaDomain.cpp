//===- SemaDomain.cpp - Domains of search parameters ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Space/Space.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace cat;
using namespace cat::frontend;
using llvm::dyn_cast;
using llvm::StringRef;

/// Values that one parameter may have.
static constexpr double kMaxDomainSize = 1e6;

/// The symbolic value of a parameter.
Value Sema::reference(Field &field, Value::Kind kind) {
  std::string path = field.owner->path + "." + field.name.str();
  Value value;
  value.kind = kind;
  value.attribute = space::RefAttr::get(builder_.getContext(), builder_.getStringAttr(path));
  return value;
}

std::optional<double> Sema::domainUnit(const ast::Domain &domain, Dimension &dimension) {
  double scale = 1;
  for (size_t i = 0; i < domain.unit.size(); ++i) {
    const Unit *unit = lookupUnit(domain.unit[i].text);
    if (!unit) {
      std::string suggestion = suggestUnit(domain.unit[i].text);
      diagnostics_.error(domain.unit[i].range,
                         "unknown unit '" + domain.unit[i].text + "'" +
                             (suggestion.empty() ? "" : "; did you mean " + suggestion + "?"));
      return std::nullopt;
    }
    dimension = i == 0 ? unit->dimension : dimension / unit->dimension;
    scale = i == 0 ? unit->scale() : scale / unit->scale();
  }
  return scale;
}

/// How people write the parameter's values: in the common unit of a choice list, or in the one unit
/// that all literals have, or in base units.
void Sema::setUnit(Field &field, const ast::Domain &domain, const Dimension &dimension) {
  if (!domain.unit.empty()) {
    Dimension written;
    for (const ast::Identifier &factor : domain.unit)
      field.unit += (field.unit.empty() ? "" : "/") + factor.text.str();
    field.scale = domainUnit(domain, written).value_or(1);
    return;
  }
  if (!dimension.isNone())
    field.unit = dimension.baseUnits();
  llvm::SmallVector<const ast::Expr *> values;
  if (domain.isRange())
    values = {domain.lo.get(), domain.hi.get()};
  else
    for (const ast::ExprPtr &choice : domain.choices)
      values.push_back(choice.get());
  StringRef common;
  for (const ast::Expr *value : values) {
    auto *literal = dyn_cast<ast::NumberExpr>(value);
    if (!literal || !literal->unit || (!common.empty() && common != literal->unit.text))
      return;
    common = literal->unit.text;
  }
  if (const Unit *unit = lookupUnit(common)) {
    field.unit = common.str();
    field.scale = unit->scale();
  }
}

Value Sema::evaluateDomain(Field &field) {
  const ast::Domain &domain = field.search->domain;
  Value value = domain.isRange() ? rangeDomain(field, domain) : choiceDomain(field, domain);
  if (value.isError())
    return value;
  setUnit(field, domain, value.dimension);
  return checkField(field, value);
}

Value Sema::rangeDomain(Field &field, const ast::Domain &domain) {
  Scope scope{field.scope, field.file, &field};
  struct Bound {
    const ast::Expr *expr;
    Value value;
    double number = 0;
  } bounds[3] = {{domain.lo.get(), {}}, {domain.hi.get(), {}}, {domain.step.get(), {}}};
  for (Bound &bound : bounds) {
    if (!bound.expr)
      continue;
    bound.value = evaluate(*bound.expr, scope);
    if (!expectNumber(bound.value, *bound.expr, "a range"))
      return {};
    std::optional<double> constant = constantOf(bound.value);
    if (!constant) {
      diagnostics_.error(bound.expr->range, "a range needs constants, but " +
                                                quoted(bound.expr->range) +
                                                " depends on other parameters");
      return {};
    }
    bound.number = *constant;
  }
  auto &[lo, hi, step] = bounds;
  for (const Bound &other : {hi, step})
    if (other.expr && other.value.dimension != lo.value.dimension) {
      diagnostics_.error(domain.range, "bounds of a range differ: " + quoted(lo.expr->range) +
                                           " is " + describe(lo.value) + ", " +
                                           quoted(other.expr->range) + " is " +
                                           describe(other.value));
      return {};
    }
  if (lo.number > hi.number) {
    std::string loText = textOf(lo.expr->range).str(), hiText = textOf(hi.expr->range).str();
    std::string repaired = hiText + ".." + loText;
    diagnostics_
        .error(join(lo.expr->range, hi.expr->range),
               "range is empty: " + loText + " > " + hiText + "; did you mean '" + repaired + "'?")
        .fixIt(join(lo.expr->range, hi.expr->range), repaired);
    return {};
  }
  if (step.expr && step.number <= 0) {
    diagnostics_.error(step.expr->range,
                       "step must be positive, but is " + textOf(step.expr->range));
    return {};
  }
  bool whole = lo.number == std::floor(lo.number);
  if (!step.expr && (!lo.value.dimension.isNone() || !whole)) {
    diagnostics_.error(domain.range, "a range of " +
                                         (whole ? "quantities" : std::string("fractions")) +
                                         " needs a step: '" + textOf(domain.range) + " step ...'");
    return {};
  }
  double stride = step.expr ? step.number : 1;
  // The last value is the greatest that does not exceed the bound; rounding must not lose one.
  double count = std::floor((hi.number - lo.number) / stride * (1 + 1e-12)) + 1;
  if (count > kMaxDomainSize) {
    diagnostics_.error(domain.range, "'" + field.name + "' would have more than " +
                                         llvm::Twine(static_cast<int64_t>(kMaxDomainSize)) +
                                         " values; choose a larger step");
    return {};
  }
  Value value = reference(field, Value::Kind::Number);
  value.dimension = lo.value.dimension;
  auto isInteger = [](double x) { return x == std::floor(x) && std::fabs(x) < 9007199254740992.0; };
  if (isInteger(lo.number) && isInteger(stride)) {
    value.integral = true;
    auto first = static_cast<int64_t>(lo.number), width = static_cast<int64_t>(stride);
    auto last = first + (static_cast<int64_t>(count) - 1) * width;
    field.domain = space::RangeAttr::get(builder_.getContext(), first, last, width);
    return value;
  }
  llvm::SmallVector<mlir::Attribute> values;
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    values.push_back(builder_.getF64FloatAttr(lo.number + static_cast<double>(i) * stride));
  field.domain = space::ChoicesAttr::get(builder_.getContext(), builder_.getArrayAttr(values));
  return value;
}

Value Sema::choiceDomain(Field &field, const ast::Domain &domain) {
  Scope scope{field.scope, field.file, &field};
  Dimension unitDimension;
  std::optional<double> unit = domainUnit(domain, unitDimension);
  if (!unit)
    return {};
  llvm::SmallVector<Value> choices;
  for (const ast::ExprPtr &choice : domain.choices) {
    Value value = evaluate(*choice, scope);
    if (value.isError())
      return {};
    if (!domain.unit.empty()) {
      if (value.kind != Value::Kind::Number || !value.dimension.isNone()) {
        diagnostics_.error(choice->range, quoted(choice->range) + " is " + describe(value) +
                                              " already; the list has the unit '" +
                                              textOf(domain.unitRange) + "'");
        return {};
      }
      // Unit by unit, as in an expression, so that both round alike.
      for (size_t i = 0; i < domain.unit.size(); ++i) {
        const Unit *factor = lookupUnit(domain.unit[i].text);
        std::optional<double> constant = constantOf(value);
        if (!constant)
          break;
        double scaled = i == 0 ? *constant * factor->numerator / factor->denominator
                               : *constant / factor->scale();
        value = number(dim::none, scaled, value.integral);
      }
      value.dimension = unitDimension;
    }
    if (!choices.empty() &&
        (value.kind != choices[0].kind || value.dimension != choices[0].dimension)) {
      diagnostics_.error(choice->range, "choices must be alike, but " +
                                            quoted(domain.choices[0]->range) + " is " +
                                            describe(choices[0]) + " and " + quoted(choice->range) +
                                            " is " + describe(value));
      return {};
    }
    choices.push_back(value);
  }
  switch (choices[0].kind) {
  case Value::Kind::Number:
  case Value::Kind::Truth:
    return numberDomain(field, domain, choices);
  case Value::Kind::String:
  case Value::Kind::Block:
    return categoryDomain(field, domain, choices);
  default:
    diagnostics_.error(domain.choices[0]->range,
                       "a choice is a number, a truth value, a string or a block, but " +
                           quoted(domain.choices[0]->range) + " is " + describe(choices[0]));
    return {};
  }
}

Value Sema::numberDomain(Field &field, const ast::Domain &domain, llvm::ArrayRef<Value> choices) {
  llvm::SmallVector<mlir::Attribute> values;
  bool integral = true;
  for (size_t i = 0; i < choices.size(); ++i) {
    const ast::Expr &choice = *domain.choices[i];
    std::optional<double> constant = constantOf(choices[i]);
    if (!constant) {
      diagnostics_.error(choice.range, "a choice must be a constant, but " + quoted(choice.range) +
                                           " depends on other parameters");
      return {};
    }
    for (size_t j = 0; j < i; ++j)
      if (*constantOf(choices[j]) == *constant) {
        diagnostics_.error(choice.range, "choice " + quoted(choice.range) + " occurs twice")
            .note(domain.choices[j]->range, "previous here");
        return {};
      }
    Value value = choices[i];
    integral &= choices[i].kind == Value::Kind::Truth || (makeIntegral(value) && value.integral);
    values.push_back(value.attribute);
  }
  field.domain = space::ChoicesAttr::get(builder_.getContext(), builder_.getArrayAttr(values));
  Value value = reference(field, choices[0].kind);
  value.dimension = choices[0].dimension;
  value.integral = integral;
  if (value.kind == Value::Kind::Truth)
    value.attribute = space::ExprAttr::fold(builder_.getContext(), ExprOp::NE,
                                            {value.attribute, builder_.getI64IntegerAttr(0)});
  return value;
}

Value Sema::categoryDomain(Field &field, const ast::Domain &domain, llvm::ArrayRef<Value> choices) {
  llvm::SmallVector<mlir::Attribute> names, operands;
  Value value = reference(field, choices[0].kind);
  operands.push_back(value.attribute);
  for (size_t i = 0; i < choices.size(); ++i) {
    const ast::Expr &choice = *domain.choices[i];
    if (choices[i].isChoice() ||
        (choices[i].attribute && !llvm::isa<mlir::StringAttr>(choices[i].attribute))) {
      diagnostics_.error(choice.range, "a choice must be a constant, but " + quoted(choice.range) +
                                           " depends on other parameters");
      return {};
    }
    std::string name;
    if (choices[i].kind == Value::Kind::String) {
      name = llvm::cast<mlir::StringAttr>(choices[i].attribute).getValue().str();
      operands.push_back(choices[i].attribute);
    } else {
      Object *object = choices[i].objects.front();
      if (object->kind != choices[0].objects.front()->kind) {
        diagnostics_.error(choice.range, "choices must be alike, but " +
                                             quoted(domain.choices[0]->range) + " is " +
                                             describe(choices[0]) + " and " + quoted(choice.range) +
                                             " is " + describe(choices[i]));
        return {};
      }
      // A declared block goes by its name, one made by a call by its text.
      name = object->declaration ? object->name.str() : textOf(choice.range).str();
      value.objects.push_back(object);
    }
    auto attribute = builder_.getStringAttr(name);
    if (auto *previous = llvm::find(names, attribute); previous != names.end()) {
      diagnostics_.error(choice.range, "choice '" + name + "' occurs twice")
          .note(domain.choices[previous - names.begin()]->range, "previous here");
      return {};
    }
    names.push_back(attribute);
  }
  field.domain = space::CategoriesAttr::get(builder_.getContext(), builder_.getArrayAttr(names));
  if (value.kind == Value::Kind::Block) {
    value.index = value.attribute;
    value.attribute = {};
  } else {
    value.attribute = space::ExprAttr::fold(builder_.getContext(), ExprOp::Select, operands);
  }
  return value;
}
