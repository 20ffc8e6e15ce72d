//===- Unicode.h - Code points ----------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_UNICODE_H
#define CATC_DATA_UNICODE_H

#include <string>
#include <string_view>

namespace cat::data {

inline constexpr char32_t kReplacement = 0xFFFD;

/// Decodes UTF-8. Each maximal part of a sequence that is not UTF-8 becomes one U+FFFD, as the
/// Unicode standard recommends (3.9, "Substitution of Maximal Subparts").
std::u32string decodeUtf8(std::string_view bytes);
void appendUtf8(std::string &out, char32_t c);
std::string encodeUtf8(std::u32string_view text);

/// White space as Python's str.split() has it.
bool isSpace(char32_t c);
/// Runs of white space as one space, none at the ends.
std::u32string collapseSpace(std::u32string_view text);

/// Normalization form C.
std::u32string composed(std::u32string_view text);
/// Compatibility composition of one character.
std::u32string compatible(char32_t c);

/// Lower case by the full mappings that depend on no language: U+0130 becomes two, and a sigma that
/// ends a word the final one.
std::u32string lowerCase(std::u32string_view text);

} // namespace cat::data

#endif // CATC_DATA_UNICODE_H
