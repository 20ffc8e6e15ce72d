//===- ClipReference.cpp - CLIP by its formulas ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ClipReference.h"
#include "Search/CounterRandom.h"
#include <algorithm>
#include <cmath>

using namespace cat::weights;
using namespace cat::weights::test;

Matrix ClipReference::matrix(const std::string &name) const {
  const Tensor &tensor = weights_.at(name);
  Matrix m;
  m.values = tensor.doubles();
  m.rows = tensor.shape.empty() ? 1 : static_cast<size_t>(tensor.shape[0]);
  m.columns = m.values.size() / m.rows;
  return m;
}

void ClipReference::layerNorm(Matrix &x, const std::string &name) const {
  std::vector<double> weight = weights_.at(name + ".weight").doubles(),
                      bias = weights_.at(name + ".bias").doubles();
  for (size_t r = 0; r < x.rows; ++r) {
    double mean = 0, variance = 0;
    for (size_t c = 0; c < x.columns; ++c)
      mean += x.at(r, c) / static_cast<double>(x.columns);
    for (size_t c = 0; c < x.columns; ++c)
      variance += (x.at(r, c) - mean) * (x.at(r, c) - mean) / static_cast<double>(x.columns);
    for (size_t c = 0; c < x.columns; ++c)
      x.at(r, c) = (x.at(r, c) - mean) / std::sqrt(variance + 1e-5) * weight[c] + bias[c];
  }
}

Matrix ClipReference::linear(const Matrix &x, const std::string &weight,
                             const std::string &bias) const {
  Matrix w = matrix(weight);
  std::vector<double> b = weights_.at(bias).doubles();
  Matrix y(x.rows, w.rows);
  for (size_t r = 0; r < x.rows; ++r)
    for (size_t o = 0; o < w.rows; ++o) {
      double sum = b[o];
      for (size_t c = 0; c < x.columns; ++c)
        sum += x.at(r, c) * w.at(o, c);
      y.at(r, o) = sum;
    }
  return y;
}

Matrix ClipReference::attend(const Matrix &qkv, size_t headDim, bool causal) const {
  size_t tokens = qkv.rows, width = qkv.columns / 3;
  Matrix out(tokens, width);
  for (size_t head = 0; head < width; head += headDim)
    for (size_t t = 0; t < tokens; ++t) {
      size_t seen = causal ? t + 1 : tokens;
      std::vector<double> share(seen);
      double sum = 0;
      for (size_t s = 0; s < seen; ++s) {
        double dot = 0;
        for (size_t i = 0; i < headDim; ++i)
          dot += qkv.at(t, head + i) * qkv.at(s, width + head + i);
        share[s] = std::exp(dot / std::sqrt(static_cast<double>(headDim)));
        sum += share[s];
      }
      for (size_t s = 0; s < seen; ++s)
        for (size_t i = 0; i < headDim; ++i)
          out.at(t, head + i) += share[s] / sum * qkv.at(s, 2 * width + head + i);
    }
  return out;
}

void ClipReference::runLayers(Matrix &x, const std::string &prefix, size_t headDim,
                              bool causal) const {
  auto add = [&](const Matrix &y) {
    for (size_t i = 0; i < x.values.size(); ++i)
      x.values[i] += y.values[i];
  };
  for (int64_t l = 0; weights_.count(layerPrefix(prefix, l) + "ln_1.weight"); ++l) {
    std::string layer = layerPrefix(prefix, l);
    Matrix h = x;
    layerNorm(h, layer + "ln_1");
    h = attend(linear(h, layer + "attn.in_proj_weight", layer + "attn.in_proj_bias"), headDim,
               causal);
    add(linear(h, layer + "attn.out_proj.weight", layer + "attn.out_proj.bias"));
    h = x;
    layerNorm(h, layer + "ln_2");
    h = linear(h, layer + "mlp.c_fc.weight", layer + "mlp.c_fc.bias");
    for (double &v : h.values)
      v = activation_ == Activation::Gelu ? v / 2 * (1 + std::erf(v / std::sqrt(2.0)))
                                          : v / (1 + std::exp(-1.702 * v));
    add(linear(h, layer + "mlp.c_proj.weight", layer + "mlp.c_proj.bias"));
  }
}

static Matrix project(const std::vector<double> &x, const Matrix &projection) {
  Matrix y(1, projection.columns);
  for (size_t i = 0; i < x.size(); ++i)
    for (size_t c = 0; c < projection.columns; ++c)
      y.at(0, c) += x[i] * projection.at(i, c);
  return y;
}

