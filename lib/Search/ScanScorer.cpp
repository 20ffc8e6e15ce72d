//===- ScanScorer.cpp - Ranking all models by expected gain ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/ScanScorer.h"
#include "Search/ExpectedImprovement.h"
#include <algorithm>
#include <cmath>

using namespace cat::search;

/// Candidates kept, and how far below the best estimate they may be.
static constexpr size_t kKept = 3000;
static constexpr float kKeptFraction = 0.3f;

namespace {

/// h(z) by linear interpolation: 0 below -8, z above 8.
class ExcessTable {
public:
  ExcessTable() {
    for (int i = 0; i <= kSteps; ++i)
      values[i] = static_cast<float>(std::exp(logH(-kRange + i * (2 * kRange / kSteps))));
  }
  float operator()(float z) const {
    if (!(z > -kRange))
      return 0;
    if (z >= kRange)
      return z;
    float u = (z + kRange) * (kSteps / (2 * kRange));
    int i = std::min(kSteps - 1, static_cast<int>(u));
    return values[i] + (values[i + 1] - values[i]) * (u - static_cast<float>(i));
  }

private:
  static constexpr int kSteps = 4096;
  static constexpr float kRange = 8;
  float values[kSteps + 1];
};

} // namespace

static const ExcessTable excessTable;

ScanScorer::ScanScorer(const CurveTable &curves, const SetValuedEhvi &gain, size_t knownGoals,
                       unsigned threads)
    : curves(curves), knownGoals(knownGoals), parts(std::max(1u, threads)) {
  for (size_t j = 0; j < gain.levels().size(); ++j) {
    levels.push_back(static_cast<float>(gain.levels()[j]));
    if (knownGoals == 1)
      bests.push_back(static_cast<float>(gain.best(j)));
    if (knownGoals == 2)
      heights.push_back(curves.compact(gain.stairs(j)));
  }
}

/// True if `added` reaches below `present` in some bucket.
static bool gains(const CurveTable::Heights &present, const CurveTable::Heights &added) {
  bool any = false;
  for (size_t b = 0; b < added.size(); ++b)
    any |= added[b] < present[b];
  return any;
}

float ScanScorer::score(ModelId model, float mean, float sd, float threshold) const {
  float total = curves.total(model), inverse = 1 / sd;
  auto excess = [&](size_t level) { return sd * excessTable((mean - levels[level]) * inverse); };
  // The gain is at most A_J psi(t_0) (see SetValuedEhvi.h: A grows with the level, psi shrinks).
  if (!(total * excess(0) > threshold))
    return 0;
  size_t count = levels.size();
  if (knownGoals == 0)
    return excess(count - 1);
  // And at most A_J psi(t_j) with j the lowest level at which anything is gained.
  size_t lowest = 0;
  float best = 0;
  const CurveTable::Heights *own = nullptr;
  if (knownGoals == 1) {
    best = curves.best(model);
    lowest = std::upper_bound(bests.begin(), bests.end(), best) - bests.begin();
  } else {
    own = &curves.heights(model);
    size_t high = count;
    while (lowest < high) {
      size_t middle = (lowest + high) / 2;
      if (gains(heights[middle], *own))
        high = middle;
      else
        lowest = middle + 1;
    }
  }
  if (lowest == count)
    return 0;
  float all = excess(lowest);
  if (!(total * all > threshold))
    return 0;
  float sum = 0, above = 0;
  for (size_t j = count; j-- > lowest;) {
    float e = excess(j);
    if (!(e > above))
      continue;
    float gain = knownGoals == 1 ? bests[j] - best : curves.area(heights[j], *own);
    sum += gain * (e - above);
    above = e;
    // What is left gains at most as much as this level.
    if (!(sum + gain * (all - above) > threshold))
      return 0;
  }
  return sum;
}

void ScanScorer::keep(Part &part, Scored candidate) {
  part.candidates.push_back(candidate);
  if (candidate.estimate > part.best) {
    part.best = candidate.estimate;
    part.threshold = std::max(part.threshold, kKeptFraction * part.best);
  }
  if (part.candidates.size() < 4 * kKept)
    return;
  std::nth_element(part.candidates.begin(), part.candidates.begin() + kKept, part.candidates.end());
  part.candidates.resize(kKept);
  float worst = part.candidates[0].estimate;
  for (const Scored &kept : part.candidates)
    worst = std::min(worst, kept.estimate);
  // Equal estimates must still come in: which of them stays is decided by their ids.
  part.threshold = std::max(part.threshold, std::nextafter(worst, 0.0f));
}

std::vector<Scored> ScanScorer::best() const {
  std::vector<Scored> all;
  for (const Part &part : parts)
    all.insert(all.end(), part.candidates.begin(), part.candidates.end());
  std::sort(all.begin(), all.end());
  // Whatever is below this fraction of the best was kept or not as the threads happened to run.
  size_t n = std::min(all.size(), kKept);
  while (n > 0 && all[n - 1].estimate < kKeptFraction * all[0].estimate)
    --n;
  all.resize(n);
  return all;
}
