//===- NNToAccel.cpp - Lower graphs to operators --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Passes.h"
#include "mlir/Transforms/DialectConversion.h"

namespace cat {
#define GEN_PASS_DEF_CONVERTNNTOACCEL
#include "Conversion/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

static RankedTensorType shapeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Product of all but the last dimension.
static int64_t rowsOf(RankedTensorType type) {
  return type.getNumElements() / type.getShape().back();
}

/// "text.mlp.c_fc": the segment, and the weight's name without prefix, layer and index.
static std::string operatorName(Operation *op, StringRef weight) {
  StringRef segment = "model";
  if (auto program = op->getParentOfType<nn::SegmentOp>())
    segment = program.getSymName();
  else if (auto lowered = op->getParentOfType<accel::ProgramOp>())
    segment = lowered.getSymName();
  size_t layer = weight.find("{layer}.");
  StringRef tail =
      layer == StringRef::npos ? weight : weight.drop_front(layer + strlen("{layer}."));
  if (tail.starts_with("visual."))
    tail = tail.drop_front(strlen("visual."));
  return (segment + "." + tail).str();
}

/// The bound value of a size; only called after the pass has checked that all are bound.
static int64_t bound(Attribute attr) { return *getBoundInteger(attr); }

namespace {

template <typename Op> class AccelPattern : public OpConversionPattern<Op> {
public:
  using OpConversionPattern<Op>::OpConversionPattern;

protected:
  /// The lowered type of the op's result.
  RankedTensorType resultType(Op op) const {
    return cast<RankedTensorType>(
        this->getTypeConverter()->convertType(op->getResult(0).getType()));
  }

  Value vector(ConversionPatternRewriter &rw, Op op, RankedTensorType type, ValueRange operands,
               StringRef name, StringRef function, int64_t rows, int64_t columns) const {
    return accel::VectorOp::create(rw, op.getLoc(), type, operands, operatorName(op, name),
                                   function, rows, columns, accel::CountsAttr(), FloatAttr());
  }

  /// A parameter table brought from DRAM whole.
  Value table(ConversionPatternRewriter &rw, Op op, RankedTensorType type, const Twine &name,
              StringAttr weight) const {
    int64_t elements = type.getNumElements();
    return accel::CopyOp::create(rw, op.getLoc(), type, ValueRange(), operatorName(op, name.str()),
                                 elements, false, elements, weight, accel::CountsAttr(),
                                 FloatAttr());
  }

  Value gemm(ConversionPatternRewriter &rw, Op op, RankedTensorType type, Value input,
             Value stationary, StringRef name, int64_t m, int64_t n, int64_t k, int64_t batch,
             int64_t parameters, StringAttr weight) const {
    return accel::GemmOp::create(rw, op.getLoc(), type, input, stationary, ValueRange(),
                                 operatorName(op, name), m, n, k, batch, 0, 0, parameters, weight,
                                 accel::MappingAttr(), accel::CountsAttr(), FloatAttr());
  }
};

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

struct ModelPattern : AccelPattern<nn::ModelOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::ModelOp op, OpAdaptor,
                                ConversionPatternRewriter &rw) const override {
    auto workload = accel::WorkloadOp::create(rw, op.getLoc(), op.getSymName());
    rw.inlineRegionBefore(op.getBody(), workload.getBody(), workload.getBody().end());
    rw.eraseOp(op);
    return success();
  }
};

struct ReturnPattern : AccelPattern<nn::ReturnOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::ReturnOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    rw.replaceOpWithNewOp<accel::ReturnOp>(op, adaptor.getOperands());
    return success();
  }
};

struct SegmentPattern : AccelPattern<nn::SegmentOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::SegmentOp op, OpAdaptor,
                                ConversionPatternRewriter &rw) const override {
    auto program = accel::ProgramOp::create(rw, op.getLoc(), resultType(op), op.getSymName(),
                                            IntegerAttr(), accel::CountsAttr());
    rw.inlineRegionBefore(op.getBody(), program.getBody(), program.getBody().end());
    rw.replaceOp(op, program);
    return success();
  }
};

struct RepeatPattern : AccelPattern<nn::RepeatOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::RepeatOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    auto loop = accel::LoopOp::create(rw, op.getLoc(), resultType(op), adaptor.getInit(),
                                      op.getCount(), op.getKeptAttr());
    rw.inlineRegionBefore(op.getBody(), loop.getBody(), loop.getBody().end());
    if (failed(rw.convertRegionTypes(&loop.getBody(), *getTypeConverter())))
      return failure();
    rw.replaceOp(op, loop);
    return success();
  }
};

