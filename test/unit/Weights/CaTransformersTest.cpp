//===- CaTransformersTest.cpp - Pruning as CATransformers does it ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/CaTransformers.h"
#include "ClipReference.h"
#include "Fixture.h"
#include "References.h"
#include "Results/JsonNode.h"
#include "Results/WriteFile.h"
#include "Weights/Safetensors.h"
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <zlib.h>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::HasSubstr;

namespace {

uint32_t checksum(const Tensor &tensor) {
  return static_cast<uint32_t>(
      ::crc32(0, tensor.data<unsigned char>(), static_cast<uInt>(tensor.bytes.size())));
}

/// The sizes that a fixture's "spec" gives: "text layers=4 width=64 ...; vision ...".
void applySpec(std::string spec, ClipConfig &config) {
  TowerConfig *tower = nullptr;
  std::replace(spec.begin(), spec.end(), ';', ' ');
  std::istringstream words(spec);
  for (std::string word; words >> word;) {
    size_t equals = word.find('=');
    std::string key = word.substr(0, equals);
    if (equals == word.npos) {
      ASSERT_TRUE(key == "text" || key == "vision") << spec;
      tower = key == "text" ? &config.text : &config.vision;
      continue;
    }
    ASSERT_NE(tower, nullptr) << spec;
    int64_t value = std::stoll(word.substr(equals + 1));
    if (key == "layers")
      tower->layers = value;
    else if (key == "width")
      tower->width = value;
    else if (key == "ffn")
      tower->ffn = value;
    else if (key == "heads")
      tower->heads = value;
    else
      ADD_FAILURE() << "unknown size in " << spec;
  }
}

TensorFile read(const std::filesystem::path &path) {
  Result<TensorFile> file = readSafetensors(path);
  EXPECT_TRUE(file) << file.error();
  return file ? std::move(*file) : TensorFile();
}

/// A reference model: its sizes, its weights, and inputs.
struct Model {
  explicit Model(const std::string &name) {
    std::filesystem::path folder = references();
    Result<ClipConfig> sizes = readClipConfig(folder / (name + ".config.json"));
    EXPECT_TRUE(sizes) << sizes.error();
    config = sizes ? *sizes : ClipConfig();
    Result<StateDict> state = readClipWeights(folder / (name + ".safetensors"), config);
    EXPECT_TRUE(state) << state.error();
    weights = state ? std::move(*state) : StateDict();
    io = read(folder / (name + "_io.safetensors"));
  }

  /// Compares what weights compute with the outputs of a fixture.
  void expectOutputs(const StateDict &state, const StateDict &outputs) const {
    ClipReference clip(state, config.vision.headDim, config.text.headDim, config.activation);
    Matrix images = clip.imageFeatures(io.tensors.at("in.image")),
           texts = clip.textFeatures(io.tensors.at("in.text"));
    EXPECT_LT(distance(images, outputs.at("out.image_features_f64")), 1e-12);
    EXPECT_LT(distance(texts, outputs.at("out.text_features_f64")), 1e-12);
    EXPECT_LT(distance(images, outputs.at("out.image_features")), 1e-5);
    EXPECT_LT(distance(texts, outputs.at("out.text_features")), 1e-5);
    EXPECT_LT(distance(clip.logits(images, texts), outputs.at("out.logits_per_image")), 3e-5);
  }

  ClipConfig config;
  StateDict weights;
  TensorFile io;
};

/// Compares the checksums of a fixture's metadata with tensors.
void expectChecksums(const TensorFile &fixture, const StateDict &weights) {
  Result<llvm::json::Value> value = results::parseJson("crc32", fixture.metadata.at("crc32"));
  ASSERT_TRUE(value) << value.error();
  const llvm::json::Object &sums = *value->getAsObject();
  EXPECT_EQ(sums.size(), weights.size());
  for (const auto &entry : sums) {
    auto it = weights.find(entry.first.str());
    ASSERT_NE(it, weights.end()) << entry.first.str();
    const llvm::json::Array &pair = *entry.second.getAsArray();
    Shape shape;
    for (const llvm::json::Value &size : *pair[0].getAsArray())
      shape.push_back(*size.getAsInteger());
    if (!shape.empty()) {
      EXPECT_EQ(it->second.shape, shape) << it->first;
    }
    EXPECT_EQ(checksum(it->second), *pair[1].getAsInteger()) << it->first;
  }
}

} // namespace

