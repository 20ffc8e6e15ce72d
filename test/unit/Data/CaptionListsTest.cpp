//===- CaptionListsTest.cpp - Lists of pictures and captions --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Manifest.h"
#include "DataFixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::data;
using namespace cat::data::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

class CaptionLists : public testing::Test {
protected:
  TemporaryFolder folder;

  CaptionLists() {
    folder.write("pictures/a.png", encodePng(gradient(4, 3)));
    folder.write("pictures/b.jpg", encodeJpeg(gradient(8, 8)));
    folder.write("pictures/broken.jpg", encodeJpeg(gradient(64, 64)).substr(0, 400));
  }
  std::string pictures() const { return folder.path() + "/pictures"; }
  Manifest take(Result<Manifest> manifest) {
    EXPECT_TRUE(manifest) << manifest.error();
    return manifest ? *manifest : Manifest();
  }
  std::string error(const Result<Manifest> &manifest) {
    return manifest ? std::string("read") : manifest.error();
  }
};

} // namespace

TEST_F(CaptionLists, CsvGathersTheCaptionsOfAPicture) {
  std::string path =
      folder.write("list.csv", "\xEF\xBB\xBFid\ttitle\tfilepath\r\n"
                               "1\ta cat\tpictures/a.png\r\n"
                               "2\t\"a \"\"quoted\"\" dog,\tand\nmore\"\tpictures/b.jpg\r\n"
                               "\n"
                               "3\tstill a cat\tpictures/a.png");
  Manifest manifest = take(readCsv(path));
  ASSERT_EQ(manifest.entries.size(), 2u);
  EXPECT_THAT(manifest.entries[0].captions, ElementsAre("a cat", "still a cat"));
  EXPECT_THAT(manifest.entries[1].captions, ElementsAre("a \"quoted\" dog,\tand\nmore"));
  auto source = manifestSource(manifest);
  EXPECT_EQ(source->size(), 2);
  Pass pass = readAll(*source);
  EXPECT_THAT(pass.faults, IsEmpty());
  EXPECT_THAT(pass.keys, ElementsAre("pictures/a.png", "pictures/b.jpg"));
  EXPECT_EQ(pass.samples[0].image.width, 4);
}

TEST_F(CaptionLists, CsvHasOtherColumnsAndFolders) {
  std::string path = folder.write("other/list.csv", "image,text\na.png,hello\n");
  Manifest manifest = take(readCsv(path, pictures(), {"image", "text", ','}));
  EXPECT_THAT(readAll(*manifestSource(manifest)).keys, ElementsAre("a.png"));
}

TEST_F(CaptionLists, CsvNamesBadRows) {
  std::string path = folder.write("list.csv", "filepath\ttitle\n"
                                              "pictures/a.png\n"
                                              "pictures/a.png\t \n"
                                              "\tno picture\n"
                                              "pictures/none.png\tabsent\n"
                                              "pictures/broken.jpg\tbroken\n"
                                              "pictures/b.jpg\tgood\n");
  Pass pass = readAll(*manifestSource(take(readCsv(path))));
  EXPECT_THAT(pass.keys, ElementsAre("pictures/b.jpg"));
  EXPECT_THAT(pass.faults,
              ElementsAre(path + ": line 2: has 1 fields: too few for its columns",
                          path + ": line 3: has no caption", path + ": line 4: has no picture",
                          HasSubstr("list.csv: record 'pictures/none.png': " + pictures() +
                                    "/none.png: No such file"),
                          HasSubstr("list.csv: record 'pictures/broken.jpg': " + pictures() +
                                    "/broken.jpg: JPEG: ")));
}

TEST_F(CaptionLists, CsvFailsAsAWhole) {
  EXPECT_EQ(error(readCsv(folder.path() + "/none.csv")),
            folder.path() + "/none.csv: No such file or directory");
  EXPECT_THAT(error(readCsv(folder.path())), HasSubstr("Is a directory"));
  EXPECT_THAT(error(readCsv(folder.write("a.csv", ""))), HasSubstr("a.csv: is empty"));
  EXPECT_THAT(error(readCsv(folder.write("b.csv", "filepath,title\na,b\n"))),
              HasSubstr("b.csv: line 1: has no column 'filepath'"));
  EXPECT_THAT(error(readCsv(folder.write("c.csv", "filepath\ttitle\na\tb\na\t\"b\nc\td\n"))),
              HasSubstr("c.csv: line 3: a quote begins here"));
  auto empty = manifestSource(take(readCsv(folder.write("d.csv", "filepath\ttitle\n"))));
  EXPECT_THAT(readAll(*empty).faults, ElementsAre(folder.path() + "/d.csv: has no records"));
  empty->reset(1);
  EXPECT_EQ(readAll(*empty).faults.size(), 1u);
}

TEST_F(CaptionLists, CocoJoinsImagesAndAnnotations) {
  std::string path = folder.write("coco.json", R"({"info": {}, "images": [
    {"id": 7, "file_name": "b.jpg", "height": 8}, {"id": 3, "file_name": "a.png"}],
    "annotations": [{"id": 1, "image_id": 3, "caption": "one"}, {"id": 2, "image_id": 7, "caption": "two"},
                    {"id": 3, "image_id": 3, "caption": "three"}]})");
  Pass pass = readAll(*manifestSource(take(readCoco(path, pictures()))));
  EXPECT_THAT(pass.faults, IsEmpty());
  EXPECT_THAT(pass.keys, ElementsAre("b.jpg", "a.png"));
  EXPECT_THAT(pass.samples[1].captions, ElementsAre("one", "three"));
}

