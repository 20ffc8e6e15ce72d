//===- GpTest.cpp - Gaussian process regression ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Gp.h"
#include "RandomProblems.h"
#include "References.h"
#include "Search/Lbfgs.h"
#include "Search/PosteriorScan.h"
#include <cmath>
#include <gtest/gtest.h>
#include <mutex>

using namespace cat::search;
using namespace cat::search::test;
using Eigen::MatrixXd;
using Eigen::VectorXd;

static VectorXd toVector(const std::vector<double> &v) {
  return Eigen::Map<const VectorXd>(v.data(), static_cast<Eigen::Index>(v.size()));
}

TEST(Gp, ReferencePosteriors) {
  CATC_REFERENCE_OR_SKIP(file, "search/reference_values.json");
  const llvm::json::Object &gp = *file->getAsObject()->getObject("gp");
  GpData data;
  std::vector<std::vector<double>> x = table(*gp.get("X")), xs = table(*gp.get("Xs"));
  data.x.resize(static_cast<Eigen::Index>(x[0].size()), static_cast<Eigen::Index>(x.size()));
  for (size_t i = 0; i < x.size(); ++i)
    data.x.col(static_cast<Eigen::Index>(i)) = toVector(x[i]);
  data.y = toVector(numbers(*gp.get("y")));
  GpParameters p;
  p.logLengthscale = toVector(numbers(*gp.get("lengthscales"))).array().log();
  p.logOutputScale = std::log(number(*gp.get("outputscale")));
  p.logNoise = std::log(number(*gp.get("noise_var")));
  for (auto [name, kind] : {std::pair{"matern52", KernelKind::Matern52},
                            std::pair{"rbf", KernelKind::SquaredExponential}}) {
    SCOPED_TRACE(name);
    const llvm::json::Object &expected = *gp.getObject(name);
    Kernel kernel;
    kernel.kind = kind;
    GpParameters gradient;
    double likelihood = logMarginalLikelihood(kernel, data, p, &gradient);
    const llvm::json::Value *precise = expected.get("lml_mp");
    EXPECT_NEAR(likelihood, number(precise ? *precise : *expected.get("lml")),
                precise ? 1e-11 : 1e-7);
    if (const llvm::json::Value *slopes = expected.get("lml_grad_log_params")) {
      std::vector<double> g = numbers(*slopes);
      for (Eigen::Index d = 0; d < 3; ++d)
        EXPECT_NEAR(gradient.logLengthscale[d], g[d], 1e-6);
      EXPECT_NEAR(gradient.logOutputScale, g[3], 1e-6);
      EXPECT_NEAR(gradient.logNoise, g[4], 1e-6);
    }
    Gp posterior = Gp::condition(kernel, data, p);
    std::vector<double> mean = numbers(*expected.get("mean")),
                        variance = numbers(*expected.get("latent_var"));
    for (size_t i = 0; i < xs.size(); ++i) {
      Gp::Prediction at = posterior.predict(toVector(xs[i]));
      EXPECT_NEAR(at.mean, mean[i], 1e-6);
      EXPECT_NEAR(at.variance, variance[i], 1e-6);
    }
  }
}

TEST(Gp, ReferencePriors) {
  CATC_REFERENCE_OR_SKIP(file, "search/reference_values.json");
  const llvm::json::Object &priors = *file->getAsObject()->getObject("priors");
  for (const llvm::json::Value &row : *priors.getArray("lengthscale_logpdf")) {
    const llvm::json::Object &o = *row.getAsObject();
    EXPECT_NEAR(logLengthscalePrior(number(*o.get("l")), static_cast<int>(number(*o.get("d")))),
                number(*o.get("logpdf")), 1e-12);
  }
  for (const llvm::json::Value &row : *priors.getArray("noise_logpdf")) {
    const llvm::json::Object &o = *row.getAsObject();
    EXPECT_NEAR(logNoisePrior(number(*o.get("v"))), number(*o.get("logpdf")), 1e-12);
  }
}

namespace {

/// Data with every feature: a categorical dimension, known noise or none, a prediction or none.
struct Case {
  Kernel kernel;
  GpData data;
  GpParameters parameters;
};

} // namespace

