//===- ClipTest.cpp - CLIP against OpenCLIP's outputs -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fixtures.h"
#include "Losses.h"
#include "Support/Check.h"
#include "Weights/CaTransformers.h"
#include "Weights/ClipWeights.h"
#include <fstream>
#include <sstream>

using namespace cat;
using namespace cat::torcheval;
using namespace cat::torcheval::test;

/// The sizes of "text layers=4 width=64 ffn=128 heads=4; vision layers=4 ...".
static weights::ClipConfig targetOf(const std::string &spec, weights::ClipConfig config) {
  std::istringstream words(spec);
  weights::TowerConfig *tower = nullptr;
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (key == "text" || key == "vision") {
      tower = key == "text" ? &config.text : &config.vision;
      continue;
    }
    const int64_t value = std::stoll(word.substr(equals + 1));
    (key == "layers"  ? tower->layers
     : key == "width" ? tower->width
     : key == "ffn"   ? tower->ffn
                      : tower->heads) = value;
  }
  return config;
}

static weights::Importance rankings() {
  std::ifstream in(fixtureFolder() + "mope_rankings_fixed.json");
  std::stringstream text;
  text << in.rdbuf();
  Result<weights::Importance> read = weights::parseRankings("rankings", text.str());
  CATC_CHECK(read, "the reference's rankings are readable");
  return *read;
}

TEST(Clip, EqualsOpenClip) {
  CATC_FIXTURES_OR_SKIP(files, "", "_io.safetensors");
  torch::NoGradGuard noGradients;
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    weights::TensorFile io = readFixture(path);
    Clip clip = modelOf(io);
    Features features =
        clip.encode(toTorch(io.tensors.at("in.image")), toTorch(io.tensors.at("in.text")));
    EXPECT_LE(difference(features.image, toTorch(io.tensors.at("out.image_features"))), 1e-5);
    EXPECT_LE(difference(features.text, toTorch(io.tensors.at("out.text_features"))), 1e-5);
    EXPECT_LE(difference(features.image, toTorch(io.tensors.at("out.image_features_f64"))), 1e-5);
    EXPECT_LE(difference(features.text, toTorch(io.tensors.at("out.text_features_f64"))), 1e-5);
    EXPECT_LE(difference(logitsPerImage(features, clip.scale()),
                         toTorch(io.tensors.at("out.logits_per_image"))),
              3e-5);
  }
}

/// The base of a "pruned_" fixture, pruned by CATransformers' rules to `target`.
static Clip prunedAs(const weights::TensorFile &file, const weights::ClipConfig &target) {
  Clip base = modelNamed(file.metadata.at("base"));
  Result<weights::Selection> selection = weights::selectAsCaTransformers(
      base.config(), target, rankings(), file.tensors.at("probe.cosine").doubles());
  CATC_CHECK(selection, "the reference's sizes can be reached");
  Result<weights::StateDict> pruned = weights::prune(base.stateDict(), base.config(), *selection);
  CATC_CHECK(pruned, "a selection of the model's parts");
  Result<Clip> clip = Clip::create(target, *pruned);
  CATC_CHECK(clip, "pruned weights fit the sizes");
  return std::move(*clip);
}

TEST(Clip, PrunedModelsEqualTheReference) {
  CATC_FIXTURES_OR_SKIP(files, "pruned_", ".safetensors");
  torch::NoGradGuard noGradients;
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    weights::TensorFile file = readFixture(path);
    const std::string base = file.metadata.at("base");
    weights::TensorFile io = readFixture(fixtureFolder() + base + "_io.safetensors");
    Clip clip = prunedAs(file, targetOf(file.metadata.at("spec"), modelNamed(base).config()));
    Features features =
        clip.encode(toTorch(io.tensors.at("in.image")), toTorch(io.tensors.at("in.text")));
    EXPECT_LE(difference(features.image, toTorch(file.tensors.at("out.image_features"))), 1e-5);
    EXPECT_LE(difference(features.text, toTorch(file.tensors.at("out.text_features"))), 1e-5);
    EXPECT_LE(difference(logitsPerImage(features, clip.scale()),
                         toTorch(file.tensors.at("out.logits_per_image"))),
              3e-5);
  }
}

TEST(Clip, LayersChangeNoiseAsTheReferencesProbeSays) {
  CATC_FIXTURES_OR_SKIP(files, "pruned_", ".safetensors");
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    weights::TensorFile file = readFixture(path);
    // Layers are dropped last: everything else has been pruned when they are probed.
    weights::ClipConfig all = modelNamed(file.metadata.at("base")).config();
    weights::ClipConfig probed = targetOf(file.metadata.at("spec"), all);
    probed.vision.layers = all.vision.layers;
    torch::Tensor noise = toTorch(file.tensors.at("probe.src")).squeeze(0);
    std::vector<double> cosines = prunedAs(file, probed).visionLayerCosines(noise);
    torch::Tensor expected = toTorch(file.tensors.at("probe.cosine"));
    ASSERT_EQ(static_cast<int64_t>(cosines.size()), expected.size(0));
    for (size_t i = 0; i < cosines.size(); ++i)
      EXPECT_NEAR(cosines[i], expected[static_cast<int64_t>(i)].item<double>(), 1e-5) << i;
  }
}

TEST(Clip, TextsAreCausalAndEndAtTheirHighestToken) {
  torch::NoGradGuard noGradients;
  Clip clip = smallModel();
  torch::Tensor tokens = torch::zeros({2, 12}, torch::kInt64);
  for (int64_t text = 0; text < 2; ++text)
    for (int64_t i = 0; i < 4; ++i)
      tokens[text][i] = i == 3 ? 63 : 7 + i;
  tokens[1][7] = 5; // After the end: no effect.
  torch::Tensor features = clip.encodeText(tokens);
  EXPECT_EQ(difference(features[0], features[1]), 0);
  // A longer text in the batch does not change the others.
  tokens[1][3] = 9;
  tokens[1][11] = 63;
  EXPECT_LE(difference(clip.encodeText(tokens)[0], features[0]), 1e-6);
}

TEST(Clip, WeightsMustFitTheConfiguration) {
  weights::StateDict dict = weights::randomWeights(smallConfig(), 1);
  dict.erase("visual.proj");
  Result<Clip> clip = Clip::create(smallConfig(), dict);
  ASSERT_FALSE(clip);
  EXPECT_NE(clip.error().find("visual.proj"), std::string::npos) << clip.error();
}

TEST(Clip, GivesBackTheWeightsItTook) {
  weights::StateDict dict = weights::randomWeights(smallConfig(), 3);
  Clip clip = smallModel(1);
  clip.assign(dict);
  EXPECT_EQ(clip.stateDict(), dict);
}
