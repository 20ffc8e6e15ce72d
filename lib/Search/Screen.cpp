//===- Screen.cpp - Conservative bounds of many designs at once -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Screen.h"
#include "Search/Hypervolume.h"
#include "Search/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::search;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The largest float not above a value, the smallest not below it.
static float roundedDown(double v) {
  auto f = static_cast<float>(v);
  return f > v ? std::nextafter(f, -kInfinity) : f;
}
static float roundedUp(double v) {
  auto f = static_cast<float>(v);
  return f < v ? std::nextafter(f, kInfinity) : f;
}

//===----------------------------------------------------------------------===//
// Preparation
//===----------------------------------------------------------------------===//

Screen::Screen(const Prepared &prepared, const std::vector<int32_t> &goalIndices, unsigned threads)
    : prepared(prepared), hardware(prepared.kept) {
  const Problem &problem = prepared.problem;
  const Factoring &factoring = prepared.factoring;
  sortHardware(goalIndices);
  width = blocks() * kBlock;
  blockWidth = blocks();

  for (int32_t g : goalIndices) {
    Axis axis;
    axis.goal = &factoring.goals[g];
    const Goal &goal = problem.goals[g];
    axis.maximize = goal.maximize;
    axis.threshold = minimised(goal, goal.threshold);
    if (axis.goal->isLeaf() && axis.goal->leaves[0].quantity < 0)
      axis.modelValue = axis.goal->leaves[0].modelValue;
    else if (axis.goal->kind == ExprClass::HardwareOnly && axis.goal->isLeaf())
      addExactValues(axis);
    else if (axis.goal->isLeaf())
      axis.bound =
          static_cast<int32_t>(boundFor(axis.goal->leaves[0].quantity, goal.maximize ? -1 : 1));
    axes.push_back(std::move(axis));
  }
  for (const FactoredExpr &requirement : factoring.requirements)
    if (requirement.dependsOnHardware() && requirement.kind != ExprClass::HardwareOnly)
      addLimit(requirement);
  // Expressions need both bounds of every quantity.
  std::vector<const FactoredExpr *> composite = expressions;
  for (const Axis &axis : axes)
    if (axis.bound < 0 && axis.exact.empty())
      composite.push_back(axis.goal);
  for (const FactoredExpr *expr : composite)
    for (const FactoredExpr::Leaf &leaf : expr->leaves) {
      if (leaf.modelValue >= 0) {
        modelValuesUsed.push_back(leaf.modelValue);
      } else {
        boundFor(leaf.quantity, 1);
        boundFor(leaf.quantity, -1);
      }
    }
  setDigits();
  for (Bound &bound : bounds) {
    fill(bound, threads);
    addBlocks(bound);
  }
}

/// Divisions are a good part of what a model costs, so none is done that can be spared.
void Screen::setDigits() {
  const Problem &problem = prepared.problem;
  needsLevels = !modelValuesUsed.empty();
  for (const Segment &segment : problem.segments) {
    Digits d{1, segment.variants};
    for (size_t i = 1; i < segment.parameters.size(); ++i)
      if (segment.parameters[i] != segment.parameters[i - 1] + 1)
        d.period = 0;
    size_t below = segment.parameters.empty() ? problem.parameters.size()
                                              : static_cast<size_t>(segment.parameters.back()) + 1;
    for (size_t p = below; p < problem.parameters.size(); ++p)
      d.period *= static_cast<int64_t>(problem.parameters[p].levels.size());
    needsLevels |= d.period == 0;
    digits.push_back(d);
  }
}

/// Alike points side by side make tight blocks: strips by the mean of the first quantity that the
/// axes follow, each sorted by the second (sort-tile-recursive packing; Leutenegger, Lopez and
/// Edgington 1997).
void Screen::sortHardware(const std::vector<int32_t> &goalIndices) {
  std::vector<int32_t> keys;
  for (int32_t g : goalIndices)
    for (const FactoredExpr::Leaf &leaf : prepared.factoring.goals[g].leaves)
      if (leaf.quantity >= 0 && std::find(keys.begin(), keys.end(), leaf.quantity) == keys.end())
        keys.push_back(leaf.quantity);
  auto sortBy = [&](int32_t key, auto begin, auto end) {
    const std::vector<double> &mean = prepared.ranges[key].mean;
    // Means that are not numbers sort last.
    std::stable_sort(begin, end, [&](HardwareId a, HardwareId b) {
      return mean[a] < mean[b] || (std::isnan(mean[b]) && !std::isnan(mean[a]));
    });
  };
  if (keys.empty())
    return;
  sortBy(keys[0], hardware.begin(), hardware.end());
  if (keys.size() < 2)
    return;
  auto strips = static_cast<size_t>(std::ceil(std::sqrt(static_cast<double>(blocks()))));
  size_t strip = (blocks() + strips - 1) / std::max<size_t>(1, strips) * kBlock;
  for (size_t begin = 0; begin < hardware.size(); begin += strip)
    sortBy(keys[1], hardware.begin() + begin,
           hardware.begin() + std::min(hardware.size(), begin + strip));
}

