//===- OpenClip.h - Weights that OpenCLIP loads -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// open_clip_config.json ({"model_cfg", "preprocess_cfg"}) and open_clip_model.safetensors are the
// two files that OpenCLIP looks for in a folder or repository of a model (open_clip/factory.py).
// Towers whose heads do not fill the width are padded with heads of zeros where that makes an
// unmodified OpenCLIP compute the same (Weights/PadHeads.h). Where they are padded, and where
// nothing makes OpenCLIP load them, the weights as they are go to model.safetensors, which catc's
// own programs read together with model.catc.json.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_OPENCLIP_H
#define CATC_EMIT_OPENCLIP_H

#include "Emit/Folder.h"
#include "Weights/ClipWeights.h"

namespace cat::emit {

inline constexpr const char *kOpenClipConfigFile = "open_clip_config.json",
                            *kOpenClipWeightsFile = "open_clip_model.safetensors",
                            *kOwnWeightsFile = "model.safetensors";

/// A tower whose heads were padded.
struct PaddedTower {
  std::string where;
  weights::TowerConfig before, after;
};

/// What became of a model's weights.
struct WeightsReport {
  std::string file;                ///< that has the weights, the padded ones if there are two
  bool loadable = false;           ///< by OpenCLIP as it stands
  std::vector<PaddedTower> padded; ///< empty if every head fills its place, or if not loadable
  std::vector<weights::Difference> obstacles; ///< why it is not loadable
};

/// Text of open_clip_config.json for a model that OpenCLIP can express.
std::string openClipConfig(const weights::ClipConfig &config);

/// Reads the weights that an evaluator saved for a design with these sizes. A fault if they are not
/// those of such a model.
Result<weights::TensorFile> readSavedWeights(const std::string &path,
                                             const weights::ClipConfig &config);

/// Writes the files. A fault says which could not be written.
Result<WeightsReport> writeOpenClip(Folder &folder, const weights::ClipConfig &config,
                                    const weights::TensorFile &file);

} // namespace cat::emit

#endif // CATC_EMIT_OPENCLIP_H
