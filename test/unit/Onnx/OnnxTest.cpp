//===- OnnxTest.cpp - Exported graphs compute what the model does ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Onnx/Onnx.h"
#include "../Weights/ClipReference.h"
#include "../Weights/Fixture.h"
#include "../Weights/References.h"
#include "OnnxEvaluator.h"
#include "Results/WriteFile.h"
#include "Weights/Safetensors.h"
#include "onnx/checker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>
#include <filesystem>
#include <set>

using namespace cat;
using namespace cat::emit;
using namespace cat::emit::test;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
namespace fs = std::filesystem;

namespace {

/// The graph's constants are rounded to float, everything else is computed in double.
constexpr double kConstants = 2e-6;

Array arrayOf(const Tensor &tensor) {
  if (tensor.dtype == DType::I64)
    return {tensor.shape, {tensor.data<int64_t>(), tensor.data<int64_t>() + tensor.elementCount()}};
  return {tensor.shape, tensor.doubles()};
}

Matrix matrixOf(const Array &array) {
  Matrix matrix(static_cast<size_t>(array.shape.at(0)), static_cast<size_t>(array.shape.at(1)));
  matrix.values = array.values;
  return matrix;
}

Matrix unitLength(Matrix x) {
  for (size_t r = 0; r < x.rows; ++r) {
    double sum = 0;
    for (size_t c = 0; c < x.columns; ++c)
      sum += x.at(r, c) * x.at(r, c);
    for (size_t c = 0; c < x.columns; ++c)
      x.at(r, c) /= std::sqrt(sum);
  }
  return x;
}

Matrix transposed(const Matrix &x) {
  Matrix y(x.columns, x.rows);
  for (size_t r = 0; r < x.rows; ++r)
    for (size_t c = 0; c < x.columns; ++c)
      y.at(c, r) = x.at(r, c);
  return y;
}

/// Shape of a declared value, with the names of what is not known.
std::vector<std::string> shapeOf(const onnx::ValueInfoProto &value) {
  std::vector<std::string> shape;
  for (const onnx::TensorShapeProto_Dimension &dimension : value.type().tensor_type().shape().dim())
    shape.push_back(dimension.has_dim_param() ? dimension.dim_param()
                                              : std::to_string(dimension.dim_value()));
  return shape;
}

class OnnxTest : public ::testing::Test {
protected:
  OnnxTest()
      : folder(fs::path(::testing::TempDir()) /
               ("onnx-" +
                std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~OnnxTest() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const { return (folder / name).string(); }

  onnx::ModelProto exported(const ClipConfig &config, const StateDict &weights,
                            const OnnxOptions &options = {}) {
    EXPECT_EQ(writeOnnx(path("model.onnx"), config, weights, options), std::nullopt);
    std::string bytes;
    EXPECT_EQ(results::readFile(path("model.onnx"), bytes), std::nullopt);
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(bytes));
    EXPECT_NO_THROW(onnx::checker::check_model(path("model.onnx")));
    return model;
  }

  /// Exports a model and compares what the graph computes with the formulas.
  void expectEqual(const ClipConfig &config, const StateDict &weights, int64_t images,
                   int64_t texts, const OnnxOptions &options = {}) {
    onnx::ModelProto model = exported(config, weights, options);
    Tensor pixels = someImages(config, images, 7), tokens = someTokens(config, texts, 7);
    auto values = evaluate(
        model, {{"pixel_values", arrayOf(pixels)}, {"input_ids", arrayOf(tokens)}}, folder);
    ClipReference clip(weights, config.vision.headDim, config.text.headDim, config.activation);
    Matrix image = clip.imageFeatures(pixels), text = clip.textFeatures(tokens),
           logits = clip.logits(image, text);
    auto expectNear = [&](const char *name, const Matrix &expected) {
      EXPECT_LT(distance(matrixOf(values.at(name)), expected), kConstants) << name;
    };
    expectNear("image_embeds", unitLength(image));
    expectNear("text_embeds", unitLength(text));
    expectNear("logits_per_image", logits);
    expectNear("logits_per_text", transposed(logits));
  }

  fs::path folder;
};

/// Queries, keys and values narrower and wider than the width.
ClipConfig prunedConfig() {
  ClipConfig config = smallConfig();
  config.activation = Activation::QuickGelu;
  config.vision.heads = 1;
  config.text.heads = 5;
  return config;
}

TEST_F(OnnxTest, AnyNumberOfImagesAndTexts) {
  StateDict weights = roughWeights(smallConfig(), 1);
  expectEqual(smallConfig(), weights, 3, 2);
  expectEqual(smallConfig(), weights, 1, 1);
  expectEqual(smallConfig(), weights, 1, 4);
}

TEST_F(OnnxTest, PrunedModelsAndTheOtherActivation) {
  expectEqual(prunedConfig(), roughWeights(prunedConfig(), 2), 2, 3);
}

TEST_F(OnnxTest, AFixedBatch) {
  OnnxOptions options;
  options.batch = 2;
  expectEqual(prunedConfig(), roughWeights(prunedConfig(), 3), 2, 2, options);
  options.batch = 1;
  expectEqual(smallConfig(), roughWeights(smallConfig(), 3), 1, 1, options);
}

TEST_F(OnnxTest, WeightsInAFileOfTheirOwn) {
  OnnxOptions options;
  options.mostInside = 0;
  ClipConfig config = smallConfig();
  // Large enough for a page.
  config.vocab = 200;
  StateDict weights = roughWeights(config, 4);
  expectEqual(config, weights, 2, 2, options);
  ASSERT_TRUE(fs::exists(path("model.onnx.data")));
  EXPECT_GE(fs::file_size(path("model.onnx.data")),
            weights.at("token_embedding.weight").bytes.size());
  // The pair can be moved together.
  fs::create_directory(path("moved"));
  for (const char *name : {"model.onnx", "model.onnx.data"})
    fs::rename(path(name), path(std::string("moved/") + name));
  EXPECT_NO_THROW(onnx::checker::check_model(path("moved/model.onnx")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(OnnxTest, NamesTypesAndShapesAreOptimums) {
  ClipConfig config = smallConfig();
  StateDict weights = roughWeights(config, 5);
  onnx::ModelProto model = exported(config, weights);
  ASSERT_EQ(model.opset_import_size(), 1);
  EXPECT_EQ(model.opset_import(0).version(), 17);
  EXPECT_EQ(model.ir_version(), 8);
  EXPECT_EQ(model.metadata_props(0).value(), printModelRecord({config, config}));
  const onnx::GraphProto &graph = model.graph();
  ASSERT_THAT(graph.input(), SizeIs(2));
  EXPECT_EQ(graph.input(0).name(), "pixel_values");
  EXPECT_THAT(shapeOf(graph.input(0)), ElementsAre("image_batch_size", "3", "4", "4"));
  EXPECT_EQ(graph.input(1).name(), "input_ids");
  EXPECT_EQ(graph.input(1).type().tensor_type().elem_type(), onnx::TensorProto_DataType_INT64);
  EXPECT_THAT(shapeOf(graph.input(1)), ElementsAre("text_batch_size", "7"));
  ASSERT_THAT(graph.output(), SizeIs(4));
  EXPECT_EQ(graph.output(0).name(), "logits_per_image");
  EXPECT_THAT(shapeOf(graph.output(0)), ElementsAre("image_batch_size", "text_batch_size"));
  EXPECT_EQ(graph.output(1).name(), "logits_per_text");
  EXPECT_EQ(graph.output(2).name(), "text_embeds");
  EXPECT_THAT(shapeOf(graph.output(2)), ElementsAre("text_batch_size", "6"));
  EXPECT_EQ(graph.output(3).name(), "image_embeds");
  // Each weight is there, under its own name.
  std::set<std::string> names;
  for (const onnx::TensorProto &tensor : graph.initializer())
    names.insert(tensor.name());
  for (const auto &[name, tensor] : weights)
    EXPECT_TRUE(names.count(name) || names.count(name + ".transposed")) << name;
  OnnxOptions options;
  options.batch = 3;
  model = exported(config, weights, options);
  EXPECT_THAT(shapeOf(model.graph().input(0)), ElementsAre("3", "3", "4", "4"));
  EXPECT_THAT(shapeOf(model.graph().output(1)), ElementsAre("3", "3"));
}

TEST_F(OnnxTest, SavedTwiceItIsTheSameFile) {
  StateDict weights = roughWeights(smallConfig(), 6);
  std::string first, second;
  exported(smallConfig(), weights);
  ASSERT_EQ(results::readFile(path("model.onnx"), first), std::nullopt);
  exported(smallConfig(), weights);
  ASSERT_EQ(results::readFile(path("model.onnx"), second), std::nullopt);
  EXPECT_EQ(first, second);
}

TEST_F(OnnxTest, HalfPrecisionWeightsBecomeFloats) {
  ClipConfig config = smallConfig();
  StateDict weights = roughWeights(config, 8);
  for (auto &[name, tensor] : weights)
    tensor = makeFloat(tensor.shape, tensor.floats(), DType::BF16);
  expectEqual(config, weights, 2, 2);
}

TEST_F(OnnxTest, OtherWeightsAndPlacesAreRefused) {
  StateDict weights = roughWeights(smallConfig(), 9);
  EXPECT_THAT(writeOnnx(path("model.onnx"), prunedConfig(), weights).value_or(""),
              HasSubstr("attn"));
  EXPECT_TRUE(fs::is_empty(folder));
  EXPECT_THAT(writeOnnx(path("none/model.onnx"), smallConfig(), weights).value_or(""),
              StartsWith("cannot write '" + path("none/model.onnx")));
  OnnxOptions outside;
  outside.mostInside = 0;
  EXPECT_THAT(writeOnnx(path("none/model.onnx"), smallConfig(), weights, outside).value_or(""),
              StartsWith("cannot write '" + path("none/model.onnx.data")));
  EXPECT_TRUE(fs::is_empty(folder));
}

/// OpenCLIP's own outputs.
TEST_F(OnnxTest, References) {
  CATC_REFERENCES_OR_SKIP(files, "tiny", "_io.safetensors");
  for (const fs::path &file : files) {
    SCOPED_TRACE(file.string());
    std::string name = file.filename().string();
    name.resize(name.size() - std::string("_io.safetensors").size());
    Result<ClipConfig> config = readClipConfig(references() / (name + ".config.json"));
    ASSERT_TRUE(config) << config.error();
    // One set of weights serves the models that differ in activation.
    std::string base = fs::exists(references() / (name + ".safetensors")) ? name : "tiny_gelu";
    Result<StateDict> weights = readClipWeights(references() / (base + ".safetensors"), *config);
    ASSERT_TRUE(weights) << weights.error();
    Result<TensorFile> io = readSafetensors(file);
    ASSERT_TRUE(io) << io.error();
    const StateDict &tensors = io->tensors;
    auto values = evaluate(exported(*config, *weights),
                           {{"pixel_values", arrayOf(tensors.at("in.image"))},
                            {"input_ids", arrayOf(tensors.at("in.text"))}},
                           folder);
    auto expectNear = [&](const char *value, const char *output, double tolerance) {
      EXPECT_LT(distance(matrixOf(values.at(value)), tensors.at(output)), tolerance) << output;
    };
    expectNear("image_features", "out.image_features_f64", kConstants);
    expectNear("text_features", "out.text_features_f64", kConstants);
    expectNear("image_features", "out.image_features", 1e-5);
    expectNear("text_features", "out.text_features", 1e-5);
    expectNear("logits_per_image", "out.logits_per_image", 3e-5);
  }
}

} // namespace
