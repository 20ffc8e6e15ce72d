//===- Metrics.cpp - What is measured of a model --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Metrics.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::torcheval;
using torch::Tensor;

static Tensor normalised(const Tensor &features) {
  return features / features.norm(2, -1, /*keepdim=*/true);
}

/// The mean of what each draw says, and its standard error.
static Score meanOf(const std::vector<double> &draws) {
  const auto n = static_cast<double>(draws.size());
  double sum = 0, squares = 0;
  for (double draw : draws)
    sum += draw;
  const double mean = n > 0 ? sum / n : 0;
  for (double draw : draws)
    squares += (draw - mean) * (draw - mean);
  return {mean, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0};
}

/// For each query the number of wrong candidates that are at least as similar as its best right
/// one. `right(q)` are the positions of the right candidates.
template <typename Right>
static std::vector<int64_t> ranks(const Tensor &queries, const Tensor &candidates, Right right) {
  constexpr int64_t kBlock = 512;
  std::vector<int64_t> result;
  for (int64_t begin = 0; begin < queries.size(0); begin += kBlock) {
    const int64_t end = std::min(queries.size(0), begin + kBlock);
    Tensor block = torch::matmul(queries.slice(0, begin, end), candidates.t()).contiguous();
    const float *row = block.data_ptr<float>();
    for (int64_t q = begin; q < end; ++q, row += candidates.size(0)) {
      const std::vector<int64_t> &answers = right(q);
      float best = row[answers.front()];
      for (int64_t answer : answers)
        best = std::max(best, row[answer]);
      int64_t ahead = std::count_if(row, row + candidates.size(0),
                                    [&](float similarity) { return !(similarity < best); });
      for (int64_t answer : answers)
        ahead -= !(row[answer] < best);
      result.push_back(ahead);
    }
  }
  return result;
}

Retrieval torcheval::measureRetrieval(const Features &features, const std::vector<int64_t> &owner) {
  torch::NoGradGuard noGradients;
  Tensor images = normalised(features.image), texts = normalised(features.text);
  Retrieval result;
  result.images = images.size(0);
  result.captions = texts.size(0);
  CATC_CHECK(result.captions == static_cast<int64_t>(owner.size()), "one owner a caption");
  std::vector<std::vector<int64_t>> captions(result.images), image(result.captions);
  for (int64_t c = 0; c < result.captions; ++c) {
    captions[owner[c]].push_back(c);
    image[c] = {owner[c]};
  }
  std::vector<int64_t> ofImages =
      ranks(images, texts, [&](int64_t q) -> const auto & { return captions[q]; });
  std::vector<int64_t> ofCaptions =
      ranks(texts, images, [&](int64_t q) -> const auto & { return image[q]; });
  for (size_t k = 0; k < kRecallDepths.size(); ++k) {
    auto hits = [&](const std::vector<int64_t> &ahead) {
      std::vector<double> draws;
      for (int64_t wrong : ahead)
        draws.push_back(wrong < kRecallDepths[k]);
      return meanOf(draws);
    };
    result.imageToText[k] = hits(ofImages);
    result.textToImage[k] = hits(ofCaptions);
  }
  // An image that stands for more captions counts for more in one direction: a ratio's error, to
  // first order.
  std::vector<double> draws;
  const double perImage = static_cast<double>(result.captions) / static_cast<double>(result.images);
  for (int64_t i = 0; i < result.images; ++i) {
    double right = 0;
    for (int64_t c : captions[i])
      right += ofCaptions[c] < 1;
    const double excess =
        (right - result.textToImage[0].value * static_cast<double>(captions[i].size())) / perImage;
    draws.push_back((static_cast<double>(ofImages[i] < 1) + excess) / 2);
  }
  result.meanRecall1 = {(result.imageToText[0].value + result.textToImage[0].value) / 2,
                        meanOf(draws).standardError};
  return result;
}

Score torcheval::measureZeroShot(const Tensor &imageFeatures, const Tensor &classes,
                                 const std::vector<int64_t> &labels) {
  torch::NoGradGuard noGradients;
  Tensor chosen = torch::matmul(normalised(imageFeatures), classes.t()).argmax(1);
  std::vector<double> draws;
  for (size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0)
      draws.push_back(chosen[static_cast<int64_t>(i)].item<int64_t>() == labels[i]);
  return meanOf(draws);
}

Tensor torcheval::zeroShotClasses(const Clip &model, const Tensor &prompts, int64_t templates) {
  torch::NoGradGuard noGradients;
  Tensor each = normalised(model.encodeText(prompts.to(model.device()))).to(torch::kCPU);
  return normalised(each.view({-1, templates, each.size(1)}).mean(1));
}
