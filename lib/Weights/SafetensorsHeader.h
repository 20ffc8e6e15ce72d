//===- SafetensorsHeader.h - The header of a safetensors file ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header has its own reader: a general JSON library follows nesting to any depth, loses the
// order of names and lets the last of two equal names win.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_SAFETENSORSHEADER_H
#define CATC_WEIGHTS_SAFETENSORSHEADER_H

#include "Support/Result.h"
#include "Weights/Tensor.h"
#include <string_view>

namespace cat::weights {

/// One tensor as the header describes it.
struct HeaderEntry {
  std::string name;
  DType dtype = DType::F32;
  Shape shape;
  uint64_t begin = 0, end = 0; ///< bytes from the end of the header
};

struct Header {
  std::vector<std::pair<std::string, std::string>> metadata; ///< as they stand in the header
  std::vector<HeaderEntry> entries; ///< by place of their data, which they cover exactly
};

/// Reads and checks the text of a header that describes `dataSize` bytes; `file` stands for the
/// file in errors.
Result<Header> parseHeader(std::string_view text, uint64_t dataSize, const std::string &file);

/// The text of a header, padded with spaces so that the data begins at a multiple of 8 bytes.
std::string printHeader(const Header &header);

/// A name from a file, in quotes, shortened and without control characters.
std::string quoteName(std::string_view name);

} // namespace cat::weights

#endif // CATC_WEIGHTS_SAFETENSORSHEADER_H
