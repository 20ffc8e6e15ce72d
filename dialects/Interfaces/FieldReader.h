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

/// The location of an op whose attributes were given elsewhere: `op` together with NameLocs of the
/// attributes' names. A CallSiteLoc in one of them is a value given at the callee and used at the
/// caller.
inline mlir::Location withKeyPlaces(mlir::Location op, llvm::ArrayRef<mlir::Location> places) {
  llvm::SmallVector<mlir::Location> all = {op};
  all.append(places.begin(), places.end());
  return mlir::FusedLoc::get(op.getContext(), all);
}

/// The places of an attribute in such a location: several if it is one of several alternatives.
inline llvm::SmallVector<mlir::Location> placesOfKey(mlir::Location location,
                                                     llvm::StringRef name) {
  llvm::SmallVector<mlir::Location> places;
  if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(location))
    for (mlir::Location part : fused.getLocations())
      if (auto named = llvm::dyn_cast<mlir::NameLoc>(part); named && named.getName() == name)
        places.push_back(named.getChildLoc());
  return places;
}

/// Reads numbers from an op's attributes, under values for the parameters that they depend on. The
/// first attribute that has no value or is out of range is reported, where that is known at the
/// place that gives it (see withKeyPlaces), else at the op; after that reads give zeros.
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
      fail(name) << "'" << name << "' must be an integer, but is " << shown(value);
      return 0;
    }
    return static_cast<int64_t>(value);
  }

  int64_t positive(llvm::StringRef name, int64_t missing = 0) {
    int64_t value = integer(name, missing);
    if (ok && value <= 0)
      fail(name) << "'" << name << "' must be positive, but is " << value;
    return value;
  }

  /// A finite number that is not negative.
  double nonNegative(llvm::StringRef name, double missing = 0) {
    double value = number(name, missing);
    if (ok && !(value >= 0 && std::isfinite(value)))
      fail(name) << "'" << name << "' must not be negative, but is " << shown(value);
    return value;
  }

  /// A finite quantity that is not negative; absent attributes leave `out` as it is.
  template <typename Quantity> void quantity(llvm::StringRef name, Quantity &out) {
    if (!op->hasAttr(name))
      return;
    out = Quantity(nonNegative(name));
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
        fail(name) << "a value of '" << name << "' must not be negative, but is " << shown(*value);
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
      fail(name) << "'" << name << "' must be in " << (mayBeZero ? "[" : "(") << "0, 1], but is "
                 << shown(value);
    return value;
  }

  /// An error about an attribute, or about the op if it names none.
  mlir::InFlightDiagnostic fail(llvm::StringRef name = "") {
    ok = false;
    llvm::SmallVector<mlir::Location> places = placesOfKey(op->getLoc(), name);
    if (places.empty())
      return op->emitOpError();
    // Which of several alternatives is at fault is for the reader to see.
    auto elsewhere = llvm::dyn_cast<mlir::CallSiteLoc>(places.front());
    if (places.size() > 1) {
      mlir::InFlightDiagnostic diagnostic =
          mlir::emitError(elsewhere ? mlir::Location(elsewhere.getCaller()) : op->getLoc());
      for (mlir::Location place : places)
        diagnostic.attachNote(place) << "'" << name << "' is given here";
      return diagnostic;
    }
    if (!elsewhere)
      return mlir::emitError(places.front());
    mlir::InFlightDiagnostic diagnostic = mlir::emitError(elsewhere.getCallee());
    diagnostic.attachNote(elsewhere.getCaller()) << "used here";
    return diagnostic;
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
    fail(name) << "'" << name << "' is not bound" << (parameters.empty() ? "" : ": it depends on ")
               << parameters;
  }

  mlir::Operation *op;
  ParameterLookup lookup;
  bool ok = true;
};

} // namespace cat

#endif // CATC_INTERFACES_FIELDREADER_H
