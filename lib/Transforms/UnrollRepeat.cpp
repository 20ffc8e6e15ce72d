//===- UnrollRepeat.cpp - Make layers explicit ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

namespace cat {
#define GEN_PASS_DEF_UNROLLREPEAT
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

namespace {

/// `{layer}` in weight names.
constexpr StringLiteral kLayerField = "{layer}";

struct UnrollRepeatPass : cat::impl::UnrollRepeatBase<UnrollRepeatPass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<nn::RepeatOp> repeats;
    getOperation().walk([&](nn::RepeatOp op) { repeats.push_back(op); });
    for (nn::RepeatOp repeat : repeats)
      if (failed(unroll(repeat)))
        return signalPassFailure();
  }

private:
  static LogicalResult unroll(nn::RepeatOp repeat) {
    FailureOr<int64_t> count = repeat.getExecutionCount();
    if (failed(count))
      return repeat.emitOpError("repeats an unbound number of times");
    OpBuilder b(repeat);
    Value value = repeat.getInit();
    Block &body = repeat.getBody().front();
    for (int64_t i = 0; i < *count; ++i) {
      int64_t layer = repeat.getKept() ? (*repeat.getKept())[i] : i;
      IRMapping map;
      map.map(body.getArgument(0), value);
      for (Operation &op : body.without_terminator())
        nameLayer(b.clone(op, map), layer);
      value = map.lookup(body.getTerminator()->getOperand(0));
    }
    repeat.getResult().replaceAllUsesWith(value);
    repeat.erase();
    return success();
  }

  /// Puts the layer's index into the weight names of an op, if it has any.
  static void nameLayer(Operation *op, int64_t layer) {
    AttrTypeReplacer names;
    names.addReplacement([layer](StringAttr name) -> std::optional<Attribute> {
      auto [before, after] = name.getValue().split(kLayerField);
      if (before.size() == name.size())
        return std::nullopt;
      return StringAttr::get(name.getContext(), before + Twine(layer) + after);
    });
    for (StringRef key : {"weight", "tensors"})
      if (Attribute name = op->getAttr(key))
        op->setAttr(key, names.replace(name));
  }
};

} // namespace
