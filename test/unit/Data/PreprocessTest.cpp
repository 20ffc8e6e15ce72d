//===- PreprocessTest.cpp - From pictures to a vision tower's input -------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Preprocess.h"
#include "DataFixture.h"
#include "Weights/Safetensors.h"
#include "gtest/gtest.h"
#include <cstdlib>

using namespace cat;
using namespace cat::data;
using namespace cat::data::test;

namespace {

Image imageOf(const weights::Tensor &tensor) {
  Image image{tensor.shape[1], tensor.shape[0], {}};
  for (std::byte byte : tensor.bytes)
    image.rgb.push_back(static_cast<uint8_t>(byte));
  return image;
}

} // namespace

TEST(PreprocessTest, ConstantPicturesStay) {
  Image image{9, 4, std::vector<uint8_t>(9 * 4 * 3, 77)};
  for (auto [width, height] : {std::pair{20, 3}, {3, 20}, {9, 4}, {1, 1}, {100, 100}}) {
    Image out = resize(image, width, height);
    EXPECT_EQ(out.width, width);
    EXPECT_EQ(out.height, height);
    EXPECT_EQ(out.rgb, std::vector<uint8_t>(static_cast<size_t>(width * height * 3), 77));
  }
}

// Rows of grey, made with Pillow and compared with its result.
TEST(PreprocessTest, EqualsPillow) {
  auto grey = [](const std::vector<int> &levels) {
    Image image{static_cast<int64_t>(levels.size()), 1, {}};
    for (int level : levels)
      image.rgb.insert(image.rgb.end(), 3, static_cast<uint8_t>(level));
    return image;
  };
  Image in = grey({0, 10, 200, 255, 255, 0, 3, 90});
  EXPECT_EQ(resize(in, 3, 1).rgb, grey({66, 205, 35}).rgb);
  EXPECT_EQ(resize(in, 5, 1).rgb, grey({0, 160, 255, 33, 51}).rgb);
  EXPECT_EQ(resize(in, 13, 1).rgb, grey({0, 0, 14, 137, 226, 252, 255, 236, 57, 0, 1, 57, 96}).rgb);
}

TEST(PreprocessTest, ResizesTheShorterSide) {
  auto size = [](int64_t width, int64_t height, int64_t to) {
    Image out = resizeShortest(gradient(width, height), to);
    return std::pair(out.width, out.height);
  };
  EXPECT_EQ(size(70, 48, 32), std::pair(int64_t(46), int64_t(32)));
  EXPECT_EQ(size(20, 31, 32), std::pair(int64_t(32), int64_t(49)));
  EXPECT_EQ(size(5, 5, 8), std::pair(int64_t(8), int64_t(8)));
}

TEST(PreprocessTest, CropsTheCentreAsPythonRounds) {
  // Offsets 0.5, 1.5, 2.5 and 1 become 0, 2, 2 and 1.
  for (auto [width, left] : {std::pair{5, 0}, {7, 2}, {9, 2}, {6, 1}}) {
    Image image = gradient(width, 4);
    Image out = centreCrop(image, 4);
    EXPECT_EQ(out.width, 4);
    EXPECT_EQ(out.rgb[0], image.rgb[left * 3]) << width;
  }
}

TEST(PreprocessTest, NormalisesByChannel) {
  Image image{2, 1, {0, 255, 51, 255, 0, 102}};
  std::vector<float> planes(6);
  toPlanes(image, {{0.5f, 0.25f, 0}, {0.5f, 1, 2}}, planes.data());
  EXPECT_EQ(planes, (std::vector<float>{-1, 1, 0.75f, -0.25f, 0.1f, 0.2f}));
  EXPECT_EQ(preprocess(gradient(40, 30), 8).size(), 3u * 8 * 8);
}

TEST(PreprocessReferences, EqualsPillowAndTorchvision) {
  CATC_REFERENCE_OR_SKIP(path, "torch/preprocess.safetensors");
  Result<weights::TensorFile> file = weights::readSafetensors(*path);
  ASSERT_TRUE(file) << file.error();
  int count = 0;
  for (const auto &[name, tensor] : file->tensors) {
    size_t end = name.rfind(".in_hwc_u8");
    if (end == name.npos)
      continue;
    SCOPED_TRACE(name);
    ++count;
    std::string stem = name.substr(0, end);
    Image image = imageOf(tensor);
    Image expected = imageOf(file->tensors.at(stem + ".resized_u8"));
    Image resized = resizeShortest(image, std::min(expected.width, expected.height));
    ASSERT_EQ(resized.width, expected.width);
    ASSERT_EQ(resized.height, expected.height);
    EXPECT_EQ(resized.rgb, expected.rgb);
    const weights::Tensor &planes = file->tensors.at(stem + ".out_chw_f32");
    std::vector<float> out = preprocess(image, planes.shape[1]), reference = planes.floats();
    ASSERT_EQ(out.size(), reference.size());
    for (size_t i = 0; i < out.size(); ++i)
      ASSERT_NEAR(out[i], reference[i], 1e-6) << i;
  }
  EXPECT_GT(count, 0);
}
