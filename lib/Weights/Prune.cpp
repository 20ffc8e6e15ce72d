//===- Prune.cpp - Cut a CLIP model down ----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Prune.h"
#include "Support/Check.h"
#include <algorithm>
#include <cstring>
#include <numeric>

using namespace cat;
using namespace cat::weights;

namespace {

Indices firstOf(int64_t count) {
  Indices indices(static_cast<size_t>(count));
  std::iota(indices.begin(), indices.end(), int64_t(0));
  return indices;
}

/// The slices `indices` of a tensor along an axis.
Tensor take(const Tensor &tensor, size_t axis, const Indices &indices) {
  CATC_CHECK(axis < tensor.shape.size(), "a tensor is sliced along an axis that it lacks");
  size_t outer = 1, inner = sizeOf(tensor.dtype);
  for (size_t i = 0; i < axis; ++i)
    outer *= static_cast<size_t>(tensor.shape[i]);
  for (size_t i = axis + 1; i < tensor.shape.size(); ++i)
    inner *= static_cast<size_t>(tensor.shape[i]);
  auto size = static_cast<size_t>(tensor.shape[axis]);
  Tensor result;
  result.dtype = tensor.dtype;
  result.shape = tensor.shape;
  result.shape[axis] = static_cast<int64_t>(indices.size());
  result.bytes.resize(outer * indices.size() * inner);
  std::byte *to = result.bytes.data();
  for (size_t o = 0; o < outer; ++o)
    for (int64_t index : indices) {
      std::memcpy(to, tensor.bytes.data() + (o * size + static_cast<size_t>(index)) * inner, inner);
      to += inner;
    }
  return result;
}

/// The elements of heads, in each of `parts` blocks of `qkvWidth` elements.
Indices elementsOf(const Indices &heads, int64_t headDim, int64_t qkvWidth, int64_t parts) {
  Indices elements;
  for (int64_t part = 0; part < parts; ++part)
    for (int64_t head : heads)
      for (int64_t i = 0; i < headDim; ++i)
        elements.push_back(part * qkvWidth + head * headDim + i);
  return elements;
}

class Pruner {
public:
  Pruner(const StateDict &weights, StateDict &result) : weights_(weights), result_(result) {}

  void copy(const std::string &name) { result_[name] = weights_.at(name); }

  /// Slices a tensor along one axis, or along two one after the other.
  void slice(const std::string &from, const std::string &to, size_t axis, const Indices &indices) {
    result_[to] = take(weights_.at(from), axis, indices);
  }
  void slice(const std::string &from, const std::string &to, size_t axis, const Indices &indices,
             size_t secondAxis, const Indices &secondIndices) {
    result_[to] = take(take(weights_.at(from), axis, indices), secondAxis, secondIndices);
  }

