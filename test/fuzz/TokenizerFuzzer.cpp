//===- TokenizerFuzzer.cpp - Any bytes as text and as vocabularies --------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/BpeTokenizer.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::unique_ptr<Tokenizer> tokenizer = [] {
    auto vocabulary = parseOpenAiMerges("small", "#version\nt h\nth e</w>\nc a\nca t</w>\n");
    return std::move(*BpeTokenizer::create("small", *vocabulary));
  }();
  std::string text(reinterpret_cast<const char *>(data), size);
  for (int32_t id : tokenizer->encode(text))
    CATC_CHECK(id >= 0 && id < tokenizer->vocabularySize(), "ids are the vocabulary's");
  CATC_CHECK(tokenizer->encodePadded(text, 77).size() == 77, "padded texts have one length");
  cleanText(text, Cleaning::Compose);
  for (auto vocabulary : {parseOpenAiMerges("fuzz", text), parseTokenizerJson("fuzz", text)})
    if (vocabulary)
      if (auto made = BpeTokenizer::create("fuzz", *vocabulary))
        (*made)->encodePadded("the cat", 8);
  return 0;
}
