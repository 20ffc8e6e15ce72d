//===- OpenClipTest.cpp - Weights that OpenCLIP loads ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model/OpenClip.h"
#include "../Weights/ClipReference.h"
#include "../Weights/Fixture.h"
#include "Data/Preprocess.h"
#include "EmitFixture.h"
#include "Results/WriteFile.h"
#include "Weights/Safetensors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <filesystem>

using namespace cat;
using namespace cat::emit;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class OpenClipTest : public ::testing::Test {
protected:
  OpenClipTest()
      : folder(fs::path(::testing::TempDir()) /
               ("openclip-" +
                std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~OpenClipTest() override { fs::remove_all(folder); }

  std::string path(const std::string &name) const { return (folder / name).string(); }

  static TensorFile fileOf(const ClipConfig &config) {
    TensorFile file;
    file.tensors = roughWeights(config, 3);
    file.metadata["catc.model"] = printModelRecord({config, smallConfig()});
    return file;
  }

  /// Writes a model into the folder `name`.
  WeightsReport written(const ClipConfig &config, const std::string &name) {
    Result<Folder> out = Folder::create(path(name));
    EXPECT_TRUE(out) << out.error();
    Result<WeightsReport> report = writeOpenClip(*out, config, fileOf(config));
    EXPECT_TRUE(report) << report.error();
    EXPECT_EQ(out->commit(), std::nullopt);
    names.clear();
    for (const File &file : out->files())
      names.push_back(file.name);
    return report ? *report : WeightsReport();
  }

  /// What a model computes on some inputs: logits of images and texts.
  static Matrix computed(const StateDict &weights, const ClipConfig &config) {
    ClipReference clip(weights, config.vision.headDim, config.text.headDim, config.activation);
    return clip.logits(clip.imageFeatures(someImages(config, 3, 5)),
                       clip.textFeatures(someTokens(config, 2, 5)));
  }

  fs::path folder;
  std::vector<std::string> names;
};

/// With three heads of a width that is divided by 2 and 4.
ClipConfig prunedHeads() {
  ClipConfig config = smallConfig();
  config.vision.heads = 3;
  config.vision.headDim = 2;
  return config;
}

TEST_F(OpenClipTest, ModelsThatFillTheirWidthAreWrittenAsTheyAre) {
  ClipConfig config = smallConfig();
  WeightsReport report = written(config, "out");
  EXPECT_TRUE(report.loadable);
  EXPECT_TRUE(report.padded.empty());
  EXPECT_TRUE(report.obstacles.empty());
  EXPECT_EQ(report.file, "open_clip_model.safetensors");
  EXPECT_THAT(names, ElementsAre("open_clip_config.json", "open_clip_model.safetensors"));
  Result<ClipConfig> read = readClipConfig(path("out/open_clip_config.json"));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, config);
  Result<TensorFile> file = readSafetensors(path("out/open_clip_model.safetensors"));
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->tensors, fileOf(config).tensors);
  EXPECT_EQ(file->metadata.at("format"), "pt");
  EXPECT_EQ(file->metadata.at("catc.model"), printModelRecord({config, smallConfig()}));
}

TEST_F(OpenClipTest, HeadsArePaddedWhereThatMakesThemLoadable) {
  ClipConfig config = prunedHeads();
  WeightsReport report = written(config, "out");
  EXPECT_TRUE(report.loadable);
  EXPECT_EQ(report.file, "open_clip_model.safetensors");
  EXPECT_THAT(names, ElementsAre("open_clip_config.json", "open_clip_model.safetensors",
                                 "model.safetensors"));
  ASSERT_EQ(report.padded.size(), 1u);
  EXPECT_EQ(report.padded[0].where, "vision");
  EXPECT_EQ(report.padded[0].before, config.vision);
  EXPECT_EQ(report.padded[0].after.heads, 4);
  EXPECT_EQ(report.padded[0].after.headDim, 2);
  Result<ClipConfig> read = readClipConfig(path("out/open_clip_config.json"));
  ASSERT_TRUE(read) << read.error();
  Result<StateDict> weights = readClipWeights(path("out/open_clip_model.safetensors"), *read);
  ASSERT_TRUE(weights) << weights.error();
  EXPECT_LT(distance(computed(*weights, *read), computed(fileOf(config).tensors, config)), 1e-12);
  // The record tells what the file holds.
  Result<TensorFile> file = readSafetensors(path("out/open_clip_model.safetensors"));
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->metadata.at("catc.model"), printModelRecord({*read, smallConfig()}));
  file = readSavedWeights(path("out/model.safetensors"), config);
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->tensors, fileOf(config).tensors);
}

