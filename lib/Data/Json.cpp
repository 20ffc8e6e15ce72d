//===- Json.cpp - JSON files of others ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Json.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <zlib.h>

using namespace cat;
using namespace cat::data;
namespace json = llvm::json;

Result<std::string> data::readWhole(const std::string &path, int64_t limit) {
  errno = 0;
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file)
    return Fault{path + ": " + (errno ? std::strerror(errno) : "out of memory")};
  std::string text;
  char block[1 << 16];
  for (;;) {
    int read = gzread(file, block, sizeof block);
    if (read > 0 && static_cast<int64_t>(text.size()) + read <= limit) {
      text.append(block, static_cast<size_t>(read));
      continue;
    }
    Fault fault{path + ": larger than " + std::to_string(limit) +
                " bytes: not the file it should be"};
    int code = Z_OK;
    const char *why = gzerror(file, &code);
    if (read <= 0 && code != Z_OK && code != Z_STREAM_END)
      fault.message = path + ": " + (code == Z_ERRNO ? std::strerror(errno) : why);
    // A compressed file that is cut short ends with Z_BUF_ERROR.
    bool failed = read != 0 || (code != Z_OK && code != Z_STREAM_END);
    gzclose(file);
    if (failed)
      return fault;
    return text;
  }
}

/// Whether brackets outside of strings are nested deeper than `limit`.
static bool isDeeper(const std::string &text, int limit) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      i += c == '\\';
      quoted = c != '"';
    } else if (c == '"')
      quoted = true;
    else if (c == '[' || c == '{') {
      if (++depth > limit)
        return true;
    } else if (c == ']' || c == '}')
      --depth;
  }
  return false;
}

Result<json::Value> data::parseJson(const std::string &path, const std::string &text) {
  constexpr int kDepth = 64;
  if (isDeeper(text, kDepth))
    return Fault{path + ": nested more than " + std::to_string(kDepth) + " deep"};
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return Fault{path + ": " + llvm::toString(value.takeError())};
  return std::move(*value);
}
