//===- Channel.cpp - Lines of JSON on standard input and output -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Channel.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

using namespace cat::torcheval;
namespace json = llvm::json;

void Channel::receive(bool wait) {
  while (!ended_) {
    pollfd waiting{in_, POLLIN, 0};
    const int ready = poll(&waiting, 1, wait ? -1 : 0);
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      return;
    char buffer[1 << 16];
    const ssize_t count = read(in_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      ended_ = true;
      return;
    }
    partial_.append(buffer, count);
    for (size_t end; (end = partial_.find('\n')) != std::string::npos;) {
      llvm::Expected<json::Value> value = json::parse(llvm::StringRef(partial_).take_front(end));
      partial_.erase(0, end + 1);
      if (value && value->getAsObject()) {
        queue_.push_back(std::move(*value->getAsObject()));
        wait = false;
        continue;
      }
      std::string reason = value ? "it is no object" : llvm::toString(value.takeError());
      send(json::Object{{"id", nullptr}, {"error", "a request could not be read: " + reason}});
    }
  }
}

std::optional<json::Object> Channel::next() {
  while (queue_.empty() && !ended_)
    receive(/*wait=*/true);
  if (queue_.empty())
    return std::nullopt;
  json::Object request = std::move(queue_.front());
  queue_.pop_front();
  return request;
}

bool Channel::cancelled(int64_t id) {
  receive(/*wait=*/false);
  auto cancels = [&](const json::Object &request) {
    return request.getString("type") == llvm::StringRef("cancel") && request.getInteger("id") == id;
  };
  auto it = std::find_if(queue_.begin(), queue_.end(), cancels);
  if (it == queue_.end())
    return ended_;
  queue_.erase(it);
  return true;
}

void Channel::send(json::Object message) {
  std::string line;
  llvm::raw_string_ostream(line) << json::Value(std::move(message)) << '\n';
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t count = write(out_, line.data() + sent, line.size() - sent);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return; // Nobody listens; the end of the input will tell.
    sent += count;
  }
}
