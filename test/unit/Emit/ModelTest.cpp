//===- ModelTest.cpp - model.json against the design ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model.h"
#include "EmitFixture.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace cat;
using namespace cat::emit;
using ::testing::HasSubstr;

namespace {

class ModelTest : public ::testing::Test {
protected:
  /// The configuration of a design: indices into the domains of text.layers, heads and ffn.
  llvm::json::Object emitted(int layers, int heads, int ffn) {
    EmittedDesign design(loaded, {layers, heads, ffn, 0, 0});
    llvm::FailureOr<std::string> text = model(*design.bound, design.record);
    EXPECT_TRUE(succeeded(text));
    return succeeded(text) ? parseObject(*text) : llvm::json::Object();
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
  auto object = emitted(1, 1, 1);
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
  EXPECT_TRUE(arrayAt(objectAt(object, "catc"), "not_expressible_upstream").empty());
}

TEST_F(ModelTest, RatioOfAPrunedFeedForwardBuildsItsSize) {
  auto object = emitted(0, 1, 0);
  const llvm::json::Object &text = objectAt(object, "text_cfg");
  EXPECT_EQ(integerAt(text, "layers"), 6);
  // OpenCLIP computes int(width * mlp_ratio).
  EXPECT_EQ(std::floor(512 * numberAt(text, "mlp_ratio")), 1000);
  EXPECT_TRUE(arrayAt(objectAt(object, "catc"), "not_expressible_upstream").empty());
}

TEST_F(ModelTest, HeadsThatDoNotFillTheWidthAreMarked) {
  auto object = emitted(1, 0, 1);
  EXPECT_EQ(integerAt(objectAt(object, "text_cfg"), "heads"), 6);
  const llvm::json::Array &marks = arrayAt(objectAt(object, "catc"), "not_expressible_upstream");
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(textAt(*marks[0].getAsObject(), "where"), "text");
  EXPECT_THAT(textAt(*marks[0].getAsObject(), "reason"), HasSubstr("6 * 64 is not the width 512"));
}

TEST_F(ModelTest, SizesStandBesideThoseOfTheUnprunedModel) {
  auto object = emitted(0, 0, 0);
  const llvm::json::Object &record = objectAt(object, "catc");
  EXPECT_EQ(textAt(record, "schema"), "catc.model/1");
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
