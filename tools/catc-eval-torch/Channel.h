//===- Channel.h - Lines of JSON on standard input and output ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_CHANNEL_H
#define CATC_EVAL_TORCH_CHANNEL_H

#include "llvm/Support/JSON.h"
#include <deque>
#include <optional>
#include <string>

namespace cat::torcheval {

/// The evaluator's end of the protocol (docs/evaluator.md): one JSON object a line.
class Channel {
public:
  /// Reads from and writes to file descriptors that it does not own.
  Channel(int in, int out) : in_(in), out_(out) {}

  /// The next request; nothing at the end of the input. What is no JSON object is answered with an
  /// error and skipped.
  std::optional<llvm::json::Object> next();

  /// True once a request to cancel `id` has arrived, or the input has ended. Never waits.
  bool cancelled(int64_t id);

  void send(llvm::json::Object message);

private:
  /// Takes what has arrived into the queue; waits for something if `wait`.
  void receive(bool wait);

  int in_, out_;
  bool ended_ = false;
  std::string partial_;
  std::deque<llvm::json::Object> queue_;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_CHANNEL_H
