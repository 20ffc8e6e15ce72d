//===- Tool.h - Programs that a target needs --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_TOOL_H
#define CATC_EMIT_TOOL_H

#include "Support/Result.h"
#include <string>
#include <vector>

namespace cat::emit {

/// What stops because the user wants it says this of itself.
inline constexpr const char *kInterrupted = "interrupted";

/// Whether the user wants to stop: the descriptor is readable. Never if it is -1.
bool isInterrupted(int interrupt);

/// Runs a program, whose path is the first argument, and waits for it. It reads nothing; what it
/// writes goes to the file `log`, or where catc writes if that is empty. It has a process group of
/// its own, and once `interrupt` is readable, all of the group is ended: a compiler that a make of
/// a script started as well. Returns its exit status; a fault if it cannot be run, is ended by a
/// signal, or is interrupted.
Result<int> runTool(std::vector<std::string> arguments, const std::string &log, int interrupt);

} // namespace cat::emit

#endif // CATC_EMIT_TOOL_H
