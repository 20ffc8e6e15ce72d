//===- Dominance.cpp - Hardware that no model needs -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Dominance.h"
#include "Search/Hypervolume.h"
#include "Search/Parallel.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace cat;
using namespace cat::search;

double cat::search::relativeTolerance(const Problem &problem) {
  // A dozen operations on each side of the comparison round on top of what the tables may differ.
  return problem.tableTolerance + 64 * std::numeric_limits<double>::epsilon();
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

std::vector<QuantityRange>
cat::search::quantityRanges(const Problem &problem, const Factoring &factoring, unsigned threads) {
  size_t points = problem.hardwareCount, terms = problem.terms.size();
  std::vector<char> used(terms, 0);
  for (const LinearForm &form : factoring.quantities)
    for (const LinearForm::Part &part : form.parts)
      used[part.term] = 1;

  std::vector<std::vector<double>> lo(terms), hi(terms), mean(terms), size(terms);
  for (size_t t = 0; t < terms; ++t) {
    if (!used[t])
      continue;
    const AdditiveTerm &term = problem.terms[t];
    lo[t] = term.base.empty() ? std::vector<double>(points, 0) : term.base;
    hi[t] = mean[t] = size[t] = lo[t];
    for (double &s : size[t])
      s = std::fabs(s);
    constexpr int64_t kChunk = 128;
    parallelFor(threads, points, kChunk, [&](int64_t begin, int64_t end, unsigned) {
      size_t n = end - begin;
      double least[kChunk], most[kChunk], sum[kChunk];
      for (const std::vector<double> &table : term.tables) {
        if (table.empty())
          continue;
        size_t variants = table.size() / points;
        std::fill_n(least, n, std::numeric_limits<double>::infinity());
        std::fill_n(most, n, -std::numeric_limits<double>::infinity());
        std::fill_n(sum, n, 0.0);
        for (size_t v = 0; v < variants; ++v) {
          const double *row = &table[v * points + begin];
          for (size_t i = 0; i < n; ++i) {
            least[i] = std::min(least[i], row[i]);
            most[i] = std::max(most[i], row[i]);
            sum[i] += row[i];
          }
        }
        for (size_t i = 0; i < n; ++i) {
          lo[t][begin + i] += least[i];
          hi[t][begin + i] += most[i];
          mean[t][begin + i] += sum[i] / static_cast<double>(variants);
          size[t][begin + i] += std::max(std::fabs(least[i]), std::fabs(most[i]));
        }
      }
    });
  }

  std::vector<QuantityRange> ranges;
  for (const LinearForm &form : factoring.quantities) {
    QuantityRange r{form.constant, form.constant, form.constant, form.constantMagnitude};
    for (const LinearForm::Part &part : form.parts)
      for (size_t h = 0; h < points; ++h) {
        double c = part.coefficient[h], a = c * lo[part.term][h], b = c * hi[part.term][h];
        r.lo[h] += std::min(a, b);
        r.hi[h] += std::max(a, b);
        r.mean[h] += c * mean[part.term][h];
        r.magnitude[h] += part.magnitude[h] * size[part.term][h];
      }
    ranges.push_back(std::move(r));
  }
  return ranges;
}

std::vector<Interval> cat::search::leafRanges(const Problem &problem, const Factoring &factoring,
                                              const std::vector<QuantityRange> &ranges,
                                              const FactoredExpr &expr,
                                              const std::vector<HardwareId> &hardware) {
  std::vector<Interval> symbols(problem.symbols.size(), Interval::everything());
  for (size_t s = 0; s < symbols.size(); ++s)
    if (problem.symbols[s].kind == SymbolKind::ModelParameter) {
      const std::vector<double> &levels = problem.parameters[problem.symbols[s].index].levels;
      auto [least, most] = std::minmax_element(levels.begin(), levels.end());
      symbols[s] = {*least, *most};
    }
  std::vector<Interval> leaves;
  for (const FactoredExpr::Leaf &leaf : expr.leaves) {
    if (leaf.modelValue >= 0) {
      leaves.push_back(evaluateInterval(factoring.modelValues[leaf.modelValue], symbols.data()));
      continue;
    }
    const QuantityRange &range = ranges[leaf.quantity];
    double slack = relativeTolerance(problem);
    Interval all{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (HardwareId h : hardware) {
      if (!std::isfinite(range.mean[h])) {
        all = Interval::everything();
        break;
      }
      // A quantity that only touches zero keeps its sign: rounding is monotone, and tables of one
      // sign sum to one sign.
      double lo = range.lo[h] - slack * range.magnitude[h];
      double hi = range.hi[h] + slack * range.magnitude[h];
      all.lo = std::min(all.lo, range.lo[h] >= 0 ? std::max(lo, 0.0) : lo);
      all.hi = std::max(all.hi, range.hi[h] <= 0 ? std::min(hi, 0.0) : hi);
    }
    leaves.push_back(all);
  }
  return leaves;
}

//===----------------------------------------------------------------------===//
// Dominance
//===----------------------------------------------------------------------===//

namespace {

/// How a quantity of the better point must relate to that of the worse one.
struct Relation {
  int32_t quantity = 0;
  uint8_t harm = Flat; ///< Up: growing may harm a goal or a requirement; Down: shrinking may
  bool strict = false; ///< a goal is this quantity itself, so a margin here decides against a tie
  /// [point][row], rows of all segments, times `scale`; empty for exactly known quantities.
  std::vector<float> rows;
  double scale =
      1; ///< a power of two that brings magnitudes to about 1; negative if shrinking harms
};

} // namespace

static std::vector<Relation> relationsOf(const Problem &problem, const Factoring &factoring,
                                         const std::vector<QuantityRange> &ranges,
                                         const std::vector<HardwareId> &feasible) {
  std::vector<Relation> relations(factoring.quantities.size());
  auto note = [&](const FactoredExpr &expr, bool growthIsBad, bool goal) {
    std::vector<uint8_t> trend =
        trends(expr.outer, leafRanges(problem, factoring, ranges, expr, feasible));
    for (size_t i = 0; i < expr.leaves.size(); ++i) {
      int32_t q = expr.leaves[i].quantity;
      if (q < 0)
        continue;
      for (uint8_t direction : {Up, Down})
        if (trend[i] & direction)
          relations[q].harm |= growthIsBad ? direction : uint8_t(Unknown & ~direction);
      relations[q].strict |= goal && expr.isLeaf();
    }
  };
  for (const FactoredExpr &goal : factoring.goals)
    if (goal.dependsOnHardware())
      note(goal, !problem.goals[goal.source].maximize, true);
  for (const FactoredExpr &requirement : factoring.requirements)
    if (requirement.dependsOnHardware() && requirement.kind != ExprClass::HardwareOnly)
      note(requirement, false, false);
  std::vector<Relation> needed;
  for (size_t q = 0; q < relations.size(); ++q)
    if (relations[q].harm != Flat) {
      relations[q].quantity = static_cast<int32_t>(q);
      needed.push_back(relations[q]);
    }
  return needed;
}

namespace {

/// Pairwise comparison of hardware points on all relations.
class Comparison {
public:
  Comparison(const Problem &problem, const Factoring &factoring,
             const std::vector<QuantityRange> &ranges, const std::vector<HardwareId> &feasible,
             std::vector<Relation> relations, unsigned threads);

  /// True if point `p` makes point `h` unnecessary (indices into `feasible`).
  bool beats(size_t p, size_t h) const;

  /// Sum of the relations' scaled means: small for points that are likely to beat others.
  double score(size_t p) const;

private:
  void fillRows(Relation &relation, unsigned threads);
  bool surely(const Relation &relation, size_t p, size_t h) const;

  const Problem &problem;
  const Factoring &factoring;
  const std::vector<QuantityRange> &ranges;
  const std::vector<HardwareId> &feasible;
  std::vector<Relation> relations;
  std::vector<size_t> segmentBegin; // rows of segment s are [segmentBegin[s], segmentBegin[s + 1])
  std::vector<double> scoreScale;
  float rounding;
};

} // namespace

Comparison::Comparison(const Problem &problem, const Factoring &factoring,
                       const std::vector<QuantityRange> &ranges,
                       const std::vector<HardwareId> &feasible, std::vector<Relation> needed,
                       unsigned threads)
    : problem(problem), factoring(factoring), ranges(ranges), feasible(feasible),
      relations(std::move(needed)) {
  segmentBegin.push_back(0);
  for (const Segment &segment : problem.segments)
    segmentBegin.push_back(segmentBegin.back() + segment.variants);
  // Rows are floats: two roundings of entries and one of their difference, in each segment.
  rounding =
      static_cast<float>(relativeTolerance(problem)) + 4 * std::numeric_limits<float>::epsilon();
  for (Relation &relation : relations) {
    if (!factoring.quantities[relation.quantity].hardwareOnly())
      fillRows(relation, threads);
    double scale = 0;
    for (HardwareId h : feasible)
      scale += std::fabs(ranges[relation.quantity].mean[h]);
    scoreScale.push_back(scale > 0 && std::isfinite(scale) ? 1 / scale : 0);
  }
}

/// Row order within a segment: a stride coprime to the count spreads early rows over all
/// parameters, so that comparisons that must fail do so early.
static size_t strideFor(size_t count) {
  auto stride = static_cast<size_t>(static_cast<double>(count) * 0.6180339887498949) | 1;
  while (std::gcd(stride, count) != 1)
    stride += 2;
  return stride;
}

void Comparison::fillRows(Relation &relation, unsigned threads) {
  size_t points = problem.hardwareCount, rows = segmentBegin.back();
  const LinearForm &form = factoring.quantities[relation.quantity];
  double largest = 0;
  for (HardwareId h : feasible)
    if (std::isfinite(ranges[relation.quantity].magnitude[h]))
      largest = std::max(largest, ranges[relation.quantity].magnitude[h]);
  relation.scale =
      (relation.harm & Up ? 1 : -1) * (largest > 0 ? std::exp2(-std::ilogb(largest)) : 1);
  relation.rows.assign(feasible.size() * rows, 0);
  constexpr int64_t kChunk = 64;
  parallelFor(threads, feasible.size(), kChunk, [&](int64_t begin, int64_t end, unsigned) {
    double sum[kChunk];
    for (size_t s = 0; s + 1 < segmentBegin.size(); ++s) {
      size_t variants = problem.segments[s].variants, stride = strideFor(variants);
      for (size_t i = 0, v = 0; i < variants; ++i, v = (v + stride) % variants) {
        std::fill_n(sum, end - begin, 0.0);
        for (const LinearForm::Part &part : form.parts) {
          const std::vector<std::vector<double>> &tables = problem.terms[part.term].tables;
          if (s >= tables.size() || tables[s].empty())
            continue;
          const double *row = &tables[s][v * points];
          for (int64_t k = begin; k < end; ++k)
            sum[k - begin] += part.coefficient[feasible[k]] * row[feasible[k]];
        }
        for (int64_t k = begin; k < end; ++k)
          relation.rows[k * rows + segmentBegin[s] + i] =
              static_cast<float>(relation.scale * sum[k - begin]);
      }
    }
  });
}

double Comparison::score(size_t p) const {
  double sum = 0;
  for (size_t r = 0; r < relations.size(); ++r) {
    double mean = ranges[relations[r].quantity].mean[feasible[p]];
    sum += (relations[r].harm & Up ? mean : -mean) * scoreScale[r];
  }
  return sum;
}

/// The largest difference of two rows of `n` floats.
static float largestDifference(const float *a, const float *b, size_t n) {
  float lanes[8];
  std::fill_n(lanes, 8, -std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; ++j) {
      float d = a[i + j] - b[i + j];
      lanes[j] = d > lanes[j] ? d : lanes[j];
    }
  for (; i < n; ++i)
    lanes[0] = std::max(lanes[0], a[i] - b[i]);
  return *std::max_element(lanes, lanes + 8);
}

/// The relation holds for every model, beyond rounding.
bool Comparison::surely(const Relation &relation, size_t p, size_t h) const {
  const QuantityRange &range = ranges[relation.quantity];
  const LinearForm &form = factoring.quantities[relation.quantity];
  HardwareId better = feasible[p], worse = feasible[h];
  // Constants and bases may be large against the rows, so they are compared in double precision.
  double offset = form.constant[better] - form.constant[worse];
  for (const LinearForm::Part &part : form.parts) {
    const std::vector<double> &base = problem.terms[part.term].base;
    if (!base.empty())
      offset += part.coefficient[better] * base[better] - part.coefficient[worse] * base[worse];
  }
  // Entries far below the largest may underflow; the last addend covers them.
  double margin =
      std::fabs(relation.scale) * rounding * (range.magnitude[better] + range.magnitude[worse]) +
      1e-37;
  double total = relation.scale * offset + margin;
  size_t rows = segmentBegin.back();
  const float *a = &relation.rows[p * rows], *b = &relation.rows[h * rows];
  // The maximum over variants is a sum of maxima over segments, which only grows as rows are added:
  // short blocks of all segments first.
  constexpr size_t kMaxSegments = 8, kFirst = 32;
  size_t segments = segmentBegin.size() - 1;
  float first[kMaxSegments];
  double partial = total;
  for (size_t s = 0; s < segments; ++s) {
    size_t n = std::min(kFirst, segmentBegin[s + 1] - segmentBegin[s]);
    float most = largestDifference(a + segmentBegin[s], b + segmentBegin[s], n);
    if (s < kMaxSegments)
      first[s] = most;
    partial += most;
  }
  if (!(partial <= 0))
    return false;
  for (size_t s = 0; s < segments; ++s) {
    size_t begin = segmentBegin[s] + (s < kMaxSegments ? kFirst : 0), end = segmentBegin[s + 1];
    float most = s < kMaxSegments ? first[s] : -std::numeric_limits<float>::infinity();
    for (; begin < end; begin += 256)
      most = std::max(most,
                      largestDifference(a + begin, b + begin, std::min<size_t>(256, end - begin)));
    total += most;
  }
  return total <= 0;
}

bool Comparison::beats(size_t p, size_t h) const {
  HardwareId better = feasible[p], worse = feasible[h];
  bool wins = problem.hardwareIds[better] < problem.hardwareIds[worse];
  // Cheap necessary conditions first: exactly known quantities, and means.
  for (const Relation &relation : relations) {
    const QuantityRange &range = ranges[relation.quantity];
    double difference = range.mean[better] - range.mean[worse];
    if (relation.rows.empty()) {
      if ((relation.harm & Up && !(difference <= 0)) ||
          (relation.harm & Down && !(difference >= 0)))
        return false;
      wins |= relation.strict && difference != 0;
    } else {
      if (relation.harm == Unknown || !(relation.harm & Up ? difference < 0 : difference > 0))
        return false;
      wins |= relation.strict;
    }
  }
  if (!wins)
    return false;
  return std::all_of(relations.begin(), relations.end(), [&](const Relation &relation) {
    return relation.rows.empty() || surely(relation, p, h);
  });
}

std::vector<HardwareId> cat::search::undominatedHardware(const Problem &problem,
                                                         const Factoring &factoring,
                                                         const std::vector<QuantityRange> &ranges,
                                                         const std::vector<HardwareId> &feasible,
                                                         unsigned threads) {
  std::vector<Relation> relations = relationsOf(problem, factoring, ranges, feasible);
  for (const Relation &relation : relations)
    if (relation.harm == Unknown && !factoring.quantities[relation.quantity].hardwareOnly())
      return feasible; // nothing can be shown to be equal
  Comparison comparison(problem, factoring, ranges, feasible, std::move(relations), threads);
  std::vector<double> score;
  score.reserve(feasible.size());
  for (size_t p = 0; p < feasible.size(); ++p)
    score.push_back(comparison.score(p));
  std::vector<size_t> order(feasible.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return score[a] < score[b]; });
  // "Beats" implies a strict partial order of true dominance, so a point beaten by a beaten point
  // is also beaten by a kept one.
  std::vector<char> beaten(feasible.size(), 0);
  parallelFor(threads, feasible.size(), 16, [&](int64_t begin, int64_t end, unsigned) {
    for (int64_t h = begin; h < end; ++h)
      for (size_t p : order)
        if (p != static_cast<size_t>(h) && comparison.beats(p, h)) {
          beaten[h] = 1;
          break;
        }
  });
  std::vector<HardwareId> kept;
  for (size_t h = 0; h < feasible.size(); ++h)
    if (!beaten[h])
      kept.push_back(feasible[h]);
  return kept;
}
