//===- Importance.cpp - What a model's parts are worth --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Importance.h"
#include "Support/Check.h"
#include <cmath>
#include <tuple>

using namespace cat;
using namespace cat::weights;

namespace {

/// Why scores do not fit, or nothing. Scores of neurons may be of blocks that divide them.
std::optional<std::string> checkScores(const std::string &what, const Scores &scores, int64_t size,
                                       bool blocks = false) {
  auto count = static_cast<int64_t>(scores.size());
  if (count != size && !(blocks && count > 0 && size % count == 0))
    return what + " has " + std::to_string(count) + " scores for " + std::to_string(size) +
           (blocks ? " neurons, which do not divide into as many blocks" : "");
  for (size_t i = 0; i < scores.size(); ++i)
    if (!std::isfinite(scores[i]))
      return what + "[" + std::to_string(i) + "] is no finite number";
  return std::nullopt;
}

std::optional<std::string> checkTower(const std::string &name, const TowerImportance &importance,
                                      const TowerConfig &tower) {
  for (auto [part, scores, size] : {std::tuple(".layers", &importance.layers, tower.layers),
                                    std::tuple(".width", &importance.width, tower.width)})
    if (!scores->empty())
      if (auto misfit = checkScores("importance of " + name + part, *scores, size))
        return misfit;
  for (auto [part, lists, size, blocks] :
       {std::tuple(".heads", &importance.heads, tower.heads, false),
        std::tuple(".ffn", &importance.ffn, tower.ffn, true)}) {
    std::string what = "importance of " + name + part;
    if (!lists->empty() && lists->size() != static_cast<size_t>(tower.layers))
      return what + " has " + std::to_string(lists->size()) + " lists for " +
             std::to_string(tower.layers) + " layers";
    for (size_t i = 0; i < lists->size(); ++i)
      if (auto misfit =
              checkScores(what + "[" + std::to_string(i) + "]", (*lists)[i], size, blocks))
        return misfit;
  }
  return std::nullopt;
}

/// Sums of squares of a matrix, or of a vector as one column.
struct Squares {
  Scores rows, columns;
  double all = 0;

  explicit Squares(const Tensor &tensor) {
    auto count = static_cast<size_t>(tensor.elementCount());
    size_t height = tensor.shape.empty() ? 1 : static_cast<size_t>(tensor.shape[0]);
    size_t length = height ? count / height : 0;
    rows.assign(height, 0);
    columns.assign(length, 0);
    std::vector<double> values = tensor.doubles();
    for (size_t r = 0; r < height; ++r)
      for (size_t c = 0; c < length; ++c) {
        double square = values[r * length + c] * values[r * length + c];
        rows[r] += square;
        columns[c] += square;
        all += square;
      }
  }
};

void add(Scores &to, const Scores &from) {
  CATC_CHECK(to.size() == from.size(), "squares of another size");
  for (size_t i = 0; i < to.size(); ++i)
    to[i] += from[i];
}

void takeRoots(Scores &scores) {
  for (double &score : scores)
    score = std::sqrt(score);
}

TowerImportance magnitudes(const StateDict &weights, const std::string &prefix,
                           const TowerConfig &tower) {
  TowerImportance importance;
  auto squares = [&](const std::string &name) { return Squares(weights.at(name)); };
  auto width = static_cast<size_t>(tower.width), heads = static_cast<size_t>(tower.heads),
       headDim = static_cast<size_t>(tower.headDim);
  importance.width.assign(width, 0);
  for (int64_t l = 0; l < tower.layers; ++l) {
    std::string layer = layerPrefix(prefix, l);
    Squares in = squares(layer + "attn.in_proj_weight"),
            inBias = squares(layer + "attn.in_proj_bias"),
            out = squares(layer + "attn.out_proj.weight"), up = squares(layer + "mlp.c_fc.weight"),
            upBias = squares(layer + "mlp.c_fc.bias"), down = squares(layer + "mlp.c_proj.weight");
    Scores head(heads, 0);
    for (size_t h = 0; h < heads; ++h)
      for (size_t i = h * headDim; i < (h + 1) * headDim; ++i) {
        head[h] += out.columns[i];
        for (size_t part = 0; part < 3; ++part)
          head[h] += in.rows[part * heads * headDim + i] + inBias.rows[part * heads * headDim + i];
      }
    takeRoots(head);
    importance.heads.push_back(std::move(head));
    Scores neurons = up.rows;
    add(neurons, upBias.rows);
    add(neurons, down.columns);
    takeRoots(neurons);
    importance.ffn.push_back(std::move(neurons));
    importance.layers.push_back(std::sqrt(in.all + out.all + up.all + down.all));
    for (const Scores *channels : {&in.columns, &out.rows, &up.columns, &down.rows})
      add(importance.width, *channels);
  }
  return importance;
}

} // namespace

std::optional<std::string> cat::weights::checkImportance(const Importance &importance,
                                                         const ClipConfig &config) {
  if (auto misfit = checkTower("vision", importance.vision, config.vision))
    return misfit;
  return checkTower("text", importance.text, config.text);
}

Importance cat::weights::magnitudeImportance(const StateDict &weights, const ClipConfig &config) {
  CATC_CHECK(!checkWeights(weights, config), "magnitudes of weights of another model");
  Importance importance;
  importance.source = "magnitude";
  importance.vision = magnitudes(weights, kVisionPrefix, config.vision);
  importance.text = magnitudes(weights, kTextPrefix, config.text);
  auto rows = [&](const char *name) { return Squares(weights.at(name)).rows; };
  auto columns = [&](const char *name) { return Squares(weights.at(name)).columns; };
  Scores &vision = importance.vision.width, &text = importance.text.width;
  add(vision, rows("visual.conv1.weight"));
  add(vision, rows("visual.class_embedding"));
  add(vision, columns("visual.positional_embedding"));
  add(vision, rows("visual.proj"));
  add(text, columns("token_embedding.weight"));
  add(text, columns("positional_embedding"));
  add(text, rows("text_projection"));
  takeRoots(vision);
  takeRoots(text);
  return importance;
}

Importance cat::weights::leadingImportance(const ClipConfig &config) {
  auto descending = [](int64_t count) {
    Scores scores;
    for (int64_t i = 0; i < count; ++i)
      scores.push_back(static_cast<double>(count - i));
    return scores;
  };
  auto tower = [&](const TowerConfig &sizes) {
    auto layers = static_cast<size_t>(sizes.layers);
    return TowerImportance{descending(sizes.layers),
                           {layers, descending(sizes.heads)},
                           {layers, descending(sizes.ffn)},
                           descending(sizes.width)};
  };
  return {"leading", tower(config.vision), tower(config.text)};
}
