//===- Tokenizer.cpp - Text to token ids ----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Tokenizer.h"
#include "Data/BpeTokenizer.h"
#include "Support/Check.h"
#include <algorithm>

using namespace cat;
using namespace cat::data;

Result<std::unique_ptr<Tokenizer>> Tokenizer::load(const std::string &path) {
  Result<BpeVocabulary> vocabulary = readVocabulary(path);
  if (!vocabulary)
    return vocabulary.fault();
  return BpeTokenizer::create(path, *vocabulary);
}

std::vector<int32_t> Tokenizer::encodePadded(std::string_view text, int64_t context) const {
  CATC_CHECK(context >= 2, "a context has room for start and end");
  std::vector<int32_t> ids = encode(text);
  size_t kept = std::min(ids.size(), static_cast<size_t>(context - 2));
  std::vector<int32_t> padded(static_cast<size_t>(context), 0);
  padded[0] = startToken();
  std::copy_n(ids.begin(), kept, padded.begin() + 1);
  padded[kept + 1] = endToken();
  return padded;
}