struct YieldPattern : AccelPattern<nn::YieldOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::YieldOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    rw.replaceOpWithNewOp<accel::YieldOp>(op, adaptor.getOperands());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Inputs and embeddings
//===----------------------------------------------------------------------===//

struct InputPattern : AccelPattern<nn::InputOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::InputOp op, OpAdaptor,
                                ConversionPatternRewriter &rw) const override {
    rw.replaceOpWithNewOp<accel::SourceOp>(op, resultType(op), op.getName());
    return success();
  }
};

struct PatchEmbedPattern : AccelPattern<nn::PatchEmbedOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::PatchEmbedOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType image = shapeOf(adaptor.getImage()), type = resultType(op);
    Value loaded = accel::CopyOp::create(rw, op.getLoc(), image, adaptor.getImage(),
                                         operatorName(op, "image"), image.getNumElements(), false,
                                         0, StringAttr(), accel::CountsAttr(), FloatAttr());
    int64_t patch = bound(op.getPatch());
    int64_t k = image.getDimSize(1) * patch * patch, n = type.getShape().back();
    rw.replaceOp(op, gemm(rw, op, type, loaded, Value(), op.getWeight(), rowsOf(type), n, k, 1,
                          n * k, op.getWeightAttr()));
    return success();
  }
};

struct TokenEmbedPattern : AccelPattern<nn::TokenEmbedOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::TokenEmbedOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    auto copy = accel::CopyOp::create(rw, op.getLoc(), type, adaptor.getTokens(),
                                      operatorName(op, op.getWeight()), type.getNumElements(),
                                      false, bound(op.getVocab()) * bound(op.getWidth()),
                                      op.getWeightAttr(), accel::CountsAttr(), FloatAttr());
    rw.replaceOp(op, copy);
    return success();
  }
};

struct ClassTokenPattern : AccelPattern<nn::ClassTokenOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::ClassTokenOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    int64_t width = type.getShape().back();
    auto copy = accel::CopyOp::create(rw, op.getLoc(), type, adaptor.getInput(),
                                      operatorName(op, op.getWeight()), width, false, width,
                                      op.getWeightAttr(), accel::CountsAttr(), FloatAttr());
    rw.replaceOp(op, copy);
    return success();
  }
};

struct PositionEmbedPattern : AccelPattern<nn::PositionEmbedOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::PositionEmbedOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    auto positions = RankedTensorType::get(type.getShape().drop_front(), type.getElementType());
    Value loaded = table(rw, op, positions, op.getWeight(), op.getWeightAttr());
    rw.replaceOp(op, vector(rw, op, type, {adaptor.getInput(), loaded}, "position_add", "add",
                            rowsOf(type), type.getShape().back()));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

struct LayerNormPattern : AccelPattern<nn::LayerNormOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::LayerNormOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    int64_t columns = type.getShape().back();
    Value affine = table(rw, op, RankedTensorType::get({2, columns}, type.getElementType()),
                         op.getWeight() + ".parameters", op.getWeightAttr());
    Value norm = vector(rw, op, type, {adaptor.getInput(), affine}, op.getWeight(), "layer_norm",
                        rowsOf(type), columns);
    rw.replaceOp(op, norm);
    return success();
  }
};

struct LinearPattern : AccelPattern<nn::LinearOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::LinearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType input = shapeOf(adaptor.getInput()), type = resultType(op);
    int64_t k = input.getShape().back(), n = type.getShape().back();
    int64_t parameters = k * n + (op.getBias() ? n : 0);
    rw.replaceOp(op, gemm(rw, op, type, adaptor.getInput(), Value(), op.getWeight(), rowsOf(input),
                          n, k, 1, parameters, op.getWeightAttr()));
    return success();
  }
};

struct AttentionPattern : AccelPattern<nn::AttentionOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::AttentionOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    int64_t sequence = type.getDimSize(1), dim = bound(op.getHeadDim());
    int64_t heads = type.getDimSize(0) * bound(op.getHeads());
    auto scoreType = RankedTensorType::get({heads, sequence, sequence}, type.getElementType());
    Value qkv = adaptor.getQkv();
    Value scores = gemm(rw, op, scoreType, qkv, qkv, "attn.scores", sequence, sequence, dim, heads,
                        0, StringAttr());
    scores =
        vector(rw, op, scoreType, scores, "attn.softmax", "softmax", heads * sequence, sequence);
    rw.replaceOp(op, gemm(rw, op, type, scores, qkv, "attn.values", sequence, dim, sequence, heads,
                          0, StringAttr()));
    return success();
  }
};

