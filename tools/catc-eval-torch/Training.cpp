//===- Training.cpp - Training and fine-tuning ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Training.h"
#include "Losses.h"
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sstream>

using namespace cat;
using namespace cat::torcheval;
using torch::Tensor;

//===----------------------------------------------------------------------===//
// One step
//===----------------------------------------------------------------------===//

/// As OpenCLIP groups them: what scales or shifts is not drawn towards zero.
static bool decays(const std::string &name, const Tensor &parameter) {
  auto has = [&](const char *part) { return name.find(part) != std::string::npos; };
  return parameter.dim() >= 2 && !has("ln_") && !has("bias") && !has("logit_scale");
}

Trainer::Trainer(Clip &model, const OptimizerOptions &options) : model_(model) {
  model.requireGradients(true);
  std::vector<Tensor> matrices, others;
  for (const auto &[name, parameter] : model.parameters())
    (decays(name, parameter) ? matrices : others).push_back(parameter);
  auto common = torch::optim::AdamWOptions(options.learningRate)
                    .betas({options.beta1, options.beta2})
                    .eps(options.epsilon);
  auto group = [&](std::vector<Tensor> parameters, double decay) {
    auto own = std::make_unique<torch::optim::AdamWOptions>(common);
    own->weight_decay(decay);
    return torch::optim::OptimizerParamGroup(std::move(parameters), std::move(own));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.push_back(group(std::move(matrices), options.weightDecay));
  groups.push_back(group(std::move(others), 0));
  optimizer_ = std::make_unique<torch::optim::AdamW>(std::move(groups), common);
}

double Trainer::step(const Tensor &images, const Tensor &tokens, const Tensor &teacher,
                     double learningRate) {
  Tensor logits = logitsPerImage(model_.encode(images, tokens), model_.scale());
  Tensor loss = contrastiveLoss(logits);
  if (teacher.defined())
    loss = loss + distillationLoss(logits, teacher);
  const double value = loss.item<double>();
  if (!std::isfinite(value))
    return value;
  for (auto &group : optimizer_->param_groups())
    static_cast<torch::optim::AdamWOptions &>(group.options()).lr(learningRate);
  optimizer_->zero_grad();
  loss.backward();
  optimizer_->step();
  torch::NoGradGuard noGradients;
  Tensor scale = model_.at("logit_scale");
  scale.clamp_(0, std::log(100.0));
  return value;
}

void Trainer::save(torch::serialize::OutputArchive &archive) const { optimizer_->save(archive); }
void Trainer::load(torch::serialize::InputArchive &archive) { optimizer_->load(archive); }

double torcheval::learningRateAt(const TrainingOptions &options, int64_t step) {
  const auto rise =
      static_cast<int64_t>(std::ceil(options.warmup * static_cast<double>(options.steps)));
  const double peak = options.optimizer.learningRate;
  if (step < rise)
    return peak * static_cast<double>(step + 1) / static_cast<double>(rise);
  const double done = static_cast<double>(step - rise) /
                      static_cast<double>(std::max<int64_t>(1, options.steps - rise));
  return peak * (1 + std::cos(3.14159265358979323846 * done)) / 2;
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

namespace {

/// The state of a training between two steps.
class Checkpoint {
public:
  Checkpoint(Clip &model, Trainer &trainer, const TrainingOptions &options, const std::string &data)
      : model_(model), trainer_(trainer), path_(options.checkpoint) {
    // Equal for trainings that take the same steps.
    std::ostringstream text;
    text.precision(17);
    const OptimizerOptions &o = options.optimizer;
    text << options.steps << ' ' << options.batch << ' ' << options.warmup << ' ' << options.seed
         << ' ' << o.learningRate << ' ' << o.weightDecay << ' ' << o.beta1 << ' ' << o.beta2 << ' '
         << o.epsilon << ' ' << data;
    for (const auto &[name, parameter] : model.parameters())
      text << ' ' << name << parameter.sizes();
    identity_ = text.str();
  }

  /// The number of steps done; 0 where there is no checkpoint of this training.
  int64_t load() {
    if (path_.empty() || !std::filesystem::exists(path_))
      return 0;
    try {
      torch::serialize::InputArchive archive;
      archive.load_from(path_);
      c10::IValue identity, step;
      archive.read("identity", identity);
      archive.read("step", step);
      if (identity.toStringRef() != identity_)
        return 0;
      torch::serialize::InputArchive weights, optimizer;
      archive.read("weights", weights);
      archive.read("optimizer", optimizer);
      std::map<std::string, Tensor> read;
      for (const auto &[name, parameter] : model_.parameters())
        weights.read(flat(name), read[name]);
      trainer_.load(optimizer);
      torch::NoGradGuard noGradients;
      for (const auto &[name, parameter] : model_.parameters())
        Tensor(parameter).copy_(read[name]);
      return step.toInt();
    } catch (const c10::Error &) {
      // Half a file, or another version's: begin anew.
      return 0;
    }
  }

  void save(int64_t step) {
    torch::serialize::OutputArchive archive, weights, optimizer;
    archive.write("identity", c10::IValue(identity_));
    archive.write("step", c10::IValue(step));
    for (const auto &[name, parameter] : model_.parameters())
      weights.write(flat(name), parameter.detach());
    trainer_.save(optimizer);
    archive.write("weights", weights);
    archive.write("optimizer", optimizer);
    const std::string temporary = path_ + ".part";
    archive.save_to(temporary);
    std::filesystem::rename(temporary, path_);
  }

  void remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

private:
  /// Attribute names of an archive have no dots.
  static std::string flat(std::string name) {
    for (char &c : name)
      if (c == '.')
        c = '/';
    return name;
  }

  Clip &model_;
  Trainer &trainer_;
  std::string path_, identity_;
};

} // namespace

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

TeacherEmbeddings torcheval::embed(const Clip &teacher, const PairSet &data) {
  return {data.encode(teacher), teacher.scale().item<double>()};
}

TrainingBatch torcheval::batchOf(const PairSet &data, const TeacherEmbeddings *teacher,
                                 int64_t step, int64_t batch, uint64_t seed, torch::Device device) {
  TrainingBatch result{data.batch(step, batch, seed, device), {}};
  if (teacher)
    result.teacher = logitsPerImage({teacher->features.image.index_select(0, result.pairs.images),
                                     teacher->features.text.index_select(0, result.pairs.captions)},
                                    torch::tensor(teacher->scale))
                         .to(device, torch::kFloat32);
  return result;
}

std::optional<std::string>
torcheval::train(Clip &model, const PairSet &data, const TeacherEmbeddings *teacher,
                 const TrainingOptions &options, int64_t reportEvery,
                 const std::function<bool(const TrainingStep &)> &report) {
  if (data.size() == 0)
    return "the training set is empty";
  auto batches = [&](int64_t step) -> Result<TrainingBatch> {
    return batchOf(data, teacher, step, options.batch, options.seed, model.device());
  };
  return train(model, batches, data.identity(), options, reportEvery, report);
}

std::optional<std::string>
torcheval::train(Clip &model, const BatchSource &batches, const std::string &identity,
                 const TrainingOptions &options, int64_t reportEvery,
                 const std::function<bool(const TrainingStep &)> &report) {
  Trainer trainer(model, options.optimizer);
  Checkpoint checkpoint(model, trainer, options, identity);
  using Clock = std::chrono::steady_clock;
  Clock::time_point saved = Clock::now();
  double sum = 0;
  int64_t since = 0;
  for (int64_t step = checkpoint.load(); step < options.steps; ++step) {
    Result<TrainingBatch> batch = batches(step);
    if (!batch)
      return batch.error();
    const double rate = learningRateAt(options, step);
    const double loss =
        trainer.step(batch->pairs.pixels, batch->pairs.tokens, batch->teacher, rate);
    if (!std::isfinite(loss)) {
      std::ostringstream text;
      text << "the loss is not finite at step " << step << " of " << options.steps
           << ", at a learning rate of " << rate << "; a lower learning_rate may help";
      return text.str();
    }
    sum += loss;
    ++since;
    if ((step + 1) % reportEvery == 0 || step + 1 == options.steps) {
      if (!report({step + 1, options.steps, sum / static_cast<double>(since)}))
        return kCancelled;
      sum = 0;
      since = 0;
    }
    if (!options.checkpoint.empty() && step + 1 < options.steps &&
        Clock::now() - saved > std::chrono::duration<double>(options.checkpointSeconds)) {
      checkpoint.save(step + 1);
      saved = Clock::now();
    }
  }
  model.requireGradients(false);
  checkpoint.remove();
  return std::nullopt;
}
