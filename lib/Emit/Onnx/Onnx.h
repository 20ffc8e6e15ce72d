//===- Onnx.h - A CLIP model as an ONNX graph -------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The graph is built from weights::ClipConfig, the versioned model record, and OpenCLIP's tensors:
// the two from which evaluators build the model that they train. Opset 17, IR version 8, names of
// Optimum's exports:
//
//   pixel_values     float32 [image_batch_size, 3, side, side]   normalised pixels
//   input_ids        int64 [text_batch_size, context]            tokens
//   logits_per_image float32 [image_batch_size, text_batch_size]
//   logits_per_text  float32 [text_batch_size, image_batch_size]
//   text_embeds      float32 [text_batch_size, embed]            of length 1
//   image_embeds     float32 [image_batch_size, embed]           of length 1
//
// Initializers have OpenCLIP's names and float32 values. The matrix of a linear layer is transposed
// to [in, out], and its name then ends in ".transposed".
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_ONNX_ONNX_H
#define CATC_EMIT_ONNX_ONNX_H

#include "Weights/ClipWeights.h"

namespace cat::emit {

struct OnnxOptions {
  /// Images and texts at a time; nothing: the user of the graph chooses.
  std::optional<int64_t> batch;
  /// Weights of more bytes go to a file of their own, NAME.onnx.data beside NAME.onnx: a protocol
  /// buffer holds less than 2^31.
  int64_t mostInside = 2'000'000'000;
  /// Of the program that writes, for the file's "producer_version".
  std::string version;
};

/// The file of weights beside a graph of more than OnnxOptions::mostInside bytes.
std::string onnxDataFile(const std::string &path);

/// Writes a model whose weights fit `config` (weights::checkWeights). The graph is written only
/// after ONNX's own checker and its inference of shapes accept it, whole or not at all. Returns why
/// it could not be written, or nothing.
std::optional<std::string> writeOnnx(const std::string &path, const weights::ClipConfig &config,
                                     weights::StateDict weights, const OnnxOptions &options = {});

} // namespace cat::emit

#endif // CATC_EMIT_ONNX_ONNX_H
