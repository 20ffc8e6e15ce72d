//===- ClipWeightsTest.cpp - The tensors of a CLIP model ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/ClipWeights.h"
#include "ClipReference.h"
#include "Fixture.h"
#include "References.h"
#include "Weights/Safetensors.h"
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::HasSubstr;

namespace {

class ClipWeights : public testing::Test {
protected:
  std::string complaint() { return checkWeights(weights, config).value_or("accepted"); }
  std::string conversion(const StateDict &state) {
    Result<StateDict> converted = toOpenClip(state);
    return converted ? "accepted" : converted.error();
  }

  ClipConfig config = smallConfig();
  StateDict weights = roughWeights(config, 1);
};

/// Mean and standard deviation.
std::pair<double, double> moments(const Tensor &tensor) {
  double sum = 0, squares = 0;
  for (double v : tensor.doubles()) {
    sum += v;
    squares += v * v;
  }
  double n = static_cast<double>(tensor.elementCount());
  return {sum / n, std::sqrt(squares / n)};
}

} // namespace

TEST_F(ClipWeights, OfTheConfigurationAreAccepted) {
  EXPECT_EQ(complaint(), "accepted");
  weights["logit_scale"].shape = {1};
  EXPECT_EQ(complaint(), "accepted");
  EXPECT_EQ(expectedShapes(config).size(), 14u + 5 * 12);
}

TEST_F(ClipWeights, ComplaintsNameTheTensor) {
  weights["visual.ln_pre.weigth"] = weights["visual.ln_pre.weight"];
  weights.erase("visual.ln_pre.weight");
  EXPECT_EQ(complaint(), "lacks 'visual.ln_pre.weight'; is 'visual.ln_pre.weigth' meant?");
  weights.erase("visual.ln_pre.weigth");
  EXPECT_EQ(complaint(), "lacks 'visual.ln_pre.weight'");
  weights.erase("ln_final.bias");
  EXPECT_EQ(complaint(), "lacks 'ln_final.bias' and 1 other tensors");
  weights = roughWeights(config, 1);
  weights["transformer.resblocks.2.ln_1.bias"] = weights["ln_final.bias"];
  EXPECT_EQ(complaint(), "has the unknown tensor 'transformer.resblocks.2.ln_1.bias'; the "
                         "configuration has 3 and 2 layers");
  weights = roughWeights(config, 1);
  weights["visual.proj"] = makeZeros(DType::F32, {6, 8});
  EXPECT_EQ(complaint(), "'visual.proj' has the shape [6, 8], but the configuration needs [8, 6]");
  weights["visual.proj"] = makeZeros(DType::I64, {8, 6});
  EXPECT_THAT(complaint(), HasSubstr("'visual.proj' has elements of the type I64"));
}

TEST_F(ClipWeights, SizesAreReadOffTheShapes) {
  Result<ClipConfig> found = configOf(weights, 4);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(*found, config);
  EXPECT_EQ(configOf(weights, 2, Activation::QuickGelu)->vision.heads, 4);
  EXPECT_THAT(configOf(weights, 5).error(), HasSubstr("do not divide into heads of 5"));
  weights["visual.positional_embedding"] = makeZeros(DType::F32, {4, 8});
  EXPECT_THAT(configOf(weights, 4).error(), HasSubstr("3 rows for patches, which is no square"));
  weights["visual.conv1.weight"].shape = {8, 12};
  EXPECT_THAT(configOf(weights, 4).error(), HasSubstr("instead of 4 dimensions"));
  EXPECT_THAT(configOf({}, 4).error(), HasSubstr("lacks 'visual.transformer.resblocks.0.ln_1"));
}

TEST_F(ClipWeights, ConvertToHuggingFaceAndBackBitByBit) {
  for (DType dtype : {DType::F32, DType::F16, DType::F64}) {
    for (auto &[name, tensor] : weights)
      tensor = makeFloat(tensor.shape, tensor.floats(), dtype);
    Result<StateDict> other = toHuggingFace(weights);
    ASSERT_TRUE(other) << other.error();
    EXPECT_EQ(detectNaming(*other), Naming::HuggingFace);
    EXPECT_EQ(other->size(), weights.size() + 5 * 4); // q, k and v of weight and bias
    Result<StateDict> back = toOpenClip(*other);
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, weights);
  }
}

TEST_F(ClipWeights, HaveHuggingFacesNamesAndLayouts) {
  Result<StateDict> other = toHuggingFace(weights);
  ASSERT_TRUE(other) << other.error();
  const StateDict &hf = *other;
  EXPECT_EQ(hf.at("vision_model.pre_layrnorm.weight"), weights.at("visual.ln_pre.weight"));
  EXPECT_EQ(hf.at("text_model.encoder.layers.1.mlp.fc2.bias"),
            weights.at("transformer.resblocks.1.mlp.c_proj.bias"));
  const Tensor &projection = hf.at("text_projection.weight");
  EXPECT_EQ(projection.shape, (Shape{6, 12}));
  EXPECT_EQ(projection.data<float>()[2 * 12 + 5],
            weights.at("text_projection").data<float>()[5 * 6 + 2]);
  const Tensor &keys = hf.at("vision_model.encoder.layers.2.self_attn.k_proj.weight");
  EXPECT_EQ(keys.shape, (Shape{8, 8}));
  EXPECT_EQ(keys.data<float>()[3 * 8 + 1],
            weights.at("visual.transformer.resblocks.2.attn.in_proj_weight")
                .data<float>()[(8 + 3) * 8 + 1]);
}

TEST_F(ClipWeights, BuffersThatHoldNoWeightAreLeftOut) {
  StateDict hf = *toHuggingFace(weights);
  hf["text_model.embeddings.position_ids"] = makeZeros(DType::I64, {1, 7});
  hf["vision_model.embeddings.position_ids"] = makeZeros(DType::I64, {1, 5});
  EXPECT_EQ(*toOpenClip(hf), weights);
}

