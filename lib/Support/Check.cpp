//===- Check.cpp - Always-on internal checks ------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Check.h"
#include <cstdio>
#include <cstdlib>

[[noreturn]] void cat::reportInternalError(const char *file, int line, const char *message) {
  std::fprintf(stderr, "catc: internal error: %s (%s:%d)\n", message, file, line);
  std::fputs("This is a bug in catc; please report it with the spec that triggered it.\n", stderr);
  std::fflush(stderr);
  std::_Exit(kInternalErrorExit);
}
