//===- CaTransformers.cpp - Pruning as CATransformers does it -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/CaTransformers.h"
#include "Results/JsonNode.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace cat;
using namespace cat::weights;
using results::JsonNode;

namespace {

/// Feed-forward sizes go by eighths there.
constexpr int64_t kBlocks = 8;

/// Reads one layer's ranking into places: the part in front, which goes first, gets place 0.
bool readPlaces(const JsonNode &ranking, Scores &places) {
  const auto *array = ranking.asArray();
  if (!array)
    return false;
  places.assign(array->size(), -1);
  for (size_t i = 0; i < array->size(); ++i) {
    JsonNode pair = ranking.element(*array, i);
    const auto *parts = pair.asArray();
    int64_t part = 0;
    if (!parts)
      return false;
    if (parts->empty() || !pair.element(*parts, 0).read(part))
      return pair.fail("expected [part, accuracy]");
    if (part < 0 || part >= static_cast<int64_t>(places.size()))
      return pair.fail("part " + std::to_string(part) + " of " + std::to_string(places.size()));
    double &place = places[static_cast<size_t>(part)];
    if (place >= 0)
      return pair.fail("ranks part " + std::to_string(part) + " again");
    place = static_cast<double>(i);
  }
  return true;
}

bool readRanking(const JsonNode &root, const char *key, std::vector<Scores> &layers) {
  return root.readArray(key, [&](const JsonNode &layer) {
    const auto *pair = layer.asArray();
    int64_t number = 0;
    if (!pair)
      return false;
    if (pair->size() != 2 || !layer.element(*pair, 0).read(number))
      return layer.fail("expected [layer, ranking]");
    if (number != static_cast<int64_t>(layers.size()))
      return layer.fail("expected layer " + std::to_string(layers.size()));
    return readPlaces(layer.element(*pair, 1), layers.emplace_back());
  });
}

/// Keeps the layers `kept` of a selection that has all.
void keepLayers(TowerSelection &selection, const Indices &kept) {
  TowerSelection result;
  result.layers = kept;
  result.width = selection.width;
  for (int64_t layer : kept) {
    result.heads.push_back(selection.heads[static_cast<size_t>(layer)]);
    result.ffn.push_back(selection.ffn[static_cast<size_t>(layer)]);
  }
  selection = std::move(result);
}

/// Why these rules do not lead to a tower, or nothing.
std::optional<std::string> checkTower(const std::string &name, const TowerConfig &parent,
                                      const TowerConfig &target) {
  if (target.layers < 1 || target.layers > parent.layers)
    return name + ".layers: cannot keep " + std::to_string(target.layers) + " of " +
           std::to_string(parent.layers);
  int64_t block = parent.ffn / kBlocks;
  if (target.ffn != parent.ffn && (block == 0 || (parent.ffn - target.ffn) % block != 0))
    return name + ".ffn: CATransformers removes eighths of " + std::to_string(parent.ffn) +
           ", which do not leave " + std::to_string(target.ffn);
  return std::nullopt;
}

} // namespace

Result<Importance> cat::weights::parseRankings(const std::string &name, const std::string &text) {
  Result<llvm::json::Value> value = results::parseJson(name, text);
  if (!value)
    return value.fault();
  std::string error;
  JsonNode root(&*value, "", error);
  Importance importance;
  importance.source = name;
  if (!readRanking(root, "ffn_text", importance.text.ffn) ||
      !readRanking(root, "head_text", importance.text.heads) ||
      !readRanking(root, "ffn_vision", importance.vision.ffn) ||
      !readRanking(root, "head_vision", importance.vision.heads))
    return Fault{name + ": " + error};
  return importance;
}

Indices cat::weights::dropMiddleLayers(int64_t layers, int64_t count) {
  CATC_CHECK(count >= 0 && count <= layers, "more layers are kept than there are");
  Indices kept;
  int64_t front = count / 2, back = count - front;
  for (int64_t i = 0; i < front; ++i)
    kept.push_back(i);
  for (int64_t i = layers - back; i < layers; ++i)
    kept.push_back(i);
  return kept;
}

Indices cat::weights::dropSimilarLayers(const std::vector<double> &cosines, int64_t count) {
  CATC_CHECK(count >= 0 && static_cast<size_t>(count) <= cosines.size(),
             "more layers are kept than there are");
  Indices order(cosines.size());
  std::iota(order.begin(), order.end(), int64_t(0));
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return cosines[static_cast<size_t>(a)] > cosines[static_cast<size_t>(b)];
  });
  Indices kept(order.end() - count, order.end());
  std::sort(kept.begin(), kept.end());
  return kept;
}

Result<Selection> cat::weights::selectAsCaTransformers(const ClipConfig &parent,
                                                       const ClipConfig &target,
                                                       const Importance &rankings,
                                                       const std::vector<double> &cosines) {
  for (auto misfit : {checkTower("vision", parent.vision, target.vision),
                      checkTower("text", parent.text, target.text)})
    if (misfit)
      return Fault{*misfit};
  bool probed = target.vision.layers < parent.vision.layers;
  if (probed && cosines.size() != static_cast<size_t>(parent.vision.layers))
    return Fault{"vision.layers: " + std::to_string(cosines.size()) + " cosines for " +
                 std::to_string(parent.vision.layers) + " layers"};
  for (double cosine : cosines)
    if (!std::isfinite(cosine))
      return Fault{"vision.layers: a cosine is no finite number"};
  Importance importance = rankings;
  Importance leading = leadingImportance(parent);
  importance.vision.width = leading.vision.width;
  importance.text.width = leading.text.width;
  // All layers are kept first, as their numbers count for the rankings.
  ClipConfig deep = target;
  deep.vision.layers = parent.vision.layers;
  deep.text.layers = parent.text.layers;
  Result<Selection> selection = selectByImportance(parent, deep, importance);
  if (!selection)
    return selection;
  keepLayers(selection->text, dropMiddleLayers(parent.text.layers, target.text.layers));
  if (probed)
    keepLayers(selection->vision, dropSimilarLayers(cosines, target.vision.layers));
  return selection;
}
