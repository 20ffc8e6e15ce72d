//===- TokenizerTest.cpp - Text to token ids ------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/BpeTokenizer.h"
#include "DataFixture.h"
#include "llvm/Support/JSON.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <zlib.h>

using namespace cat;
using namespace cat::data;
using namespace cat::data::test;
using testing::ElementsAre;
using testing::HasSubstr;
namespace json = llvm::json;

namespace {

constexpr const char *kMerges = "#version: 0.2\n"
                                "c a\n"
                                "ca t</w>\n"
                                "h a\n"
                                "ha t</w>\n"
                                "t h\n"
                                "th e</w>\n";

/// The number of a byte within a word, and at its end, by the order of OpenAI's vocabulary.
int32_t inner(char byte) {
  for (int32_t i = 0; i < 256; ++i)
    if (byteCharacters().order[i] == static_cast<uint8_t>(byte))
      return i;
  return -1;
}
int32_t last(char byte) { return 256 + inner(byte); }

constexpr int32_t kFirstMerge = 512;
constexpr int32_t kCat = kFirstMerge + 1, kHat = kFirstMerge + 3, kThe = kFirstMerge + 5;
constexpr int32_t kStart = kFirstMerge + 6, kEnd = kFirstMerge + 7;

class SmallVocabulary : public testing::Test {
protected:
  TemporaryFolder folder;

  std::unique_ptr<Tokenizer> load(const std::string &path) {
    auto loaded = Tokenizer::load(path);
    EXPECT_TRUE(loaded) << loaded.error();
    return loaded ? std::move(*loaded) : nullptr;
  }
  std::unique_ptr<Tokenizer> small() { return load(folder.write("merges.txt", kMerges)); }

  /// The small vocabulary as Hugging Face's objects.
  json::Object ids() {
    json::Object object;
    for (int32_t i = 0; i < 256; ++i) {
      std::string byte = byteCharacters().text[byteCharacters().order[i]];
      object[byte] = i;
      object[byte + "</w>"] = 256 + i;
    }
    int32_t next = kFirstMerge;
    for (const char *token : {"ca", "cat</w>", "ha", "hat</w>", "th", "the</w>"})
      object[token] = next++;
    object["<|startoftext|>"] = next++;
    object["<|endoftext|>"] = next++;
    return object;
  }
  std::string text(json::Value value) {
    std::string out;
    llvm::raw_string_ostream(out) << value;
    return out;
  }
  std::string tokenizerJson(json::Array merges) {
    return text(json::Object{{"model", json::Object{{"end_of_word_suffix", "</w>"},
                                                    {"vocab", ids()},
                                                    {"merges", std::move(merges)}}}});
  }
};

} // namespace

TEST_F(SmallVocabulary, MergesTheStrongestPairFirst) {
  auto tokenizer = small();
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->vocabularySize(), kEnd + 1);
  EXPECT_EQ(tokenizer->startToken(), kStart);
  EXPECT_EQ(tokenizer->endToken(), kEnd);
  EXPECT_THAT(tokenizer->encode("The CAT"), ElementsAre(kThe, kCat));
  // "h a" is stronger than "t h".
  EXPECT_THAT(tokenizer->encode("that"), ElementsAre(inner('t'), kHat));
  EXPECT_THAT(tokenizer->encode("cats"), ElementsAre(kFirstMerge, inner('t'), last('s')));
  EXPECT_THAT(tokenizer->encode("cat's"), ElementsAre(kCat, inner('\''), last('s')));
  EXPECT_THAT(tokenizer->encode("42"), ElementsAre(last('4'), last('2')));
  EXPECT_TRUE(tokenizer->encode("").empty());
  EXPECT_TRUE(tokenizer->encode(" \t\n").empty());
}

TEST_F(SmallVocabulary, KnowsTheSpecialTokens) {
  auto tokenizer = small();
  ASSERT_TRUE(tokenizer);
  EXPECT_THAT(tokenizer->encode("<start_of_text>cat<END_of_text>"),
              ElementsAre(kStart, kCat, kEnd));
}

TEST_F(SmallVocabulary, PadsAndKeepsTheEnd) {
  auto tokenizer = small();
  ASSERT_TRUE(tokenizer);
  EXPECT_THAT(tokenizer->encodePadded("cat", 5), ElementsAre(kStart, kCat, kEnd, 0, 0));
  EXPECT_THAT(tokenizer->encodePadded("cat hat the", 4), ElementsAre(kStart, kCat, kHat, kEnd));
  EXPECT_THAT(tokenizer->encodePadded("cat hat", 4), ElementsAre(kStart, kCat, kHat, kEnd));
  EXPECT_THAT(tokenizer->encodePadded("", 2), ElementsAre(kStart, kEnd));
}

TEST_F(SmallVocabulary, ReadsWhatIsNotUtf8AsReplacement) {
  auto tokenizer = small();
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->encode("cat \xFF\xC3 hat"), tokenizer->encode("cat \uFFFD\uFFFD hat"));
  EXPECT_EQ(tokenizer->encode("\xE2\x82"), tokenizer->encode("\uFFFD"));
  EXPECT_EQ(tokenizer->encode("\xED\xA0\x80"), tokenizer->encode("\uFFFD\uFFFD\uFFFD"));
  EXPECT_EQ(tokenizer->encode(std::string_view("cat\0hat", 7)), tokenizer->encode("cathat"));
}

TEST_F(SmallVocabulary, EncodesALongWordInTime) {
  auto tokenizer = small();
  ASSERT_TRUE(tokenizer);
  std::string word;
  for (int i = 0; i < 200000; ++i)
    word += "ca";
  EXPECT_EQ(tokenizer->encode(word).size(), 200001u); // no merge has "a</w>"
}

