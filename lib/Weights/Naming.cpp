//===- Naming.cpp - Names of CLIP's tensors in files ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hugging Face's names are those of transformers/models/clip (modeling_clip.py and the conversion
// script beside it), with its spelling "pre_layrnorm".
//
//===----------------------------------------------------------------------===//

#include "Weights/ClipWeights.h"
#include "Weights/SafetensorsHeader.h"
#include <cstring>

using namespace cat;
using namespace cat::weights;

namespace {

struct Pair {
  std::string_view openClip, huggingFace;
};

/// Tensors that are the same in both.
constexpr Pair kNames[] = {
    {"logit_scale", "logit_scale"},
    {"token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight"},
    {"ln_final.weight", "text_model.final_layer_norm.weight"},
    {"ln_final.bias", "text_model.final_layer_norm.bias"},
    {"visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"},
    {"visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"},
    {"visual.ln_post.weight", "vision_model.post_layernorm.weight"},
    {"visual.ln_post.bias", "vision_model.post_layernorm.bias"},
};

/// Tensors that are each other's transpose.
constexpr Pair kTransposed[] = {{"text_projection", "text_projection.weight"},
                                {"visual.proj", "visual_projection.weight"}};

/// Where the layers of a tower are: the number follows.
constexpr Pair kTowers[] = {{"transformer.resblocks.", "text_model.encoder.layers."},
                            {"visual.transformer.resblocks.", "vision_model.encoder.layers."}};

/// Tensors of a layer that are the same in both.
constexpr Pair kLayerNames[] = {
    {"ln_1.weight", "layer_norm1.weight"},
    {"ln_1.bias", "layer_norm1.bias"},
    {"ln_2.weight", "layer_norm2.weight"},
    {"ln_2.bias", "layer_norm2.bias"},
    {"attn.out_proj.weight", "self_attn.out_proj.weight"},
    {"attn.out_proj.bias", "self_attn.out_proj.bias"},
    {"mlp.c_fc.weight", "mlp.fc1.weight"},
    {"mlp.c_fc.bias", "mlp.fc1.bias"},
    {"mlp.c_proj.weight", "mlp.fc2.weight"},
    {"mlp.c_proj.bias", "mlp.fc2.bias"},
};

/// Tensors of a layer that one holds together and the other as three, for q, k and v.
constexpr Pair kJoined[] = {{"attn.in_proj_weight", "_proj.weight"},
                            {"attn.in_proj_bias", "_proj.bias"}};
constexpr std::string_view kParts[] = {"self_attn.q", "self_attn.k", "self_attn.v"};

/// Buffers of older versions that hold no weight.
constexpr std::string_view kBuffers[] = {"text_model.embeddings.position_ids",
                                         "vision_model.embeddings.position_ids"};

constexpr std::string_view kTextTower = "text.";

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// The layer's number and the rest of a name that follows a tower's prefix; false if it is none.
bool splitLayer(std::string_view rest, std::string_view &number, std::string_view &name) {
  size_t dot = rest.find('.');
  if (dot == 0 || dot == rest.npos)
    return false;
  number = rest.substr(0, dot);
  name = rest.substr(dot + 1);
  return number.find_first_not_of("0123456789") == number.npos;
}

std::optional<Tensor> transpose(const Tensor &tensor) {
  if (tensor.shape.size() != 2)
    return std::nullopt;
  auto rows = static_cast<size_t>(tensor.shape[0]), columns = static_cast<size_t>(tensor.shape[1]);
  size_t size = sizeOf(tensor.dtype);
  Tensor result = makeZeros(tensor.dtype, {tensor.shape[1], tensor.shape[0]});
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c)
      std::memcpy(&result.bytes[(c * rows + r) * size], &tensor.bytes[(r * columns + c) * size],
                  size);
  return result;
}

