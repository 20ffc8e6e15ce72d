//===- DataSets.h - The splits that a session works with --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_DATASETS_H
#define CATC_EVAL_TORCH_DATASETS_H

#include "Data/Dataset.h"
#include "Data/Tokenizer.h"
#include "PairSet.h"
#include "Settings.h"
#include "Support/Result.h"
#include "Weights/ClipConfig.h"
#include <map>
#include <memory>
#include <optional>

namespace cat::torcheval {

/// The training, validation and test splits of a measurement, each read when it is first asked for.
class DataSets {
public:
  /// Looks at what is there, and that a model of the configuration can read it; nothing is decoded
  /// yet. `seed`: of the rendered data set.
  static Result<DataSets> open(const Settings &settings, const weights::ClipConfig &model,
                               uint64_t seed);

  DataSets() = default;

  /// A split, never empty. The error names the file and the record at fault.
  Result<const PairSet *> split(data::Split split);
  bool has(data::Split split) const;

  /// Tokens of the prompts of a zero-shot classification [classes * templates, context], where the
  /// data has classes; and the number of templates.
  std::optional<torch::Tensor> prompts() const;
  int64_t templates() const { return templates_; }

  /// "shapes", or what the validation split is read from.
  const std::string &name() const { return name_; }

private:
  std::optional<std::string> readFiles(data::Split split, PairSet &set) const;
  /// Adds a sample, as the model sees it.
  void add(PairSet &set, const data::Sample &sample, int64_t label) const;

  Settings settings_;
  weights::ClipConfig model_;
  uint64_t seed_ = 0;
  std::string name_;
  std::shared_ptr<const data::Tokenizer> tokenizer_;
  std::map<data::Split, std::unique_ptr<PairSet>> read_;
  std::vector<std::string> prompts_;
  int64_t templates_ = 0;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_DATASETS_H
