//===- PosteriorScan.cpp - A posterior at every model ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/PosteriorScan.h"
#include "Search/Parallel.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat::search;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The loop below is worth a copy for wider vectors, chosen when the program is loaded. Products and
// sums are never fused (-ffp-contract=off), so both give the same bits. Sanitizers start too late
// for such a choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__)
#define CATC_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CATC_VECTOR_CLONES
#endif

Eigen::VectorXd cat::search::unitCoordinates(const Problem &problem, ModelId model) {
  std::vector<int32_t> levels(problem.parameters.size());
  problem.levels(model, levels.data());
  VectorXd x(static_cast<Index>(levels.size()));
  for (size_t p = 0; p < levels.size(); ++p) {
    size_t count = problem.parameters[p].levels.size();
    x[static_cast<Index>(p)] =
        count > 1 ? static_cast<double>(levels[p]) / static_cast<double>(count - 1) : 0;
  }
  return x;
}

PosteriorScan::PosteriorScan(const Problem &problem) : problem(problem) {
  // The most even split makes the smallest tables.
  double total = std::log(static_cast<double>(problem.modelCount())), half = 0;
  while (split < problem.parameters.size() && half < total / 2) {
    auto radix = static_cast<int64_t>(problem.parameters[split++].levels.size());
    half += std::log(static_cast<double>(radix));
    prefixes *= radix;
  }
  suffixes = problem.modelCount() / prefixes;
}

/// Models handled side by side, and observations handled together.
static constexpr int64_t kLanes = 16;
static constexpr Index kRows = 4;
typedef float Vector __attribute__((vector_size(32)));

/// Sums of squares of the rows of L^-1 K for `kLanes` models: row i of `rows`, in blocks of kRows
/// rows by column, is row i of L^-1 times the prefix's factor; `table` holds the suffix's factors,
/// `stride` apart. `trend` and `offset` add the trend's part.
CATC_VECTOR_CLONES
static void sumOfSquares(const float *rows, Index n, const float *table, int64_t stride,
                         const float *trend, const float *offset, const float *prediction,
                         float *out) {
  Vector m0 = {}, m1 = {}, s0 = {}, s1 = {};
  for (int l = 0; l < 8; ++l) {
    m0[l] = prediction[l];
    m1[l] = prediction[l + 8];
  }
  for (Index i = 0; i < n; i += kRows) {
    Vector a0 = {}, a1 = {}, b0 = {}, b1 = {}, c0 = {}, c1 = {}, d0 = {}, d1 = {};
    a0 = m0 * trend[i] + offset[i], a1 = m1 * trend[i] + offset[i];
    b0 = m0 * trend[i + 1] + offset[i + 1], b1 = m1 * trend[i + 1] + offset[i + 1];
    c0 = m0 * trend[i + 2] + offset[i + 2], c1 = m1 * trend[i + 2] + offset[i + 2];
    d0 = m0 * trend[i + 3] + offset[i + 3], d1 = m1 * trend[i + 3] + offset[i + 3];
    const float *row = rows + i * n;
    // L^-1 is lower triangular.
    for (Index j = 0; j < i + kRows; ++j, row += kRows) {
      Vector t0, t1;
      __builtin_memcpy(&t0, table + j * stride, sizeof t0);
      __builtin_memcpy(&t1, table + j * stride + 8, sizeof t1);
      a0 += t0 * row[0], a1 += t1 * row[0];
      b0 += t0 * row[1], b1 += t1 * row[1];
      c0 += t0 * row[2], c1 += t1 * row[2];
      d0 += t0 * row[3], d1 += t1 * row[3];
    }
    s0 += a0 * a0 + b0 * b0 + c0 * c0 + d0 * d0;
    s1 += a1 * a1 + b1 * b1 + c1 * c1 + d1 * d1;
  }
  __builtin_memcpy(out, &s0, sizeof s0);
  __builtin_memcpy(out + 8, &s1, sizeof s1);
}

