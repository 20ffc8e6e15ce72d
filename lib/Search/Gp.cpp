//===- Gp.cpp - Gaussian process regression -------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Gp.h"
#include "Search/Lbfgs.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat::search;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

static constexpr double kLogTwoPi = 1.8378770664093453;
static constexpr double kSqrt5 = 2.23606797749979;
static constexpr double kLeastLengthscale = 0.025, kLeastNoise = 1e-4;

//===----------------------------------------------------------------------===//
// Kernel
//===----------------------------------------------------------------------===//

static Index categoricalCount(const Kernel &kernel) {
  return std::count_if(kernel.categorical.begin(), kernel.categorical.end(),
                       [](char c) { return c != 0; });
}

static bool isCategorical(const Kernel &kernel, Index dimension) {
  return static_cast<size_t>(dimension) < kernel.categorical.size() &&
         kernel.categorical[dimension];
}

double Kernel::operator()(const Eigen::Ref<const VectorXd> &a, const Eigen::Ref<const VectorXd> &b,
                          const VectorXd &lengthscale) const {
  double square = 0, mismatch = 0;
  for (Index k = 0; k < a.size(); ++k) {
    if (isCategorical(*this, k)) {
      mismatch += a[k] != b[k] ? 1 / lengthscale[k] : 0;
    } else {
      double d = (a[k] - b[k]) / lengthscale[k];
      square += d * d;
    }
  }
  double value;
  if (kind == KernelKind::SquaredExponential) {
    value = std::exp(-0.5 * square);
  } else {
    double r = kSqrt5 * std::sqrt(square);
    value = (1 + r + r * r / 3) * std::exp(-r);
  }
  return mismatch > 0 ? value * std::exp(-mismatch / static_cast<double>(categoricalCount(*this)))
                      : value;
}

namespace {

/// The unit-variance kernel matrix and what its derivatives need.
struct KernelMatrix {
  MatrixXd value;
  /// d value / d ln l_k = slope .* ((x_k - x_k') / l_k)^2 for numeric dimensions.
  MatrixXd slope;
};

} // namespace

static KernelMatrix kernelMatrix(const Kernel &kernel, const MatrixXd &x,
                                 const VectorXd &lengthscale) {
  Index n = x.cols();
  KernelMatrix k{MatrixXd(n, n), MatrixXd(n, n)};
  Index categories = categoricalCount(kernel);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j) {
      double square = 0, mismatch = 0;
      for (Index d = 0; d < x.rows(); ++d) {
        if (isCategorical(kernel, d)) {
          mismatch += x(d, i) != x(d, j) ? 1 / lengthscale[d] : 0;
        } else {
          double difference = (x(d, i) - x(d, j)) / lengthscale[d];
          square += difference * difference;
        }
      }
      double value, slope;
      if (kernel.kind == KernelKind::SquaredExponential) {
        value = slope = std::exp(-0.5 * square);
      } else {
        double r = kSqrt5 * std::sqrt(square), decay = std::exp(-r);
        value = (1 + r + r * r / 3) * decay;
        slope = 5.0 / 3.0 * (1 + r) * decay;
      }
      double factor = mismatch > 0 ? std::exp(-mismatch / static_cast<double>(categories)) : 1;
      k.value(i, j) = k.value(j, i) = value * factor;
      k.slope(i, j) = k.slope(j, i) = slope * factor;
    }
  return k;
}

//===----------------------------------------------------------------------===//
// Likelihood
//===----------------------------------------------------------------------===//

/// The covariance of the observations: kernel, trend and noise.
static MatrixXd covariance(const GpData &data, const GpParameters &p, const MatrixXd &unit) {
  Index n = data.y.size();
  MatrixXd k = std::exp(p.logOutputScale) * unit;
  if (data.prediction.size()) {
    k += data.trendScale * data.trendScale * data.prediction * data.prediction.transpose();
    k.array() += data.trendOffset * data.trendOffset;
  }
  if (data.noiseVariance.size())
    k.diagonal() += data.noiseVariance;
  else
    k.diagonal() += VectorXd::Constant(n, std::exp(p.logNoise));
  return k;
}

static VectorXd residual(const GpData &data, const GpParameters &p) {
  VectorXd r = data.y.array() - p.mean;
  if (data.prediction.size())
    r -= data.prediction;
  return r;
}

