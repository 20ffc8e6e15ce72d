//===- Vocabulary.cpp - Read CLIP's byte-pair vocabularies ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/BpeTokenizer.h"
#include "Data/Json.h"
#include <algorithm>
#include <sys/stat.h>

using namespace cat;
using namespace cat::data;
namespace json = llvm::json;

namespace {

constexpr int64_t kMaxBytes = 256 << 20;
constexpr int64_t kMaxId = 1 << 24;

/// OpenAI's file has more merges than its vocabulary of 49,408 uses: these, 2 x 256 bytes and the
/// two special tokens.
constexpr size_t kOpenAiMerges = 49408 - 2 * 256 - 2;

bool endsWith(const std::string &text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Two tokens with one space between.
bool splitMerge(std::string_view line, BpeVocabulary::Merge &merge) {
  size_t space = line.find(' ');
  if (space == line.npos || space == 0 || space + 1 == line.size() ||
      line.find(' ', space + 1) != line.npos)
    return false;
  merge = {std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
  return true;
}

/// Merges, one a line, behind a line that states the version.
std::optional<Fault> parseMerges(const std::string &path, std::string_view text, size_t limit,
                                 std::vector<BpeVocabulary::Merge> &merges) {
  size_t number = 0;
  for (size_t begin = 0; begin < text.size() && merges.size() < limit;) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    ++number;
    if (number == 1) {
      if (line.find("#version") == line.npos)
        return Fault{path + ": line 1: expected '#version: ...', as a file of merges begins"};
      continue;
    }
    if (line.empty())
      continue;
    BpeVocabulary::Merge merge;
    if (!splitMerge(line, merge))
      return Fault{path + ": line " + std::to_string(number) +
                   ": expected two tokens with a space between"};
    merges.push_back(std::move(merge));
  }
  if (merges.empty())
    return Fault{path + ": has no merges: not a tokenizer's vocabulary"};
  return std::nullopt;
}

/// A JSON object of tokens and their ids.
std::optional<Fault> parseIds(const std::string &path, const json::Object &object,
                              BpeVocabulary &vocabulary) {
  for (const auto &[token, value] : object) {
    std::optional<int64_t> id = value.getAsInteger();
    if (!id || *id < 0 || *id > kMaxId)
      return Fault{path + ": token '" + token.str() + "': expected an id, 0 to " +
                   std::to_string(kMaxId)};
    vocabulary.ids[token.str()] = static_cast<int32_t>(*id);
  }
  return std::nullopt;
}

/// Hugging Face's two files, as the older of its two tokenizers reads them.
Result<BpeVocabulary> readVocabAndMerges(const std::string &path) {
  std::string mergesPath = path.substr(0, path.find_last_of('/') + 1) + "merges.txt";
  Result<std::string> text = readWhole(path, kMaxBytes);
  if (!text)
    return text.fault();
  Result<json::Value> value = parseJson(path, *text);
  if (!value)
    return value.fault();
  const json::Object *object = value->getAsObject();
  if (!object)
    return Fault{path + ": expected an object of tokens and ids"};
  BpeVocabulary vocabulary;
  if (auto error = parseIds(path, *object, vocabulary))
    return *error;
  text = readWhole(mergesPath, kMaxBytes);
  if (!text)
    return text.fault();
  if (auto error = parseMerges(mergesPath, *text, kOpenAiMerges, vocabulary.merges))
    return *error;
  vocabulary.start = "<|startoftext|>";
  vocabulary.end = "<|endoftext|>";
  return vocabulary;
}

/// model.merges: "left right", or ["left", "right"] since 2024.
std::optional<Fault> parseJsonMerges(const std::string &path, const json::Array &array,
                                     BpeVocabulary &vocabulary) {
  for (size_t i = 0; i < array.size(); ++i) {
    BpeVocabulary::Merge merge;
    bool good = false;
    if (auto line = array[i].getAsString())
      good = splitMerge(*line, merge);
    else if (const json::Array *pair = array[i].getAsArray(); pair && pair->size() == 2) {
      auto left = (*pair)[0].getAsString(), right = (*pair)[1].getAsString();
      good = left && right;
      if (good)
        merge = {left->str(), right->str()};
    }
    if (!good)
      return Fault{path + ": model.merges[" + std::to_string(i) + "]: expected two tokens"};
    vocabulary.merges.push_back(std::move(merge));
  }
  return std::nullopt;
}

} // namespace

Result<BpeVocabulary> data::parseOpenAiMerges(const std::string &path, std::string_view text) {
  BpeVocabulary vocabulary;
  if (auto error = parseMerges(path, text, kOpenAiMerges, vocabulary.merges))
    return *error;
  vocabulary.start = "<start_of_text>";
  vocabulary.end = "<end_of_text>";
  // OpenCLIP numbers the bytes, the bytes at a word's end, the merges, and the two special tokens;
  // of a token that comes twice the last number counts.
  int32_t next = 0;
  for (std::string_view suffix : {"", "</w>"})
    for (uint8_t byte : byteCharacters().order)
      vocabulary.ids[byteCharacters().text[byte] + std::string(suffix)] = next++;
  for (const BpeVocabulary::Merge &merge : vocabulary.merges)
    vocabulary.ids[merge.left + merge.right] = next++;
  vocabulary.ids[vocabulary.start] = next++;
  vocabulary.ids[vocabulary.end] = next++;
  return vocabulary;
}

Result<BpeVocabulary> data::parseTokenizerJson(const std::string &path, const std::string &text) {
  Result<json::Value> value = parseJson(path, text);
  if (!value)
    return value.fault();
  const json::Object *root = value->getAsObject();
  const json::Object *model = root ? root->getObject("model") : nullptr;
  const json::Object *ids = model ? model->getObject("vocab") : nullptr;
  const json::Array *merges = model ? model->getArray("merges") : nullptr;
  if (!ids || !merges)
    return Fault{path + ": expected model.vocab and model.merges, as a byte-pair tokenizer has"};
  if (model->getString("end_of_word_suffix").value_or("") != "</w>")
    return Fault{path +
                 ": model.end_of_word_suffix: expected \"</w>\", as CLIP's tokenizer has: this "
                 "is another model's"};
  BpeVocabulary vocabulary;
  vocabulary.cleaning = Cleaning::Compose;
  if (auto error = parseIds(path, *ids, vocabulary))
    return *error;
  if (auto error = parseJsonMerges(path, *merges, vocabulary))
    return *error;
  if (const json::Array *added = root->getArray("added_tokens"))
    for (size_t i = 0; i < added->size(); ++i) {
      const json::Object *token = (*added)[i].getAsObject();
      auto content = token ? token->getString("content") : std::nullopt;
      auto id = token ? token->getInteger("id") : std::nullopt;
      if (!content || !id || *id < 0 || *id > kMaxId)
        return Fault{path + ": added_tokens[" + std::to_string(i) +
                     "]: expected an object with content and id"};
      vocabulary.ids[content->str()] = static_cast<int32_t>(*id);
    }
  vocabulary.start = "<|startoftext|>";
  vocabulary.end = "<|endoftext|>";
  return vocabulary;
}

Result<BpeVocabulary> data::readVocabulary(const std::string &path) {
  auto readOne = [](const std::string &file, auto parse) -> Result<BpeVocabulary> {
    Result<std::string> text = readWhole(file, kMaxBytes);
    return text ? parse(file, *text) : text.fault();
  };
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    std::string single = path + "/tokenizer.json";
    if (stat(single.c_str(), &status) == 0)
      return readOne(single, parseTokenizerJson);
    return readVocabAndMerges(path + "/vocab.json");
  }
  if (endsWith(path, "vocab.json"))
    return readVocabAndMerges(path);
  if (endsWith(path, ".json"))
    return readOne(path, parseTokenizerJson);
  return readOne(path, parseOpenAiMerges);
}
