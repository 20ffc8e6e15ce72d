//===- Oracle.cpp - The best that so many models can reach ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Oracle.h"
#include "Search/Hypervolume.h"
#include "Search/Subset.h"
#include "Support/Check.h"
#include <algorithm>
#include <limits>

using namespace cat::search;

std::vector<double>
cat::search::greedyModelHypervolumes(const Problem &problem, const ModelFronts &fronts,
                                     const Front &front, const std::vector<Evaluation> &evaluations,
                                     const std::vector<double> &reference, size_t count) {
  std::vector<ModelId> models;
  models.reserve(front.points.size());
  for (const FrontPoint &point : front.points)
    models.push_back(point.model);
  std::sort(models.begin(), models.end());
  models.erase(std::unique(models.begin(), models.end()), models.end());

  std::vector<FrontPoint> chosen;
  double volume = 0;
  auto with = [&](ModelId model) {
    std::vector<FrontPoint> points = fronts.front(model, evaluations[model]);
    points.insert(points.end(), chosen.begin(), chosen.end());
    return nondominated(problem, std::move(points));
  };
  // Gains only shrink, so an old gain is a bound (Minoux 1978).
  struct Entry {
    double gain;
    ModelId model;
    size_t at;
  };
  auto worse = [](const Entry &a, const Entry &b) {
    return a.gain != b.gain ? a.gain < b.gain : a.model > b.model;
  };
  std::vector<Entry> heap;
  heap.reserve(models.size());
  for (ModelId model : models)
    heap.push_back({std::numeric_limits<double>::infinity(), model, count});
  std::vector<double> volumes;
  while (volumes.size() < count && !heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), worse);
    Entry top = heap.back();
    heap.pop_back();
    std::vector<FrontPoint> points = with(top.model);
    if (top.at == volumes.size()) {
      chosen = std::move(points);
      volume = hypervolume(problem.goals, chosen, reference);
      volumes.push_back(volume);
      continue;
    }
    heap.push_back(
        {hypervolume(problem.goals, points, reference) - volume, top.model, volumes.size()});
    std::push_heap(heap.begin(), heap.end(), worse);
  }
  return volumes;
}

std::vector<double> cat::search::bestSubsetHypervolumes(const std::vector<Goal> &goals,
                                                        const std::vector<FrontPoint> &points,
                                                        const std::vector<double> &reference,
                                                        size_t count) {
  CATC_CHECK(goals.size() == 2, "dynamic programming over a front needs two goals");
  double refX = minimised(goals[0], reference[0]), refY = minimised(goals[1], reference[1]);
  Staircase stairs;
  for (const FrontPoint &point : points) {
    double x = minimised(goals[0], point.goals[0]), y = minimised(goals[1], point.goals[1]);
    if (x < refX && y < refY)
      stairs.insert(x, y);
  }
  // best[i]: largest volume of k points, the last (largest x, least y) of which is i. A further
  // point adds its strip below the last.
  size_t n = stairs.size();
  std::vector<double> best(n), next(n), volumes;
  for (size_t i = 0; i < n; ++i)
    best[i] = (refX - stairs.x(i)) * (refY - stairs.y(i));
  for (size_t k = 1; k <= std::min(count, n); ++k) {
    volumes.push_back(*std::max_element(best.begin(), best.end()));
    for (size_t i = 0; i < n; ++i) {
      next[i] = best[i];
      for (size_t j = 0; j < i; ++j)
        next[i] = std::max(next[i], best[j] + (refX - stairs.x(i)) * (stairs.y(j) - stairs.y(i)));
    }
    best.swap(next);
  }
  return volumes;
}
