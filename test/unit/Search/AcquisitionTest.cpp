//===- AcquisitionTest.cpp - Expected improvement and hypervolume gain ----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomProblems.h"
#include "References.h"
#include "Search/ExpectedImprovement.h"
#include "Search/SetValuedEhvi.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace cat::search;
using namespace cat::search::test;

TEST(ExpectedImprovement, ReferenceLogH) {
  CATC_REFERENCE_OR_SKIP(file, "search/reference_values.json");
  for (const llvm::json::Value &row : *file->getAsObject()->getArray("log_h")) {
    const llvm::json::Object &o = *row.getAsObject();
    double z = number(*o.get("z")), expected = number(*o.get("log_h"));
    EXPECT_NEAR(logH(z), expected, 1e-12 + 4e-16 * std::fabs(expected)) << "z " << z;
  }
  for (const llvm::json::Value &row : *file->getAsObject()->getArray("psi")) {
    const llvm::json::Object &o = *row.getAsObject();
    double expected = number(*o.get("psi"));
    EXPECT_NEAR(expectedExcess(number(*o.get("mu")), number(*o.get("sigma")), number(*o.get("t"))),
                expected, 1e-13 * expected);
  }
}

TEST(ExpectedImprovement, ReferenceLogEiHelper) {
  CATC_REFERENCE_OR_SKIP(file, "search/botorch_numerics.json");
  // The values go with z = 2, 0, -1, -5, -20, -1000, -1e7.
  const double z[] = {2, 0, -1, -5, -20, -1000, -1e7};
  std::vector<double> expected = numbers(*file->getAsObject()->get("log_ei_helper_x"));
  ASSERT_EQ(expected.size(), std::size(z));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(logH(z[i]), expected[i], 1e-12 + 1e-15 * std::fabs(expected[i])) << "z " << z[i];
}

TEST(ExpectedImprovement, LogHIsSmooth) {
  // h' = Phi: no seam where the formula changes.
  for (double z : {-0.999999, -1.0, -1.000001, -11.9999, -12.0, -12.0001, -40.0, 3.0}) {
    double step = 1e-4, slope = (logH(z + step) - logH(z - step)) / (2 * step);
    double cumulative = 0.5 * std::erfc(-z / std::sqrt(2.0));
    if (z > -30) {
      EXPECT_NEAR(slope, cumulative / std::exp(logH(z)), 1e-5 * std::fabs(slope) + 1e-6) << z;
    }
    EXPECT_LT(logH(z - step), logH(z));
  }
  EXPECT_EQ(expectedExcess(2, 0, 1.5), 0.5);
  EXPECT_EQ(expectedExcess(1, 0, 1.5), 0);
}

TEST(SetValuedEhvi, ReferenceCases) {
  CATC_REFERENCE_OR_SKIP(file, "search/reference_values.json");
  const llvm::json::Object &data = *file->getAsObject()->getObject("greybox_ehvi3");
  std::vector<double> reference = numbers(*data.get("ref"));
  std::vector<std::pair<double, PointSet>> front;
  for (const std::vector<double> &p : table(*data.get("front")))
    front.emplace_back(p[0], PointSet{2, {-p[1], -p[2]}});
  SetValuedEhvi gain({-reference[1], -reference[2]}, reference[0], front);
  for (const llvm::json::Value &row : *data.getArray("cases")) {
    const llvm::json::Object &o = *row.getAsObject();
    PointSet known{2, {}};
    for (const std::vector<double> &p : table(*o.get("known")))
      known.values.insert(known.values.end(), {-p[0], -p[1]});
    double expected = number(*o.get("ehvi"));
    EXPECT_NEAR(gain(number(*o.get("mu")), number(*o.get("sigma")), known), expected,
                1e-9 * expected);
    const llvm::json::Array &slabs = *o.getArray("slabs");
    std::vector<double> gains = gain.gains(known);
    ASSERT_EQ(gains.size(), slabs.size());
    for (size_t j = 0; j < slabs.size(); ++j) {
      EXPECT_DOUBLE_EQ(gain.levels()[j], number(*slabs[j].getAsObject()->get("t")));
      EXPECT_NEAR(gains[j], number(*slabs[j].getAsObject()->get("A")), 1e-15);
    }
  }
}

/// Hypervolume of a front of (level, known goals) with everything minimised.
static double volume(const std::vector<std::pair<double, PointSet>> &front, double lowest,
                     const std::vector<double> &reference) {
  PointSet all{reference.size() + 1, {}};
  for (const auto &[level, points] : front)
    for (size_t i = 0; i < std::max<size_t>(points.size(), reference.empty()); ++i) {
      all.values.push_back(-level);
      for (size_t k = 0; k < reference.size(); ++k)
        all.values.push_back(points.point(i)[k]);
    }
  std::vector<double> corner = {-lowest};
  corner.insert(corner.end(), reference.begin(), reference.end());
  return hypervolume(all, corner.data());
}

class SetValuedEhviKnown : public ::testing::TestWithParam<size_t> {};

TEST_P(SetValuedEhviKnown, EqualsQuadrature) {
  size_t k = GetParam();
  for (uint64_t seed = 0; seed < (k > 2 ? 8u : 20u); ++seed) {
    Dice dice(seed);
    auto randomSet = [&] {
      PointSet set{k, {}};
      for (int64_t i = 0; i < 1 + dice.below(4); ++i)
        for (size_t d = 0; d < k; ++d)
          set.values.push_back(1.2 * dice.uniform());
      return set;
    };
    std::vector<std::pair<double, PointSet>> front;
    for (int64_t i = dice.below(6); i > 0; --i)
      front.emplace_back(static_cast<double>(dice.below(6)) / 5, randomSet());
    std::vector<double> reference(k, 1);
    PointSet own = randomSet();
    double mu = dice.uniform(), sigma = 0.05 + 0.3 * dice.uniform(), lowest = 0.1;
    double before = volume(front, lowest, reference), expected = 0;
    // Midpoint rule over +-9 sigma; the integrand is piecewise linear times a density.
    int steps = k > 2 ? 4000 : 20000;
    double width = 18.0 / steps;
    for (int i = 0; i < steps; ++i) {
      double z = -9 + (i + 0.5) * width;
      std::vector<std::pair<double, PointSet>> with = front;
      with.emplace_back(mu + sigma * z, own);
      expected += (volume(with, lowest, reference) - before) * width * std::exp(-0.5 * z * z) /
                  std::sqrt(2 * M_PI);
    }
    SetValuedEhvi gain(reference, lowest, front);
    EXPECT_NEAR(gain(mu, sigma, own), expected, 1e-5 * expected + 1e-9) << "seed " << seed;
    std::vector<double> gains = gain.gains(own);
    EXPECT_TRUE(std::is_sorted(gains.begin(), gains.end(),
                               [](double a, double b) { return a < b - 1e-12; }));
  }
}

INSTANTIATE_TEST_SUITE_P(KnownGoals, SetValuedEhviKnown, ::testing::Values(0, 1, 2, 3));
