//===- CaptionJson.cpp - Read captions of COCO and Flickr30k --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/CaptionLists.h"
#include "Data/Json.h"
#include "Data/Manifest.h"
#include <unordered_map>
#include <unordered_set>

using namespace cat;
using namespace cat::data;
namespace json = llvm::json;

namespace {

/// The root object of a text.
Result<json::Object> parseObject(const std::string &path, const std::string &text) {
  Result<json::Value> value = parseJson(path, text);
  if (!value)
    return value.fault();
  if (json::Object *object = value->getAsObject())
    return std::move(*object);
  return Fault{path + ": expected an object with \"images\""};
}

std::string placeIn(const char *array, size_t index) {
  return std::string(array) + "[" + std::to_string(index) + "]";
}

Entry badEntry(std::string key, const std::string &why) {
  std::string problem = key + ": " + why;
  return {std::move(key), "", {}, std::move(problem)};
}

} // namespace

Result<Manifest> data::readCoco(const std::string &path, const std::string &folder) {
  Result<std::string> text = readWhole(path, kMaxListBytes);
  return text ? parseCoco(path, *text, folder) : text.fault();
}

Result<Manifest> data::parseCoco(const std::string &path, const std::string &text,
                                 const std::string &folder) {
  Result<json::Object> root = parseObject(path, text);
  if (!root)
    return root.fault();
  const json::Array *images = root->getArray("images");
  const json::Array *annotations = root->getArray("annotations");
  if (!images || !annotations)
    return Fault{path + ": expected \"images\" and \"annotations\", as COCO's captions have"};

  Manifest manifest{path, {}};
  std::unordered_map<int64_t, size_t> byId; // looked up, never gone through
  std::unordered_set<std::string> names;
  for (size_t i = 0; i < images->size(); ++i) {
    const json::Object *image = (*images)[i].getAsObject();
    auto id = image ? image->getInteger("id") : std::nullopt;
    auto name = image ? image->getString("file_name") : std::nullopt;
    if (!id || !name)
      manifest.entries.push_back(
          badEntry(placeIn("images", i), "expected an object with id and file_name"));
    else if (byId.count(*id) || !names.insert(name->str()).second)
      manifest.entries.push_back(
          badEntry(placeIn("images", i), "'" + name->str() + "' or its id stands twice"));
    else {
      byId[*id] = manifest.entries.size();
      manifest.entries.push_back({name->str(), joinPath(folder, name->str()), {}, ""});
    }
  }
  for (size_t i = 0; i < annotations->size(); ++i) {
    const json::Object *annotation = (*annotations)[i].getAsObject();
    auto id = annotation ? annotation->getInteger("image_id") : std::nullopt;
    auto caption = annotation ? annotation->getString("caption") : std::nullopt;
    if (!id || !caption) {
      manifest.entries.push_back(
          badEntry(placeIn("annotations", i), "expected an object with image_id and caption"));
      continue;
    }
    auto found = byId.find(*id);
    if (found == byId.end())
      manifest.entries.push_back(
          badEntry(placeIn("annotations", i),
                   "is of image " + std::to_string(*id) + ", which \"images\" does not list"));
    else if (!isBlank(*caption))
      manifest.entries[found->second].captions.push_back(caption->str());
  }
  for (Entry &entry : manifest.entries)
    if (entry.problem.empty() && entry.captions.empty())
      entry.problem = "image '" + entry.key + "' has no caption";
  return manifest;
}

Result<Manifest> data::readKarpathy(const std::string &path, const std::string &folder,
                                    const std::string &split) {
  Result<std::string> text = readWhole(path, kMaxListBytes);
  return text ? parseKarpathy(path, *text, folder, split) : text.fault();
}

Result<Manifest> data::parseKarpathy(const std::string &path, const std::string &text,
                                     const std::string &folder, const std::string &split) {
  Result<json::Object> root = parseObject(path, text);
  if (!root)
    return root.fault();
  const json::Array *images = root->getArray("images");
  if (!images)
    return Fault{path + ": expected \"images\", as Karpathy's splits have"};

  Manifest manifest{path, {}};
  std::unordered_set<std::string> names;
  for (size_t i = 0; i < images->size(); ++i) {
    const json::Object *image = (*images)[i].getAsObject();
    auto name = image ? image->getString("filename") : std::nullopt;
    auto part = image ? image->getString("split") : std::nullopt;
    const json::Array *sentences = image ? image->getArray("sentences") : nullptr;
    if (!name || !part || !sentences) {
      manifest.entries.push_back(
          badEntry(placeIn("images", i), "expected an object with filename, split and sentences"));
      continue;
    }
    if (!split.empty() && (*part == "restval" ? "train" : part->str()) != split)
      continue;
    // COCO's pictures are in a folder each for train2014 and val2014.
    std::string key = joinPath(image->getString("filepath").value_or("").str(), name->str());
    if (!names.insert(key).second) {
      manifest.entries.push_back(badEntry(placeIn("images", i), "'" + key + "' stands twice"));
      continue;
    }
    Entry entry{key, joinPath(folder, key), {}, ""};
    for (const json::Value &sentence : *sentences) {
      const json::Object *object = sentence.getAsObject();
      auto raw = object ? object->getString("raw") : std::nullopt;
      if (raw && !isBlank(*raw))
        entry.captions.push_back(raw->str());
    }
    if (entry.captions.empty())
      entry.problem = "image '" + key + "' has no caption";
    manifest.entries.push_back(std::move(entry));
  }
  return manifest;
}
