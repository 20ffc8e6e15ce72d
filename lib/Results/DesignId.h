//===- DesignId.h - Identity of a design ------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A design's id is its mixed-radix index in the declared space. A space may have more than 2^64
// designs (models times hardware points), so ids are 128 bits wide and are written as decimal text,
// which no JSON reader rounds.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_DESIGNID_H
#define CATC_RESULTS_DESIGNID_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cat::results {

/// An index below 2^128 - 1, the most designs that a space may have. Also counts designs.
class DesignId {
public:
  constexpr DesignId() = default;
  constexpr DesignId(uint64_t index) : index_(index) {}

  /// The design of a model with a hardware point, the model the more significant digit. All
  /// arguments are >= 0, and hardware < hardwarePoints.
  static constexpr DesignId of(int64_t model, int64_t hardware, int64_t hardwarePoints) {
    DesignId id;
    id.index_ =
        static_cast<Wide>(model) * static_cast<Wide>(hardwarePoints) + static_cast<Wide>(hardware);
    return id;
  }

  constexpr int64_t model(int64_t hardwarePoints) const {
    return static_cast<int64_t>(index_ / static_cast<Wide>(hardwarePoints));
  }
  constexpr int64_t hardware(int64_t hardwarePoints) const {
    return static_cast<int64_t>(index_ % static_cast<Wide>(hardwarePoints));
  }

  /// The index if it fits 64 bits.
  constexpr std::optional<uint64_t> narrow() const {
    auto low = static_cast<uint64_t>(index_);
    return low == index_ ? std::optional(low) : std::nullopt;
  }

  /// Decimal digits without leading zeros.
  std::string str() const;

  /// The id that `text` writes in decimal; nothing unless text is digits alone, at least one, and
  /// in range.
  static std::optional<DesignId> parse(std::string_view text);

  friend constexpr bool operator==(DesignId a, DesignId b) { return a.index_ == b.index_; }
  friend constexpr bool operator!=(DesignId a, DesignId b) { return a.index_ != b.index_; }
  friend constexpr bool operator<(DesignId a, DesignId b) { return a.index_ < b.index_; }

private:
  __extension__ using Wide = unsigned __int128;
  Wide index_ = 0;
};

} // namespace cat::results

#endif // CATC_RESULTS_DESIGNID_H
