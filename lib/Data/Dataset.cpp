//===- Dataset.cpp - Pictures with captions, one after the other ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Dataset.h"
#include "Search/CounterRandom.h"
#include <numeric>
#include <unordered_set>

using namespace cat;
using namespace cat::data;

namespace {

class SkippingSource final : public Source {
public:
  SkippingSource(std::unique_ptr<Source> source, int64_t limit,
                 std::function<void(const Fault &)> skipped)
      : source_(std::move(source)), limit_(limit), skipped_(std::move(skipped)) {}

  Next next() override {
    for (;;) {
      Next next = source_->next();
      if (!next.fault || next.loss != Loss::Record)
        return next;
      if (++bad_ > limit_)
        return {Fault{next.fault->message + " (bad record " + std::to_string(bad_) +
                      " of this pass, and " + std::to_string(limit_) +
                      " may be skipped: mend the data set or allow more)"},
                Loss::File};
      if (skipped_)
        skipped_(*next.fault);
    }
  }
  void reset(std::optional<uint64_t> seed) override {
    bad_ = 0;
    source_->reset(seed);
  }
  std::optional<int64_t> size() const override { return source_->size(); }
  Result<std::vector<std::string>> keys() override { return source_->keys(); }

private:
  std::unique_ptr<Source> source_;
  int64_t limit_;
  int64_t bad_ = 0;
  std::function<void(const Fault &)> skipped_;
};

/// FNV-1a over the text, to be mixed further.
uint64_t hashText(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (unsigned char c : text)
    hash = (hash ^ c) * 0x100000001B3;
  return hash;
}

} // namespace

std::unique_ptr<Source> data::skipBadRecords(std::unique_ptr<Source> source, int64_t limit,
                                             std::function<void(const Fault &)> skipped) {
  return std::make_unique<SkippingSource>(std::move(source), limit, std::move(skipped));
}

std::vector<int64_t> data::permutation(int64_t n, std::optional<uint64_t> seed) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t(0));
  if (!seed)
    return order;
  search::CounterRandom random(*seed, 0);
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(order[i], order[random.below(i + 1)]);
  return order;
}

const char *data::splitName(Split split) {
  switch (split) {
  case Split::Train:
    return "train";
  case Split::Validation:
    return "validation";
  case Split::Test:
    return "test";
  }
  return "";
}

Split data::splitOf(std::string_view key, const SplitShares &shares) {
  double place = search::CounterRandom(shares.seed, hashText(key)).uniform();
  if (place < shares.train)
    return Split::Train;
  return place < shares.train + shares.validation ? Split::Validation : Split::Test;
}

KeyFilter data::keysOfSplit(Split split, const SplitShares &shares) {
  return [split, shares](std::string_view key) { return splitOf(key, shares) == split; };
}

std::optional<Fault> data::checkDisjoint(const std::vector<std::string> &keys,
                                         const std::string &name,
                                         const std::vector<std::string> &others,
                                         const std::string &otherName) {
  std::unordered_set<std::string_view> known(others.begin(), others.end());
  for (const std::string &key : keys)
    if (known.count(key))
      return Fault{name + ": record '" + key + "' is in " + otherName +
                   " too; a figure on records that training or choosing has seen says nothing: "
                   "remove it from one"};
  return std::nullopt;
}
