//===- CaptionsFuzzer.cpp - Any bytes as a list of captions ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Manifest.h"
#include "Support/Check.h"

using namespace cat;
using namespace cat::data;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  for (const auto &manifest :
       {parseCsv("fuzz.csv", text, "folder", {}), parseCsv("fuzz.csv", text, "", {"a", "b", ','}),
        parseCoco("fuzz.json", text, "folder"), parseKarpathy("fuzz.json", text, "folder", "test")})
    if (manifest)
      for (const Entry &entry : manifest->entries)
        CATC_CHECK(!entry.problem.empty() != !entry.captions.empty(),
                   "a record has captions or a problem");
  return 0;
}