TEST(CaTransformers, DropsTheMiddleOfTheTextTower) {
  EXPECT_EQ(dropMiddleLayers(4, 3), (Indices{0, 2, 3}));
  EXPECT_EQ(dropMiddleLayers(12, 6), (Indices{0, 1, 2, 9, 10, 11}));
  EXPECT_EQ(dropMiddleLayers(12, 12).size(), 12u);
  EXPECT_EQ(dropMiddleLayers(5, 1), (Indices{4}));
}

TEST(CaTransformers, DropsTheLayersThatChangeLeast) {
  EXPECT_EQ(dropSimilarLayers({0.4, 0.9, 0.8, 0.7}, 2), (Indices{0, 3}));
  EXPECT_EQ(dropSimilarLayers({0.5, 0.5, 0.5}, 2), (Indices{1, 2}));
}

TEST(CaTransformers, FollowsTheRankings) {
  Result<Importance> rankings = parseRankings("r.json", R"({
    "ffn_text": [[0, [[2, 0.5], [0, 0.4], [1, 0.4]]], [1, [[0, 0.5], [1, 0.4], [2, 0.3]]]],
    "head_text": [[0, [[1, 0.5], [0, 0.4], [2, 0.3]]], [1, [[0, 0.5], [1, 0.4], [2, 0.3]]]],
    "ffn_vision": [], "head_vision": []})");
  ASSERT_TRUE(rankings) << rankings.error();
  EXPECT_EQ(rankings->text.ffn[0], (Scores{1, 2, 0}));
  ClipConfig config = smallConfig(), target = config;
  target.text.heads = 2;
  target.text.width = 5;
  target.text.layers = 1;
  Result<Selection> selection = selectAsCaTransformers(config, target, *rankings, {});
  ASSERT_TRUE(selection) << selection.error();
  EXPECT_EQ(selection->text.layers, (Indices{1}));
  EXPECT_EQ(selection->text.heads, (std::vector<Indices>{{1, 2}}));
  EXPECT_EQ(selection->text.width, (Indices{0, 1, 2, 3, 4}));
  EXPECT_EQ(selection->text.ffn[0].size(), 9u);
}

TEST(CaTransformers, ComplaintsNameThePlace) {
  auto complaint = [](const std::string &text) { return parseRankings("r.json", text).error(); };
  EXPECT_EQ(complaint("{}"), "r.json: lacks \"ffn_text\"");
  EXPECT_EQ(complaint(R"({"ffn_text": [[1, []]]})"), "r.json: ffn_text[0]: expected layer 0");
  EXPECT_EQ(complaint(R"({"ffn_text": [[0, [[0, 1], [0, 1]]]]})"),
            "r.json: ffn_text[0][1][1]: ranks part 0 again");
  EXPECT_EQ(complaint(R"({"ffn_text": [[0, [[1, 1]]]]})"),
            "r.json: ffn_text[0][1][0]: part 1 of 1");
  EXPECT_EQ(complaint(R"({"ffn_text": [[0, [[]]]]})"),
            "r.json: ffn_text[0][1][0]: expected [part, accuracy]");
  ClipConfig config = smallConfig(), target = config;
  target.vision.layers = 2;
  EXPECT_THAT(selectAsCaTransformers(config, target, {}, {0.5}).error(),
              HasSubstr("vision.layers: 1 cosines for 3 layers"));
  target = config;
  target.vision.layers = 0;
  EXPECT_THAT(selectAsCaTransformers(config, target, {}, {}).error(),
              HasSubstr("vision.layers: cannot keep 0 of 3"));
  config.text.ffn = 16;
  target = config;
  target.text.ffn = 15;
  EXPECT_THAT(selectAsCaTransformers(config, target, {}, {}).error(),
              HasSubstr("eighths of 16, which do not leave 15"));
}

