//===- Image.h - Pictures, decoded from JPEG and PNG ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_IMAGE_H
#define CATC_DATA_IMAGE_H

#include "Support/Result.h"
#include <cstdint>
#include <string_view>
#include <vector>

namespace cat::data {

/// 8-bit RGB, row by row from the top left, three bytes a pixel (HWC).
struct Image {
  int64_t width = 0;
  int64_t height = 0;
  std::vector<uint8_t> rgb; ///< width * height * 3
};

/// Pictures of more pixels are refused, so that a hostile header cannot claim all memory.
inline constexpr int64_t kMaxPixels = int64_t(1) << 28;

/// Decodes a JPEG (grey becomes RGB; CMYK is refused by name) or a PNG (palette, grey, 16 bits and
/// interlaced included; transparency is dropped as Pillow's convert("RGB") drops it). Which of the
/// two is told by the first bytes; other formats are refused by name where they are known. A file
/// that ends early or is damaged is an error, never half a picture. `name` begins each message.
Result<Image> decodeImage(std::string_view bytes, const std::string &name);

/// A PNG without metadata: the same bytes for the same picture and zlib.
std::string encodePng(const Image &image);

} // namespace cat::data

#endif // CATC_DATA_IMAGE_H
