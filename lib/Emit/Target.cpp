//===- Target.cpp - The registered targets --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Target.h"
#include <algorithm>

using namespace cat;

emit::Target::~Target() = default;

// Targets.def is written by CMake from the folders that are registered.
namespace cat::emit {
#define CATC_EMIT_TARGET(FOLDER) std::unique_ptr<Target> create##FOLDER##Target();
#include "Emit/Targets.def"
#undef CATC_EMIT_TARGET
} // namespace cat::emit

const std::vector<std::unique_ptr<emit::Target>> &emit::targets() {
  static const std::vector<std::unique_ptr<Target>> all = [] {
    std::vector<std::unique_ptr<Target>> list;
#define CATC_EMIT_TARGET(FOLDER) list.push_back(create##FOLDER##Target());
#include "Emit/Targets.def"
#undef CATC_EMIT_TARGET
    std::sort(list.begin(), list.end(),
              [](const auto &a, const auto &b) { return a->name() < b->name(); });
    return list;
  }();
  return all;
}
