//===- catc_gemm.h - The matrix product of a cluster, for HLS ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One cluster of the accelerator as a kernel for high-level synthesis: batch x (M x K) * (K x N)
// with INT8 operands, 32-bit sums, requantisation, and an optional table and residual sum while
// results leave. Loop orders, operand layouts and every bit of the results are those of hw/rtl
// (hw/README.md); arithmetic is that of lib/Int8.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_GEMM_H
#define CATC_GEMM_H

#include "catc_config.h"
#include <cstdint>

namespace catc {

/// Rows of kWidth bytes in front of the weights of a column step: eight bytes for one lane after
/// the other, bias (4, little-endian), multiplier (2), shift, zero point.
constexpr int kParameterRows = 8;

enum Hold { kHoldNeither = 0, kHoldInput = 1, kHoldWeight = 2 };

/// One cluster's share of a product.
struct Shape {
  int32_t batch;
  int32_t rows;         ///< M
  int32_t chunk_rows;   ///< rows of a chunk; the last may have less
  int32_t column_steps; ///< ceil(N / kWidth)
  int32_t depth_steps;  ///< ceil(K / kDepth)
  int32_t hold;
  bool weights_per_item; ///< the stationary operand is an activation, another for each batch item
  bool table, residual;
  /// Of the residual sum: result times multiplier_a, residual times multiplier_b.
  uint16_t multiplier_a, multiplier_b;
  int32_t offset;
};

} // namespace catc

/// Operands lie in the order in which they are sent: `a` as [batch][chunk][depth
/// step][row][kDepth], `w` as [batch if per item][column step][8 rows of constants, then depth
/// step, kDepth rows][kWidth], `residual` and `z` as [batch][chunk][column step][row][kWidth] (or,
/// holding weights, [batch][column step][chunk][row][kWidth]). `table` has 256 bytes.
extern "C" void catc_gemm(const catc::Shape &shape, const int8_t *a, const int8_t *w,
                          const int8_t *table, const int8_t *residual, int8_t *z);

#endif // CATC_GEMM_H
