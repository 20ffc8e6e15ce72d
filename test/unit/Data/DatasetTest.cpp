//===- DatasetTest.cpp - Splits, order and bad records --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Dataset.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::data;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Yields samples named by letters; a digit is a bad record, and '!' an unreadable file.
class TextSource final : public Source {
public:
  explicit TextSource(std::string records) : records(std::move(records)) {}

  Next next() override {
    if (at == records.size())
      return {};
    std::string key(1, records[at++]);
    if (key == "!")
      return {Fault{"file broken"}, Loss::File};
    if (key < "A")
      return {Fault{"record " + key + " broken"}, Loss::Record};
    Sample sample;
    sample.key = key;
    return sample;
  }
  void reset(std::optional<uint64_t>) override { at = 0; }
  std::optional<int64_t> size() const override { return std::nullopt; }
  Result<std::vector<std::string>> keys() override { return std::vector<std::string>(); }

private:
  std::string records;
  size_t at = 0;
};

/// The keys of a pass, and the first fault's text.
std::string pass(Source &source) {
  std::string keys;
  for (;;) {
    Next next = source.next();
    if (next.fault)
      return keys + " " + next.fault->message;
    if (!next.sample)
      return keys;
    keys += next.sample->key;
  }
}

} // namespace

TEST(DatasetTest, SkipsBadRecordsUpToALimit) {
  std::vector<std::string> skipped;
  auto note = [&](const Fault &error) { skipped.push_back(error.message); };
  auto source = skipBadRecords(std::make_unique<TextSource>("ab1c2d"), 2, note);
  EXPECT_EQ(pass(*source), "abcd");
  EXPECT_THAT(skipped, ElementsAre("record 1 broken", "record 2 broken"));
  source->reset(std::nullopt); // each pass counts anew
  EXPECT_EQ(pass(*source), "abcd");

  auto strict = skipBadRecords(std::make_unique<TextSource>("ab1c2d"), 1, nullptr);
  EXPECT_THAT(pass(*strict),
              HasSubstr("abc record 2 broken (bad record 2 of this pass, and 1 may"));
  auto file = skipBadRecords(std::make_unique<TextSource>("a!b"), 10, nullptr);
  EXPECT_EQ(pass(*file), "a file broken");
}

TEST(DatasetTest, PermutationIsAFunctionOfTheSeed) {
  EXPECT_THAT(permutation(4, std::nullopt), ElementsAre(0, 1, 2, 3));
  EXPECT_TRUE(permutation(0, 1).empty());
  std::vector<int64_t> one = permutation(1000, 1);
  EXPECT_EQ(one, permutation(1000, 1));
  EXPECT_NE(one, permutation(1000, 2));
  EXPECT_THAT(one, testing::UnorderedElementsAreArray(permutation(1000, std::nullopt)));
}

TEST(DatasetTest, SplitsByKey) {
  SplitShares shares{0.8, 0.15, 1};
  int64_t counts[3] = {};
  for (int i = 0; i < 10000; ++i) {
    std::string key = "image" + std::to_string(i);
    Split split = splitOf(key, shares);
    ++counts[static_cast<int>(split)];
    EXPECT_EQ(keysOfSplit(split, shares)(key), true);
    EXPECT_EQ(splitOf(key, shares), split);
  }
  EXPECT_NEAR(counts[0], 8000, 150);
  EXPECT_NEAR(counts[1], 1500, 150);
  EXPECT_NEAR(counts[2], 500, 100);
  SplitShares other = shares;
  other.seed = 2;
  int64_t moved = 0;
  for (int i = 0; i < 1000; ++i)
    moved += splitOf(std::to_string(i), shares) != splitOf(std::to_string(i), other);
  EXPECT_GT(moved, 100);
  EXPECT_EQ(splitOf("a", {1, 0, 0}), Split::Train);
  EXPECT_EQ(splitOf("a", {0, 1, 0}), Split::Validation);
  EXPECT_EQ(splitOf("a", {0, 0, 0}), Split::Test);
}

TEST(DatasetTest, NamesARecordThatIsInTwoSplits) {
  EXPECT_FALSE(checkDisjoint({"a", "b"}, "train.csv", {"c"}, "test.csv"));
  auto error = checkDisjoint({"a", "b"}, "train.csv", {"c", "b"}, "test.csv");
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr("train.csv: record 'b' is in test.csv too"));
}
