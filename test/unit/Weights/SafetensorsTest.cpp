//===- SafetensorsTest.cpp - Read and write safetensors files -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Safetensors.h"
#include "References.h"
#include "Results/WriteFile.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace cat;
using namespace cat::weights;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

/// A file of a header and data.
std::string fileOf(std::string header, const std::string &data) {
  std::string text;
  for (size_t i = 0; i < 8; ++i)
    text += static_cast<char>(header.size() >> (8 * i));
  return text + header + data;
}

/// A header as it is written: of a multiple of 8 bytes.
std::string padded(std::string header) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

std::string complaint(const std::string &bytes) {
  Result<TensorFile> file = parseSafetensors(bytes, "x.safetensors");
  return file ? "accepted" : file.error();
}

/// The complaint about a file with one tensor "w".
std::string entryComplaint(const std::string &entry, size_t dataSize = 8) {
  return complaint(fileOf("{\"w\":" + entry + "}", std::string(dataSize, 'd')));
}

std::string printed(const TensorFile &file) {
  std::string text;
  EXPECT_EQ(printSafetensors(file, [&](std::string_view part) { text += part; }), std::nullopt);
  return text;
}

std::string contents(const std::filesystem::path &path) {
  std::string text;
  EXPECT_EQ(results::readFile(path, text), std::nullopt);
  return text;
}

class SafetensorsFile : public testing::Test {
protected:
  void SetUp() override {
    std::string name =
        (std::filesystem::temp_directory_path() / "catc-safetensors-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TensorFile someFile() {
  TensorFile file;
  file.metadata["format"] = "pt";
  file.tensors["b"] = makeFloat({2, 3}, {1, 2, 3, 4, 5, 6});
  file.tensors["a"] = makeFloat({}, {0.5});
  file.tensors["half"] = makeFloat({3}, {1, 2, 3}, DType::F16);
  file.tensors["ids"] = makeZeros(DType::I64, {2});
  file.tensors["none"] = makeZeros(DType::U8, {4, 0});
  return file;
}

} // namespace

TEST(Safetensors, WritesWhatTheFormatsOwnLibraryWrites) {
  TensorFile file;
  file.metadata["format"] = "pt";
  file.tensors["b"] = makeFloat({2}, {1, 2});
  file.tensors["a\"\n\x01"] = makeFloat({}, {0.5});
  file.tensors["ids"] = makeZeros(DType::I64, {1});
  std::string header = R"({"__metadata__":{"format":"pt"},)"
                       R"("ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
                       R"("a\"\n\u0001":{"dtype":"F32","shape":[],"data_offsets":[8,12]},)"
                       R"("b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})";
  std::string data(8, '\0');
  for (float value : {0.5f, 1.0f, 2.0f})
    data.append(reinterpret_cast<const char *>(&value), sizeof value);
  EXPECT_EQ(printed(file), fileOf(padded(header), data));
}

TEST(Safetensors, ReadsBackWhatItWrites) {
  TensorFile file = someFile();
  Result<TensorFile> back = parseSafetensors(printed(file), "x");
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->tensors, file.tensors);
  EXPECT_EQ(back->metadata, file.metadata);
}

TEST(Safetensors, KeepsTheOrderOfTheFileThatWasRead) {
  std::string text = fileOf(padded(R"({"__metadata__":{"z":"1","a":"2"},)"
                                   R"("q":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                   R"("p":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})"),
                            "abcdef");
  Result<TensorFile> file = parseSafetensors(text, "x");
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(printed(*file), text);
  // Tensors that come and go do not disturb the others.
  file->tensors.erase("q");
  file->tensors["r"] = makeZeros(DType::U8, {1});
  file->tensors["s"] = makeZeros(DType::I64, {1});
  Result<TensorFile> back = parseSafetensors(printed(*file), "x");
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->tensorOrder, (std::vector<std::string>{"p", "s", "r"}));
}

TEST(Safetensors, DecodesEscapes) {
  Result<TensorFile> file = parseSafetensors(
      fileOf(R"({ "__metadata__" : {"k\u00e9\t\/":"\ud83d\ude00 \"q\""} } )", ""), "x");
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->metadata.at("k\xC3\xA9\t/"), "\xF0\x9F\x98\x80 \"q\"");
}

