//===- LowerModel.cpp - Models --------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Lowering.h"
#include "Frontend/Spelling.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace cat;
using namespace cat::frontend;
using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;

/// A size as the family builders take it; null after an error, and for what is no size.
mlir::Attribute Lowering::sizeOf(Field &field) {
  const Value &value = sema_.evaluate(field);
  if (value.kind == Value::Kind::String)
    return value.attribute;
  if (value.kind != Value::Kind::Number)
    return {};
  std::optional<double> constant = constantOf(value);
  if (!constant || value.integral)
    return value.attribute;
  if (*constant != std::floor(*constant) || std::fabs(*constant) >= 9007199254740992.0) {
    sema_.diagnostics().error(field.range,
                              "'" + field.name + "' is a size and must be a whole number");
    return {};
  }
  return b_.getI64IntegerAttr(static_cast<int64_t>(*constant));
}

/// The model that one is pruned from: the nearest one it derives from that is not searched itself.
Object *Lowering::unprunedOf(Object &model) {
  for (Object *ancestor = model.base; ancestor; ancestor = ancestor->base) {
    llvm::SmallVector<Field *> searches;
    collectParameters(*ancestor, searches);
    if (searches.empty())
      return ancestor;
  }
  return nullptr;
}

models::SizeGroup Lowering::sizesOf(Object &object, Object *parent) {
  models::SizeGroup group{object.name.str(), location(object.range), {}};
  for (auto &[name, field] : object.fields) {
    if (field->isLet || name == "family")
      continue;
    mlir::Attribute value = sizeOf(*field);
    if (!value)
      continue;
    if (field->search && !sema_.evaluate(*field).integral && llvm::isa<space::RefAttr>(value))
      sema_.diagnostics().error(field->range,
                                "'" + field->name + "' is a size and must be a whole number");
    Field *original = parent ? parent->field(name) : nullptr;
    mlir::Attribute unpruned = original ? sizeOf(*original) : mlir::Attribute();
    if (unpruned && isParametric(unpruned))
      unpruned = {};
    group.sizes.insert({name.str(), models::Size{value, unpruned, location(field->range)}});
  }
  return group;
}

LogicalResult Lowering::lowerModel(Object &model, Object *workload, llvm::Twine name) {
  // A model that derives from no other is its own parent.
  Object *ancestor = unprunedOf(model);
  Object &parent = ancestor ? *ancestor : model;
  models::ModelDescription description{
      "", sizesOf(model, &parent), {}, {"workload", location(model.range), {}}};
  description.model.name = name.str();
  const Value *family = sema_.valueOf(model, "family");
  if (!family) {
    llvm::SmallVector<std::string> names;
    for (StringRef known : models::familyNames())
      names.push_back("'family = \"" + known.str() + "\";'");
    sema_.diagnostics().error(model.range, model.describe() + " has no family; add " +
                                               llvm::join(names, " or "));
    return failure();
  }
  auto familyName = llvm::dyn_cast_or_null<mlir::StringAttr>(family->attribute);
  if (!familyName) {
    sema_.diagnostics().error(model.field("family")->range,
                              "the family of a model must be a constant");
    return failure();
  }
  description.family = familyName.getValue().str();
  for (Object *tower : model.children)
    description.towers.push_back(sizesOf(*tower, parent.child(tower->name)));
  if (workload)
    description.workload = sizesOf(*workload, nullptr);
  if (sema_.diagnostics().hasErrors())
    return failure();
  return models::buildModel(b_, description);
}

LogicalResult Lowering::lowerParent(Object &model, Object *workload) {
  Object *unpruned = unprunedOf(model);
  if (!unpruned)
    return llvm::success();
  auto pruned = llvm::cast<nn::ModelOp>(module_.getBody()->back());
  std::string name = (model.name + ".parent").str();
  if (failed(lowerModel(*unpruned, workload, name)))
    return failure();
  pruned.setParent(name);
  return llvm::success();
}
