//===- ClipWeights.h - The tensors of a CLIP model --------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names and layouts are OpenCLIP's: a linear layer's weight is [out, in], the two projections are
// [width, embed] and multiply from the right, in_proj holds queries, keys and values one after the
// other, each head by head.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_CLIPWEIGHTS_H
#define CATC_WEIGHTS_CLIPWEIGHTS_H

#include "Support/Result.h"
#include "Weights/ClipConfig.h"
#include "Weights/Tensor.h"

namespace cat::weights {

/// "visual." for the vision tower, "" for that of texts.
inline constexpr const char *kVisionPrefix = "visual.", *kTextPrefix = "";

/// "visual.transformer.resblocks.3." for a prefix and a layer.
std::string layerPrefix(const std::string &prefix, int64_t layer);

/// The shape of each tensor of a model.
std::map<std::string, Shape> expectedShapes(const ClipConfig &config);

/// Why these are not the weights of such a model (a tensor that is missing, unknown, of another
/// shape or not of a floating type), naming the tensor, or nothing. A scalar may also have the
/// shape [1].
std::optional<std::string> checkWeights(const StateDict &weights, const ClipConfig &config);

/// Reads the sizes off the shapes, for weights without a configuration. What shapes do not tell is
/// given: the head's size, 64 in every published CLIP but a few, and the activation, gelu but for
/// OpenAI's. Each layer is taken to be as the first; checkWeights tells.
Result<ClipConfig> configOf(const StateDict &weights, int64_t headDim = 64,
                            Activation activation = Activation::Gelu);

/// The names that files give to the tensors.
enum class Naming {
  OpenClip,
  OpenClipText, ///< OpenCLIP's models with a text tower of their own: its names begin with "text."
  HuggingFace,  ///< transformers' CLIPModel: queries, keys and values apart, projections [out, in]
};

/// Nothing if these are the names of no CLIP that we know.
std::optional<Naming> detectNaming(const StateDict &weights);

/// Renames, joins and transposes tensors into OpenCLIP's form, whatever they are in; no value
/// changes. Buffers that hold no weight (position_ids) are left out.
Result<StateDict> toOpenClip(StateDict weights);

/// The reverse into Hugging Face's form. toOpenClip of the outcome is bit by bit what it was.
Result<StateDict> toHuggingFace(StateDict weights);

/// The first tensor with an element that is no finite number, or nothing.
std::optional<std::string> checkFinite(const StateDict &weights);

/// Reads a file of weights, in whatever naming, and checks them against `config`, and that they are
/// finite.
Result<StateDict> readClipWeights(const std::string &path, const ClipConfig &config);

/// Weights as OpenCLIP draws them before training (open_clip/model.py, init_parameters, for both
/// towers): normal, with deviations by width and depth; biases zero, norms one, logit_scale
/// ln(1 / 0.07). A tensor's values depend on the seed, its name and the sizes only.
StateDict randomWeights(const ClipConfig &config, uint64_t seed);

} // namespace cat::weights

#endif // CATC_WEIGHTS_CLIPWEIGHTS_H
