//===- VectorStream.cpp - What the vector unit is sent --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Int8/VectorStream.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::int8;

namespace {

constexpr size_t kConstantBytes = 16;

void append(std::vector<uint8_t> &bytes, uint64_t value, int count) {
  for (int i = 0; i != count; ++i)
    bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

void appendGain(std::vector<uint8_t> &bytes, const Gain &gain) {
  append(bytes, static_cast<uint16_t>(gain.gain), 2);
  append(bytes, static_cast<uint16_t>(gain.offset), 2);
}

/// Zeros up to the constants' length and to whole groups.
void finishConstants(std::vector<uint8_t> &bytes, int64_t lanes) {
  CATC_CHECK(lanes >= 2 && lanes <= 256 && (lanes & (lanes - 1)) == 0,
             "a vector unit's lanes are out of range");
  bytes.resize(std::max(kConstantBytes, static_cast<size_t>(lanes)));
}

/// Elements `first` .. `first + lanes` of a row, zeros behind its end.
void appendGroup(std::vector<uint8_t> &stream, const int8_t *row, int64_t first, int64_t columns,
                 int64_t lanes) {
  for (int64_t i = first; i != first + lanes; ++i)
    stream.push_back(i < columns ? static_cast<uint8_t>(row[i]) : 0);
}

} // namespace

std::vector<uint8_t> int8::vectorHeader(const Softmax &softmax, int64_t lanes) {
  std::vector<uint8_t> bytes;
  append(bytes, softmax.step, 4);
  appendGain(bytes, softmax.output);
  finishConstants(bytes, lanes);
  return bytes;
}

std::vector<uint8_t> int8::vectorHeader(const Addition &addition, int64_t lanes) {
  std::vector<uint8_t> bytes;
  append(bytes, addition.multiplierA, 2);
  append(bytes, addition.multiplierB, 2);
  append(bytes, static_cast<uint32_t>(addition.offset), 4);
  finishConstants(bytes, lanes);
  return bytes;
}

std::vector<uint8_t> int8::vectorHeader(const Table &table, int64_t lanes) {
  std::vector<uint8_t> bytes;
  finishConstants(bytes, lanes);
  for (int8_t entry : table)
    bytes.push_back(static_cast<uint8_t>(entry));
  return bytes;
}

std::vector<uint8_t> int8::vectorHeader(const Normalization &normalization, int64_t lanes) {
  std::vector<uint8_t> bytes;
  append(bytes, 0, 3);
  append(bytes, static_cast<uint8_t>(normalization.zeroPoint), 1);
  append(bytes, 0, 4);
  append(bytes, normalization.epsilon, 6);
  finishConstants(bytes, lanes);
  auto columns = static_cast<int64_t>(normalization.columns.size());
  for (int64_t first = 0; first < columns; first += lanes)
    for (int plane = 0; plane != 4; ++plane)
      for (int64_t i = first; i != first + lanes; ++i) {
        Gain column = i < columns ? normalization.columns[static_cast<size_t>(i)] : Gain{};
        auto value = static_cast<uint16_t>(plane < 2 ? column.gain : column.offset);
        append(bytes, value >> (plane % 2 * 8), 1);
      }
  return bytes;
}

void int8::appendRow(std::vector<uint8_t> &stream, const int8_t *row, int64_t columns,
                     int64_t lanes) {
  for (int64_t first = 0; first < columns; first += lanes)
    appendGroup(stream, row, first, columns, lanes);
}

void int8::appendRows(std::vector<uint8_t> &stream, const int8_t *a, const int8_t *b,
                      int64_t columns, int64_t lanes) {
  for (int64_t first = 0; first < columns; first += lanes) {
    appendGroup(stream, a, first, columns, lanes);
    appendGroup(stream, b, first, columns, lanes);
  }
}