double cat::search::logMarginalLikelihood(const Kernel &kernel, const GpData &data,
                                          const GpParameters &p, GpParameters *gradient) {
  Index n = data.y.size(), dims = data.x.rows();
  VectorXd lengthscale = p.logLengthscale.array().exp();
  KernelMatrix unit = kernelMatrix(kernel, data.x, lengthscale);
  Eigen::LLT<MatrixXd> factor(covariance(data, p, unit.value));
  if (factor.info() != Eigen::Success)
    return -std::numeric_limits<double>::infinity();
  VectorXd alpha = factor.solve(residual(data, p));
  double value = -0.5 * residual(data, p).dot(alpha) - 0.5 * static_cast<double>(n) * kLogTwoPi;
  for (Index i = 0; i < n; ++i)
    value -= std::log(factor.matrixLLT()(i, i));
  if (!gradient)
    return value;

  // d/dt = 1/2 tr((alpha alpha' - K^-1) dK/dt) (Rasmussen and Williams 2006, equation 5.9).
  MatrixXd w = alpha * alpha.transpose() - factor.solve(MatrixXd::Identity(n, n));
  double scale = std::exp(p.logOutputScale);
  MatrixXd wk = w.cwiseProduct(unit.value) * scale, ws = w.cwiseProduct(unit.slope) * scale;
  gradient->logLengthscale.resize(dims);
  VectorXd rowSum = ws.rowwise().sum();
  double categories = static_cast<double>(categoricalCount(kernel));
  for (Index d = 0; d < dims; ++d) {
    VectorXd x = data.x.row(d).transpose();
    double sum = 0;
    if (isCategorical(kernel, d)) {
      for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < n; ++j)
          sum += x[i] != x[j] ? wk(i, j) : 0;
      gradient->logLengthscale[d] = 0.5 * sum / (categories * lengthscale[d]);
    } else {
      // sum_ij ws_ij (x_i - x_j)^2, from the symmetry of ws.
      sum = 2 * (rowSum.dot(x.cwiseAbs2()) - x.dot(ws * x));
      gradient->logLengthscale[d] = 0.5 * sum / (lengthscale[d] * lengthscale[d]);
    }
  }
  gradient->logOutputScale = 0.5 * wk.sum();
  gradient->logNoise = data.noiseVariance.size() ? 0 : 0.5 * w.trace() * std::exp(p.logNoise);
  gradient->mean = alpha.sum();
  return value;
}

//===----------------------------------------------------------------------===//
// Priors
//===----------------------------------------------------------------------===//

/// Log density of a normal at x, and its derivative.
static double logNormal(double x, double mean, double sd, double *slope = nullptr) {
  double z = (x - mean) / sd;
  if (slope)
    *slope = -z / sd;
  return -0.5 * z * z - std::log(sd) - 0.5 * kLogTwoPi;
}

static double lengthscaleLocation(Index dims) {
  return std::sqrt(2.0) + 0.5 * std::log(static_cast<double>(dims));
}

double cat::search::logLengthscalePrior(double lengthscale, int dims) {
  double l = std::log(lengthscale);
  return logNormal(l, lengthscaleLocation(dims), std::sqrt(3.0)) - l;
}

double cat::search::logNoisePrior(double variance) {
  return logNormal(std::log(variance), -4, 1) - std::log(variance);
}

//===----------------------------------------------------------------------===//
// Fit
//===----------------------------------------------------------------------===//

namespace {

/// The free parameters as one unconstrained vector: lengthscales and noise stay above their least
/// values by an offset.
class Objective {
public:
  Objective(const Kernel &kernel, const GpData &data)
      : kernel(kernel), data(data), dims(data.x.rows()),
        noiseFitted(data.noiseVariance.size() == 0), hasTrend(data.prediction.size() != 0) {}

  VectorXd pack(const GpParameters &p) const {
    VectorXd v(dims + 2);
    for (Index d = 0; d < dims; ++d)
      v[d] = std::log(std::max(1e-6, std::exp(p.logLengthscale[d]) - kLeastLengthscale));
    v[dims] = noiseFitted ? std::log(std::max(1e-8, std::exp(p.logNoise) - kLeastNoise)) : 0;
    v[dims + 1] = hasTrend ? 0.5 * p.logOutputScale : p.mean;
    return v;
  }

