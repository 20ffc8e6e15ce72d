//===- ClipTest.cpp - The graph that is costed, run -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The graph that models::buildModel makes, compiled and run, against CLIP by its formulas and
// against OpenCLIP's outputs.
//
//===----------------------------------------------------------------------===//

#include "ClipReference.h"
#include "Execution/Lower.h"
#include "Execution/RunFiles.h"
#include "Fixture.h"
#include "Models/Models.h"
#include "References.h"
#include "Results/JsonNode.h"
#include "Results/WriteFile.h"
#include "Weights/CaTransformers.h"
#include "Weights/Safetensors.h"
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;

namespace {

/// The graph of a CLIP as the front end would have it built.
mlir::OwningOpRef<mlir::ModuleOp> buildGraph(mlir::MLIRContext &context, const ClipConfig &config,
                                             int64_t images, int64_t texts) {
  mlir::OpBuilder b(&context);
  mlir::Location loc = b.getUnknownLoc();
  auto size = [&](models::SizeGroup &group, const char *name, int64_t value) {
    group.sizes.insert({name, models::Size{b.getI64IntegerAttr(value), {}, loc}});
  };
  auto tower = [&](const char *name, const TowerConfig &sizes) {
    models::SizeGroup group{name, loc, {}};
    size(group, "layers", sizes.layers);
    size(group, "width", sizes.width);
    size(group, "heads", sizes.heads);
    size(group, "head_dim", sizes.headDim);
    size(group, "ffn", sizes.ffn);
    return group;
  };
  models::SizeGroup text = tower("text", config.text), vision = tower("vision", config.vision);
  size(text, "context", config.context);
  size(text, "vocab", config.vocab);
  size(vision, "patch", config.patch);
  size(vision, "image", config.image);
  models::SizeGroup model{"clip", loc, {}}, workload{"workload", loc, {}};
  size(model, "embed", config.embed);
  model.sizes.insert(
      {"activation", models::Size{b.getStringAttr(nameOf(config.activation)), {}, loc}});
  size(workload, "images", images);
  size(workload, "texts", texts);

  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  b.setInsertionPointToStart(module->getBody());
  EXPECT_TRUE(succeeded(models::buildModel(b, {"clip", model, {text, vision}, workload})));
  return module;
}

/// The matrix with rows of unit length.
Matrix unitRows(Matrix m) {
  for (size_t r = 0; r < m.rows; ++r) {
    double square = 0;
    for (size_t c = 0; c < m.columns; ++c)
      square += m.at(r, c) * m.at(r, c);
    for (size_t c = 0; c < m.columns; ++c)
      m.at(r, c) /= std::sqrt(square);
  }
  return m;
}

Matrix asMatrix(const Tensor &tensor) {
  Matrix m(static_cast<size_t>(tensor.shape[0]), static_cast<size_t>(tensor.shape[1]));
  m.values = tensor.doubles();
  return m;
}

/// Outputs of the graph of `config`: "vision" and "text" of unit length, "similarity".
StateDict runGraph(const ClipConfig &config, const StateDict &weights, const Tensor &images,
                   const Tensor &tokens) {
  mlir::DialectRegistry registry;
  registry.insert<space::SpaceDialect, nn::NNDialect>();
  execution::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = buildGraph(context, config, images.shape[0], tokens.shape[0]);
  auto program = execution::Program::compile(*module, "clip");
  EXPECT_NE(program, nullptr);
  if (!program)
    return {};
  StateDict given{{"image", images}, {"text", tokens}};
  auto inputs = execution::Arguments::find(program->signature().inputs, given, "inputs");
  auto tensors = execution::Arguments::find(program->signature().weights, weights, "weights");
  EXPECT_TRUE(inputs) << inputs.error();
  EXPECT_TRUE(tensors) << tensors.error();
  EXPECT_EQ(execution::unreadTensors(*program, weights), std::vector<std::string>());
  if (!inputs || !tensors)
    return {};
  Result<StateDict> outputs = execution::run(*program, *inputs, *tensors);
  EXPECT_TRUE(outputs) << outputs.error();
  return outputs ? std::move(*outputs) : StateDict();
}

/// Runs the graph and compares it with the formulas.
void expectFormulas(const ClipConfig &config, const StateDict &weights, int64_t images,
                    int64_t texts) {
  Tensor pictures = someImages(config, images, 3), tokens = someTokens(config, texts, 4);
  StateDict outputs = runGraph(config, weights, pictures, tokens);
  ASSERT_EQ(outputs.size(), 3u);
  ClipReference clip(weights, config.vision.headDim, config.text.headDim, config.activation);
  Matrix vision = clip.imageFeatures(pictures), text = clip.textFeatures(tokens);
  EXPECT_LT(distance(unitRows(vision), outputs.at("vision")), 1e-5);
  EXPECT_LT(distance(unitRows(text), outputs.at("text")), 1e-5);
  EXPECT_LT(distance(clip.logits(vision, text), outputs.at("similarity")), 3e-5);
}

/// Runs the graph and compares it with a fixture's outputs.
void expectOutputs(const ClipConfig &config, const StateDict &weights, const StateDict &inputs,
                   const StateDict &expected) {
  StateDict outputs = runGraph(config, weights, inputs.at("in.image"), inputs.at("in.text"));
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_LT(
      distance(unitRows(asMatrix(expected.at("out.image_features_f64"))), outputs.at("vision")),
      1e-5);
  EXPECT_LT(distance(unitRows(asMatrix(expected.at("out.text_features_f64"))), outputs.at("text")),
            1e-5);
  EXPECT_LT(distance(asMatrix(expected.at("out.logits_per_image")), outputs.at("similarity")),
            3e-5);
}

StateDict read(const std::filesystem::path &path, std::map<std::string, std::string> *metadata) {
  Result<TensorFile> file = readSafetensors(path);
  EXPECT_TRUE(file) << file.error();
  if (!file)
    return {};
  if (metadata)
    *metadata = file->metadata;
  return std::move(file->tensors);
}

/// The sizes of a fixture's model, read off the shapes beside its checksums.
ClipConfig sizesOf(const std::string &checksums, const ClipConfig &parent) {
  Result<llvm::json::Value> value = results::parseJson("crc32", checksums);
  EXPECT_TRUE(value) << value.error();
  StateDict shapes;
  for (const auto &entry : *value->getAsObject()) {
    Shape shape;
    for (const llvm::json::Value &size : *(*entry.second.getAsArray())[0].getAsArray())
      shape.push_back(*size.getAsInteger());
    shapes[entry.first.str()] = makeZeros(DType::F32, shape);
  }
  Result<ClipConfig> config = configOf(shapes, parent.vision.headDim, parent.activation);
  EXPECT_TRUE(config) << config.error();
  return config ? *config : parent;
}

} // namespace

