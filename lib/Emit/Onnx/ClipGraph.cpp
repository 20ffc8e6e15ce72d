//===- ClipGraph.cpp - The nodes of a CLIP model --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Onnx/ClipGraph.h"
#include "Weights/ClipWeights.h"
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::emit;

/// Of every layer norm (OpenCLIP's, which is PyTorch's default).
static constexpr float kNormEpsilon = 1e-5f;

namespace {

class ClipBuilder {
public:
  using Value = GraphBuilder::Value;
  using Values = GraphBuilder::Values;

  ClipBuilder(GraphBuilder &graph, const weights::ClipConfig &config, weights::StateDict &weights)
      : graph_(graph), config_(config), weights_(weights) {}

  void build(std::optional<int64_t> batch);

private:
  Value take(const std::string &name, bool transposed = false);
  Value norm(const Value &x, const std::string &name);
  Value linear(const Value &x, const std::string &name, const std::string &weight,
               const std::string &bias);
  Value activate(const Value &x, const std::string &name);
  Value attend(const Value &qkv, const std::string &name, const weights::TowerConfig &tower,
               const std::string &label, const Value &mask);
  Value transform(Value x, const std::string &prefix, const weights::TowerConfig &tower,
                  const Value &mask);
  Value images(const Value &pixels, std::optional<int64_t> batch);
  Value texts(const Value &tokens);
  Value unitLength(const Value &x, const std::string &name);

  GraphBuilder &graph_;
  const weights::ClipConfig &config_;
  weights::StateDict &weights_;
};

} // namespace

/// The weight of this name, which is needed no more in `weights_`.
ClipBuilder::Value ClipBuilder::take(const std::string &name, bool transposed) {
  auto it = weights_.find(name);
  Value value = graph_.weight(name, it->second, transposed);
  weights_.erase(it);
  return value;
}

ClipBuilder::Value ClipBuilder::norm(const Value &x, const std::string &name) {
  return graph_.add("LayerNormalization", name, {x, take(name + ".weight"), take(name + ".bias")})
      .set("axis", int64_t(-1))
      .set("epsilon", kNormEpsilon);
}

ClipBuilder::Value ClipBuilder::linear(const Value &x, const std::string &name,
                                       const std::string &weight, const std::string &bias) {
  Value product = graph_.add("MatMul", name + ".product", {x, take(weight, /*transposed=*/true)});
  return graph_.add("Add", name, {product, take(bias)});
}

ClipBuilder::Value ClipBuilder::activate(const Value &x, const std::string &name) {
  if (config_.activation == weights::Activation::QuickGelu) {
    // x * sigmoid(1.702 x)
    Value scaled = graph_.add("Mul", name + ".scaled", {x, "gelu.factor"});
    Value gate = graph_.add("Sigmoid", name + ".gate", {scaled});
    return graph_.add("Mul", name, {x, gate});
  }
  // x / 2 * (1 + erf(x / sqrt(2)))
  Value scaled = graph_.add("Mul", name + ".scaled", {x, "gelu.factor"});
  Value erf = graph_.add("Erf", name + ".erf", {scaled});
  Value gate = graph_.add("Add", name + ".gate", {erf, "gelu.one"});
  Value half = graph_.add("Mul", name + ".half", {x, "gelu.half"});
  return graph_.add("Mul", name, {half, gate});
}

/// Queries, keys and values of [batch, tokens, 3 * heads * headDim] to [batch, tokens, heads *
/// headDim]. The tower's constants begin with `label`.
ClipBuilder::Value ClipBuilder::attend(const Value &qkv, const std::string &name,
                                       const weights::TowerConfig &tower, const std::string &label,
                                       const Value &mask) {
  GraphBuilder::Node parts = graph_.add("Split", name + ".parts", {qkv}, 3);
  parts.set("axis", int64_t(2));
  auto heads = [&](int index, const char *part, std::vector<int64_t> order) -> Value {
    std::string own = name + "." + part;
    Value split = graph_.add("Reshape", own + ".split", {parts.result(index), label + "heads"});
    return graph_.add("Transpose", own, {split}).set("perm", order);
  };
  Value queries = heads(0, "queries", {0, 2, 1, 3}), keys = heads(1, "keys", {0, 2, 3, 1}),
        values = heads(2, "values", {0, 2, 1, 3});
  Value scaled = graph_.add("Mul", name + ".scaled", {queries, label + "scale"});
  Value scores = graph_.add("MatMul", name + ".scores", {scaled, keys});
  if (!mask.empty())
    scores = graph_.add("Add", name + ".masked", {scores, mask});
  Value shares = graph_.add("Softmax", name + ".shares", {scores}).set("axis", int64_t(-1));
  Value mixed = graph_.add("MatMul", name + ".mixed", {shares, values});
  Value joined = graph_.add("Transpose", name + ".joined", {mixed})
                     .set("perm", std::vector<int64_t>{0, 2, 1, 3});
  return graph_.add("Reshape", name + ".output", {joined, label + "joined"});
}

