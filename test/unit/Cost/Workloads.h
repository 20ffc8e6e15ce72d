//===- Workloads.h - Operators for the cost tests ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The GEMMs and vector operators of a ViT-like tower, as test vectors for the cost model. The
// compiler's own programs come from lowered IR.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_COST_WORKLOADS_H
#define CATC_TEST_UNIT_COST_WORKLOADS_H

#include "Cost/Program.h"

namespace cat::cost::test {

struct TowerSize {
  int64_t layers, ffn, width, heads, tokens, patch; ///< patch 0: text
};

inline Operator gemmOperator(Gemm gemm, int64_t repeat, const char *name) {
  Operator op;
  op.gemm = gemm;
  op.repeat = repeat;
  op.name = name;
  op.parameters = gemm.stationary == Stationary::Parameter ? gemm.k * gemm.n : 0;
  return op;
}

inline Operator vectorOperator(Vector vector, int64_t repeat, const char *name) {
  Operator op;
  op.kind = OperatorKind::Vector;
  op.vector = vector;
  op.repeat = repeat;
  op.name = name;
  return op;
}

inline Gemm parameterGemm(int64_t m, int64_t n, int64_t k, bool table = false, int64_t live = 0,
                          bool residual = false) {
  Gemm g;
  g.m = m, g.n = n, g.k = k;
  g.table = table;
  g.residual = residual;
  g.liveElements = live;
  return g;
}

inline Gemm activationGemm(int64_t batch, int64_t m, int64_t n, int64_t k, int64_t live) {
  Gemm g;
  g.m = m, g.n = n, g.k = k, g.batch = batch;
  g.stationary = Stationary::Activation;
  g.liveElements = live;
  return g;
}

/// The tower's operators; heads are 64 wide, and `images` inferences run as one batch of rows.
inline Program tower(const TowerSize &t, int64_t images = 1) {
  const int64_t rows = t.tokens * images, inner = 64 * t.heads, stream = rows * t.width,
                L = t.layers;
  Vector norm{VectorFunction::LayerNorm, rows, t.width};
  Vector softmax{VectorFunction::Softmax, rows * t.heads, t.tokens};
  Program p;
  p.segment = t.patch ? "vision" : "text";
  auto &ops = p.operators;
  if (t.patch) {
    Operator image;
    image.kind = OperatorKind::Copy;
    image.copy.elements = (t.tokens - 1) * images * 3 * t.patch * t.patch;
    ops.push_back(image);
    ops.push_back(gemmOperator(
        parameterGemm((t.tokens - 1) * images, t.width, 3 * t.patch * t.patch), 1, "patch"));
    ops.push_back(vectorOperator(norm, 1, "pre_norm"));
  } else {
    Operator embedding;
    embedding.kind = OperatorKind::Copy;
    embedding.copy.elements = stream;
    ops.push_back(embedding);
  }
  ops.push_back(vectorOperator(norm, 2 * L, "norm"));
  ops.push_back(gemmOperator(parameterGemm(rows, 3 * inner, t.width, false, stream), L, "qkv"));
  ops.push_back(gemmOperator(
      activationGemm(t.heads * images, t.tokens, t.tokens, 64, rows * (inner + t.width)), L,
      "scores"));
  ops.push_back(vectorOperator(softmax, L, "softmax"));
  ops.push_back(
      gemmOperator(activationGemm(t.heads * images, t.tokens, 64, t.tokens, stream), L, "attend"));
  ops.push_back(gemmOperator(parameterGemm(rows, t.width, inner, false, stream, true), L, "out"));
  ops.push_back(gemmOperator(parameterGemm(rows, t.ffn, t.width, true, stream), L, "fc1"));
  ops.push_back(gemmOperator(parameterGemm(rows, t.width, t.ffn, false, stream, true), L, "fc2"));
  ops.push_back(vectorOperator({VectorFunction::LayerNorm, images, t.width}, 1, "post_norm"));
  ops.push_back(gemmOperator(parameterGemm(images, 512, t.width), 1, "projection"));
  return p;
}

inline constexpr TowerSize kVitB16Vision = {12, 3072, 768, 12, 197, 16};
inline constexpr TowerSize kVitB16Text = {12, 2048, 512, 8, 77, 0};

} // namespace cat::cost::test

#endif // CATC_TEST_UNIT_COST_WORKLOADS_H
