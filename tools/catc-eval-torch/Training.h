//===- Training.h - Training and fine-tuning --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AdamW over the contrastive loss, with a teacher's similarities where there is one. Batch,
// learning rate and steps are those of the whole training, however many devices carry it out, and
// the warm-up is a share of the steps: a short training warms up too. All of it is a function of
// the options and the data; a checkpoint continues it as if it had not stopped.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_TORCH_TRAINING_H
#define CATC_EVAL_TORCH_TRAINING_H

#include "Clip.h"
#include "PairSet.h"
#include <functional>
#include <memory>
#include <optional>

namespace cat::torcheval {

struct OptimizerOptions {
  double learningRate = 1e-3; ///< at its peak
  double weightDecay = 0.1;   ///< of matrices; norms, biases and the scale have none
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-6; ///< OpenCLIP's for vision transformers
};

/// AdamW (Loshchilov and Hutter 2019) on a model.
class Trainer {
public:
  /// Asks the model for gradients. The model must outlive the trainer.
  Trainer(Clip &model, const OptimizerOptions &options);

  /// One step at a learning rate on a batch; `teacher`: the teacher's logits per image, or
  /// undefined. Returns the loss before the step. Nothing is changed if it is not finite. The
  /// scale is kept in [1, 100], as in OpenCLIP.
  double step(const torch::Tensor &images, const torch::Tensor &tokens,
              const torch::Tensor &teacher, double learningRate);

  void save(torch::serialize::OutputArchive &archive) const;
  void load(torch::serialize::InputArchive &archive);

private:
  Clip &model_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
};

struct TrainingOptions {
  OptimizerOptions optimizer;
  int64_t steps = 0;
  int64_t batch = 128;
  double warmup = 0.1; ///< share of the steps over which the learning rate rises, linearly; then it
                       ///< falls to zero, as a cosine
  uint64_t seed = 0;   ///< of the order of the data
  /// Where to keep the state, written every `checkpointSeconds`; empty: nowhere.
  std::string checkpoint;
  double checkpointSeconds = 60;
};

/// The learning rate of a step, counted from 0.
double learningRateAt(const TrainingOptions &options, int64_t step);

/// A teacher's embeddings of a training set, computed once.
struct TeacherEmbeddings {
  Features features; ///< [images, embed] and [captions, embed]
  double scale = 1;
};

TeacherEmbeddings embed(const Clip &teacher, const PairSet &data);

/// What a step learns from.
struct TrainingBatch {
  PairBatch pairs;
  torch::Tensor teacher; ///< its logits per image, or undefined
};

/// The batch of a step, on the model's device, or the fault of what it is read from.
using BatchSource = std::function<Result<TrainingBatch>(int64_t step)>;

/// A batch of a set in memory.
TrainingBatch batchOf(const PairSet &data, const TeacherEmbeddings *teacher, int64_t step,
                      int64_t batch, uint64_t seed, torch::Device device);

struct TrainingStep {
  int64_t step = 0, steps = 0; ///< steps done, of all
  double loss = 0;             ///< mean since the last report
};

/// Trains a model in place. `identity` tells one source of batches from another, for checkpoints.
/// `report` is called every `reportEvery` steps and after the last one,
/// and stops the training by returning false. Returns what went wrong: a loss that is not finite,
/// data that cannot be read, or a training that was stopped; the model is then of no use.
std::optional<std::string> train(Clip &model, const BatchSource &batches,
                                 const std::string &identity, const TrainingOptions &options,
                                 int64_t reportEvery,
                                 const std::function<bool(const TrainingStep &)> &report);

/// The same on a set in memory.
std::optional<std::string> train(Clip &model, const PairSet &data, const TeacherEmbeddings *teacher,
                                 const TrainingOptions &options, int64_t reportEvery,
                                 const std::function<bool(const TrainingStep &)> &report);

/// Error text of a training that `report` stopped.
inline constexpr const char *kCancelled = "cancelled";

} // namespace cat::torcheval

#endif // CATC_EVAL_TORCH_TRAINING_H
