//===- Throughput.cpp - How fast this machine multiplies ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Throughput.h"
#include "Torch.h"
#include <algorithm>
#include <chrono>
#include <cmath>

using namespace cat;

double torcheval::measureMatmul(int64_t size) {
  torch::NoGradGuard noGradients;
  torch::Tensor a = torch::ones({size, size}), b = torch::ones({size, size});
  double best = 0;
  // The first try wakes the library up; a slow one takes 50 ms.
  for (int i = 0; i < 6; ++i) {
    auto begin = std::chrono::steady_clock::now();
    torch::Tensor product = torch::matmul(a, b);
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::max(best, 2 * std::pow(static_cast<double>(size), 3) / took.count());
  }
  return best;
}

std::optional<std::string> torcheval::adviseOnMatmul(double rate) {
  if (rate >= kSlowMatmul)
    return std::nullopt;
  char text[300];
  std::snprintf(
      text, sizeof text,
      "matrix products run at %.1f GFLOP/s, and a tuned BLAS reaches more than %.0f: install "
      "libopenblas0-pthread and select it with 'update-alternatives --config "
      "libblas.so.3-x86_64-linux-gnu'",
      rate / 1e9, kSlowMatmul / 1e9);
  return text;
}
