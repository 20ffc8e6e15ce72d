//===- ClipConfigTest.cpp - The sizes of a CLIP model ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/ClipConfig.h"
#include "Fixture.h"
#include "References.h"
#include "Results/JsonNode.h"
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::HasSubstr;

namespace {

ClipConfig parsed(const std::string &text) {
  Result<ClipConfig> config = parseClipConfig("c.json", text);
  EXPECT_TRUE(config) << config.error();
  return config ? *config : ClipConfig();
}

std::string complaint(const std::string &text) {
  Result<ClipConfig> config = parseClipConfig("c.json", text);
  return config ? "accepted" : config.error();
}

/// `text` with `from`, which must occur, replaced.
std::string with(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

ClipConfig vitB16() {
  ClipConfig config;
  config.embed = 512;
  config.vision = {12, 768, 12, 64, 3072};
  config.text = {12, 512, 8, 64, 2048};
  config.patch = 16;
  config.image = 224;
  config.context = 77;
  config.vocab = 49408;
  return config;
}

/// open_clip/model_configs/ViT-B-16.json.
const char *const kOpenClip = R"({
  "embed_dim": 512,
  "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 16},
  "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}
})";

/// The members of openai/clip-vit-base-patch16's config.json that matter, and some that do not.
const char *const kHuggingFace = R"({
  "architectures": ["CLIPModel"], "model_type": "clip", "projection_dim": 512,
  "logit_scale_init_value": 2.6592,
  "text_config": {"hidden_act": "quick_gelu", "hidden_size": 512, "intermediate_size": 2048,
    "layer_norm_eps": 1e-05, "max_position_embeddings": 77, "model_type": "clip_text_model",
    "num_attention_heads": 8, "num_hidden_layers": 12, "vocab_size": 49408},
  "vision_config": {"hidden_size": 768, "image_size": 224, "intermediate_size": 3072,
    "num_attention_heads": 12, "num_hidden_layers": 12, "patch_size": 16}
})";

} // namespace

TEST(ClipConfig, ReadsOpenClipsConfigurations) {
  EXPECT_EQ(parsed(kOpenClip), vitB16());
  EXPECT_EQ(parsed("{\"model_cfg\": " + std::string(kOpenClip) + ", \"preprocess_cfg\": {}}"),
            vitB16());
  ClipConfig quick = vitB16();
  quick.activation = Activation::QuickGelu;
  EXPECT_EQ(parsed(with(kOpenClip, "\"embed_dim\"", "\"quick_gelu\": true, \"embed_dim\"")), quick);
  // What is left out has OpenCLIP's defaults.
  EXPECT_EQ(parsed(R"({"embed_dim": 512, "vision_cfg": {}, "text_cfg": {}})"), vitB16());
  // Options that leave the model as it is.
  EXPECT_EQ(parsed(with(kOpenClip, "\"layers\": 12,",
                        "\"layers\": 12, \"patch_dropout\": 0.5, \"pool_type\": \"tok\", "
                        "\"ls_init_value\": null, ")),
            vitB16());
  EXPECT_EQ(parsed(with(kOpenClip, "\"image_size\": 224", "\"image_size\": [224, 224]")), vitB16());
}

TEST(ClipConfig, ReadsHuggingFacesConfigurations) {
  ClipConfig quick = vitB16();
  quick.activation = Activation::QuickGelu;
  EXPECT_EQ(parsed(kHuggingFace), quick);
  // What is left out has transformers' defaults: ViT-B/32.
  quick.patch = 32;
  EXPECT_EQ(parsed(R"({"model_type": "clip", "text_config": {}, "vision_config": {}})"), quick);
  EXPECT_THAT(
      complaint(with(kHuggingFace, "\"hidden_act\": \"quick_gelu\"", "\"hidden_act\": \"relu\"")),
      HasSubstr("c.json: text_config.hidden_act: expected \"gelu\" or \"quick_gelu\""));
  EXPECT_THAT(
      complaint(with(kHuggingFace, "\"hidden_act\": \"quick_gelu\"", "\"hidden_act\": \"gelu\"")),
      HasSubstr("different hidden_act"));
  EXPECT_THAT(complaint(with(kHuggingFace, "\"clip\"", "\"siglip\"")),
              HasSubstr("model_type: expected \"clip\""));
  EXPECT_THAT(complaint(with(kHuggingFace, "1e-05", "1e-06")), HasSubstr("layer_norm_eps"));
  EXPECT_THAT(
      complaint(with(kHuggingFace, "\"num_attention_heads\": 8", "\"num_attention_heads\": 7")),
      HasSubstr("text_config: hidden_size is no multiple"));
}

TEST(ClipConfig, RecordsReadBack) {
  ModelRecord record{smallConfig(), vitB16()};
  record.parent.embed = record.config.embed;
  record.config.activation = record.parent.activation = Activation::QuickGelu;
  Result<llvm::json::Value> value = results::parseJson("m.json", printModelRecord(record));
  ASSERT_TRUE(value) << value.error();
  Result<ModelRecord> back = readModelRecord(*value, "m.json");
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->config, record.config);
  EXPECT_EQ(back->parent, record.parent);
  EXPECT_EQ(parsed(printModelRecord(record)), record.config);
}

