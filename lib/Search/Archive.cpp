//===- Archive.cpp - Non-dominated points during a sweep ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Archive.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat::search;

Archive::Archive(const std::vector<Interval> &ranges) : dims(ranges.size()) {
  points.dims = dims;
  if (dims == 2 && ranges[0].finite() && ranges[0].hi > ranges[0].lo) {
    lowestBelow.assign(kBuckets, std::numeric_limits<double>::infinity());
    gridBegin = ranges[0].lo;
    gridScale = kBuckets / (ranges[0].hi - ranges[0].lo);
  }
}

bool Archive::beatenSlowly(const double *lower) const {
  switch (dims) {
  case 0:
    return true;
  case 1:
    return best <= lower[0];
  case 2:
    return stairs.weaklyDominates(lower[0], lower[1]);
  default:
    for (size_t i = 0; i < points.size(); ++i) {
      const double *p = points.point(i);
      if (weaklyDominates(p, lower, dims))
        return true;
    }
    return false;
  }
}

bool Archive::insert(const double *point) {
  switch (dims) {
  case 0:
    if (any)
      return false;
    break;
  case 1:
    if (any && best <= point[0])
      return false;
    best = point[0];
    break;
  case 2: {
    if (!stairs.insert(point[0], point[1]))
      return false;
    if (lowestBelow.empty())
      break;
    // Two buckets of distance keep the rounding of the index out of the argument.
    double bucket = std::max(0.0, (point[0] - gridBegin) * gridScale) + 2;
    for (auto b = static_cast<size_t>(std::min(bucket, 1e9));
         b < lowestBelow.size() && lowestBelow[b] > point[1]; ++b)
      lowestBelow[b] = point[1];
    break;
  }
  default: {
    size_t kept = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      const double *p = points.point(i);
      if (weaklyDominates(p, point, dims))
        return false;
      if (weaklyDominates(point, p, dims))
        continue;
      std::copy_n(p, dims, points.values.begin() + kept++ * dims);
    }
    points.values.resize(kept * dims);
    points.add(point);
  }
  }
  any = true;
  return true;
}
