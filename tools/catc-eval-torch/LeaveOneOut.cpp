//===- LeaveOneOut.cpp - What each part of a model is worth ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LeaveOneOut.h"
#include "Losses.h"
#include "Training.h"
#include "Weights/ClipWeights.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include <fstream>
#include <map>

using namespace cat;
using namespace cat::torcheval;
using torch::Tensor;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// The log
//===----------------------------------------------------------------------===//

namespace {

/// Losses by the name of what was left out, one line each.
class Log {
public:
  Log(const std::string &path, const std::string &identity) : path_(path) {
    std::ifstream in(path);
    bool ours = false;
    for (std::string line; std::getline(in, line);) {
      llvm::Expected<json::Value> value = json::parse(line);
      if (!value || !value->getAsObject()) {
        // The last line of a process that was killed.
        llvm::consumeError(value.takeError());
        continue;
      }
      const json::Object &entry = *value->getAsObject();
      if (std::optional<llvm::StringRef> of = entry.getString("pairs"))
        ours = *of == identity;
      std::optional<llvm::StringRef> part = entry.getString("without");
      std::optional<double> loss = entry.getNumber("loss");
      if (ours && part && loss)
        losses_[part->str()] = *loss;
    }
    out_.open(path, ours ? std::ios::app : std::ios::trunc);
    if (!ours)
      write(json::Object{{"pairs", identity}});
    else
      out_ << '\n'; // Ends a line that was cut.
  }

  const double *find(const std::string &part) const {
    auto it = losses_.find(part);
    return it == losses_.end() ? nullptr : &it->second;
  }
  void add(const std::string &part, double loss) {
    losses_[part] = loss;
    write(json::Object{{"without", part}, {"loss", loss}});
  }
  bool good() const { return out_.good(); }

private:
  void write(json::Object entry) {
    std::string line;
    llvm::raw_string_ostream(line) << json::Value(std::move(entry)) << '\n';
    out_ << line << std::flush;
  }

  std::string path_;
  std::map<std::string, double> losses_;
  std::ofstream out_;
};

//===----------------------------------------------------------------------===//
// Leaving out
//===----------------------------------------------------------------------===//

/// Sets parts of weights to zero, and puts them back.
class Zeroed {
public:
  void add(const Tensor &view) {
    views_.push_back(view);
    kept_.push_back(view.clone());
    Tensor(view).zero_();
  }
  ~Zeroed() {
    for (size_t i = views_.size(); i-- > 0;)
      views_[i].copy_(kept_[i]);
  }

private:
  std::vector<Tensor> views_, kept_;
};

/// Blocks are of one size: the largest number of them that divides the neurons.
int64_t feedForwardBlocks(const weights::TowerConfig &config) {
  int64_t blocks = std::min(kFeedForwardBlocks, config.ffn);
  while (config.ffn % blocks)
    --blocks;
  return blocks;
}

/// The tower whose parts are left out.
struct TowerParts {
  const char *name;
  std::string prefix; ///< of its weights
  const weights::TowerConfig &config;
  weights::TowerImportance &importance;
};

class LeaveOneOut {
public:
  LeaveOneOut(Clip &model, const PairSet &pairs, Log &log,
              const std::function<bool(int64_t, int64_t)> &report)
      : model_(model), pairs_(pairs), log_(log), report_(report), whole_(pairs.encode(model)) {
    for (const weights::TowerConfig *tower : {&model.config().vision, &model.config().text})
      parts_ += tower->layers * (1 + tower->heads + feedForwardBlocks(*tower));
  }

  /// False if it was stopped.
  bool measure(const TowerParts &tower) {
    torch::NoGradGuard noGradients;
    const weights::TowerConfig &config = tower.config;
    const double base = lossOf(whole_);
    weights::TowerImportance &out = tower.importance;
    out.heads.resize(config.layers);
    out.ffn.resize(config.layers);
    for (int64_t layer = 0; layer < config.layers; ++layer) {
      const std::string block = weights::layerPrefix(tower.prefix, layer);
      const std::string name = tower.name + (".layer" + std::to_string(layer));
      Tensor out_proj = model_.at(block + "attn.out_proj.weight");
      Tensor c_proj = model_.at(block + "mlp.c_proj.weight");
      // A layer that adds nothing to the residual stream is no layer.
      out.layers.push_back(without(tower, name,
                                   {out_proj, model_.at(block + "attn.out_proj.bias"), c_proj,
                                    model_.at(block + "mlp.c_proj.bias")}) -
                           base);
      for (int64_t head = 0; head < config.heads; ++head)
        out.heads[layer].push_back(
            without(tower, name + ".head" + std::to_string(head),
                    {out_proj.narrow(1, head * config.headDim, config.headDim)}) -
            base);
      const int64_t blocks = feedForwardBlocks(config), size = config.ffn / blocks;
      for (int64_t b = 0; b < blocks; ++b)
        out.ffn[layer].push_back(
            without(tower, name + ".ffn" + std::to_string(b), {c_proj.narrow(1, b * size, size)}) -
            base);
      if (stopped_)
        return false;
    }
    return true;
  }

private:
  double lossOf(const Features &features) const {
    // Each image with the first of its captions.
    std::vector<int64_t> first;
    for (int64_t c = 0; c < pairs_.captionCount(); ++c)
      if (c == 0 || pairs_.owner()[c] != pairs_.owner()[c - 1])
        first.push_back(c);
    Tensor text = features.text.index_select(0, torch::tensor(first));
    return contrastiveLoss(logitsPerImage({features.image, text}, model_.scale().to(torch::kCPU)))
        .item<double>();
  }