  GpParameters unpack(const VectorXd &v) const {
    GpParameters p;
    p.logLengthscale = (v.head(dims).array().exp() + kLeastLengthscale).log();
    p.logNoise = noiseFitted ? std::log(std::exp(v[dims]) + kLeastNoise) : 0;
    (hasTrend ? p.logOutputScale : p.mean) = hasTrend ? 2 * v[dims + 1] : v[dims + 1];
    return p;
  }

  /// Minus the log posterior, up to a constant.
  double operator()(const VectorXd &v, VectorXd &slope) const {
    GpParameters p = unpack(v), g;
    double value = logMarginalLikelihood(kernel, data, p, &g);
    slope.setZero(v.size());
    if (!std::isfinite(value))
      return std::numeric_limits<double>::infinity();
    double location = lengthscaleLocation(dims), s = 0;
    for (Index d = 0; d < dims; ++d) {
      // The density of l itself, as BoTorch has it: minus log l.
      value += logNormal(p.logLengthscale[d], location, std::sqrt(3.0), &s) - p.logLengthscale[d];
      double chain = std::exp(v[d] - p.logLengthscale[d]);
      slope[d] = -(g.logLengthscale[d] + s - 1) * chain;
    }
    if (noiseFitted) {
      value += logNormal(p.logNoise, -4, 1, &s) - p.logNoise;
      slope[dims] = -(g.logNoise + s - 1) * std::exp(v[dims] - p.logNoise);
    }
    if (hasTrend) {
      value += logNormal(v[dims + 1], -1.2, 1, &s);
      slope[dims + 1] = -(2 * g.logOutputScale + s);
    } else {
      slope[dims + 1] = -g.mean;
    }
    return -value;
  }

private:
  const Kernel &kernel;
  const GpData &data;
  Index dims;
  bool noiseFitted, hasTrend;
};

} // namespace

Gp Gp::fit(const Kernel &kernel, const GpData &data, const GpParameters *warmStart) {
  Objective objective(kernel, data);
  std::vector<GpParameters> starts;
  for (double lengthscale : {1.5, 0.5}) {
    GpParameters p;
    p.logLengthscale.setConstant(data.x.rows(), std::log(lengthscale));
    p.logNoise = std::log(3e-3);
    p.logOutputScale = data.prediction.size() ? -2.4 : 0;
    starts.push_back(p);
  }
  if (warmStart)
    starts.push_back(*warmStart);
  VectorXd best;
  double least = std::numeric_limits<double>::infinity();
  for (const GpParameters &start : starts) {
    VectorXd v = objective.pack(start);
    double value = minimiseLbfgs(objective, v);
    if (value < least || best.size() == 0) {
      least = value;
      best = v;
    }
  }
  return condition(kernel, data, objective.unpack(best));
}

Gp Gp::condition(const Kernel &kernel, const GpData &data, const GpParameters &parameters) {
  Gp gp(kernel, data);
  gp.params = parameters;
  VectorXd lengthscale = parameters.logLengthscale.array().exp();
  MatrixXd unit = kernelMatrix(kernel, data.x, lengthscale).value;
  gp.factor.compute(covariance(data, parameters, unit));
  CATC_CHECK(gp.factor.info() == Eigen::Success, "covariance is not positive definite");
  gp.weights = gp.factor.solve(residual(data, parameters));
  gp.noise = data.noiseVariance.size()
                 ? data.noiseVariance
                 : VectorXd::Constant(data.y.size(), std::exp(parameters.logNoise));
  return gp;
}

Gp::Prediction Gp::predict(const Eigen::Ref<const VectorXd> &x, double prediction) const {
  Index n = observations.y.size();
  VectorXd lengthscale = params.logLengthscale.array().exp();
  double scale = std::exp(params.logOutputScale);
  VectorXd k(n);
  for (Index i = 0; i < n; ++i)
    k[i] = scale * kern(x, observations.x.col(i), lengthscale);
  double mean = params.mean, variance = scale;
  if (observations.prediction.size()) {
    double s2 = observations.trendScale * observations.trendScale,
           o2 = observations.trendOffset * observations.trendOffset;
    k += s2 * prediction * observations.prediction;
    k.array() += o2;
    mean += prediction;
    variance += s2 * prediction * prediction + o2;
  }
  VectorXd v = factor.matrixL().solve(k);
  return {mean + k.dot(weights), std::max(0.0, variance - v.squaredNorm())};
}

double Gp::smoothed(Index i) const {
  // y - noise K^-1 (y - mean) is the posterior mean at an observed point.
  return observations.y[i] - noise[i] * weights[i];
}