struct PointwisePattern : AccelPattern<nn::PointwiseOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::PointwiseOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    rw.replaceOp(op, vector(rw, op, type, adaptor.getInput(), op.getFunction(), op.getFunction(),
                            rowsOf(type), type.getShape().back()));
    return success();
  }
};

struct AddPattern : AccelPattern<nn::AddOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::AddOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    rw.replaceOp(op, vector(rw, op, type, {adaptor.getLhs(), adaptor.getRhs()}, "residual", "add",
                            rowsOf(type), type.getShape().back()));
    return success();
  }
};

struct PoolPattern : AccelPattern<nn::PoolOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::PoolOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    rw.replaceOpWithNewOp<accel::ViewOp>(op, resultType(op), adaptor.getInput());
    return success();
  }
};

struct NormalizePattern : AccelPattern<nn::NormalizeOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::NormalizeOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType type = resultType(op);
    rw.replaceOp(op, vector(rw, op, type, adaptor.getInput(), "l2_norm", "l2_norm", rowsOf(type),
                            type.getShape().back()));
    return success();
  }
};

struct SimilarityPattern : AccelPattern<nn::SimilarityOp> {
  using AccelPattern::AccelPattern;
  LogicalResult matchAndRewrite(nn::SimilarityOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rw) const override {
    RankedTensorType lhs = shapeOf(adaptor.getLhs()), rhs = shapeOf(adaptor.getRhs());
    rw.replaceOp(op,
                 gemm(rw, op, resultType(op), adaptor.getLhs(), adaptor.getRhs(), "logits",
                      lhs.getDimSize(0), rhs.getDimSize(0), lhs.getDimSize(1), 1, 0, StringAttr()));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

struct ConvertNNToAccel : cat::impl::ConvertNNToAccelBase<ConvertNNToAccel> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    target = std::make_shared<ConversionTarget>(*context);
    target->addLegalDialect<accel::AccelDialect, space::SpaceDialect>();
    target->addIllegalDialect<nn::NNDialect>();
    target->addLegalOp<ModuleOp>();
    return success();
  }

  void runOnOperation() override {
    if (failed(checkBound()))
      return signalPassFailure();
    unsigned bits = precision();
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion([bits](RankedTensorType type) -> Type {
      return RankedTensorType::get(type.getShape(), IntegerType::get(type.getContext(), bits));
    });
    RewritePatternSet patterns(&getContext());
    patterns.add<ModelPattern, ReturnPattern, SegmentPattern, RepeatPattern, YieldPattern,
                 InputPattern, PatchEmbedPattern, TokenEmbedPattern, ClassTokenPattern,
                 PositionEmbedPattern, LayerNormPattern, LinearPattern, AttentionPattern,
                 PointwisePattern, AddPattern, PoolPattern, NormalizePattern, SimilarityPattern>(
        converter, &getContext());
    if (failed(applyPartialConversion(getOperation(), *target, std::move(patterns))) ||
        failed(checkCounts()))
      signalPassFailure();
  }

private:
  /// Fails at the first product so large that the counts of its events might not fit in 64 bits.
  LogicalResult checkCounts() {
    constexpr double kMostMacs = 0x1p50;
    WalkResult result = getOperation().walk([](accel::GemmOp op) {
      cost::Gemm g = op.getGemm();
      double macs = static_cast<double>(g.batch) * static_cast<double>(g.m) *
                    static_cast<double>(g.n) * static_cast<double>(g.k);
      if (macs <= kMostMacs)
        return WalkResult::advance();
      op->emitError("'") << op.getName() << "' takes more than 2^50 multiply-accumulates; make the "
                         << "model or the workload smaller";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  /// Fails at the first op whose sizes still depend on a parameter.
  LogicalResult checkBound() {
    WalkResult result = getOperation().walk([](Operation *op) {
      if (!isa<nn::NNDialect>(op->getDialect()))
        return WalkResult::advance();
      std::string parameter;
      visitParameters(op->getAttrDictionary(), [&](StringRef name) { parameter = name.str(); });
      if (parameter.empty())
        return WalkResult::advance();
      op->emitOpError("depends on parameter '") << parameter << "', which is not bound";
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  /// Bits per element: that of the first machine with a bound precision.
  unsigned precision() {
    for (auto machine : getOperation().getOps<accel::MachineOp>())
      if (std::optional<int64_t> bits = getBoundInteger(machine.getPrecision()))
        return *bits;
    return 8;
  }

  std::shared_ptr<ConversionTarget> target;
};

} // namespace
