//===- SemaType.cpp - What a key accepts ----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace cat::frontend;
using llvm::dyn_cast;
using llvm::SMRange;
using llvm::StringRef;

/// The place of a field's value or domain.
static SMRange valueRange(const Field &field) {
  return field.search ? field.search->domain.range : field.value->range;
}

/// Where the reader can see what type the key has, if not at the value itself.
static void addDeclaration(Diagnostic &error, const Field &field) {
  if (field.declared.Start != field.range.Start)
    error.note(field.declared, "'" + field.name + "' declared here");
}

SMRange Sema::givenAt(const Field &field) {
  const Field *origin = &field;
  while (auto *name = origin->value ? dyn_cast<ast::NameExpr>(origin->value) : nullptr) {
    Found found = lookup(*name, {origin->scope, origin->file, origin});
    if (found.kind != Found::Kind::Field || found.parts != name->parts.size())
      break;
    origin = found.field;
  }
  return valueRange(*origin);
}

void Sema::reportValue(const Field &field, SMRange range,
                       llvm::function_ref<std::string(SMRange)> message) {
  bool isWhole = range.Start == valueRange(field).Start;
  SMRange origin = isWhole ? givenAt(field) : range;
  // One that several keys use is wrong once.
  if (!reportedValues_.insert(origin.Start.getPointer()).second)
    return;
  Diagnostic &error = diagnostics_.error(origin, message(origin));
  if (origin.Start != range.Start)
    error.note(range, "used here");
}

void Sema::reportMismatch(const Field &field, const llvm::Twine &expected, const Value &value,
                          SMRange range) {
  Diagnostic &error =
      diagnostics_.error(range, "'" + field.name + "' expects " + expected + ", but " +
                                    quoted(range) + " is " + describe(value));
  addDeclaration(error, field);
}

/// The unit of the base's value, or a customary one.
std::string Sema::exampleUnit(const Field &field, const Dimension &dimension) {
  for (const Field *from = field.inherited; from; from = from->inherited)
    if (auto *literal = from->value ? dyn_cast<ast::NumberExpr>(from->value) : nullptr)
      if (const Unit *unit = lookupUnit(literal->unit.text); unit && unit->dimension == dimension)
        return literal->unit.text.str();
  return customaryUnit(dimension);
}

/// True for 625, {1, 2} and 1..2: numbers that could be followed by a unit.
static bool isBare(const Field &field) {
  auto bare = [](const ast::Expr &expr) {
    auto *literal = dyn_cast<ast::NumberExpr>(&expr);
    return literal && !literal->unit;
  };
  if (!field.search)
    return bare(*field.value);
  const ast::Domain &domain = field.search->domain;
  return domain.isRange() ? bare(*domain.lo)
                          : domain.unit.empty() &&
                                llvm::all_of(domain.choices, [&](auto &c) { return bare(*c); });
}

bool Sema::checkNumber(const Field &field, const Dimension &expected, const Value &value,
                       SMRange range) {
  if (value.kind == Value::Kind::Number && value.dimension == expected)
    return true;
  if (value.kind == Value::Kind::Number && value.dimension.isNone() && isBare(field) &&
      range.Start == valueRange(field).Start) {
    std::string unit = exampleUnit(field, expected);
    std::string example;
    if (field.search && field.search->domain.isRange()) {
      const ast::Domain &domain = field.search->domain;
      example = textOf(domain.lo->range).str() + " " + unit + ".." +
                textOf(domain.hi->range).str() + " " + unit;
    } else {
      example = textOf(range).str() + " " + unit;
    }
    Diagnostic &error = diagnostics_.error(range, "'" + field.name + "' needs a unit of " +
                                                      expected.name() + ", e.g. '" + example + "'");
    addDeclaration(error, field);
    return false;
  }
  reportMismatch(field, expected.describe(), value, range);
  return false;
}

/// Whole numbers are exact below it.
static constexpr double kMostIntegral = 9007199254740992.0;

bool Sema::makeIntegral(Value &value) {
  auto convert = [&](mlir::Attribute attribute) -> mlir::Attribute {
    auto real = dyn_cast<mlir::FloatAttr>(attribute);
    double number = real ? real.getValueAsDouble() : 0;
    if (!real || number != std::floor(number) || std::fabs(number) >= kMostIntegral)
      return {};
    return builder_.getI64IntegerAttr(static_cast<int64_t>(number));
  };
  if (value.integral)
    return true;
  if (value.kind == Value::Kind::List) {
    auto array = dyn_cast<mlir::ArrayAttr>(value.attribute);
    if (!array)
      return false;
    llvm::SmallVector<mlir::Attribute> elements;
    for (mlir::Attribute element : array) {
      elements.push_back(llvm::isa<mlir::IntegerAttr>(element) ? element : convert(element));
      if (!elements.back())
        return false;
    }
    value.attribute = builder_.getArrayAttr(elements);
  } else {
    mlir::Attribute integer = convert(value.attribute);
    // A symbolic value may still turn out whole, as 2 * w / 2 does; binding it checks that.
    if (!integer)
      return !constantOf(value).has_value();
    value.attribute = integer;
  }
  value.integral = true;
  return true;
}

