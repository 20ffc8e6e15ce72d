//===- ModelTest.cpp - model.json against the design ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model/Model.h"
#include "EmitFixture.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace cat;
using namespace cat::emit;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

namespace {

std::vector<std::string> keysOf(const llvm::json::Object &object) {
  std::vector<std::string> keys;
  for (const auto &member : object)
    keys.push_back(member.first.str());
  return keys;
}

class ModelTest : public ::testing::Test {
protected:
  struct Emitted {
    llvm::json::Object configuration, record;
  };

  /// The files of a design: indices into the domains of text.layers, heads and ffn.
  Emitted emitted(int layers, int heads, int ffn) {
    EmittedDesign design(loaded, {layers, heads, ffn, 0, 0});
    llvm::FailureOr<Model> files = model(*design.bound, design.record);
    EXPECT_TRUE(succeeded(files));
    return succeeded(files) ? Emitted{parseObject(files->configuration), parseObject(files->record)}
                            : Emitted();
  }

  /// What is wrong with a module, which must not be emitted.
  static std::string refusal(llvm::StringRef source) {
    mlir::MLIRContext context;
    frontend::loadDialects(&context);
    std::string message;
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
      message += diagnostic.str();
      return mlir::success();
    });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    EXPECT_TRUE(module) << message;
    EXPECT_TRUE(!module || failed(model(*module, {})));
    return message;
  }

  study::LoadedStudy loaded{kSpec};
};

TEST_F(ModelTest, UnprunedModelIsOpenCLIPsOwn) {
  // open_clip/model_configs/ViT-B-16.json.
  auto [object, record] = emitted(1, 1, 1);
  EXPECT_EQ(integerAt(object, "embed_dim"), 512);
  const llvm::json::Object &vision = objectAt(object, "vision_cfg");
  EXPECT_EQ(integerAt(vision, "image_size"), 224);
  EXPECT_EQ(integerAt(vision, "layers"), 12);
  EXPECT_EQ(integerAt(vision, "width"), 768);
  EXPECT_EQ(integerAt(vision, "patch_size"), 16);
  EXPECT_EQ(integerAt(vision, "head_width"), 64);
  EXPECT_EQ(numberAt(vision, "mlp_ratio"), 4);
  const llvm::json::Object &text = objectAt(object, "text_cfg");
  EXPECT_EQ(integerAt(text, "context_length"), 77);
  EXPECT_EQ(integerAt(text, "vocab_size"), 49408);
  EXPECT_EQ(integerAt(text, "width"), 512);
  EXPECT_EQ(integerAt(text, "heads"), 8);
  EXPECT_EQ(integerAt(text, "layers"), 12);
  EXPECT_EQ(numberAt(text, "mlp_ratio"), 4);
  EXPECT_TRUE(arrayAt(record, "not_expressible_upstream").empty());
}

/// OpenCLIP hands the file's members to CLIP, CLIPVisionCfg and CLIPTextCfg (open_clip/model.py) as
/// keyword arguments, which fail on names that these do not have.
TEST_F(ModelTest, ConfigurationHasOnlyKeysOfOpenCLIP) {
  for (int heads : {0, 1}) {
    llvm::json::Object object = emitted(0, heads, 0).configuration;
    EXPECT_THAT(keysOf(object), UnorderedElementsAre("embed_dim", "vision_cfg", "text_cfg"));
    EXPECT_THAT(keysOf(objectAt(object, "vision_cfg")),
                UnorderedElementsAre("image_size", "layers", "width", "head_width", "patch_size",
                                     "mlp_ratio"));
    EXPECT_THAT(keysOf(objectAt(object, "text_cfg")),
                UnorderedElementsAre("context_length", "vocab_size", "width", "heads", "layers",
                                     "mlp_ratio"));
  }
}

