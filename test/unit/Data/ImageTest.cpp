//===- ImageTest.cpp - Decode JPEG and PNG --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Image.h"
#include "DataFixture.h"
#include "Weights/Safetensors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cstdio>
#include <cstdlib>
// After <cstdio>, which it needs.
#include <jpeglib.h>

using namespace cat;
using namespace cat::data;
using namespace cat::data::test;
using testing::HasSubstr;

namespace {

std::string error(std::string_view bytes) {
  Result<Image> image = decodeImage(bytes);
  return image ? std::string("decoded") : image.error();
}

/// Every byte given as hexadecimal text.
std::string bytesOf(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

} // namespace

TEST(ImageTest, PngReadsBackWhatWasWritten) {
  Image image = gradient(7, 5);
  Result<Image> back = decodeImage(encodePng(image));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->width, 7);
  EXPECT_EQ(back->height, 5);
  EXPECT_EQ(back->rgb, image.rgb);
}

// Three pixels each: red, green, blue; or black, grey, white.
TEST(ImageTest, PngOfOtherKindsBecomesRgb) {
  auto rgb = [](const char *hex) {
    Result<Image> image = decodeImage(bytesOf(hex));
    EXPECT_TRUE(image) << image.error();
    return image ? image->rgb : std::vector<uint8_t>();
  };
  // palette with a transparent entry
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d49484452000000030000000108030000002c3ee48600000009504c5445ff"
          "000000ff000000ff2d4acd8a0000000174524e530040e6d8660000000c4944415478da63606064020000"
          "080004081d630a0000000049454e44ae426082"),
      testing::ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255));
  // palette of two bits
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d4948445200000003000000010203000000668efc2700000009504c5445ff"
          "000000ff000000ff2d4acd8a0000000a4944415478da63900000001a001980008ebb0000000049454e44"
          "ae426082"),
      testing::ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255));
  // grey
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d49484452000000030000000108000000003e8b4b680000000c4944415478"
          "da636068f80f00020301801a9c263b0000000049454e44ae426082"),
      testing::ElementsAre(0, 0, 0, 128, 128, 128, 255, 255, 255));
  // grey of one bit
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d4948445200000003000000010100000000339b29190000000a4944415478"
          "da63500000002200214e671d860000000049454e44ae426082"),
      testing::ElementsAre(0, 0, 0, 0, 0, 0, 255, 255, 255));
  // grey with transparency
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d4948445200000003000000010804000000b1e9dc3f0000000f4944415478"
          "da6360606810f8ff1f000534028f338e23fe0000000049454e44ae426082"),
      testing::ElementsAre(0, 0, 0, 128, 128, 128, 255, 255, 255));
  // colour with transparency
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d49484452000000030000000108060000001be014b4000000124944415478"
          "da63f8cf0004ff190480c47f001647040dc6af81530000000049454e44ae426082"),
      testing::ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255));
  // colour of 16 bits
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d4948445200000003000000011002000000c4125fa0000000154944415478"
          "da63f82fc40002f5ff1bc034c3ffff002a1b050eb67c0d3a0000000049454e44ae426082"),
      testing::ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255));
  // interlaced
  EXPECT_THAT(
      rgb("89504e470d0a1a0a0000000d4948445200000003000000010802000001e385b3750000000f4944415478"
          "da63f8cf0002ff41080011fa02fe7cca820e0000000049454e44ae426082"),
      testing::ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255));
}

TEST(ImageTest, JpegIsReadWithinItsLoss) {
  Image image = gradient(32, 24);
  Result<Image> back = decodeImage(encodeJpeg(image));
  ASSERT_TRUE(back) << back.error();
  ASSERT_EQ(back->rgb.size(), image.rgb.size());
  for (size_t i = 0; i < image.rgb.size(); ++i)
    EXPECT_NEAR(back->rgb[i], image.rgb[i], 12);
}

TEST(ImageTest, GreyJpegBecomesRgb) {
  Result<Image> back = decodeImage(encodeJpeg(gradient(16, 16), 1));
  ASSERT_TRUE(back) << back.error();
  for (size_t i = 0; i < back->rgb.size(); i += 3)
    EXPECT_TRUE(back->rgb[i] == back->rgb[i + 1] && back->rgb[i] == back->rgb[i + 2]);
}

TEST(ImageTest, RefusesByName) {
  EXPECT_THAT(error(encodeJpeg(gradient(16, 16), 4)), HasSubstr("a CMYK picture"));
  EXPECT_THAT(error(std::string_view("RIFF\0\0\0\0WEBPVP8 ", 16)), HasSubstr("a WebP picture"));
  EXPECT_THAT(error("GIF89a"), HasSubstr("a GIF picture"));
  EXPECT_EQ(error(""), "an empty picture");
  EXPECT_EQ(error("<html>"), "neither JPEG nor PNG");
  EXPECT_EQ(error("RIF"), "neither JPEG nor PNG");
  EXPECT_THAT(error(std::string_view("\0\0\0\x1C"
                                     "ftypavif",
                                     12)),
              HasSubstr("an AVIF or HEIC"));
}

TEST(ImageTest, DamageIsAnError) {
  std::string jpeg = encodeJpeg(gradient(64, 64)), png = encodePng(gradient(64, 64));
  ASSERT_EQ(error(jpeg), "decoded");
  for (size_t length : {size_t(3), size_t(20), jpeg.size() / 2, jpeg.size() - 2})
    EXPECT_THAT(error(jpeg.substr(0, length)), HasSubstr("JPEG: ")) << length;
  for (size_t length : {size_t(8), size_t(20), png.size() / 2, png.size() - 13})
    EXPECT_THAT(error(png.substr(0, length)), HasSubstr("PNG: ")) << length;
  std::string broken = png;
  broken[broken.size() / 2] ^= 0x55;
  EXPECT_THAT(error(broken), HasSubstr("PNG: "));
  std::string huge = png;
  huge.replace(16, 8, std::string_view("\0\x0F\0\0\0\x0F\0\0", 8)); // width and height
  EXPECT_THAT(error(huge), HasSubstr("PNG: "));                     // its checksum is wrong, too
}

TEST(ImageReferences, JpegEqualsPillow) {
  CATC_REFERENCE_OR_SKIP(path, "torch/preprocess.safetensors");
  Result<weights::TensorFile> file = weights::readSafetensors(*path);
  ASSERT_TRUE(file) << file.error();
  int count = 0;
  for (const auto &[name, tensor] : file->tensors) {
    size_t end = name.rfind(".bytes");
    if (end == name.npos)
      continue;
    ++count;
    const weights::Tensor &expected = file->tensors.at(name.substr(0, end) + ".decoded_hwc_u8");
    Result<Image> image =
        decodeImage({reinterpret_cast<const char *>(tensor.bytes.data()), tensor.bytes.size()});
    ASSERT_TRUE(image) << name << ": " << image.error();
    EXPECT_EQ(image->height, expected.shape[0]);
    EXPECT_EQ(image->width, expected.shape[1]);
    ASSERT_EQ(image->rgb.size(), expected.bytes.size());
    for (size_t i = 0; i < image->rgb.size(); ++i)
      ASSERT_LE(std::abs(image->rgb[i] - static_cast<int>(expected.bytes[i])), 1) << name;
  }
  EXPECT_GT(count, 0);
}
