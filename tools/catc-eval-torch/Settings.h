//===- Settings.h - What a measurement block asks for -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_SETTINGS_H
#define CATC_EVAL_TORCH_SETTINGS_H

#include "Support/Result.h"
#include "llvm/Support/JSON.h"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cat::torcheval {

/// How much training a figure rests on, cheapest first. The last is what counts.
enum class Fidelity { Raw, Short, Medium, Full };
inline constexpr std::array<std::string_view, 4> kFidelityNames = {"raw", "short", "medium",
                                                                   "full"};

/// How the parts to keep are chosen.
enum class ImportanceRule {
  LeaveOneOut, ///< by the loss without each part, on the user's data (MoPE-CLIP, arXiv 2403.07839)
  Magnitude,   ///< by the norm of each part's weights
  Leading,     ///< the first of each kind
  CaTransformers, ///< heads and neurons by leave-one-out, layers and width by that paper's rules
};

/// The keys of a `measurement` block (catlib/measured.cat says what each means), with its defaults.
struct Settings {
  std::string data = "shapes";         ///< or "webdataset", "csv", "coco", "karpathy"
  std::string train, validation, test; ///< files, or patterns of files
  std::string images;                  ///< folder that file names of images are relative to
  std::string tokenizer;               ///< of data from files
  std::string weights;                 ///< of the unpruned model; empty: train it
  int64_t teacherSteps = 1200, teacherBatch = 128;
  double teacherLearningRate = 1e-3;
  int64_t batch = 128;
  double learningRate = 5e-4, weightDecay = 0.1, warmup = 0.1;
  int64_t stepsShort = 10, stepsMedium = 25, stepsFull = 50;
  bool distillation = true;
  ImportanceRule importance = ImportanceRule::LeaveOneOut;
  int64_t importancePairs = 300;
  int64_t trainPairs = 0, validationPairs = 0, testPairs = 0; ///< 0: the data set's own number
  int64_t badRecords = 0;     ///< that may be passed over in a pass through a split
  int64_t captions = 0;       ///< of an image, the first ones; 0: all it has
  int64_t heldPairs = 0;      ///< of the training set, in memory at a time; 0: 2 GiB of pictures
  std::string device = "cpu"; ///< or "cuda", "auto"

  /// Steps of fine-tuning at a fidelity.
  int64_t steps(Fidelity fidelity) const;
};

/// Reads the block's keys; an error names the key and what it may be. Keys of the block that are
/// catc's own (metric, timeout, launcher, power, source) are passed over.
Result<Settings> readSettings(const llvm::json::Object &config);

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_SETTINGS_H
