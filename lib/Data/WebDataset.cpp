//===- WebDataset.cpp - Data sets in tar archives -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/WebDataset.h"
#include "Data/CaptionLists.h"
#include "Data/Json.h"
#include "Data/TarRecords.h"
#include "Search/CounterRandom.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace cat;
using namespace cat::data;
namespace json = llvm::json;

namespace {

/// The random streams of a pass: the archives' order has that of permutation().
constexpr uint64_t kBufferStream = 1;

/// The captions of a record, or why it has none.
Result<std::vector<std::string>> captionsOf(const RawRecord &record, bool perLine) {
  std::vector<std::string> captions;
  if (record.text && !perLine)
    captions.push_back(*record.text);
  else if (record.text) {
    for (size_t begin = 0; begin < record.text->size();) {
      size_t end = std::min(record.text->find('\n', begin), record.text->size());
      captions.push_back(record.text->substr(begin, end - begin));
      begin = end + 1;
    }
  } else if (record.json) {
    Result<json::Value> value = parseJson("member 'json'", *record.json);
    if (!value)
      return value.fault();
    const json::Object *object = value->getAsObject();
    const json::Value *caption = object ? object->get("caption") : nullptr;
    if (!caption)
      return Fault{"member 'json' has no \"caption\""};
    if (auto text = caption->getAsString())
      captions.push_back(text->str());
    if (const json::Array *texts = caption->getAsArray())
      for (const json::Value &one : *texts)
        if (auto text = one.getAsString())
          captions.push_back(text->str());
  }
  captions.erase(std::remove_if(captions.begin(), captions.end(),
                                [](const std::string &caption) { return isBlank(caption); }),
                 captions.end());
  if (captions.empty())
    return Fault{"has no caption"};
  return captions;
}

Next decodeRecord(const RawRecord &record, bool perLine) {
  auto bad = [&](const std::string &why) {
    return Next(Fault{record.archive + ": record '" + record.key + "': " + why}, Loss::Record);
  };
  if (!record.problem.empty())
    return bad(record.problem);
  if (!record.picture)
    return bad("has no picture");
  Result<std::vector<std::string>> captions = captionsOf(record, perLine);
  if (!captions)
    return bad(captions.error());
  Result<Image> image = decodeImage(*record.picture);
  if (!image)
    return bad(image.error());
  return Sample{record.key, std::move(*image), std::move(*captions)};
}

class WebDatasetSource final : public Source {
public:
  WebDatasetSource(std::string pattern, std::vector<std::string> paths, WebDatasetOptions options)
      : pattern_(std::move(pattern)), paths_(std::move(paths)), options_(std::move(options)) {
    reset(std::nullopt);
  }

  Next next() override {
    size_t wanted = random_ ? std::max<size_t>(static_cast<size_t>(options_.shuffleBuffer), 1) : 1;
    while (buffer_.size() < wanted) {
      if (!records_) {
        if (shard_ == order_.size())
          break;
        records_.emplace(paths_[order_[shard_++]], options_.filter, false);
      }
      if (std::optional<RawRecord> record = records_->next()) {
        any_ = true;
        buffer_.push_back(std::move(*record));
        continue;
      }
      auto fault = records_->takeFault();
      records_.reset();
      if (fault) {
        any_ = true; // the fault says why there may be none
        return {std::move(fault->first), fault->second};
      }
    }
    if (buffer_.empty()) {
      if (!std::exchange(any_, true))
        return {Fault{pattern_ + ": has no records" + (options_.filter ? " of this split" : "")},
                Loss::File};
      return {};
    }
    if (random_)
      std::swap(buffer_[random_->below(static_cast<int64_t>(buffer_.size()))], buffer_.back());
    RawRecord record = std::move(buffer_.back());
    buffer_.pop_back();
    return decodeRecord(record, options_.captionPerLine);
  }

  void reset(std::optional<uint64_t> seed) override {
    order_ = permutation(static_cast<int64_t>(paths_.size()), seed);
    random_.reset();
    if (seed)
      random_.emplace(*seed, kBufferStream);
    shard_ = 0;
    records_.reset();
    buffer_.clear();
    any_ = false;
  }

  std::optional<int64_t> size() const override { return std::nullopt; }

