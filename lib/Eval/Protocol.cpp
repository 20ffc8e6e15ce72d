//===- Protocol.cpp - What evaluators say ---------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Protocol.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace cat::eval;
namespace json = llvm::json;
using llvm::StringRef;

namespace {

/// Deeper than any message; llvm::json recurses for each level.
constexpr int kMaxDepth = 64;

/// The beginning of a line, for messages.
std::string excerpt(std::string_view line) {
  constexpr size_t kMost = 120;
  std::string text(line.substr(0, kMost));
  for (char &c : text)
    if (static_cast<unsigned char>(c) < ' ')
      c = ' ';
  text = json::fixUTF8(text);
  return "'" + text + (line.size() > kMost ? "...'" : "'");
}

/// JSON has no NaN and no infinity, but the JSON writers of several languages print them; such a
/// figure becomes null, which no figure may be. Nothing if brackets nest too deeply.
std::optional<std::string> replaceNonFinite(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quoted) {
      text += c;
      if (c == '\\' && i + 1 < line.size())
        text += line[++i];
      else if (c == '"')
        quoted = false;
      continue;
    }
    if (c == '[' || c == '{') {
      if (++depth > kMaxDepth)
        return std::nullopt;
    } else if (c == ']' || c == '}') {
      --depth;
    }
    quoted = c == '"';
    bool replaced = false;
    for (std::string_view word : {"-Infinity", "Infinity", "-inf", "inf", "NaN", "nan"})
      if (!replaced && line.substr(i, word.size()) == word) {
        text += "null";
        i += word.size() - 1;
        replaced = true;
      }
    if (!replaced)
      text += c;
  }
  return text;
}

std::variant<json::Object, std::string> parseObject(std::string_view line) {
  static constexpr const char *kRemedy = "; what is meant for people belongs on standard error";
  std::optional<std::string> text = replaceNonFinite(line);
  if (!text)
    return "wrote a line whose brackets nest too deeply: " + excerpt(line);
  llvm::Expected<json::Value> value = json::parse(*text);
  if (!value) {
    llvm::consumeError(value.takeError());
    return "wrote a line that is no JSON: " + excerpt(line) + kRemedy;
  }
  json::Object *object = value->getAsObject();
  if (!object)
    return "wrote a line that is no JSON object: " + excerpt(line) + kRemedy;
  return std::move(*object);
}

/// Members of a message. The first complaint is kept.
class Reader {
public:
  explicit Reader(const json::Object &object) : object_(object) {}

  bool has(StringRef key) const { return object_.get(key); }

  std::string text(StringRef key) {
    const json::Value *value = object_.get(key);
    if (!value)
      return "";
    if (std::optional<StringRef> found = value->getAsString())
      return found->str();
    complain(key, "text");
    return "";
  }
  bool truth(StringRef key) {
    const json::Value *value = object_.get(key);
    if (!value)
      return false;
    if (std::optional<bool> found = value->getAsBoolean())
      return *found;
    complain(key, "true or false");
    return false;
  }
  std::optional<int64_t> integer(StringRef key) {
    const json::Value *value = object_.get(key);
    if (!value)
      return std::nullopt;
    std::optional<int64_t> found = value->getAsInteger();
    if (!found)
      complain(key, "a whole number");
    return found;
  }
  /// A finite number of at least `low` and at most `high`.
  std::optional<double> number(StringRef key, double low, double high, const char *expected) {
    const json::Value *value = object_.get(key);
    if (!value)
      return std::nullopt;
    std::optional<double> found = value->getAsNumber();
    if (found && std::isfinite(*found) && *found >= low && *found <= high)
      return found;
    std::string shown;
    llvm::raw_string_ostream(shown) << *value;
    // What was written as NaN or infinity.
    complain(key, expected, shown == "null" ? "not a finite number" : shown);
    return std::nullopt;
  }
  std::optional<double> share(StringRef key) { return number(key, 0, 1, "a number from 0 to 1"); }
  std::optional<double> amount(StringRef key) {
    return number(key, 0, HUGE_VAL, "a number of at least 0");
  }

  void complain(StringRef key, const char *expected, const std::string &found = "") {
    if (error.empty())
      error =
          "'" + key.str() + "' must be " + expected + (found.empty() ? "" : ", but is " + found);
  }

  std::string error;

private:
  const json::Object &object_;
};

Usage readUsage(Reader &read) {
  Usage usage;
  usage.seconds = read.amount("seconds");
  usage.cpuSeconds = read.amount("cpu_seconds");
  usage.joules = read.amount("energy_j");
  return usage;
}

