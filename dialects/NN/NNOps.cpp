//===- NNOps.cpp - Operations of the nn dialect ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/NN.h"

using namespace mlir;
using namespace cat;
using namespace cat::nn;

#include "NN/NNDialect.cpp.inc"

#define GET_OP_CLASSES
#include "NN/NNOps.cpp.inc"

void NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "NN/NNOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// The extent that an attribute gives: its value, or dynamic while it is parametric.
static int64_t extent(Attribute attr) {
  return getBoundInteger(attr).value_or(ShapedType::kDynamic);
}

/// Fails unless a size is a positive integer or not yet known.
static LogicalResult checkSize(std::optional<Location> loc, StringRef name, Attribute attr) {
  if (std::optional<int64_t> size = getBoundInteger(attr))
    return *size > 0 ? success()
                     : emitOptionalError(loc, name, " must be positive, but is ", *size);
  if (!isa<ParametricAttrInterface>(attr))
    return emitOptionalError(loc, name, " must be an integer, but is ", attr);
  return success();
}

static RankedTensorType shapeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static LogicalResult expectRank(std::optional<Location> loc, RankedTensorType type, int64_t rank,
                                StringRef what) {
  if (type.getRank() == rank)
    return success();
  return emitOptionalError(loc, what, " expects an operand of rank ", rank, ", but has ", type);
}

/// Fails unless a value has a last dimension, over whose rows an op works.
static LogicalResult expectRows(std::optional<Location> loc, RankedTensorType type,
                                StringRef what) {
  if (type.getRank() > 0)
    return success();
  return emitOptionalError(loc, what, " expects an operand of rank 1 or more, but has ", type);
}

/// `type` with its last dimension replaced.
static RankedTensorType withLast(RankedTensorType type, int64_t last) {
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = last;
  return RankedTensorType::get(shape, type.getElementType());
}

/// True if two extents are known and differ.
static bool contradict(int64_t a, int64_t b) {
  return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b) && a != b;
}

//===----------------------------------------------------------------------===//
// Result types
//===----------------------------------------------------------------------===//

LogicalResult InputOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  for (Attribute size : op.getShape()) {
    if (failed(checkSize(loc, "size", size)))
      return failure();
    shape.push_back(extent(size));
  }
  types.push_back(RankedTensorType::get(shape, op.getElementType()));
  return success();
}

LogicalResult PatchEmbedOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  RankedTensorType image = shapeOf(op.getImage());
  if (failed(expectRank(loc, image, 4, "'nn.patch_embed'")) ||
      failed(checkSize(loc, "patch", op.getPatch())) ||
      failed(checkSize(loc, "width", op.getWidth())))
    return failure();
  int64_t patch = extent(op.getPatch()), tokens = ShapedType::kDynamic;
  if (patch != ShapedType::kDynamic && !image.isDynamicDim(2) && !image.isDynamicDim(3)) {
    if (image.getDimSize(2) % patch || image.getDimSize(3) % patch)
      return emitOptionalError(loc, "an image of ", image.getDimSize(2), " x ", image.getDimSize(3),
                               " does not divide into patches of ", patch);
    tokens = (image.getDimSize(2) / patch) * (image.getDimSize(3) / patch);
  }
  types.push_back(RankedTensorType::get({image.getDimSize(0), tokens, extent(op.getWidth())},
                                        image.getElementType()));
  return success();
}

LogicalResult TokenEmbedOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                             Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType tokens = shapeOf(op.getTokens());
  if (failed(expectRank(loc, tokens, 2, "'nn.token_embed'")) ||
      failed(checkSize(loc, "vocab", op.getVocab())) ||
      failed(checkSize(loc, "width", op.getWidth())))
    return failure();
  types.push_back(
      RankedTensorType::get({tokens.getDimSize(0), tokens.getDimSize(1), extent(op.getWidth())},
                            Float32Type::get(context)));
  return success();
}

LogicalResult ClassTokenOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  RankedTensorType input = shapeOf(op.getInput());
  if (failed(expectRank(loc, input, 3, "'nn.class_token'")))
    return failure();
  SmallVector<int64_t> shape(input.getShape());
  if (!ShapedType::isDynamic(shape[1]))
    ++shape[1];
  types.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

LogicalResult PositionEmbedOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(expectRank(loc, shapeOf(op.getInput()), 3, "'nn.position_embed'")))
    return failure();
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(expectRows(loc, shapeOf(op.getInput()), "'nn.layer_norm'")))
    return failure();
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  RankedTensorType input = shapeOf(op.getInput());
  if (failed(expectRows(loc, input, "'nn.linear'")) ||
      failed(checkSize(loc, "features", op.getFeatures())))
    return failure();
  types.push_back(withLast(input, extent(op.getFeatures())));
  return success();
}

