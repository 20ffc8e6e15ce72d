//===- Check.h - Always-on internal checks ----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// assert() is off in every translation unit that uses MLIR, so invariants that guard figures are
// checked always.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SUPPORT_CHECK_H
#define CATC_SUPPORT_CHECK_H

namespace cat {

/// Exit status of a tool that found a fault of its own (sysexits' EX_SOFTWARE).
inline constexpr int kInternalErrorExit = 70;

/// Reports a broken invariant of catc itself and exits with kInternalErrorExit.
[[noreturn]] void reportInternalError(const char *file, int line, const char *message);

} // namespace cat

/// Checks an invariant in every build type. A failure is a bug of catc, never a user's error.
#define CATC_CHECK(condition, message)                                                             \
  do {                                                                                             \
    if (!(condition))                                                                              \
      ::cat::reportInternalError(__FILE__, __LINE__, message);                                     \
  } while (false)

#endif // CATC_SUPPORT_CHECK_H
