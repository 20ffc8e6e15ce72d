//===- LowerStudy.cpp - Deployments and studies ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Lowering.h"

using namespace cat;
using namespace cat::frontend;
using llvm::dyn_cast;
using llvm::failure;
using llvm::LogicalResult;
using llvm::StringRef;
using llvm::success;

void Lowering::lowerCarbon(Object &carbon) {
  mlir::NamedAttrList attributes, sources;
  for (auto &[name, field] : carbon.fields) {
    const Value &value = sema_.evaluate(*field);
    if (value.isError() || field->isLet)
      continue;
    if (value.kind != Value::Kind::Block) {
      // In IR, each attribute has one dimension.
      bool isEnergy = value.kind == Value::Kind::Number && value.dimension == dim::energy;
      attributes.set(isEnergy ? (name + "_energy").str() : name, value.attribute);
      checkParameters(value.attribute, field->range);
      continue;
    }
    Object &object = *value.objects.front();
    if (const Value *intensity = sema_.valueOf(object, "intensity")) {
      attributes.set(name, intensity->attribute);
      const Value *source = sema_.valueOf(object, "source");
      auto text = source ? dyn_cast<mlir::StringAttr>(source->attribute) : mlir::StringAttr();
      sources.set(name,
                  b_.getStringAttr(object.name + (text ? ": " + text.getValue() : llvm::Twine())));
    } else {
      for (auto &[key, parameter] : object.fields)
        if (!parameter->isLet)
          attributes.set(key, sema_.evaluate(*parameter).attribute);
    }
  }
  attributes.set(mlir::SymbolTable::getSymbolAttrName(), b_.getStringAttr(carbon.name));
  if (!sources.empty())
    attributes.set("sources", sources.getDictionary(b_.getContext()));
  mlir::OperationState state(location(carbon.range), space::CarbonOp::getOperationName());
  state.addAttributes(attributes.getAttrs());
  b_.create(state);
}

void Lowering::lowerGoal(const Scoped<ast::Goal> &goal) {
  const ast::Goal &node = *goal.node;
  Scope scope{goal.scope, goal.file};
  Value value = sema_.evaluate(*node.value, scope);
  if (value.isError())
    return;
  checkParameters(value.attribute, node.value->range);

  auto metric = dyn_cast<space::MetricAttr>(value.attribute);
  const MetricSchema *schema = metric ? lookupMetric(metric.getName().getValue()) : nullptr;
  std::string unit = schema ? schema->unit.str() : customaryUnit(value.dimension);
  mlir::FloatAttr threshold;
  if (node.threshold) {
    Value worst = sema_.evaluate(*node.threshold, scope);
    if (worst.isError())
      return;
    threshold = b_.getF64FloatAttr(*constantOf(worst));
    if (auto *literal = dyn_cast<ast::NumberExpr>(node.threshold.get()); literal && literal->unit)
      unit = literal->unit.text.str();
  }
  std::string name = schema ? schema->name.str() : textOf(node.value->range).str();
  std::optional<WrittenUnit> shown = parseUnit(unit);
  space::GoalOp::create(b_, location(node.value->range), b_.getStringAttr(name),
                        node.maximize ? b_.getUnitAttr() : mlir::UnitAttr(), value.attribute,
                        threshold, shown ? b_.getStringAttr(unit) : mlir::StringAttr(),
                        shown ? b_.getF64FloatAttr(shown->scale) : mlir::FloatAttr());
}

void Lowering::lowerEvaluators(Object &study) {
  Object *evaluate = study.childOfKind("evaluate");
  if (!evaluate)
    return;
  for (auto &[metric, field] : evaluate->fields) {
    const Value &value = sema_.evaluate(*field);
    if (value.isError() || field->isLet)
      continue;
    Object &evaluator = *value.objects.front();
    mlir::DictionaryAttr config = dictionaryOf(evaluator);
    checkParameters(config, field->range);
    space::EvaluatorOp::create(b_, location(field->range), b_.getStringAttr(metric),
                               b_.getStringAttr(evaluator.kind->name), config);
  }
}

mlir::DictionaryAttr Lowering::strategyOf(Object &study) {
  Object *strategy = study.childOfKind("strategy");
  return strategy ? dictionaryOf(*strategy) : mlir::DictionaryAttr();
}

LogicalResult Lowering::lowerBaseline(Object &study, Object *workload, space::StudyOp op) {
  if (study.baselines.empty())
    return success();
  const auto &[expr, scope, file] = study.baselines.front();
  Value value = sema_.evaluate(*expr, {scope, file});
  if (value.isError())
    return failure();
  Object &design = *value.objects.front();
  Object &model = *sema_.valueOf(design, "model")->objects.front();
  Object &hardware = *sema_.valueOf(design, "hardware")->objects.front();
  llvm::SmallVector<Field *> searches;
  collectParameters(model, searches);
  collectParameters(hardware, searches);
  if (!searches.empty()) {
    sema_.diagnostics()
        .error(expr->range, "a baseline must be a fixed design, but '" + searches.front()->name +
                                "' is searched for")
        .note(searches.front()->range, "here");
    return failure();
  }
  std::string modelName = ("baseline." + model.name).str(),
              hardwareName = ("baseline." + hardware.name).str();
  if (modelName == hardwareName)
    hardwareName += ".hardware";
  {
    mlir::OpBuilder::InsertionGuard guard(b_);
    b_.setInsertionPoint(op);
    if (failed(lowerModel(model, workload, modelName)) ||
        failed(lowerMachine(hardware, hardwareName)))
      return failure();
  }
  mlir::NamedAttrList published;
  published.set("name", b_.getStringAttr(design.name));
  if (const Value *source = sema_.valueOf(design, "source"))
    published.set("source", source->attribute);
  if (Object *figures = design.childOfKind("published"))
    published.append(dictionaryOf(*figures));
  op.setBaselineModelAttr(mlir::FlatSymbolRefAttr::get(b_.getContext(), modelName));
  op.setBaselineHardwareAttr(mlir::FlatSymbolRefAttr::get(b_.getContext(), hardwareName));
  op.setBaselineAttr(published.getDictionary(b_.getContext()));
  return success();
}