/// Three tensors one after the other along the first axis; nothing if they do not match.
std::optional<Tensor> join(const Tensor *const (&parts)[3]) {
  Tensor result = *parts[0];
  if (result.shape.empty())
    return std::nullopt;
  for (int i = 1; i < 3; ++i) {
    if (parts[i]->dtype != result.dtype || parts[i]->shape != parts[0]->shape)
      return std::nullopt;
    result.bytes.insert(result.bytes.end(), parts[i]->bytes.begin(), parts[i]->bytes.end());
  }
  if (__builtin_mul_overflow(result.shape[0], 3, &result.shape[0]))
    return std::nullopt;
  return result;
}

/// One name of either side.
std::string_view nameIn(const Pair &pair, bool toHuggingFace) {
  return toHuggingFace ? pair.huggingFace : pair.openClip;
}

/// Converts names and layouts in one direction.
class Converter {
public:
  Converter(StateDict weights, bool toHuggingFace)
      : weights_(std::move(weights)), toHuggingFace_(toHuggingFace) {}

  Result<StateDict> run();

private:
  /// Handles a tensor under the name that its layer gives it; `from` and `to` are the prefixes of
  /// the layer. False if the name is unknown; a fault is in error_.
  bool convertInLayer(const std::string &key, std::string_view name, const std::string &from,
                      const std::string &to);
  bool convert(const std::string &key);
  bool joinParts(const Pair &pair, const std::string &from, const std::string &to);
  bool splitParts(const Pair &pair, const std::string &key, const std::string &to);

  void move(const std::string &key, std::string to) {
    result_[std::move(to)] = std::move(weights_[key]);
  }

  StateDict weights_, result_;
  bool toHuggingFace_;
  std::string error_;
};

bool Converter::joinParts(const Pair &pair, const std::string &from, const std::string &to) {
  const Tensor *parts[3];
  for (int i = 0; i < 3; ++i) {
    std::string name = from + std::string(kParts[i]) + std::string(pair.huggingFace);
    auto it = weights_.find(name);
    if (it == weights_.end()) {
      error_ = "lacks " + quoteName(name);
      return true;
    }
    parts[i] = &it->second;
  }
  std::optional<Tensor> joined = join(parts);
  if (!joined)
    error_ =
        quoteName(from + "self_attn") +
        ": queries, keys and values do not have the same shape and type: " + str(parts[0]->shape) +
        ", " + str(parts[1]->shape) + ", " + str(parts[2]->shape);
  else
    result_[to + std::string(pair.openClip)] = std::move(*joined);
  return true;
}

bool Converter::splitParts(const Pair &pair, const std::string &key, const std::string &to) {
  const Tensor &tensor = weights_[key];
  if (tensor.shape.empty() || tensor.shape[0] % 3 != 0) {
    error_ = quoteName(key) + " of the shape " + str(tensor.shape) +
             " does not divide into queries, keys and values";
    return true;
  }
  Shape shape = tensor.shape;
  shape[0] /= 3;
  auto size = static_cast<std::ptrdiff_t>(tensor.bytes.size() / 3);
  for (int i = 0; i < 3; ++i) {
    auto begin = tensor.bytes.begin() + i * size;
    result_[to + std::string(kParts[i]) + std::string(pair.huggingFace)] = {
        tensor.dtype, shape, {begin, begin + size}};
  }
  return true;
}

bool Converter::convertInLayer(const std::string &key, std::string_view name,
                               const std::string &from, const std::string &to) {
  for (const Pair &pair : kLayerNames)
    if (nameIn(pair, !toHuggingFace_) == name) {
      move(key, to + std::string(nameIn(pair, toHuggingFace_)));
      return true;
    }
  for (const Pair &pair : kJoined) {
    if (toHuggingFace_ && name == pair.openClip)
      return splitParts(pair, key, to);
    for (std::string_view part : kParts)
      if (!toHuggingFace_ && name == std::string(part) + std::string(pair.huggingFace))
        return part != kParts[0] || joinParts(pair, from, to);
  }
  return false;
}

