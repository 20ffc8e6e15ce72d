//===- Parallel.h - Loops over independent chunks ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_PARALLEL_H
#define CATC_SEARCH_PARALLEL_H

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace cat::search {

/// Calls body(begin, end, thread) for chunks of [0, count) on `threads` threads, the caller's among
/// them. Which thread takes which chunk is not determined, so results must not depend on it.
template <typename Body>
void parallelFor(unsigned threads, int64_t count, int64_t chunk, const Body &body) {
  std::atomic<int64_t> next{0};
  auto run = [&](unsigned thread) {
    for (int64_t begin; (begin = next.fetch_add(chunk)) < count;)
      body(begin, std::min(count, begin + chunk), thread);
  };
  auto useful =
      static_cast<unsigned>(std::min<int64_t>(std::max(1u, threads), (count + chunk - 1) / chunk));
  std::vector<std::thread> others;
  for (unsigned t = 1; t < useful; ++t)
    others.emplace_back(run, t);
  run(0);
  for (std::thread &t : others)
    t.join();
}

} // namespace cat::search

#endif // CATC_SEARCH_PARALLEL_H
