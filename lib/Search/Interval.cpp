//===- Interval.cpp - Bounds and trends of expressions --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Interval.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::search;

/// The hull of `n` values, or everything if one is NaN.
static Interval hull(const double *values, unsigned n) {
  Interval result{values[0], values[0]};
  for (unsigned i = 0; i < n; ++i) {
    if (std::isnan(values[i]))
      return Interval::everything();
    result.lo = std::min(result.lo, values[i]);
    result.hi = std::max(result.hi, values[i]);
  }
  return result;
}

/// Widens by a few units in the last place, more than glibc's error bounds for pow and log2.
static Interval widened(Interval v) {
  constexpr double kUlps = 8 * std::numeric_limits<double>::epsilon();
  v.lo -= std::fabs(v.lo) * kUlps;
  v.hi += std::fabs(v.hi) * kUlps;
  return std::isnan(v.lo) || std::isnan(v.hi) ? Interval::everything() : v;
}

/// Truth of an interval: 1 if no value in it is zero, 0 if all are, else open.
static Interval truthOf(Interval v) {
  if (v.lo > 0 || v.hi < 0)
    return {1, 1};
  if (v.lo == 0 && v.hi == 0)
    return {0, 0};
  return {0, 1};
}

static Interval truth(bool surelyTrue, bool surelyFalse) {
  return {surelyTrue ? 1.0 : 0.0, surelyFalse ? 0.0 : 1.0};
}

Interval cat::search::applyInterval(ExprOp op, const Interval *v, unsigned n) {
  const Interval &a = v[0], &b = n > 1 ? v[1] : v[0];
  auto ends = [&](auto f) {
    double values[2] = {f(a.lo), f(a.hi)};
    return hull(values, 2);
  };
  auto corners = [&](auto f) {
    double values[4] = {f(a.lo, b.lo), f(a.lo, b.hi), f(a.hi, b.lo), f(a.hi, b.hi)};
    return hull(values, 4);
  };
  // What may be NaN stays so where an operation would otherwise bound it.
  if (op == ExprOp::Abs || op == ExprOp::Min || op == ExprOp::Max || op == ExprOp::Pow)
    for (unsigned i = 0; i < n; ++i)
      if (std::isinf(v[i].lo) && std::isinf(v[i].hi))
        return Interval::everything();
  switch (op) {
  case ExprOp::Constant:
  case ExprOp::Symbol:
    break;
  case ExprOp::Neg:
    return {-a.hi, -a.lo};
  case ExprOp::Not: {
    Interval t = truthOf(a);
    return {1 - t.hi, 1 - t.lo};
  }
  case ExprOp::Sqrt:
    if (a.lo < 0)
      return Interval::everything();
    return ends([](double x) { return std::sqrt(x); });
  case ExprOp::Log2:
    if (a.lo < 0)
      return Interval::everything();
    return widened(ends([](double x) { return std::log2(x); }));
  case ExprOp::Ceil:
    return ends([](double x) { return std::ceil(x); });
  case ExprOp::Floor:
    return ends([](double x) { return std::floor(x); });
  case ExprOp::Abs: {
    Interval r = ends([](double x) { return std::fabs(x); });
    if (a.lo < 0 && a.hi > 0)
      r.lo = 0;
    return r;
  }
  case ExprOp::Add:
    return corners([](double x, double y) { return x + y; });
  case ExprOp::Sub:
    return corners([](double x, double y) { return x - y; });
  case ExprOp::Mul:
    return corners([](double x, double y) { return x * y; });
  case ExprOp::Div:
    if (b.lo <= 0 && b.hi >= 0)
      return Interval::everything();
    return corners([](double x, double y) { return x / y; });
  case ExprOp::Min:
    return corners([](double x, double y) { return std::min(x, y); });
  case ExprOp::Max:
    return corners([](double x, double y) { return std::max(x, y); });
  case ExprOp::Pow:
    // Monotone in base and exponent on these two quadrants only.
    if (a.lo > 0 || (a.lo == 0 && b.lo >= 0))
      return widened(corners([](double x, double y) { return std::pow(x, y); }));
    return Interval::everything();
  case ExprOp::LE:
    return truth(a.hi <= b.lo, a.lo > b.hi);
  case ExprOp::GE:
    return truth(a.lo >= b.hi, a.hi < b.lo);
  case ExprOp::LT:
    return truth(a.hi < b.lo, a.lo >= b.hi);
  case ExprOp::GT:
    return truth(a.lo > b.hi, a.hi <= b.lo);
  case ExprOp::EQ: {
    bool same = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo && a.finite();
    return truth(same, a.hi < b.lo || b.hi < a.lo);
  }
  case ExprOp::NE: {
    bool same = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo && a.finite();
    return truth(a.hi < b.lo || b.hi < a.lo, same);
  }
  case ExprOp::And: {
    Interval s = truthOf(a), t = truthOf(b);
    return {std::min(s.lo, t.lo), std::min(s.hi, t.hi)};
  }
  case ExprOp::Or: {
    Interval s = truthOf(a), t = truthOf(b);
    return {std::max(s.lo, t.lo), std::max(s.hi, t.hi)};
  }
  case ExprOp::Implies: {
    Interval s = truthOf(a), t = truthOf(b);
    return {std::max(1 - s.hi, t.lo), std::max(1 - s.lo, t.hi)};
  }
  case ExprOp::HasDivisor: {
    if (a.lo == a.hi && b.lo == b.hi && v[2].lo == v[2].hi) {
      double values[3] = {a.lo, b.lo, v[2].lo}, result = applyExprOp(op, values, 3);
      return {result, result};
    }
    // A divisor lies between 1 and the number.
    bool surelyNone = b.lo > v[2].hi || b.lo > a.hi || v[2].hi < 1;
    return truth(false, surelyNone);
  }
  case ExprOp::Select: {
    if (!(a.lo >= 0) || a.lo != a.hi || a.lo + 1 >= n || a.lo != std::floor(a.lo))
      return Interval::everything();
    return v[1 + static_cast<unsigned>(a.lo)];
  }
  }
  reportInternalError(__FILE__, __LINE__, "leaf operator applied to intervals");
}

