//===- BpeTokenizer.cpp - CLIP's byte-pair encoding -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#define PCRE2_CODE_UNIT_WIDTH 8
#include "Data/BpeTokenizer.h"
#include "Data/Unicode.h"
#include "Support/Check.h"
#include <algorithm>
#include <pcre2.h>
#include <queue>

using namespace cat;
using namespace cat::data;

/// OpenCLIP's expression, with the two special tokens before it.
struct BpeTokenizer::Pattern {
  pcre2_code *code = nullptr;

  Pattern(const std::string &start, const std::string &end) {
    std::string text = "\\Q" + start + "\\E|\\Q" + end +
                       "\\E|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
    int error = 0;
    PCRE2_SIZE place = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                         PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS, &error, &place, nullptr);
    CATC_CHECK(code, "the tokenizer's expression compiles");
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // without it matching is slower, and the same
  }
  ~Pattern() { pcre2_code_free(code); }
};

BpeTokenizer::BpeTokenizer() = default;
BpeTokenizer::~BpeTokenizer() = default;

const ByteCharacters &data::byteCharacters() {
  static const ByteCharacters table = [] {
    ByteCharacters t;
    auto printable = [](int b) {
      return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    };
    size_t count = 0;
    char32_t substitute = 256;
    for (bool first : {true, false})
      for (int b = 0; b < 256; ++b)
        if (printable(b) == first) {
          appendUtf8(t.text[b], first ? static_cast<char32_t>(b) : substitute++);
          t.order[count++] = static_cast<uint8_t>(b);
        }
    return t;
  }();
  return table;
}

Result<std::unique_ptr<Tokenizer>> BpeTokenizer::create(const std::string &path,
                                                        const BpeVocabulary &vocabulary) {
  std::unique_ptr<BpeTokenizer> tokenizer(new BpeTokenizer);
  auto idOf = [&](const std::string &token) {
    auto found = vocabulary.ids.find(token);
    return found == vocabulary.ids.end() ? -1 : found->second;
  };
  auto lacks = [&](const std::string &token, const std::string &why) {
    return Fault{path + ": lacks the token '" + token + "', " + why +
                 ": the file is cut short or no vocabulary of CLIP"};
  };
  for (const auto &entry : vocabulary.ids) // order does not matter: a maximum
    tokenizer->size_ = std::max(tokenizer->size_, entry.second + 1);

  for (int byte = 0; byte < 256; ++byte) {
    const std::string &token = byteCharacters().text[byte];
    tokenizer->inner_[byte] = idOf(token);
    tokenizer->last_[byte] = idOf(token + "</w>");
    if (tokenizer->inner_[byte] < 0)
      return lacks(token, "that of byte " + std::to_string(byte));
    if (tokenizer->last_[byte] < 0)
      return lacks(token + "</w>", "that of byte " + std::to_string(byte) + " at a word's end");
  }
  for (size_t i = 0; i < vocabulary.merges.size(); ++i) {
    const BpeVocabulary::Merge &merge = vocabulary.merges[i];
    std::string why = "which merge " + std::to_string(i + 1) + " needs";
    int32_t left = idOf(merge.left), right = idOf(merge.right);
    int32_t whole = idOf(merge.left + merge.right);
    if (left < 0)
      return lacks(merge.left, why);
    if (right < 0)
      return lacks(merge.right, why);
    if (whole < 0)
      return lacks(merge.left + merge.right, why);
    // Of a merge that stands twice the first counts.
    tokenizer->merges_.insert({pairOf(left, right), {static_cast<int32_t>(i), whole}});
  }
  tokenizer->start_ = idOf(vocabulary.start);
  tokenizer->end_ = idOf(vocabulary.end);
  if (tokenizer->start_ < 0)
    return lacks(vocabulary.start, "which begins each text");
  if (tokenizer->end_ < 0)
    return lacks(vocabulary.end, "which ends each text");
  tokenizer->startText_ = vocabulary.start;
  tokenizer->endText_ = vocabulary.end;
  tokenizer->cleaning_ = vocabulary.cleaning;
  tokenizer->pattern_ = std::make_unique<Pattern>(vocabulary.start, vocabulary.end);
  return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

void BpeTokenizer::encodeWord(std::string_view word, std::vector<int32_t> &ids) const {
  // The symbols as a list in which the right one of two that merge disappears; candidates by rank,
  // then from the left. A candidate whose symbols changed since is passed over.
  struct Symbol {
    int32_t id;
    int64_t before, next;
  };
  struct Candidate {
    int32_t rank;
    int64_t left;
    uint64_t pair;
    bool operator<(const Candidate &other) const { // the weakest first, for a max-heap
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };
  int64_t count = static_cast<int64_t>(word.size());
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (int64_t i = 0; i < count; ++i) {
    uint8_t byte = static_cast<uint8_t>(word[i]);
    symbols.push_back({i + 1 < count ? inner_[byte] : last_[byte], i - 1, i + 1});
  }
  std::priority_queue<Candidate> queue;
  auto offer = [&](int64_t left) {
    if (left < 0 || symbols[left].next >= count)
      return;
    uint64_t pair = pairOf(symbols[left].id, symbols[symbols[left].next].id);
    if (auto merge = merges_.find(pair); merge != merges_.end())
      queue.push({merge->second.rank, left, pair});
  };
  for (int64_t i = 0; i + 1 < count; ++i)
    offer(i);
  while (!queue.empty()) {
    Candidate best = queue.top();
    queue.pop();
    Symbol &left = symbols[best.left];
    if (left.id < 0 || left.next >= count || pairOf(left.id, symbols[left.next].id) != best.pair)
      continue;
    Symbol &right = symbols[left.next];
    left.id = merges_.at(best.pair).id;
    right.id = -1; // gone
    left.next = right.next;
    if (left.next < count)
      symbols[left.next].before = best.left;
    offer(best.left);
    offer(left.before);
  }
  for (int64_t i = 0; i < count; i = symbols[i].next)
    ids.push_back(symbols[i].id);
}

std::vector<int32_t> BpeTokenizer::encode(std::string_view text) const {
  std::string clean = cleanText(text, cleaning_);
  std::vector<int32_t> ids;
  pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern_->code, nullptr);
  auto subject = reinterpret_cast<PCRE2_SPTR>(clean.data());
  for (size_t at = 0; at < clean.size();) {
    int found =
        pcre2_match(pattern_->code, subject, clean.size(), at, PCRE2_NO_UTF_CHECK, match, nullptr);
    if (found <= 0) // no further word
      break;
    PCRE2_SIZE *range = pcre2_get_ovector_pointer(match);
    std::string_view word(clean.data() + range[0], range[1] - range[0]);
    if (word == startText_)
      ids.push_back(start_);
    else if (word == endText_)
      ids.push_back(end_);
    else
      encodeWord(word, ids);
    at = range[1];
  }
  pcre2_match_data_free(match);
  return ids;
}