  Result<std::vector<std::string>> keys() override {
    std::vector<std::string> keys;
    for (const std::string &path : paths_) {
      TarRecords records(path, options_.filter, true);
      while (std::optional<RawRecord> record = records.next())
        keys.push_back(record->key);
      if (auto fault = records.takeFault(); fault && fault->second == Loss::File)
        return fault->first;
    }
    return keys;
  }

private:
  std::string pattern_;
  std::vector<std::string> paths_;
  WebDatasetOptions options_;
  std::vector<int64_t> order_; ///< of the archives
  size_t shard_ = 0;           ///< the next one's place in it
  std::optional<TarRecords> records_;
  std::optional<search::CounterRandom> random_;
  std::vector<RawRecord> buffer_;
  bool any_ = false; ///< whether this pass has had a record or a fault
};

constexpr size_t kMaxPaths = 1'000'000;

/// What "000..010" names, if `text` is such a range.
std::optional<std::vector<std::string>> rangeOf(const std::string &text) {
  size_t dots = text.find("..");
  if (dots == text.npos)
    return std::nullopt;
  std::string low = text.substr(0, dots), high = text.substr(dots + 2);
  auto isNumber = [](const std::string &digits) {
    return !digits.empty() && digits.size() <= 12 &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!isNumber(low) || !isNumber(high))
    return std::nullopt;
  int64_t from = std::stoll(low), to = std::stoll(high);
  std::vector<std::string> names;
  for (int64_t i = from; i <= to && names.size() <= kMaxPaths; ++i) {
    std::string digits = std::to_string(i);
    names.push_back(std::string(low.size() - std::min(low.size(), digits.size()), '0') + digits);
  }
  return names;
}

/// The place of the brace that closes the one at `open`; npos if none does. `commas` gets those in
/// between that are not in a brace of their own.
size_t closingBrace(const std::string &text, size_t open, std::vector<size_t> &commas) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '{';
    depth -= text[i] == '}';
    if (depth == 0)
      return i;
    if (depth == 1 && text[i] == ',')
      commas.push_back(i);
  }
  return text.npos;
}

} // namespace

Result<std::vector<std::string>> data::expandBraces(const std::string &pattern) {
  constexpr int kMaxNesting = 16;
  // Expands the first brace of each text until none has one.
  std::vector<std::string> texts = {pattern};
  for (int round = 0; round < kMaxNesting; ++round) {
    std::vector<std::string> expanded;
    bool changed = false;
    for (const std::string &text : texts) {
      size_t open = text.find('{');
      if (open == text.npos) {
        if (text.find('}') != text.npos)
          return Fault{pattern + ": a '}' without its '{'"};
        expanded.push_back(text);
        continue;
      }
      std::vector<size_t> commas;
      size_t close = closingBrace(text, open, commas);
      if (close == text.npos)
        return Fault{pattern + ": a '{' without its '}'"};
      std::string inside = text.substr(open + 1, close - open - 1);
      std::vector<std::string> parts;
      if (commas.empty()) {
        auto range = rangeOf(inside);
        if (!range || range->empty())
          return Fault{pattern + ": '{" + inside +
                       "}': expected numbers as {000..010}, or texts as {a,b}"};
        parts = std::move(*range);
      } else {
        size_t begin = open + 1;
        commas.push_back(close);
        for (size_t comma : commas) {
          parts.push_back(text.substr(begin, comma - begin));
          begin = comma + 1;
        }
      }
      changed = true;
      if (expanded.size() + parts.size() > kMaxPaths)
        return Fault{pattern + ": names more than a million files"};
      for (const std::string &part : parts)
        expanded.push_back(text.substr(0, open) + part + text.substr(close + 1));
    }
    texts = std::move(expanded);
    if (!changed)
      return texts;
  }
  return Fault{pattern + ": has more than " + std::to_string(kMaxNesting - 1) + " braces"};
}

Result<std::unique_ptr<Source>> data::webDatasetSource(const std::string &pattern,
                                                       WebDatasetOptions options) {
  Result<std::vector<std::string>> paths = expandBraces(pattern);
  if (!paths)
    return paths.fault();
  for (const std::string &path : *paths)
    if (access(path.c_str(), R_OK) != 0)
      return Fault{path + ": " + std::strerror(errno)};
  return std::unique_ptr<Source>(
      std::make_unique<WebDatasetSource>(pattern, std::move(*paths), std::move(options)));
}