TEST_F(ClipWeights, OfATextTowerOfItsOwnLoseItsPrefix) {
  StateDict custom;
  for (const auto &[name, tensor] : weights)
    custom[name.rfind("visual.", 0) == 0 || name == "logit_scale" ? name : "text." + name] = tensor;
  EXPECT_EQ(detectNaming(custom), Naming::OpenClipText);
  EXPECT_EQ(*toOpenClip(custom), weights);
  custom["ln_final.bias"] = weights["ln_final.bias"];
  EXPECT_THAT(conversion(custom), HasSubstr("has both 'ln_final.bias' and 'text.ln_final.bias'"));
}

TEST_F(ClipWeights, ConversionsNameWhatIsWrong) {
  StateDict hf = *toHuggingFace(weights);
  std::string layer = "text_model.encoder.layers.0.self_attn.";
  StateDict bad = hf;
  bad.erase(layer + "k_proj.bias");
  EXPECT_EQ(conversion(bad), "lacks '" + layer + "k_proj.bias'");
  bad = hf;
  bad.erase(layer + "q_proj.weight");
  EXPECT_EQ(conversion(bad), "lacks '" + layer + "q_proj.weight'");
  bad = hf;
  bad[layer + "v_proj.bias"] = makeZeros(DType::F16, {12});
  EXPECT_THAT(conversion(bad), HasSubstr("do not have the same shape and type"));
  bad = hf;
  bad["visual_projection.weight"].shape = {48};
  EXPECT_THAT(conversion(bad), HasSubstr("'visual_projection.weight' has the shape [48]"));
  bad = hf;
  bad["text_model.encoder.layers.x.mlp.fc1.bias"] = bad["logit_scale"];
  EXPECT_THAT(conversion(bad), HasSubstr("unknown tensor 'text_model.encoder.layers.x.mlp"));
  EXPECT_THAT(conversion({}), HasSubstr("not the weights of a CLIP model"));
  weights["transformer.resblocks.0.attn.in_proj_bias"] = makeZeros(DType::F32, {7});
  EXPECT_THAT(toHuggingFace(weights).error(), HasSubstr("does not divide into queries"));
}

TEST_F(ClipWeights, RandomOnesFollowTheSeed) {
  StateDict a = randomWeights(config, 1);
  EXPECT_EQ(checkWeights(a, config), std::nullopt);
  EXPECT_EQ(a, randomWeights(config, 1));
  EXPECT_NE(a, randomWeights(config, 2));
  EXPECT_NE(a.at("visual.transformer.resblocks.0.mlp.c_fc.weight"),
            a.at("visual.transformer.resblocks.1.mlp.c_fc.weight"));
  EXPECT_FLOAT_EQ(a.at("logit_scale").floats()[0], 2.6592600f);
  EXPECT_EQ(moments(a.at("ln_final.weight")), std::pair(1.0, 1.0));
  EXPECT_EQ(moments(a.at("ln_final.bias")), std::pair(0.0, 0.0));
}

TEST(RandomWeights, HaveOpenClipsDeviations) {
  ClipConfig config = smallConfig();
  config.vision = {2, 96, 4, 24, 384};
  config.text = {3, 64, 4, 16, 256};
  config.vocab = 500;
  config.context = 77;
  config.embed = 64;
  StateDict weights = randomWeights(config, 9);
  auto expectDeviation = [&](const std::string &name, double expected) {
    auto [mean, deviation] = moments(weights.at(name));
    double n = static_cast<double>(weights.at(name).elementCount());
    // Six standard errors.
    EXPECT_LT(std::fabs(mean), 6 * expected / std::sqrt(n)) << name;
    EXPECT_LT(std::fabs(deviation - expected), 6 * expected / std::sqrt(2 * n)) << name;
  };
  expectDeviation("token_embedding.weight", 0.02);
  expectDeviation("positional_embedding", 0.01);
  expectDeviation("text_projection", 1 / 8.0);
  expectDeviation("transformer.resblocks.1.attn.in_proj_weight", 1 / 8.0);
  expectDeviation("transformer.resblocks.1.attn.out_proj.weight", 1 / 8.0 / std::sqrt(6.0));
  expectDeviation("transformer.resblocks.1.mlp.c_fc.weight", 1 / 8.0 / std::sqrt(2.0));
  expectDeviation("transformer.resblocks.1.mlp.c_proj.weight", 1 / 8.0 / std::sqrt(6.0));
  expectDeviation("visual.proj", 1 / std::sqrt(96.0));
  expectDeviation("visual.class_embedding", 1 / std::sqrt(96.0));
  expectDeviation("visual.conv1.weight", 1 / 6.0); // 12 inputs
}

TEST(References, WeightsFitTheirConfigurations) {
  CATC_REFERENCES_OR_SKIP(files, "", ".config.json");
  for (const auto &path : files) {
    std::string name = path.filename().string();
    name.resize(name.size() - std::string(".config.json").size());
    std::filesystem::path weights = path.parent_path() / (name + ".safetensors");
    if (!std::filesystem::exists(weights))
      continue; // quick-gelu shares the weights of gelu
    Result<ClipConfig> config = readClipConfig(path);
    ASSERT_TRUE(config) << config.error();
    Result<StateDict> state = readClipWeights(weights, *config);
    ASSERT_TRUE(state) << state.error();
    EXPECT_EQ(*configOf(*state, config->vision.headDim, config->activation), *config);
    Result<StateDict> other = toHuggingFace(*state);
    ASSERT_TRUE(other) << other.error();
    EXPECT_EQ(*toOpenClip(*other), *state);
  }
}
