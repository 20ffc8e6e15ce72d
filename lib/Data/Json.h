//===- Json.h - JSON files of others ----------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_JSON_H
#define CATC_DATA_JSON_H

#include "Support/Result.h"
#include "llvm/Support/JSON.h"
#include <cstdint>

namespace cat::data {

/// Reads a file whole, through gzip if it is compressed. An error if it is larger than `limit`.
Result<std::string> readWhole(const std::string &path, int64_t limit);

/// Parses text that came from `path`; nested deeper than any data set's is an error, because LLVM's
/// parser recurses. So is what is not UTF-8.
Result<llvm::json::Value> parseJson(const std::string &path, const std::string &text);

} // namespace cat::data

#endif // CATC_DATA_JSON_H
