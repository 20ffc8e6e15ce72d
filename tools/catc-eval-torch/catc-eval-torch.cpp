//===- catc-eval-torch.cpp - Accuracy by training -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Torch.h"
#include "Worker.h"
#include "llvm/Support/CommandLine.h"
#include <csignal>
#include <unistd.h>

int main(int argc, char **argv) {
  // Whoever stops listening is noticed by the end of the input.
  std::signal(SIGPIPE, SIG_IGN);
  // One worker a processor is faster than one worker on all of them: the matrices are small, and
  // threads that wait for each other spin. It also keeps sums, and so results, the same everywhere.
  at::set_num_threads(1);
  if (argc > 1)
    return cat::torcheval::runCommand(argc, argv);
  cat::torcheval::Channel channel(STDIN_FILENO, STDOUT_FILENO);
  cat::torcheval::serve(channel);
  return 0;
}
