//===- ModelJsonFuzzer.cpp - Hostile model configurations -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Configurations, selections, importance and rankings: whatever is accepted must be written and
// read back alike, and used without harm.
//
//===----------------------------------------------------------------------===//

#include "Weights/CaTransformers.h"
#include "Weights/PadHeads.h"
#include <cstdlib>

using namespace cat;
using namespace cat::weights;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  if (Result<ClipConfig> config = parseClipConfig("fuzzed", text)) {
    ModelRecord record{*config, *config};
    Result<ClipConfig> back = parseClipConfig("written", printModelRecord(record));
    require(back && *back == *config);
    if (findOpenClipDifferences(*config).empty()) {
      back = parseClipConfig("written", printOpenClipConfig(*config));
      require(back && *back == *config);
    }
    isLoadable(*config);
  }
  ClipConfig small;
  small.embed = small.patch = small.image = small.context = small.vocab = 2;
  small.vision = small.text = {2, 2, 2, 1, 8};
  if (Result<Selection> selection = parseSelection("fuzzed", text)) {
    Result<Selection> back = parseSelection("written", printSelection(*selection));
    require(back && *back == *selection);
    configOf(*selection, small);
  }
  ClipConfig target = small;
  target.vision = target.text = {1, 1, 1, 1, 4};
  if (Result<Importance> importance = parseImportance("fuzzed", text))
    if (Result<Selection> selection = selectByImportance(small, target, *importance))
      require(*configOf(*selection, small) == target);
  if (Result<Importance> rankings = parseRankings("fuzzed", text))
    selectAsCaTransformers(small, target, *rankings, {0.5, 0.25});
  return 0;
}
