//===- Expr.cpp - Closed expressions over numbered symbols ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Expr.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat;

std::string_view cat::exprOpName(ExprOp op) {
  switch (op) {
  case ExprOp::Constant:
    return "constant";
  case ExprOp::Symbol:
    return "symbol";
  case ExprOp::Neg:
    return "neg";
  case ExprOp::Not:
    return "not";
  case ExprOp::Sqrt:
    return "sqrt";
  case ExprOp::Log2:
    return "log2";
  case ExprOp::Ceil:
    return "ceil";
  case ExprOp::Floor:
    return "floor";
  case ExprOp::Abs:
    return "abs";
  case ExprOp::Add:
    return "add";
  case ExprOp::Sub:
    return "sub";
  case ExprOp::Mul:
    return "mul";
  case ExprOp::Div:
    return "div";
  case ExprOp::Min:
    return "min";
  case ExprOp::Max:
    return "max";
  case ExprOp::Pow:
    return "pow";
  case ExprOp::LE:
    return "le";
  case ExprOp::GE:
    return "ge";
  case ExprOp::LT:
    return "lt";
  case ExprOp::GT:
    return "gt";
  case ExprOp::EQ:
    return "eq";
  case ExprOp::NE:
    return "ne";
  case ExprOp::And:
    return "and";
  case ExprOp::Or:
    return "or";
  case ExprOp::Implies:
    return "implies";
  case ExprOp::HasDivisor:
    return "has_divisor";
  case ExprOp::Select:
    return "select";
  }
  return "?";
}

/// True if a whole number in [from, to] divides n.
static bool hasDivisor(double n, double from, double to) {
  if (!(n >= 1) || n != std::floor(n) || n >= 9007199254740992.0)
    return false;
  auto number = static_cast<int64_t>(n);
  auto within = [&](int64_t divisor) {
    auto value = static_cast<double>(divisor);
    return value >= from && value <= to;
  };
  for (int64_t d = 1; d <= number / d; ++d)
    if (number % d == 0 && (within(d) || within(number / d)))
      return true;
  return false;
}

double cat::applyExprOp(ExprOp op, const double *v, unsigned n) {
  auto truth = [](bool b) { return b ? 1.0 : 0.0; };
  switch (op) {
  case ExprOp::Constant:
  case ExprOp::Symbol:
    break;
  case ExprOp::Neg:
    return -v[0];
  case ExprOp::Not:
    return truth(v[0] == 0);
  case ExprOp::Sqrt:
    return std::sqrt(v[0]);
  case ExprOp::Log2:
    return std::log2(v[0]);
  case ExprOp::Ceil:
    return std::ceil(v[0]);
  case ExprOp::Floor:
    return std::floor(v[0]);
  case ExprOp::Abs:
    return std::fabs(v[0]);
  case ExprOp::Add:
    return v[0] + v[1];
  case ExprOp::Sub:
    return v[0] - v[1];
  case ExprOp::Mul:
    return v[0] * v[1];
  case ExprOp::Div:
    return v[0] / v[1];
  case ExprOp::Min:
    return std::min(v[0], v[1]);
  case ExprOp::Max:
    return std::max(v[0], v[1]);
  case ExprOp::Pow:
    return std::pow(v[0], v[1]);
  case ExprOp::LE:
    return truth(v[0] <= v[1]);
  case ExprOp::GE:
    return truth(v[0] >= v[1]);
  case ExprOp::LT:
    return truth(v[0] < v[1]);
  case ExprOp::GT:
    return truth(v[0] > v[1]);
  case ExprOp::EQ:
    return truth(v[0] == v[1]);
  case ExprOp::NE:
    return truth(v[0] != v[1]);
  case ExprOp::And:
    return truth(v[0] != 0 && v[1] != 0);
  case ExprOp::Or:
    return truth(v[0] != 0 || v[1] != 0);
  case ExprOp::Implies:
    return truth(v[0] == 0 || v[1] != 0);
  case ExprOp::HasDivisor:
    return truth(hasDivisor(v[0], v[1], v[2]));
  case ExprOp::Select: {
    double index = v[0];
    if (!(index >= 0) || index + 1 >= n || index != std::floor(index))
      return std::numeric_limits<double>::quiet_NaN();
    return v[1 + static_cast<unsigned>(index)];
  }
  }
  reportInternalError(__FILE__, __LINE__, "leaf operator applied");
}