TEST(ClipConfig, TowersOfARecordAreKnownByWhatTheyRead) {
  const std::string text = R"({"schema": "catc.model/1", "configuration": "model.json",
    "design": "7", "family": "clip", "activation": "gelu", "embed": 6, "segments": [
      {"name": "words", "sizes": {"context": 7, "ffn": 9, "head_dim": 4, "heads": 3, "layers": 2,
                                  "vocab": 11, "width": 12}, "parent": {"ffn": 18, "layers": 4}},
      {"name": "eye", "sizes": {"ffn": 12, "head_dim": 4, "heads": 2, "image": 4, "layers": 3,
                                "patch": 2, "width": 8}}]})";
  Result<llvm::json::Value> value = results::parseJson("m.json", text);
  ASSERT_TRUE(value) << value.error();
  Result<ModelRecord> record = readModelRecord(*value, "m.json");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->config, smallConfig());
  ClipConfig parent = smallConfig();
  parent.text.ffn = 18;
  parent.text.layers = 4;
  EXPECT_EQ(record->parent, parent);
  EXPECT_EQ(complaint(with(text, "\"vocab\": 11,", "")),
            "c.json: needs a segment with \"patch\" for images and one with \"vocab\" for texts");
  EXPECT_EQ(complaint(with(text, "\"width\": 8", "\"w\": 8")),
            "c.json: segments[1].sizes: lacks \"width\"");
  EXPECT_EQ(complaint(with(text, "catc.model/1", "catc.model/2")),
            "c.json: schema: expected \"catc.model/1\"");
  EXPECT_EQ(complaint(with(text, "\"clip\"", "\"bert\"")), "c.json: family: expected \"clip\"");
  EXPECT_EQ(complaint(with(text, "\"patch\": 2", "\"patch\": 2, \"vocab\": 3")), "accepted");
  EXPECT_EQ(complaint(with(text, "\"vocab\": 11", "\"vocab\": 11, \"patch\": 1, \"image\": 1")),
            "c.json: segments[1]: is the second tower of its kind");
}

TEST(ClipConfig, ComplaintsNameThePlace) {
  EXPECT_THAT(complaint("{}"), HasSubstr("c.json: no configuration of a CLIP model"));
  EXPECT_THAT(complaint("{"), HasSubstr("c.json:1:2: "));
  EXPECT_THAT(complaint(std::string(1'000'000, '[')), HasSubstr("nest too deeply"));
  EXPECT_EQ(complaint(with(kOpenClip, "\"layers\": 12", "\"layers\": [3, 4, 6, 3]")),
            "c.json: vision_cfg.layers: expected whole number");
  EXPECT_EQ(complaint(with(kOpenClip, "\"patch_size\": 16",
                           "\"timm_model_name\": \"vit_base\", \"patch_size\": 16")),
            "c.json: vision_cfg.timm_model_name: an option that this CLIP does not have, or has "
            "with another value");
  EXPECT_THAT(complaint(with(kOpenClip, "\"layers\": 12}", "\"layers\": 0}")),
              HasSubstr("c.json: text layers must be from 1 to 16777216, but is 0"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"patch_size\": 16", "\"patch_size\": 15")),
              HasSubstr("an image of 224 px does not divide into patches of 15"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"width\": 768", "\"width\": 769")),
              HasSubstr("vision_cfg: width is no multiple of head_width"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"heads\": 8", "\"heads\": 0")),
              HasSubstr("text_cfg: width is no multiple of heads"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"image_size\": 224", "\"image_size\": [224, 112]")),
              HasSubstr("vision_cfg.image_size: expected a number or two equal ones"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"width\": 768", "\"mlp_ratio\": 1e300")),
              HasSubstr("vision_cfg: width * mlp_ratio is no size"));
  EXPECT_THAT(complaint(with(kOpenClip, "\"embed_dim\": 512", "\"embed_dim\": 1e30")),
              HasSubstr("embed_dim: expected whole number"));
}

TEST(ClipConfig, OpenClipBuildsTheSizesThatAreWritten) {
  EXPECT_EQ(parsed(printOpenClipConfig(vitB16())), vitB16());
  // Every feed-forward size survives the ratio, in wide and narrow towers.
  for (int64_t width : {384, 512, 576, 640, 768, 1000})
    for (int64_t ffn = 1; ffn < 4000; ffn += 7) {
      ClipConfig config = vitB16();
      config.text = {12, width, 8, width / 8, ffn};
      EXPECT_TRUE(findOpenClipDifferences(config).empty()) << width << " " << ffn;
      EXPECT_EQ(parsed(printOpenClipConfig(config, true)), config);
    }
}

TEST(ClipConfig, WhatOpenClipCannotExpressIsSaid) {
  ClipConfig config = vitB16();
  EXPECT_TRUE(findOpenClipDifferences(config).empty());
  config.text.heads = 6;
  std::vector<Difference> differences = findOpenClipDifferences(config);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].where, "text");
  EXPECT_THAT(differences[0].reason, HasSubstr("6 * 64 is not the width 512"));
  config = vitB16();
  config.vision.heads = 10;
  config.image = 225;
  differences = findOpenClipDifferences(config);
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_THAT(differences[1].reason, HasSubstr("width / head_width gives 12 heads and not 10"));
  EXPECT_THAT(differences[2].reason, HasSubstr("225 is no multiple of the patch size 16"));
}

TEST(ClipConfig, EveryReferenceConfigurationReads) {
  CATC_REFERENCES_OR_SKIP(files, "", ".config.json");
  for (const auto &path : files) {
    Result<ClipConfig> config = readClipConfig(path);
    ASSERT_TRUE(config) << config.error();
    EXPECT_EQ(parsed(printOpenClipConfig(*config)), *config);
  }
}
