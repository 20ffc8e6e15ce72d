//===- LowerMachine.cpp - Accelerators ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Lowering.h"
#include "Interfaces/FieldReader.h"

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

SMRange Lowering::originOf(const Field &field, const Object &hardware) {
  auto *name = llvm::dyn_cast_or_null<ast::NameExpr>(field.value);
  const Field *origin =
      name && name->parts.size() == 1 ? hardware.field(name->parts.front().text) : nullptr;
  return origin ? origin->range : field.range;
}

LogicalResult Lowering::lowerComponent(Object &component) {
  mlir::NamedAttrList attributes;
  llvm::SmallVector<mlir::Location> places;
  for (auto &[name, field] : component.fields) {
    const Value &value = sema_.evaluate(*field);
    if (value.isError())
      return failure();
    if (field->isLet)
      continue;
    SMRange origin = originOf(*field, *component.parent);
    // A technology's data become the component's own.
    if (value.kind == Value::Kind::Block) {
      if (failed(flatten(value, origin, attributes, places)))
        return failure();
    } else {
      attributes.set(name, attributeOf(value));
      places.push_back(keyPlace(name, origin, field->range));
    }
  }
  mlir::OperationState state(withKeyPlaces(location(component.range), places),
                             opNameOf(*component.kind));
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
  llvm::SmallVector<mlir::Location> machinePlaces;
  for (const char *key : {"clock", "precision"})
    machinePlaces.push_back(keyPlace(key, hardware.field(key)->range, {}));
  auto machine =
      accel::MachineOp::create(b_, withKeyPlaces(location(hardware.range), machinePlaces),
                               b_.getStringAttr(name), clock, precision);

  mlir::OpBuilder::InsertionGuard guard(b_);
  b_.createBlock(&machine.getBody());
  const Value &node = *sema_.valueOf(hardware, "node");
  SMRange nodeRange = hardware.field("node")->range;
  mlir::NamedAttrList attributes;
  llvm::SmallVector<mlir::Location> places;
  if (failed(flatten(node, nodeRange, attributes, places)))
    return failure();
  mlir::OperationState process(withKeyPlaces(location(nodeRange), places),
                               accel::ProcessOp::getOperationName());
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
