//===- PruneTest.cpp - Cut a CLIP model down ------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Prune.h"
#include "ClipReference.h"
#include "Fixture.h"
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::weights;
using namespace cat::weights::test;
using ::testing::HasSubstr;

namespace {

class Prune : public testing::Test {
protected:
  /// The complaint about a selection.
  std::string complaint(const Selection &selection) {
    Result<StateDict> pruned = prune(weights, config, selection);
    return pruned ? "accepted" : pruned.error();
  }

  /// What the parent computes once parts are as good as removed: their output is silenced.
  StateDict silenced(const std::string &name, size_t axis, const Indices &indices) {
    StateDict result = weights;
    Tensor &tensor = result.at(name);
    int64_t columns = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
    for (int64_t i = 0; i < tensor.elementCount(); ++i) {
      int64_t index = axis == 0 ? i / columns : i % columns;
      if (std::find(indices.begin(), indices.end(), index) != indices.end())
        tensor.data<float>()[i] = 0;
    }
    return result;
  }

  void expectSameFunction(const StateDict &a, const StateDict &b) {
    ClipReference first(a, config.vision.headDim, config.text.headDim, config.activation),
        second(b, config.vision.headDim, config.text.headDim, config.activation);
    Tensor images = someImages(config, 2, 1), tokens = someTokens(config, 2, 1);
    EXPECT_LT(distance(first.imageFeatures(images), second.imageFeatures(images)), 1e-12);
    EXPECT_LT(distance(first.textFeatures(tokens), second.textFeatures(tokens)), 1e-12);
  }

  ClipConfig config = smallConfig();
  StateDict weights = roughWeights(config, 3);
  Selection all = selectAll(config);
};

} // namespace

TEST_F(Prune, KeepingEverythingChangesNothing) {
  Result<StateDict> pruned = prune(weights, config, all);
  ASSERT_TRUE(pruned) << pruned.error();
  EXPECT_EQ(*pruned, weights);
  EXPECT_EQ(*configOf(all, config), config);
}

TEST_F(Prune, HasTheSizesOfTheSelection) {
  Selection selection = all;
  selection.vision = {{0, 2}, {{1}, {0}}, {{0, 3, 5}, {1, 2, 7}}, {0, 1, 4, 5, 7}};
  selection.text = {{1}, {{0, 2}}, {{8}}, {2, 3}};
  Result<ClipConfig> sizes = configOf(selection, config);
  ASSERT_TRUE(sizes) << sizes.error();
  EXPECT_EQ(sizes->vision, (TowerConfig{2, 5, 1, 4, 3}));
  EXPECT_EQ(sizes->text, (TowerConfig{1, 2, 2, 4, 1}));
  Result<StateDict> pruned = prune(weights, config, selection);
  ASSERT_TRUE(pruned) << pruned.error();
  EXPECT_EQ(checkWeights(*pruned, *sizes), std::nullopt);
  // One element followed by hand: row 2, column 4 of layer 2 becomes row 1, column 2 of layer 1.
  const Tensor &from = weights.at("visual.transformer.resblocks.2.mlp.c_fc.weight"),
               &to = pruned->at("visual.transformer.resblocks.1.mlp.c_fc.weight");
  EXPECT_EQ(to.data<float>()[1 * 5 + 2], from.data<float>()[2 * 8 + 4]);
}

TEST_F(Prune, ARemovedHeadIsOneThatSaysNothing) {
  Selection selection = all;
  selection.text.heads[1] = {0, 2};
  Result<StateDict> pruned = prune(weights, config, selection);
  ASSERT_TRUE(pruned) << pruned.error();
  expectSameFunction(*pruned,
                     silenced("transformer.resblocks.1.attn.out_proj.weight", 1, {4, 5, 6, 7}));
  // Layers with different numbers of heads are no ClipConfig.
  EXPECT_THAT(configOf(selection, config).error(), HasSubstr("text.heads keeps different"));
}

TEST_F(Prune, ARemovedNeuronIsOneThatSaysNothing) {
  Selection selection = all;
  selection.vision.ffn[2] = {0, 1, 2, 4, 5, 7, 8, 9, 10, 11};
  Result<StateDict> pruned = prune(weights, config, selection);
  ASSERT_TRUE(pruned) << pruned.error();
  expectSameFunction(*pruned,
                     silenced("visual.transformer.resblocks.2.mlp.c_proj.weight", 1, {3, 6}));
}