Value Sema::checkSchema(const Field &field, const KeySchema &schema, Value value, SMRange range) {
  auto expects = [&](bool ok, const llvm::Twine &expected) {
    if (!ok)
      reportMismatch(field, expected, value, range);
    return ok ? value : Value();
  };
  bool isBlock = value.kind == Value::Kind::Block;
  if (isBlock && (schema.type == KeyType::Block || schema.type == KeyType::BlockOrNumber)) {
    bool ok = llvm::all_of(value.objects,
                           [&](Object *o) { return o->kind->satisfies(schema.blockKind); });
    bool orNumber = schema.type == KeyType::BlockOrNumber;
    return expects(ok, withArticle(schema.blockKind) +
                           (orNumber ? " or " + schema.dimension.describe() : ""));
  }
  auto isListOf = [&](Value::Kind element) {
    bool empty = value.kind == Value::Kind::List && value.element == Value::Kind::Error;
    return empty || (value.kind == Value::Kind::List && value.element == element);
  };
  switch (schema.type) {
  case KeyType::Block:
    return expects(false, withArticle(schema.blockKind));
  case KeyType::Truth:
    return expects(value.kind == Value::Kind::Truth, "'true' or 'false'");
  case KeyType::String:
    return expects(value.kind == Value::Kind::String, "a string");
  case KeyType::StringList:
    return expects(isListOf(Value::Kind::String), "a list of strings");
  case KeyType::NumberList:
  case KeyType::IntegerList: {
    if (!isListOf(Value::Kind::Number))
      return expects(false, "a list of numbers");
    bool empty = value.element == Value::Kind::Error;
    if (!empty && value.dimension != schema.dimension) {
      Value element = value;
      element.kind = Value::Kind::Number;
      reportMismatch(field, "a list, each element " + schema.dimension.describe(), element, range);
      return {};
    }
    if (schema.type == KeyType::IntegerList && !makeIntegral(value))
      return expects(false, "a list of whole numbers");
    return value;
  }
  case KeyType::Number:
  case KeyType::BlockOrNumber:
  case KeyType::Integer:
    break;
  }
  if (schema.type == KeyType::BlockOrNumber && value.kind != Value::Kind::Number)
    return expects(false, withArticle(schema.blockKind) + " or " + schema.dimension.describe());
  bool isAlternative = !schema.alternative.isNone() && value.kind == Value::Kind::Number &&
                       value.dimension == schema.alternative;
  if (!schema.alternative.isNone() && !isAlternative &&
      !(value.kind == Value::Kind::Number && value.dimension == schema.dimension))
    return expects(false, schema.dimension.describe() + " or " + schema.alternative.describe());
  if (!isAlternative && !checkNumber(field, schema.dimension, value, range))
    return {};
  std::optional<double> constant = constantOf(value);
  if (constant && *constant < 0) {
    reportValue(field, range,
                [&](SMRange) { return ("'" + field.name + "' cannot be negative").str(); });
    return {};
  }
  if (schema.type == KeyType::Integer && !makeIntegral(value)) {
    bool isData = schema.dimension == dim::data;
    reportValue(field, range, [&](SMRange given) {
      if (constant && *constant >= kMostIntegral)
        return ("'" + field.name + "' is too large: " + quoted(given)).str();
      return ("'" + field.name + "' expects a whole number" + (isData ? " of bytes" : "") +
              ", but is given " + quoted(given))
          .str();
    });
    return {};
  }
  return value;
}

Value Sema::checkField(Field &field, Value value) {
  SMRange range = valueRange(field);
  if (field.schema)
    return checkSchema(field, *field.schema, value, range);
  bool isOverride = field.inherited && field.range.Start != field.inherited->range.Start;
  if (!isOverride)
    return value;
  // The base's value says what the key is: a number of some dimension, a string, a block of some
  // kind.
  const Value &declared = evaluate(*field.inherited);
  if (declared.isError())
    return value;
  if (declared.kind == Value::Kind::Number)
    return checkNumber(field, declared.dimension, value, range) ? value : Value();
  bool alike = declared.kind == value.kind;
  if (alike && value.kind == Value::Kind::Block) {
    const KindSchema *kind = declared.objects.front()->kind;
    alike = llvm::all_of(value.objects, [&](Object *o) { return o->kind == kind; });
  }
  bool isEmpty = value.kind == Value::Kind::List &&
                 (value.element == Value::Kind::Error || declared.element == Value::Kind::Error);
  if (alike && value.kind == Value::Kind::List && !isEmpty)
    alike = value.element == declared.element && value.dimension == declared.dimension;
  if (alike)
    return value;
  reportMismatch(field, describe(declared), value, range);
  return {};
}
