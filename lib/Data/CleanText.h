//===- CleanText.h - Captions as CLIP's tokenizer wants them ----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_CLEANTEXT_H
#define CATC_DATA_CLEANTEXT_H

#include <string>
#include <string_view>

namespace cat::data {

/// What is done to a caption before it is divided into tokens.
enum class Cleaning {
  /// OpenAI's and OpenCLIP's: repairs, HTML entities, white space, lower case.
  Repair,
  /// Hugging Face's tokenizer.json: normalization form C, white space, lower case.
  Compose,
};

std::string cleanText(std::string_view text, Cleaning cleaning);

/// The repairs of ftfy 6 (fix_text, Speer 2019) with its defaults: HTML entities in text without
/// "<", mojibake, C1 controls, ligatures, wide and narrow forms, curled quotes, line breaks,
/// terminal escapes, control characters, normalization form C. Of mojibake, UTF-8 that was read as
/// Windows-1252 or Latin-1 is undone; other code pages are left as they are.
std::u32string repairText(std::u32string_view text);

/// Undoes UTF-8 read as Windows-1252 or Latin-1 where the text, or a part of it, shows pairs of
/// characters that writing does not have ("Ã©", "â€™").
std::u32string repairEncoding(std::u32string text);
/// The character that a C1 control stands for in Windows-1252, if any; else itself.
char32_t windows1252(char32_t control);

/// Replaces HTML's character references as a browser does: html.unescape of Python.
std::u32string unescapeHtml(std::u32string_view text);
/// ftfy's choice of them: only those that end in ";", and names in capitals ("&EACUTE;").
std::u32string unescapeHtmlStrictly(std::u32string_view text);

} // namespace cat::data

#endif // CATC_DATA_CLEANTEXT_H