TEST(References, TheReferenceModelComputesWhatOpenClipDoes) {
  CATC_REFERENCES_OR_SKIP(files, "tiny", "_io.safetensors");
  for (const auto &path : files) {
    SCOPED_TRACE(path.string());
    TensorFile io = read(path);
    std::string name = path.filename().string();
    name.resize(name.size() - std::string("_io.safetensors").size());
    Result<ClipConfig> config = readClipConfig(references() / (name + ".config.json"));
    ASSERT_TRUE(config) << config.error();
    // One set of weights serves the models that differ in activation.
    std::string base =
        std::filesystem::exists(references() / (name + ".safetensors")) ? name : "tiny_gelu";
    Model model(base);
    expectChecksums(io, model.weights);
    model.config.activation = config->activation;
    EXPECT_EQ(model.config, *config);
    model.io = io;
    model.expectOutputs(model.weights, io.tensors);
  }
}

TEST(References, PrunedWeightsAreBitByBitThoseOfCaTransformers) {
  CATC_REFERENCES_OR_SKIP(files, "pruned_", ".safetensors");
  std::string text;
  ASSERT_EQ(results::readFile(references() / "mope_rankings_fixed.json", text), std::nullopt);
  Result<Importance> rankings = parseRankings("mope_rankings_fixed.json", text);
  ASSERT_TRUE(rankings) << rankings.error();
  for (const auto &path : files) {
    SCOPED_TRACE(path.string());
    TensorFile fixture = read(path);
    Model model(fixture.metadata.at("base"));
    ClipConfig target = model.config;
    applySpec(fixture.metadata.at("spec"), target);
    Result<Selection> selection = selectAsCaTransformers(
        model.config, target, *rankings, fixture.tensors.at("probe.cosine").doubles());
    ASSERT_TRUE(selection) << selection.error();
    const Tensor &kept = fixture.tensors.at("probe.kept_vision_layers");
    EXPECT_EQ(selection->vision.layers,
              Indices(kept.data<int64_t>(), kept.data<int64_t>() + kept.elementCount()));
    EXPECT_EQ(*configOf(*selection, model.config), target);
    Result<StateDict> pruned = prune(model.weights, model.config, *selection);
    ASSERT_TRUE(pruned) << pruned.error();
    EXPECT_EQ(checkWeights(*pruned, target), std::nullopt);
    expectChecksums(fixture, *pruned);
    model.expectOutputs(*pruned, fixture.tensors);
  }
}

TEST(References, OneBlockLeftOutComputesWhatMopeMeasured) {
  CATC_REFERENCES_OR_SKIP(files, "single_ffn_removed", ".safetensors");
  for (const auto &path : files) {
    SCOPED_TRACE(path.string());
    TensorFile fixture = read(path);
    Model model(fixture.metadata.at("base"));
    int layer = -1, block = -1;
    std::string what = fixture.metadata.at("what");
    ASSERT_EQ(std::sscanf(what.c_str(), "vision layer %d ffn index %d", &layer, &block), 2) << what;
    Selection selection = selectAll(model.config);
    Indices &neurons = selection.vision.ffn.at(static_cast<size_t>(layer));
    auto size = static_cast<std::ptrdiff_t>(neurons.size() / 8);
    neurons.erase(neurons.begin() + block * size, neurons.begin() + (block + 1) * size);
    Result<StateDict> pruned = prune(model.weights, model.config, selection);
    ASSERT_TRUE(pruned) << pruned.error();
    model.expectOutputs(*pruned, fixture.tensors);
  }
}
