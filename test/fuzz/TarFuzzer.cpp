//===- TarFuzzer.cpp - Any bytes as an archive of pictures ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/TarRecords.h"

using namespace cat;
using namespace cat::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  TarRecords records("fuzz.tar", bytes, {});
  while (std::optional<RawRecord> record = records.next())
    if (record->picture)
      (void)decodeImage(*record->picture);
  records.takeFault();
  (void)decodeImage(bytes);
  return 0;
}
