//===- HypervolumeTest.cpp - Dominance and hypervolume --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Hypervolume.h"
#include "RandomProblems.h"
#include "References.h"
#include <algorithm>
#include <gtest/gtest.h>

using namespace cat::search;
using namespace cat::search::test;

static PointSet randomPoints(Dice &dice, size_t dims, size_t count, int64_t grid) {
  PointSet points{dims, {}};
  for (size_t i = 0; i < count * dims; ++i)
    points.values.push_back(grid ? static_cast<double>(dice.below(grid)) : dice.uniform());
  return points;
}

/// Counts the unit cells of a grid that some point dominates.
static double cellCount(const PointSet &points, int64_t grid) {
  size_t dims = points.dims, cells = 1, counted = 0;
  for (size_t k = 0; k < dims; ++k)
    cells *= grid;
  for (size_t c = 0; c < cells; ++c) {
    std::vector<double> corner;
    for (size_t k = 0, rest = c; k < dims; ++k, rest /= grid)
      corner.push_back(static_cast<double>(rest % grid));
    for (size_t i = 0; i < points.size(); ++i)
      if (weaklyDominates(points.point(i), corner.data(), dims)) {
        ++counted;
        break;
      }
  }
  return static_cast<double>(counted);
}

/// Inclusion and exclusion over all subsets: exact, in any dimension, without any of the code under
/// test.
static double inclusionExclusion(const PointSet &points, const std::vector<double> &reference) {
  double sum = 0;
  for (uint32_t subset = 1; subset < (1u << points.size()); ++subset) {
    double box = 1;
    for (size_t k = 0; k < points.dims; ++k) {
      double corner = -1e300;
      for (size_t i = 0; i < points.size(); ++i)
        if (subset >> i & 1)
          corner = std::max(corner, points.point(i)[k]);
      box *= std::max(0.0, reference[k] - corner);
    }
    sum += __builtin_popcount(subset) % 2 ? box : -box;
  }
  return sum;
}

class HypervolumeDims : public ::testing::TestWithParam<size_t> {};

TEST_P(HypervolumeDims, CountsGridCells) {
  size_t dims = GetParam();
  int64_t grid = dims > 4 ? 4 : 6;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed);
    PointSet points = randomPoints(dice, dims, 1 + dice.below(30), grid);
    std::vector<double> reference(dims, static_cast<double>(grid));
    EXPECT_EQ(hypervolume(points, reference.data()), cellCount(points, grid)) << "seed " << seed;
  }
}

TEST_P(HypervolumeDims, EqualsInclusionExclusion) {
  size_t dims = GetParam();
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Dice dice(seed + 100);
    PointSet points = randomPoints(dice, dims, 1 + dice.below(10), 0);
    std::vector<double> reference(dims, 0.8);
    EXPECT_NEAR(hypervolume(points, reference.data()), inclusionExclusion(points, reference), 1e-12)
        << "seed " << seed;
  }
}

TEST_P(HypervolumeDims, KeepsTheFirstOfTheNondominated) {
  size_t dims = GetParam();
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Dice dice(seed + 200);
    PointSet points = randomPoints(dice, dims, 1 + dice.below(60), 5);
    std::vector<size_t> expected;
    for (size_t i = 0; i < points.size(); ++i) {
      bool beaten = false;
      for (size_t j = 0; j < points.size(); ++j) {
        bool weak = weaklyDominates(points.point(j), points.point(i), dims);
        bool equal = weak && weaklyDominates(points.point(i), points.point(j), dims);
        beaten |= weak && (!equal || j < i);
      }
      if (!beaten)
        expected.push_back(i);
    }
    EXPECT_EQ(nondominatedIndices(points), expected) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Dims, HypervolumeDims, ::testing::Values(1, 2, 3, 4, 5));

TEST(Hypervolume, IgnoresPointsBeyondTheReference) {
  double reference[] = {1, 1};
  PointSet points{2, {0.5, 1.0, 1.0, 0.5, 2, 0, 0, 2}};
  EXPECT_EQ(hypervolume(points, reference), 0);
  points.values.insert(points.values.end(), {0.5, 0.5});
  EXPECT_EQ(hypervolume(points, reference), 0.25);
}

TEST(Hypervolume, ReferenceFronts) {
  CATC_REFERENCE_OR_SKIP(data, "search/reference_values.json");
  size_t rows = 0;
  for (const llvm::json::Value &row : *data->getAsObject()->getArray("hv")) {
    const llvm::json::Object &object = *row.getAsObject();
    std::vector<double> reference = numbers(*object.get("ref"));
    PointSet points{reference.size(), {}};
    for (const std::vector<double> &p : table(*object.get("front")))
      for (double v : p)
        points.values.push_back(-v);
    for (double &r : reference)
      r = -r;
    EXPECT_NEAR(hypervolume(points, reference.data()), number(*object.get("hv")),
                1e-13 * number(*object.get("hv")));
    ++rows;
  }
  EXPECT_GT(rows, 0u);
}

TEST(Staircase, AgreesWithTheDefinition) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Dice dice(seed);
    Staircase stairs, other;
    PointSet points{2, {}}, both{2, {}};
    for (int i = 0; i < 20; ++i) {
      double p[2] = {static_cast<double>(dice.below(8)), static_cast<double>(dice.below(8))};
      bool weak = false;
      double lowest = 99;
      for (size_t j = 0; j < points.size(); ++j) {
        const double *q = points.point(j);
        weak |= weaklyDominates(q, p, 2);
        lowest = q[0] <= p[0] ? std::min(lowest, q[1]) : lowest;
      }
      EXPECT_EQ(stairs.weaklyDominates(p[0], p[1]), weak);
      EXPECT_EQ(stairs.lowest(p[0], 99), lowest);
      EXPECT_EQ(stairs.insert(p[0], p[1]), !weak);
      points.add(p);
    }
    double reference[] = {7, 6};
    EXPECT_DOUBLE_EQ(stairs.area(7, 6), hypervolume(points, reference));
    both = points;
    for (int i = 0; i < 5; ++i) {
      double p[2] = {static_cast<double>(dice.below(8)), static_cast<double>(dice.below(8))};
      other.insert(p[0], p[1]);
      both.add(p);
    }
    EXPECT_DOUBLE_EQ(areaGain(stairs, other, 7, 6),
                     hypervolume(both, reference) - hypervolume(points, reference));
  }
}
