//===- Driver.h - Sub-commands of catc --------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_DRIVER_H
#define CATC_DRIVER_DRIVER_H

namespace cat::driver {

/// Exit codes of catc.
inline constexpr int kSuccess = 0, kUserError = 1, kUsageError = 2;

/// Runs `catc` with its arguments; returns the exit code.
int run(int argc, char **argv);

} // namespace cat::driver

#endif // CATC_DRIVER_DRIVER_H
