//===- Unicode.cpp - Code points ------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Unicode.h"
#include <cstdint>
#include <cstdlib>
#include <utf8proc.h>
#include <utility>

using namespace cat;
using namespace cat::data;

std::u32string data::decodeUtf8(std::string_view bytes) {
  std::u32string out;
  out.reserve(bytes.size());
  size_t i = 0;
  while (i < bytes.size()) {
    unsigned char lead = bytes[i++];
    if (lead < 0x80) {
      out.push_back(lead);
      continue;
    }
    // Table 3-7 of the Unicode standard: the second byte's range depends on the first.
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4) {
      out.push_back(kReplacement);
      continue;
    }
    char32_t c = lead & (0x3F >> more);
    for (; more > 0 && i < bytes.size(); --more, ++i) {
      unsigned char next = bytes[i];
      if (next < low || next > high)
        break;
      c = c << 6 | (next & 0x3F);
      low = 0x80;
      high = 0xBF;
    }
    out.push_back(more == 0 ? c : kReplacement);
  }
  return out;
}

void data::appendUtf8(std::string &out, char32_t c) {
  utf8proc_uint8_t bytes[4];
  utf8proc_ssize_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
  out.append(reinterpret_cast<const char *>(bytes), static_cast<size_t>(length));
}

std::string data::encodeUtf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text)
    appendUtf8(out, c);
  return out;
}

bool data::isSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

std::u32string data::collapseSpace(std::u32string_view text) {
  std::u32string out;
  bool gap = false;
  for (char32_t c : text) {
    if (isSpace(c)) {
      gap = !out.empty();
      continue;
    }
    if (std::exchange(gap, false))
      out.push_back(' ');
    out.push_back(c);
  }
  return out;
}

/// One of utf8proc's mappings of a whole text.
static std::u32string mapped(std::u32string_view text, int options) {
  std::string bytes = encodeUtf8(text);
  utf8proc_uint8_t *result = nullptr;
  utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t *>(bytes.data()),
                                         static_cast<utf8proc_ssize_t>(bytes.size()), &result,
                                         static_cast<utf8proc_option_t>(options));
  if (length < 0)
    return std::u32string(text);
  std::u32string out =
      decodeUtf8({reinterpret_cast<const char *>(result), static_cast<size_t>(length)});
  std::free(result);
  return out;
}

std::u32string data::composed(std::u32string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::u32string data::compatible(char32_t c) {
  return mapped(std::u32string_view(&c, 1), UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

static bool isCased(char32_t c) {
  auto code = static_cast<utf8proc_int32_t>(c);
  return utf8proc_tolower(code) != code || utf8proc_toupper(code) != code;
}

/// Characters that the end of a word is looked for beyond: apostrophes, points and marks.
static bool isCaseIgnorable(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_SK:
    return true;
  default:
    return c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x387 || c == 0x2018 ||
           c == 0x2019 || c == 0x2024 || c == 0x2027;
  }
}

/// Unicode's Final_Sigma: a cased letter before, none after.
static bool endsWord(std::u32string_view text, size_t at) {
  size_t before = at;
  while (before > 0 && isCaseIgnorable(text[before - 1]))
    --before;
  if (before == 0 || !isCased(text[before - 1]))
    return false;
  size_t after = at + 1;
  while (after < text.size() && isCaseIgnorable(text[after]))
    ++after;
  return after == text.size() || !isCased(text[after]);
}

std::u32string data::lowerCase(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    if (c == 0x130)
      out.append({U'i', 0x307});
    else if (c == 0x3A3)
      out.push_back(endsWord(text, i) ? 0x3C2 : 0x3C3);
    else
      out.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  }
  return out;
}
