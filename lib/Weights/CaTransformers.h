//===- CaTransformers.h - Pruning as CATransformers does it -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of CATransformers (Wang et al. 2025, arXiv:2505.01386; eval/pruning.py), for comparison
// with its results. Feed-forward blocks and heads go in the order of a ranking, the width keeps its
// first channels, the text tower loses its middle layers, and the vision tower those layers that
// change random input least.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_CATRANSFORMERS_H
#define CATC_WEIGHTS_CATRANSFORMERS_H

#include "Weights/Prune.h"

namespace cat::weights {

/// Reads rankings in the form of its files, in one object with the members "ffn_text", "head_text",
/// "ffn_vision" and "head_vision": [[layer, [[part, accuracy without it], ...]], ...], the part
/// that goes first in front. The scores that come of it are places in the ranking.
Result<Importance> parseRankings(const std::string &name, const std::string &text);

/// The `count` layers kept when the middle is dropped: one half of them, rounded down, from the
/// front, the others from the back.
Indices dropMiddleLayers(int64_t layers, int64_t count);

/// The `count` layers kept when those go whose output is most like their input; `cosines` has the
/// mean cosine similarity of both for each layer. Among equals the first goes.
Indices dropSimilarLayers(const std::vector<double> &cosines, int64_t count);

/// What its rules keep for the sizes of `target`. `cosines` may be empty if no vision layer goes.
/// A fault where they lead to other sizes: a feed-forward size that is no number of eighths.
Result<Selection> selectAsCaTransformers(const ClipConfig &parent, const ClipConfig &target,
                                         const Importance &rankings,
                                         const std::vector<double> &cosines);

} // namespace cat::weights

#endif // CATC_WEIGHTS_CATRANSFORMERS_H