  void pruneLayers(const std::string &prefix, const TowerConfig &tower,
                   const TowerSelection &selection);

private:
  const StateDict &weights_;
  StateDict &result_;
};

void Pruner::pruneLayers(const std::string &prefix, const TowerConfig &tower,
                         const TowerSelection &selection) {
  const Indices &width = selection.width;
  for (size_t i = 0; i < selection.layers.size(); ++i) {
    std::string from = layerPrefix(prefix, selection.layers[i]),
                to = layerPrefix(prefix, static_cast<int64_t>(i));
    Indices qkv = elementsOf(selection.heads[i], tower.headDim, tower.qkvWidth(), 3),
            mixed = elementsOf(selection.heads[i], tower.headDim, tower.qkvWidth(), 1);
    const Indices &ffn = selection.ffn[i];
    auto cut = [&](const char *name, auto... slices) { slice(from + name, to + name, slices...); };
    for (const char *name : {"ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias",
                             "attn.out_proj.bias", "mlp.c_proj.bias"})
      cut(name, 0, width);
    cut("attn.in_proj_weight", 0, qkv, 1, width);
    cut("attn.in_proj_bias", 0, qkv);
    cut("attn.out_proj.weight", 0, width, 1, mixed);
    cut("mlp.c_fc.weight", 0, ffn, 1, width);
    cut("mlp.c_fc.bias", 0, ffn);
    cut("mlp.c_proj.weight", 0, width, 1, ffn);
  }
}

/// Why `indices` are no choice among `size`, or nothing.
std::optional<std::string> checkIndices(const std::string &what, const Indices &indices,
                                        int64_t size) {
  if (indices.empty())
    return what + " keeps nothing";
  int64_t before = -1;
  for (int64_t index : indices) {
    if (index < 0 || index >= size)
      return what + " keeps " + std::to_string(index) + " of 0 to " + std::to_string(size - 1);
    if (index <= before)
      return what + " keeps " + std::to_string(index) + " after " + std::to_string(before) +
             "; indices must ascend";
    before = index;
  }
  return std::nullopt;
}

std::optional<std::string> checkTower(const std::string &name, const TowerSelection &selection,
                                      const TowerConfig &tower) {
  if (auto misfit = checkIndices(name + ".layers", selection.layers, tower.layers))
    return misfit;
  if (auto misfit = checkIndices(name + ".width", selection.width, tower.width))
    return misfit;
  for (auto [part, lists, size] : {std::tuple("heads", &selection.heads, tower.heads),
                                   std::tuple("ffn", &selection.ffn, tower.ffn)}) {
    if (lists->size() != selection.layers.size())
      return name + "." + part + " has " + std::to_string(lists->size()) + " lists for " +
             std::to_string(selection.layers.size()) + " layers";
    for (size_t i = 0; i < lists->size(); ++i)
      if (auto misfit =
              checkIndices(name + "." + part + "[" + std::to_string(i) + "]", (*lists)[i], size))
        return misfit;
  }
  return std::nullopt;
}

/// The common size of the lists; nothing if they differ.
std::optional<int64_t> commonSize(const std::vector<Indices> &lists) {
  for (const Indices &list : lists)
    if (list.size() != lists[0].size())
      return std::nullopt;
  return static_cast<int64_t>(lists[0].size());
}

/// The `count` indices of the best scores, those with the lowest index among equals, ascending.
Indices best(const Scores &scores, int64_t count) {
  Indices order = firstOf(static_cast<int64_t>(scores.size()));
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

/// The `count` neurons of the best blocks.
Indices bestNeurons(const Scores &blocks, int64_t neurons, int64_t count) {
  int64_t size = neurons / static_cast<int64_t>(blocks.size());
  Indices order = firstOf(static_cast<int64_t>(blocks.size()));
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return blocks[static_cast<size_t>(a)] > blocks[static_cast<size_t>(b)];
  });
  Indices kept;
  for (int64_t block : order)
    for (int64_t i = 0; i < size && static_cast<int64_t>(kept.size()) < count; ++i)
      kept.push_back(block * size + i);
  std::sort(kept.begin(), kept.end());
  return kept;
}

/// Chooses the parts of one tower; the first complaint is kept.
class Selector {
public:
  Selector(std::string name, const TowerConfig &parent, const TowerConfig &target,
           const TowerImportance &importance, std::string &error)
      : name_(std::move(name)), parent_(parent), target_(target), importance_(importance),
        error_(error) {}

  TowerSelection select();

private:
  void fail(const std::string &what) {
    if (error_.empty())
      error_ = what;
  }
  /// Whether parts of a kind must be chosen by `scores`; complains about what is impossible.
  bool mustChoose(const char *part, int64_t from, int64_t count, bool scored) {
    if (count > from)
      fail(name_ + "." + part + ": the unpruned model has " + std::to_string(from) + ", not " +
           std::to_string(count));
    else if (count < 1)
      fail(name_ + "." + part + ": nothing would be left");
    else if (count < from && !scored)
      fail(name_ + "." + part + ": there are no scores to choose " + std::to_string(count) +
           " of " + std::to_string(from) + " by");
    return error_.empty() && count < from;
  }

  std::string name_;
  const TowerConfig &parent_, &target_;
  const TowerImportance &importance_;
  std::string &error_;
};

