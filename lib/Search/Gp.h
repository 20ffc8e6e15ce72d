//===- Gp.h - Gaussian process regression -----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Regression on points in the unit cube with a known or fitted noise, and optionally a prediction
// whose scale and offset are marginalised: y(x) = mean + m(x) + rho m(x) + c + f(x) + noise, f ~
// GP(0, s k), rho ~ N(0, trendScale^2), c ~ N(0, trendOffset^2) (Rasmussen and Williams 2006,
// section 2.7).
//
// Priors are BoTorch's since 0.12 (Hvarfner, Hellsten and Nardi, ICML 2024): log lengthscale ~
// N(sqrt 2 + ln(d) / 2, 3), at least 0.025; log noise variance ~ N(-4, 1), at least 1e-4; no output
// scale, unless there is a prediction, whose residuals have one of their own: log sqrt(s) ~ N(-1.2,
// 1).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_GP_H
#define CATC_SEARCH_GP_H

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

namespace cat::search {

enum class KernelKind : uint8_t {
  SquaredExponential, ///< exp(-r^2 / 2); a product over dimensions
  Matern52,           ///< (1 + sqrt(5) r + 5 r^2 / 3) exp(-sqrt(5) r)
};

/// Which dimensions the kernel sees, and how. Categorical dimensions enter as exp(-mean over them
/// of [x != x'] / l).
struct Kernel {
  KernelKind kind = KernelKind::SquaredExponential;
  std::vector<char> categorical; ///< [dimension]

  /// k(a, b) with unit variance.
  double operator()(const Eigen::Ref<const Eigen::VectorXd> &a,
                    const Eigen::Ref<const Eigen::VectorXd> &b,
                    const Eigen::VectorXd &lengthscale) const;
};

/// Observations. Columns of x are points.
struct GpData {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  Eigen::VectorXd noiseVariance; ///< known, of each point; empty if the noise is to be fitted
  Eigen::VectorXd prediction;    ///< m at each point; empty if there is none
  double trendScale = 0.3, trendOffset = 0.5;
};

/// Logarithms, except the mean.
struct GpParameters {
  Eigen::VectorXd logLengthscale;
  double logOutputScale = 0;
  double logNoise = 0; ///< variance; not used if the noise is known
  double mean = 0;
};

/// ln p(y | x, parameters). If `gradient` is given, it receives the derivatives.
double logMarginalLikelihood(const Kernel &kernel, const GpData &data,
                             const GpParameters &parameters, GpParameters *gradient);

/// Log density of the priors on the original scale: lengthscale (LogNormal) in `dims` dimensions,
/// and noise variance.
double logLengthscalePrior(double lengthscale, int dims);
double logNoisePrior(double variance);

/// A posterior: parameters and what prediction needs of the data.
class Gp {
public:
  /// Maximises the posterior of the parameters by L-BFGS from fixed starting points, and from
  /// `warmStart` if given. A pure function of its arguments.
  static Gp fit(const Kernel &kernel, const GpData &data, const GpParameters *warmStart = nullptr);

  /// Conditions on the data with given parameters.
  static Gp condition(const Kernel &kernel, const GpData &data, const GpParameters &parameters);

  struct Prediction {
    double mean = 0, variance = 0; ///< of the value without noise
  };
  /// At point x whose prediction is `prediction` (ignored if the data has none).
  Prediction predict(const Eigen::Ref<const Eigen::VectorXd> &x, double prediction = 0) const;

  /// The value without noise at observation i.
  double smoothed(Eigen::Index i) const;

  const GpParameters &parameters() const { return params; }
  const GpData &data() const { return observations; }
  const Kernel &kernel() const { return kern; }
  const Eigen::VectorXd &alpha() const { return weights; } ///< K^-1 (y - mean - m)
  const Eigen::LLT<Eigen::MatrixXd> &cholesky() const {
    return factor;
  } ///< of K with noise and trend

private:
  Gp(const Kernel &kernel, const GpData &data) : kern(kernel), observations(data) {}

  Kernel kern;
  GpData observations;
  GpParameters params;
  Eigen::LLT<Eigen::MatrixXd> factor;
  Eigen::VectorXd weights, noise;
};

} // namespace cat::search

#endif // CATC_SEARCH_GP_H