TEST_F(OpenClipTest, WeightsThatNothingMakesLoadableAreForUs) {
  ClipConfig config = smallConfig();
  config.text.heads = 4; // 16 elements of 12
  WeightsReport report = written(config, "out");
  EXPECT_FALSE(report.loadable);
  EXPECT_TRUE(report.padded.empty());
  ASSERT_EQ(report.obstacles.size(), 1u);
  EXPECT_EQ(report.obstacles[0].where, "text");
  EXPECT_THAT(names, ElementsAre("model.safetensors"));
  Result<TensorFile> file = readSavedWeights(path("out/model.safetensors"), config);
  ASSERT_TRUE(file) << file.error();
  EXPECT_EQ(file->tensors, fileOf(config).tensors);
}

TEST_F(OpenClipTest, ConfigurationSaysHowPicturesArePrepared) {
  llvm::json::Object config = parseObject(openClipConfig(smallConfig()));
  const llvm::json::Object &preparation = objectAt(config, "preprocess_cfg");
  data::Normalisation normalisation;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(static_cast<float>(*arrayAt(preparation, "mean")[i].getAsNumber()),
              normalisation.mean[i]);
    EXPECT_EQ(static_cast<float>(*arrayAt(preparation, "std")[i].getAsNumber()),
              normalisation.deviation[i]);
  }
  EXPECT_EQ(textAt(preparation, "interpolation"), "bicubic");
  EXPECT_EQ(textAt(preparation, "resize_mode"), "shortest");
}

TEST_F(OpenClipTest, SavedWeightsAreThoseOfTheDesign) {
  ClipConfig config = smallConfig(), other = config;
  other.text.ffn += 1;
  std::string saved = path("model.safetensors");
  TensorFile file = fileOf(config);
  auto save = [&] { ASSERT_EQ(writeSafetensors(saved, file), std::nullopt); };
  save();
  EXPECT_THAT(readSavedWeights(saved, other).error(),
              HasSubstr("model.safetensors: metadata 'catc.model' is of another model"));
  file.metadata["catc.model"] = "{";
  save();
  EXPECT_THAT(readSavedWeights(saved, config).error(),
              HasSubstr("model.safetensors: metadata 'catc.model'"));
  file.metadata.erase("catc.model");
  save();
  EXPECT_THAT(readSavedWeights(saved, other).error(), HasSubstr("mlp.c_fc"));
  EXPECT_EQ(readSavedWeights(saved, config)->tensors, file.tensors);
  // Other names are as good.
  StateDict tensors = file.tensors;
  file.tensors = *toHuggingFace(tensors);
  save();
  EXPECT_EQ(readSavedWeights(saved, config)->tensors, tensors);
  EXPECT_THAT(readSavedWeights(path("none"), config).error(), HasSubstr("none"));
}

TEST_F(OpenClipTest, FoldersAreWholeOrAbsent) {
  {
    Result<Folder> out = Folder::create(path("out"));
    ASSERT_TRUE(out) << out.error();
    EXPECT_EQ(out->add("a", "abc"), std::nullopt);
    ASSERT_EQ(results::writeFile(out->pathOf("b"), "abc"), std::nullopt);
    EXPECT_EQ(out->adopt("b"), std::nullopt);
    EXPECT_THAT(out->adopt("c").value_or(""), HasSubstr("/c': "));
    EXPECT_FALSE(fs::exists(path("out")));
    ASSERT_EQ(out->files().size(), 2u);
    EXPECT_EQ(out->files()[0].sha256, out->files()[1].sha256);
    EXPECT_EQ(out->files()[0].bytes, 3u);
    EXPECT_EQ(out->files()[1].bytes, 3u);
  }
  EXPECT_TRUE(fs::is_empty(folder)) << "what was not committed is gone";
  Result<Folder> out = Folder::create(path("out"));
  ASSERT_TRUE(out) << out.error();
  EXPECT_EQ(out->add("a", "abc"), std::nullopt);
  EXPECT_EQ(out->commit(), std::nullopt);
  EXPECT_TRUE(fs::exists(path("out/a")));
  EXPECT_THAT(Folder::create(path("out")).error(), HasSubstr("is not empty"));
  EXPECT_THAT(Folder::create(path("out/a")).error(), HasSubstr("exists and is no folder"));
}

} // namespace
