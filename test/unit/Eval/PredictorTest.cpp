//===- PredictorTest.cpp - Accuracy estimated from published results ------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Predictor.h"
#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

using namespace cat::eval;
using testing::HasSubstr;

namespace {

double logit(double p) { return std::log(p / (1 - p)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// A parent of 1,000,000 MACs a tower; one published model, on which the fit was made.
PredictorData someData() {
  PredictorData data;
  data.name = "test";
  data.metric = "Test top-1";
  data.source = "a fit";
  data.constant = 0.1;
  data.sigmaInside = 0.01;
  data.sigmaOutside = 0.03;
  data.sigmaPublished = 0.002;
  data.sigmaRecipe = 0.04;
  data.shapeDimensions = {"depth", "width"};
  data.shapePrior = 0.5;
  data.towers = {{"left", 0.2, 0.25, 0.8}, {"right", 0.4, 0.25, 0.8}};
  Sizes whole = {{"depth", 12}, {"width", 512}};
  ParentModel parent;
  parent.name = "big";
  parent.checkpoint = "weights";
  parent.calibrated = true;
  parent.accuracy = 0.7;
  parent.source = "a table";
  parent.towers = {{"left", whole}, {"right", whole}};
  data.parents = {parent};
  PublishedModel model;
  model.name = "small";
  model.parent = "big";
  model.accuracy = 0.55;
  model.source = "another table";
  model.calibration = true;
  model.towers = {{"left", {{"depth", 6}}}, {"right", {{"depth", 6}}}};
  data.published = {model};
  return data;
}

SegmentShape tower(double depth, double width, int64_t macs) {
  return {macs, {{"depth", depth}, {"width", width}, {"tokens", 77}}};
}

ModelShape someParent() {
  return {{"left", tower(12, 512, 1000000)}, {"right", tower(12, 512, 1000000)}};
}

Predictor made(const PredictorData &data, const ModelShape &parent = someParent()) {
  auto result = Predictor::create(data, "weights", parent);
  if (auto *error = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *error;
    throw std::runtime_error(*error);
  }
  return std::get<Predictor>(result);
}

std::string failure(const PredictorData &data, const std::string &checkpoint = "weights",
                    const ModelShape &parent = someParent()) {
  auto result = Predictor::create(data, checkpoint, parent);
  auto *error = std::get_if<std::string>(&result);
  return error ? *error : "created";
}

} // namespace

TEST(Predictor, FollowsTheFit) {
  Predictor predictor = made(someData());
  EXPECT_EQ(predictor.metric(), "Test top-1");
  Prediction p = predictor.predict(
      {{"left", tower(9, 384, 500000)}, {"right", tower(9, 384, 400000)}, {"other", {}}});
  EXPECT_DOUBLE_EQ(p.value, logistic(logit(0.7) + 0.1 + 0.2 * std::log(0.5) + 0.4 * std::log(0.4)));
  EXPECT_EQ(p.source, "a fit");
  EXPECT_EQ(p.noise, 0);
  EXPECT_FALSE(p.extrapolated);
  // All dimensions shrink alike, within the calibrated range.
  EXPECT_DOUBLE_EQ(p.sigma, 0.01);
}

TEST(Predictor, ReturnsMeasuredValues) {
  Predictor predictor = made(someData());
  Prediction parent = predictor.predict(someParent());
  EXPECT_EQ(parent.value, 0.7); // without the constant, which is for pruned models
  EXPECT_EQ(parent.sigma, 0.002);
  EXPECT_EQ(parent.source, "published: big, a table");
  EXPECT_FALSE(parent.extrapolated);

  ModelShape small = {{"left", tower(6, 512, 500000)}, {"right", tower(6, 512, 500000)}};
  Prediction published = predictor.predict(small);
  EXPECT_EQ(published.value, 0.55);
  EXPECT_EQ(published.source, "published: small, another table");
  EXPECT_NE(predictor.fitted(small).value, 0.55);

  // One size differs, also one that the published model does not name: another model.
  small["right"].sizes["tokens"] = 76;
  EXPECT_EQ(predictor.predict(small).source, "a fit");
}

TEST(Predictor, SigmaWidensOutsideTheCalibratedMacs) {
  Predictor predictor = made(someData());
  auto at = [&](int64_t left) {
    return predictor.predict({{"left", tower(9, 384, left)}, {"right", tower(9, 384, 500000)}});
  };
  EXPECT_DOUBLE_EQ(at(250000).sigma, 0.01);
  EXPECT_NEAR(at(249000).sigma, 0.01, 1e-5);  // smooth at the border
  EXPECT_NEAR(at(125000).sigma, 0.03, 1e-12); // a factor of two beyond
  EXPECT_GT(at(60000).sigma, 0.03);
  EXPECT_GT(at(900000).sigma, 0.01);
  EXPECT_FALSE(at(250000).extrapolated);
  EXPECT_TRUE(at(249000).extrapolated);
  EXPECT_TRUE(at(900000).extrapolated);
}

TEST(Predictor, ShapesAwayFromTheCalibrationWidenSigmaAlone) {
  PredictorData data = someData();
  ModelShape wide = {{"left", tower(9, 384, 500000)}, {"right", tower(12, 256, 500000)}};
  Prediction p = made(data).predict(wide);
  // The mix of the right tower: ln(1), ln(1/2) less their mean; the nearest calibration mix is the
  // parent's.
  double distance = std::sqrt(2) * std::log(2) / 2;
  double slope = p.value * (1 - p.value);
  EXPECT_DOUBLE_EQ(p.sigma, std::hypot(0.01, slope * 0.5 * 0.4 * distance));
  data.shapePrior = 0;
  EXPECT_EQ(made(data).predict(wide).value, p.value);
  EXPECT_EQ(made(data).predict(wide).sigma, 0.01);

  // The published model halved its depth alone, so that mix is known.
  data = someData();
  ModelShape deep = {{"left", tower(9, 384, 500000)}, {"right", tower(6, 512, 400000)}};
  EXPECT_NEAR(made(data).predict(deep).sigma, 0.01, 1e-12);
  data.published[0].calibration = false;
  EXPECT_GT(made(data).predict(deep).sigma, 0.02);
}

TEST(Predictor, AnotherRecipeWidensSigma) {
  PredictorData data = someData();
  data.parents[0].calibrated = false;
  ModelShape model = {{"left", tower(9, 384, 500000)}, {"right", tower(9, 384, 400000)}};
  EXPECT_DOUBLE_EQ(made(data).predict(model).sigma, std::hypot(0.01, 0.04));
}

TEST(Predictor, FlagsDimensionsBelowHalf) {
  Predictor predictor = made(someData());
  auto flagged = [&](double depth, double width) {
    return predictor
        .predict({{"left", tower(depth, width, 500000)}, {"right", tower(9, 384, 500000)}})
        .extrapolated;
  };
  EXPECT_FALSE(flagged(6, 256));
  EXPECT_TRUE(flagged(5, 256));
  EXPECT_TRUE(flagged(6, 255));
  EXPECT_TRUE(flagged(13, 512)); // larger than the parent: not pruned from it
}

TEST(Predictor, TermsCombineToTheSameBits) {
  Predictor predictor = made(someData());
  ASSERT_EQ(predictor.segments(), (std::vector<std::string>{"left", "right"}));
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i) {
    auto some = [&] {
      return tower(4 + random() % 9, 128 + 32 * (random() % 13), 100000 + random() % 900000);
    };
    ModelShape model = {{"left", some()}, {"right", some()}};
    SegmentTerm terms[2] = {predictor.segmentTerm(0, model["left"]),
                            predictor.segmentTerm(1, model["right"])};
    Prediction a = predictor.predict(model), b = predictor.combine(terms);
    EXPECT_EQ(std::memcmp(&a.value, &b.value, sizeof a.value), 0);
    EXPECT_EQ(std::memcmp(&a.sigma, &b.sigma, sizeof a.sigma), 0);
    EXPECT_EQ(a.extrapolated, b.extrapolated);
    EXPECT_EQ(a.source, b.source);
  }
}

TEST(Predictor, RefusesUnknownParents) {
  EXPECT_EQ(failure(someData(), "other"),
            "predictor 'test' knows no accuracy of checkpoint 'other'; it knows 'weights' (big)");
  ModelShape parent = someParent();
  parent["left"].sizes["depth"] = 10;
  EXPECT_EQ(
      failure(someData(), "weights", parent),
      "predictor 'test' knows no accuracy of checkpoint 'weights' for a model of these sizes; "
      "it knows 'weights' (big)");
}

TEST(Predictor, RefusesDataThatContradictsItself) {
  auto with = [](auto change) {
    PredictorData data = someData();
    change(data);
    return failure(data);
  };
  EXPECT_THAT(with([](PredictorData &d) { d.towers.clear(); }), HasSubstr("has no tower"));
  EXPECT_THAT(with([](PredictorData &d) { d.towers[0].macsLow = 0; }), HasSubstr("macs_low"));
  EXPECT_THAT(with([](PredictorData &d) { d.sigmaInside = -1; }),
              HasSubstr("'sigma' must not be negative"));
  EXPECT_THAT(with([](PredictorData &d) { d.sigmaOutside = 0.001; }),
              HasSubstr("'sigma_outside' must not be below 'sigma'"));
  EXPECT_THAT(with([](PredictorData &d) { d.parents[0].accuracy = 70; }),
              HasSubstr("the accuracy of 'big' must lie between 0 and 100 %"));
  EXPECT_THAT(with([](PredictorData &d) { d.published[0].parent = "bog"; }),
              HasSubstr("'small' has an unknown parent 'bog'"));
  EXPECT_THAT(with([](PredictorData &d) { d.towers[0].segment = "middle"; }),
              HasSubstr("needs a model with a tower 'middle'"));
  EXPECT_THAT(with([](PredictorData &d) { d.shapeDimensions = {"girth"}; }),
              HasSubstr("needs a size 'girth' of tower 'left'"));
  EXPECT_THAT(with([](PredictorData &d) { d.published.resize(64, d.published[0]); }),
              HasSubstr("more than 63 published models"));
}