TowerSelection Selector::select() {
  TowerSelection selection;
  if (parent_.headDim != target_.headDim)
    fail(name_ + ".head_dim: pruning does not change the size of a head, " +
         std::to_string(parent_.headDim) + ", to " + std::to_string(target_.headDim));
  bool layers = mustChoose("layers", parent_.layers, target_.layers, !importance_.layers.empty());
  bool width = mustChoose("width", parent_.width, target_.width, !importance_.width.empty());
  bool heads = mustChoose("heads", parent_.heads, target_.heads, !importance_.heads.empty());
  bool ffn = mustChoose("ffn", parent_.ffn, target_.ffn, !importance_.ffn.empty());
  if (!error_.empty())
    return selection;
  selection.layers = layers ? best(importance_.layers, target_.layers) : firstOf(parent_.layers);
  selection.width = width ? best(importance_.width, target_.width) : firstOf(parent_.width);
  for (int64_t layer : selection.layers) {
    auto l = static_cast<size_t>(layer);
    selection.heads.push_back(heads ? best(importance_.heads[l], target_.heads)
                                    : firstOf(parent_.heads));
    selection.ffn.push_back(ffn ? bestNeurons(importance_.ffn[l], parent_.ffn, target_.ffn)
                                : firstOf(parent_.ffn));
  }
  return selection;
}

} // namespace

Selection cat::weights::selectAll(const ClipConfig &config) {
  auto all = [](const TowerConfig &tower) {
    auto layers = static_cast<size_t>(tower.layers);
    return TowerSelection{firstOf(tower.layers),
                          {layers, firstOf(tower.heads)},
                          {layers, firstOf(tower.ffn)},
                          firstOf(tower.width)};
  };
  return {all(config.vision), all(config.text)};
}

std::optional<std::string> cat::weights::checkSelection(const Selection &selection,
                                                        const ClipConfig &parent) {
  if (auto misfit = checkTower("vision", selection.vision, parent.vision))
    return misfit;
  return checkTower("text", selection.text, parent.text);
}

Result<ClipConfig> cat::weights::configOf(const Selection &selection, const ClipConfig &parent) {
  if (std::optional<std::string> misfit = checkSelection(selection, parent))
    return Fault{*misfit};
  ClipConfig config = parent;
  for (auto [name, tower, kept] : {std::tuple("vision", &config.vision, &selection.vision),
                                   std::tuple("text", &config.text, &selection.text)}) {
    std::optional<int64_t> heads = commonSize(kept->heads), ffn = commonSize(kept->ffn);
    if (!heads || !ffn)
      return Fault{std::string(name) + "." + (heads ? "ffn" : "heads") +
                   " keeps different numbers in different layers"};
    tower->layers = static_cast<int64_t>(kept->layers.size());
    tower->width = static_cast<int64_t>(kept->width.size());
    tower->heads = *heads;
    tower->ffn = *ffn;
  }
  return config;
}

Result<StateDict> cat::weights::prune(const StateDict &weights, const ClipConfig &parent,
                                      const Selection &selection) {
  if (std::optional<std::string> misfit = checkWeights(weights, parent))
    return Fault{*misfit};
  if (std::optional<std::string> misfit = checkSelection(selection, parent))
    return Fault{*misfit};
  StateDict result;
  Pruner pruner(weights, result);
  auto cut = [&](const char *name, size_t axis, const Indices &indices) {
    pruner.slice(name, name, axis, indices);
  };
  for (const char *name :
       {"visual.conv1.weight", "visual.class_embedding", "visual.ln_pre.weight",
        "visual.ln_pre.bias", "visual.ln_post.weight", "visual.ln_post.bias", "visual.proj"})
    cut(name, 0, selection.vision.width);
  cut("visual.positional_embedding", 1, selection.vision.width);
  for (const char *name : {"ln_final.weight", "ln_final.bias", "text_projection"})
    cut(name, 0, selection.text.width);
  for (const char *name : {"token_embedding.weight", "positional_embedding"})
    cut(name, 1, selection.text.width);
  pruner.copy("logit_scale");
  pruner.pruneLayers(kVisionPrefix, parent.vision, selection.vision);
  pruner.pruneLayers(kTextPrefix, parent.text, selection.text);
  return result;
}

Result<Selection> cat::weights::selectByImportance(const ClipConfig &parent,
                                                   const ClipConfig &target,
                                                   const Importance &importance) {
  if (std::optional<std::string> misfit = checkImportance(importance, parent))
    return Fault{*misfit};
  ClipConfig rest = target;
  rest.vision = parent.vision;
  rest.text = parent.text;
  if (rest != parent)
    return Fault{"pruning changes the towers only, not activation, embed, patch, image, context "
                 "or vocab"};
  std::string error;
  Selection selection;
  selection.vision =
      Selector("vision", parent.vision, target.vision, importance.vision, error).select();
  selection.text = Selector("text", parent.text, target.text, importance.text, error).select();
  if (!error.empty())
    return Fault{error};
  return selection;
}
