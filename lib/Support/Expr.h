//===- Expr.h - Closed expressions over numbered symbols --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plain-value form of a goal or requirement: what #space.expr is in IR, without MLIR, so that
// search and study can evaluate it millions of times. Values are in the base units of Quantity.h;
// truth is 1, falsehood 0.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SUPPORT_EXPR_H
#define CATC_SUPPORT_EXPR_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace cat {

enum class ExprOp : uint8_t {
  Constant,
  Symbol,
  Neg,
  Not,
  Sqrt,
  Log2,
  Ceil,
  Floor,
  Abs, // one operand
  Add,
  Sub,
  Mul,
  Div,
  Min,
  Max,
  Pow, // two operands, arithmetic
  LE,
  GE,
  LT,
  GT,
  EQ,
  NE,
  And,
  Or,
  Implies,    // two operands, truth
  HasDivisor, // three operands, truth: a whole number from operand 1 to operand 2 divides operand 0
  Select,     // operand 0 is an index into the others
};

/// The operator's spelling in IR and diagnostics ("add", "le", ...).
std::string_view exprOpName(ExprOp op);

/// Applies an operator to `n` operand values. Select returns NaN for an index out of range. Only
/// positive whole numbers below 2^53 have divisors.
double applyExprOp(ExprOp op, const double *operands, unsigned n);

/// An expression as a postorder list of nodes; the last node is the root.
class Expr {
public:
  struct Node {
    ExprOp op;
    double constant = 0;           ///< Constant
    int32_t symbol = -1;           ///< Symbol
    std::vector<int32_t> operands; ///< earlier nodes
  };

  Expr() = default;
  static Expr constant(double value);
  static Expr symbol(int32_t index);
  static Expr apply(ExprOp op, const std::vector<Expr> &operands);

  bool empty() const { return nodes_.empty(); }
  const std::vector<Node> &nodes() const { return nodes_; }
  int32_t root() const { return static_cast<int32_t>(nodes_.size()) - 1; }

  /// Symbols that occur, ascending, each once.
  std::vector<int32_t> symbols() const;

  /// The sub-expression rooted at `node`.
  Expr subexpression(int32_t node) const;

  /// The value with symbols[i] for symbol i.
  double evaluate(const double *symbols) const;

  /// Evaluates `count` points at once: symbols[i] points to `count` values of symbol i, or is null
  /// if i does not occur. `out` receives `count` values. Bit-equal to evaluate() point by point.
  void evaluate(const double *const *symbols, int64_t count, double *out) const;

private:
  std::vector<Node> nodes_;
};

} // namespace cat

#endif // CATC_SUPPORT_EXPR_H
