//===- WorkerPool.cpp - Several workers of one evaluator ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/WorkerPool.h"
#include "Support/Check.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <poll.h>

using namespace cat::eval;
namespace json = llvm::json;

/// Processes in a row that may fail before they are ready.
static constexpr int kMostStartFailures = 3;

/// How long a process may take to end by itself once its output has ended or its input closes.
static constexpr std::chrono::milliseconds kGrace(2000);

static std::string compactJson(json::Object object) {
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(object));
  return text;
}

static std::string formatSeconds(double seconds) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g s", seconds);
  return text;
}

static std::chrono::steady_clock::time_point after(double seconds) {
  // Centuries would overflow the clock.
  constexpr double kMost = 1e9;
  return std::chrono::steady_clock::now() +
         std::chrono::ceil<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(std::min(seconds, kMost)));
}

WorkerPool::WorkerPool(PoolOptions options)
    : options_(std::move(options)), slots_(std::max(1u, options_.workers)) {}

std::variant<std::unique_ptr<WorkerPool>, PoolError> WorkerPool::create(PoolOptions options) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool(std::move(options)));
  while (!pool->described_) {
    if (pool->slots_[0].state == State::Stopped)
      pool->start(0);
    if (std::optional<PoolError> error = pool->advance())
      return *error;
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  for (Slot &slot : slots_) {
    if (!slot.worker)
      continue;
    if (slot.state == State::Busy || slot.state == State::Preparing)
      slot.worker->send(compactJson(json::Object{{"id", slot.id}, {"type", "cancel"}}));
    slot.worker->closeInput();
  }
  // Together, not one after the other.
  auto deadline = Clock::now() + kGrace;
  for (Slot &slot : slots_)
    if (slot.worker)
      slot.worker->end(
          std::max(std::chrono::milliseconds(0),
                   std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now())));
}

std::string WorkerPool::nameOf(size_t index) const {
  std::string name = description_.name.empty() ? "the evaluator" : "'" + description_.name + "'";
  return slots_.size() == 1 ? name : name + " (worker " + std::to_string(index) + ")";
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

void WorkerPool::submit(int64_t ticket, json::Object request) {
  auto isFree = [](const Slot &slot) { return !slot.job; };
  // One that runs rather than a new one.
  auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot &candidate) {
    return isFree(candidate) && candidate.state == State::Idle;
  });
  if (slot == slots_.end())
    slot = std::find_if(slots_.begin(), slots_.end(), isFree);
  CATC_CHECK(slot != slots_.end(), "more requests than workers");
  slot->job = Job{ticket, std::move(request)};
}

std::variant<PoolEvent, PoolError> WorkerPool::wait() {
  while (true) {
    if (!events_.empty()) {
      PoolEvent event = std::move(events_.front());
      events_.pop_front();
      return event;
    }
    if (std::optional<PoolError> error = advance())
      return *error;
  }
}

/// Starts what has to be started, waits until something happens and takes it in.
std::optional<PoolError> WorkerPool::advance() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot &slot = slots_[i];
    if (slot.job && slot.state == State::Stopped)
      start(i);
    if (slot.job && slot.state == State::Idle) {
      slot.state = State::Busy;
      send(slot, json::Object(slot.job->request), options_.answerSeconds);
    }
  }
  if (broken_)
    return broken_;
  if (!events_.empty())
    return std::nullopt;

  std::vector<pollfd> polled;
  std::vector<size_t> owners;
  Clock::time_point next = Clock::time_point::max();
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot &slot = slots_[i];
    if (slot.state == State::Stopped)
      continue;
    polled.push_back({slot.worker->output(), POLLIN, 0});
    owners.push_back(i);
    if (slot.worker->wantsToWrite()) {
      polled.push_back({slot.worker->input(), POLLOUT, 0});
      owners.push_back(i);
    }
    if (slot.state != State::Idle)
      next = std::min(next, slot.deadline);
  }
  CATC_CHECK(!polled.empty(), "a pool waits for nothing");
  if (options_.interrupt >= 0)
    polled.push_back({options_.interrupt, POLLIN, 0});

  int timeout = -1;
  if (next != Clock::time_point::max()) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    timeout = static_cast<int>(std::clamp<decltype(left)>(left, 0, 60'000));
  }
  int ready = ::poll(polled.data(), polled.size(), timeout);
  CATC_CHECK(ready >= 0 || errno == EINTR, "poll failed");
  if (options_.interrupt >= 0 && ready > 0 && polled.back().revents)
    return broken_.emplace(PoolError{"interrupted", true});
  if (ready > 0)
    for (size_t p = 0; p < owners.size(); ++p) {
      Slot &slot = slots_[owners[p]];
      if (!polled[p].revents || slot.state == State::Stopped)
        continue;
      if (polled[p].events == POLLOUT)
        slot.worker->flush();
      else
        receive(owners[p]);
    }
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].state != State::Stopped && slots_[i].state != State::Idle &&
        Clock::now() >= slots_[i].deadline)
      expire(i);
  return broken_;
}

//===----------------------------------------------------------------------===//
// Workers
//===----------------------------------------------------------------------===//

void WorkerPool::start(size_t index) {
  Slot &slot = slots_[index];
  WorkerOptions options{
      options_.command, options_.folder,
      options_.logs.empty() ? "" : options_.logs + "/" + std::to_string(index) + ".log"};
  auto started = Worker::start(options);
  if (auto *problem = std::get_if<std::string>(&started)) {
    broken_ = PoolError{*problem};
    return;
  }
  slot.worker = std::get<std::unique_ptr<Worker>>(std::move(started));
  slot.state = State::Starting;
  slot.deadline = after(options_.startSeconds);
}