size_t Screen::boundFor(int32_t quantity, double sign) {
  for (size_t b = 0; b < bounds.size(); ++b)
    if (bounds[b].quantity == quantity && bounds[b].sign == sign)
      return b;
  Bound bound;
  bound.quantity = quantity;
  bound.sign = sign;
  bounds.push_back(std::move(bound));
  return bounds.size() - 1;
}

/// Values of a goal that the hardware alone decides, minimised. Not a number is never on the front,
/// so minima may pass over it.
void Screen::addExactValues(Axis &axis) const {
  const LinearForm &form = prepared.factoring.quantities[axis.goal->leaves[0].quantity];
  constexpr double kNone = std::numeric_limits<double>::infinity();
  axis.exact.assign(width, kNone);
  axis.blockExact.assign(blockWidth, kNone);
  for (size_t i = 0; i < hardware.size(); ++i) {
    double v = form.constant[hardware[i]];
    axis.exact[i] = axis.maximize ? -v : v;
    axis.blockExact[i / kBlock] = std::min(axis.blockExact[i / kBlock], axis.exact[i]);
  }
}

/// A requirement of the form quantity <= constant becomes a limit; any other is bounded as an
/// interval.
void Screen::addLimit(const FactoredExpr &requirement) {
  const std::vector<Expr::Node> &nodes = requirement.outer.nodes();
  const Expr::Node &root = nodes.back();
  bool atMost = root.op == ExprOp::LE || root.op == ExprOp::LT;
  bool atLeast = root.op == ExprOp::GE || root.op == ExprOp::GT;
  if (nodes.size() == 3 && (atMost || atLeast)) {
    const Expr::Node &x = nodes[root.operands[0]], &y = nodes[root.operands[1]];
    bool left = x.op == ExprOp::Symbol;
    const Expr::Node &symbol = left ? x : y, &constant = left ? y : x;
    if (symbol.op == ExprOp::Symbol && constant.op == ExprOp::Constant &&
        requirement.leaves[symbol.symbol].quantity >= 0) {
      double sign = atMost == left ? 1 : -1;
      limits.push_back({boundFor(requirement.leaves[symbol.symbol].quantity, sign),
                        roundedUp(sign * constant.constant)});
      return;
    }
  }
  expressions.push_back(&requirement);
}

void Screen::fill(Bound &bound, unsigned threads) const {
  const Problem &problem = prepared.problem;
  const LinearForm &form = prepared.factoring.quantities[bound.quantity];
  size_t points = problem.hardwareCount, segments = problem.segments.size(), n = hardware.size();

  // Single precision rounds each entry and each sum once. Slack is relative to the absolute values
  // that went into an entry, so it also covers cancellation. Exactly known constants need none.
  double slack = form.hardwareOnly()
                     ? 0
                     : relativeTolerance(problem) + static_cast<double>(segments + 3) *
                                                        std::numeric_limits<float>::epsilon();
  // Values that are not numbers, or too large for single precision, bound nothing.
  auto entry = [&](double value, double magnitude) {
    double v = bound.sign * value - slack * magnitude;
    return std::fabs(v) < 1e36 ? roundedDown(v) : -kInfinity;
  };
  // Constant part, with the bases of the terms.
  std::vector<double> constant(n), constantMagnitude(n);
  for (size_t i = 0; i < n; ++i) {
    HardwareId h = hardware[i];
    constant[i] = form.constant[h];
    constantMagnitude[i] = form.constantMagnitude[h];
    for (const LinearForm::Part &part : form.parts) {
      const std::vector<double> &base = problem.terms[part.term].base;
      if (base.empty())
        continue;
      constant[i] += part.coefficient[h] * base[h];
      constantMagnitude[i] += part.magnitude[h] * std::fabs(base[h]);
    }
  }

  std::vector<char> present(segments, 0);
  size_t first = segments;
  for (const LinearForm::Part &part : form.parts) {
    const std::vector<std::vector<double>> &tables = problem.terms[part.term].tables;
    for (size_t s = 0; s < tables.size(); ++s)
      present[s] |= !tables[s].empty();
  }
  for (size_t s = segments; s-- > 0;)
    if (present[s])
      first = s;
  if (first == segments) {
    bound.constant.assign(width, kInfinity);
    for (size_t i = 0; i < n; ++i)
      bound.constant[i] = entry(constant[i], constantMagnitude[i]);
    return;
  }
  bound.rows.resize(segments);
  for (size_t s = 0; s < segments; ++s) {
    if (!present[s])
      continue;
    int64_t variants = problem.segments[s].variants;
    bound.rows[s].assign(variants * width, s == first ? kInfinity : 0);
    parallelFor(threads, variants, 16, [&](int64_t begin, int64_t end, unsigned) {
      std::vector<double> sum(n), magnitude(n);
      for (int64_t v = begin; v < end; ++v) {
        if (s == first) {
          sum = constant;
          magnitude = constantMagnitude;
        } else {
          std::fill(sum.begin(), sum.end(), 0.0);
          std::fill(magnitude.begin(), magnitude.end(), 0.0);
        }
        for (const LinearForm::Part &part : form.parts) {
          const std::vector<std::vector<double>> &tables = problem.terms[part.term].tables;
          if (s >= tables.size() || tables[s].empty())
            continue;
          const double *row = &tables[s][v * points];
          for (size_t i = 0; i < n; ++i) {
            HardwareId h = hardware[i];
            sum[i] += part.coefficient[h] * row[h];
            magnitude[i] += part.magnitude[h] * std::fabs(row[h]);
          }
        }
        float *out = bound.rows[s].data() + v * width;
        for (size_t i = 0; i < n; ++i)
          out[i] = entry(sum[i], magnitude[i]);
      }
    });
  }
}

