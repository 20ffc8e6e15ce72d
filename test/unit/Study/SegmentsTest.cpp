//===- SegmentsTest.cpp - Operators of CLIP against hand counts -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Segments.h"
#include "SpecFixture.h"

using namespace cat;
using namespace cat::study;

namespace {

const char *const kUnpruned = R"(
  import "catlib/openclip.cat"      as openclip;
  import "catlib/edge_npu.cat"      as npu;
  import "examples/clip_vit_b16.cat" as example;
  hardware one : npu.weight_stationary {}
  study unpruned {
    model    = openclip.vit_b_16;
    hardware = one;
    carbon   = example.footprint;
    minimize carbon;
  }
)";

LoweredModel lower(const LoadedStudy &study, unsigned threads) {
  llvm::FailureOr<LoweredModel> lowered = lowerModel(study.ops.model, study.table(), threads);
  if (failed(lowered))
    throw std::runtime_error("the model cannot be lowered");
  return std::move(*lowered);
}

/// How often operators run per inference.
int64_t executions(const SegmentVariant &variant) {
  int64_t total = 0;
  for (const OperatorUse &use : variant.operators)
    total += use.repeat;
  return total;
}

/// Executions of the GEMM of these sizes whose stationary operand is an activation.
int64_t attentionGemms(const LoweredModel &model, const SegmentVariant &variant, int64_t batch,
                       int64_t m, int64_t n, int64_t k) {
  int64_t total = 0;
  for (const OperatorUse &use : variant.operators) {
    const cost::Operator &op = model.operators[use.op];
    if (op.kind == cost::OperatorKind::Gemm && op.gemm.stationary == cost::Stationary::Activation &&
        op.gemm.batch == batch && op.gemm.m == m && op.gemm.n == n && op.gemm.k == k)
      total += use.repeat;
  }
  return total;
}

int64_t activationGemms(const LoweredModel &model, const SegmentVariant &variant) {
  int64_t total = 0;
  for (const OperatorUse &use : variant.operators)
    total += model.operators[use.op].kind == cost::OperatorKind::Gemm &&
                     model.operators[use.op].gemm.stationary == cost::Stationary::Activation
                 ? use.repeat
                 : 0;
  return total;
}

} // namespace

