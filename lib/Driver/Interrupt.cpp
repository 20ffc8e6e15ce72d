//===- Interrupt.cpp - The user wants to stop -----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Interrupt.h"
#include "llvm/Support/raw_ostream.h"
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace cat::driver;

static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

static int ends[2] = {-1, -1};
static volatile std::sig_atomic_t received = 0;

extern "C" void catcNoteInterrupt(int signal) {
  int saved = errno;
  received = signal;
  (void)!::write(ends[1], "", 1);
  errno = saved;
}

Interrupt::Interrupt() {
  received = 0;
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    ends[0] = ends[1] = -1;
    return;
  }
  for (int signal : kSignals) {
    struct sigaction before;
    // What is ignored stays so: nohup means it.
    if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN)
      continue;
    struct sigaction action = {};
    action.sa_handler = catcNoteInterrupt;
    action.sa_flags = SA_RESETHAND;
    ::sigaction(signal, &action, nullptr);
  }
}

Interrupt::~Interrupt() {
  if (ends[0] < 0)
    return;
  for (int signal : kSignals) {
    struct sigaction current;
    if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == catcNoteInterrupt)
      ::signal(signal, SIG_DFL);
  }
  for (int &end : ends) {
    ::close(end);
    end = -1;
  }
}

int Interrupt::descriptor() const { return ends[0]; }

std::optional<int> Interrupt::stop() const {
  if (!received)
    return std::nullopt;
  llvm::errs() << "catc: interrupted\n";
  return 128 + received;
}
