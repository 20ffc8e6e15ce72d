//===- NNToLinalg.cpp - Lower graphs to tensor programs -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model becomes one function of its inputs and its learned tensors:
//
//   nn.model @m family "clip" {
//     %s = nn.segment @s -> tensor<1x2xf32> {
//       %x = nn.input "x" [1, 3] of f32 : tensor<1x3xf32>
//       %y = nn.linear %x {features = 2, weight = "fc"} : tensor<1x3xf32> -> tensor<1x2xf32>
//       nn.yield %y : tensor<1x2xf32>
//     }
//     nn.return %s : tensor<1x2xf32>
//   }
//
// becomes
//
//   func.func @m(%x: tensor<1x3xf32> {nn.input = "x"},
//                %w: tensor<2x3xf32> {nn.weight = "fc.weight"})
//       -> (tensor<1x2xf32> {nn.output = "s"}) attributes {llvm.emit_c_interface} {
//     ...
//     %t = linalg.transpose ins(%w : tensor<2x3xf32>) ...
//     %y = linalg.matmul ins(%x, %t : tensor<1x3xf32>, tensor<3x2xf32>) ...
//     return %y : tensor<1x2xf32>
//   }
//
// Tested by test/Conversion/nn-to-linalg.mlir, and against reference outputs through cat-run.
//
//===----------------------------------------------------------------------===//

#include "Conversion/NNToLinalg/LowerOps.h"
#include "Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

namespace cat {
#define GEN_PASS_DEF_CONVERTNNTOLINALG
#include "Conversion/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

/// The function of one model, under construction.
class ModelFunction {
public:
  explicit ModelFunction(nn::ModelOp model) : model(model), b(model.getContext()) {}

  /// Replaces the model by its function.
  LogicalResult replace();

private:
  /// An argument of the function: what an input or a learned tensor becomes.
  struct Argument {
    StringRef attribute; ///< what kind it is
    RankedTensorType type;
    Location loc;
    unsigned index = 0;
    std::optional<int64_t> limit; ///< ids must be below it
  };
  using Arguments = llvm::MapVector<StringAttr, Argument>;

  LogicalResult check(Operation *op);
  /// Finds an argument of this name or adds it; fails if the same name has another type.
  LogicalResult addArgument(Arguments &arguments, Operation *op, StringRef attribute,
                            StringRef name, RankedTensorType type);
  LogicalResult collect();
  void createFunction();
  LogicalResult lower(Block &block);

  nn::ModelOp model;
  OpBuilder b;
  Arguments inputs, weights;
  SmallVector<nn::SegmentOp> segments;
  func::FuncOp function;
  IRMapping values;
};

} // namespace

LogicalResult ModelFunction::check(Operation *op) {
  // It has the type of what it yields.
  if (isa<nn::SegmentOp>(op))
    return success();
  std::string parameter;
  visitParameters(op->getAttrDictionary(), [&](StringRef name) { parameter = name.str(); });
  if (!parameter.empty())
    return op->emitOpError("depends on parameter '") << parameter << "', which is not bound";
  if (isa<nn::RepeatOp>(op))
    return op->emitOpError("must be unrolled first (unroll-repeat)");
  for (Value result : op->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    if (!type.hasStaticShape())
      return op->emitOpError("has a result of unknown shape: ") << type;
    bool ids = isa<nn::InputOp>(op) && type.getElementType().isInteger(32);
    if (!ids && !type.getElementType().isF32())
      return op->emitOpError("has a result of ")
             << type << ", but only f32 tensors and inputs of i32 lower to linalg";
  }
  return success();
}

LogicalResult ModelFunction::addArgument(Arguments &arguments, Operation *op, StringRef attribute,
                                         StringRef name, RankedTensorType type) {
  auto [it, isNew] =
      arguments.insert({b.getStringAttr(name), Argument{attribute, type, op->getLoc(), 0, {}}});
  if (!isNew && it->second.type != type)
    return op->emitOpError("uses '")
           << name << "' as " << type << ", another op as " << it->second.type;
  return success();
}

