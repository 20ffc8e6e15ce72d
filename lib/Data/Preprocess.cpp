//===- Preprocess.cpp - From pictures to a vision tower's input -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Preprocess.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>

using namespace cat;
using namespace cat::data;

namespace {

constexpr int kPrecision = 32 - 8 - 2;

/// Keys' cubic (1981) with a = -0.5.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// Which pixels make one of the result, and with what weights: out pixel i is made of those from
/// first[i], one for each of weights[begin[i]] to weights[begin[i + 1]].
struct Kernel {
  std::vector<int64_t> first, begin;
  std::vector<int32_t> weights;

  Kernel(int64_t in, int64_t out) {
    double scale = static_cast<double>(in) / static_cast<double>(out);
    double widening = std::max(scale, 1.0);
    double support = 2.0 * widening;
    begin.push_back(0);
    std::vector<double> exact;
    for (int64_t i = 0; i < out; ++i) {
      double centre = (static_cast<double>(i) + 0.5) * scale;
      auto low = std::max<int64_t>(static_cast<int64_t>(centre - support + 0.5), 0);
      auto high = std::min<int64_t>(static_cast<int64_t>(centre + support + 0.5), in);
      exact.clear();
      double sum = 0;
      for (int64_t x = low; x < high; ++x) {
        exact.push_back(bicubic((static_cast<double>(x) - centre + 0.5) * (1.0 / widening)));
        sum += exact.back();
      }
      for (double weight : exact) {
        if (sum != 0)
          weight /= sum;
        weights.push_back(
            static_cast<int32_t>(weight * (1 << kPrecision) + (weight < 0 ? -0.5 : 0.5)));
      }
      first.push_back(low);
      begin.push_back(static_cast<int64_t>(weights.size()));
    }
  }
};

/// One pass: `lines` lines of kernel.first.size() pixels, each from a line of `in`. Steps between
/// pixels and lines are in bytes.
void pass(const Kernel &kernel, int64_t lines, const uint8_t *in, int64_t inPixel, int64_t inLine,
          uint8_t *out, int64_t outPixel, int64_t outLine) {
  auto count = static_cast<int64_t>(kernel.first.size());
  for (int64_t line = 0; line < lines; ++line)
    for (int64_t i = 0; i < count; ++i) {
      const uint8_t *from = in + line * inLine + kernel.first[i] * inPixel;
      const int32_t *weight = kernel.weights.data() + kernel.begin[i];
      int64_t taps = kernel.begin[i + 1] - kernel.begin[i];
      int32_t sum[3] = {1 << (kPrecision - 1), 1 << (kPrecision - 1), 1 << (kPrecision - 1)};
      for (int64_t t = 0; t < taps; ++t, from += inPixel)
        for (int c = 0; c < 3; ++c)
          sum[c] += from[c] * weight[t];
      uint8_t *to = out + line * outLine + i * outPixel;
      for (int c = 0; c < 3; ++c)
        to[c] = static_cast<uint8_t>(std::clamp(sum[c] >> kPrecision, 0, 255));
    }
}

Image blank(int64_t width, int64_t height) {
  Image image{width, height, {}};
  image.rgb.resize(static_cast<size_t>(width * height * 3));
  return image;
}

} // namespace

Image data::resize(const Image &image, int64_t width, int64_t height) {
  CATC_CHECK(image.width > 0 && image.height > 0 && width > 0 && height > 0,
             "pictures have pixels");
  Image wide = image;
  if (width != image.width) {
    wide = blank(width, image.height);
    pass(Kernel(image.width, width), image.height, image.rgb.data(), 3, image.width * 3,
         wide.rgb.data(), 3, width * 3);
  }
  if (height == image.height)
    return wide;
  Image out = blank(width, height);
  pass(Kernel(image.height, height), width, wide.rgb.data(), width * 3, 3, out.rgb.data(),
       width * 3, 3);
  return out;
}

Image data::resizeShortest(const Image &image, int64_t size) {
  bool tall = image.width <= image.height;
  int64_t shorter = tall ? image.width : image.height, longer = tall ? image.height : image.width;
  CATC_CHECK(shorter > 0 && size > 0, "pictures have pixels");
  int64_t other = size * longer / shorter;
  return tall ? resize(image, size, other) : resize(image, other, size);
}

Image data::centreCrop(const Image &image, int64_t size) {
  CATC_CHECK(image.width >= size && image.height >= size, "a crop within the picture");
  auto offset = [size](int64_t side) {
    int64_t half = (side - size) / 2;
    return (side - size) % 2 == 0 ? half : half + half % 2; // to the even one
  };
  int64_t left = offset(image.width), top = offset(image.height);
  Image out = blank(size, size);
  for (int64_t y = 0; y < size; ++y)
    std::copy_n(image.rgb.data() + ((top + y) * image.width + left) * 3, size * 3,
                out.rgb.data() + y * size * 3);
  return out;
}

void data::toPlanes(const Image &image, const Normalisation &normalisation, float *out) {
  int64_t pixels = image.width * image.height;
  for (int c = 0; c < 3; ++c) {
    // A table of the 256 levels, each by the operations of torchvision.
    std::array<float, 256> values;
    for (int level = 0; level < 256; ++level)
      values[level] =
          (static_cast<float>(level) / 255.0f - normalisation.mean[c]) / normalisation.deviation[c];
    for (int64_t i = 0; i < pixels; ++i)
      out[c * pixels + i] = values[image.rgb[i * 3 + c]];
  }
}

std::vector<float> data::preprocess(const Image &image, int64_t size,
                                    const Normalisation &normalisation) {
  std::vector<float> planes(static_cast<size_t>(size * size * 3));
  toPlanes(centreCrop(resizeShortest(image, size), size), normalisation, planes.data());
  return planes;
}
