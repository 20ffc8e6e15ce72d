//===- Protocol.h - What evaluators say -------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lines that a worker process writes, one JSON object each (docs/evaluator.md), as records. A
// line is judged here and nowhere else: whatever is missing, of the wrong type or no number is an
// error that says so.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_PROTOCOL_H
#define CATC_EVAL_PROTOCOL_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cat::eval {

/// What a worker calls itself in its first line, and what catc speaks.
inline constexpr const char *kProtocol = "evaluator/1";

/// The longest line that a worker may write, in bytes.
inline constexpr size_t kMostLineBytes = size_t(1) << 20;

/// A way to evaluate that is cheaper than the full one.
struct Fidelity {
  std::string name;
  double cost = 1; ///< as a share of the full evaluation's
};

/// What an evaluation or a preparation took. A worker need not say it.
struct Usage {
  std::optional<double> seconds, cpuSeconds, joules;
};

/// What a worker says of itself: in its first line and, if it is configured, when it is ready.
struct Description {
  std::string name, version;
  bool configurable = false;
  std::string metric;                ///< "shapes mean R@1"; may be empty
  std::string protocol;              ///< how it is measured, in words; may be empty
  std::vector<Fidelity> fidelities;  ///< cheapest first; the last is the full evaluation
  std::string identity;              ///< digest of data and weights; may be empty
  bool test = false;                 ///< measures saved models again on another split
  bool artefacts = false;            ///< saves models
  std::vector<std::string> warnings; ///< what the user should know before relying on it
  Usage usage;                       ///< of the preparation
};

/// How far a request is. Every field may be missing.
struct WorkerProgress {
  std::string message;
  std::optional<int64_t> step, steps;
  std::optional<double> accuracy, loss;
  double noise = 0;
};

struct WorkerAnswer {
  double accuracy = 0; ///< from 0 to 1
  double noise = 0;    ///< its standard error
  Usage usage;
  std::string source;
};

struct WorkerError {
  std::string message;
  bool retry = false; ///< the same request may succeed
};

struct WorkerMessage {
  int64_t id = 0;
  std::variant<WorkerProgress, WorkerAnswer, WorkerError, Description> content;
};

/// A record, or what is wrong with the line in a sentence without its subject ("wrote a line that
/// is ...").
std::variant<Description, std::string> parseHello(std::string_view line);
/// The same for every further line. Where only the figures are wrong, the message is an error.
std::variant<WorkerMessage, std::string> parseMessage(std::string_view line);

} // namespace cat::eval

#endif // CATC_EVAL_PROTOCOL_H
