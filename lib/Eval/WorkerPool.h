//===- WorkerPool.h - Several workers of one evaluator ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As many processes as evaluations may run at once, each with one request at a time. The first is
// started and made ready alone, because what it prepares (a teacher, an importance ranking) the
// others find in the cache; they are started when they are needed.
//
// A worker that dies, hangs or says what cannot be understood fails the evaluation that it was at,
// and a new process takes its place for the next one. Processes that do not even get ready, three
// in a row, are the end of the pool.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_WORKERPOOL_H
#define CATC_EVAL_WORKERPOOL_H

#include "Eval/Protocol.h"
#include "Eval/Worker.h"
#include "llvm/Support/JSON.h"
#include <deque>
#include <functional>

namespace cat::eval {

struct PoolOptions {
  std::vector<std::string> command; ///< program and arguments
  std::string folder;               ///< to work in; empty: catc's own
  std::string logs; ///< folder for standard error, a file for each worker (0.log, 1.log ...);
                    ///< empty: kept in nameless files
  unsigned workers = 1;
  double startSeconds = 60;     ///< until a process has introduced itself
  double answerSeconds = 3600;  ///< for an evaluation; in a preparation, between two lines
  llvm::json::Object configure; ///< of the message that configures a worker
  int interrupt = -1;           ///< a descriptor that becomes readable when the user wants to stop
  std::function<void(const WorkerProgress &)> report; ///< progress of the first preparation
};

/// What ends a pool.
struct PoolError {
  std::string message;
  bool interrupted = false;
};

/// What became of a request, or how far it is.
struct PoolEvent {
  int64_t ticket = 0;
  std::variant<WorkerProgress, WorkerAnswer, WorkerError> content;
};

class WorkerPool {
public:
  /// Starts the first worker and waits until it is ready.
  static std::variant<std::unique_ptr<WorkerPool>, PoolError> create(PoolOptions options);
  /// Cancels what is being evaluated and ends the workers.
  ~WorkerPool();

  const Description &description() const { return description_; }
  unsigned size() const { return static_cast<unsigned>(slots_.size()); }

  /// Hands a request, without its id, to a worker that is free: at most size() may be under way.
  void submit(int64_t ticket, llvm::json::Object request);

  /// Waits for the next event of any request.
  std::variant<PoolEvent, PoolError> wait();

private:
  using Clock = std::chrono::steady_clock;
  enum class State { Stopped, Starting, Preparing, Idle, Busy };
  struct Job {
    int64_t ticket = 0;
    llvm::json::Object request;
  };
  struct Slot {
    State state = State::Stopped;
    std::unique_ptr<Worker> worker;
    std::optional<Job> job;
    int64_t id = 0; ///< of the message under way
    Clock::time_point deadline;
  };

  explicit WorkerPool(PoolOptions options);
  std::optional<PoolError> advance();
  void start(size_t index);
  void send(Slot &slot, llvm::json::Object message, double seconds);
  void receive(size_t index);
  void take(size_t index, const std::string &line);
  void takeMessage(size_t index, WorkerMessage message);
  void becomeReady(Slot &slot, const Description &description);
  void expire(size_t index);
  void lose(size_t index, const std::string &reason, std::chrono::milliseconds grace);
  std::string nameOf(size_t index) const;

  PoolOptions options_;
  std::vector<Slot> slots_;
  std::deque<PoolEvent> events_;
  std::optional<PoolError> broken_;
  Description description_;
  bool described_ = false;
  int startFailures_ = 0;
  int64_t nextId_ = 0;
};

} // namespace cat::eval

#endif // CATC_EVAL_WORKERPOOL_H
