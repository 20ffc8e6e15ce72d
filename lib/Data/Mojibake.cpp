//===- Mojibake.cpp - UTF-8 that was read as Windows-1252 -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tell-tale pairs of characters are those of ftfy 6's heuristic (ftfy/badness.py, Speer, under
// the Apache License v2.0) that Windows-1252 and Latin-1 can produce.
//
//===----------------------------------------------------------------------===//

#include "Data/CleanText.h"
#include "Data/Unicode.h"
#include <algorithm>
#include <array>

using namespace cat;
using namespace cat::data;

namespace {

/// Bytes 0x80 to 0x9F; the five that Windows-1252 does not assign stay as they are.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

/// The byte that Windows-1252 or Latin-1 decodes to this character, or -1.
int byteOf(char32_t c) {
  if (c < 0x100)
    return static_cast<int>(c);
  for (size_t i = 0; i < kWindows1252.size(); ++i)
    if (kWindows1252[i] == c)
      return static_cast<int>(0x80 + i);
  return -1;
}

/// Classes of characters, as bits.
enum Class : unsigned {
  Upper = 1, ///< capital letters with accents, other than those of faces (Ò to Ö, Ù to Û)
  Lower = 2, ///< the same of small letters
  Bad = 4,   ///< hardly written by anyone
  Law = 8,   ///< pilcrow and section sign
  Currency = 16,
  Start = 32, ///< what stands before a word
  End = 64,   ///< what stands behind one
  Numeric = 128,
};

bool isOneOf(std::u32string_view set, char32_t c) { return set.find(c) != set.npos; }

unsigned classOf(char32_t c) {
  if (c < 0x80)
    return 0;
  if ((c >= 0xC0 && c <= 0xD1) || isOneOf(U"ØÜÝŒŠŸŽ", c))
    return Upper;
  if ((c >= 0xE0 && c <= 0xF1) || isOneOf(U"ßüœšž", c))
    return Lower;
  if (isOneOf(U"¦¤¨¬¯¸ƒˆ˜†‡‰ªº\uFFFD", c))
    return Bad;
  if (isOneOf(U"¶§", c))
    return Law;
  if (isOneOf(U"¢£¥€", c))
    return Currency;
  if (isOneOf(U"¡«¿©‘‚“„•‹", c))
    return Start;
  if (isOneOf(U"®»”›™", c))
    return End;
  if (isOneOf(U"²³¹±¼½¾×µ÷", c))
    return Numeric;
  return 0;
}

bool isSmall(char32_t c) { return c >= 'a' && c <= 'z'; }
bool isLetter(char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool isWord(char32_t c) {
  return isLetter(c) || (c >= '0' && c <= '9') || c == '_' || (classOf(c) & (Upper | Lower));
}

/// Whether a character and its neighbours (0 beyond the ends) look like a mistake of decoding.
bool isBadPlace(char32_t before, char32_t c, char32_t next, char32_t third) {
  if (c >= 0x80 && c <= 0x9F)
    return true;
  unsigned a = classOf(c), b = classOf(next), d = classOf(third);
  constexpr unsigned kSigns = Start | End | Currency | Numeric | Law;
  auto pair = [&](unsigned first, unsigned second) { return (a & first) && (b & second); };
  if (pair(Bad | Lower | Upper | kSigns, Bad) || pair(Bad, Lower | Upper | kSigns) ||
      pair(Lower | End | Currency | Numeric, Upper) || pair(End | Currency | Numeric, Lower) ||
      pair(Lower | End, Currency) || pair(Upper, Numeric | Law) || pair(Currency | Numeric, Start))
    return true;
  if (pair(Lower | Upper | Currency | End, Start) && (d & Numeric))
    return true;
  if (pair(Lower | Upper | Currency | Numeric | Law, End) && (d & Start))
    return true;
  if (pair(Lower | Upper, Start | End) && isWord(third))
    return true;
  if (pair(Upper, Currency) && isSpace(before) && before)
    return true;
  if (pair(Upper, Start | Currency) && isSmall(before))
    return true;
  if ((c == U'Œ' || c == U'œ') && next && !isLetter(next))
    return true;
  if ((a & Upper) && next == U'°')
    return true;
  if (isOneOf(U"ÂÃÎÐ", c) && ((b & (Start | End)) || isOneOf(U"€œŠš¢£Ÿž\u00A0\u00AD°·–—´", next)))
    return next != 0;
  if (c == U'×' && (next == U'²' || next == U'³'))
    return true;
  if (c == U'à' && isOneOf(U"²µ¹¼½¾", next) && next)
    return true;
  // A no-break space of two bytes whose second became an ordinary one.
  return (c == U'Ã' || c == U'Â') && next == ' ' && (!before || isSmall(before));
}

bool looksBroken(std::u32string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    auto at = [&](size_t j) { return j < text.size() ? text[j] : U'\0'; };
    if (text[i] >= 0x80 && isBadPlace(i ? text[i - 1] : U'\0', text[i], at(i + 1), at(i + 2)))
      return true;
  }
  return false;
}

bool isContinuation(int byte) { return byte >= 0x80 && byte <= 0xBF; }

/// The bytes that the text was read from, or nothing if it has characters that are none's. A space
/// where only a no-break space (0xA0) makes a sequence complete becomes one; behind "Ã" the space
/// stays too, as "Ã la" was "à la", but for Portuguese words ("Ã s" was "às").
std::string bytesOf(std::u32string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    int byte = byteOf(text[i]);
    if (byte < 0)
      return {};
    bytes.push_back(static_cast<char>(byte));
    if ((byte != 0xC2 && byte != 0xC3) || i + 1 == text.size() || text[i + 1] != ' ')
      continue;
    bytes.push_back('\xA0');
    std::u32string_view rest = text.substr(i + 2);
    bool joined = byte == 0xC2;
    for (std::u32string_view word : {U" ", U"quele", U"quela", U"quilo", U"s "})
      joined = joined || rest.substr(0, word.size()) == word;
    i += joined;
  }
  return bytes;
}

