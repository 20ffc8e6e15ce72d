//===- Accuracy.cpp - The evaluated metric of a study ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Accuracy.h"
#include "Eval/PredictorBlock.h"
#include "Support/Check.h"
#include "Transforms/Bind.h"

using namespace mlir;
using namespace cat;
using namespace cat::study;

/// Towers of a model without parameters, from its lowered graph.
static FailureOr<eval::ModelShape> shapeOf(nn::ModelOp model) {
  OwningOpRef<ModuleOp> empty = ModuleOp::create(model.getLoc());
  ParameterTable none(*empty, nullptr, nullptr, nullptr);
  FailureOr<LoweredModel> lowered = lowerModel(model, none, 1);
  if (failed(lowered))
    return failure();
  eval::ModelShape shape;
  for (LoweredSegment &segment : lowered->segments)
    shape[segment.name] = {segment.variants.front().macs,
                           std::move(segment.variants.front().sizes)};
  return shape;
}

static results::AccuracyRecord toRecord(const eval::Prediction &prediction) {
  return {prediction.value, prediction.sigma, prediction.noise, std::string(prediction.source),
          prediction.extrapolated};
}

space::EvaluatorOp study::findEvaluator(StudyOps ops) {
  for (auto op : ops.study.getBody().getOps<space::EvaluatorOp>())
    if (op.getMetric() == "accuracy")
      return op;
  return nullptr;
}

FailureOr<std::optional<eval::Predictor>> study::makePredictor(StudyOps ops) {
  space::EvaluatorOp evaluator = findEvaluator(ops);
  if (!evaluator || evaluator.getProvider() != kPredictorProvider)
    return std::optional<eval::Predictor>();
  auto block = eval::readPredictorBlock(evaluator.getConfig());
  if (auto *problem = std::get_if<std::string>(&block)) {
    evaluator.emitError() << *problem;
    return failure();
  }
  auto &config = std::get<eval::PredictorBlock>(block);
  // A model without parameters that derives from no other is itself unpruned.
  nn::ModelOp parent = ops.model;
  if (ops.model.getParent())
    parent = SymbolTable(ops.module).lookup<nn::ModelOp>(*ops.model.getParent());
  else if (!ParameterTable(ops.module, ops.model, nullptr, nullptr).modelParameters().empty())
    parent = nullptr;
  if (!parent) {
    evaluator.emitError() << "the predictor compares with an unpruned model, but '"
                          << ops.model.getSymName() << "' derives from none and is searched itself";
    return failure();
  }
  FailureOr<eval::ModelShape> shape = shapeOf(parent);
  if (failed(shape))
    return failure();
  auto predictor = eval::Predictor::create(config.data, config.checkpoint, *shape);
  if (auto *reason = std::get_if<std::string>(&predictor)) {
    evaluator.emitError() << *reason;
    return failure();
  }
  return std::optional<eval::Predictor>(std::get<eval::Predictor>(std::move(predictor)));
}

FailureOr<std::optional<NamedAccuracy>> study::predictModel(StudyOps ops, nn::ModelOp model) {
  FailureOr<std::optional<eval::Predictor>> predictor = makePredictor(ops);
  if (failed(predictor))
    return failure();
  if (!*predictor)
    return std::optional<NamedAccuracy>();
  FailureOr<eval::ModelShape> shape = shapeOf(model);
  if (failed(shape))
    return failure();
  return std::optional<NamedAccuracy>(
      {toRecord((*predictor)->predict(*shape)), (*predictor)->metric()});
}

FailureOr<std::optional<NamedAccuracy>>
study::predictDesign(StudyOps ops, const ParameterTable &table, const Point &point) {
  FailureOr<std::optional<eval::Predictor>> predictor = makePredictor(ops);
  if (failed(predictor))
    return failure();
  if (!*predictor)
    return std::optional<NamedAccuracy>();
  // Every parameter of the model has one level: that of the point.
  OwningOpRef<ModuleOp> module = ops.module.clone();
  auto model = SymbolTable(*module).lookup<nn::ModelOp>(ops.model.getSymName());
  if (failed(substitute(model, table.literalsAt(point))))
    return failure();
  FailureOr<eval::ModelShape> shape = shapeOf(model);
  if (failed(shape))
    return failure();
  return std::optional<NamedAccuracy>(
      {toRecord((*predictor)->predict(*shape)), (*predictor)->metric()});
}

ModelPredictions::ModelPredictions(const eval::Predictor &predictor, const Codesign &codesign)
    : predictor_(predictor), codesign_(codesign) {
  const LoweredModel &model = codesign.lowered();
  for (size_t i = 0; i < predictor.segments().size(); ++i) {
    auto it = llvm::find_if(
        model.segments, [&](const LoweredSegment &s) { return s.name == predictor.segments()[i]; });
    CATC_CHECK(it != model.segments.end(),
               "the predictor's towers are those of the model's parent");
    segments_.push_back(it - model.segments.begin());
    std::vector<eval::SegmentTerm> terms;
    for (const SegmentVariant &variant : it->variants)
      terms.push_back(predictor.segmentTerm(i, {variant.macs, variant.sizes}));
    terms_.push_back(std::move(terms));
  }
}

eval::Prediction ModelPredictions::at(search::ModelId model) const {
  SmallVector<int32_t, 16> levels(codesign_.problem().parameters.size());
  codesign_.problem().levels(model, levels.data());
  SmallVector<eval::SegmentTerm, 4> terms;
  for (size_t i = 0; i < segments_.size(); ++i)
    terms.push_back(terms_[i][codesign_.problem().variant(segments_[i], levels.data())]);
  return predictor_.combine(terms.data());
}

results::AccuracyRecord ModelPredictions::record(search::ModelId model) const {
  return toRecord(at(model));
}