TEST_F(Prune, ARemovedLayerIsOneThatAddsNothing) {
  Selection selection = all;
  selection.vision.layers = {0, 2};
  selection.vision.heads.pop_back();
  selection.vision.ffn.pop_back();
  Result<StateDict> pruned = prune(weights, config, selection);
  ASSERT_TRUE(pruned) << pruned.error();
  StateDict idle = weights;
  for (const char *name :
       {"attn.out_proj.weight", "attn.out_proj.bias", "mlp.c_proj.weight", "mlp.c_proj.bias"}) {
    Tensor &tensor = idle.at(std::string("visual.transformer.resblocks.1.") + name);
    tensor = makeZeros(tensor.dtype, tensor.shape);
  }
  expectSameFunction(*pruned, idle);
}

TEST_F(Prune, KeepsTheTypeOfEachTensor) {
  for (auto &[name, tensor] : weights)
    tensor = makeFloat(tensor.shape, tensor.floats(), DType::BF16);
  Selection selection = all;
  selection.text.width = {1, 2, 3};
  Result<StateDict> pruned = prune(weights, config, selection);
  ASSERT_TRUE(pruned) << pruned.error();
  EXPECT_EQ(pruned->at("ln_final.weight").dtype, DType::BF16);
  EXPECT_EQ(pruned->at("ln_final.weight").data<uint16_t>()[2],
            weights.at("ln_final.weight").data<uint16_t>()[3]);
}

TEST_F(Prune, ComplaintsNameThePartOfTheSelection) {
  Selection bad = all;
  bad.vision.width = {0, 8};
  EXPECT_EQ(complaint(bad), "vision.width keeps 8 of 0 to 7");
  bad = all;
  bad.text.heads[1] = {1, 0};
  EXPECT_EQ(complaint(bad), "text.heads[1] keeps 0 after 1; indices must ascend");
  bad.text.heads[1] = {1, 1};
  EXPECT_EQ(complaint(bad), "text.heads[1] keeps 1 after 1; indices must ascend");
  bad.text.heads[1] = {-1};
  EXPECT_EQ(complaint(bad), "text.heads[1] keeps -1 of 0 to 2");
  bad.text.heads[1] = {};
  EXPECT_EQ(complaint(bad), "text.heads[1] keeps nothing");
  bad.text.heads.pop_back();
  EXPECT_EQ(complaint(bad), "text.heads has 1 lists for 2 layers");
  bad = all;
  bad.vision.layers = {0, 1, 3};
  EXPECT_EQ(complaint(bad), "vision.layers keeps 3 of 0 to 2");
  weights.erase("visual.proj");
  EXPECT_EQ(complaint(all), "lacks 'visual.proj'");
}

TEST_F(Prune, SelectionsReadBack) {
  Selection selection = all;
  selection.vision = {{0, 2}, {{1}, {0}}, {{0, 3, 5}, {1, 2, 7}}, {0, 1, 4, 5, 7}};
  Result<Selection> back = parseSelection("s.json", printSelection(selection));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(*back, selection);
  EXPECT_EQ(parseSelection("s.json", "{}").error(), "s.json: lacks \"schema\"");
  EXPECT_EQ(parseSelection("s.json", "{").error().substr(0, 11), "s.json:1:2:");
  EXPECT_EQ(parseSelection("s.json", R"({"schema": "catc.selection/1",
      "vision": {"layers": [0, "x"]}})")
                .error(),
            "s.json: vision.layers[1]: expected whole number");
}

TEST_F(Prune, ChoosesTheBestWithTiesByIndex) {
  ClipConfig target = config;
  target.vision = {2, 4, 1, 4, 5};
  Importance importance;
  importance.vision.layers = {1, 3, 3};
  importance.vision.width = {0, 1, 1, 1, 1, 1, 1, 2};
  importance.vision.heads = {{9, 9}, {1, 2}, {2, 2}};
  importance.vision.ffn = {{1, 2, 3}, {1, 2, 3}, {3, 2, 2}}; // blocks of four
  Result<Selection> selection = selectByImportance(config, target, importance);
  ASSERT_TRUE(selection) << selection.error();
  EXPECT_EQ(selection->vision.layers, (Indices{1, 2}));
  EXPECT_EQ(selection->vision.width, (Indices{1, 2, 3, 7}));
  EXPECT_EQ(selection->vision.heads, (std::vector<Indices>{{1}, {0}}));
  EXPECT_EQ(selection->vision.ffn, (std::vector<Indices>{{4, 8, 9, 10, 11}, {0, 1, 2, 3, 4}}));
  EXPECT_EQ(selection->text, all.text);
  Result<ClipConfig> sizes = configOf(*selection, config);
  ASSERT_TRUE(sizes) << sizes.error();
  EXPECT_EQ(*sizes, target);
}

