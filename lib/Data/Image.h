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

/// Pictures of more pixels are refused, as Pillow refuses them, so that a hostile header cannot
/// claim all memory.
inline constexpr int64_t kMaxPixels = 178'956'970;

/// Decodes a JPEG (grey becomes RGB; CMYK is refused by name) or a PNG (palette, grey, 16 bits and
/// interlaced included; transparency is dropped as Pillow's convert("RGB") drops it). Which of the
/// two is told by the first bytes; other formats are refused by name where they are known. A file
/// that ends early or is damaged is a fault, never half a picture. A fault names no file: that is
/// the caller's.
Result<Image> decodeImage(std::string_view bytes);

/// A PNG without metadata: the same bytes for the same picture and zlib. Nothing for a picture that
/// has no pixels.
std::string encodePng(const Image &image);

/// What decodeImage() calls.
Result<Image> decodeJpeg(std::string_view bytes);
Result<Image> decodePng(std::string_view bytes);

} // namespace cat::data

#endif // CATC_DATA_IMAGE_H
