//===- RowModelVector.h - When the vector unit's groups move ----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The timing of hw/rtl/catc_vector.sv: exact to the cycle for any reader and writer, and the closed
// form for those of a cluster. Counts and cycles only; the numbers are lib/Int8's.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_ROWMODELVECTOR_H
#define CATC_COST_ROWMODELVECTOR_H

#include "Cost/Hardware.h"
#include <functional>

namespace cat::cost {

/// What one vector unit is told to do, and what that moves.
struct VectorWork {
  VectorFunction function = VectorFunction::Pointwise;
  int64_t rows = 1;    ///< of this unit
  int64_t columns = 1; ///< elements of a row
  int64_t lanes = 2;   ///< V, a power of two of 2 .. 256

  /// Groups of V bytes in a row.
  int64_t rowGroups() const { return (columns + lanes - 1) / lanes; }
  /// Groups in front of the first row: constants, gains and offsets of columns, or a table.
  int64_t headerGroups() const;
  /// Groups of a row that come in: both operands' for an add.
  int64_t rowInputGroups() const;
  int64_t inputGroups() const { return headerGroups() + rows * rowInputGroups(); }
  int64_t outputGroups() const { return rows * rowGroups(); }
  /// Elements' passes through the unit: loading, exponentials and results of softmax; loading and
  /// results of a norm; one of add and pointwise.
  int64_t passes() const;
};

/// The cycle in which group `index` is handed over, not before `earliest`. Called once for each
/// group in order.
using GroupTransfer = std::function<int64_t(int64_t index, int64_t earliest)>;

/// The cycle in which the unit is no longer busy, when its start is raised in cycle 0. `read` hands
/// over input groups, header first, `write` output groups. Every group of a row is read before any
/// of that row is written; of add and pointwise each group.
int64_t runVectorUnit(const VectorWork &work, const GroupTransfer &read,
                      const GroupTransfer &write);

/// What runVectorUnit gives, but for small differences, when a word of `wordBytes` comes in at most
/// every `readCycles` and goes out every `writeCycles`: the first row's way in, then a row in the
/// time that the slowest of reading, computing and writing needs, then the last row's way out.
/// Without the latencies of reader and writer.
int64_t closedFormVectorUnit(const VectorWork &work, int64_t wordBytes, int64_t readCycles,
                             int64_t writeCycles);

} // namespace cat::cost

#endif // CATC_COST_ROWMODELVECTOR_H
