//===- LeaveOneOutTest.cpp - What each part of a model is worth -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LeaveOneOut.h"
#include "Fixtures.h"
#include "Losses.h"
#include "Training.h"
#include "Weights/ClipWeights.h"
#include "Weights/Prune.h"
#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace cat;
using namespace cat::torcheval;
using namespace cat::torcheval::test;

static std::string freshLog() {
  const std::string path = ::testing::TempDir() + "/catc-importance.jsonl";
  std::remove(path.c_str());
  return path;
}

static bool goOn(int64_t, int64_t) { return true; }

static double lossOf(const Clip &model, const PairSet &pairs) {
  return contrastiveLoss(logitsPerImage(pairs.encode(model), model.scale())).item<double>();
}

TEST(LeaveOneOut, IsTheLossOfThePrunedModel) {
  // One layer a tower, so that the model without one head has the same number of heads everywhere.
  weights::ClipConfig config = smallConfig();
  config.vision.layers = config.text.layers = 1;
  weights::StateDict weights = weights::randomWeights(config, 4);
  Clip model = *Clip::create(config, weights);
  PairSet pairs = noise(24);
  torch::NoGradGuard noGradients;
  const double base = lossOf(model, pairs);
  Result<weights::Importance> found = leaveOneOut(model, "m", pairs, freshLog(), goOn);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(weights::checkImportance(*found, config), std::nullopt);
  // The model is as it was.
  EXPECT_EQ(model.stateDict(), Clip::create(config, weights)->stateDict());

  for (int64_t head = 0; head < config.text.heads; ++head) {
    weights::Selection kept = weights::selectAll(config);
    kept.text.heads[0].erase(kept.text.heads[0].begin() + head);
    weights::ClipConfig smaller = *weights::configOf(kept, config);
    Clip pruned = *Clip::create(smaller, *weights::prune(weights, config, kept));
    EXPECT_NEAR(found->text.heads[0][head], lossOf(pruned, pairs) - base, 1e-5) << head;
  }
  const int64_t block = config.vision.ffn / kFeedForwardBlocks;
  for (int64_t b = 0; b < kFeedForwardBlocks; ++b) {
    weights::Selection kept = weights::selectAll(config);
    auto begin = kept.vision.ffn[0].begin() + b * block;
    kept.vision.ffn[0].erase(begin, begin + block);
    weights::ClipConfig smaller = *weights::configOf(kept, config);
    Clip pruned = *Clip::create(smaller, *weights::prune(weights, config, kept));
    EXPECT_NEAR(found->vision.ffn[0][b], lossOf(pruned, pairs) - base, 1e-5) << b;
  }
}

TEST(LeaveOneOut, AChannelWithoutEffectIsWorthNothing) {
  Clip model = smallModel();
  torch::NoGradGuard noGradients;
  // Nothing writes to channel 5 of the texts, and its norms let nothing of it through.
  for (const auto &[name, parameter] : model.parameters()) {
    if (name.rfind("visual.", 0) == 0)
      continue;
    torch::Tensor values = parameter;
    if (name == "token_embedding.weight" || name == "positional_embedding")
      values.select(1, 5).zero_();
    else if (name.find("ln_") != std::string::npos || name.find("out_proj") != std::string::npos ||
             name.find("c_proj") != std::string::npos || name == "text_projection")
      values.select(0, 5).zero_();
    else if (name.find("in_proj_weight") != std::string::npos ||
             name.find("c_fc.weight") != std::string::npos)
      values.select(1, 5).zero_();
  }
  Result<weights::Importance> found = leaveOneOut(model, "m", noise(24), freshLog(), goOn);
  ASSERT_TRUE(found) << found.error();
  for (size_t c = 0; c < found->text.width.size(); ++c)
    EXPECT_EQ(found->text.width[c] == 0, c == 5) << c;
}

TEST(LeaveOneOut, GoesOnWhereItStopped) {
  Clip model = smallModel();
  PairSet pairs = noise(16);
  Result<weights::Importance> whole = leaveOneOut(model, "m", pairs, freshLog(), goOn);
  ASSERT_TRUE(whole);

  const std::string log = freshLog();
  int64_t asked = 0;
  auto stopAfterNine = [&](int64_t, int64_t) { return ++asked < 10; };
  Result<weights::Importance> stopped = leaveOneOut(model, "m", pairs, log, stopAfterNine);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error(), kCancelled);
  // A process that is killed may leave half a line.
  std::ofstream(log, std::ios::app) << "{\"without\": \"vis";

  int64_t measured = 0, parts = 0;
  auto count = [&](int64_t, int64_t of) {
    ++measured;
    parts = of;
    return true;
  };
  Result<weights::Importance> resumed = leaveOneOut(model, "m", pairs, log, count);
  ASSERT_TRUE(resumed) << resumed.error();
  EXPECT_EQ(measured, parts - 9);
  EXPECT_EQ(weights::printImportance(*resumed), weights::printImportance(*whole));

  // Another model's losses are no use.
  measured = 0;
  ASSERT_TRUE(leaveOneOut(model, "another", pairs, log, count));
  EXPECT_EQ(measured, parts);
}

TEST(LeaveOneOut, ALogThatCannotBeWrittenIsNamed) {
  Clip model = smallModel();
  Result<weights::Importance> found = leaveOneOut(model, "m", noise(8), "/nowhere/at/all", goOn);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("/nowhere/at/all"), std::string::npos);
}