void PosteriorScan::run(const Gp &gp, const std::vector<float> &prediction, unsigned threads,
                        const Visit &visit) const {
  CATC_CHECK(gp.kernel().kind == KernelKind::SquaredExponential,
             "only this kernel is a product over dimensions");
  const GpData &data = gp.data();
  Index n = data.y.size(), padded = (n + kRows - 1) / kRows * kRows;
  int64_t stride = (suffixes + kLanes - 1) / kLanes * kLanes;
  VectorXd lengthscale = gp.parameters().logLengthscale.array().exp();
  double scale = std::exp(gp.parameters().logOutputScale);
  bool hasTrend = data.prediction.size() != 0;

  // Factor tables: the kernel with the other half of the coordinates equal.
  std::vector<float> prefixTable(prefixes * padded), suffixTable(padded * stride);
  auto factor = [&](const VectorXd &own, Index i, Index begin, Index count) {
    VectorXd x = data.x.col(i);
    x.segment(begin, count) = own.segment(begin, count);
    return gp.kernel()(x, data.x.col(i), lengthscale);
  };
  auto cut = static_cast<Index>(split), dims = static_cast<Index>(problem.parameters.size());
  parallelFor(threads, prefixes, 16, [&](int64_t begin, int64_t end, unsigned) {
    for (int64_t a = begin; a < end; ++a) {
      VectorXd own = unitCoordinates(problem, a * suffixes);
      for (Index i = 0; i < n; ++i)
        prefixTable[a * padded + i] = static_cast<float>(factor(own, i, 0, cut));
    }
  });
  parallelFor(threads, suffixes, 16, [&](int64_t begin, int64_t end, unsigned) {
    for (int64_t b = begin; b < end; ++b) {
      VectorXd own = unitCoordinates(problem, b);
      for (Index i = 0; i < n; ++i)
        suffixTable[i * stride + b] = static_cast<float>(scale * factor(own, i, cut, dims - cut));
    }
  });

  MatrixXd inverse = gp.cholesky().matrixL().solve(MatrixXd::Identity(n, n));
  std::vector<float> trend(padded, 0), offset(padded, 0);
  double s2 = hasTrend ? data.trendScale * data.trendScale : 0;
  double o2 = hasTrend ? data.trendOffset * data.trendOffset : 0;
  double meanOfTrend = 0, meanOffset = gp.parameters().mean;
  if (hasTrend) {
    VectorXd t = s2 * (inverse * data.prediction), o = o2 * inverse.rowwise().sum();
    for (Index i = 0; i < n; ++i) {
      trend[i] = static_cast<float>(t[i]);
      offset[i] = static_cast<float>(o[i]);
    }
    meanOfTrend = 1 + s2 * gp.alpha().dot(data.prediction);
    meanOffset += o2 * gp.alpha().sum();
  }

  parallelFor(threads, prefixes, 4, [&](int64_t begin, int64_t end, unsigned thread) {
    std::vector<float> rows(padded * padded), weights(n), mean(stride), sd(stride);
    float none[kLanes] = {}, squares[kLanes];
    for (int64_t a = begin; a < end; ++a) {
      const float *prefix = &prefixTable[a * padded];
      std::fill(rows.begin(), rows.end(), 0.0f);
      for (Index i = 0; i < n; ++i) {
        weights[i] = static_cast<float>(gp.alpha()[i]) * prefix[i];
        for (Index j = 0; j <= i; ++j)
          rows[i / kRows * kRows * padded + j * kRows + i % kRows] =
              static_cast<float>(inverse(i, j)) * prefix[j];
      }
      std::fill(mean.begin(), mean.end(), static_cast<float>(meanOffset));
      for (Index i = 0; i < n; ++i) {
        const float *table = &suffixTable[i * stride];
        for (int64_t b = 0; b < stride; ++b)
          mean[b] += weights[i] * table[b];
      }
      const float *trendAt = hasTrend ? &prediction[a * suffixes] : nullptr;
      for (int64_t b = 0; b < suffixes; b += kLanes) {
        int64_t count = std::min(kLanes, suffixes - b);
        float m[kLanes] = {};
        if (trendAt)
          std::copy_n(trendAt + b, count, m);
        sumOfSquares(rows.data(), padded, &suffixTable[b], stride, trend.data(), offset.data(),
                     hasTrend ? m : none, squares);
        for (int64_t l = 0; l < count; ++l) {
          mean[b + l] += static_cast<float>(meanOfTrend) * m[l];
          float variance =
              static_cast<float>(scale + o2) + static_cast<float>(s2) * m[l] * m[l] - squares[l];
          sd[b + l] = std::sqrt(std::max(1e-7f, variance));
        }
      }
      visit(thread, a * suffixes, suffixes, mean.data(), sd.data());
    }
  });
}
