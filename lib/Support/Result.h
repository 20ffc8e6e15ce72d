//===- Result.h - A value or why there is none ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SUPPORT_RESULT_H
#define CATC_SUPPORT_RESULT_H

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cat {

/// Why something could not be done: text for the user, which names the file and the place in it.
struct Fault {
  std::string message;
};

/// A value, or the fault that prevented it.
template <typename T> class Result {
public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Fault fault) : state_(std::in_place_index<1>, std::move(fault)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T &operator*() { return std::get<0>(state_); }
  const T &operator*() const { return std::get<0>(state_); }
  T *operator->() { return &std::get<0>(state_); }
  const T *operator->() const { return &std::get<0>(state_); }
  const Fault &fault() const { return std::get<1>(state_); }
  /// The fault's text.
  const std::string &error() const { return fault().message; }

private:
  std::variant<T, Fault> state_;
};

} // namespace cat

#endif // CATC_SUPPORT_RESULT_H
