//===- ExpectedImprovement.cpp - Expected excess of a normal over a level -===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/ExpectedImprovement.h"
#include <algorithm>
#include <cmath>

static constexpr double kHalfLogTwoPi = 0.9189385332046727;
static constexpr double kSqrtHalf = 0.7071067811865476;
static constexpr double kSqrtHalfPi = 1.2533141373155003;

double cat::search::logH(double z) {
  double z2 = z * z;
  if (z > -1) {
    double density = std::exp(-0.5 * z2 - kHalfLogTwoPi);
    return std::log(density + 0.5 * z * std::erfc(-z * kSqrtHalf));
  }
  if (z > -12) {
    // h / phi = 1 - |z| m(z) with Mills' ratio m = sqrt(pi / 2) erfcx(|z| / sqrt 2).
    double mills = kSqrtHalfPi * std::exp(0.5 * z2) * std::erfc(-z * kSqrtHalf);
    return -0.5 * z2 - kHalfLogTwoPi + std::log1p(z * mills);
  }
  // h / phi = z^-2 (1 - 3 z^-2 + 15 z^-4 - ...), asymptotic; its terms shrink below rounding before
  // they grow.
  double sum = 0, term = 1;
  for (int k = 1; k <= 40; ++k) {
    term *= -(2 * k + 1) / z2;
    sum += term;
    if (std::fabs(term) < 1e-17)
      break;
  }
  return -0.5 * z2 - kHalfLogTwoPi - 2 * std::log(-z) + std::log1p(sum);
}

double cat::search::expectedExcess(double mu, double sigma, double t) {
  if (!(sigma > 0))
    return std::max(0.0, mu - t);
  return sigma * std::exp(logH((mu - t) / sigma));
}
