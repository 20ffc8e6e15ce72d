//===- Importance.h - What a model's parts are worth ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores of the parts that pruning may remove. They come from weights (magnitudeImportance), from
// leaving each part out in turn and measuring what is left, as MoPE-CLIP does (Lin et al. 2024,
// arXiv:2403.07839), or from a ranking in CATransformers' form. As JSON they can be kept:
//   {"schema": "catc.importance/1", "source": TEXT,
//    "vision": {"layers": [..], "heads": [[..]..], "ffn": [[..]..], "width": [..]}, "text": {..}}
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_IMPORTANCE_H
#define CATC_WEIGHTS_IMPORTANCE_H

#include "Weights/ClipWeights.h"

namespace cat::weights {

using Scores = std::vector<double>;

/// Scores of one tower, the larger the more it would hurt to remove the part. Empty where nothing
/// is known. A layer's feed-forward scores belong to as many equal blocks of neighbouring neurons
/// as there are scores.
struct TowerImportance {
  Scores layers;
  std::vector<Scores> heads, ffn; ///< by layer
  Scores width;
};

struct Importance {
  std::string source; ///< how the scores were found, for people
  TowerImportance vision, text;
};

/// Why the scores do not fit a model (numbers of parts, values that are not finite), or nothing.
std::optional<std::string> checkImportance(const Importance &importance, const ClipConfig &config);

std::string printImportance(const Importance &importance);
/// Reads what printImportance wrote; `name` stands for the text in faults.
Result<Importance> parseImportance(const std::string &name, const std::string &text);

/// The norm (L2) of all weights that belong to a part: of a head its rows of queries, keys and
/// values and its columns of the output, of a neuron its row and column, of a channel everything
/// that writes or reads it. Weights must fit the configuration.
Importance magnitudeImportance(const StateDict &weights, const ClipConfig &config);

/// The first parts are worth most: pruning with it keeps the leading layers, heads, neurons and
/// channels.
Importance leadingImportance(const ClipConfig &config);

} // namespace cat::weights

#endif // CATC_WEIGHTS_IMPORTANCE_H