void readFidelities(const json::Object &object, Reader &read, Description &description) {
  static constexpr const char *kExpected =
      "a list of names, or of objects with \"name\" and \"cost\"";
  const json::Value *value = object.get("fidelities");
  if (!value)
    return;
  const json::Array *list = value->getAsArray();
  if (!list || list->empty())
    return read.complain("fidelities", kExpected);
  for (const json::Value &element : *list) {
    Fidelity fidelity;
    if (std::optional<StringRef> name = element.getAsString()) {
      fidelity.name = name->str();
    } else if (const json::Object *entry = element.getAsObject()) {
      Reader each(*entry);
      fidelity.name = each.text("name");
      fidelity.cost = each.share("cost").value_or(1);
      if (read.error.empty())
        read.error = each.error;
    }
    if (fidelity.name.empty())
      return read.complain("fidelities", kExpected);
    description.fidelities.push_back(std::move(fidelity));
  }
  description.fidelities.back().cost = 1;
}

void readWarnings(const json::Object &object, Reader &read, Description &description) {
  const json::Value *value = object.get("warnings");
  if (!value)
    return;
  const json::Array *list = value->getAsArray();
  if (!list)
    return read.complain("warnings", "a list of strings");
  for (const json::Value &element : *list) {
    std::optional<llvm::StringRef> text = element.getAsString();
    if (!text)
      return read.complain("warnings", "a list of strings");
    description.warnings.push_back(text->str());
  }
}

Description readDescription(const json::Object &object, Reader &read) {
  Description description;
  description.name = read.text("name");
  description.version = read.text("version");
  description.configurable = read.truth("configurable");
  description.metric = read.text("metric");
  description.protocol = read.text("protocol");
  description.identity = read.text("identity");
  readFidelities(object, read, description);
  readWarnings(object, read, description);
  description.test = read.truth("test");
  description.artefacts = read.truth("artefacts");
  description.usage = readUsage(read);
  return description;
}

WorkerProgress readProgress(const json::Object &object, Reader &read) {
  WorkerProgress progress;
  progress.message = read.text("message");
  progress.step = read.integer("step");
  progress.steps = read.integer("steps");
  progress.accuracy = read.share("accuracy");
  progress.noise = read.share("noise").value_or(0);
  // A loss that is not finite is worth showing, not an error: the answer will tell.
  if (const json::Value *loss = object.get("loss"))
    progress.loss = loss->getAsNumber();
  return progress;
}

} // namespace

std::variant<Description, std::string> cat::eval::parseHello(std::string_view line) {
  std::variant<json::Object, std::string> parsed = parseObject(line);
  if (auto *problem = std::get_if<std::string>(&parsed))
    return *problem;
  const auto &object = std::get<json::Object>(parsed);
  std::optional<StringRef> protocol = object.getString("catc");
  if (!protocol)
    return "did not begin with {\"catc\": \"" + std::string(kProtocol) + "\", ...} but with " +
           excerpt(line);
  if (*protocol != kProtocol)
    return "speaks '" + protocol->str() + "', and this catc speaks '" + kProtocol + "'";
  Reader read(object);
  Description description = readDescription(object, read);
  if (!read.error.empty())
    return "introduced itself wrongly: " + read.error;
  return description;
}

std::variant<WorkerMessage, std::string> cat::eval::parseMessage(std::string_view line) {
  std::variant<json::Object, std::string> parsed = parseObject(line);
  if (auto *problem = std::get_if<std::string>(&parsed))
    return *problem;
  const auto &object = std::get<json::Object>(parsed);
  Reader read(object);
  std::optional<int64_t> id = read.integer("id");
  if (!id)
    return "wrote a line without a whole number \"id\": " + excerpt(line);
  WorkerMessage message;
  message.id = *id;
  if (const json::Value *progress = object.get("progress")) {
    const json::Object *fields = progress->getAsObject();
    if (!fields)
      return "wrote a line whose \"progress\" is no object: " + excerpt(line);
    Reader inner(*fields);
    message.content = readProgress(*fields, inner);
    if (!inner.error.empty())
      message.content = WorkerProgress();
  } else if (read.has("error")) {
    WorkerError error;
    error.message = read.text("error");
    error.retry = read.truth("retry");
    if (error.message.empty())
      error.message = "the evaluator failed without saying why";
    message.content = std::move(error);
  } else if (read.truth("ready")) {
    Description description = readDescription(object, read);
    if (!read.error.empty())
      return "described itself wrongly: " + read.error;
    message.content = std::move(description);
  } else if (read.has("accuracy")) {
    WorkerAnswer answer;
    answer.accuracy = read.share("accuracy").value_or(0);
    answer.noise = read.share("noise").value_or(0);
    answer.usage = readUsage(read);
    answer.source = read.text("source");
    if (read.error.empty())
      message.content = std::move(answer);
    else
      message.content = WorkerError{"the evaluator's answer cannot be used: " + read.error, false};
  } else {
    return "wrote a line that is neither progress nor an answer nor an error: " + excerpt(line);
  }
  return message;
}
