//===- JsonNode.cpp - JSON values with their place ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/JsonNode.h"

using namespace cat;
using namespace cat::results;
namespace json = llvm::json;

static bool nestsTooDeeply(llvm::StringRef text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > kMaxJsonDepth)
      return true;
    else if (!quoted && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

Result<json::Value> cat::results::parseJson(const std::string &path, llvm::StringRef text) {
  if (nestsTooDeeply(text))
    return Fault{path + ": brackets nest too deeply"};
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return Fault{jsonSyntaxError(path, value.takeError())};
  return std::move(*value);
}

std::string cat::results::jsonSyntaxError(const std::string &path, llvm::Error error,
                                          llvm::StringRef before) {
  // llvm::json says "[line:column, byte=n]: what"; files are named as compilers do.
  std::string text = llvm::toString(std::move(error));
  llvm::StringRef rest(text);
  size_t line = 0, column = 0;
  if (!rest.consume_front("[") || rest.consumeInteger(10, line) || !rest.consume_front(":") ||
      rest.consumeInteger(10, column))
    return path + ": " + text;
  if (line == 1)
    column += before.size() - (before.rfind('\n') + 1);
  line += before.count('\n');
  return path + ":" + std::to_string(line) + ":" + std::to_string(column + 1) + ": " +
         rest.split("]: ").second.str();
}

std::optional<JsonNode> JsonNode::at(llvm::StringRef key) const {
  const json::Object *object = asObject();
  if (!object)
    return std::nullopt;
  if (const json::Value *member = object->get(key))
    return child(member, key);
  fail("lacks \"" + key.str() + "\"");
  return std::nullopt;
}

std::optional<JsonNode> JsonNode::find(llvm::StringRef key) const {
  const json::Object *object = value_->getAsObject();
  const json::Value *member = object ? object->get(key) : nullptr;
  return member ? std::optional(child(member, key)) : std::nullopt;
}

const json::Object *JsonNode::asObject() const {
  const json::Object *object = value_->getAsObject();
  if (!object)
    fail("expected object");
  return object;
}

const json::Array *JsonNode::asArray() const {
  const json::Array *array = value_->getAsArray();
  if (!array)
    fail("expected array");
  return array;
}

bool JsonNode::read(std::string &out) const {
  auto text = value_->getAsString();
  if (!text)
    return fail("expected string");
  out = text->str();
  return true;
}

bool JsonNode::readOptional(llvm::StringRef key, std::optional<double> &out) const {
  std::optional<JsonNode> member = at(key);
  if (!member)
    return false;
  out.reset();
  return member->isNull() || member->read(out.emplace());
}