bool Converter::convert(const std::string &key) {
  for (const Pair &pair : kNames)
    if (nameIn(pair, !toHuggingFace_) == key) {
      move(key, std::string(nameIn(pair, toHuggingFace_)));
      return true;
    }
  for (const Pair &pair : kTransposed)
    if (nameIn(pair, !toHuggingFace_) == key) {
      if (std::optional<Tensor> transposed = transpose(weights_[key]))
        result_[std::string(nameIn(pair, toHuggingFace_))] = std::move(*transposed);
      else
        error_ = quoteName(key) + " has the shape " + str(weights_[key].shape) +
                 " instead of two dimensions";
      return true;
    }
  for (const Pair &tower : kTowers) {
    std::string_view from = nameIn(tower, !toHuggingFace_), number, name;
    if (startsWith(key, from) &&
        splitLayer(std::string_view(key).substr(from.size()), number, name))
      return convertInLayer(key, name, std::string(from) + std::string(number) + ".",
                            std::string(nameIn(tower, toHuggingFace_)) + std::string(number) + ".");
  }
  return false;
}

Result<StateDict> Converter::run() {
  if (!toHuggingFace_)
    for (std::string_view buffer : kBuffers)
      weights_.erase(std::string(buffer));
  // Parts are looked up by others' names, so all keys stay until the end.
  for (auto &entry : weights_) {
    if (!convert(entry.first))
      return Fault{"has the unknown tensor " + quoteName(entry.first)};
    if (!error_.empty())
      return Fault{error_};
  }
  // A part without its query is looked for by nobody.
  for (auto &entry : weights_)
    for (const Pair &pair : kJoined)
      for (std::string_view part : {kParts[1], kParts[2]}) {
        std::string suffix = std::string(part) + std::string(pair.huggingFace);
        const std::string &key = entry.first;
        if (key.size() <= suffix.size() || key.substr(key.size() - suffix.size()) != suffix)
          continue;
        std::string query = key.substr(0, key.size() - suffix.size()) + std::string(kParts[0]) +
                            std::string(pair.huggingFace);
        if (!weights_.count(query))
          return Fault{"lacks " + quoteName(query)};
      }
  return std::move(result_);
}

} // namespace

std::optional<Naming> cat::weights::detectNaming(const StateDict &weights) {
  if (weights.count("vision_model.embeddings.class_embedding") ||
      weights.count("text_model.embeddings.token_embedding.weight"))
    return Naming::HuggingFace;
  if (weights.count("text.token_embedding.weight") || weights.count("text.positional_embedding"))
    return Naming::OpenClipText;
  if (weights.count("visual.conv1.weight") || weights.count("token_embedding.weight"))
    return Naming::OpenClip;
  return std::nullopt;
}

Result<StateDict> cat::weights::toOpenClip(StateDict weights) {
  std::optional<Naming> naming = detectNaming(weights);
  if (!naming)
    return Fault{"these are not the weights of a CLIP model with a vision transformer: neither "
                 "'visual.conv1.weight' (OpenCLIP) nor 'vision_model.embeddings.class_embedding' "
                 "(Hugging Face) is there"};
  if (*naming == Naming::HuggingFace)
    return Converter(std::move(weights), /*toHuggingFace=*/false).run();
  if (*naming == Naming::OpenClip)
    return weights;
  StateDict result;
  for (auto &[name, tensor] : weights) {
    std::string key = startsWith(name, kTextTower) ? name.substr(kTextTower.size()) : name;
    if (!result.emplace(key, std::move(tensor)).second)
      return Fault{"has both " + quoteName(key) + " and " + quoteName("text." + key)};
  }
  return result;
}

Result<StateDict> cat::weights::toHuggingFace(StateDict weights) {
  Result<StateDict> openClip = toOpenClip(std::move(weights));
  if (!openClip)
    return openClip;
  return Converter(std::move(*openClip), /*toHuggingFace=*/true).run();
}
