//===- Worker.h - A process that evaluates models ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A child process with pipes to its standard input and output, read and written line by line
// without blocking. It leads a process group of its own, so that ending it ends what it started,
// and an interrupt from the terminal is catc's to handle. Its standard error goes to a file.
//
// A worker has one processor: unless the user set them, OMP_NUM_THREADS and OPENBLAS_NUM_THREADS
// are 1, and idle OpenMP threads do not spin (OMP_WAIT_POLICY=passive, GOMP_SPINCOUNT=0).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_WORKER_H
#define CATC_EVAL_WORKER_H

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <variant>
#include <vector>

namespace cat::eval {

struct WorkerOptions {
  std::vector<std::string> command; ///< program and arguments; the program is sought in PATH
  std::string folder;               ///< to work in; empty: catc's own
  std::string log; ///< file that standard error is appended to; empty: a nameless one
};

class Worker {
public:
  /// Starts a process, or says why none could be started.
  static std::variant<std::unique_ptr<Worker>, std::string> start(const WorkerOptions &options);

  /// Kills what is still there.
  ~Worker();
  Worker(const Worker &) = delete;

  /// Descriptors to poll: for writing while wantsToWrite(), and for reading.
  int input() const { return input_; }
  int output() const { return output_; }
  bool wantsToWrite() const { return input_ >= 0 && !unsent_.empty(); }

  /// Queues a line for the worker's standard input, without its end.
  void send(std::string_view line);
  /// Writes as much as the pipe takes. What a worker that has closed its end misses is dropped: its
  /// end will be seen by receive().
  void flush();

  enum class Input { Open, Ended, TooLong };
  /// Appends the whole lines that have arrived. TooLong: one exceeds the protocol's limit.
  Input receive(std::vector<std::string> &lines);

  /// Ends standard input, which asks the worker to end.
  void closeInput();
  /// Waits up to `grace` for the process to end, then kills its group. Says how it ended: "exited
  /// with status 3".
  std::string end(std::chrono::milliseconds grace);

  /// The last 4 KB of what this process wrote to standard error.
  std::string standardError() const;

private:
  Worker(pid_t process, int input, int output, int log, off_t logBegin)
      : process_(process), input_(input), output_(output), log_(log), logBegin_(logBegin) {}

  pid_t process_;
  int input_, output_, log_;
  off_t logBegin_;
  std::string unsent_, partial_;
};

} // namespace cat::eval

#endif // CATC_EVAL_WORKER_H