TEST(Safetensors, RefusesWhatIsNoSuchFile) {
  EXPECT_EQ(complaint(""), "x.safetensors: too short for a safetensors file");
  EXPECT_EQ(complaint("1234567"), "x.safetensors: too short for a safetensors file");
  EXPECT_THAT(complaint("PK\x03\x04 and so on"), HasSubstr("exceeds the limit of 100000000"));
  EXPECT_THAT(complaint(fileOf("{}", "").substr(0, 9)), HasSubstr("exceeds the file"));
  EXPECT_THAT(complaint(fileOf("", "")), HasSubstr("expected '{'"));
  EXPECT_THAT(complaint(fileOf(" {}", "")), HasSubstr("expected '{'"));
  EXPECT_THAT(complaint(fileOf("[]", "")), HasSubstr("expected '{'"));
  EXPECT_THAT(complaint(fileOf("{} x", "")), HasSubstr("expected the end at byte 3"));
  EXPECT_THAT(complaint(fileOf("{", "")), HasSubstr("expected a string at byte 1"));
  EXPECT_THAT(complaint(fileOf("{\"a", "")), HasSubstr("expected the end of a string"));
  EXPECT_THAT(complaint(fileOf("{\"a\xFF\":1}", "")), HasSubstr("in UTF-8"));
  EXPECT_THAT(complaint(fileOf("{\"\\ud800\":1}", "")), HasSubstr("surrogate pair"));
  EXPECT_THAT(complaint(fileOf("{\"\\x\":1}", "")), HasSubstr("escape"));
  EXPECT_EQ(complaint(fileOf("{}", "")), "accepted");
}

TEST(Safetensors, NestingIsNotFollowed) {
  EXPECT_THAT(complaint(fileOf("{\"w\":" + std::string(1'000'000, '['), "")),
              StartsWith("x.safetensors: tensor 'w': expected '{'"));
  EXPECT_THAT(entryComplaint(R"({"shape":[[[[1]]]],"dtype":"F32","data_offsets":[0,8]})"),
              HasSubstr("whole number"));
}

TEST(Safetensors, RefusesTensorsThatCannotBe) {
  EXPECT_EQ(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})"), "accepted");
  EXPECT_EQ(entryComplaint(R"({"dtype":"F8","shape":[2],"data_offsets":[0,8]})"),
            "x.safetensors: tensor 'w': has elements of the unknown type 'F8'");
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"),
              HasSubstr("'w': expected a whole number of zero or more"));
  for (const char *number : {"1e1", "2.0", "02", "\"2\"", "null"})
    EXPECT_THAT(entryComplaint("{\"dtype\":\"F32\",\"shape\":[" + std::string(number) +
                               "],\"data_offsets\":[0,8]}"),
                HasSubstr("'w': expected"))
        << number;
  EXPECT_THAT(
      entryComplaint(R"({"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]})"),
      HasSubstr("'w': has more elements than can be counted"));
  EXPECT_THAT(
      entryComplaint(R"({"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,8]})"),
      HasSubstr("more elements than can be counted"));
  EXPECT_THAT(
      entryComplaint(R"({"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]})"),
      HasSubstr("expected a smaller number"));
  EXPECT_EQ(entryComplaint(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
            "x.safetensors: tensor 'w': needs 12 bytes for F32 [3], but has data_offsets [0, 8]");
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"),
              HasSubstr("has data_offsets [8, 0]"));
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,16]})"),
              HasSubstr("needs two data_offsets"));
  EXPECT_THAT(entryComplaint(R"({"shape":[2],"data_offsets":[0,8]})"),
              HasSubstr("lacks \"dtype\""));
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","data_offsets":[0,8]})"),
              HasSubstr("lacks \"shape\""));
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","shape":[2]})"),
              HasSubstr("lacks \"data_offsets\""));
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})"),
              HasSubstr("unknown member 'x'"));
  EXPECT_THAT(entryComplaint(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})"),
              HasSubstr("'dtype' stands there twice"));
  std::string many = "1";
  for (int i = 0; i < 100; ++i)
    many += ",1";
  EXPECT_THAT(entryComplaint("{\"dtype\":\"F32\",\"shape\":[" + many + "],\"data_offsets\":[0,4]}"),
              HasSubstr("more than 64 dimensions"));
}

