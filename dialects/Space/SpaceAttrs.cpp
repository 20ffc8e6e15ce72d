//===- SpaceAttrs.cpp - References, expressions, domains ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Space/Space.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace cat;
using namespace cat::space;

#define GET_ATTRDEF_CLASSES
#include "Space/SpaceAttrs.cpp.inc"

void SpaceDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Space/SpaceAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// RefAttr
//===----------------------------------------------------------------------===//

Attribute RefAttr::substitute(llvm::function_ref<Attribute(StringRef)> lookup) const {
  Attribute value = lookup(getName().getValue());
  return value ? value : Attribute(*this);
}

void RefAttr::visitReferences(llvm::function_ref<void(StringRef)> visit) const {
  visit(getName().getValue());
}

std::optional<double> RefAttr::evaluate(ParameterLookup lookup) const {
  return lookup(getName().getValue());
}

Attribute RefAttr::choose(ParameterLookup) const { return *this; }

//===----------------------------------------------------------------------===//
// ExprAttr
//===----------------------------------------------------------------------===//

/// Operators whose spelling `name` is, or nothing.
static std::optional<ExprOp> parseExprOp(StringRef name) {
  for (unsigned i = static_cast<unsigned>(ExprOp::Neg); i <= static_cast<unsigned>(ExprOp::Select);
       ++i) {
    auto op = static_cast<ExprOp>(i);
    std::string_view spelling = exprOpName(op);
    if (name == StringRef(spelling.data(), spelling.size()))
      return op;
  }
  return std::nullopt;
}

static unsigned minimumOperands(ExprOp op) {
  return op == ExprOp::HasDivisor ? 3 : op <= ExprOp::Abs ? 1 : 2;
}

Attribute ExprAttr::parse(AsmParser &parser, Type) {
  StringRef name;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&name))
    return {};
  std::optional<ExprOp> op = parseExprOp(name);
  if (!op) {
    parser.emitError(loc) << "unknown operator '" << name << "'";
    return {};
  }
  SmallVector<Attribute> operands;
  auto parseOperand = [&]() { return parser.parseAttribute(operands.emplace_back()); };
  if (parser.parseComma() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOperand) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<ExprAttr>(loc, parser.getContext(), *op, operands);
}

void ExprAttr::print(AsmPrinter &printer) const {
  std::string_view name = exprOpName(getOp());
  printer << "<" << StringRef(name.data(), name.size()) << ", [";
  llvm::interleaveComma(getOperands(), printer, [&](Attribute a) { printer.printAttribute(a); });
  printer << "]>";
}

LogicalResult ExprAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, ExprOp op,
                               ArrayRef<Attribute> operands) {
  if (op == ExprOp::Constant || op == ExprOp::Symbol)
    return emitError() << "'#space.expr' has no leaves; use a literal or '#space.ref'";
  unsigned need = minimumOperands(op);
  std::string_view name = exprOpName(op);
  if (operands.size() < need || (op != ExprOp::Select && operands.size() != need))
    return emitError() << "'" << StringRef(name.data(), name.size()) << "' expects "
                       << (op == ExprOp::Select ? "an index and at least one value"
                           : need == 1          ? "1 operand"
                           : need == 2          ? "2 operands"
                                                : "3 operands")
                       << ", but has " << operands.size();
  if (op == ExprOp::Select)
    return success();
  for (Attribute operand : operands)
    if (!isa<IntegerAttr, FloatAttr, RefAttr, ExprAttr, MetricAttr>(operand))
      return emitError() << "operand " << operand << " of '" << StringRef(name.data(), name.size())
                         << "' is not a number or a symbolic value";
  return success();
}

Attribute ExprAttr::fold(MLIRContext *context, ExprOp op, ArrayRef<Attribute> operands) {
  Builder b(context);
  if (op == ExprOp::Select) {
    if (std::optional<int64_t> index = getBoundInteger(operands[0]))
      if (*index >= 0 && *index + 1 < static_cast<int64_t>(operands.size()))
        return operands[*index + 1];
    // A selection between equal values does not depend on the index.
    if (llvm::all_equal(operands.drop_front()))
      return operands[1];
    return get(context, op, operands);
  }
  SmallVector<double, 2> values;
  bool integral = true;
  for (Attribute operand : operands) {
    std::optional<double> value = getBoundNumber(operand);
    if (!value)
      return get(context, op, operands);
    integral &= isa<IntegerAttr>(operand);
    values.push_back(*value);
  }
  double result = applyExprOp(op, values.data(), values.size());
  bool truth = op == ExprOp::Not || (op >= ExprOp::LE && op <= ExprOp::HasDivisor);
  bool rounding = op == ExprOp::Ceil || op == ExprOp::Floor;
  // 2^53: every integer below is exact in double arithmetic.
  if ((integral || truth || rounding) && result == std::floor(result) &&
      std::fabs(result) < 9007199254740992.0)
    return b.getI64IntegerAttr(static_cast<int64_t>(result));
  return b.getF64FloatAttr(result);
}

