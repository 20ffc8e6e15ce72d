//===- Lbfgs.cpp - Minimisation with limited memory -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Lbfgs.h"
#include <cmath>
#include <deque>
#include <vector>

using namespace cat::search;
using Eigen::VectorXd;

double cat::search::minimiseLbfgs(const std::function<double(const VectorXd &, VectorXd &)> &f,
                                  VectorXd &x, const LbfgsOptions &options) {
  struct Pair {
    VectorXd step, change;
    double rho;
  };
  std::deque<Pair> history;
  VectorXd gradient(x.size()), nextGradient(x.size()), next;
  double value = f(x, gradient);
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    if (!(gradient.cwiseAbs().maxCoeff() > options.gradientTolerance))
      break;
    VectorXd direction = -gradient;
    std::vector<double> a(history.size());
    for (size_t i = history.size(); i-- > 0;) {
      a[i] = history[i].rho * history[i].step.dot(direction);
      direction -= a[i] * history[i].change;
    }
    if (!history.empty())
      direction /= history.back().rho * history.back().change.squaredNorm();
    for (size_t i = 0; i < history.size(); ++i)
      direction += (a[i] - history[i].rho * history[i].change.dot(direction)) * history[i].step;
    double slope = direction.dot(gradient);
    if (!(slope < 0)) {
      direction = -gradient;
      slope = -gradient.squaredNorm();
      history.clear();
    }
    // The first step has no scale of its own: a unit step at most.
    double scale = history.empty() ? std::min(1.0, 1 / gradient.norm()) : 1;
    scale = std::min(scale, options.largestStep / direction.cwiseAbs().maxCoeff());
    double nextValue = 0;
    bool found = false;
    for (int halving = 0; halving < 30 && !found; ++halving, scale *= 0.5) {
      next = x + scale * direction;
      nextValue = f(next, nextGradient);
      // Armijo's condition; false also for NaN.
      found = nextValue <= value + 1e-4 * scale * slope;
    }
    if (!found)
      break;
    VectorXd step = next - x, change = nextGradient - gradient;
    double curvature = step.dot(change);
    if (curvature > 1e-10 * step.norm() * change.norm()) {
      history.push_back({step, change, 1 / curvature});
      if (history.size() > static_cast<size_t>(options.memory))
        history.pop_front();
    }
    double decrease = value - nextValue;
    x = next;
    gradient = nextGradient;
    value = nextValue;
    if (decrease <= options.valueTolerance * (std::fabs(value) + 1))
      break;
  }
  return value;
}
