//===- ClipReference.h - CLIP by its formulas -------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What CLIP computes, in plain loops over doubles, for tests. Sizes come from the tensors' shapes,
// so layers may differ in heads and neurons; only the size of a head is given.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_WEIGHTS_CLIPREFERENCE_H
#define CATC_TEST_UNIT_WEIGHTS_CLIPREFERENCE_H

#include "Weights/ClipWeights.h"

namespace cat::weights::test {

/// Row-major, `columns` to a row.
struct Matrix {
  size_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(size_t rows, size_t columns) : rows(rows), columns(columns), values(rows * columns) {}
  double &at(size_t r, size_t c) { return values[r * columns + c]; }
  double at(size_t r, size_t c) const { return values[r * columns + c]; }
};

class ClipReference {
public:
  ClipReference(const StateDict &weights, int64_t visionHeadDim, int64_t textHeadDim,
                Activation activation)
      : weights_(weights), visionHeadDim_(visionHeadDim), textHeadDim_(textHeadDim),
        activation_(activation) {}

  /// Embeddings, not normalised, of images [n, 3, side, side] or of token ids [n, context].
  Matrix imageFeatures(const Tensor &images) const;
  Matrix textFeatures(const Tensor &tokens) const;
  /// exp(logit_scale) times the cosines, images by texts.
  Matrix logits(const Matrix &images, const Matrix &texts) const;

private:
  Matrix matrix(const std::string &name) const;
  void layerNorm(Matrix &x, const std::string &name) const;
  /// x times the transposed weight, plus the bias.
  Matrix linear(const Matrix &x, const std::string &weight, const std::string &bias) const;
  Matrix attend(const Matrix &qkv, size_t headDim, bool causal) const;
  void runLayers(Matrix &x, const std::string &prefix, size_t headDim, bool causal) const;

  const StateDict &weights_;
  int64_t visionHeadDim_, textHeadDim_;
  Activation activation_;
};

/// The largest absolute difference of a matrix and the values of a tensor of its size.
double distance(const Matrix &a, const Tensor &b);
double distance(const Matrix &a, const Matrix &b);

/// Images and tokens for a model, by a seed; the highest token ends each text.
Tensor someImages(const ClipConfig &config, int64_t count, uint64_t seed);
Tensor someTokens(const ClipConfig &config, int64_t count, uint64_t seed);

} // namespace cat::weights::test

#endif // CATC_TEST_UNIT_WEIGHTS_CLIPREFERENCE_H
