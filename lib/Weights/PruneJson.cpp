//===- PruneJson.cpp - Importance and selections as JSON ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/JsonNode.h"
#include "Results/JsonText.h"
#include "Weights/Prune.h"
#include <cmath>

using namespace cat;
using namespace cat::weights;
using results::JsonNode;
namespace json = llvm::json;

namespace {

constexpr const char *kImportanceSchema = "catc.importance/1",
                     *kSelectionSchema = "catc.selection/1";

std::string textOf(double value) {
  return std::isfinite(value) ? results::shortestNumber(value) : "null";
}
std::string textOf(int64_t value) { return std::to_string(value); }

/// A list on one line: there are thousands of neurons.
template <typename T> void writeList(json::OStream &out, const std::vector<T> &list) {
  std::string text = "[";
  for (const T &value : list)
    text += (text.size() > 1 ? "," : "") + textOf(value);
  out.rawValue(text + "]");
}

/// The members that scores and selections of a tower share; Tower is one of them.
template <typename Tower>
void writeTower(json::OStream &out, const char *name, const Tower &tower) {
  auto list = [&](const char *key, const auto &values) {
    out.attributeBegin(key);
    writeList(out, values);
    out.attributeEnd();
  };
  auto lists = [&](const char *key, const auto &layers) {
    out.attributeArray(key, [&] {
      for (const auto &values : layers)
        writeList(out, values);
    });
  };
  out.attributeObject(name, [&] {
    list("layers", tower.layers);
    lists("heads", tower.heads);
    lists("ffn", tower.ffn);
    list("width", tower.width);
  });
}

template <typename T> bool readList(const JsonNode &node, std::vector<T> &list) {
  return node.readElements([&](const JsonNode &element) {
    T value;
    if (!element.read(value))
      return false;
    list.push_back(value);
    return true;
  });
}

template <typename Tower> bool readTower(const JsonNode &root, const char *name, Tower &tower) {
  std::optional<JsonNode> node = root.at(name);
  if (!node)
    return false;
  auto list = [&](const char *key, auto &values) {
    std::optional<JsonNode> member = node->at(key);
    return member && readList(*member, values);
  };
  auto lists = [&](const char *key, auto &layers) {
    return node->readArray(
        key, [&](const JsonNode &element) { return readList(element, layers.emplace_back()); });
  };
  return list("layers", tower.layers) && lists("heads", tower.heads) && lists("ffn", tower.ffn) &&
         list("width", tower.width);
}

template <typename T> std::string print(const char *schema, const T &record, const char *source) {
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("schema", schema);
      if (source)
        out.attribute("source", json::fixUTF8(source));
      writeTower(out, "vision", record.vision);
      writeTower(out, "text", record.text);
    });
  });
}

/// Reads what print() wrote; `source` may be null.
template <typename T>
Result<T> parse(const char *schema, const std::string &name, const std::string &text,
                std::string T::*source) {
  Result<json::Value> value = results::parseJson(name, text);
  if (!value)
    return value.fault();
  std::string error, found;
  JsonNode root(&*value, "", error);
  T record;
  bool ok = root.read("schema", found);
  if (ok && found != schema)
    ok = root.at("schema")->fail(std::string("expected \"") + schema + "\"");
  if (ok && source)
    ok = root.read("source", record.*source);
  if (!ok || !readTower(root, "vision", record.vision) || !readTower(root, "text", record.text))
    return Fault{name + ": " + error};
  return record;
}

} // namespace

std::string cat::weights::printImportance(const Importance &importance) {
  return print(kImportanceSchema, importance, importance.source.c_str());
}

Result<Importance> cat::weights::parseImportance(const std::string &name, const std::string &text) {
  return parse<Importance>(kImportanceSchema, name, text, &Importance::source);
}

std::string cat::weights::printSelection(const Selection &selection) {
  return print(kSelectionSchema, selection, nullptr);
}

Result<Selection> cat::weights::parseSelection(const std::string &name, const std::string &text) {
  return parse<Selection>(kSelectionSchema, name, text, nullptr);
}
