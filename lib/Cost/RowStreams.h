//===- RowStreams.h - Times of words and rows in a cluster ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two ends of a cluster's link as recurrences over words: when each row comes out of a reader
// (hw/rtl/catc_reader.sv), and when each goes into a writer (catc_writer.sv). Time 0 is the first
// cycle of a block, in which the slots of cluster 0 begin; another cluster is late by its number.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_ROWSTREAMS_H
#define CATC_COST_ROWSTREAMS_H

#include "Cost/GemmPlan.h"
#include "Cost/HardwareMath.h"
#include <algorithm>
#include <array>

namespace cat::cost {

/// A reader that has the read slots of the frames in `mask` (modulo SlotPeriod).
class ReadStream {
public:
  ReadStream(const HardwareParameters &hardware, int64_t frame, uint8_t mask)
      : word(hardware.wordBytes), frame(frame), latency(2 + hardware.linkCycles()) {
    for (int64_t f = 0; f < SlotPeriod; ++f) {
      skip[f] = 0;
      while (!(mask >> ((f + skip[f]) % SlotPeriod) & 1))
        ++skip[f];
    }
  }

  /// The cycle in which the next row, of `bytes` bytes, is taken; not before `ready`. `last`: it is
  /// its segment's last, and the next one starts on a word.
  int64_t next(int64_t bytes, int64_t ready, bool last) {
    if (bytes <= word) {
      if (rowsLeft == 0) {
        fetch();
        rowsLeft = word / bytes;
      }
      taken = std::max({visible, taken + 1, ready});
      if (last)
        rowsLeft = 1;
      if (--rowsLeft == 0)
        consumed[words++ % Buffered] = taken;
      return taken;
    }
    for (int64_t part = bytes / word; part > 0; --part) {
      fetch();
      taken = std::max(visible, taken + 1);
      if (part == 1)
        taken = std::max(taken, ready);
      consumed[words++ % Buffered] = taken;
    }
    return taken;
  }

private:
  static constexpr int64_t Buffered = 4; ///< words between request and consumption

  void fetch() {
    int64_t earliest = std::max(requested + 1, consumed[words % Buffered] + 1);
    int64_t f = divideUp(earliest, frame);
    requested = (f + skip[f % SlotPeriod]) * frame;
    visible = requested + latency;
  }

  int64_t word, frame, latency;
  std::array<int64_t, SlotPeriod> skip;
  std::array<int64_t, Buffered> consumed = {-1, -1, -1, -1};
  int64_t words = 0, requested = -1, visible = 0, taken = -1, rowsLeft = 0;
};

/// A writer that has every write slot.
class WriteStream {
public:
  WriteStream(const HardwareParameters &hardware, int64_t frame)
      : word(hardware.wordBytes), frame(frame) {}

  /// The cycle in which the next row, of `bytes` bytes, is taken; it is there from `ready`.
  int64_t next(int64_t bytes, int64_t ready, bool last) {
    if (bytes <= word) {
      taken = std::max({ready, taken + 1, sent[words % Waiting] + 1});
      packed += bytes;
      if (packed == word || last) {
        send();
        packed = 0;
      }
      return taken;
    }
    for (int64_t part = bytes / word; part > 0; --part) {
      taken = std::max({ready, taken + 1, sent[words % Waiting] + 1});
      send();
    }
    return taken;
  }

  /// The slot of the last word.
  int64_t lastSlot() const { return slot; }

private:
  static constexpr int64_t Waiting = 2; ///< words between packing and slot

  void send() {
    slot = divideUp(std::max(taken, slot) + 1, frame) * frame;
    sent[words++ % Waiting] = slot;
  }

  int64_t word, frame;
  std::array<int64_t, Waiting> sent = {-1, -1};
  int64_t words = 0, slot = -1, taken = -1, packed = 0;
};

} // namespace cat::cost

#endif // CATC_COST_ROWSTREAMS_H