static Case randomCase(Dice &dice, bool matern, bool knownNoise, bool trend) {
  Case c;
  c.kernel.kind = matern ? KernelKind::Matern52 : KernelKind::SquaredExponential;
  c.kernel.categorical = {0, 0, 1, 1};
  Eigen::Index n = 12;
  c.data.x.resize(4, n);
  c.data.y.resize(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    c.data.x.col(i) << dice.uniform(), dice.uniform(), static_cast<double>(dice.below(3)) / 2,
        static_cast<double>(dice.below(2));
    c.data.y[i] = dice.normal();
  }
  if (knownNoise) {
    c.data.noiseVariance.resize(n);
    for (Eigen::Index i = 0; i < n; ++i)
      c.data.noiseVariance[i] = 0.01 + 0.1 * dice.uniform();
  }
  if (trend) {
    c.data.prediction.resize(n);
    for (Eigen::Index i = 0; i < n; ++i)
      c.data.prediction[i] = dice.normal();
  }
  c.parameters.logLengthscale.resize(4);
  for (Eigen::Index d = 0; d < 4; ++d)
    c.parameters.logLengthscale[d] = dice.uniform() - 0.5;
  c.parameters.logOutputScale = dice.uniform() - 0.5;
  c.parameters.logNoise = -3 + dice.uniform();
  c.parameters.mean = dice.normal();
  return c;
}

TEST(Gp, GradientEqualsFiniteDifferences) {
  for (int variant = 0; variant < 8; ++variant) {
    Dice dice(variant);
    Case c = randomCase(dice, variant & 1, variant & 2, variant & 4);
    GpParameters g;
    logMarginalLikelihood(c.kernel, c.data, c.parameters, &g);
    auto slope = [&](double &parameter) {
      constexpr double kStep = 1e-5;
      double at = parameter;
      parameter = at + kStep;
      double above = logMarginalLikelihood(c.kernel, c.data, c.parameters, nullptr);
      parameter = at - kStep;
      double below = logMarginalLikelihood(c.kernel, c.data, c.parameters, nullptr);
      parameter = at;
      return (above - below) / (2 * kStep);
    };
    for (Eigen::Index d = 0; d < 4; ++d)
      EXPECT_NEAR(g.logLengthscale[d], slope(c.parameters.logLengthscale[d]), 1e-6);
    EXPECT_NEAR(g.logOutputScale, slope(c.parameters.logOutputScale), 1e-6);
    EXPECT_NEAR(g.logNoise, slope(c.parameters.logNoise), 1e-6);
    EXPECT_NEAR(g.mean, slope(c.parameters.mean), 1e-6);
  }
}

/// The trend marginalised by hand: y - m = [m 1] beta + f, beta ~ N(0, diag), as a joint Gaussian
/// over data and test point.
TEST(Gp, TrendEqualsTheJointGaussian) {
  Dice dice(9);
  Case c = randomCase(dice, false, true, true);
  c.parameters.mean = 0;
  Gp gp = Gp::condition(c.kernel, c.data, c.parameters);
  VectorXd x(4), l = c.parameters.logLengthscale.array().exp();
  x << 0.3, 0.6, 0.5, 1;
  double prediction = 0.7, s = std::exp(c.parameters.logOutputScale);
  Eigen::Index n = c.data.y.size();
  auto covariance = [&](const VectorXd &a, double ma, const VectorXd &b, double mb) {
    return s * c.kernel(a, b, l) + 0.09 * ma * mb + 0.25;
  };
  MatrixXd k(n, n);
  VectorXd kx(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j)
      k(i, j) =
          covariance(c.data.x.col(i), c.data.prediction[i], c.data.x.col(j), c.data.prediction[j]);
    k(i, i) += c.data.noiseVariance[i];
    kx[i] = covariance(x, prediction, c.data.x.col(i), c.data.prediction[i]);
  }
  MatrixXd inverse = k.inverse();
  Gp::Prediction at = gp.predict(x, prediction);
  EXPECT_NEAR(at.mean, prediction + kx.dot(inverse * (c.data.y - c.data.prediction)), 1e-9);
  EXPECT_NEAR(at.variance, covariance(x, prediction, x, prediction) - kx.dot(inverse * kx), 1e-9);
  // At an observation the smoothed value is the prediction there.
  EXPECT_NEAR(gp.smoothed(3), gp.predict(c.data.x.col(3), c.data.prediction[3]).mean, 1e-9);
}