Interval cat::search::evaluateInterval(const Expr &expr, const Interval *symbols) {
  std::vector<Interval> values, operands;
  for (const Expr::Node &node : expr.nodes()) {
    if (node.op == ExprOp::Constant) {
      values.push_back(hull(&node.constant, 1));
    } else if (node.op == ExprOp::Symbol) {
      values.push_back(symbols[node.symbol]);
    } else {
      operands.clear();
      for (int32_t o : node.operands)
        operands.push_back(values[o]);
      values.push_back(applyInterval(node.op, operands.data(), operands.size()));
    }
  }
  return values.back();
}

void cat::search::evaluateIntervals(const Expr &expr, const double *const *lo,
                                    const double *const *hi, int64_t count, double *outLo,
                                    double *outHi, std::vector<double> &scratch) {
  constexpr int64_t kBlock = 64;
  const std::vector<Expr::Node> &nodes = expr.nodes();
  scratch.resize(nodes.size() * 2 * kBlock);
  std::vector<Interval> operands;
  auto low = [&](size_t node) { return &scratch[node * 2 * kBlock]; };
  auto high = [&](size_t node) { return &scratch[node * 2 * kBlock + kBlock]; };
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    int64_t n = std::min(kBlock, count - begin);
    for (size_t i = 0; i < nodes.size(); ++i) {
      const Expr::Node &node = nodes[i];
      double *l = low(i), *h = high(i);
      if (node.op == ExprOp::Constant) {
        std::fill_n(l, n, node.constant);
        std::fill_n(h, n, node.constant);
        continue;
      }
      if (node.op == ExprOp::Symbol) {
        std::copy_n(lo[node.symbol] + begin, n, l);
        std::copy_n(hi[node.symbol] + begin, n, h);
        continue;
      }
      // Sums of finite bounds vectorise; a NaN bound (of opposite infinities) is caught below like
      // every other.
      size_t a = node.operands[0], b = node.operands.back();
      if (node.op == ExprOp::Add || node.op == ExprOp::Sub) {
        bool add = node.op == ExprOp::Add;
        const double *al = low(a), *ah = high(a), *bl = add ? low(b) : high(b),
                     *bh = add ? high(b) : low(b);
        double sign = add ? 1 : -1;
        for (int64_t j = 0; j < n; ++j) {
          l[j] = al[j] + sign * bl[j];
          h[j] = ah[j] + sign * bh[j];
        }
        for (int64_t j = 0; j < n; ++j)
          if (std::isnan(l[j]) || std::isnan(h[j])) {
            l[j] = Interval::everything().lo;
            h[j] = Interval::everything().hi;
          }
        continue;
      }
      operands.resize(node.operands.size());
      for (int64_t j = 0; j < n; ++j) {
        for (size_t k = 0; k < operands.size(); ++k)
          operands[k] = {low(node.operands[k])[j], high(node.operands[k])[j]};
        Interval r = applyInterval(node.op, operands.data(), operands.size());
        l[j] = r.lo;
        h[j] = r.hi;
      }
    }
    std::copy_n(low(nodes.size() - 1), n, outLo + begin);
    std::copy_n(high(nodes.size() - 1), n, outHi + begin);
  }
}