TEST(Clip, ComputesItsFormulas) {
  ClipConfig config = smallConfig();
  expectFormulas(config, roughWeights(config, 1), 2, 3);
}

TEST(Clip, ComputesItsFormulasWithTheOtherActivation) {
  ClipConfig config = smallConfig();
  config.activation = Activation::QuickGelu;
  // Heads that are narrower than the model, and blocks of products that are full and that are not.
  config.vision = {1, 37, 1, 16, 66};
  config.text = {1, 20, 3, 8, 34};
  expectFormulas(config, roughWeights(config, 2), 1, 1);
}

TEST(References, TheGraphComputesWhatOpenClipDoes) {
  CATC_REFERENCES_OR_SKIP(files, "tiny", "_io.safetensors");
  for (const auto &path : files) {
    SCOPED_TRACE(path.string());
    StateDict io = read(path, nullptr);
    std::string name = path.filename().string();
    name.resize(name.size() - std::string("_io.safetensors").size());
    Result<ClipConfig> config = readClipConfig(references() / (name + ".config.json"));
    ASSERT_TRUE(config) << config.error();
    // One set of weights serves the models that differ in activation.
    std::filesystem::path weights = references() / (name + ".safetensors");
    if (!std::filesystem::exists(weights))
      weights = references() / "tiny_gelu.safetensors";
    expectOutputs(*config, read(weights, nullptr), io, io);
  }
}

TEST(References, ThePrunedGraphComputesWhatThePrunedModelDoes) {
  CATC_REFERENCES_OR_SKIP(files, "pruned_", ".safetensors");
  std::string text;
  ASSERT_EQ(results::readFile(references() / "mope_rankings_fixed.json", text), std::nullopt);
  Result<Importance> rankings = parseRankings("mope_rankings_fixed.json", text);
  ASSERT_TRUE(rankings) << rankings.error();
  for (const auto &path : files) {
    SCOPED_TRACE(path.string());
    std::map<std::string, std::string> metadata;
    StateDict fixture = read(path, &metadata);
    std::string base = metadata.at("base");
    Result<ClipConfig> parent = readClipConfig(references() / (base + ".config.json"));
    ASSERT_TRUE(parent) << parent.error();
    ClipConfig target = sizesOf(metadata.at("crc32"), *parent);
    Result<Selection> selection =
        selectAsCaTransformers(*parent, target, *rankings, fixture.at("probe.cosine").doubles());
    ASSERT_TRUE(selection) << selection.error();
    Result<StateDict> weights =
        prune(read(references() / (base + ".safetensors"), nullptr), *parent, *selection);
    ASSERT_TRUE(weights) << weights.error();
    expectOutputs(target, *weights, read(references() / (base + "_io.safetensors"), nullptr),
                  fixture);
  }
}