Attribute ExprAttr::substitute(llvm::function_ref<Attribute(StringRef)> lookup) const {
  bool changed = false;
  SmallVector<Attribute> operands;
  for (Attribute operand : getOperands()) {
    operands.push_back(substituteParameters(operand, lookup));
    changed |= operands.back() != operand;
  }
  return changed ? fold(getContext(), getOp(), operands) : Attribute(*this);
}

Attribute ExprAttr::choose(ParameterLookup lookup) const {
  if (getOp() != ExprOp::Select)
    return *this;
  std::optional<double> index = evaluateNumber(getOperands()[0], lookup);
  if (!index || !(*index >= 0) || *index + 1 >= getOperands().size())
    return {};
  Attribute chosen = getOperands()[1 + static_cast<size_t>(*index)];
  if (auto parametric = dyn_cast<ParametricAttrInterface>(chosen))
    return parametric.choose(lookup);
  return chosen;
}

std::optional<double> ExprAttr::evaluate(ParameterLookup lookup) const {
  if (getOp() == ExprOp::Select) {
    Attribute chosen = choose(lookup);
    return chosen && chosen != *this ? evaluateNumber(chosen, lookup) : std::nullopt;
  }
  SmallVector<double, 2> values;
  for (Attribute operand : getOperands()) {
    std::optional<double> value = evaluateNumber(operand, lookup);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return applyExprOp(getOp(), values.data(), values.size());
}

void ExprAttr::visitReferences(llvm::function_ref<void(StringRef)> visit) const {
  for (Attribute operand : getOperands())
    visitParameters(operand, visit);
}

//===----------------------------------------------------------------------===//
// Domains
//===----------------------------------------------------------------------===//

LogicalResult RangeAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t lo,
                                int64_t hi, int64_t step) {
  if (lo > hi)
    return emitError() << "range is empty: " << lo << " > " << hi;
  if (step <= 0)
    return emitError() << "step must be positive, but is " << step;
  return success();
}

int64_t RangeAttr::getSize() const {
  return static_cast<int64_t>((static_cast<uint64_t>(getHi()) - static_cast<uint64_t>(getLo())) /
                              static_cast<uint64_t>(getStep())) +
         1;
}

TypedAttr RangeAttr::getValue(int64_t index) const {
  return Builder(getContext()).getI64IntegerAttr(getLo() + index * getStep());
}

std::string RangeAttr::getLabel(int64_t index) const {
  return std::to_string(getLo() + index * getStep());
}

LogicalResult ChoicesAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                  ArrayAttr values) {
  if (values.empty())
    return emitError() << "choice list is empty";
  llvm::SmallSet<double, 8> seen;
  for (Attribute value : values) {
    std::optional<double> number = getBoundNumber(value);
    if (!number || !isa<TypedAttr>(value))
      return emitError() << "choice " << value << " is not a number";
    if (!seen.insert(*number).second)
      return emitError() << "choice " << value << " occurs twice";
  }
  return success();
}

int64_t ChoicesAttr::getSize() const { return getValues().size(); }

TypedAttr ChoicesAttr::getValue(int64_t index) const { return cast<TypedAttr>(getValues()[index]); }

std::string ChoicesAttr::getLabel(int64_t index) const {
  if (std::optional<int64_t> integer = getBoundInteger(getValues()[index]))
    return std::to_string(*integer);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << *getBoundNumber(getValues()[index]);
  return text;
}

LogicalResult CategoriesAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                     ArrayAttr names) {
  if (names.empty())
    return emitError() << "category list is empty";
  llvm::SmallPtrSet<void *, 8> seen;
  for (Attribute name : names) {
    if (!isa<StringAttr>(name))
      return emitError() << "category " << name << " is not a string";
    if (!seen.insert(const_cast<void *>(name.getAsOpaquePointer())).second)
      return emitError() << "category " << name << " occurs twice";
  }
  return success();
}

int64_t CategoriesAttr::getSize() const { return getNames().size(); }

TypedAttr CategoriesAttr::getValue(int64_t index) const {
  return Builder(getContext()).getI64IntegerAttr(index);
}

bool CategoriesAttr::isCategorical() const { return true; }

std::string CategoriesAttr::getLabel(int64_t index) const {
  return cast<StringAttr>(getNames()[index]).getValue().str();
}

//===----------------------------------------------------------------------===//
// Conversion to plain expressions
//===----------------------------------------------------------------------===//

std::optional<Expr> space::toExpr(Attribute value, llvm::function_ref<int32_t(Attribute)> symbol) {
  if (std::optional<double> number = getBoundNumber(value))
    return Expr::constant(*number);
  if (isa<RefAttr, MetricAttr>(value)) {
    int32_t index = symbol(value);
    if (index < 0)
      return std::nullopt;
    return Expr::symbol(index);
  }
  auto expr = dyn_cast<ExprAttr>(value);
  if (!expr)
    return std::nullopt;
  std::vector<Expr> operands;
  for (Attribute operand : expr.getOperands()) {
    std::optional<Expr> plain = toExpr(operand, symbol);
    if (!plain)
      return std::nullopt;
    operands.push_back(std::move(*plain));
  }
  return Expr::apply(expr.getOp(), operands);
}