/// Pre-norm residual layers; `mask` is added to the scores unless empty.
ClipBuilder::Value ClipBuilder::transform(Value x, const std::string &prefix,
                                          const weights::TowerConfig &tower, const Value &mask) {
  const std::string label = prefix == weights::kTextPrefix ? "text." : prefix;
  // Zero is the input's own size.
  graph_.integers(label + "heads", {0, 0, tower.heads, tower.headDim});
  graph_.integers(label + "joined", {0, 0, tower.qkvWidth()});
  graph_.scalar(label + "scale",
                static_cast<float>(1 / std::sqrt(static_cast<double>(tower.headDim))));
  for (int64_t i = 0; i < tower.layers; ++i) {
    std::string layer = weights::layerPrefix(prefix, i), attention = layer + "attn",
                mlp = layer + "mlp";
    Value qkv = linear(norm(x, layer + "ln_1"), attention + ".in_proj",
                       attention + ".in_proj_weight", attention + ".in_proj_bias");
    Value mixed = attend(qkv, attention, tower, label, mask);
    Value out = linear(mixed, attention + ".out_proj", attention + ".out_proj.weight",
                       attention + ".out_proj.bias");
    x = graph_.add("Add", layer + "attended", {x, out});
    Value hidden =
        linear(norm(x, layer + "ln_2"), mlp + ".c_fc", mlp + ".c_fc.weight", mlp + ".c_fc.bias");
    out = linear(activate(hidden, mlp + ".activation"), mlp + ".c_proj", mlp + ".c_proj.weight",
                 mlp + ".c_proj.bias");
    x = graph_.add("Add", layer + "output", {x, out});
  }
  return x;
}

ClipBuilder::Value ClipBuilder::images(const Value &pixels, std::optional<int64_t> batch) {
  const weights::TowerConfig &tower = config_.vision;
  Value grid = graph_.add("Conv", "visual.patches", {pixels, take("visual.conv1.weight")})
                   .set("kernel_shape", std::vector<int64_t>{config_.patch, config_.patch})
                   .set("strides", std::vector<int64_t>{config_.patch, config_.patch});
  Value rows = graph_.add("Reshape", "visual.rows",
                          {grid, graph_.integers("visual.rows.shape", {0, tower.width, -1})});
  Value patches =
      graph_.add("Transpose", "visual.tokens", {rows}).set("perm", std::vector<int64_t>{0, 2, 1});
  // The class token, once an image.
  Value shape;
  if (batch) {
    shape = graph_.integers("visual.class.shape", {*batch, 1, tower.width});
  } else {
    Value count = graph_.add("Shape", "visual.class.count", {pixels})
                      .set("start", int64_t(0))
                      .set("end", int64_t(1));
    shape = graph_
                .add("Concat", "visual.class.shape",
                     {count, graph_.integers("visual.class.rest", {1, tower.width})})
                .set("axis", int64_t(0));
  }
  Value token = graph_.add("Expand", "visual.class", {take("visual.class_embedding"), shape});
  Value x = graph_.add("Concat", "visual.sequence", {token, patches}).set("axis", int64_t(1));
  x = graph_.add("Add", "visual.embedded", {x, take("visual.positional_embedding")});
  x = transform(norm(x, "visual.ln_pre"), weights::kVisionPrefix, tower, "");
  Value pooled = graph_.add("Gather", "visual.pooled", {x, graph_.indexZero("visual.class.index")})
                     .set("axis", int64_t(1));
  return graph_.add("MatMul", "image_features",
                    {norm(pooled, "visual.ln_post"), take("visual.proj")});
}

