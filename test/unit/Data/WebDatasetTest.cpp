//===- WebDatasetTest.cpp - Data sets in tar archives ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/WebDataset.h"
#include "DataFixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <zlib.h>

using namespace cat;
using namespace cat::data;
using namespace cat::data::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

class WebDataset : public testing::Test {
protected:
  TemporaryFolder folder;
  std::string png = encodePng(gradient(4, 3));
  std::string jpeg = encodeJpeg(gradient(40, 40));

  std::unique_ptr<Source> open(const std::string &pattern, WebDatasetOptions options = {}) {
    auto source = webDatasetSource(pattern, std::move(options));
    EXPECT_TRUE(source) << source.error();
    return source ? std::move(*source) : nullptr;
  }
  /// An archive of records "FIRST" to "FIRST + COUNT - 1".
  std::string records(int first, int count) {
    std::vector<std::pair<std::string, std::string>> files;
    for (int i = first; i < first + count; ++i) {
      files.push_back({std::to_string(i) + ".jpg", jpeg});
      files.push_back({std::to_string(i) + ".txt", "number " + std::to_string(i)});
    }
    return makeTar(files);
  }
};

} // namespace

TEST(BracesTest, Expand) {
  auto expand = [](const char *pattern) {
    auto paths = expandBraces(pattern);
    return paths ? *paths : std::vector<std::string>{paths.error()};
  };
  EXPECT_THAT(expand("a.tar"), ElementsAre("a.tar"));
  EXPECT_THAT(expand("a{008..010}.tar"), ElementsAre("a008.tar", "a009.tar", "a010.tar"));
  EXPECT_THAT(expand("{9..11}"), ElementsAre("9", "10", "11"));
  EXPECT_THAT(expand("{a,b}{1..2}"), ElementsAre("a1", "a2", "b1", "b2"));
  EXPECT_THAT(expand("{x,y{1..2}}.tar"), ElementsAre("x.tar", "y1.tar", "y2.tar"));
  EXPECT_THAT(expand("a{1..2"), ElementsAre(HasSubstr("a '{' without its '}'")));
  EXPECT_THAT(expand("a}"), ElementsAre(HasSubstr("a '}' without its '{'")));
  EXPECT_THAT(expand("a{b}"), ElementsAre(HasSubstr("'{b}': expected numbers")));
  EXPECT_THAT(expand("a{2..1}"), ElementsAre(HasSubstr("'{2..1}': expected numbers")));
  EXPECT_THAT(expand("{0..9999999}"), ElementsAre(HasSubstr("more than a million")));
  EXPECT_THAT(expand("{0..999}{0..999}{0..999}"), ElementsAre(HasSubstr("more than a million")));
}

TEST_F(WebDataset, ReadsRecords) {
  std::string path =
      folder.write("a.tar", makeTar({{"x/one.png", png},
                                     {"x/one.txt", "a caption\nof two lines"},
                                     {"x/one.cls", "7"},
                                     {"two.seg.png", "not the picture"},
                                     {"two.JPG", jpeg},
                                     {"two.json", R"({"caption": "from json", "url": "x"})"},
                                     {"README", "no key"},
                                     {"__meta.txt", "reserved"},
                                     {"three.jpeg", jpeg},
                                     {"three.json", R"({"caption": ["first", "", "second"]})"},
                                     {"four.jpg", jpeg},
                                     {"four.json", "{"},
                                     {"four.txt", "text before json"}}));
  auto source = open(path);
  Pass pass = readAll(*source);
  EXPECT_THAT(pass.faults, IsEmpty());
  ASSERT_THAT(pass.keys, ElementsAre("x/one", "two", "three", "four"));
  EXPECT_THAT(pass.samples[0].captions, ElementsAre("a caption\nof two lines"));
  EXPECT_EQ(pass.samples[0].image.width, 4);
  EXPECT_THAT(pass.samples[1].captions, ElementsAre("from json"));
  EXPECT_THAT(pass.samples[2].captions, ElementsAre("first", "second"));
  EXPECT_THAT(pass.samples[3].captions, ElementsAre("text before json"));
  EXPECT_EQ(*source->keys(), pass.keys);
  EXPECT_EQ(source->size(), std::nullopt);

  WebDatasetOptions lines;
  lines.captionPerLine = true;
  EXPECT_THAT(readAll(*open(path, lines)).samples[0].captions,
              ElementsAre("a caption", "of two lines"));
}

TEST_F(WebDataset, ReadsGzip) {
  std::string path = folder.path() + "/a.tar.gz", tar = records(0, 3);
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, tar.data(), static_cast<unsigned>(tar.size())),
            static_cast<int>(tar.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  EXPECT_THAT(readAll(*open(path)).keys, ElementsAre("0", "1", "2"));
}

