//===- JsonNode.h - JSON values with their place ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What readers of JSON files share: a parser that survives hostile text, and values that know where
// they stand, so that complaints name the place ("points[3].metrics.latency_s: expected number").
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_JSONNODE_H
#define CATC_RESULTS_JSONNODE_H

#include "Support/Result.h"
#include "llvm/Support/JSON.h"
#include <cstdint>
#include <optional>
#include <string>

namespace cat::results {

/// Brackets nest no deeper than this in any file of ours. llvm::json recurses for each, so hostile
/// text could exhaust the stack.
inline constexpr int kMaxJsonDepth = 64;

/// Parses the text of the file `path`. A fault names file, line and column.
Result<llvm::json::Value> parseJson(const std::string &path, llvm::StringRef text);

/// The parser's error as "path:line:column: what"; the text parsed begins where `before` ends.
std::string jsonSyntaxError(const std::string &path, llvm::Error error,
                            llvm::StringRef before = "");

/// A JSON value together with where it stands; the first complaint about any of them is kept in
/// `error`. Both outlive the node.
class JsonNode {
public:
  JsonNode(const llvm::json::Value *value, std::string place, std::string &error)
      : value_(value), place_(std::move(place)), error_(&error) {}

  /// Complains; false.
  bool fail(const std::string &what) const {
    if (error_->empty())
      *error_ = (place_.empty() ? "" : place_ + ": ") + what;
    return false;
  }

  /// The member `key`; a complaint if this is no object or has no such member.
  std::optional<JsonNode> at(llvm::StringRef key) const;
  /// The member `key`, or nothing if there is none.
  std::optional<JsonNode> find(llvm::StringRef key) const;

  const llvm::json::Object *asObject() const;
  const llvm::json::Array *asArray() const;

  JsonNode child(const llvm::json::Value *member, llvm::StringRef key) const {
    return JsonNode(member, place_.empty() ? key.str() : place_ + "." + key.str(), *error_);
  }
  JsonNode element(const llvm::json::Array &array, size_t i) const {
    return JsonNode(&array[i], place_ + "[" + std::to_string(i) + "]", *error_);
  }

  const llvm::json::Value &value() const { return *value_; }
  bool isText() const { return value_->kind() == llvm::json::Value::String; }
  bool isNull() const { return value_->kind() == llvm::json::Value::Null; }
  std::optional<double> number() const { return value_->getAsNumber(); }

  bool read(double &out) const { return take(value_->getAsNumber(), out, "expected number"); }
  bool read(bool &out) const { return take(value_->getAsBoolean(), out, "expected boolean"); }
  bool read(uint64_t &out) const {
    return take(value_->getAsUINT64(), out, "expected whole number, 0 to 18446744073709551615");
  }
  bool read(int64_t &out) const {
    return take(value_->getAsInteger(), out, "expected whole number");
  }
  bool read(std::string &out) const;

  /// Reads the member `key`.
  template <typename T> bool read(llvm::StringRef key, T &out) const {
    std::optional<JsonNode> member = at(key);
    return member && member->read(out);
  }

  /// Reads a number that may be null.
  bool readOptional(llvm::StringRef key, std::optional<double> &out) const;

  /// Reads this array; `readElement` gets each element's node.
  template <typename Fn> bool readElements(Fn readElement) const {
    const llvm::json::Array *array = asArray();
    if (!array)
      return false;
    for (size_t i = 0; i < array->size(); ++i)
      if (!readElement(element(*array, i)))
        return false;
    return true;
  }
  /// Reads the member `key`, which must be an array.
  template <typename Fn> bool readArray(llvm::StringRef key, Fn readElement) const {
    std::optional<JsonNode> member = at(key);
    return member && member->readElements(readElement);
  }

private:
  template <typename T> bool take(std::optional<T> from, T &out, const char *complaint) const {
    if (!from)
      return fail(complaint);
    out = *from;
    return true;
  }

  const llvm::json::Value *value_;
  std::string place_;
  std::string *error_;
};

} // namespace cat::results

#endif // CATC_RESULTS_JSONNODE_H
