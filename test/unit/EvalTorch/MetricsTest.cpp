//===- MetricsTest.cpp - Recall, zero-shot accuracy, their errors -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Metrics.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace cat::torcheval;

static torch::Tensor onCircle(const std::vector<double> &degrees) {
  std::vector<torch::Tensor> rows;
  for (double d : degrees)
    rows.push_back(
        torch::tensor({std::cos(d * M_PI / 180), std::sin(d * M_PI / 180)}).to(torch::kFloat32));
  return torch::stack(rows);
}

TEST(Metrics, RetrievalCountsAnyOfAnImagesCaptions) {
  // Image 0 has captions at 40 and 2 degrees, image 1 one at 35: the nearest to image 1 (30) is its
  // own, the caption at 40 is nearer to image 1 than to its own image.
  Features features{onCircle({0, 30}), onCircle({40, 2, 35})};
  Retrieval found = measureRetrieval(features, {0, 0, 1});
  EXPECT_EQ(found.images, 2);
  EXPECT_EQ(found.captions, 3);
  EXPECT_DOUBLE_EQ(found.imageToText[0].value, 1);
  EXPECT_DOUBLE_EQ(found.textToImage[0].value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(found.textToImage[1].value, 1);
  EXPECT_DOUBLE_EQ(found.meanRecall1.value, 5.0 / 6);
}

TEST(Metrics, EqualSimilaritiesAreNoAnswer) {
  torch::Tensor same = torch::ones({20, 4});
  std::vector<int64_t> owner(20);
  for (int64_t i = 0; i < 20; ++i)
    owner[i] = i;
  Retrieval found = measureRetrieval({same, same}, owner);
  EXPECT_EQ(found.meanRecall1.value, 0);
  EXPECT_EQ(found.imageToText[2].value, 0);
  // Nor is what is no number.
  Retrieval broken = measureRetrieval({same * NAN, same}, owner);
  EXPECT_EQ(broken.meanRecall1.value, 0);
}

TEST(Metrics, BlocksMakeNoDifference) {
  torch::manual_seed(1);
  torch::Tensor image = torch::randn({700, 8}), text = image + torch::randn({700, 8});
  std::vector<int64_t> owner(700);
  for (int64_t i = 0; i < 700; ++i)
    owner[i] = i;
  Retrieval found = measureRetrieval({image, text}, owner);
  torch::Tensor a = image / image.norm(2, 1, true), b = text / text.norm(2, 1, true);
  double expected = (torch::matmul(a, b.t()).argmax(1) == torch::arange(700))
                        .to(torch::kFloat64)
                        .mean()
                        .item<double>();
  EXPECT_DOUBLE_EQ(found.imageToText[0].value, expected);
  // A share of independent draws has the binomial's error.
  EXPECT_NEAR(found.imageToText[0].standardError, std::sqrt(expected * (1 - expected) / 699),
              1e-12);
  EXPECT_GT(found.meanRecall1.standardError, found.imageToText[0].standardError / 2);
  EXPECT_LE(found.meanRecall1.standardError, found.imageToText[0].standardError * 1.1);
}

TEST(Metrics, ZeroShotTakesTheNearestClass) {
  torch::Tensor classes = onCircle({0, 90});
  Score score = measureZeroShot(onCircle({10, 80, 30, 60}), classes, {0, 1, 1, -1});
  EXPECT_DOUBLE_EQ(score.value, 2.0 / 3);
  EXPECT_NEAR(score.standardError, std::sqrt(2.0 / 9 / 2), 1e-12);
}
