//===- VectorStream.h - What the vector unit is sent ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The byte stream of hw/rtl/catc_vector.sv with `lanes` lanes, a power of two of 2 .. 256: a header
// of constants, then rows in whole groups of `lanes` bytes, zeros behind the last column. All sizes
// are whole groups.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_INT8_VECTORSTREAM_H
#define CATC_INT8_VECTORSTREAM_H

#include "Int8/Pointwise.h"
#include "Int8/Rows.h"
#include <vector>

namespace cat::int8 {

/// 16 bytes of constants, in whole groups.
std::vector<uint8_t> vectorHeader(const Softmax &softmax, int64_t lanes);
std::vector<uint8_t> vectorHeader(const Addition &addition, int64_t lanes);
/// Constants (zeros), then the table's 256 bytes.
std::vector<uint8_t> vectorHeader(const Table &table, int64_t lanes);
/// Constants, then for each group of columns one group of the low bytes of their gains, of the high
/// bytes, and the same of their offsets.
std::vector<uint8_t> vectorHeader(const Normalization &normalization, int64_t lanes);

/// Appends a row of `columns` elements, as it comes in and as results go out.
void appendRow(std::vector<uint8_t> &stream, const int8_t *row, int64_t columns, int64_t lanes);

/// Appends a row of an add: a group of `a`, then the same of `b`, in turns.
void appendRows(std::vector<uint8_t> &stream, const int8_t *a, const int8_t *b, int64_t columns,
                int64_t lanes);

} // namespace cat::int8

#endif // CATC_INT8_VECTORSTREAM_H
