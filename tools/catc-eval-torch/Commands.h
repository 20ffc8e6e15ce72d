//===- Commands.h - What catc-eval-torch does by itself ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_COMMANDS_H
#define CATC_EVAL_TORCH_COMMANDS_H

namespace cat::torcheval {

/// Runs "init" (random weights) or "embed" (a model's outputs on given inputs). Without a command
/// the program is a worker. Returns the exit status.
int runCommand(int argc, char **argv);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_COMMANDS_H