TEST_F(ModelTest, RatioOfAPrunedFeedForwardBuildsItsSize) {
  auto [object, record] = emitted(0, 1, 0);
  const llvm::json::Object &text = objectAt(object, "text_cfg");
  EXPECT_EQ(integerAt(text, "layers"), 6);
  // OpenCLIP computes int(width * mlp_ratio).
  EXPECT_EQ(std::floor(512 * numberAt(text, "mlp_ratio")), 1000);
  EXPECT_TRUE(arrayAt(record, "not_expressible_upstream").empty());
}

TEST_F(ModelTest, HeadsThatDoNotFillTheWidthAreMarked) {
  auto [object, record] = emitted(1, 0, 1);
  EXPECT_EQ(integerAt(objectAt(object, "text_cfg"), "heads"), 6);
  const llvm::json::Array &marks = arrayAt(record, "not_expressible_upstream");
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(textAt(*marks[0].getAsObject(), "where"), "text");
  EXPECT_THAT(textAt(*marks[0].getAsObject(), "reason"), HasSubstr("6 * 64 is not the width 512"));
}

TEST_F(ModelTest, SizesStandBesideThoseOfTheUnprunedModel) {
  llvm::json::Object record = emitted(0, 0, 0).record;
  EXPECT_EQ(textAt(record, "schema"), "catc.model/1");
  EXPECT_EQ(textAt(record, "configuration"), "model.json");
  EXPECT_EQ(textAt(record, "family"), "clip");
  EXPECT_EQ(textAt(record, "activation"), "gelu");
  EXPECT_EQ(textAt(record, "design"), "0");
  int texts = 0;
  for (const llvm::json::Value &value : arrayAt(record, "segments")) {
    const llvm::json::Object &segment = *value.getAsObject();
    if (textAt(segment, "name") != "text")
      continue;
    ++texts;
    const llvm::json::Object &sizes = objectAt(segment, "sizes"),
                             &parent = objectAt(segment, "parent");
    EXPECT_EQ(integerAt(sizes, "layers"), 6);
    EXPECT_EQ(integerAt(parent, "layers"), 12);
    EXPECT_EQ(integerAt(sizes, "heads"), 6);
    EXPECT_EQ(integerAt(parent, "heads"), 8);
    EXPECT_EQ(integerAt(sizes, "ffn"), 1000);
    EXPECT_EQ(integerAt(parent, "ffn"), 2048);
  }
  EXPECT_EQ(texts, 1);
}

TEST_F(ModelTest, RecordIsReadWithoutTheGraph) {
  llvm::json::Object object = emitted(0, 0, 0).record;
  Result<weights::ModelRecord> record =
      weights::readModelRecord(llvm::json::Value(std::move(object)), "model.catc.json");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->config.embed, 512);
  EXPECT_EQ(record->config.text, (weights::TowerConfig{6, 512, 6, 64, 1000}));
  EXPECT_EQ(record->parent.text, (weights::TowerConfig{12, 512, 8, 64, 2048}));
  EXPECT_EQ(record->config.vision, (weights::TowerConfig{12, 768, 12, 64, 3072}));
  EXPECT_EQ(record->config.patch, 16);
  EXPECT_EQ(record->config.vocab, 49408);
}

TEST_F(ModelTest, OtherFamiliesAreRefused) {
  EXPECT_THAT(refusal(R"(nn.model @m family "bert" { nn.return })"),
              HasSubstr("a model of family 'bert' has no OpenCLIP configuration"));
}

TEST_F(ModelTest, ModelsWithoutBothTowersAreRefused) {
  EXPECT_THAT(refusal(R"(nn.model @m family "clip" { nn.return })"),
              HasSubstr("needs one tower for images and one for texts"));
}

TEST_F(ModelTest, TowersWithoutASizeAreRefused) {
  EXPECT_THAT(refusal(R"(nn.model @m family "clip" {
    %0 = nn.segment @eye sizes {image = 8 : i64, layers = 1 : i64, patch = 4 : i64} -> tensor<1x4xf32> {
      %1 = nn.input "x" [1, 4] of f32 : tensor<1x4xf32>
      nn.yield %1 : tensor<1x4xf32>
    }
    nn.return
  })"),
              HasSubstr("needs the size 'width' of 'eye'"));
}

} // namespace