/// Scores of tokens that come later: what softmax makes zero. Not infinite, since quantisers and
/// some accelerators do not take infinity.
static std::vector<float> causalMask(size_t tokens) {
  std::vector<float> mask(tokens * tokens);
  for (size_t r = 0; r < tokens; ++r)
    for (size_t c = r + 1; c < tokens; ++c)
      mask[r * tokens + c] = std::numeric_limits<float>::lowest();
  return mask;
}

ClipBuilder::Value ClipBuilder::texts(const Value &tokens) {
  Value words = graph_.add("Gather", "text.words", {take("token_embedding.weight"), tokens})
                    .set("axis", int64_t(0));
  Value x = graph_.add("Add", "text.embedded", {words, take("positional_embedding")});
  Value mask = graph_.floats("text.mask", {config_.context, config_.context},
                             causalMask(static_cast<size_t>(config_.context)));
  x = transform(x, weights::kTextPrefix, config_.text, mask);
  // The end of the text is the highest token. Runtimes have no ArgMax of int64.
  Value narrow =
      graph_.add("Cast", "text.ids", {tokens}).set("to", int64_t(onnx::TensorProto_DataType_INT32));
  Value end = graph_.add("ArgMax", "text.end", {narrow})
                  .set("axis", int64_t(1))
                  .set("keepdims", int64_t(1));
  Value pooled = graph_.add("GatherND", "text.pooled", {x, end}).set("batch_dims", int64_t(1));
  return graph_.add("MatMul", "text_features", {norm(pooled, "ln_final"), take("text_projection")});
}

ClipBuilder::Value ClipBuilder::unitLength(const Value &x, const std::string &name) {
  Value length = graph_.add("ReduceL2", name + ".length", {x})
                     .set("axes", std::vector<int64_t>{-1})
                     .set("keepdims", int64_t(1));
  return graph_.add("Div", name, {x, length});
}

void ClipBuilder::build(std::optional<int64_t> batch) {
  GraphBuilder::Dimension imageCount("image_batch_size"), textCount("text_batch_size");
  if (batch)
    imageCount = textCount = GraphBuilder::Dimension(*batch);
  Value pixels = graph_.input("pixel_values", onnx::TensorProto_DataType_FLOAT,
                              {imageCount, 3, config_.image, config_.image});
  Value tokens =
      graph_.input("input_ids", onnx::TensorProto_DataType_INT64, {textCount, config_.context});
  if (config_.activation == weights::Activation::QuickGelu) {
    graph_.scalar("gelu.factor", 1.702f);
  } else {
    graph_.scalar("gelu.factor", static_cast<float>(std::sqrt(0.5)));
    graph_.scalar("gelu.half", 0.5f);
    graph_.scalar("gelu.one", 1.0f);
  }
  Value image = unitLength(images(pixels, batch), "image_embeds"),
        text = unitLength(texts(tokens), "text_embeds");
  Value columns = graph_.add("Transpose", "text_embeds.transposed", {text})
                      .set("perm", std::vector<int64_t>{1, 0});
  Value cosines = graph_.add("MatMul", "cosines", {image, columns});
  Value scale = graph_.add("Exp", "logit_scale.exponential", {take("logit_scale")});
  Value logits = graph_.add("Mul", "logits_per_image", {cosines, scale});
  graph_.add("Transpose", "logits_per_text", {logits}).set("perm", std::vector<int64_t>{1, 0});
  constexpr onnx::TensorProto_DataType kFloat = onnx::TensorProto_DataType_FLOAT;
  graph_.output("logits_per_image", kFloat, {imageCount, textCount});
  graph_.output("logits_per_text", kFloat, {textCount, imageCount});
  graph_.output("text_embeds", kFloat, {textCount, config_.embed});
  graph_.output("image_embeds", kFloat, {imageCount, config_.embed});
}

void emit::buildClip(GraphBuilder &graph, const weights::ClipConfig &config,
                     weights::StateDict &weights, std::optional<int64_t> batch) {
  ClipBuilder(graph, config, weights).build(batch);
}
