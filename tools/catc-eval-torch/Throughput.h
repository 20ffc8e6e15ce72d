//===- Throughput.h - How fast this machine multiplies ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_THROUGHPUT_H
#define CATC_EVAL_TORCH_THROUGHPUT_H

#include <cstdint>
#include <optional>
#include <string>

namespace cat::torcheval {

/// Operations a second of a product of two square matrices in F32, the best of some tries; a
/// multiply-accumulate counts as two.
double measureMatmul(int64_t size = 512);

/// Below this rate libtorch multiplies with a reference BLAS (3 to 7 GFLOP/s), not a tuned one.
inline constexpr double kSlowMatmul = 20e9;

/// What to do about a slow rate; nothing if it is none.
std::optional<std::string> adviseOnMatmul(double rate);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_THROUGHPUT_H