/// The text that the bytes of `text` spell in UTF-8; nothing if they do not.
std::u32string reread(std::u32string_view text) {
  std::string bytes = bytesOf(text);
  std::u32string fixed = decodeUtf8(bytes);
  // "ï¿½" is how U+FFFD itself is misread.
  size_t intended = 0;
  for (size_t at = bytes.find("\xEF\xBF\xBD"); at != bytes.npos;
       at = bytes.find("\xEF\xBF\xBD", at + 3))
    ++intended;
  size_t replaced = 0;
  for (char32_t c : fixed)
    replaced += c == kReplacement;
  return replaced == intended ? fixed : std::u32string();
}

/// The length of the run of multi-byte sequences that begins at `at`.
size_t runLength(std::u32string_view text, size_t at) {
  size_t i = at;
  while (i < text.size()) {
    int lead = byteOf(text[i]);
    size_t more = lead >= 0xF0 && lead <= 0xF4 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
    if (lead < 0xC2 || lead > 0xF4 || i + more >= text.size())
      break;
    bool whole = true;
    for (size_t k = 1; k <= more; ++k)
      whole = whole && isContinuation(byteOf(text[i + k]));
    if (!whole)
      break;
    i += 1 + more;
  }
  return i - at;
}

/// Repairs the runs that look broken by themselves; the rest of the text is something else.
std::u32string repairRuns(const std::u32string &text) {
  std::u32string out;
  for (size_t i = 0; i < text.size();) {
    size_t length = runLength(text, i);
    std::u32string_view run = std::u32string_view(text).substr(i, std::max<size_t>(length, 1));
    std::u32string fixed = length && looksBroken(run) ? reread(run) : std::u32string();
    out.append(fixed.empty() ? run : std::u32string_view(fixed));
    i += run.size();
  }
  return out;
}

} // namespace

char32_t data::windows1252(char32_t control) {
  return control >= 0x80 && control <= 0x9F ? kWindows1252[control - 0x80] : control;
}

std::u32string data::repairEncoding(std::u32string text) {
  // A mistake made twice needs two rounds.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds && looksBroken(text); ++round) {
    std::u32string fixed = reread(text);
    if (fixed.empty() || fixed == text)
      fixed = repairRuns(text);
    if (fixed == text)
      break;
    text = std::move(fixed);
  }
  return text;
}
