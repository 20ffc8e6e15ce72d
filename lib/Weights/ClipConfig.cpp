//===- ClipConfig.cpp - The sizes of a CLIP model -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/ClipConfig.h"
#include "Results/JsonNode.h"
#include "Results/JsonText.h"
#include "Results/WriteFile.h"
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::weights;
using results::JsonNode;
namespace json = llvm::json;

namespace {

/// One size under the name that catc.model/1 gives it.
template <typename Config> struct NamedSize {
  const char *name;
  int64_t Config::*size;
};

constexpr NamedSize<TowerConfig> kTowerSizes[] = {{"layers", &TowerConfig::layers},
                                                  {"width", &TowerConfig::width},
                                                  {"heads", &TowerConfig::heads},
                                                  {"head_dim", &TowerConfig::headDim},
                                                  {"ffn", &TowerConfig::ffn}};
constexpr NamedSize<ClipConfig> kVisionSizes[] = {{"patch", &ClipConfig::patch},
                                                  {"image", &ClipConfig::image}};
constexpr NamedSize<ClipConfig> kTextSizes[] = {{"context", &ClipConfig::context},
                                                {"vocab", &ClipConfig::vocab}};

/// OpenCLIP computes int(width * mlp_ratio); the ratio whose product does not fall short by
/// rounding.
double mlpRatio(const TowerConfig &tower) {
  double width = static_cast<double>(tower.width), ffn = static_cast<double>(tower.ffn),
         ratio = ffn / width;
  return width * ratio < ffn ? std::nextafter(ratio, std::numeric_limits<double>::infinity())
                             : ratio;
}

/// What OpenCLIP makes of that ratio.
double ffnOfRatio(int64_t width, double ratio) {
  return std::trunc(static_cast<double>(width) * ratio);
}

void findTowerDifferences(const char *name, const TowerConfig &tower,
                          std::vector<Difference> &differences) {
  // Attention there is over embed_dim = width, in heads of width / heads.
  if (tower.qkvWidth() != tower.width)
    differences.push_back({name, "heads * head_dim = " + std::to_string(tower.heads) + " * " +
                                     std::to_string(tower.headDim) + " is not the width " +
                                     std::to_string(tower.width) +
                                     "; OpenCLIP divides the width among the heads"});
  double built = ffnOfRatio(tower.width, mlpRatio(tower));
  if (built != static_cast<double>(tower.ffn))
    differences.push_back({name, "width * mlp_ratio gives " + results::shortestNumber(built) +
                                     " and not the feed-forward size " +
                                     std::to_string(tower.ffn)});
}

/// A size, or `missing` where the object has none.
bool readSize(const JsonNode &node, llvm::StringRef key, int64_t &out,
              std::optional<int64_t> missing = std::nullopt) {
  if (!missing)
    return node.read(key, out);
  out = *missing;
  std::optional<JsonNode> member = node.find(key);
  return !member || member->read(out);
}

/// A side in pixels, a number or two equal ones.
bool readSide(const JsonNode &node, llvm::StringRef key, int64_t &out, int64_t missing) {
  std::optional<JsonNode> member = node.find(key);
  if (!member || !member->value().getAsArray())
    return readSize(node, key, out, missing);
  std::vector<int64_t> sides;
  if (!member->readElements([&](const JsonNode &side) { return side.read(sides.emplace_back()); }))
    return false;
  if (sides.size() != 2 || sides[0] != sides[1])
    return member->fail("expected a number or two equal ones");
  out = sides[0];
  return true;
}

/// An option of OpenCLIP that does not change the model if it has this value, or any for "*".
struct Harmless {
  llvm::StringRef key, value;
};

constexpr Harmless kModelOptions[] = {{"custom_text", "*"},        {"init_logit_scale", "*"},
                                      {"init_logit_bias", "null"}, {"cast_dtype", "*"},
                                      {"output_dict", "*"},        {"nonscalar_logit_scale", "*"}};
constexpr Harmless kVisionOptions[] = {{"patch_dropout", "*"},
                                       {"ls_init_value", "null"},
                                       {"attentional_pool", "false"},
                                       {"pool_type", "\"tok\""},
                                       {"no_ln_pre", "false"},
                                       {"final_ln_after_pool", "false"},
                                       {"pos_embed_type", "\"learnable\""},
                                       {"output_tokens", "false"},
                                       {"timm_model_name", "null"}};
constexpr Harmless kTextOptions[] = {
    {"ls_init_value", "null"},   {"embed_cls", "false"},      {"pad_id", "*"},
    {"no_causal_mask", "false"}, {"pool_type", "\"argmax\""}, {"final_ln_after_pool", "false"},
    {"proj_bias", "false"},      {"proj_type", "\"linear\""}, {"output_tokens", "false"},
    {"hf_model_name", "null"},   {"hf_tokenizer_name", "*"},  {"tokenizer_kwargs", "*"}};

/// Complains about the first member that is neither read nor harmless.
template <size_t N>
bool checkOptions(const JsonNode &node, std::initializer_list<llvm::StringRef> read,
                  const Harmless (&harmless)[N]) {
  const json::Object *object = node.asObject();
  if (!object)
    return false;
  // An object is not ordered; the complaint should not depend on that.
  std::vector<llvm::StringRef> keys;
  for (const auto &member : *object)
    keys.push_back(member.first);
  std::sort(keys.begin(), keys.end());
  for (llvm::StringRef key : keys) {
    if (std::find(read.begin(), read.end(), key) != read.end())
      continue;
    std::string value;
    llvm::raw_string_ostream(value) << *object->get(key);
    bool known = false;
    for (const Harmless &option : harmless)
      known |= option.key == key && (option.value == "*" || option.value == value);
    if (!known)
      return node.child(object->get(key), key)
          .fail("an option that this CLIP does not have, or has with another value");
  }
  return true;
}

/// Defaults are those of open_clip/model.py.
bool readOpenClipTower(const JsonNode &node, TowerConfig &tower, int64_t missingWidth) {
  double ratio = 4;
  std::optional<JsonNode> given = node.find("mlp_ratio");
  if (!readSize(node, "layers", tower.layers, 12) ||
      !readSize(node, "width", tower.width, missingWidth) || (given && !given->read(ratio)))
    return false;
  double ffn = ffnOfRatio(tower.width, ratio);
  if (!(ffn >= 1 && ffn <= 0x1p53))
    return node.fail("width * mlp_ratio is no size");
  tower.ffn = static_cast<int64_t>(ffn);
  return true;
}

bool readOpenClip(const JsonNode &root, ClipConfig &config) {
  std::optional<JsonNode> vision = root.at("vision_cfg"), text = root.at("text_cfg");
  if (!vision || !text || !readSize(root, "embed_dim", config.embed) ||
      !checkOptions(root, {"embed_dim", "quick_gelu", "vision_cfg", "text_cfg"}, kModelOptions) ||
      !checkOptions(*vision,
                    {"image_size", "layers", "width", "head_width", "patch_size", "mlp_ratio"},
                    kVisionOptions) ||
      !checkOptions(*text,
                    {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"},
                    kTextOptions))
    return false;
  bool quick = false;
  if (std::optional<JsonNode> given = root.find("quick_gelu"); given && !given->read(quick))
    return false;
  config.activation = quick ? Activation::QuickGelu : Activation::Gelu;
  if (!readOpenClipTower(*vision, config.vision, 768) ||
      !readSide(*vision, "image_size", config.image, 224) ||
      !readSide(*vision, "patch_size", config.patch, 16) ||
      !readSize(*vision, "head_width", config.vision.headDim, 64) ||
      !readOpenClipTower(*text, config.text, 512) ||
      !readSize(*text, "heads", config.text.heads, 8) ||
      !readSize(*text, "context_length", config.context, 77) ||
      !readSize(*text, "vocab_size", config.vocab, 49408))
    return false;
  if (config.vision.headDim < 1 || config.vision.width % config.vision.headDim != 0)
    return vision->fail("width is no multiple of head_width");
  config.vision.heads = config.vision.width / config.vision.headDim;
  if (config.text.heads < 1 || config.text.width % config.text.heads != 0)
    return text->fail("width is no multiple of heads");
  config.text.headDim = config.text.width / config.text.heads;
  return true;
}

/// Defaults are those of transformers' configuration_clip.py, which leaves them out of files.
bool readHuggingFaceTower(const JsonNode &node, TowerConfig &tower, const TowerConfig &missing,
                          std::string &activation) {
  activation = "quick_gelu";
  if (std::optional<JsonNode> given = node.find("hidden_act"); given && !given->read(activation))
    return false;
  if (activation != "gelu" && activation != "quick_gelu")
    return node.at("hidden_act")->fail("expected \"gelu\" or \"quick_gelu\"");
  if (std::optional<JsonNode> eps = node.find("layer_norm_eps")) {
    double value = 0;
    if (!eps->read(value))
      return false;
    if (value != 1e-5)
      return eps->fail("expected 1e-05");
  }
  if (!readSize(node, "num_hidden_layers", tower.layers, missing.layers) ||
      !readSize(node, "hidden_size", tower.width, missing.width) ||
      !readSize(node, "num_attention_heads", tower.heads, missing.heads) ||
      !readSize(node, "intermediate_size", tower.ffn, missing.ffn))
    return false;
  if (tower.heads < 1 || tower.width % tower.heads != 0)
    return node.fail("hidden_size is no multiple of num_attention_heads");
  tower.headDim = tower.width / tower.heads;
  return true;
}

bool readHuggingFace(const JsonNode &root, ClipConfig &config) {
  std::string type;
  if (std::optional<JsonNode> given = root.find("model_type"); given && !given->read(type))
    return false;
  if (!type.empty() && type != "clip")
    return root.at("model_type")->fail("expected \"clip\"");
  std::optional<JsonNode> vision = root.at("vision_config"), text = root.at("text_config");
  if (!vision || !text || !vision->asObject() || !text->asObject())
    return false;
  std::string visionActivation, textActivation;
  if (!readSize(root, "projection_dim", config.embed, 512) ||
      !readHuggingFaceTower(*vision, config.vision, {12, 768, 12, 64, 3072}, visionActivation) ||
      !readHuggingFaceTower(*text, config.text, {12, 512, 8, 64, 2048}, textActivation) ||
      !readSize(*vision, "image_size", config.image, 224) ||
      !readSize(*vision, "patch_size", config.patch, 32) ||
      !readSize(*text, "max_position_embeddings", config.context, 77) ||
      !readSize(*text, "vocab_size", config.vocab, 49408))
    return false;
  if (visionActivation != textActivation)
    return root.fail("the towers have different hidden_act");
  config.activation = textActivation == "gelu" ? Activation::Gelu : Activation::QuickGelu;
  return true;
}

/// Reads the sizes of a segment and, where it has some, those of its parent.
template <typename Config, size_t N>
bool readSizes(const JsonNode &segment, const NamedSize<Config> (&names)[N], Config &config,
               Config &parent) {
  std::optional<JsonNode> sizes = segment.at("sizes"), ancestor = segment.find("parent");
  for (const NamedSize<Config> &named : names)
    if (!sizes || !readSize(*sizes, named.name, config.*named.size) ||
        (ancestor && !readSize(*ancestor, named.name, parent.*named.size, config.*named.size)))
      return false;
    else if (!ancestor)
      parent.*named.size = config.*named.size;
  return true;
}

bool readRecord(const JsonNode &root, ModelRecord &record) {
  ClipConfig &config = record.config, &parent = record.parent;
  std::string schema, family, activation;
  if (!root.read("schema", schema) || !root.read("family", family) ||
      !root.read("activation", activation) || !root.read("embed", config.embed))
    return false;
  if (schema != kModelSchema)
    return root.at("schema")->fail(std::string("expected \"") + kModelSchema + "\"");
  if (family != "clip")
    return root.at("family")->fail("expected \"clip\"");
  if (activation != "gelu" && activation != "quick_gelu")
    return root.at("activation")->fail("expected \"gelu\" or \"quick_gelu\"");
  config.activation = activation == "gelu" ? Activation::Gelu : Activation::QuickGelu;
  parent.embed = config.embed;
  parent.activation = config.activation;
  bool hasVision = false, hasText = false;
  auto readSegment = [&](const JsonNode &segment) {
    std::optional<JsonNode> sizes = segment.at("sizes");
    if (!sizes || !sizes->asObject())
      return false;
    auto readTower = [&](bool &has, TowerConfig ClipConfig::*tower, const auto &own) {
      if (has)
        return segment.fail("is the second tower of its kind");
      has = true;
      return readSizes(segment, kTowerSizes, config.*tower, parent.*tower) &&
             readSizes(segment, own, config, parent);
    };
    if (sizes->find("patch"))
      return readTower(hasVision, &ClipConfig::vision, kVisionSizes);
    if (sizes->find("vocab"))
      return readTower(hasText, &ClipConfig::text, kTextSizes);
    return true;
  };
  return root.readArray("segments", readSegment) &&
         ((hasVision && hasText) ||
          root.fail("needs a segment with \"patch\" for images and one with \"vocab\" for texts"));
}

/// Runs a reader on a value and checks the sizes that it found.
template <typename T, typename Fn>
Result<T> readChecked(const json::Value &value, const std::string &name, Fn read) {
  std::string error;
  T found;
  if (!read(JsonNode(&value, "", error), found))
    return Fault{name + ": " + error};
  return found;
}

Result<ClipConfig> checked(Result<ClipConfig> config, const std::string &name) {
  if (config)
    if (std::optional<std::string> misfit = checkConfig(*config))
      return Fault{name + ": " + *misfit};
  return config;
}

void writeSegment(json::OStream &out, const char *name, const ModelRecord &record,
                  TowerConfig ClipConfig::*tower, const NamedSize<ClipConfig> (&own)[2]) {
  auto writeSizes = [&](const char *key, const ClipConfig &config) {
    out.attributeObject(key, [&] {
      for (const auto &named : kTowerSizes)
        out.attribute(named.name, config.*tower.*named.size);
      for (const auto &named : own)
        out.attribute(named.name, config.*named.size);
    });
  };
  out.object([&] {
    out.attribute("name", name);
    writeSizes("sizes", record.config);
    writeSizes("parent", record.parent);
  });
}

} // namespace

const char *cat::weights::nameOf(Activation activation) {
  return activation == Activation::Gelu ? "gelu" : "quick_gelu";
}

std::optional<std::string> cat::weights::checkConfig(const ClipConfig &config) {
  constexpr int64_t kLargest = int64_t(1) << 24;
  std::string misfit;
  auto check = [&](const std::string &name, int64_t size) {
    if (misfit.empty() && (size < 1 || size > kLargest))
      misfit = name + " must be from 1 to " + std::to_string(kLargest) + ", but is " +
               std::to_string(size);
  };
  check("embed", config.embed);
  for (const auto &named : kTowerSizes) {
    check(std::string("vision ") + named.name, config.vision.*named.size);
    check(std::string("text ") + named.name, config.text.*named.size);
  }
  for (const auto &named : kVisionSizes)
    check(named.name, config.*named.size);
  for (const auto &named : kTextSizes)
    check(named.name, config.*named.size);
  if (misfit.empty() && config.image % config.patch != 0)
    misfit = "an image of " + std::to_string(config.image) +
             " px does not divide into patches of " + std::to_string(config.patch);
  return misfit.empty() ? std::nullopt : std::optional(misfit);
}

Result<ModelRecord> cat::weights::readModelRecord(const json::Value &value,
                                                  const std::string &name) {
  Result<ModelRecord> record = readChecked<ModelRecord>(value, name, readRecord);
  if (record)
    for (const ClipConfig *config : {&record->config, &record->parent})
      if (std::optional<std::string> misfit = checkConfig(*config))
        return Fault{name + ": " + (config == &record->parent ? "parent: " : "") + *misfit};
  return record;
}

std::string cat::weights::printModelRecord(const ModelRecord &record) {
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("schema", kModelSchema);
      out.attribute("family", "clip");
      out.attribute("activation", nameOf(record.config.activation));
      out.attribute("embed", record.config.embed);
      out.attributeArray("segments", [&] {
        writeSegment(out, "vision", record, &ClipConfig::vision, kVisionSizes);
        writeSegment(out, "text", record, &ClipConfig::text, kTextSizes);
      });
    });
  });
}

