//===- Session.h - Measuring models pruned from one -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a worker holds between evaluations: the data, the unpruned model (the teacher) and what its
// parts are worth. What takes long is kept in a cache folder under a name that is a digest of all
// it depends on, and made by one worker while others wait for it. Nothing that is found there is
// trusted further than a file of weights that a user names.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_SESSION_H
#define CATC_EVAL_TORCH_SESSION_H

#include "Clip.h"
#include "DataSets.h"
#include "Metrics.h"
#include "Settings.h"
#include "Support/Result.h"
#include "Training.h"
#include "Weights/Prune.h"
#include "llvm/Support/JSON.h"
#include <functional>
#include <memory>
#include <string>

namespace cat::torcheval {

/// Tells how far something is; returns false to stop it.
using Report = std::function<bool(llvm::json::Object progress)>;

/// A model measured.
struct Measurement {
  Score accuracy;
  /// Of the model as pruned, where it has been fine-tuned since.
  std::optional<Score> raw;
  /// True if fine-tuning made it worse, so that the pruned model is what was measured and saved.
  bool keptRaw = false;
  double loss = 0; ///< of the end of fine-tuning; 0 without
  Retrieval retrieval;
  std::optional<Score> zeroShot;
};

struct EvaluateRequest {
  weights::ClipConfig model;
  Fidelity fidelity = Fidelity::Full;
  bool test = false; ///< measure what `artefacts` holds on the test split
  uint64_t seed = 0;
  std::string artefacts; ///< folder for the model; empty: it is not kept
};

class Session {
public:
  /// Loads the data and the unpruned model, or trains it, and finds what its parts are worth.
  /// `cache`: an existing folder.
  static Result<std::unique_ptr<Session>> create(const Settings &settings,
                                                 const weights::ClipConfig &parent,
                                                 const std::string &cache, uint64_t seed,
                                                 const Report &report);

  /// Prunes the unpruned model to the request's sizes, fine-tunes it as its fidelity says, measures
  /// it on the validation split, and saves it. Never a model worse than before fine-tuning.
  Result<Measurement> evaluate(const EvaluateRequest &request, const Report &report);

  /// What the accuracy is: "mean R@1 on shapes".
  std::string metric() const;
  /// How it is measured: splits and captions an image.
  std::string protocol() const;
  /// A digest of the unpruned model, of the pictures it is measured on, and of those held of what
  /// it is trained on.
  const std::string &identity() const { return identity_; }
  /// What an evaluation takes, as a share of one at the last fidelity; an estimate from the number
  /// of samples it passes.
  double cost(Fidelity fidelity) const;
  bool hasTest() const { return data_.has(data::Split::Test); }
  const Measurement &teacherFigures() const { return teacherFigures_; }

private:
  Session(Settings settings, weights::ClipConfig parent, std::string cache, uint64_t seed)
      : settings_(std::move(settings)), parent_(std::move(parent)), cache_(std::move(cache)),
        seed_(seed) {}

  std::optional<std::string> load(const Report &report);
  std::optional<std::string> findTeacher(const Report &report);
  Result<weights::StateDict> trainTeacher(const std::string &checkpoint, const Report &report);
  std::optional<std::string> findImportance(const Report &report);
  /// The batch of a step, with the teacher's logits if `distil`.
  Result<TrainingBatch> trainingBatch(int64_t step, const TrainingOptions &options, bool distil);
  Measurement measure(const Clip &model, const PairSet &set) const;
  /// Trains `model`, of which `measured` is known, and updates that to the better of the two.
  std::optional<std::string> fineTune(const EvaluateRequest &request, Clip &model,
                                      Measurement &measured, const Report &report);
  /// What is kept of the unpruned model.
  Result<weights::Selection> select(const weights::ClipConfig &target) const;
  Result<Measurement> evaluateSaved(const EvaluateRequest &request);

  Settings settings_;
  weights::ClipConfig parent_;
  std::string cache_;
  uint64_t seed_;
  torch::Device device_ = torch::kCPU;
  DataSets data_;
  weights::StateDict teacherWeights_;
  std::string teacherIdentity_, identity_;
  Measurement teacherFigures_;
  /// The teacher's embeddings of a part of the training set, and its number.
  std::optional<TeacherEmbeddings> embeddings_;
  int64_t embeddedPart_ = -1;
  weights::Importance importance_;
};

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_SESSION_H
