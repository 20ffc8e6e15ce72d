//===- LowerValue.cpp - Values as attributes ------------------------------===//
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
using llvm::StringRef;
using llvm::success;

mlir::Attribute Lowering::attributeOf(const Value &value) {
  if (value.attribute)
    return value.attribute;
  if (value.kind == Value::Kind::Block && !value.isChoice())
    return dictionaryOf(*value.objects.front());
  llvm::SmallVector<mlir::Attribute> elements;
  if (value.isChoice())
    elements.push_back(value.index);
  for (Object *object : value.objects)
    elements.push_back(dictionaryOf(*object));
  return value.isChoice() ? space::ExprAttr::fold(b_.getContext(), ExprOp::Select, elements)
                          : mlir::Attribute(b_.getArrayAttr(elements));
}

mlir::DictionaryAttr Lowering::dictionaryOf(const Object &object) {
  // A constant truth value is a boolean to those who read the dictionary.
  auto entryOf = [&](const Value &value) -> mlir::Attribute {
    std::optional<double> truth =
        value.kind == Value::Kind::Truth ? constantOf(value) : std::nullopt;
    return truth ? b_.getBoolAttr(*truth != 0) : attributeOf(value);
  };
  mlir::NamedAttrList attributes;
  if (!object.name.empty())
    attributes.set("name", b_.getStringAttr(object.name));
  for (auto &[name, field] : object.fields)
    if (const Value &value = sema_.evaluate(*field); !field->isLet && !value.isError())
      attributes.set(name, entryOf(value));
  for (Object *child : object.children)
    attributes.set(child->name.empty() ? StringRef(child->kind->name) : child->name,
                   dictionaryOf(*child));
  return attributes.getDictionary(b_.getContext());
}

mlir::Location Lowering::keyPlace(StringRef key, SMRange range, SMRange use) {
  mlir::Location place = location(range);
  if (use.isValid() && use.Start != range.Start)
    place = mlir::CallSiteLoc::get(place, location(use));
  return mlir::NameLoc::get(b_.getStringAttr(key), place);
}

LogicalResult Lowering::flatten(const Value &block, SMRange use, mlir::NamedAttrList &attributes,
                                llvm::SmallVectorImpl<mlir::Location> &places) {
  for (const KeySchema &schema : block.objects.front()->kind->keys) {
    llvm::SmallVector<mlir::Attribute> operands;
    Object *without = nullptr;
    for (Object *object : block.objects) {
      const Value *value = sema_.valueOf(*object, schema.name);
      if (value && value->isError())
        return failure();
      if (!value) {
        without = object;
        continue;
      }
      operands.push_back(attributeOf(*value));
      places.push_back(keyPlace(schema.name, object->field(schema.name)->range, use));
    }
    if (operands.empty())
      continue;
    if (without) {
      // The choice is at fault, not the key that it ends up in.
      auto index = llvm::dyn_cast_or_null<space::RefAttr>(block.index);
      SMRange range = use;
      if (Field *search = index ? parameters_.lookup(index.getName().getValue()) : nullptr)
        range = search->search->domain.range;
      sema_.diagnostics()
          .error(range, "some of the choices give '" + schema.name + "', but '" + without->name +
                            "' does not")
          .note(without->range, "'" + without->name + "' declared here");
      return failure();
    }
    if (!block.isChoice()) {
      attributes.set(schema.name, operands.front());
      continue;
    }
    operands.insert(operands.begin(), block.index);
    attributes.set(schema.name, space::ExprAttr::fold(b_.getContext(), ExprOp::Select, operands));
  }
  return success();
}
