//===- catc_gemm.cpp - The matrix product of a cluster, for HLS -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "catc_gemm.h"

// Labels name the loops in Vitis's reports and directives; no statement goes to them.
#pragma GCC diagnostic ignored "-Wunused-label"

using namespace catc;

namespace {

/// floor(value / 2^shift), also of negative numbers.
int64_t shiftRight(int64_t value, int shift) {
#pragma HLS INLINE
  return value >= 0 ? value >> shift : ~(~value >> shift);
}

/// value / 2^shift to the nearest whole number, halves up.
int64_t shiftRounding(int64_t value, int shift) {
#pragma HLS INLINE
  return shift ? shiftRight(shiftRight(value, shift - 1) + 1, 1) : value;
}

int64_t clampTo(int64_t value, int bits) {
#pragma HLS INLINE
  int64_t limit = int64_t(1) << (bits - 1);
  return value < -limit ? -limit : value >= limit ? limit - 1 : value;
}

/// lib/Int8/Requantize.h.
int8_t requantize(int32_t sum, int32_t bias, uint16_t multiplier, int shift, int8_t zeroPoint) {
#pragma HLS INLINE
  constexpr int kFinalShift = 22;
  int64_t exact = int64_t(sum) + bias;
  int64_t aligned = shift <= kFinalShift ? exact * (int64_t(1) << (kFinalShift - shift))
                                         : shiftRounding(exact, shift - kFinalShift);
  int64_t product = clampTo(aligned, 16) * multiplier;
  return static_cast<int8_t>(clampTo(shiftRounding(product, kFinalShift) + zeroPoint, 8));
}

/// lib/Int8/Pointwise.h.
int8_t addResidual(int8_t x, int8_t residual, const Shape &shape) {
#pragma HLS INLINE
  constexpr int kRatioBits = 11;
  int64_t sum = int64_t(x) * shape.multiplier_a + int64_t(residual) * shape.multiplier_b;
  return static_cast<int8_t>(clampTo(shiftRight(sum + shape.offset, kRatioBits), 8));
}

} // namespace

extern "C" void catc_gemm(const Shape &shape, const int8_t *a, const int8_t *w, const int8_t *table,
                          const int8_t *residual, int8_t *z) {
#pragma HLS INTERFACE m_axi port = a bundle = inputs
#pragma HLS INTERFACE m_axi port = w bundle = weights
#pragma HLS INTERFACE m_axi port = table bundle = weights
#pragma HLS INTERFACE m_axi port = residual bundle = inputs
#pragma HLS INTERFACE m_axi port = z bundle = results
#pragma HLS INTERFACE s_axilite port = shape
#pragma HLS INTERFACE s_axilite port = return

  static int8_t inputs[kInputWords][kDepth]; // the chunk that is held
  static int8_t weights[kDepth][kWidth];     // in the array
  static int32_t sums[kAccumulatorRows][kWidth];
  int8_t constants[kWidth][kParameterRows];
  int8_t function[256];
#pragma HLS ARRAY_PARTITION variable = inputs complete dim = 2
#pragma HLS ARRAY_PARTITION variable = weights complete dim = 0
#pragma HLS ARRAY_PARTITION variable = sums complete dim = 2
#pragma HLS ARRAY_PARTITION variable = constants complete dim = 0

  if (shape.table)
    for (int i = 0; i < 256; ++i)
      function[i] = table[i];

  const int32_t chunks = (shape.rows + shape.chunk_rows - 1) / shape.chunk_rows;
  const int64_t tileBytes = int64_t(kParameterRows + shape.depth_steps * kDepth) * kWidth;
  const bool weightOrder = shape.hold == kHoldWeight;
  const int32_t outer = weightOrder ? shape.column_steps : chunks;
  const int32_t inner = weightOrder ? chunks : shape.column_steps;
  int64_t done = 0; // results and residuals lie in the order of the tiles

items:
  for (int32_t item = 0; item < shape.batch; ++item) {
  outer:
    for (int32_t i = 0; i < outer; ++i) {
    inner:
      for (int32_t j = 0; j < inner; ++j) {
        const int32_t chunk = weightOrder ? j : i, step = weightOrder ? i : j;
        const int32_t first = chunk * shape.chunk_rows;
        const int32_t left = shape.rows - first;
        const int32_t rows = left < shape.chunk_rows ? left : shape.chunk_rows;
        const int8_t *input = a + (int64_t(item) * shape.rows + first) * shape.depth_steps * kDepth;
        const int8_t *tile =
            w +
            ((shape.weights_per_item ? int64_t(item) * shape.column_steps : 0) + step) * tileBytes;

        for (int lane = 0; lane < kWidth; ++lane)
          for (int byte = 0; byte < kParameterRows; ++byte)
            constants[lane][byte] = tile[lane * kParameterRows + byte];

        if (shape.hold == kHoldInput && step == 0)
        hold:
          for (int32_t word = 0; word < rows * shape.depth_steps; ++word)
            for (int d = 0; d < kDepth; ++d)
              inputs[word][d] = input[int64_t(word) * kDepth + d];

      depth:
        for (int32_t k = 0; k < shape.depth_steps; ++k) {
        load:
          for (int d = 0; d < kDepth; ++d)
            for (int lane = 0; lane < kWidth; ++lane)
              weights[d][lane] = tile[int64_t(kParameterRows + k * kDepth + d) * kWidth + lane];
        stream:
          for (int32_t m = 0; m < rows; ++m) {
#pragma HLS PIPELINE II = 1
#pragma HLS DEPENDENCE variable = sums inter false
            int8_t word[kDepth];
#pragma HLS ARRAY_PARTITION variable = word complete
            for (int d = 0; d < kDepth; ++d)
              word[d] = shape.hold == kHoldInput ? inputs[k * rows + m][d]
                                                 : input[(int64_t(k) * rows + m) * kDepth + d];
            for (int lane = 0; lane < kWidth; ++lane) {
#pragma HLS UNROLL
              int32_t sum = k ? sums[m][lane] : 0;
              for (int d = 0; d < kDepth; ++d)
#pragma HLS UNROLL
                sum += int32_t(word[d]) * weights[d][lane];
              sums[m][lane] = sum;
            }
          }
        }

      drain:
        for (int32_t m = 0; m < rows; ++m) {
#pragma HLS PIPELINE II = kWidth / kRequantizers
          for (int lane = 0; lane < kWidth; ++lane) {
#pragma HLS UNROLL factor = kRequantizers
            uint32_t bias = 0;
            for (int byte = 0; byte < 4; ++byte)
              bias |= uint32_t(uint8_t(constants[lane][byte])) << (8 * byte);
            uint16_t multiplier = static_cast<uint16_t>(uint8_t(constants[lane][4]) |
                                                        uint8_t(constants[lane][5]) << 8);
            int8_t y = requantize(sums[m][lane], static_cast<int32_t>(bias), multiplier,
                                  uint8_t(constants[lane][6]) & 63, constants[lane][7]);
            if (shape.table)
              y = function[uint8_t(y)];
            if (shape.residual)
              y = addResidual(y, residual[done + lane], shape);
            z[done + lane] = y;
          }
          done += kWidth;
        }
      }
    }
  }
}
