//===- RandomSearch.cpp - Random search over models -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/RandomSearch.h"

using namespace cat::search;

std::optional<ModelId> RandomSearch::ask() {
  std::optional<ModelId> model = randomModel(randomFor(trial()));
  return model ? std::optional<ModelId>(propose(*model)) : std::nullopt;
}
