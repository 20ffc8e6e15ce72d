//===- LeaveOneOut.h - What each part of a model is worth -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A part is worth what the model loses without it, on the user's data: the module-wise pruning
// error of MoPE-CLIP (arXiv 2403.07839, section 3.2), for layers, heads and blocks of feed-forward
// neurons one by one. What is lost is counted by the contrastive loss over the pairs, in place of
// recall: a loss has no ties among hundreds of parts.
//
// Width has too many channels for that, and a channel is part of every layer's norm. Its worth is
// the first-order estimate of the same error (Molchanov et al. 2019, eq. 8): the square of the sum
// of gradient times weight over all that reads or writes the channel.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_LEAVEONEOUT_H
#define CATC_EVAL_TORCH_LEAVEONEOUT_H

#include "Clip.h"
#include "PairSet.h"
#include "Support/Result.h"
#include "Weights/Importance.h"
#include <functional>
#include <string>

namespace cat::torcheval {

/// Feed-forward neurons are left out in this many blocks a layer (MoPE-CLIP's number).
inline constexpr int64_t kFeedForwardBlocks = 8;

/// The importance of every part of `model` on `pairs`; the model is left as it was. Each loss found
/// is added to the file `log` at once and taken from there when the same is asked again: a file of
/// another model or other pairs is begun anew. `report(done, of)` returns false to stop.
Result<weights::Importance> leaveOneOut(Clip &model, const std::string &modelIdentity,
                                        const PairSet &pairs, const std::string &log,
                                        const std::function<bool(int64_t, int64_t)> &report);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_LEAVEONEOUT_H
