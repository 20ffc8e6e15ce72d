//===- Tokenizer.h - Text to token ids --------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_TOKENIZER_H
#define CATC_DATA_TOKENIZER_H

#include "Support/Result.h"
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cat::data {

/// A text encoder's vocabulary. Any bytes may be encoded: what is not UTF-8 is read as U+FFFD.
class Tokenizer {
public:
  virtual ~Tokenizer() = default;

  /// Reads CLIP's byte-pair vocabulary from one of
  ///   bpe_simple_vocab_16e6.txt, .txt.gz   OpenAI's merges, numbered and cleaned as OpenCLIP does
  ///   tokenizer.json                       Hugging Face, one file
  ///   vocab.json                           Hugging Face, with merges.txt beside it
  ///   a folder of tokenizer.json, or of vocab.json and merges.txt
  static Result<std::unique_ptr<Tokenizer>> load(const std::string &path);

  /// The tokens of a text, without start and end.
  virtual std::vector<int32_t> encode(std::string_view text) const = 0;
  virtual int32_t vocabularySize() const = 0;
  virtual int32_t startToken() const = 0;
  virtual int32_t endToken() const = 0;

  /// Exactly `context` >= 2 ids: start, the tokens, end, then 0. Of a longer text the first
  /// context - 2 tokens are kept, and the end.
  std::vector<int32_t> encodePadded(std::string_view text, int64_t context) const;
};

/// A closed vocabulary: words between white space, in lower case. Ids: 0 pads, the words count from
/// 1, then one id for all unknown words, start, and end, which is the highest as CLIP's pooling by
/// argmax needs.
class WordTokenizer final : public Tokenizer {
public:
  explicit WordTokenizer(std::vector<std::string> words);

  std::vector<int32_t> encode(std::string_view text) const override;
  int32_t vocabularySize() const override { return endToken() + 1; }
  int32_t unknownToken() const { return static_cast<int32_t>(words_.size()) + 1; }
  int32_t startToken() const override { return unknownToken() + 1; }
  int32_t endToken() const override { return unknownToken() + 2; }

private:
  std::vector<std::string> words_; ///< sorted
};

} // namespace cat::data

#endif // CATC_DATA_TOKENIZER_H