Matrix ClipReference::imageFeatures(const Tensor &images) const {
  const Tensor &conv = weights_.at("visual.conv1.weight");
  auto width = static_cast<size_t>(conv.shape[0]), patch = static_cast<size_t>(conv.shape[3]),
       side = static_cast<size_t>(images.shape[3]), grid = side / patch;
  Matrix filters = matrix("visual.conv1.weight"), place = matrix("visual.positional_embedding"),
         projection = matrix("visual.proj");
  std::vector<double> pixels = images.doubles(),
                      first = weights_.at("visual.class_embedding").doubles();
  Matrix features(static_cast<size_t>(images.shape[0]), projection.columns);
  for (size_t n = 0; n < features.rows; ++n) {
    Matrix x(1 + grid * grid, width);
    for (size_t t = 0; t < x.rows; ++t)
      for (size_t w = 0; w < width; ++w) {
        double sum = t == 0 ? first[w] : 0;
        for (size_t i = 0; t > 0 && i < filters.columns; ++i) {
          size_t channel = i / (patch * patch), row = (t - 1) / grid * patch + i / patch % patch,
                 column = (t - 1) % grid * patch + i % patch;
          sum += filters.at(w, i) * pixels[((n * 3 + channel) * side + row) * side + column];
        }
        x.at(t, w) = sum + place.at(t, w);
      }
    layerNorm(x, "visual.ln_pre");
    runLayers(x, kVisionPrefix, static_cast<size_t>(visionHeadDim_), false);
    layerNorm(x, "visual.ln_post");
    Matrix y = project({x.values.begin(), x.values.begin() + static_cast<std::ptrdiff_t>(width)},
                       projection);
    std::copy(y.values.begin(), y.values.end(), &features.at(n, 0));
  }
  return features;
}

Matrix ClipReference::textFeatures(const Tensor &tokens) const {
  Matrix embedding = matrix("token_embedding.weight"), place = matrix("positional_embedding"),
         projection = matrix("text_projection");
  auto count = static_cast<size_t>(tokens.shape[0]), context = static_cast<size_t>(tokens.shape[1]);
  size_t width = embedding.columns;
  Matrix features(count, projection.columns);
  for (size_t n = 0; n < count; ++n) {
    const int64_t *ids = tokens.data<int64_t>() + n * context;
    Matrix x(context, width);
    for (size_t t = 0; t < context; ++t)
      for (size_t w = 0; w < width; ++w)
        x.at(t, w) = embedding.at(static_cast<size_t>(ids[t]), w) + place.at(t, w);
    runLayers(x, kTextPrefix, static_cast<size_t>(textHeadDim_), true);
    layerNorm(x, "ln_final");
    auto end = static_cast<std::ptrdiff_t>(std::max_element(ids, ids + context) - ids);
    auto row = x.values.begin() + end * static_cast<std::ptrdiff_t>(width);
    Matrix y = project({row, row + static_cast<std::ptrdiff_t>(width)}, projection);
    std::copy(y.values.begin(), y.values.end(), &features.at(n, 0));
  }
  return features;
}

Matrix ClipReference::logits(const Matrix &images, const Matrix &texts) const {
  double scale = std::exp(weights_.at("logit_scale").doubles()[0]);
  auto dot = [](const Matrix &a, size_t i, const Matrix &b, size_t j) {
    double sum = 0;
    for (size_t c = 0; c < a.columns; ++c)
      sum += a.at(i, c) * b.at(j, c);
    return sum;
  };
  Matrix result(images.rows, texts.rows);
  for (size_t i = 0; i < images.rows; ++i)
    for (size_t j = 0; j < texts.rows; ++j)
      result.at(i, j) = scale * dot(images, i, texts, j) /
                        std::sqrt(dot(images, i, images, i) * dot(texts, j, texts, j));
  return result;
}

double cat::weights::test::distance(const Matrix &a, const Tensor &b) {
  Matrix m(a.rows, a.columns);
  m.values = b.doubles();
  return distance(a, m);
}

double cat::weights::test::distance(const Matrix &a, const Matrix &b) {
  if (a.values.size() != b.values.size())
    return HUGE_VAL;
  double largest = 0;
  for (size_t i = 0; i < a.values.size(); ++i)
    largest = std::fmax(largest, std::isnan(a.values[i] - b.values[i])
                                     ? HUGE_VAL
                                     : std::fabs(a.values[i] - b.values[i]));
  return largest;
}

Tensor cat::weights::test::someImages(const ClipConfig &config, int64_t count, uint64_t seed) {
  Tensor images = makeZeros(DType::F32, {count, 3, config.image, config.image});
  search::CounterRandom random(seed, 0);
  for (int64_t i = 0; i < images.elementCount(); ++i)
    images.data<float>()[i] = static_cast<float>(random.normal());
  return images;
}

Tensor cat::weights::test::someTokens(const ClipConfig &config, int64_t count, uint64_t seed) {
  Tensor tokens = makeZeros(DType::I64, {count, config.context});
  search::CounterRandom random(seed, 1);
  for (int64_t n = 0; n < count; ++n) {
    int64_t end = 1 + random.below(config.context - 1);
    for (int64_t t = 0; t < end; ++t)
      tokens.data<int64_t>()[n * config.context + t] = random.below(config.vocab - 1);
    tokens.data<int64_t>()[n * config.context + end] = config.vocab - 1;
  }
  return tokens;
}