TEST_F(Prune, ImpossibleTargetsAreNamed) {
  Importance leading = leadingImportance(config);
  auto refusal = [&](const ClipConfig &target) {
    Result<Selection> selection = selectByImportance(config, target, leading);
    return selection ? "accepted" : selection.error();
  };
  EXPECT_EQ(refusal(config), "accepted");
  ClipConfig target = config;
  target.vision.layers = 4;
  EXPECT_EQ(refusal(target), "vision.layers: the unpruned model has 3, not 4");
  target = config;
  target.text.ffn = 0;
  EXPECT_EQ(refusal(target), "text.ffn: nothing would be left");
  target = config;
  target.text.headDim = 2;
  EXPECT_THAT(refusal(target), HasSubstr("does not change the size of a head"));
  target = config;
  target.vocab = 5;
  EXPECT_THAT(refusal(target), HasSubstr("vocab"));
  target = config;
  target.text.heads = 1;
  leading.text.heads.clear();
  EXPECT_EQ(refusal(target), "text.heads: there are no scores to choose 1 of 3 by");
  leading.text.layers = {1};
  EXPECT_EQ(refusal(config), "importance of text.layers has 1 scores for 2");
  leading.text.layers = {1, std::nan("")};
  EXPECT_EQ(refusal(config), "importance of text.layers[1] is no finite number");
  leading.text.layers = {};
  leading.text.ffn[0] = {1, 2, 3, 4, 5, 6};
  EXPECT_THAT(refusal(config), HasSubstr("text.ffn[0] has 6 scores for 9 neurons"));
}

TEST_F(Prune, LeadingPartsAreTheFirst) {
  ClipConfig target = config;
  target.vision = {1, 3, 1, 4, 2};
  Result<Selection> selection = selectByImportance(config, target, leadingImportance(config));
  ASSERT_TRUE(selection) << selection.error();
  EXPECT_EQ(selection->vision, (TowerSelection{{0}, {{0}}, {{0, 1}}, {0, 1, 2}}));
}

TEST_F(Prune, MagnitudeFindsThePartsThatWereMadeSmall) {
  StateDict faint = weights;
  auto shrink = [&](const std::string &name, auto isFaint) {
    Tensor &tensor = faint.at(name);
    int64_t columns = tensor.shape.size() > 1 ? tensor.elementCount() / tensor.shape[0] : 1;
    for (int64_t i = 0; i < tensor.elementCount(); ++i)
      if (isFaint(i / columns, i % columns))
        tensor.data<float>()[i] *= 0.01f;
  };
  std::string layer = "visual.transformer.resblocks.1.";
  shrink(layer + "attn.in_proj_weight", [](int64_t r, int64_t) { return r % 8 >= 4; });
  shrink(layer + "attn.in_proj_bias", [](int64_t r, int64_t) { return r % 8 >= 4; });
  shrink(layer + "attn.out_proj.weight", [](int64_t, int64_t c) { return c >= 4; });
  shrink(layer + "mlp.c_fc.weight", [](int64_t r, int64_t) { return r == 7; });
  shrink(layer + "mlp.c_fc.bias", [](int64_t r, int64_t) { return r == 7; });
  shrink(layer + "mlp.c_proj.weight", [](int64_t, int64_t c) { return c == 7; });
  Importance importance = magnitudeImportance(faint, config);
  EXPECT_EQ(checkImportance(importance, config), std::nullopt);
  EXPECT_LT(importance.vision.heads[1][1] * 10, importance.vision.heads[1][0]);
  for (size_t i : {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11})
    EXPECT_LT(importance.vision.ffn[1][7] * 5, importance.vision.ffn[1][i]);
  // The norm of a layer by hand.
  double squares = 0;
  for (const char *name :
       {"attn.in_proj_weight", "attn.out_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight"})
    for (double v : faint.at("transformer.resblocks.0." + std::string(name)).doubles())
      squares += v * v;
  EXPECT_NEAR(importance.text.layers[0], std::sqrt(squares), 1e-12);
}

TEST_F(Prune, ImportanceReadsBackTheSameBits) {
  Importance importance = magnitudeImportance(weights, config);
  importance.source = "a \"source\"";
  Result<Importance> back = parseImportance("i.json", printImportance(importance));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->source, importance.source);
  EXPECT_EQ(back->vision.layers, importance.vision.layers);
  EXPECT_EQ(back->vision.heads, importance.vision.heads);
  EXPECT_EQ(back->text.ffn, importance.text.ffn);
  EXPECT_EQ(back->text.width, importance.text.width);
  EXPECT_EQ(parseImportance("i.json", R"({"schema": "x"})").error(),
            "i.json: schema: expected \"catc.importance/1\"");
}
