//===- Interrupt.h - The user wants to stop ---------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_INTERRUPT_H
#define CATC_DRIVER_INTERRUPT_H

#include <optional>

namespace cat::driver {

/// While there is one, SIGINT, SIGTERM and SIGHUP make a descriptor readable, so that workers are
/// ended and the store is closed in good order. A second signal of a kind acts as usual.
class Interrupt {
public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt &) = delete;

  /// Readable once a signal has come; -1 if there is none.
  int descriptor() const;
  /// Says that the command stops, and returns its exit code, 128 and the number of the signal, as
  /// shells have it; nothing if no signal has come.
  std::optional<int> stop() const;
};

} // namespace cat::driver

#endif // CATC_DRIVER_INTERRUPT_H
