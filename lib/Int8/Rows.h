//===- Rows.h - Softmax and normalisation of rows of activations -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of a whole row, after I-BERT (Kim et al. 2021, arXiv 2101.01321): integers only. Both
// end alike. A row gives one number, a sum of exponentials or n^2 times a variance, whose
// reciprocal or reciprocal root R of 16 bits comes from a digit-by-digit square root and division.
// Each element gives a number that is normalised to 21 bits by the row's shift, multiplied by R,
// and mapped to the output by a gain and an offset with constant shifts.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INT8_ROWS_H
#define CATC_INT8_ROWS_H

#include "Int8/Requantize.h"
#include <vector>

namespace cat::int8 {

/// Rows have 1 .. 65535 elements; no sum of the functions below overflows.
inline constexpr int64_t kMaxRowLength = 65535;

/// What maps an element to the output: y = clamp8((u * gain + offset * 2^9 + 2^15) >> 16).
struct Gain {
  int16_t gain = 0;   ///< softmax: whole steps; normalisation: steps, times 2^7
  int16_t offset = 0; ///< steps, times 2^7; holds the output's zero point
  friend bool operator==(const Gain &a, const Gain &b) {
    return a.gain == b.gain && a.offset == b.offset;
  }
};

/// Layout in a vector operator's header: step (3 bytes, little-endian), unused (1), gain (2),
/// offset (2).
struct Softmax {
  uint32_t step = 0; ///< input scale * log2(e) * 2^20, below 2^24
  Gain output;       ///< its gain is 1 / output scale
};

/// exp2(-distance * step / 2^20) * 2^23, where distance = maximum - element, for 0 <= distance <=
/// 255: range reduction to a whole power of two and a fraction, whose power is interpolated between
/// 17 nodes. Relative error below 2.4e-4 and one unit of truncation.
uint32_t softmaxExponential(unsigned distance, uint32_t step);

/// y = softmax of a row, y clamped. With e = softmaxExponential and their sum = M * 2^k, M of 16
/// bits, R = floor((2^31 - 1) / M): u = round(round(e * 2^(4-k)) * R / 2^19) is the probability
/// times 2^16.
void softmaxRow(const int8_t *x, int64_t n, const Softmax &softmax, int8_t *y);

/// A fault unless 1 / output.scale is a whole number of 1 .. 32767 (256 with zero point -128 uses
/// all of the range, but for the probability 1, which becomes 255/256). Input scales from 11 on act
/// as 11: every element below the maximum then has a probability under 2^-16.
Result<Softmax> quantizeSoftmax(double inputScale, const Affine &output);

/// Layer norm and L2 norm. Layout in a vector operator's header: unused (3 bytes), zeroPoint (1),
/// unused (4), epsilon (6, little-endian); then the columns.
struct Normalization {
  bool centred = true;       ///< subtract the mean (layer norm)
  int8_t zeroPoint = 0;      ///< of the input; without effect if centred
  uint64_t epsilon = 0;      ///< below 2^48; added to n^2 * mean square of the input's steps
  std::vector<Gain> columns; ///< one for each element of a row
};

/// With q = x - zeroPoint, s = centred ? sum(q) : 0, c = n * q - s, D = max(1, n * sum(q^2) - s^2 +
/// epsilon) = M * 4^k, 2^30 <= M < 2^32, R = floor((2^31 - 1) / floor(sqrt(M))):
/// u = clamp16(round(clamp21(round(c * 2^(-k-3))) * R / 2^19)) is c / sqrt(D) times 2^9.
///
/// Rounding enters once, not in the mean: c and D are exact. c / sqrt(D) is at most sqrt(n); beyond
/// 64 (one outlier in more than 4096 elements) it saturates.
void normalizeRow(const int8_t *x, const Normalization &normalization, int8_t *y);

/// gamma * (v - mean) / sqrt(variance + epsilon) + beta. A fault names the column whose gamma or
/// beta reaches 256 output steps, and a scale, length or epsilon that is out of range.
Result<Normalization> quantizeLayerNorm(const Affine &input, const std::vector<double> &gamma,
                                        const std::vector<double> &beta, double epsilon,
                                        const Affine &output);

/// v / sqrt(sum(v^2)) of rows of n elements; a row of zeros stays so.
Result<Normalization> quantizeL2Norm(const Affine &input, int64_t n, const Affine &output);

} // namespace cat::int8

#endif // CATC_INT8_ROWS_H
