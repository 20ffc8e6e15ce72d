//===- Tool.cpp - Programs that a target needs ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Tool.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace cat;
using namespace cat::emit;
using std::chrono::milliseconds;

bool emit::isInterrupted(int interrupt) {
  if (interrupt < 0)
    return false;
  pollfd polled = {interrupt, POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

/// Waits until the descriptor is readable or the time is over.
static void await(int interrupt, milliseconds time) {
  pollfd polled = {interrupt, POLLIN, 0};
  ::poll(&polled, interrupt >= 0 ? 1 : 0, static_cast<int>(time.count()));
}

/// Runs in the child between fork and exec, where nothing but system calls is safe.
[[noreturn]] static void becomeTool(char *const *arguments, int input, int log, int failures,
                                    pid_t parent) {
  ::setpgid(0, 0);
  // Nothing reads the result of a catc that was killed.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(1);
  for (int signal = 1; signal < NSIG; ++signal)
    ::signal(signal, SIG_DFL);
  ::dup2(input, STDIN_FILENO);
  if (log >= 0) {
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
  }
  ::execv(arguments[0], arguments);
  int error = errno;
  (void)!::write(failures, &error, sizeof error);
  ::_exit(127);
}

/// Ends a process group and waits until it is gone, or for two seconds: what nobody collects, in a
/// container without an init process, stays in it.
static void endGroup(pid_t process) {
  ::kill(-process, SIGKILL);
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR)
    ;
  for (int i = 0; i < 200 && ::kill(-process, 0) == 0; ++i)
    std::this_thread::sleep_for(milliseconds(10));
}

Result<int> emit::runTool(std::vector<std::string> arguments, const std::string &log,
                          int interrupt) {
  const std::string program = arguments.front();
  auto fault = [&](const char *what, const std::string &path) {
    return Fault{std::string("cannot ") + what + " '" + path + "': " + std::strerror(errno)};
  };
  if (isInterrupted(interrupt))
    return Fault{kInterrupted};
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC), failures[2] = {-1, -1};
  int output =
      log.empty() ? -1 : ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  auto closeAll = [&] {
    for (int descriptor : {input, output, failures[0], failures[1]})
      if (descriptor >= 0)
        ::close(descriptor);
  };
  if (!log.empty() && output < 0) {
    Fault error = fault("write", log);
    closeAll();
    return error;
  }
  const pid_t self = ::getpid();
  const pid_t process = ::pipe2(failures, O_CLOEXEC) == 0 ? ::fork() : -1;
  if (process < 0) {
    Fault error = fault("run", program);
    closeAll();
    return error;
  }
  if (process == 0)
    becomeTool(pointers.data(), input, output, failures[1], self);
  // Also here, so that the group exists before anybody wants to end it.
  ::setpgid(process, process);
  ::close(failures[1]);
  failures[1] = -1;
  int error = 0;
  ssize_t count;
  do
    count = ::read(failures[0], &error, sizeof error);
  while (count < 0 && errno == EINTR);
  closeAll();
  if (count == sizeof error) {
    ::waitpid(process, nullptr, 0);
    errno = error;
    return fault("run", program);
  }

  int status = 0;
  milliseconds pause(1);
  while (true) {
    pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process)
      break;
    if (ended < 0 && errno != EINTR)
      return fault("wait for", program);
    if (isInterrupted(interrupt)) {
      endGroup(process);
      return Fault{kInterrupted};
    }
    await(interrupt, pause);
    pause = std::min(pause * 2, milliseconds(50));
  }
  if (WIFSIGNALED(status))
    return Fault{"'" + program + "' broke off: " + ::strsignal(WTERMSIG(status))};
  return WEXITSTATUS(status);
}
