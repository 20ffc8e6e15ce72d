//===- Rejections.h - Why a front is empty ----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_REJECTIONS_H
#define CATC_STUDY_REJECTIONS_H

#include "Study/Codesign.h"

namespace cat::study {

/// How many designs a requirement or a threshold rejects on its own.
struct Rejection {
  std::string what;     ///< "'every operator can be mapped'", "the threshold of 'latency'"
  int64_t rejected = 0; ///< of those looked at
  int64_t looked = 0;   ///< designs whose hardware is allowed, or a sample of them
  bool sampled = false;
  std::string example; ///< what is wrong with one of the designs, or empty
};

/// The requirement or threshold that rejects the largest share of the designs; nothing if none
/// rejects any. `evaluation` says what is known of a model's evaluated metric; where that is
/// nothing, what depends on it is not counted.
std::optional<Rejection>
strictest(const Codesign &codesign,
          const std::function<std::optional<search::Evaluation>(search::ModelId)> &evaluation);

} // namespace cat::study

#endif // CATC_STUDY_REJECTIONS_H