// OpenCLIP's ViT-B-16: text 12 x 512 wide over 77 tokens, vision 12 x 768 wide over 14 x 14 patches
// and the class token.
TEST(Segments, UnprunedClipHasTheOperatorsCountedByHand) {
  LoadedStudy study(kUnpruned);
  LoweredModel model = lower(study, 1);
  ASSERT_EQ(model.segments.size(), 3u);
  for (const LoweredSegment &segment : model.segments)
    ASSERT_EQ(segment.variants.size(), 1u) << segment.name;
  const SegmentVariant &text = model.segments[0].variants[0],
                       &vision = model.segments[1].variants[0],
                       &similarity = model.segments[2].variants[0];
  EXPECT_EQ(model.segments[0].name, "text");
  EXPECT_EQ(model.segments[1].name, "vision");
  EXPECT_EQ(model.segments[2].name, "similarity");

  // A layer: 2 x (norm, its weights), QKV, scores, softmax, values, output (residual add fused), 2
  // x feed-forward (activation and residual add fused): 11. Text beside its layers: token and
  // position embedding, their sum, the last norm and its weights, projection, l2 norm.
  EXPECT_EQ(text.operators.size(), 11u + 7u);
  EXPECT_EQ(executions(text), 12 * 11 + 7);
  // Vision: image, patches, class token, position embedding, sum, 2 x (norm, its weights),
  // projection, l2 norm.
  EXPECT_EQ(vision.operators.size(), 11u + 11u);
  EXPECT_EQ(executions(vision), 12 * 11 + 11);
  EXPECT_EQ(similarity.operators.size(), 1u);

  // 12 (77 (4 x 512 x 512 + 2 x 512 x 2048) + 2 x 77 x 77 x 512) + 512 x 512
  EXPECT_EQ(text.macs, 2'979'770'368);
  // 12 (197 (4 x 768 x 768 + 2 x 768 x 3072) + 2 x 197 x 197 x 768) + 196 x 768 x 768 + 768 x 512
  EXPECT_EQ(vision.macs, 17'563'453'440);
  EXPECT_EQ(similarity.macs, 512);
}

TEST(Segments, UnprunedClipHasOpenClipsParameters) {
  LoadedStudy study(kUnpruned);
  LoweredModel model = lower(study, 1);
  int64_t text = model.segments[0].variants[0].parameters,
          vision = model.segments[1].variants[0].parameters;
  // A layer of width w and feed-forward f: 4 w w + 2 w f weights, 4 w + f + w biases, 4 w of norms.
  // Text: 49408 x 512 tokens + 77 x 512 positions + 12 x 3,152,384 + 1024 of the last norm + 512 x
  // 512.
  EXPECT_EQ(text, 63'428'096);
  // Vision: 768 x 768 patches + 768 class + 197 x 768 positions + 2 norms of 1536 + 12 x 7,087,872
  // + 768 x 512.
  EXPECT_EQ(vision, 86'192'640);
  // OpenCLIP counts 149,620,737 parameters of ViT-B-16. The one that is missing is the scalar
  // logit_scale: it has a name in the graph but is no tensor that any operator reads from memory.
  EXPECT_EQ(model.segments[2].variants[0].parameters, 0);
  EXPECT_EQ(text + vision, 149'620'737 - 1);
}

TEST(Segments, AttentionIsOneGemmAHead) {
  LoadedStudy study(kUnpruned);
  LoweredModel model = lower(study, 1);
  const SegmentVariant &text = model.segments[0].variants[0],
                       &vision = model.segments[1].variants[0];
  EXPECT_EQ(attentionGemms(model, text, /*batch=*/8, /*m=*/77, /*n=*/77, /*k=*/64), 12);
  EXPECT_EQ(attentionGemms(model, text, 8, 77, 64, 77), 12);
  EXPECT_EQ(activationGemms(model, text), 24);
  EXPECT_EQ(attentionGemms(model, vision, 12, 197, 197, 64), 12);
  EXPECT_EQ(attentionGemms(model, vision, 12, 197, 64, 197), 12);
  EXPECT_EQ(activationGemms(model, vision), 24);
}

// 7 x 5 x 5 x 5 text towers and 7 x 5 x 7 x 5 vision towers, each lowered once; the numbering of
// operators is the same for every number of threads.
TEST(Segments, EveryVariantOfTheExampleIsLoweredTheSameByAnyNumberOfThreads) {
  LoadedStudy study(kReducedExample);
  LoweredModel one = lower(study, 1), three = lower(study, 3);
  ASSERT_EQ(one.segments.size(), 3u);
  EXPECT_EQ(one.segments[0].variants.size(), 875u);
  EXPECT_EQ(one.segments[1].variants.size(), 1225u);
  EXPECT_EQ(one.segments[2].variants.size(), 1u);
  ASSERT_EQ(one.operators.size(), three.operators.size());
  for (size_t i = 0; i < one.operators.size(); ++i)
    EXPECT_EQ(one.operators[i].key(), three.operators[i].key());
  for (size_t s = 0; s < one.segments.size(); ++s)
    for (size_t v = 0; v < one.segments[s].variants.size(); ++v) {
      const SegmentVariant &a = one.segments[s].variants[v], &b = three.segments[s].variants[v];
      ASSERT_EQ(a.operators.size(), b.operators.size());
      for (size_t i = 0; i < a.operators.size(); ++i) {
        EXPECT_EQ(a.operators[i].op, b.operators[i].op);
        EXPECT_EQ(a.operators[i].repeat, b.operators[i].repeat);
      }
      EXPECT_EQ(a.macs, b.macs);
      EXPECT_EQ(a.parameters, b.parameters);
    }
}

// layers (7) x ffn (5) x heads (5) x width (5): the first is the most significant digit.
TEST(Segments, PrunedTowersHaveTheMacsCountedByHand) {
  LoadedStudy study(kReducedExample);
  LoweredModel model = lower(study, 2);
  auto text = [](int64_t layers, int64_t ffn, int64_t heads, int64_t width) {
    return layers * (77 * (4 * width * heads * 64 + 2 * width * ffn) + 2 * 77 * 77 * heads * 64) +
           width * 512;
  };
  auto vision = [](int64_t layers, int64_t ffn, int64_t heads, int64_t width) {
    return layers *
               (197 * (4 * width * heads * 64 + 2 * width * ffn) + 2 * 197 * 197 * heads * 64) +
           196 * 768 * width + width * 512;
  };
  size_t v = 0;
  for (int64_t layers = 6; layers <= 12; ++layers)
    for (int64_t ffn = 1024; ffn <= 2048; ffn += 256)
      for (int64_t heads = 4; heads <= 8; ++heads)
        for (int64_t width = 256; width <= 512; width += 64)
          EXPECT_EQ(model.segments[0].variants[v++].macs, text(layers, ffn, heads, width));
  v = 0;
  for (int64_t layers = 6; layers <= 12; ++layers)
    for (int64_t ffn = 1536; ffn <= 3072; ffn += 384)
      for (int64_t heads = 6; heads <= 12; ++heads)
        for (int64_t width = 384; width <= 768; width += 96)
          EXPECT_EQ(model.segments[1].variants[v++].macs, vision(layers, ffn, heads, width));
}