/// Minima of every block of every row: sums of minima bound minima of sums, in floating point too.
void Screen::addBlocks(Bound &bound) const {
  auto minima = [&](const std::vector<float> &rows) {
    std::vector<float> out(rows.size() / kBlock);
    for (size_t b = 0; b < out.size(); ++b) {
      float least = kInfinity;
      // A pad is infinite in the first segment and zero in the others, so it must not count as a
      // minimum in any.
      size_t inRow = b % std::max<size_t>(1, blockWidth) * kBlock;
      for (size_t j = 0; j < kBlock && inRow + j < hardware.size(); ++j)
        least = std::min(least, rows[b * kBlock + j]);
      out[b] = least;
    }
    return out;
  };
  bound.blockConstant = minima(bound.constant);
  for (const std::vector<float> &rows : bound.rows)
    bound.blockRows.push_back(minima(rows));
}

Interval Screen::axisRange(size_t a) const {
  const Axis &axis = axes[a];
  const Problem &problem = prepared.problem;
  Interval range = evaluateInterval(
      axis.goal->outer,
      leafRanges(problem, prepared.factoring, prepared.ranges, *axis.goal, hardware).data());
  if (axis.maximize)
    range = {-range.hi, -range.lo};
  range.hi = std::min(range.hi, axis.threshold);
  return range;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

Screen::View Screen::makeView() const {
  View view;
  const Problem &problem = prepared.problem;
  size_t n = std::max(width, blockWidth);
  view.axisValues.assign(axes.size(), std::vector<double>(n));
  view.possible.resize(n);
  view.levels.resize(problem.parameters.size());
  view.variants.resize(problem.segments.size());
  view.modelValues.resize(prepared.factoring.modelValues.size());
  view.modelSymbols.resize(problem.symbols.size());
  view.sums.assign(bounds.size(), std::vector<float>(n));
  for (const std::vector<double> &values : view.axisValues)
    view.lower.push_back(values.data());
  return view;
}

void Screen::setModel(View &view, ModelId model, const Evaluation &evaluation) const {
  const Problem &problem = prepared.problem;
  if (needsLevels)
    problem.levels(model, view.levels.data());
  for (size_t s = 0; s < problem.segments.size(); ++s)
    view.variants[s] = digits[s].period ? model / digits[s].period % digits[s].variants
                                        : problem.variant(s, view.levels.data());
  if (modelValuesUsed.empty())
    return;
  for (size_t s = 0; s < problem.symbols.size(); ++s) {
    const Symbol &symbol = problem.symbols[s];
    if (symbol.kind == SymbolKind::ModelParameter)
      view.modelSymbols[s] = problem.parameters[symbol.index].levels[view.levels[symbol.index]];
    else if (symbol.kind == SymbolKind::Accuracy)
      view.modelSymbols[s] = evaluation.value;
    else if (symbol.kind == SymbolKind::AccuracySigma)
      view.modelSymbols[s] = evaluation.sigma;
  }
  for (int32_t v : modelValuesUsed)
    view.modelValues[v] = prepared.factoring.modelValues[v].evaluate(view.modelSymbols.data());
}

/// Bounds of an expression over leaves at `count` entries whose quantity bounds are in view.sums.
template <bool Blocks>
void Screen::evaluateExpr(View &view, const FactoredExpr &expr, size_t count, double *lo,
                          double *hi) const {
  size_t leaves = expr.leaves.size();
  if (view.lo.size() < leaves) {
    view.lo.resize(leaves);
    view.hi.resize(leaves);
  }
  std::vector<const double *> los, his;
  for (size_t l = 0; l < leaves; ++l) {
    view.lo[l].resize(count);
    view.hi[l].resize(count);
    const FactoredExpr::Leaf &leaf = expr.leaves[l];
    if (leaf.modelValue >= 0) {
      std::fill_n(view.lo[l].begin(), count, view.modelValues[leaf.modelValue]);
      std::fill_n(view.hi[l].begin(), count, view.modelValues[leaf.modelValue]);
    } else {
      for (size_t b = 0; b < bounds.size(); ++b) {
        if (bounds[b].quantity != leaf.quantity)
          continue;
        const float *sum = view.sums[b].data();
        for (size_t i = 0; i < count; ++i)
          (bounds[b].sign > 0 ? view.lo[l][i] : view.hi[l][i]) = bounds[b].sign * sum[i];
      }
    }
    los.push_back(view.lo[l].data());
    his.push_back(view.hi[l].data());
  }
  evaluateIntervals(expr.outer, los.data(), his.data(), static_cast<int64_t>(count), lo, hi,
                    view.scratch);
}

template <bool Blocks> void Screen::evaluate(View &view, size_t begin, size_t count) const {
  size_t stride = Blocks ? blockWidth : width;
  size_t real = Blocks ? blockWidth : hardware.size();
  for (size_t i = 0; i < count; ++i)
    view.possible[i] = begin + i < real;

  for (size_t b = 0; b < bounds.size(); ++b) {
    const Bound &bound = bounds[b];
    float *sum = view.sums[b].data();
    if (bound.rows.empty()) {
      const float *row = (Blocks ? bound.blockConstant : bound.constant).data() + begin;
      std::copy_n(row, count, sum);
      continue;
    }
    // The first two rows at once: most problems have two segments.
    const float *previous = nullptr;
    size_t added = 0;
    for (size_t s = 0; s < bound.rows.size(); ++s) {
      const std::vector<float> &rows = Blocks ? bound.blockRows[s] : bound.rows[s];
      if (rows.empty())
        continue;
      const float *row = rows.data() + view.variants[s] * stride + begin;
      if (added == 1)
        for (size_t i = 0; i < count; ++i)
          sum[i] = previous[i] + row[i];
      else if (added > 1)
        for (size_t i = 0; i < count; ++i)
          sum[i] += row[i];
      previous = row;
      ++added;
    }
    if (added == 1)
      std::copy_n(previous, count, sum);
  }
  for (const Limit &limit : limits) {
    const float *sum = view.sums[limit.bound].data();
    for (size_t i = 0; i < count; ++i)
      view.possible[i] &= !(sum[i] > limit.most);
  }
  std::vector<double> lo, hi;
  for (size_t a = 0; a < axes.size(); ++a) {
    const Axis &axis = axes[a];
    double *values = view.axisValues[a].data();
    if (axis.bound >= 0) {
      std::copy_n(view.sums[axis.bound].data(), count, values);
    } else if (axis.modelValue >= 0) {
      double v = view.modelValues[axis.modelValue];
      std::fill_n(values, count, std::isnan(v) ? -kInfinity : axis.maximize ? -v : v);
    } else if (!axis.exact.empty()) {
      view.lower[a] = (Blocks ? axis.blockExact : axis.exact).data() + begin;
    } else {
      lo.resize(count);
      hi.resize(count);
      evaluateExpr<Blocks>(view, *axis.goal, count, lo.data(), hi.data());
      for (size_t i = 0; i < count; ++i)
        values[i] = axis.maximize ? -hi[i] : lo[i];
    }
    const double *lower = view.lower[a];
    for (size_t i = 0; i < count; ++i)
      view.possible[i] &= !(lower[i] >= axis.threshold);
  }
  for (const FactoredExpr *expr : expressions) {
    bool any = std::any_of(view.possible.begin(), view.possible.begin() + count,
                           [](unsigned char p) { return p != 0; });
    if (!any)
      return;
    lo.resize(count);
    hi.resize(count);
    evaluateExpr<Blocks>(view, *expr, count, lo.data(), hi.data());
    // Surely zero is surely false.
    for (size_t i = 0; i < count; ++i)
      view.possible[i] &= !(lo[i] == 0 && hi[i] == 0);
  }
}

void Screen::boundBlocks(View &view) const { evaluate<true>(view, 0, blockWidth); }
void Screen::boundBlock(View &view, size_t block) const {
  evaluate<false>(view, block * kBlock, kBlock);
}
void Screen::boundAll(View &view) const { evaluate<false>(view, 0, width); }