//===----------------------------------------------------------------------===//
// Trends
//===----------------------------------------------------------------------===//

static uint8_t flipped(uint8_t t) { return (t & Up ? Down : 0) | (t & Down ? Up : 0); }

/// The trend through a factor: kept where the factor is non-negative, flipped where non-positive.
static uint8_t scaled(uint8_t t, Interval factor) {
  if (factor.lo >= 0)
    return t;
  if (factor.hi <= 0)
    return flipped(t);
  return t ? Unknown : Flat;
}

/// The trend of operand `k` in the node's value: what a growing operand does to the result.
static uint8_t operandTrend(ExprOp op, unsigned k, const Interval *v, unsigned n) {
  const Interval &a = v[0], &b = n > 1 ? v[1] : v[0];
  switch (op) {
  case ExprOp::Constant:
  case ExprOp::Symbol:
    return Flat;
  case ExprOp::Neg:
    return Down;
  case ExprOp::Not:
    return a.lo >= 0 ? Down : Unknown;
  case ExprOp::Sqrt:
  case ExprOp::Log2:
    return a.lo >= 0 ? Up : Unknown;
  case ExprOp::Ceil:
  case ExprOp::Floor:
  case ExprOp::Add:
  case ExprOp::Min:
  case ExprOp::Max:
    return Up;
  // A value's truth is monotone in it only where it cannot be negative.
  case ExprOp::And:
  case ExprOp::Or:
    return v[k].lo >= 0 ? Up : Unknown;
  case ExprOp::Implies:
    return v[k].lo >= 0 ? (k ? Up : Down) : Unknown;
  case ExprOp::Abs:
    return scaled(Up, a);
  case ExprOp::Sub:
    return k ? Down : Up;
  case ExprOp::Mul:
    return scaled(Up, v[1 - k]);
  case ExprOp::Div:
    if (b.lo <= 0 && b.hi >= 0)
      return Unknown;
    return k ? scaled(Down, a) : scaled(Up, b);
  case ExprOp::Pow:
    if (!(a.lo > 0))
      return Unknown;
    if (k == 0)
      return scaled(Up, b);
    return a.lo >= 1 ? Up : a.hi <= 1 ? Down : Unknown;
  case ExprOp::LE:
  case ExprOp::LT:
    return k ? Up : Down;
  case ExprOp::GE:
  case ExprOp::GT:
    return k ? Down : Up;
  case ExprOp::EQ:
  case ExprOp::NE:
    return Unknown;
  case ExprOp::HasDivisor: // A wider range has more.
    return k == 0 ? Unknown : k == 1 ? Down : Up;
  case ExprOp::Select:
    return k ? Up : Unknown;
  }
  return Unknown;
}

/// The trend of a node in a symbol, of which its operand has trend `t`.
static uint8_t through(uint8_t step, uint8_t t) {
  if (step == Up)
    return t;
  return step == Down ? flipped(t) : uint8_t(Unknown);
}

std::vector<uint8_t> cat::search::trends(const Expr &expr, const std::vector<Interval> &symbols) {
  size_t n = symbols.size();
  std::vector<std::vector<uint8_t>> trend; // [node][symbol]
  std::vector<Interval> range, operands;
  for (const Expr::Node &node : expr.nodes()) {
    std::vector<uint8_t> own(n, Flat);
    if (node.op == ExprOp::Constant) {
      range.push_back({node.constant, node.constant});
    } else if (node.op == ExprOp::Symbol) {
      own[node.symbol] = Up;
      range.push_back(symbols[node.symbol]);
    } else {
      operands.clear();
      for (int32_t o : node.operands)
        operands.push_back(range[o]);
      range.push_back(applyInterval(node.op, operands.data(), operands.size()));
      for (unsigned k = 0; k < operands.size(); ++k) {
        uint8_t step = operandTrend(node.op, k, operands.data(), operands.size());
        for (size_t s = 0; s < n; ++s) {
          uint8_t t = trend[node.operands[k]][s];
          if (t == Flat)
            continue;
          own[s] |= through(step, t);
        }
      }
      // Overflow or a NaN somewhere in the range would break monotonicity.
      if (!range.back().finite())
        for (uint8_t &t : own)
          t = t ? Unknown : Flat;
    }
    trend.push_back(std::move(own));
  }
  return trend.back();
}
