//===- WordTokenizer.cpp - A closed vocabulary ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Tokenizer.h"
#include <algorithm>

using namespace cat::data;

WordTokenizer::WordTokenizer(std::vector<std::string> words) : words_(std::move(words)) {
  std::sort(words_.begin(), words_.end());
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
}

std::vector<int32_t> WordTokenizer::encode(std::string_view text) const {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  std::vector<int32_t> ids;
  for (size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    std::string word(text.substr(begin, end - begin));
    for (char &c : word)
      if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    auto found = std::lower_bound(words_.begin(), words_.end(), word);
    bool known = found != words_.end() && *found == word;
    ids.push_back(known ? static_cast<int32_t>(found - words_.begin()) + 1 : unknownToken());
    begin = text.find_first_not_of(kSpace, end);
  }
  return ids;
}
