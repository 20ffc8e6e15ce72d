//===- Spelling.cpp - What a misspelt name may have meant -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Spelling.h"
#include <algorithm>

using llvm::StringRef;

std::string cat::frontend::nearestName(StringRef misspelt, llvm::ArrayRef<StringRef> candidates) {
  unsigned limit = std::max<size_t>(1, misspelt.size() / 3);
  StringRef best;
  unsigned bestDistance = limit + 1;
  for (StringRef candidate : candidates) {
    // Nothing of a one-letter name is left when one letter is wrong.
    if (std::min(candidate.size(), misspelt.size()) < 2 || candidate == misspelt)
      continue;
    unsigned distance = misspelt.edit_distance(candidate, /*AllowReplacements=*/true, limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best.str();
}

std::string cat::frontend::didYouMean(StringRef misspelt, llvm::ArrayRef<StringRef> candidates) {
  std::string nearest = nearestName(misspelt, candidates);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}
