//===- CleanText.cpp - Captions as CLIP's tokenizer wants them ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/CleanText.h"
#include "Data/Unicode.h"
#include <algorithm>

using namespace cat;
using namespace cat::data;

namespace {

/// The letters of a typographical ligature or digraph, or nothing.
std::u32string_view ligature(char32_t c) {
  switch (c) {
  case 0x132:
    return U"IJ";
  case 0x133:
    return U"ij";
  case 0x149:
    return U"\u02BCn";
  case 0x1F1:
    return U"DZ";
  case 0x1F2:
    return U"Dz";
  case 0x1F3:
    return U"dz";
  case 0x1C4:
    return U"D\u017D";
  case 0x1C5:
    return U"D\u017E";
  case 0x1C6:
    return U"d\u017E";
  case 0x1C7:
    return U"LJ";
  case 0x1C8:
    return U"Lj";
  case 0x1C9:
    return U"lj";
  case 0x1CA:
    return U"NJ";
  case 0x1CB:
    return U"Nj";
  case 0x1CC:
    return U"nj";
  case 0xFB00:
    return U"ff";
  case 0xFB01:
    return U"fi";
  case 0xFB02:
    return U"fl";
  case 0xFB03:
    return U"ffi";
  case 0xFB04:
    return U"ffl";
  case 0xFB05:
    return U"\u017Ft";
  case 0xFB06:
    return U"st";
  default:
    return {};
  }
}

/// Controls without a use in text: those that ftfy removes.
bool isUseless(char32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
         (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

/// The end of a terminal escape ("ESC [ 3 1 m") that begins at `at`; `at` if there is none.
size_t endOfEscape(std::u32string_view text, size_t at) {
  if (text[at] != 0x1B || at + 1 == text.size() || text[at + 1] != '[')
    return at;
  size_t end = at + 2;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == ';'))
    ++end;
  bool letter = end < text.size() && ((text[end] | 0x20) >= 'a' && (text[end] | 0x20) <= 'z');
  return letter ? end + 1 : at;
}

/// The repairs that look at one character at a time. Quotes that a ligature or a wide form yields
/// are uncurled by the next round.
std::u32string repairCharacters(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (size_t end = endOfEscape(text, i); end != i) {
      i = end - 1;
      continue;
    }
    char32_t c = windows1252(text[i]);
    if (std::u32string_view letters = ligature(c); !letters.empty())
      out.append(letters);
    else if (c == 0x3000)
      out.push_back(' ');
    else if (c >= 0xFF01 && c < 0xFFF0)
      out.append(compatible(c));
    else if (c == 0x2BC || (c >= 0x2018 && c <= 0x201B))
      out.push_back('\'');
    else if (c >= 0x201C && c <= 0x201F)
      out.push_back('"');
    else if (c == 0x2028 || c == 0x2029 || c == 0x85)
      out.push_back('\n');
    else if (c == '\r') {
      out.push_back('\n');
      i += i + 1 < text.size() && text[i + 1] == '\n';
    } else if (!isUseless(c))
      out.push_back(c);
  }
  return out;
}

/// One line, until nothing changes; each round undoes one layer of a mistake made twice.
std::u32string repairLine(std::u32string text, bool entities) {
  constexpr int kRounds = 16;
  for (int round = 0; round < kRounds; ++round) {
    std::u32string before = text;
    if (entities)
      text = unescapeHtmlStrictly(text);
    text = composed(repairCharacters(repairEncoding(std::move(text))));
    if (text == before)
      break;
  }
  return text;
}

} // namespace

std::u32string data::repairText(std::u32string_view text) {
  std::u32string out;
  bool entities = true; // not after a line that looks like HTML
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    std::u32string line(text.substr(begin, end - begin));
    entities = entities && line.find('<') == std::u32string::npos;
    out.append(repairLine(std::move(line), entities));
    begin = end;
  }
  return out;
}

std::string data::cleanText(std::string_view text, Cleaning cleaning) {
  std::u32string points = decodeUtf8(text);
  if (cleaning == Cleaning::Repair)
    points = unescapeHtml(unescapeHtml(repairText(points)));
  else
    points = composed(points);
  return encodeUtf8(lowerCase(collapseSpace(points)));
}
