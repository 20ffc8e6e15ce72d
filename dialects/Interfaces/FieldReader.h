//===- FieldReader.h - Numbers from op attributes ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INTERFACES_FIELDREADER_H
#define CATC_INTERFACES_FIELDREADER_H

#include "Interfaces/CatInterfaces.h"
#include "mlir/IR/Operation.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <string>

namespace cat {

/// Reads numbers from an op's attributes, under values for the parameters that they depend on. The
/// first attribute that has no value or is out of range is reported at the op; after that reads
/// give zeros.
class FieldReader {
public:
  FieldReader(mlir::Operation *op, ParameterLookup lookup) : op(op), lookup(lookup) {}

  /// A number; `missing` if the op has no such attribute.
  double number(llvm::StringRef name, double missing = 0) {
    mlir::Attribute attr = op->getAttr(name);
    if (!attr)
      return missing;
    if (std::optional<double> value = evaluateNumber(attr, lookup))
      return *value;
    reportUnbound(name, attr);
    return 0;
  }

  int64_t integer(llvm::StringRef name, int64_t missing = 0) {
    double value = number(name, static_cast<double>(missing));
    if (!(value == std::floor(value) && std::fabs(value) < 9007199254740992.0)) {
      fail() << "'" << name << "' must be an integer, but is " << shown(value);
      return 0;
    }
    return static_cast<int64_t>(value);
  }

  int64_t positive(llvm::StringRef name, int64_t missing = 0) {
    int64_t value = integer(name, missing);
    if (ok && value <= 0)
      fail() << "'" << name << "' must be positive, but is " << value;
    return value;
  }

  /// A finite quantity that is not negative; absent attributes leave `out` as it is.
  template <typename Quantity> void quantity(llvm::StringRef name, Quantity &out) {
    if (!op->hasAttr(name))
      return;
    double value = number(name);
    if (ok && !(value >= 0 && std::isfinite(value)))
      fail() << "'" << name << "' must not be negative, but is " << shown(value);
    out = Quantity(value);
  }

  /// Finite numbers that are not negative.
  template <typename Element> void list(llvm::StringRef name, std::vector<Element> &out) {
    mlir::Attribute attr = chosen(name);
    auto array = llvm::dyn_cast_or_null<mlir::ArrayAttr>(attr);
    if (!array)
      return reportUnbound(name, op->getAttr(name));
    for (mlir::Attribute element : array) {
      std::optional<double> value = evaluateNumber(element, lookup);
      if (!value)
        return reportUnbound(name, element);
      if (ok && !(*value >= 0 && std::isfinite(*value)))
        fail() << "a value of '" << name << "' must not be negative, but is " << shown(*value);
      out.push_back(static_cast<Element>(*value));
    }
  }

  llvm::StringRef text(llvm::StringRef name, llvm::StringRef missing) {
    if (!op->hasAttr(name))
      return missing;
    if (auto string = llvm::dyn_cast_or_null<mlir::StringAttr>(chosen(name)))
      return string.getValue();
    reportUnbound(name, op->getAttr(name));
    return missing;
  }

  /// The attribute, or what a selection picks.
  mlir::Attribute chosen(llvm::StringRef name) {
    mlir::Attribute attr = op->getAttr(name);
    if (auto parametric = llvm::dyn_cast_or_null<ParametricAttrInterface>(attr))
      return parametric.choose(lookup);
    return attr;
  }

  /// A number of at most one that is positive, or not negative if it may be zero.
  double fraction(llvm::StringRef name, double missing, bool mayBeZero) {
    double value = number(name, missing);
    if (ok && !((mayBeZero ? value >= 0 : value > 0) && value <= 1))
      fail() << "'" << name << "' must be in " << (mayBeZero ? "[" : "(") << "0, 1], but is "
             << shown(value);
    return value;
  }

  mlir::InFlightDiagnostic fail() {
    ok = false;
    return op->emitOpError();
  }

  llvm::LogicalResult result() const { return llvm::success(ok); }

private:
  static std::string shown(double value) {
    std::string result;
    llvm::raw_string_ostream(result) << llvm::format("%g", value);
    return result;
  }

  void reportUnbound(llvm::StringRef name, mlir::Attribute attr) {
    if (!ok)
      return;
    std::string parameters;
    visitParameters(attr, [&](llvm::StringRef p) {
      parameters += (parameters.empty() ? "'" : ", '") + p.str() + "'";
    });
    fail() << "'" << name << "' is not bound" << (parameters.empty() ? "" : ": it depends on ")
           << parameters;
  }

  mlir::Operation *op;
  ParameterLookup lookup;
  bool ok = true;
};

} // namespace cat

#endif // CATC_INTERFACES_FIELDREADER_H
