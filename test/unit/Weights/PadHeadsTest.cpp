//===- PadHeadsTest.cpp - Heads that fill the width -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/PadHeads.h"
#include "ClipReference.h"
#include "Fixture.h"
#include "Support/Expr.h"
#include <gtest/gtest.h>
#include <limits>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;

namespace {

/// Towers with heads of 4 that were pruned.
ClipConfig pruned(TowerConfig vision, TowerConfig text) {
  ClipConfig config = smallConfig();
  config.vision = vision;
  config.text = text;
  return config;
}

const TowerConfig kFull{2, 12, 3, 4, 9};

} // namespace

TEST(PadHeads, ChoosesTheFewestHeadsThatFillTheWidth) {
  ClipConfig padded = *padHeads(pruned({2, 12, 2, 4, 9}, kFull));
  EXPECT_EQ(padded.vision, (TowerConfig{2, 12, 2, 6, 9}));
  EXPECT_EQ(padded.text, kFull);
  // Five heads do not divide 24, six do, with the size that they have.
  EXPECT_EQ(padHeads(pruned({1, 24, 5, 4, 9}, kFull))->vision, (TowerConfig{1, 24, 6, 4, 9}));
  // Of heads of 64 in ViT-B/16's width, ten become twelve.
  EXPECT_EQ(padHeads(pruned({12, 768, 10, 64, 3072}, kFull))->vision,
            (TowerConfig{12, 768, 12, 64, 3072}));
}

TEST(PadHeads, SaysWhereNoNumberOfHeadsWorks) {
  // The width was pruned as well: three heads of 4 need 12.
  EXPECT_FALSE(padHeads(pruned({2, 10, 3, 4, 9}, kFull)));
  EXPECT_FALSE(padHeads(pruned(kFull, {2, 13, 2, 4, 9})));
  EXPECT_FALSE(isLoadable(pruned(kFull, {2, 13, 2, 4, 9})));
  EXPECT_TRUE(isLoadable(pruned(kFull, kFull)));
  EXPECT_TRUE(isLoadable(pruned(kFull, {2, 12, 1, 4, 9})));
  ClipConfig config = pruned(kFull, kFull);
  config.image = 5;
  EXPECT_FALSE(isLoadable(config));
}

TEST(PadHeads, CoversHalfOfTheSizesOfVitB16) {
  // Eighths of the width by numbers of heads, as counted when the method was devised.
  auto count = [](int64_t heads, int64_t eighth) {
    int covered = 0;
    for (int64_t h = 1; h <= heads; ++h)
      for (int64_t i = 1; i <= 8; ++i)
        covered += padHeads(pruned({12, i * eighth, h, 64, 1024}, kFull)).has_value();
    return covered;
  };
  EXPECT_EQ(count(12, 96), 49);
  EXPECT_EQ(count(8, 64), 36);
}

TEST(PadHeads, IsWhatARequirementCanAskFor) {
  // catlib/openclip.cat: has_divisor(width, heads, width / head_dim).
  for (int64_t width = 1; width <= 48; ++width)
    for (int64_t heads = 1; heads <= 13; ++heads)
      for (int64_t headDim = 1; headDim <= 9; ++headDim) {
        auto w = static_cast<double>(width);
        double operands[] = {w, static_cast<double>(heads), w / static_cast<double>(headDim)};
        EXPECT_EQ(applyExprOp(ExprOp::HasDivisor, operands, 3) != 0,
                  isLoadable(pruned({1, width, heads, headDim, 16}, kFull)))
            << width << " " << heads << " " << headDim;
      }
  for (double n : {0.0, -4.0, 2.5, std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    double operands[] = {n, -9, 9};
    EXPECT_EQ(applyExprOp(ExprOp::HasDivisor, operands, 3), 0) << n;
  }
}

TEST(PadHeads, WholeHeadsChangeNoBit) {
  ClipConfig config = pruned({1, 24, 5, 4, 9}, kFull);
  StateDict weights = roughWeights(config, 5), padded = padHeads(weights, config);
  EXPECT_EQ(checkWeights(padded, *padHeads(config)), std::nullopt);
  const Tensor &in = weights.at("visual.transformer.resblocks.0.attn.in_proj_weight"),
               &out = padded.at("visual.transformer.resblocks.0.attn.in_proj_weight");
  for (size_t part = 0; part < 3; ++part)
    for (size_t row = 0; row < 24; ++row)
      for (size_t c = 0; c < 24; ++c)
        EXPECT_EQ(out.data<float>()[(part * 24 + row) * 24 + c],
                  row < 20 ? in.data<float>()[(part * 20 + row) * 24 + c] : 0.0f);
  // The text tower needs nothing.
  EXPECT_EQ(padded.at("transformer.resblocks.0.attn.in_proj_weight"),
            weights.at("transformer.resblocks.0.attn.in_proj_weight"));
}

TEST(PadHeads, ComputesTheSame) {
  for (TowerConfig vision : {TowerConfig{2, 12, 2, 4, 9}, TowerConfig{2, 12, 1, 4, 9},
                             TowerConfig{1, 24, 5, 4, 9}, TowerConfig{1, 20, 3, 4, 9}})
    for (DType dtype : {DType::F32, DType::F64}) {
      ClipConfig config = pruned(vision, {2, 12, 2, 4, 5});
      ClipConfig padded = *padHeads(config);
      StateDict weights = roughWeights(config, 7);
      for (auto &[name, tensor] : weights)
        tensor = makeFloat(tensor.shape, tensor.floats(), dtype);
      StateDict paddedWeights = padHeads(weights, config);
      ASSERT_EQ(checkWeights(paddedWeights, padded), std::nullopt);
      EXPECT_TRUE(findOpenClipDifferences(padded).empty());
      ClipReference before(weights, config.vision.headDim, config.text.headDim, config.activation),
          after(paddedWeights, padded.vision.headDim, padded.text.headDim, config.activation);
      Tensor images = someImages(config, 2, 1), tokens = someTokens(config, 3, 1);
      // Queries are rounded once more, in the type of the weights.
      double tolerance = dtype == DType::F64 ? 1e-13 : 1e-6;
      EXPECT_LT(distance(before.imageFeatures(images), after.imageFeatures(images)), tolerance);
      EXPECT_LT(distance(before.textFeatures(tokens), after.textFeatures(tokens)), tolerance);
    }
}
