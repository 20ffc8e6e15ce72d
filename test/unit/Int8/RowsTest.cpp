//===- RowsTest.cpp - Softmax and normalisation, against doubles ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/Rows.h"
#include "Search/CounterRandom.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::int8;

namespace {

/// Rows of every character: any bytes, normal ones, extremes, a constant with one other element.
std::vector<int8_t> randomRow(search::CounterRandom &random, int64_t n) {
  std::vector<int8_t> row(static_cast<size_t>(n));
  int64_t kind = random.below(4);
  double spread = std::exp2(6 * random.uniform());
  for (int8_t &x : row)
    x = kind == 0   ? static_cast<int8_t>(random.next())
        : kind == 1 ? static_cast<int8_t>(std::clamp(random.normal() * spread, -128.0, 127.0))
        : kind == 2 ? (random.below(2) ? int8_t(127) : int8_t(-128))
                    : int8_t(-128);
  if (kind == 3)
    row[static_cast<size_t>(random.below(n))] = 127;
  return row;
}

std::vector<double> softmaxOf(const std::vector<int8_t> &x, double scale) {
  int maximum = *std::max_element(x.begin(), x.end());
  std::vector<double> y;
  double sum = 0;
  for (int8_t q : x) {
    y.push_back(std::exp(scale * (q - maximum)));
    sum += y.back();
  }
  for (double &p : y)
    p /= sum;
  return y;
}

constexpr int64_t kLengths[] = {1, 2, 3, 50, 77, 197, 256, 1000, 4096, 65535};

TEST(Softmax, ExponentialIsAccurate) {
  for (uint32_t step : {0u, 1u, 1000u, 15130u, 151274u, 1048576u, 16777215u})
    for (unsigned distance = 0; distance != 256; ++distance) {
      double exact = std::exp2(23 - double(distance) * step / 1048576);
      // The exponent is cut off at 12 bits behind the point.
      EXPECT_NEAR(softmaxExponential(distance, step), exact, exact * 4.5e-4 + 1)
          << distance << " " << step;
    }
  EXPECT_EQ(softmaxExponential(0, 12345), 1u << 23);
  EXPECT_EXIT(softmaxExponential(256, 1), testing::ExitedWithCode(kInternalErrorExit), "range");
}

TEST(Softmax, IsWithinAStepOfDoubles) {
  search::CounterRandom random(3, 1);
  for (int64_t n : kLengths)
    for (int i = 0; i != 40; ++i) {
      double scale = std::exp2(-10 + 14 * random.uniform());
      Affine out = random.below(2) ? Affine{1.0 / 256, -128} : Affine{1.0 / 127, 0};
      Result<Softmax> softmax = quantizeSoftmax(scale, out);
      ASSERT_TRUE(softmax) << softmax.error();
      std::vector<int8_t> x = randomRow(random, n), y(x.size());
      softmaxRow(x.data(), n, *softmax, y.data());
      std::vector<double> p = softmaxOf(x, scale);
      for (size_t j = 0; j != x.size(); ++j)
        ASSERT_LE(std::abs(y[j] - std::min(127.0, p[j] / out.scale + out.zeroPoint)), 0.75)
            << n << " " << scale << " " << p[j];
    }
}

TEST(Softmax, OfARowOfEquals) {
  Softmax softmax = *quantizeSoftmax(0.1, {1.0 / 256, -128});
  for (int8_t value : {-128, 0, 127}) {
    std::vector<int8_t> x(64, value), y(64);
    softmaxRow(x.data(), 64, softmax, y.data());
    EXPECT_EQ(y, std::vector<int8_t>(64, -124));
  }
  // The probability 1 saturates.
  int8_t one = 5, result = 0;
  softmaxRow(&one, 1, softmax, &result);
  EXPECT_EQ(result, 127);
}

TEST(Softmax, RefusesBadParameters) {
  EXPECT_FALSE(quantizeSoftmax(0, {1.0 / 256, -128}));
  EXPECT_FALSE(quantizeSoftmax(-1, {1.0 / 256, -128}));
  EXPECT_FALSE(quantizeSoftmax(NAN, {1.0 / 256, -128}));
  EXPECT_FALSE(quantizeSoftmax(INFINITY, {1.0 / 256, -128}));
  EXPECT_FALSE(quantizeSoftmax(0.1, {0.3, 0}));
  EXPECT_FALSE(quantizeSoftmax(0.1, {2, 0}));
  EXPECT_FALSE(quantizeSoftmax(0.1, {0, 0}));
  EXPECT_EQ(quantizeSoftmax(1e9, {1.0 / 256, -128})->step, 0xffffffu);
  int8_t x = 0;
  EXPECT_EXIT(softmaxRow(&x, 0, Softmax{}, &x), testing::ExitedWithCode(kInternalErrorExit),
              "length");
  EXPECT_EXIT(softmaxRow(&x, 65536, Softmax{}, &x), testing::ExitedWithCode(kInternalErrorExit),
              "length");
}

/// Elements of a row over their root mean square, about their mean if `centred`.
std::vector<double> normalized(const std::vector<int8_t> &x, const Affine &in, bool centred,
                               double epsilon) {
  double mean = 0, square = 0;
  std::vector<double> v;
  for (int8_t q : x) {
    v.push_back(in.scale * (q - in.zeroPoint));
    mean += v.back() / static_cast<double>(x.size());
  }
  for (double &value : v) {
    value -= centred ? mean : 0;
    square += value * value / static_cast<double>(x.size());
  }
  for (double &value : v)
    value = square + epsilon > 0 ? value / std::sqrt(square + epsilon) : 0;
  return v;
}

TEST(LayerNorm, IsWithinAStepOfDoubles) {
  search::CounterRandom random(3, 2);
  for (int64_t n : kLengths)
    for (int i = 0; i != 20; ++i) {
      Affine in{std::exp2(-8 + 8 * random.uniform()), static_cast<int>(random.below(256)) - 128};
      // Outputs that a calibration would choose: four standard deviations of the largest gamma.
      std::vector<double> gamma, beta;
      for (int64_t j = 0; j != n; ++j) {
        gamma.push_back(2 * random.uniform());
        beta.push_back(random.normal());
      }
      Affine out{8.0 / 127, static_cast<int>(random.below(64)) - 32};
      Result<Normalization> norm = quantizeLayerNorm(in, gamma, beta, 1e-5, out);
      ASSERT_TRUE(norm) << norm.error();
      std::vector<int8_t> x = randomRow(random, n), y(x.size());
      normalizeRow(x.data(), *norm, y.data());
      std::vector<double> v = normalized(x, in, true, 1e-5);
      for (size_t j = 0; j != x.size(); ++j) {
        double wanted = std::clamp(
            (gamma[j] * std::clamp(v[j], -64.0, 64.0) + beta[j]) / out.scale + out.zeroPoint,
            -128.0, 127.0);
        ASSERT_LE(std::abs(y[j] - wanted), 0.75) << n << " " << v[j] << " " << gamma[j];
      }
    }
}

TEST(LayerNorm, OfAConstantRowIsBeta) {
  std::vector<double> gamma = {1, 2, 3}, beta = {0, 0.5, -0.25};
  for (double epsilon : {0.0, 1e-5}) {
    Normalization norm = *quantizeLayerNorm({0.1, 7}, gamma, beta, epsilon, {0.25, 1});
    for (int8_t value : {-128, 0, 127}) {
      std::vector<int8_t> x(3, value), y(3);
      normalizeRow(x.data(), norm, y.data());
      EXPECT_EQ(y, (std::vector<int8_t>{1, 3, 0}));
    }
  }
}

TEST(LayerNorm, DoesNotSeeTheInputsZeroPoint) {
  search::CounterRandom random(3, 3);
  std::vector<double> ones(100, 1), zeros(100, 0);
  Normalization a = *quantizeLayerNorm({0.1, 0}, ones, zeros, 1e-5, {0.05, 0}), b = a;
  b.zeroPoint = -128;
  std::vector<int8_t> x = randomRow(random, 100), y(100), z(100);
  normalizeRow(x.data(), a, y.data());
  normalizeRow(x.data(), b, z.data());
  EXPECT_EQ(y, z);
}

TEST(L2Norm, IsWithinAStepOfDoubles) {
  search::CounterRandom random(3, 4);
  for (int64_t n : kLengths) {
    if (n > 4096)
      continue; // steps of a unit vector's elements; an outlier of a longer one saturates
    for (int i = 0; i != 20; ++i) {
      Affine in{std::exp2(-8 + 8 * random.uniform()), static_cast<int>(random.below(256)) - 128};
      Affine out{std::max(4 / std::sqrt(static_cast<double>(n)), 0.1) / 127, 0};
      Result<Normalization> norm = quantizeL2Norm(in, n, out);
      ASSERT_TRUE(norm) << norm.error();
      std::vector<int8_t> x = randomRow(random, n), y(x.size());
      normalizeRow(x.data(), *norm, y.data());
      std::vector<double> v = normalized(x, in, false, 0);
      for (size_t j = 0; j != x.size(); ++j) {
        double wanted =
            std::clamp(v[j] / std::sqrt(static_cast<double>(n)) / out.scale, -128.0, 127.0);
        ASSERT_LE(std::abs(y[j] - wanted), 0.75) << n << " " << v[j];
      }
    }
  }
}

TEST(L2Norm, OfARowOfZerosIsZero) {
  Normalization norm = *quantizeL2Norm({0.1, 9}, 16, {1.0 / 127, -3});
  std::vector<int8_t> x(16, 9), y(16);
  normalizeRow(x.data(), norm, y.data());
  EXPECT_EQ(y, std::vector<int8_t>(16, -3));
}

TEST(Normalization, TakesTheLargestSumsAndEpsilon) {
  Normalization norm;
  norm.centred = false;
  norm.zeroPoint = -128;
  norm.columns.assign(65535, {128, 0});
  std::vector<int8_t> x(65535, 127), y(65535);
  // Every element is its own root mean square: one step of a gain of one.
  normalizeRow(x.data(), norm, y.data());
  EXPECT_EQ(y, std::vector<int8_t>(65535, 1));
  norm.epsilon = (uint64_t(1) << 48) - 1;
  norm.columns.assign(65535, {1280, 0});
  normalizeRow(x.data(), norm, y.data());
  EXPECT_EQ(y, std::vector<int8_t>(65535, 7)); // 10 / sqrt(2)
  norm.epsilon = uint64_t(1) << 48;
  EXPECT_EXIT(normalizeRow(x.data(), norm, y.data()), testing::ExitedWithCode(kInternalErrorExit),
              "48 bits");
}

TEST(Normalization, RefusesBadParameters) {
  Affine in{0.1, 0}, out{0.05, 0};
  EXPECT_FALSE(quantizeLayerNorm(in, {}, {}, 1e-5, out));
  EXPECT_FALSE(quantizeLayerNorm(in, {1, 1}, {0}, 1e-5, out));
  EXPECT_FALSE(quantizeLayerNorm({0, 0}, {1}, {0}, 1e-5, out));
  EXPECT_FALSE(quantizeLayerNorm(in, {1}, {0}, 1e-5, {NAN, 0}));
  EXPECT_FALSE(quantizeLayerNorm(in, {1}, {0}, -1, out));
  EXPECT_FALSE(quantizeLayerNorm({1e-9, 0}, {1}, {0}, 1, out));
  EXPECT_FALSE(quantizeLayerNorm(in, std::vector<double>(65536, 1), std::vector<double>(65536, 0),
                                 1e-5, out));
  Result<Normalization> gain = quantizeLayerNorm(in, {1, 13}, {0, 0}, 1e-5, out);
  ASSERT_FALSE(gain);
  EXPECT_NE(gain.error().find("column 1"), std::string::npos) << gain.error();
  EXPECT_FALSE(quantizeLayerNorm(in, {1}, {-13}, 1e-5, out));
  EXPECT_FALSE(quantizeLayerNorm(in, {NAN}, {0}, 1e-5, out));
  EXPECT_FALSE(quantizeL2Norm(in, 0, out));
  EXPECT_FALSE(quantizeL2Norm(in, 65536, out));
  EXPECT_FALSE(quantizeL2Norm(in, 16, {0, 0}));
  EXPECT_FALSE(quantizeL2Norm(in, 16, {1e-9, 0}));
}

} // namespace