void WorkerPool::send(Slot &slot, json::Object message, double seconds) {
  slot.id = nextId_++;
  message["id"] = slot.id;
  slot.worker->send(compactJson(std::move(message)));
  slot.deadline = after(seconds);
}

void WorkerPool::receive(size_t index) {
  std::vector<std::string> lines;
  Worker::Input state = slots_[index].worker->receive(lines);
  for (const std::string &line : lines)
    if (slots_[index].state != State::Stopped)
      take(index, line);
  if (slots_[index].state == State::Stopped)
    return;
  if (state == Worker::Input::TooLong)
    lose(index, "wrote a line of more than " + std::to_string(kMostLineBytes) + " bytes",
         std::chrono::milliseconds(0));
  else if (state == Worker::Input::Ended)
    lose(index, "", kGrace);
}

void WorkerPool::take(size_t index, const std::string &line) {
  Slot &slot = slots_[index];
  if (slot.state == State::Starting) {
    std::variant<Description, std::string> hello = parseHello(line);
    if (auto *problem = std::get_if<std::string>(&hello))
      return lose(index, *problem, std::chrono::milliseconds(0));
    auto &description = std::get<Description>(hello);
    if (!description.configurable)
      return becomeReady(slot, description);
    if (!described_)
      description_ = description;
    slot.state = State::Preparing;
    return send(slot, json::Object(options_.configure), options_.answerSeconds);
  }
  std::variant<WorkerMessage, std::string> message = parseMessage(line);
  if (auto *problem = std::get_if<std::string>(&message))
    return lose(index, *problem, std::chrono::milliseconds(0));
  takeMessage(index, std::get<WorkerMessage>(std::move(message)));
}

void WorkerPool::takeMessage(size_t index, WorkerMessage message) {
  Slot &slot = slots_[index];
  if (slot.state == State::Idle || message.id != slot.id)
    return lose(index,
                "answered message " + std::to_string(message.id) + ", which " +
                    (slot.state == State::Idle ? "was answered before or never sent"
                                               : "is not the one sent, " + std::to_string(slot.id)),
                std::chrono::milliseconds(0));
  if (slot.state == State::Preparing) {
    if (auto *progress = std::get_if<WorkerProgress>(&message.content)) {
      slot.deadline = after(options_.answerSeconds);
      if (!described_ && options_.report)
        options_.report(*progress);
      return;
    }
    if (auto *error = std::get_if<WorkerError>(&message.content)) {
      if (error->retry)
        return lose(index, "could not get ready: " + error->message, std::chrono::milliseconds(0));
      broken_ = PoolError{nameOf(index) + " could not get ready: " + error->message};
      return;
    }
    if (auto *description = std::get_if<Description>(&message.content))
      return becomeReady(slot, *description);
    return lose(index, "answered before it was ready", std::chrono::milliseconds(0));
  }
  if (std::holds_alternative<Description>(message.content))
    return lose(index, "said that it is ready instead of answering", std::chrono::milliseconds(0));
  PoolEvent event;
  event.ticket = slot.job->ticket;
  if (auto *progress = std::get_if<WorkerProgress>(&message.content)) {
    event.content = std::move(*progress);
  } else {
    if (auto *error = std::get_if<WorkerError>(&message.content))
      event.content = std::move(*error);
    else
      event.content = std::get<WorkerAnswer>(std::move(message.content));
    slot.job.reset();
    slot.state = State::Idle;
  }
  events_.push_back(std::move(event));
}

void WorkerPool::becomeReady(Slot &slot, const Description &description) {
  slot.state = State::Idle;
  startFailures_ = 0;
  if (described_)
    return;
  described_ = true;
  std::string name = description_.name, version = description_.version;
  description_ = description;
  if (description_.name.empty())
    description_.name = name;
  if (description_.version.empty())
    description_.version = version;
  if (description_.fidelities.empty())
    description_.fidelities.push_back({"full", 1});
}

void WorkerPool::expire(size_t index) {
  bool starting = slots_[index].state == State::Starting;
  double seconds = starting ? options_.startSeconds : options_.answerSeconds;
  lose(index,
       (starting ? "did not introduce itself within " : "did not answer within ") +
           formatSeconds(seconds) + (starting ? "" : " (key 'timeout')"),
       std::chrono::milliseconds(0));
}

/// Ends a worker that is of no use any more, and fails what it was at. Without a reason its output
/// has ended.
void WorkerPool::lose(size_t index, const std::string &reason, std::chrono::milliseconds grace) {
  Slot &slot = slots_[index];
  std::string how = slot.worker->end(grace);
  std::string message = nameOf(index) + " ";
  if (!reason.empty())
    message += reason;
  else if (how == "was stopped")
    message += "closed its output";
  else
    message += how + " without an answer";
  if (std::string tail = slot.worker->standardError(); !tail.empty())
    message += "; its standard error ends:\n" + json::fixUTF8(tail);
  State state = std::exchange(slot.state, State::Stopped);
  slot.worker.reset();
  if (state == State::Busy) {
    events_.push_back({slot.job->ticket, WorkerError{message, false}});
    slot.job.reset();
  } else if (state != State::Idle && ++startFailures_ >= kMostStartFailures) {
    broken_ = PoolError{message};
  }
}
