//===- Prune.h - Cut a CLIP model down --------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pruning copies slices of tensors and changes no value. What is kept is a Selection: indices of
// the unpruned model, ascending. As JSON:
//   {"schema": "catc.selection/1", "vision": {"layers": [..], "heads": [[..]..], "ffn": [[..]..],
//    "width": [..]}, "text": {..}}
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_PRUNE_H
#define CATC_WEIGHTS_PRUNE_H

#include "Weights/Importance.h"

namespace cat::weights {

using Indices = std::vector<int64_t>;

/// What is kept of one tower. Heads and neurons are listed for each kept layer, as indices into the
/// unpruned layer.
struct TowerSelection {
  Indices layers;
  std::vector<Indices> heads, ffn;
  Indices width;

  bool operator==(const TowerSelection &o) const {
    return layers == o.layers && heads == o.heads && ffn == o.ffn && width == o.width;
  }
};

struct Selection {
  TowerSelection vision, text;

  bool operator==(const Selection &o) const { return vision == o.vision && text == o.text; }
};

/// Everything.
Selection selectAll(const ClipConfig &config);

/// Why a selection is none of the model's (an index out of range or out of order, a list that is
/// empty or missing), naming tower, list and index, or nothing.
std::optional<std::string> checkSelection(const Selection &selection, const ClipConfig &parent);

/// The sizes of the model that is left. A fault if the selection is none, or keeps different
/// numbers of heads or neurons in different layers.
Result<ClipConfig> configOf(const Selection &selection, const ClipConfig &parent);

/// The weights that are left, with layers numbered anew from 0. The layers may keep different
/// numbers of heads and neurons. A fault names the tensor that is none of `parent`'s, or what is
/// wrong with the selection.
Result<StateDict> prune(const StateDict &weights, const ClipConfig &parent,
                        const Selection &selection);

/// What to keep for the sizes of `target`: the parts with the best scores, among equals those with
/// the lowest index. Layers are chosen by their own scores, heads and neurons layer by layer. Where
/// neurons are scored in blocks, the last block taken may be taken in part, its first neurons. A
/// fault says what of `target` exceeds the parent, or which scores are missing.
Result<Selection> selectByImportance(const ClipConfig &parent, const ClipConfig &target,
                                     const Importance &importance);

std::string printSelection(const Selection &selection);
/// Reads what printSelection wrote; `name` stands for the text in faults.
Result<Selection> parseSelection(const std::string &name, const std::string &text);

} // namespace cat::weights

#endif // CATC_WEIGHTS_PRUNE_H
