//===- SafetensorsFuzzer.cpp - Hostile safetensors files ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is accepted must be written and read back alike.
//
//===----------------------------------------------------------------------===//

#include "Weights/Safetensors.h"
#include <cstdlib>

using namespace cat;
using namespace cat::weights;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static void check(std::string_view bytes) {
  Result<TensorFile> file = parseSafetensors(bytes, "fuzzed");
  if (!file) {
    require(file.error().rfind("fuzzed: ", 0) == 0);
    return;
  }
  std::string written;
  require(!printSafetensors(*file, [&](std::string_view part) { written += part; }));
  Result<TensorFile> back = parseSafetensors(written, "written");
  require(back && back->tensors == file->tensors && back->metadata == file->metadata &&
          back->tensorOrder == file->tensorOrder && back->metadataOrder == file->metadataOrder);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  check(text);
  // The same as a header, up to the first zero byte, and what it describes, so that a header is
  // reached without guessing its length.
  std::string_view header = text.substr(0, text.find('\0'));
  std::string file;
  for (size_t i = 0; i < 8; ++i)
    file += static_cast<char>(header.size() >> (8 * i));
  file += header;
  if (header.size() < text.size())
    file += text.substr(header.size() + 1);
  check(file);
  return 0;
}
