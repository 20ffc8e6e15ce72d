//===- Image.cpp - Pictures by their first bytes --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Image.h"

using namespace cat;
using namespace cat::data;

Result<Image> data::decodeImage(std::string_view bytes) {
  auto has = [&](size_t at, std::string_view magic) {
    return bytes.size() >= at + magic.size() && bytes.substr(at, magic.size()) == magic;
  };
  auto begins = [&](std::string_view magic) { return has(0, magic); };
  if (begins("\xFF\xD8\xFF"))
    return decodeJpeg(bytes);
  if (begins("\x89PNG\r\n\x1A\n"))
    return decodePng(bytes);
  std::string name;
  if (bytes.empty())
    return Fault{"an empty picture"};
  if (begins("RIFF") && has(8, "WEBP"))
    name = "a WebP picture";
  else if (begins("GIF8"))
    name = "a GIF picture";
  else if (begins("BM"))
    name = "a BMP picture";
  else if (begins("II*") || begins(std::string_view("MM\0*", 4)))
    name = "a TIFF picture";
  else if (has(4, "ftypavif") || has(4, "ftypheic"))
    name = "an AVIF or HEIC picture";
  else
    return Fault{"neither JPEG nor PNG"};
  return Fault{name + ", which is not read: convert it to JPEG or PNG"};
}