TEST_F(SmallVocabulary, ReadsGzip) {
  std::string path = folder.path() + "/merges.txt.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_GT(gzputs(file, kMerges), 0);
  ASSERT_EQ(gzclose(file), Z_OK);
  auto tokenizer = load(path);
  ASSERT_TRUE(tokenizer);
  EXPECT_THAT(tokenizer->encode("cat"), ElementsAre(kCat));
}

TEST_F(SmallVocabulary, ReadsHuggingFaceFiles) {
  folder.write("two/vocab.json", text(ids()));
  folder.write("two/merges.txt", kMerges);
  folder.write("one/tokenizer.json",
               tokenizerJson(json::Array{"c a", "ca t</w>", "h a", "ha t</w>", "t h", "th e</w>"}));
  std::string pairs = folder.write(
      "pairs.json", tokenizerJson(json::Array{json::Array{"c", "a"}, json::Array{"ca", "t</w>"}}));
  for (const std::string &path :
       {folder.path() + "/two", folder.path() + "/two/vocab.json", folder.path() + "/one", pairs}) {
    SCOPED_TRACE(path);
    auto tokenizer = load(path);
    ASSERT_TRUE(tokenizer);
    EXPECT_THAT(tokenizer->encode("<|startoftext|>CAT"), ElementsAre(kStart, kCat));
    EXPECT_EQ(tokenizer->endToken(), kEnd);
  }
}

TEST_F(SmallVocabulary, NamesWhatIsWrong) {
  auto message = [&](const std::string &path) {
    auto loaded = Tokenizer::load(path);
    return loaded ? std::string("loaded") : loaded.error();
  };
  std::string absent = folder.path() + "/absent.txt";
  EXPECT_EQ(message(absent), absent + ": No such file or directory");
  EXPECT_THAT(message(folder.write("a.txt", "")), HasSubstr("a.txt: has no merges"));
  EXPECT_THAT(message(folder.write("b.txt", "c a\n")),
              HasSubstr("b.txt: line 1: expected '#version"));
  EXPECT_THAT(message(folder.write("c.txt", "#version: 1\nc a\nc a t\n")),
              HasSubstr("c.txt: line 3: expected two tokens"));
  EXPECT_THAT(message(folder.write("d.txt", "#version: 1\nca t\n")),
              HasSubstr("d.txt: lacks the token 'ca', which merge 1 needs"));
  EXPECT_THAT(message(folder.write("e.json", "{\"model\": {}}")),
              HasSubstr("e.json: expected model.vocab and model.merges"));
  EXPECT_THAT(message(folder.write("f.json", "{")), HasSubstr("f.json: "));
  EXPECT_THAT(message(folder.write("g.json", std::string(100000, '['))),
              HasSubstr("g.json: nested more than 64 deep"));
  EXPECT_THAT(message(folder.write("vocab.json", "{\"a\": -1}")),
              HasSubstr("vocab.json: token 'a': expected an id"));
  std::string lacking = tokenizerJson(json::Array{"c a"});
  lacking.replace(lacking.find("<|endoftext|>"), 13, "<|somethingx|>");
  EXPECT_THAT(message(folder.write("h.json", lacking)),
              HasSubstr("lacks the token '<|endoftext|>', which ends each text"));
}

TEST(WordTokenizerTest, NumbersWords) {
  WordTokenizer tokenizer({"small", "red", "circle", "red"});
  EXPECT_EQ(tokenizer.vocabularySize(), 7);
  EXPECT_EQ(tokenizer.startToken(), 5);
  EXPECT_EQ(tokenizer.endToken(), 6);
  EXPECT_THAT(tokenizer.encodePadded(" Small red  CIRCLE\n", 6), ElementsAre(5, 3, 2, 1, 6, 0));
  EXPECT_THAT(tokenizer.encode("blue red"), ElementsAre(tokenizer.unknownToken(), 2));
  EXPECT_TRUE(tokenizer.encode("").empty());
}

// OpenAI's vocabulary, and OpenCLIP's ids for every text there.
TEST(TokenizerReferences, EqualsOpenClip) {
  CATC_REFERENCE_OR_SKIP(merges, "torch/bpe_simple_vocab_16e6.txt.gz");
  CATC_REFERENCE_OR_SKIP(cases, "torch/tokenizer_cases.json");
  auto loaded = Tokenizer::load(*merges);
  ASSERT_TRUE(loaded) << loaded.error();
  const Tokenizer &tokenizer = **loaded;
  auto root = json::parse(readFile(*cases));
  ASSERT_TRUE(bool(root));
  const json::Object &object = *root->getAsObject();
  EXPECT_EQ(tokenizer.vocabularySize(), object.getInteger("vocab_size"));
  EXPECT_EQ(tokenizer.startToken(), object.getInteger("sot"));
  EXPECT_EQ(tokenizer.endToken(), object.getInteger("eot"));
  auto numbers = [](const json::Array &array) {
    std::vector<int32_t> ids;
    for (const json::Value &value : array)
      ids.push_back(static_cast<int32_t>(*value.getAsInteger()));
    return ids;
  };
  for (const json::Value &value : *object.getArray("cases")) {
    const json::Object &one = *value.getAsObject();
    std::string text = one.getString("text")->str();
    EXPECT_EQ(tokenizer.encode(text), numbers(*one.getArray("ids"))) << text;
    if (const json::Array *padded = one.getArray("padded77")) {
      EXPECT_EQ(tokenizer.encodePadded(text, 77), numbers(*padded)) << text;
    }
  }
}
