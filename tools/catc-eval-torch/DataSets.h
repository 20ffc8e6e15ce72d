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

  /// Part `index` of the training set, in the order of the seed, pass after pass. Part 0 is
  /// split(Train). A set that fits into memory is one part, and all parts are that.
  Result<const PairSet *> trainingPart(int64_t index);
  /// Whether the training set is one part; known once split(Train) has been read.
  bool trainingIsOnePart() const { return !stream_; }

  /// Tokens of the prompts of a zero-shot classification [classes * templates, context], where the
  /// data has classes; and the number of templates.
  std::optional<torch::Tensor> prompts() const;
  int64_t templates() const { return templates_; }

  /// "shapes", or the name of the file that the validation split is read from.
  const std::string &name() const { return name_; }

private:
  /// A training set that does not fit into memory, being read.
  struct Stream {
    std::unique_ptr<data::Source> source;
    uint64_t pass = 0;             ///< number of the pass
    int64_t passed = 0;            ///< pairs of it that were read
    int64_t part = 0;              ///< number of the part read last
    std::unique_ptr<PairSet> held; ///< that part; null for part 0
  };

  Result<std::unique_ptr<data::Source>> open(data::Split split) const;
  /// Reads until the set has `most` images; true if the source has no more.
  Result<bool> fill(data::Source &source, const std::string &name, int64_t most,
                    PairSet &set) const;
  std::optional<std::string> readFiles(data::Split split, PairSet &set);
  std::optional<std::string> readNextPart();
  /// Adds a sample, as the model sees it.
  void add(PairSet &set, const data::Sample &sample, int64_t label) const;

  Settings settings_;
  weights::ClipConfig model_;
  uint64_t seed_ = 0;
  std::string name_;
  std::shared_ptr<const data::Tokenizer> tokenizer_;
  std::map<data::Split, std::unique_ptr<PairSet>> read_;
  std::unique_ptr<Stream> stream_;
  std::vector<std::string> prompts_;
  int64_t templates_ = 0;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_DATASETS_H