Result<ClipConfig> cat::weights::parseClipConfig(const std::string &name, const std::string &text) {
  Result<json::Value> value = results::parseJson(name, text);
  if (!value)
    return value.fault();
  const json::Object *object = value->getAsObject();
  if (object && object->get("schema")) {
    Result<ModelRecord> record = readModelRecord(*value, name);
    return record ? Result(record->config) : record.fault();
  }
  if (object && (object->get("text_config") || object->get("model_type")))
    return checked(readChecked<ClipConfig>(*value, name, readHuggingFace), name);
  if (object && object->get("model_cfg"))
    return checked(readChecked<ClipConfig>(*value, name,
                                           [](const JsonNode &root, ClipConfig &config) {
                                             return readOpenClip(*root.at("model_cfg"), config);
                                           }),
                   name);
  if (object && object->get("embed_dim"))
    return checked(readChecked<ClipConfig>(*value, name, readOpenClip), name);
  return Fault{name + ": no configuration of a CLIP model: it has neither \"schema\" (catc), "
                      "\"embed_dim\" or \"model_cfg\" (OpenCLIP), nor \"text_config\" (Hugging "
                      "Face)"};
}

Result<ClipConfig> cat::weights::readClipConfig(const std::string &path) {
  std::string text;
  if (std::optional<std::string> error = results::readFile(path, text))
    return Fault{*error};
  return parseClipConfig(path, text);
}

