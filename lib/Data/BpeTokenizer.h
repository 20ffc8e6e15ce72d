//===- BpeTokenizer.h - CLIP's byte-pair encoding ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_BPETOKENIZER_H
#define CATC_DATA_BPETOKENIZER_H

#include "Data/CleanText.h"
#include "Data/Tokenizer.h"
#include <array>
#include <optional>
#include <unordered_map>

namespace cat::data {

/// What a vocabulary's files say. Tokens are spelled with a printable character for each byte, and
/// "</w>" behind the last of a word (Radford et al. 2019, 2021).
struct BpeVocabulary {
  struct Merge {
    std::string left, right;
  };
  std::unordered_map<std::string, int32_t> ids;
  std::vector<Merge> merges; ///< the strongest first
  std::string start, end;    ///< how they are spelled in texts
  Cleaning cleaning = Cleaning::Repair;
};

/// Reads the files that Tokenizer::load() names.
Result<BpeVocabulary> readVocabulary(const std::string &path);
/// The same of texts that came from `path`: OpenAI's merges, and Hugging Face's one file.
Result<BpeVocabulary> parseOpenAiMerges(const std::string &path, std::string_view text);
Result<BpeVocabulary> parseTokenizerJson(const std::string &path, const std::string &text);

/// The 256 characters that stand for bytes, in UTF-8, by byte; `order` has the bytes in the order
/// that OpenAI numbers them in.
struct ByteCharacters {
  std::array<std::string, 256> text;
  std::array<uint8_t, 256> order;
};
const ByteCharacters &byteCharacters();

class BpeTokenizer final : public Tokenizer {
public:
  /// An error, naming `path` and the token, if the vocabulary lacks a byte or what a merge yields.
  static Result<std::unique_ptr<Tokenizer>> create(const std::string &path,
                                                   const BpeVocabulary &vocabulary);
  ~BpeTokenizer() override;

  std::vector<int32_t> encode(std::string_view text) const override;
  int32_t vocabularySize() const override { return size_; }
  int32_t startToken() const override { return start_; }
  int32_t endToken() const override { return end_; }

private:
  struct Pattern; ///< how texts are divided into words

  struct Merge {
    int32_t rank;
    int32_t id;
  };

  BpeTokenizer();
  static uint64_t pairOf(int32_t left, int32_t right) {
    return static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
  }
  void encodeWord(std::string_view word, std::vector<int32_t> &ids) const;

  std::array<int32_t, 256> inner_, last_; ///< ids of a byte within and at the end of a word
  std::unordered_map<uint64_t, Merge> merges_;
  std::unique_ptr<Pattern> pattern_;
  std::string startText_, endText_;
  int32_t size_ = 0, start_ = 0, end_ = 0;
  Cleaning cleaning_ = Cleaning::Repair;
};

} // namespace cat::data

#endif // CATC_DATA_BPETOKENIZER_H
