//===- LowerMachine.cpp - Accelerators ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Lowering.h"

using namespace cat;
using namespace cat::frontend;
using llvm::failure;
using llvm::LogicalResult;
using llvm::SMRange;
using llvm::success;

/// The op of a component. Its attributes are the keys of the component's kind, by the same names.
static std::string opNameOf(const KindSchema &kind) {
  return kind.name == "vector" ? accel::VectorUnitOp::getOperationName().str()
                               : ("accel." + kind.name).str();
}

LogicalResult Lowering::lowerComponent(Object &component) {
  mlir::OperationState state(location(component.range), opNameOf(*component.kind));
  mlir::NamedAttrList attributes;
  for (auto &[name, field] : component.fields) {
    const Value &value = sema_.evaluate(*field);
    if (value.isError())
      return failure();
    if (field->isLet)
      continue;
    // A technology's data become the component's own.
    if (value.kind == Value::Kind::Block) {
      if (failed(flatten(value, field->range, attributes)))
        return failure();
    } else {
      attributes.set(name, attributeOf(value));
    }
  }
  attributes.set(mlir::SymbolTable::getSymbolAttrName(), b_.getStringAttr(component.name));
  state.addAttributes(attributes.getAttrs());
  b_.create(state);
  return success();
}

LogicalResult Lowering::lowerMachine(Object &hardware, llvm::Twine name) {
  mlir::Attribute clock = sema_.valueOf(hardware, "clock")->attribute;
  // A width in bits, where .cat counts data in bytes.
  mlir::Attribute precision = space::ExprAttr::fold(
      b_.getContext(), ExprOp::Mul,
      {b_.getI64IntegerAttr(8), sema_.valueOf(hardware, "precision")->attribute});
  if (std::optional<double> bits = getBoundNumber(precision);
      bits && *bits == static_cast<int64_t>(*bits))
    precision = b_.getI64IntegerAttr(static_cast<int64_t>(*bits));
  auto machine = accel::MachineOp::create(b_, location(hardware.range), b_.getStringAttr(name),
                                          clock, precision);

  mlir::OpBuilder::InsertionGuard guard(b_);
  b_.createBlock(&machine.getBody());
  const Value &node = *sema_.valueOf(hardware, "node");
  SMRange nodeRange = hardware.field("node")->range;
  mlir::NamedAttrList attributes;
  if (failed(flatten(node, nodeRange, attributes)))
    return failure();
  mlir::OperationState process(location(nodeRange), accel::ProcessOp::getOperationName());
  attributes.set(
      mlir::SymbolTable::getSymbolAttrName(),
      b_.getStringAttr(node.isChoice() ? llvm::StringRef("node") : node.objects.front()->name));
  process.addAttributes(attributes.getAttrs());
  b_.create(process);

  for (Object *component : hardware.children)
    if (failed(lowerComponent(*component)))
      return failure();
  return success();
}