std::vector<Difference> cat::weights::findOpenClipDifferences(const ClipConfig &config) {
  std::vector<Difference> differences;
  findTowerDifferences("vision", config.vision, differences);
  findTowerDifferences("text", config.text, differences);
  const TowerConfig &vision = config.vision;
  if (vision.width % vision.headDim == 0 && vision.width / vision.headDim != vision.heads)
    differences.push_back({"vision", "width / head_width gives " +
                                         std::to_string(vision.width / vision.headDim) +
                                         " heads and not " + std::to_string(vision.heads)});
  if (config.image % config.patch != 0)
    differences.push_back({"vision", "the image size " + std::to_string(config.image) +
                                         " is no multiple of the patch size " +
                                         std::to_string(config.patch)});
  return differences;
}

std::string cat::weights::printOpenClipConfig(const ClipConfig &config, bool withModelKey) {
  return results::jsonText([&](json::OStream &out) {
    auto write = [&] {
      out.attribute("embed_dim", config.embed);
      if (config.activation == Activation::QuickGelu)
        out.attribute("quick_gelu", true);
      out.attributeObject("vision_cfg", [&] {
        out.attribute("image_size", config.image);
        out.attribute("layers", config.vision.layers);
        out.attribute("width", config.vision.width);
        out.attribute("head_width", config.vision.headDim);
        out.attribute("patch_size", config.patch);
        results::number(out, "mlp_ratio", mlpRatio(config.vision));
      });
      out.attributeObject("text_cfg", [&] {
        out.attribute("context_length", config.context);
        out.attribute("vocab_size", config.vocab);
        out.attribute("width", config.text.width);
        out.attribute("heads", config.text.heads);
        out.attribute("layers", config.text.layers);
        results::number(out, "mlp_ratio", mlpRatio(config.text));
      });
    };
    out.object([&] {
      if (withModelKey)
        out.attributeObject("model_cfg", write);
      else
        write();
    });
  });
}
