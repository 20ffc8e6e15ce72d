//===- PairSet.cpp - Images with their captions, in memory ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairSet.h"
#include "Search/CounterRandom.h"
#include "Support/Check.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <algorithm>
#include <numeric>

using namespace cat;
using namespace cat::torcheval;
using torch::Tensor;

PairSet::PairSet(int64_t side, int64_t context, data::Normalisation normalisation)
    : side_(side), context_(context), normalisation_(std::move(normalisation)) {}

void PairSet::add(const std::vector<uint8_t> &rgb,
                  const std::vector<std::vector<int32_t>> &captions, int64_t label) {
  CATC_CHECK(static_cast<int64_t>(rgb.size()) == side_ * side_ * 3, "an image of the set's size");
  bytes_.insert(bytes_.end(), rgb.begin(), rgb.end());
  for (const std::vector<int32_t> &caption : captions) {
    CATC_CHECK(static_cast<int64_t>(caption.size()) == context_, "a caption of the set's context");
    tokens_.insert(tokens_.end(), caption.begin(), caption.end());
    owner_.push_back(size());
  }
  begin_.push_back(captionCount());
  labels_.push_back(label);
  identity_.clear();
}

const std::string &PairSet::identity() const {
  if (identity_.empty()) {
    llvm::SHA256 hash;
    auto update = [&](const auto &values) {
      hash.update({reinterpret_cast<const uint8_t *>(values.data()),
                   values.size() * sizeof(values.front())});
    };
    update(bytes_);
    update(tokens_);
    update(begin_);
    update(labels_);
    identity_ = llvm::toHex(hash.final(), /*LowerCase=*/true);
  }
  return identity_;
}

Tensor PairSet::normalise(const Tensor &bytes) const {
  Tensor mean = torch::tensor(torch::ArrayRef<float>(normalisation_.mean.data(), 3))
                    .to(bytes.device())
                    .view({1, 3, 1, 1});
  Tensor deviation = torch::tensor(torch::ArrayRef<float>(normalisation_.deviation.data(), 3))
                         .to(bytes.device())
                         .view({1, 3, 1, 1});
  return (bytes.permute({0, 3, 1, 2}).to(torch::kFloat32) / 255 - mean) / deviation;
}

/// A view of `count` rows from row `begin`; bytes that are only read.
template <typename T>
static Tensor rows(const std::vector<T> &values, int64_t begin, std::vector<int64_t> shape,
                   torch::Dtype type) {
  int64_t row = std::accumulate(shape.begin() + 1, shape.end(), int64_t(1), std::multiplies<>());
  return torch::from_blob(const_cast<T *>(values.data()) + begin * row, shape, type);
}

Tensor PairSet::pixels(int64_t begin, int64_t end, torch::Device device) const {
  return normalise(rows(bytes_, begin, {end - begin, side_, side_, 3}, torch::kUInt8).to(device));
}

Tensor PairSet::tokens(int64_t begin, int64_t end, torch::Device device) const {
  return rows(tokens_, begin, {end - begin, context_}, torch::kInt32).to(device, torch::kInt64);
}

PairBatch PairSet::batch(int64_t step, int64_t batch, uint64_t seed, torch::Device device) const {
  batch = std::min(batch, size());
  const int64_t perEpoch = size() / batch, epoch = step / perEpoch;
  if (order_.empty() || orderSeed_ != seed || orderEpoch_ != epoch) {
    order_.resize(size());
    std::iota(order_.begin(), order_.end(), 0);
    search::CounterRandom random(seed, epoch);
    for (int64_t i = size(); i-- > 1;)
      std::swap(order_[i], order_[random.below(i + 1)]);
    orderSeed_ = seed;
    orderEpoch_ = epoch;
  }
  const int64_t *chosen = order_.data() + (step % perEpoch) * batch;
  std::vector<int64_t> images(chosen, chosen + batch), captions;
  // A stream of its own: the order must not depend on the number of captions.
  search::CounterRandom random(~seed, step);
  for (int64_t image : images)
    captions.push_back(begin_[image] + random.below(begin_[image + 1] - begin_[image]));
  PairBatch result;
  result.images = torch::tensor(images);
  result.captions = torch::tensor(captions);
  result.pixels = normalise(rows(bytes_, 0, {size(), side_, side_, 3}, torch::kUInt8)
                                .index_select(0, result.images)
                                .to(device));
  result.tokens = rows(tokens_, 0, {captionCount(), context_}, torch::kInt32)
                      .index_select(0, result.captions)
                      .to(device, torch::kInt64);
  return result;
}

/// Small enough to stay in the caches.
static constexpr int64_t kEncodeBatch = 64;

Tensor PairSet::encodeImages(const Clip &model) const {
  torch::NoGradGuard noGradients;
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < size(); i += kEncodeBatch)
    parts.push_back(
        model.encodeImage(pixels(i, std::min(size(), i + kEncodeBatch), model.device())));
  return torch::cat(parts).to(torch::kCPU);
}

Tensor PairSet::encodeTexts(const Clip &model) const {
  torch::NoGradGuard noGradients;
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < captionCount(); i += kEncodeBatch)
    parts.push_back(
        model.encodeText(tokens(i, std::min(captionCount(), i + kEncodeBatch), model.device())));
  return torch::cat(parts).to(torch::kCPU);
}

PairSet PairSet::first(int64_t images) const {
  PairSet part(side_, context_, normalisation_);
  for (int64_t i = 0; i < std::min(images, size()); ++i) {
    std::vector<std::vector<int32_t>> captions;
    for (int64_t c = begin_[i]; c < begin_[i + 1]; ++c)
      captions.emplace_back(tokens_.begin() + c * context_, tokens_.begin() + (c + 1) * context_);
    const int64_t pixels = side_ * side_ * 3;
    part.add({bytes_.begin() + i * pixels, bytes_.begin() + (i + 1) * pixels}, captions,
             labels_[i]);
  }
  return part;
}