TEST(Safetensors, RefusesDataThatTheHeaderDoesNotDescribe) {
  EXPECT_EQ(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 7),
            "x.safetensors: tensor 'w': ends at byte 8 of the data, which has 7: the file is "
            "truncated");
  EXPECT_EQ(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 9),
            "x.safetensors: the last 1 bytes belong to no tensor");
  EXPECT_EQ(entryComplaint(R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})", 12),
            "x.safetensors: tensor 'w': begins 4 bytes after what stands before it");
  std::string overlap = R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})";
  EXPECT_EQ(complaint(fileOf(overlap, std::string(12, 'd'))),
            "x.safetensors: tensor 'w': overlaps the tensor before it by 4 bytes");
  std::string twice = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                      R"("w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})";
  EXPECT_EQ(complaint(fileOf(twice, std::string(8, 'd'))),
            "x.safetensors: header: 'w' stands there twice");
}

TEST(Safetensors, RefusesMetadataThatIsNotText) {
  EXPECT_THAT(complaint(fileOf(R"({"__metadata__":{"a":1}})", "")),
              StartsWith("x.safetensors: __metadata__: expected a string"));
  EXPECT_THAT(complaint(fileOf(R"({"__metadata__":"a"})", "")), HasSubstr("expected '{'"));
  EXPECT_THAT(complaint(fileOf(R"({"__metadata__":{"a":"1","a":"2"}})", "")),
              HasSubstr("'a' stands there twice"));
}

TEST(Safetensors, NamesInErrorsAreShortAndPlain) {
  std::string text =
      complaint(fileOf("{\"" + std::string(1'000'000, 'k') + "\\u0007\":{\"dtype\":\"F8\"}}", ""));
  EXPECT_LT(text.size(), 250u);
  EXPECT_THAT(text, HasSubstr("kkk...'"));
  EXPECT_THAT(complaint(fileOf("{\"a\\u0007b\":{\"dtype\":\"F8\"}}", "")), HasSubstr("'a?b'"));
}

TEST(Safetensors, EveryTruncationIsRefused) {
  std::string whole = printed(someFile());
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(complaint(whole.substr(0, size)), "accepted") << size;
}

TEST_F(SafetensorsFile, IsWrittenAndRead) {
  std::filesystem::path path = folder / "w.safetensors";
  TensorFile file = someFile();
  ASSERT_EQ(writeSafetensors(path, file), std::nullopt);
  EXPECT_EQ(contents(path), printed(file));
  Result<TensorFile> back = readSafetensors(path);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->tensors, file.tensors);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  back = readSafetensors(path);
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error(), StartsWith(path.string() + ": tensor "));
  EXPECT_THAT(back.error(), HasSubstr("truncated"));
}

TEST_F(SafetensorsFile, ErrorsNameTheFile) {
  Result<TensorFile> file = readSafetensors(folder / "none");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error(),
            "cannot read '" + (folder / "none").string() + "': No such file or directory");
  EXPECT_THAT(readSafetensors(folder).error(), HasSubstr("Is a directory"));
  EXPECT_FALSE(readSafetensors("/dev/zero"));
  EXPECT_THAT(writeSafetensors(folder / "no" / "x", someFile()).value_or(""), HasSubstr("x"));
}

TEST(References, EverySafetensorsFileIsSavedBackBitExactly) {
  CATC_REFERENCES_OR_SKIP(files, "", ".safetensors");
  for (const auto &path : files) {
    Result<TensorFile> file = readSafetensors(path);
    ASSERT_TRUE(file) << file.error();
    EXPECT_FALSE(file->tensors.empty());
    EXPECT_TRUE(printed(*file) == contents(path)) << path;
    // Without the order that was read, the tensors at least stand as their library sorts them.
    file->tensorOrder.clear();
    EXPECT_TRUE(printed(*file) == contents(path)) << path;
  }
}