LogicalResult LinearOp::verify() {
  std::optional<ArrayAttr> tensors = getTensors();
  size_t expected = getBias() ? 2 : 1;
  if (tensors && tensors->size() != expected)
    return emitOpError("has ") << expected << " tensors, but names " << tensors->size();
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  RankedTensorType qkv = shapeOf(op.getQkv());
  if (failed(expectRank(loc, qkv, 3, "'nn.attention'")) ||
      failed(checkSize(loc, "heads", op.getHeads())) ||
      failed(checkSize(loc, "head_dim", op.getHeadDim())))
    return failure();
  int64_t heads = extent(op.getHeads()), dim = extent(op.getHeadDim());
  bool known = !ShapedType::isDynamic(heads) && !ShapedType::isDynamic(dim);
  int64_t width = known ? heads * dim : ShapedType::kDynamic;
  if (known && contradict(qkv.getDimSize(2), 3 * width))
    return emitOptionalError(loc, "Q, K and V of ", heads, " heads of ", dim, " need ", 3 * width,
                             " features, but the operand has ", qkv.getDimSize(2));
  types.push_back(withLast(qkv, width));
  return success();
}

LogicalResult PointwiseOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(expectRows(loc, shapeOf(op.getInput()), "'nn.pointwise'")))
    return failure();
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult PointwiseOp::verify() {
  if (getFunction() != "gelu" && getFunction() != "quick_gelu")
    return emitOpError("function must be 'gelu' or 'quick_gelu', but is '") << getFunction() << "'";
  return success();
}

LogicalResult AddOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                      SmallVectorImpl<Type> &types) {
  if (failed(expectRows(loc, shapeOf(op.getLhs()), "'nn.add'")))
    return failure();
  types.push_back(op.getLhs().getType());
  return success();
}

LogicalResult AddOp::verify() {
  RankedTensorType lhs = shapeOf(getLhs()), rhs = shapeOf(getRhs());
  if (lhs.getRank() != rhs.getRank())
    return emitOpError("operands have different ranks");
  for (auto [a, b] : llvm::zip(lhs.getShape(), rhs.getShape()))
    if (contradict(a, b))
      return emitOpError("operands have different shapes: ") << lhs << " and " << rhs;
  return success();
}

LogicalResult PoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &types) {
  RankedTensorType input = shapeOf(op.getInput());
  if (failed(expectRank(loc, input, 3, "'nn.pool'")))
    return failure();
  types.push_back(
      RankedTensorType::get({input.getDimSize(0), input.getDimSize(2)}, input.getElementType()));
  return success();
}

LogicalResult PoolOp::verify() {
  if (getToken() != "class" && getToken() != "eot")
    return emitOpError("token must be 'class' or 'eot', but is '") << getToken() << "'";
  if (getToken() != "eot")
    return getIds() ? emitOpError("takes ids for the token 'eot' only") : success();
  if (!getIds())
    return emitOpError("needs the ids of the tokens to find 'eot'");
  RankedTensorType input = shapeOf(getInput()), ids = shapeOf(getIds());
  if (ids.getRank() != 2 || !isa<IntegerType>(ids.getElementType()) ||
      contradict(ids.getDimSize(0), input.getDimSize(0)) ||
      contradict(ids.getDimSize(1), input.getDimSize(1)))
    return emitOpError("needs an integer id for each token of ") << input << ", but has " << ids;
  return success();
}

LogicalResult NormalizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  if (failed(expectRows(loc, shapeOf(op.getInput()), "'nn.normalize'")))
    return failure();
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult SimilarityOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op,
                                             SmallVectorImpl<Type> &types) {
  RankedTensorType lhs = shapeOf(op.getLhs()), rhs = shapeOf(op.getRhs());
  if (failed(expectRank(loc, lhs, 2, "'nn.similarity'")) ||
      failed(expectRank(loc, rhs, 2, "'nn.similarity'")))
    return failure();
  if (contradict(lhs.getDimSize(1), rhs.getDimSize(1)))
    return emitOptionalError(loc, "embeddings have different widths: ", lhs.getDimSize(1), " and ",
                             rhs.getDimSize(1));
  types.push_back(
      RankedTensorType::get({lhs.getDimSize(0), rhs.getDimSize(0)}, lhs.getElementType()));
  return success();
}