LogicalResult ModelFunction::collect() {
  WalkResult result = model.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (failed(check(op)))
      return WalkResult::interrupt();
    if (auto input = dyn_cast<nn::InputOp>(op))
      if (failed(addArgument(inputs, op, "nn.input", input.getName(),
                             cast<RankedTensorType>(input.getResult().getType()))))
        return WalkResult::interrupt();
    if (auto weighted = dyn_cast<WeightsOpInterface>(op))
      for (const WeightTensor &tensor : weighted.getWeightTensors())
        if (failed(addArgument(weights, op, "nn.weight", tensor.name, tensor.type)))
          return WalkResult::interrupt();
    if (auto embed = dyn_cast<nn::TokenEmbedOp>(op))
      if (auto input = embed.getTokens().getDefiningOp<nn::InputOp>()) {
        std::optional<int64_t> &limit = inputs.find(input.getNameAttr())->second.limit;
        int64_t vocab = *getBoundInteger(embed.getVocab());
        limit = limit ? std::min(*limit, vocab) : vocab;
      }
    if (auto segment = dyn_cast<nn::SegmentOp>(op))
      segments.push_back(segment);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  // Segments are what a model is made of, and each gives an output; what the model returns is among
  // them.
  for (Value value : model.getBody().front().getTerminator()->getOperands())
    if (!isa_and_present<nn::SegmentOp>(value.getDefiningOp()))
      return model.emitOpError("returns a value that is not the result of a segment");
  return success();
}

void ModelFunction::createFunction() {
  SmallVector<Type> types, results;
  SmallVector<DictionaryAttr> attributes, resultAttributes;
  SmallVector<Location> locations;
  for (Arguments *arguments : {&inputs, &weights})
    for (auto &[name, argument] : *arguments) {
      argument.index = types.size();
      types.push_back(argument.type);
      locations.push_back(argument.loc);
      SmallVector<NamedAttribute> named{b.getNamedAttr(argument.attribute, name)};
      if (argument.limit)
        named.push_back(b.getNamedAttr("nn.limit", b.getI64IntegerAttr(*argument.limit)));
      attributes.push_back(b.getDictionaryAttr(named));
    }
  for (nn::SegmentOp segment : segments) {
    results.push_back(segment.getResult().getType());
    resultAttributes.push_back(
        b.getDictionaryAttr(b.getNamedAttr("nn.output", segment.getSymNameAttr())));
  }
  b.setInsertionPoint(model);
  function = func::FuncOp::create(b, model.getLoc(), model.getSymName(),
                                  b.getFunctionType(types, results));
  function.setAllArgAttrs(attributes);
  function.setAllResultAttrs(resultAttributes);
  function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(), b.getUnitAttr());
  b.createBlock(&function.getBody(), {}, types, locations);
}

LogicalResult ModelFunction::lower(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (auto segment = dyn_cast<nn::SegmentOp>(op)) {
      Block &body = segment.getBody().front();
      if (failed(lower(body)))
        return failure();
      values.map(segment.getResult(), values.lookup(body.getTerminator()->getOperand(0)));
      continue;
    }
    if (auto input = dyn_cast<nn::InputOp>(op)) {
      values.map(input.getResult(),
                 function.getArgument(inputs.find(input.getNameAttr())->second.index));
      continue;
    }
    SmallVector<Value> operands, tensors;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    if (auto weighted = dyn_cast<WeightsOpInterface>(op))
      for (const WeightTensor &tensor : weighted.getWeightTensors())
        tensors.push_back(
            function.getArgument(weights.find(b.getStringAttr(tensor.name))->second.index));
    FailureOr<Value> result = lowerToLinalg(b, op, operands, tensors);
    if (failed(result))
      return failure();
    values.map(op.getResult(0), *result);
  }
  return success();
}

LogicalResult ModelFunction::replace() {
  if (failed(collect()))
    return failure();
  createFunction();
  if (failed(lower(model.getBody().front())))
    return failure();
  SmallVector<Value> results;
  for (nn::SegmentOp segment : segments)
    results.push_back(values.lookup(segment.getResult()));
  func::ReturnOp::create(b, model.getLoc(), results);
  model.erase();
  return success();
}

namespace {

struct ConvertNNToLinalg : cat::impl::ConvertNNToLinalgBase<ConvertNNToLinalg> {
  using Base::Base;
  void runOnOperation() override {
    for (auto model : llvm::make_early_inc_range(getOperation().getOps<nn::ModelOp>()))
      if (failed(ModelFunction(model).replace()))
        return signalPassFailure();
  }
};

} // namespace
