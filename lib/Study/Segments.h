//===- Segments.h - Cost programs of every segment variant ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model's segments are lowered through the pass pipeline, once for each combination of the
// parameters that they depend on. What comes out are neutral operators; equal ones are kept once.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_SEGMENTS_H
#define CATC_STUDY_SEGMENTS_H

#include "Cost/Program.h"
#include "NN/NN.h"
#include "Study/Parameters.h"
#include <map>

namespace cat::study {

/// An operator of a variant: which distinct operator, and how often per inference.
struct OperatorUse {
  int32_t op = 0;
  int64_t repeat = 1;
};

struct SegmentVariant {
  std::vector<OperatorUse> operators;
  int64_t macs = 0;
  int64_t parameters = 0;              ///< weights, in elements
  std::map<std::string, double> sizes; ///< of nn.segment, numbers only
};

struct LoweredSegment {
  std::string name;
  std::vector<int32_t> parameters; ///< positions in the ParameterTable, ascending
  std::vector<SegmentVariant>
      variants; ///< mixed radix over `parameters`, the first most significant
};

struct LoweredModel {
  std::vector<cost::Operator> operators; ///< distinct
  std::vector<LoweredSegment> segments;
};

/// Lowers every variant of every segment of `model` on `threads` workers, each with a context of
/// its own that is renewed now and then, so that memory does not grow with the number of variants.
/// Emits an error at the segment and fails if a variant cannot be lowered, or if a segment has more
/// than `maxVariants`.
llvm::FailureOr<LoweredModel> lowerModel(nn::ModelOp model, const ParameterTable &table,
                                         unsigned threads, int64_t maxVariants = 1'000'000);

} // namespace cat::study

#endif // CATC_STUDY_SEGMENTS_H