//===----------------------------------------------------------------------===//
// Learned tensors
//===----------------------------------------------------------------------===//

/// A float32 tensor of a checkpoint.
static WeightTensor weightTensor(MLIRContext *context, const Twine &name, ArrayRef<int64_t> shape) {
  return {name.str(), RankedTensorType::get(shape, Float32Type::get(context))};
}

SmallVector<WeightTensor> PatchEmbedOp::getWeightTensors() {
  int64_t patch = extent(getPatch());
  return {weightTensor(getContext(), getWeight() + ".weight",
                       {extent(getWidth()), shapeOf(getImage()).getDimSize(1), patch, patch})};
}

SmallVector<WeightTensor> TokenEmbedOp::getWeightTensors() {
  return {weightTensor(getContext(), getWeight() + ".weight",
                       {extent(getVocab()), extent(getWidth())})};
}

SmallVector<WeightTensor> ClassTokenOp::getWeightTensors() {
  return {weightTensor(getContext(), getWeight(), shapeOf(getInput()).getShape().take_back(1))};
}

SmallVector<WeightTensor> PositionEmbedOp::getWeightTensors() {
  return {weightTensor(getContext(), getWeight(), shapeOf(getInput()).getShape().take_back(2))};
}

SmallVector<WeightTensor> LayerNormOp::getWeightTensors() {
  ArrayRef<int64_t> row = shapeOf(getInput()).getShape().take_back(1);
  return {weightTensor(getContext(), getWeight() + ".weight", row),
          weightTensor(getContext(), getWeight() + ".bias", row)};
}

SmallVector<WeightTensor> LinearOp::getWeightTensors() {
  int64_t inputs = shapeOf(getInput()).getShape().back(), features = extent(getFeatures());
  std::string names[] = {(getWeight() + ".weight").str(), (getWeight() + ".bias").str()};
  if (std::optional<ArrayAttr> tensors = getTensors())
    for (auto [name, key] : llvm::zip(names, tensors->getAsValueRange<StringAttr>()))
      name = key.str();
  SmallVector<int64_t> shape{features, inputs};
  if (getInputMajor())
    std::swap(shape[0], shape[1]);
  SmallVector<WeightTensor> result{weightTensor(getContext(), names[0], shape)};
  if (getBias())
    result.push_back(weightTensor(getContext(), names[1], features));
  return result;
}

SmallVector<WeightTensor> SimilarityOp::getWeightTensors() {
  return {weightTensor(getContext(), getScale(), {})};
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

LogicalResult SegmentOp::verify() { return verifyYieldsResult(*this); }

FailureOr<int64_t> RepeatOp::getExecutionCount() {
  if (std::optional<int64_t> count = getBoundInteger(getCount()))
    return *count;
  return failure();
}

LogicalResult RepeatOp::verify() { return verifyRepetition(*this, getCount(), getKept()); }

//===----------------------------------------------------------------------===//
// Re-inference
//===----------------------------------------------------------------------===//

static LogicalResult refineBlock(Block &block);

static LogicalResult refineOp(Operation &op) {
  if (auto repeat = dyn_cast<RepeatOp>(op)) {
    repeat.getIteration().setType(repeat.getInit().getType());
    if (failed(refineBlock(repeat.getBody().front())))
      return failure();
    Value(repeat.getResult())
        .setType(repeat.getBody().front().getTerminator()->getOperand(0).getType());
    return success();
  }
  if (auto segment = dyn_cast<SegmentOp>(op)) {
    if (failed(refineBlock(segment.getBody().front())))
      return failure();
    Value(segment.getResult())
        .setType(segment.getBody().front().getTerminator()->getOperand(0).getType());
    return success();
  }
  for (Region &region : op.getRegions())
    for (Block &block : region)
      if (failed(refineBlock(block)))
        return failure();
  auto inferable = dyn_cast<InferTypeOpInterface>(op);
  if (!inferable)
    return success();
  SmallVector<Type> types;
  if (failed(inferable.inferReturnTypes(op.getContext(), op.getLoc(), op.getOperands(),
                                        op.getAttrDictionary(), op.getPropertiesStorage(),
                                        op.getRegions(), types)))
    return failure();
  for (auto [result, type] : llvm::zip(op.getResults(), types))
    result.setType(type);
  return success();
}

static LogicalResult refineBlock(Block &block) {
  for (Operation &op : block)
    if (failed(refineOp(op)))
      return failure();
  return success();
}

LogicalResult nn::refineTypes(Operation *root) { return refineOp(*root); }