TEST_F(CaptionLists, CocoNamesBadRecords) {
  std::string path = folder.write("coco.json", R"({"images": [
    {"id": 7, "file_name": "b.jpg"}, {"id": 3, "file_name": "a.png"}, {"id": "x"}, 4,
    {"id": 3, "file_name": "c.png"}],
    "annotations": [{"image_id": 7, "caption": "two"}, {"image_id": 9, "caption": "lost"},
                    {"image_id": 3, "caption": " "}, {"caption": "none"}]})");
  Pass pass = readAll(*manifestSource(take(readCoco(path, pictures()))));
  EXPECT_THAT(pass.keys, ElementsAre("b.jpg"));
  EXPECT_THAT(pass.faults,
              ElementsAre(path + ": image 'a.png' has no caption",
                          path + ": images[2]: expected an object with id and file_name",
                          path + ": images[3]: expected an object with id and file_name",
                          path + ": images[4]: 'c.png' or its id stands twice",
                          path + ": annotations[1]: is of image 9, which \"images\" does not list",
                          path + ": annotations[3]: expected an object with image_id and caption"));
}

TEST_F(CaptionLists, JsonFailsAsAWhole) {
  EXPECT_THAT(error(readCoco(folder.write("a.json", "[]"), "")),
              HasSubstr("a.json: expected an object"));
  EXPECT_THAT(error(readCoco(folder.write("b.json", "{\"images\": []}"), "")),
              HasSubstr("b.json: expected \"images\" and \"annotations\""));
  EXPECT_THAT(error(readCoco(folder.write("c.json", "{\"images\": [{\"id\": 1,"), "")),
              HasSubstr("c.json: "));
  EXPECT_THAT(error(readKarpathy(folder.write("d.json", "{}"), "", "")),
              HasSubstr("d.json: expected \"images\""));
  EXPECT_THAT(error(readKarpathy(folder.path() + "/none.json", "", "")),
              HasSubstr("none.json: No such file"));
}

TEST_F(CaptionLists, KarpathyHasSplits) {
  std::string path = folder.write("flickr.json", R"({"dataset": "flickr30k", "images": [
    {"filename": "a.png", "split": "train", "sentences": [{"raw": "one"}, {"raw": "two", "tokens": []}]},
    {"filename": "b.jpg", "split": "test", "sentences": [{"raw": "three"}]},
    {"filename": "c.jpg", "split": "test", "sentences": []},
    {"filepath": "val2014", "filename": "d.jpg", "split": "restval", "sentences": [{"raw": "four"}]},
    {"filename": "e.jpg"}]})");
  Manifest train = take(readKarpathy(path, pictures(), "train"));
  ASSERT_EQ(train.entries.size(), 3u); // with the one of unknown split
  EXPECT_THAT(train.entries[0].captions, ElementsAre("one", "two"));
  EXPECT_EQ(train.entries[1].path, pictures() + "/val2014/d.jpg");
  EXPECT_THAT(train.entries[2].problem, HasSubstr("images[4]: expected an object with"));
  Pass test = readAll(*manifestSource(take(readKarpathy(path, pictures(), "test"))));
  EXPECT_THAT(test.keys, ElementsAre("b.jpg"));
  EXPECT_THAT(test.faults, testing::Contains(path + ": image 'c.jpg' has no caption"));
}

TEST_F(CaptionLists, ShufflesAndSplits) {
  std::string list = "filepath\ttitle\n";
  for (int i = 0; i < 200; ++i) {
    std::string name = "many/" + std::to_string(i) + ".png";
    folder.write(name, encodePng(gradient(2, 2)));
    list += name + "\tnumber " + std::to_string(i) + "\n";
  }
  Manifest manifest = take(readCsv(folder.write("many.csv", list)));
  auto source = manifestSource(manifest);
  std::vector<std::string> ordered = readAll(*source).keys;
  EXPECT_EQ(*source->keys(), ordered);
  source->reset(1);
  std::vector<std::string> shuffled = readAll(*source).keys;
  EXPECT_NE(shuffled, ordered);
  EXPECT_THAT(shuffled, testing::UnorderedElementsAreArray(ordered));
  source->reset(1);
  EXPECT_EQ(readAll(*source).keys, shuffled);

  SplitShares shares{0.6, 0.2, 5};
  std::vector<std::string> all;
  for (Split split : {Split::Train, Split::Validation, Split::Test}) {
    auto part = manifestSource(manifest, keysOfSplit(split, shares));
    std::vector<std::string> keys = readAll(*part).keys;
    EXPECT_FALSE(checkDisjoint(keys, "this", all, "those"));
    EXPECT_GT(keys.size(), 20u);
    all.insert(all.end(), keys.begin(), keys.end());
  }
  EXPECT_THAT(all, testing::UnorderedElementsAreArray(ordered));
  auto none = manifestSource(manifest, [](std::string_view) { return false; });
  EXPECT_THAT(readAll(*none).faults,
              ElementsAre(folder.path() + "/many.csv: has no records of this split"));
}