TEST_F(WebDataset, NamesBadRecords) {
  std::string path = folder.write("a.tar", makeTar({{"nopicture.txt", "text"},
                                                    {"nocaption.jpg", jpeg},
                                                    {"blank.jpg", jpeg},
                                                    {"blank.txt", " \n"},
                                                    {"broken.jpg", jpeg.substr(0, 300)},
                                                    {"broken.txt", "text"},
                                                    {"web.webp", std::string("RIFF1234WEBP")},
                                                    {"web.txt", "text"},
                                                    {"json.jpg", jpeg},
                                                    {"json.json", "{\"caption\":"},
                                                    {"other.jpg", jpeg},
                                                    {"other.json", "{\"title\": 1}"},
                                                    {"two.jpg", jpeg},
                                                    {"two.png", png},
                                                    {"two.txt", "text"},
                                                    {"good.jpg", jpeg},
                                                    {"good.txt", "text"}}));
  Pass pass = readAll(*open(path));
  EXPECT_THAT(pass.keys, ElementsAre("good"));
  EXPECT_THAT(pass.faults,
              ElementsAre(path + ": record 'nopicture': has no picture",
                          path + ": record 'nocaption': has no caption",
                          path + ": record 'blank': has no caption",
                          HasSubstr(path + ": record 'broken': JPEG: "),
                          HasSubstr(path + ": record 'web': a WebP picture, which is not read"),
                          HasSubstr(path + ": record 'json': member 'json': "),
                          path + ": record 'other': member 'json' has no \"caption\"",
                          path + ": record 'two': has two pictures"));
}

// Wherever an archive is cut, the records before come, the fault names the last of them, and the
// next archive is read.
TEST_F(WebDataset, CutArchiveGivesWhatComesBefore) {
  std::string tar = records(0, 4), next = folder.write("b.tar", records(10, 2));
  size_t record = (tar.size() - 1024) / 4;
  for (size_t cut = 0; cut < tar.size() - 1024; cut += 128) {
    SCOPED_TRACE(cut);
    std::string path = folder.write("a.tar", std::string_view(tar).substr(0, cut));
    Pass pass = readAll(*open(folder.path() + "/{a,b}.tar"));
    size_t whole = cut / record;
    // A record whose last member lacks its padding only is there, or is not.
    ASSERT_GE(pass.keys.size(), whole + 2);
    ASSERT_LE(pass.keys.size(), whole + 3);
    for (size_t i = 0; i + 2 < pass.keys.size(); ++i)
      EXPECT_EQ(pass.keys[i], std::to_string(i));
    EXPECT_EQ(pass.keys.back(), "11");
    ASSERT_GE(pass.faults.size(), 1u);
    std::string last = pass.faults.back();
    EXPECT_THAT(last, HasSubstr(path + ": "));
    if (pass.keys.size() > 2) {
      EXPECT_THAT(last, HasSubstr("after record '"));
    } else {
      EXPECT_THAT(last, testing::AnyOf(HasSubstr("before its first whole record"),
                                       HasSubstr("after record '0'")));
    }
  }
}

TEST_F(WebDataset, RefusesWhatIsNoArchive) {
  auto error = [](const std::string &pattern) {
    auto source = webDatasetSource(pattern);
    return source ? std::string("opened") : source.error();
  };
  EXPECT_EQ(error(folder.path() + "/none{1..2}.tar"),
            folder.path() + "/none1.tar: No such file or directory");
  std::string text =
      folder.write("text.tar", "this is no archive, and long enough to be seen as none");
  EXPECT_THAT(readAll(*open(text)).faults, ElementsAre(HasSubstr(text + ": before its first")));
  std::string empty = folder.write("empty.tar", makeTar({}));
  EXPECT_THAT(readAll(*open(empty)).faults, ElementsAre(empty + ": has no records"));
  std::string nothing = folder.write("nothing.tar", "");
  EXPECT_EQ(readAll(*open(nothing)).faults.size(), 1u);
}

TEST_F(WebDataset, ShufflesArchivesAndRecords) {
  for (int shard = 0; shard < 5; ++shard)
    folder.write("s" + std::to_string(shard) + ".tar", records(shard * 20, 20));
  WebDatasetOptions options;
  options.shuffleBuffer = 30;
  auto source = open(folder.path() + "/s{0..4}.tar", options);
  std::vector<std::string> ordered = readAll(*source).keys;
  ASSERT_EQ(ordered.size(), 100u);
  EXPECT_EQ(ordered[21], "21");
  source->reset(3);
  std::vector<std::string> shuffled = readAll(*source).keys;
  EXPECT_NE(shuffled, ordered);
  EXPECT_THAT(shuffled, testing::UnorderedElementsAreArray(ordered));
  source->reset(4);
  EXPECT_NE(readAll(*source).keys, shuffled);
  source->reset(3);
  source->next(); // a pass may be left early
  source->reset(3);
  EXPECT_EQ(readAll(*source).keys, shuffled);
  source->reset(std::nullopt);
  EXPECT_EQ(readAll(*source).keys, ordered);
}

TEST_F(WebDataset, SplitsByKey) {
  std::string path = folder.write("a.tar", records(0, 100));
  SplitShares shares{0.5, 0.25, 1};
  std::vector<std::string> all;
  for (Split split : {Split::Train, Split::Validation, Split::Test}) {
    WebDatasetOptions options;
    options.filter = keysOfSplit(split, shares);
    auto source = open(path, options);
    std::vector<std::string> keys = readAll(*source).keys;
    EXPECT_EQ(*source->keys(), keys);
    EXPECT_FALSE(checkDisjoint(keys, "this", all, "those"));
    all.insert(all.end(), keys.begin(), keys.end());
  }
  EXPECT_EQ(all.size(), 100u);
  WebDatasetOptions none;
  none.filter = [](std::string_view) { return false; };
  EXPECT_THAT(readAll(*open(path, none)).faults,
              ElementsAre(path + ": has no records of this split"));
}
