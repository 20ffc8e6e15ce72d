//===- Spelling.h - What a misspelt name may have meant ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_SPELLING_H
#define CATC_FRONTEND_SPELLING_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace cat::frontend {

/// The candidate with the fewest slips (a letter missing, added, wrong, or two swapped), if it is
/// near enough to be meant: one slip for every three letters, and one always. Empty otherwise. Of
/// equals, the first.
std::string nearestName(llvm::StringRef misspelt, llvm::ArrayRef<llvm::StringRef> candidates);

/// "; did you mean 'x'?", or an empty string.
std::string didYouMean(llvm::StringRef misspelt, llvm::ArrayRef<llvm::StringRef> candidates);

/// "; did you mean 'x'? (THINGS: x, y, z)", for names of which there are few.
std::string listKnown(llvm::StringRef misspelt, llvm::StringRef things,
                      llvm::ArrayRef<llvm::StringRef> known);

} // namespace cat::frontend

#endif // CATC_FRONTEND_SPELLING_H
