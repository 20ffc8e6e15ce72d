//===- EventCounts.h - Integer event counts ---------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What happened while an operator ran, in integers. Counts add over operators exactly, so every
// path to a figure (passes, library, enumerator) reaches the same bits: physical constants are
// applied once, to the total (cost::energy, in Cost/Energy.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_EVENTCOUNTS_H
#define CATC_COST_EVENTCOUNTS_H

#include <cstdint>

namespace cat::cost {

struct EventCounts {
  int64_t cycles = 0;           ///< elapsed clock cycles
  int64_t macs = 0;             ///< useful multiply-accumulates
  int64_t accumulatorBytes = 0; ///< bytes read from and written to the accumulators
  int64_t requantizations = 0;  ///< results that leave the accumulators
  int64_t localReadBytes = 0;   ///< local SRAM, all clusters
  int64_t localWriteBytes = 0;
  int64_t globalReadBytes = 0; ///< global buffer
  int64_t globalWriteBytes = 0;
  int64_t dramReadBytes = 0;
  int64_t dramWriteBytes = 0;
  int64_t vectorOperations = 0; ///< element operations of the vector unit
  int64_t arrayCycles =
      0; ///< cycles in which the MAC array is clocked; it is gated while no GEMM runs

  /// Visits every field of `a` with its counterpart in `b`.
  template <typename Fn> static void zip(EventCounts &a, const EventCounts &b, Fn fn) {
    fn(a.cycles, b.cycles);
    fn(a.macs, b.macs);
    fn(a.accumulatorBytes, b.accumulatorBytes);
    fn(a.requantizations, b.requantizations);
    fn(a.localReadBytes, b.localReadBytes);
    fn(a.localWriteBytes, b.localWriteBytes);
    fn(a.globalReadBytes, b.globalReadBytes);
    fn(a.globalWriteBytes, b.globalWriteBytes);
    fn(a.dramReadBytes, b.dramReadBytes);
    fn(a.dramWriteBytes, b.dramWriteBytes);
    fn(a.vectorOperations, b.vectorOperations);
    fn(a.arrayCycles, b.arrayCycles);
  }

  /// Serial composition: every count adds, cycles too.
  EventCounts &operator+=(const EventCounts &o) {
    zip(*this, o, [](int64_t &x, int64_t y) { x += y; });
    return *this;
  }
  friend EventCounts operator+(EventCounts a, const EventCounts &b) { return a += b; }
  friend EventCounts operator*(EventCounts a, int64_t times) {
    zip(a, a, [times](int64_t &x, int64_t) { x *= times; });
    return a;
  }
  friend bool operator==(EventCounts a, const EventCounts &b) {
    bool equal = true;
    zip(a, b, [&equal](int64_t &x, int64_t y) { equal &= x == y; });
    return equal;
  }
  friend bool operator!=(const EventCounts &a, const EventCounts &b) { return !(a == b); }
};

} // namespace cat::cost

#endif // CATC_COST_EVENTCOUNTS_H
