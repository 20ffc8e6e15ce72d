//===- Preprocess.h - From pictures to a vision tower's input ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_PREPROCESS_H
#define CATC_DATA_PREPROCESS_H

#include "Data/Image.h"
#include <array>

namespace cat::data {

/// Pillow's bicubic resize (Resample.c: a = -0.5, widened when shrinking, along rows and then along
/// columns, coefficients of 22 bits, rounded and clamped between the passes): the same bytes. Sizes
/// are at least 1.
Image resize(const Image &image, int64_t width, int64_t height);

/// torchvision's Resize(size): the shorter side becomes `size`, the other in proportion, rounded
/// down.
Image resizeShortest(const Image &image, int64_t size);

/// torchvision's CenterCrop(size); both sides have at least `size` pixels. Half a pixel goes to the
/// even side, as Python rounds.
Image centreCrop(const Image &image, int64_t size);

/// By channel, of values from 0 to 1. The defaults are those of OpenAI's CLIP.
struct Normalisation {
  std::array<float, 3> mean = {0.48145466f, 0.4578275f, 0.40821073f};
  std::array<float, 3> deviation = {0.26862954f, 0.26130258f, 0.27577711f};
};

/// Writes image.width * image.height * 3 values: red, green, blue (CHW).
void toPlanes(const Image &image, const Normalisation &normalisation, float *out);

/// All of it: the input of a square vision tower, size * size * 3 values.
std::vector<float> preprocess(const Image &image, int64_t size,
                              const Normalisation &normalisation = {});

} // namespace cat::data

#endif // CATC_DATA_PREPROCESS_H