TEST(Gp, FitFindsWhatGeneratedTheData) {
  // A smooth function of the first of three dimensions with little noise.
  Dice dice(4);
  GpData data;
  data.x.resize(3, 40);
  data.y.resize(40);
  for (Eigen::Index i = 0; i < 40; ++i) {
    data.x.col(i) << dice.uniform(), dice.uniform(), dice.uniform();
    data.y[i] = std::sin(6 * data.x(0, i)) * 1.4 + 0.01 * dice.normal();
  }
  Gp gp = Gp::fit({KernelKind::SquaredExponential, {}}, data);
  VectorXd l = gp.parameters().logLengthscale.array().exp();
  EXPECT_LT(l[0], 0.6);
  EXPECT_GT(l[1], 2 * l[0]);
  EXPECT_GT(l[2], 2 * l[0]);
  EXPECT_LT(std::exp(gp.parameters().logNoise), 0.01);
  for (double at : {0.2, 0.5, 0.8}) {
    VectorXd x(3);
    x << at, 0.5, 0.5;
    Gp::Prediction p = gp.predict(x);
    EXPECT_NEAR(p.mean, std::sin(6 * at) * 1.4, 0.1);
    EXPECT_GE(p.variance, 0);
  }
  // The maximum cannot be left uphill: every neighbour is worse.
  Gp again = Gp::fit({KernelKind::SquaredExponential, {}}, data, &gp.parameters());
  EXPECT_NEAR(again.parameters().logLengthscale[0], gp.parameters().logLengthscale[0], 0.05);
}

TEST(Lbfgs, FindsTheMinimumOfRosenbrock) {
  VectorXd x(4);
  x << -1.2, 1, -1.2, 1;
  LbfgsOptions options;
  options.iterations = 300;
  options.gradientTolerance = 1e-8;
  options.valueTolerance = 0;
  double least = minimiseLbfgs(
      [](const VectorXd &v, VectorXd &g) {
        double sum = 0;
        g.setZero(v.size());
        for (Eigen::Index i = 0; i + 1 < v.size(); ++i) {
          double a = v[i + 1] - v[i] * v[i], b = 1 - v[i];
          sum += 100 * a * a + b * b;
          g[i] += -400 * a * v[i] - 2 * b;
          g[i + 1] += 200 * a;
        }
        return sum;
      },
      x, options);
  EXPECT_LT(least, 1e-12);
  EXPECT_NEAR(x[3], 1, 1e-5);
}

/// The scan must agree with predict() at every model, within single precision.
TEST(PosteriorScan, EqualsPredict) {
  for (int variant = 0; variant < 4; ++variant) {
    Dice dice(variant + 20);
    bool trend = variant & 1;
    Problem problem;
    problem.parameters = {{{1, 2, 3}, false},
                          {{0, 1}, true},
                          {{5}, false},
                          {{1, 2, 3, 4, 5}, false},
                          {{0, 1, 2}, true}};
    if (variant & 2)
      problem.parameters.resize(2);
    int64_t models = problem.modelCount();
    std::vector<float> prediction;
    for (int64_t m = 0; trend && m < models; ++m)
      prediction.push_back(static_cast<float>(dice.normal()));
    GpData data;
    Eigen::Index n = 7;
    data.x.resize(static_cast<Eigen::Index>(problem.parameters.size()), n);
    data.y.resize(n);
    if (trend)
      data.prediction.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      ModelId m = dice.below(models);
      data.x.col(i) = unitCoordinates(problem, m);
      data.y[i] = dice.normal();
      if (trend)
        data.prediction[i] = prediction[m];
    }
    GpParameters p;
    p.logLengthscale.setConstant(data.x.rows(), -0.3);
    p.logNoise = -2;
    p.logOutputScale = trend ? 0.4 : 0;
    p.mean = trend ? 0 : 0.3;
    Kernel kernel;
    for (const Parameter &parameter : problem.parameters)
      kernel.categorical.push_back(parameter.categorical);
    Gp gp = Gp::condition(kernel, data, p);
    std::vector<int> seen(models, 0);
    std::mutex mutex;
    PosteriorScan(problem).run(
        gp, prediction, 3,
        [&](unsigned, ModelId begin, int64_t count, const float *mean, const float *sd) {
          std::lock_guard<std::mutex> lock(mutex);
          for (int64_t i = 0; i < count; ++i) {
            ModelId m = begin + i;
            ++seen[m];
            Gp::Prediction at = gp.predict(unitCoordinates(problem, m), trend ? prediction[m] : 0);
            EXPECT_NEAR(mean[i], at.mean, 1e-5);
            EXPECT_NEAR(sd[i], std::sqrt(at.variance), 1e-4);
          }
        });
    for (int count : seen)
      EXPECT_EQ(count, 1);
  }
}
