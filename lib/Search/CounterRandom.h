//===- CounterRandom.h - Random numbers keyed by what they are for -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_COUNTERRANDOM_H
#define CATC_SEARCH_COUNTERRANDOM_H

#include <cmath>
#include <cstdint>

namespace cat::search {

/// A stream that is a pure function of its key: SplitMix64 (Steele, Lea and Flood 2014) started at
/// a hash of (seed, trial). Nothing is carried from one trial to the next, so a resumed search
/// draws the same numbers.
class CounterRandom {
public:
  CounterRandom(uint64_t seed, uint64_t trial)
      : state(mix(seed + kGamma) ^ mix(mix(trial) + kGamma)) {}

  uint64_t next() {
    state += kGamma;
    return mix(state);
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Uniform in [0, n), n < 2^53.
  int64_t below(int64_t n) { return static_cast<int64_t>(uniform() * static_cast<double>(n)); }
  /// Standard normal (Box and Muller 1958).
  double normal() {
    double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

private:
  static constexpr uint64_t kGamma = 0x9E3779B97F4A7C15;
  static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t state;
};

} // namespace cat::search

#endif // CATC_SEARCH_COUNTERRANDOM_H
