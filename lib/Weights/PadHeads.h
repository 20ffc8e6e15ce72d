//===- PadHeads.h - Heads that fill the width -------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// OpenCLIP divides the width among the heads, so a tower whose heads were pruned does not load
// there as it is. It does after adding zeros: let n >= heads divide the width, with D' = width / n
// >= D elements a head. Queries, keys and values get zeros up to D' and whole heads of zeros up to
// n; the output layer gets zeros where it reads them. The dot products do not change, but
// OpenCLIP divides them by sqrt(D') instead of sqrt(D): queries are multiplied by sqrt(D' / D).
// A head of zeros attends to all tokens alike and contributes nothing. So the function computed is
// the same, up to the rounding of the multiplied queries; feed-forward layers and everything else
// stay bit by bit.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_PADHEADS_H
#define CATC_WEIGHTS_PADHEADS_H

#include "Weights/ClipWeights.h"

namespace cat::weights {

/// The sizes after padding: those given where heads fill the width already, otherwise the fewest
/// heads that do. Nothing where no number of heads works.
std::optional<ClipConfig> padHeads(const ClipConfig &config);

/// The weights after padding. They must be those of `config` (checkWeights), which padHeads must be
/// able to pad.
StateDict padHeads(const StateDict &weights, const ClipConfig &config);

/// Whether OpenCLIP as it stands loads the model, after padding where it is needed, and computes
/// the same.
bool isLoadable(const ClipConfig &config);

} // namespace cat::weights

#endif // CATC_WEIGHTS_PADHEADS_H
