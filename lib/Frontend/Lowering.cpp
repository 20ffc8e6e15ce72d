//===- Lowering.cpp - From checked blocks to space IR ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Lowering.h"
#include "Frontend/Locations.h"

using namespace cat;
using namespace cat::frontend;
using llvm::failure;
using llvm::LogicalResult;
using llvm::SMRange;
using llvm::StringRef;
using llvm::success;

Lowering::Lowering(Sema &sema, mlir::ModuleOp module)
    : sema_(sema), module_(module), b_(module.getContext()) {
  b_.setInsertionPointToEnd(module.getBody());
}

mlir::Location Lowering::location(SMRange range) {
  return locationOf(b_.getContext(), sema_.diagnostics().sources(), range);
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

void Lowering::collectParameters(Object &object, llvm::SmallVectorImpl<Field *> &fields) {
  for (auto &[name, field] : object.fields)
    if (field->search)
      fields.push_back(field);
  for (Object *child : object.children)
    collectParameters(*child, fields);
}

LogicalResult Lowering::lowerParameters(llvm::ArrayRef<Object *> roots) {
  const llvm::SourceMgr &sources = sema_.diagnostics().sources();
  for (Object *root : roots) {
    llvm::SmallVector<Field *> fields;
    collectParameters(*root, fields);
    // In the order in which they are written: it numbers the designs.
    llvm::stable_sort(fields, [&](Field *a, Field *b) {
      auto key = [&](Field *field) {
        return std::make_pair(sources.FindBufferContainingLoc(field->range.Start),
                              field->range.Start.getPointer());
      };
      return key(a) < key(b);
    });
    for (Field *field : fields) {
      if (sema_.evaluate(*field).isError())
        return failure();
      std::string path = field->owner->path + "." + field->name.str();
      if (!parameters_.try_emplace(path, field).second) {
        sema_.diagnostics().error(field->range, "model and hardware both have a parameter '" +
                                                    path + "'; rename one of them");
        return failure();
      }
      bool hasUnit = !field->unit.empty();
      space::ParamOp::create(b_, location(field->range), b_.getStringAttr(path),
                             llvm::cast<DomainAttrInterface>(field->domain),
                             hasUnit ? b_.getStringAttr(field->unit) : mlir::StringAttr(),
                             hasUnit ? b_.getF64FloatAttr(field->scale) : mlir::FloatAttr());
    }
  }
  return success();
}

/// What a study says may depend on its own parameters only.
void Lowering::checkParameters(mlir::Attribute value, SMRange range) {
  visitParameters(value, [&](StringRef path) {
    if (!parameters_.count(path))
      sema_.diagnostics().error(range, "'" + path +
                                           "' is not a parameter of the study's model or hardware");
  });
}

//===----------------------------------------------------------------------===//
// Requirements
//===----------------------------------------------------------------------===//

void Lowering::lowerRequirement(const Scoped<ast::Require> &require) {
  const ast::Require &node = *require.node;
  Value value = sema_.evaluate(*node.condition, {require.scope, require.file});
  if (value.isError())
    return;
  checkParameters(value.attribute, node.condition->range);
  mlir::Attribute condition = value.attribute;
  // A truth value that is selected by a parameter becomes a comparison.
  if (auto expr = llvm::dyn_cast<space::ExprAttr>(condition);
      expr && expr.getOp() == ExprOp::Select)
    condition =
        space::ExprAttr::fold(b_.getContext(), ExprOp::NE, {condition, b_.getI64IntegerAttr(0)});
  space::RequireOp::create(b_, location(node.condition->range),
                           node.label ? b_.getStringAttr(*node.label) : mlir::StringAttr(),
                           condition);
}

void Lowering::lowerRequirements(const Object &object) {
  for (const auto &require : object.requirements)
    lowerRequirement(require);
  for (Object *child : object.children)
    lowerRequirements(*child);
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

LogicalResult Lowering::lower(Object &study) {
  auto blockOf = [&](StringRef key) -> Object & {
    return *sema_.valueOf(study, key)->objects.front();
  };
  Object &model = blockOf("model"), &hardware = blockOf("hardware"), &carbon = blockOf("carbon");
  Object *workload = study.childOfKind("workload");

  // Their names become symbols of one module.
  llvm::StringMap<SMRange> names;
  for (Object *object : {&model, &hardware, &carbon, &study}) {
    auto [it, inserted] = names.try_emplace(object->name, object->range);
    if (inserted)
      continue;
    sema_.diagnostics()
        .error(study.range,
               study.describe() +
                   " and what it uses must have different names, but two are called '" +
                   object->name + "'")
        .note(it->second, "one is here")
        .note(object->range, "the other is here");
    return failure();
  }

  if (failed(lowerParameters({&model, &hardware})))
    return failure();
  lowerRequirements(model);
  lowerRequirements(hardware);
  if (failed(lowerModel(model, workload, model.name)) || failed(lowerParent(model, workload)) ||
      failed(lowerMachine(hardware, hardware.name)))
    return failure();
  lowerCarbon(carbon);

  auto op = space::StudyOp::create(b_, location(study.range), study.name, model.name, hardware.name,
                                   carbon.name, strategyOf(study), {}, {}, {});
  {
    mlir::OpBuilder::InsertionGuard guard(b_);
    b_.createBlock(&op.getBody());
    for (const auto &goal : study.goals)
      lowerGoal(goal);
    for (const auto &require : study.requirements)
      lowerRequirement(require);
    lowerEvaluators(study);
  }
  if (failed(lowerBaseline(study, workload, op)))
    return failure();
  return success(!sema_.diagnostics().hasErrors());
}
