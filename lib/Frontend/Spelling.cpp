//===- Spelling.cpp - What a misspelt name may have meant -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Spelling.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <vector>

using llvm::StringRef;

/// Least number of letters to insert, delete, replace, or swap with their neighbour (Damerau, CACM
/// 7(3), 1964; each place at most once).
static unsigned distance(StringRef a, StringRef b) {
  std::vector<std::vector<unsigned>> d(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<unsigned>(i + j);
        continue;
      }
      unsigned replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string cat::frontend::nearestName(StringRef misspelt, llvm::ArrayRef<StringRef> candidates) {
  // Nobody means a name of a hundred letters by another one.
  if (misspelt.size() > 100)
    return "";
  size_t limit = std::max<size_t>(1, misspelt.size() / 3);
  StringRef best;
  size_t bestDistance = limit + 1;
  for (StringRef candidate : candidates) {
    // Nothing of a one-letter name is left when one letter is wrong.
    if (std::min(candidate.size(), misspelt.size()) < 2 || candidate == misspelt ||
        candidate.size() > misspelt.size() + limit)
      continue;
    size_t slips = distance(misspelt, candidate);
    if (slips < bestDistance) {
      best = candidate;
      bestDistance = slips;
    }
  }
  return best.str();
}

std::string cat::frontend::didYouMean(StringRef misspelt, llvm::ArrayRef<StringRef> candidates) {
  std::string nearest = nearestName(misspelt, candidates);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

std::string cat::frontend::listKnown(StringRef misspelt, StringRef things,
                                     llvm::ArrayRef<StringRef> known) {
  return didYouMean(misspelt, known) + " (" + things.str() + ": " + llvm::join(known, ", ") + ")";
}