  /// The loss with some weights of a tower at zero.
  double without(const TowerParts &tower, const std::string &name,
                 const std::vector<Tensor> &views) {
    ++done_;
    if (const double *known = log_.find(name))
      return *known;
    if (stopped_ || !report_(done_ - 1, parts_)) {
      stopped_ = true;
      return 0;
    }
    Zeroed zeroed;
    for (const Tensor &view : views)
      zeroed.add(view);
    // The other tower is what it was.
    Features features = whole_;
    if (&tower.config == &model_.config().vision)
      features.image = pairs_.encodeImages(model_);
    else
      features.text = pairs_.encodeTexts(model_);
    const double loss = lossOf(features);
    log_.add(name, loss);
    return loss;
  }

  Clip &model_;
  const PairSet &pairs_;
  Log &log_;
  const std::function<bool(int64_t, int64_t)> &report_;
  Features whole_;
  int64_t done_ = 0, parts_ = 0;
  bool stopped_ = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Width
//===----------------------------------------------------------------------===//

/// For each tensor with the width of a tower along one of its dimensions, that dimension.
static std::map<std::string, int64_t>
widthDimensions(weights::ClipConfig config, weights::TowerConfig weights::ClipConfig::*tower) {
  const std::map<std::string, weights::Shape> shapes = weights::expectedShapes(config);
  ++(config.*tower).width;
  std::map<std::string, int64_t> result;
  for (const auto &[name, wider] : weights::expectedShapes(config))
    for (size_t d = 0; d < wider.size(); ++d)
      if (wider[d] != shapes.at(name)[d])
        result[name] = static_cast<int64_t>(d);
  return result;
}

/// The sum over batches of (sum over weights of a channel of gradient * weight)^2.
static void findWidth(Clip &model, const PairSet &pairs, weights::Importance &importance) {
  torch::AutoGradMode gradients(true);
  model.requireGradients(true);
  constexpr int64_t kBatch = 64;
  const int64_t batch = std::min(kBatch, pairs.size()), batches = pairs.size() / batch;
  auto sumsOf = [&](weights::TowerConfig weights::ClipConfig::*tower, Tensor &squares) {
    Tensor sums = torch::zeros({(model.config().*tower).width}, torch::kFloat64);
    for (const auto &[name, dimension] : widthDimensions(model.config(), tower)) {
      const Tensor &parameter = model.at(name);
      Tensor products = (parameter.grad() * parameter).to(torch::kCPU, torch::kFloat64);
      sums += products.transpose(0, dimension).reshape({sums.size(0), -1}).sum(1);
    }
    squares += sums * sums;
  };
  Tensor vision = torch::zeros({model.config().vision.width}, torch::kFloat64);
  Tensor text = torch::zeros({model.config().text.width}, torch::kFloat64);
  for (int64_t i = 0; i < batches; ++i) {
    PairBatch part = pairs.batch(i, batch, 0, model.device());
    for (const auto &[name, parameter] : model.parameters())
      if (parameter.grad().defined())
        Tensor(parameter).mutable_grad().zero_();
    contrastiveLoss(logitsPerImage(model.encode(part.pixels, part.tokens), model.scale()))
        .backward();
    torch::NoGradGuard noGradients;
    sumsOf(&weights::ClipConfig::vision, vision);
    sumsOf(&weights::ClipConfig::text, text);
  }
  for (const auto &[name, parameter] : model.parameters())
    Tensor(parameter).mutable_grad() = Tensor();
  model.requireGradients(false);
  auto scores = [](const Tensor &values) {
    return weights::Scores(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  };
  importance.vision.width = scores(vision);
  importance.text.width = scores(text);
}

Result<weights::Importance>
torcheval::leaveOneOut(Clip &model, const std::string &modelIdentity, const PairSet &pairs,
                       const std::string &log,
                       const std::function<bool(int64_t, int64_t)> &report) {
  Log losses(log, modelIdentity + " " + pairs.identity());
  if (!losses.good())
    return Fault{"cannot write " + log};
  weights::Importance importance;
  importance.source = "the contrastive loss without each part, and the gradient by width";
  LeaveOneOut parts(model, pairs, losses, report);
  const weights::ClipConfig &config = model.config();
  if (!parts.measure({"vision", "visual.", config.vision, importance.vision}) ||
      !parts.measure({"text", "", config.text, importance.text}))
    return Fault{kCancelled};
  findWidth(model, pairs, importance);
  return importance;
}