Expr Expr::constant(double value) {
  Expr e;
  e.nodes_.push_back({ExprOp::Constant, value, -1, {}});
  return e;
}

Expr Expr::symbol(int32_t index) {
  Expr e;
  e.nodes_.push_back({ExprOp::Symbol, 0, index, {}});
  return e;
}

Expr Expr::apply(ExprOp op, const std::vector<Expr> &operands) {
  Expr e;
  Node root{op, 0, -1, {}};
  for (const Expr &operand : operands) {
    CATC_CHECK(!operand.empty(), "empty operand");
    auto shift = static_cast<int32_t>(e.nodes_.size());
    for (Node node : operand.nodes_) {
      for (int32_t &o : node.operands)
        o += shift;
      e.nodes_.push_back(std::move(node));
    }
    root.operands.push_back(e.root());
  }
  e.nodes_.push_back(std::move(root));
  return e;
}

std::vector<int32_t> Expr::symbols() const {
  std::vector<int32_t> found;
  for (const Node &node : nodes_)
    if (node.op == ExprOp::Symbol)
      found.push_back(node.symbol);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Expr Expr::subexpression(int32_t node) const {
  const Node &n = nodes_[node];
  if (n.op == ExprOp::Constant)
    return constant(n.constant);
  if (n.op == ExprOp::Symbol)
    return symbol(n.symbol);
  std::vector<Expr> operands;
  operands.reserve(n.operands.size());
  for (int32_t o : n.operands)
    operands.push_back(subexpression(o));
  return apply(n.op, operands);
}

double Expr::evaluate(const double *symbols) const {
  CATC_CHECK(!empty(), "empty expression evaluated");
  std::vector<double> values(nodes_.size()), operands;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node &node = nodes_[i];
    if (node.op == ExprOp::Constant) {
      values[i] = node.constant;
    } else if (node.op == ExprOp::Symbol) {
      values[i] = symbols[node.symbol];
    } else {
      operands.clear();
      for (int32_t o : node.operands)
        operands.push_back(values[o]);
      values[i] = applyExprOp(node.op, operands.data(), operands.size());
    }
  }
  return values.back();
}

void Expr::evaluate(const double *const *symbols, int64_t count, double *out) const {
  constexpr int64_t kBlock = 256;
  std::vector<double> values(nodes_.size() * kBlock);
  std::vector<double> operands;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    int64_t n = std::min(kBlock, count - begin);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const Node &node = nodes_[i];
      double *result = &values[i * kBlock];
      switch (node.op) {
      case ExprOp::Constant:
        std::fill_n(result, n, node.constant);
        continue;
      case ExprOp::Symbol:
        std::copy_n(symbols[node.symbol] + begin, n, result);
        continue;
      default:
        break;
      }
      const double *a = &values[node.operands[0] * kBlock];
      const double *b = node.operands.size() > 1 ? &values[node.operands[1] * kBlock] : a;
      // The common arithmetic vectorises; the rest goes through the one definition.
      switch (node.op) {
      case ExprOp::Add:
        for (int64_t j = 0; j < n; ++j)
          result[j] = a[j] + b[j];
        break;
      case ExprOp::Sub:
        for (int64_t j = 0; j < n; ++j)
          result[j] = a[j] - b[j];
        break;
      case ExprOp::Mul:
        for (int64_t j = 0; j < n; ++j)
          result[j] = a[j] * b[j];
        break;
      case ExprOp::Div:
        for (int64_t j = 0; j < n; ++j)
          result[j] = a[j] / b[j];
        break;
      default:
        operands.resize(node.operands.size());
        for (int64_t j = 0; j < n; ++j) {
          for (size_t k = 0; k < operands.size(); ++k)
            operands[k] = values[node.operands[k] * kBlock + j];
          result[j] = applyExprOp(node.op, operands.data(), operands.size());
        }
      }
    }
    std::copy_n(&values[root() * kBlock], n, out + begin);
  }
}
