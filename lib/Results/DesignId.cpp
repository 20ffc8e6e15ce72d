//===- DesignId.cpp - Identity of a design --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/DesignId.h"
#include <algorithm>

using namespace cat::results;

std::string DesignId::str() const {
  std::string digits;
  Wide rest = index_;
  do
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  while ((rest /= 10) != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<DesignId> DesignId::parse(std::string_view text) {
  constexpr Wide kMax = ~Wide(0);
  if (text.empty())
    return std::nullopt;
  DesignId id;
  for (char c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    Wide digit = static_cast<Wide>(c - '0');
    if (id.index_ > (kMax - digit) / 10)
      return std::nullopt;
    id.index_ = id.index_ * 10 + digit;
  }
  return id;
}
