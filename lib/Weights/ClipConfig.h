//===- ClipConfig.h - The sizes of a CLIP model -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The record from which a CLIP model is built: to be trained, exported or, as an nn graph, costed.
// It is read from and written to the forms in which others keep it:
//
//   catc.model/1  our own, exact: {"schema", "family": "clip", "activation", "embed",
//                 "segments": [{"name", "sizes": {"layers", "width", ...}, "parent": {...}}]}
//   OpenCLIP      {"model_cfg": {"embed_dim", "vision_cfg", "text_cfg", ...}} or the inner object
//                 alone (open_clip/model.py: CLIPVisionCfg, CLIPTextCfg)
//   Hugging Face  config.json with "model_type": "clip" (transformers' CLIPConfig)
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_CLIPCONFIG_H
#define CATC_WEIGHTS_CLIPCONFIG_H

#include "Support/Result.h"
#include <cstdint>
#include <string>
#include <vector>

namespace llvm::json {
class Value;
}

namespace cat::weights {

/// The schema of our own record.
inline constexpr const char *kModelSchema = "catc.model/1";

/// Sizes of one tower. Queries, keys and values have heads * headDim elements each, which need not
/// be the width.
struct TowerConfig {
  int64_t layers = 0, width = 0, heads = 0, headDim = 0, ffn = 0;

  int64_t qkvWidth() const { return heads * headDim; }
  bool operator==(const TowerConfig &o) const {
    return layers == o.layers && width == o.width && heads == o.heads && headDim == o.headDim &&
           ffn == o.ffn;
  }
};

enum class Activation { Gelu, QuickGelu };

/// "gelu" or "quick_gelu".
const char *nameOf(Activation activation);

struct ClipConfig {
  int64_t embed = 0; ///< elements of the joint embedding
  Activation activation = Activation::Gelu;
  TowerConfig vision, text;
  int64_t patch = 0, image = 0;   ///< pixels a side
  int64_t context = 0, vocab = 0; ///< tokens

  /// Patches and the class token.
  int64_t imageTokens() const { return (image / patch) * (image / patch) + 1; }
  bool operator==(const ClipConfig &o) const {
    return embed == o.embed && activation == o.activation && vision == o.vision && text == o.text &&
           patch == o.patch && image == o.image && context == o.context && vocab == o.vocab;
  }
  bool operator!=(const ClipConfig &o) const { return !(*this == o); }
};

/// Why no model has these sizes (one below 1 or above 2^24, an image that does not divide into
/// patches), or nothing.
std::optional<std::string> checkConfig(const ClipConfig &config);

/// A model and the unpruned one that it comes from.
struct ModelRecord {
  ClipConfig config, parent;
};

/// Reads a record catc.model/1. Which tower is which follows from what it reads, patches or words;
/// sizes that "parent" lacks are those of the model itself. `name` stands for the text in faults.
Result<ModelRecord> readModelRecord(const llvm::json::Value &record, const std::string &name);

/// The text of a record with what readModelRecord needs.
std::string printModelRecord(const ModelRecord &record);

/// Reads a configuration of any of the three forms from its text; `name` stands for it in faults.
/// Options that change the model in ways that are not ours are refused by name.
Result<ClipConfig> parseClipConfig(const std::string &name, const std::string &text);

/// The same from a file.
Result<ClipConfig> readClipConfig(const std::string &path);

/// A way in which OpenCLIP would build another model.
struct Difference {
  std::string where, reason;
};

/// What OpenCLIP cannot express of a model: it divides the width among the heads, and derives the
/// feed-forward size from a ratio. Empty if it builds the model exactly.
std::vector<Difference> findOpenClipDifferences(const ClipConfig &config);

/// The text of an OpenCLIP configuration with members that OpenCLIP knows and no others.
/// `withModelKey` puts it below "model_cfg", as beside weights in a repository of models.
std::string printOpenClipConfig(const ClipConfig &config, bool withModelKey = false);

} // namespace cat::weights

#endif // CATC_WEIGHTS_CLIPCONFIG_H
