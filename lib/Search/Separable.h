//===- Separable.h - What goals and requirements depend on ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites every goal and requirement as an expression over two kinds of leaves: quantities, which
// are sums over segments with coefficients that depend on the hardware alone, and model values,
// which do not depend on the hardware. What can be enumerated by factoring, and which hardware
// another beats, follows from this form.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_SEPARABLE_H
#define CATC_SEARCH_SEPARABLE_H

#include "Search/Interval.h"
#include "Search/Problem.h"
#include <cstdint>
#include <vector>

namespace cat::search {

/// value(m, h) = constant[h] + sum over parts of coefficient[h] * terms[term](m, h).
struct LinearForm {
  struct Part {
    int32_t term = 0;
    std::vector<double> coefficient;
    /// Sum of the absolute values that the coefficient was computed from: bounds its rounding, also
    /// under cancellation.
    std::vector<double> magnitude;
  };
  std::vector<double> constant, constantMagnitude; ///< [h]
  std::vector<Part> parts;                         ///< ascending terms, each with a table

  /// Exactly known: computed from hardware values and terms without tables alone.
  bool hardwareOnly() const { return parts.empty(); }
};

enum class ExprClass : uint8_t {
  HardwareOnly, ///< decided by the hardware point
  ModelOnly,    ///< decided by model parameters, exactly
  Evaluated,    ///< needs the evaluated metric, and model parameters at most
  Additive,     ///< one quantity
  Composite,    ///< an expression over quantities and exact model values
  Mixed,        ///< needs the evaluated metric and the hardware
};

/// A goal or requirement over leaves: symbol i of `outer` is leaf i.
struct FactoredExpr {
  struct Leaf {
    int32_t quantity = -1;   ///< Factoring::quantities, or
    int32_t modelValue = -1; ///< Factoring::modelValues
  };
  ExprClass kind = ExprClass::HardwareOnly;
  Expr outer;
  std::vector<Leaf> leaves;
  int32_t source = 0; ///< index into the problem's goals or requirements

  /// The value is one leaf itself.
  bool isLeaf() const { return outer.nodes().size() == 1 && leaves.size() == 1; }
  bool dependsOnHardware() const {
    return kind != ExprClass::ModelOnly && kind != ExprClass::Evaluated;
  }
};

/// A problem's goals and requirements in that form. Requirements are split at their outermost
/// conjunctions.
struct Factoring {
  std::vector<LinearForm> quantities;
  std::vector<Expr> modelValues; ///< over Problem::symbols
  std::vector<FactoredExpr> goals, requirements;
};

/// Factors a problem. A term without tables depends on the hardware alone; its exact value is asked
/// from exactTerms once a point.
Factoring factor(const Problem &problem);

} // namespace cat::search

#endif // CATC_SEARCH_SEPARABLE_H
