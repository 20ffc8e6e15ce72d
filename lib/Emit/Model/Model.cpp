//===- Model.cpp - The model of a design as a configuration ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model/Model.h"
#include "Models/ModelRecord.h"
#include "NN/NN.h"
#include "Results/JsonText.h"
#include "Support/Check.h"
#include <optional>

using namespace cat;
namespace json = llvm::json;

namespace {

/// The bound sizes of a segment, by name.
class Sizes {
public:
  Sizes(nn::SegmentOp segment, mlir::DictionaryAttr sizes) : segment_(segment), sizes_(sizes) {}

  bool has(llvm::StringRef name) const { return sizes_ && sizes_.contains(name); }

  /// Emits an error if the size is missing.
  std::optional<int64_t> find(llvm::StringRef name) {
    if (auto value = sizes_.getAs<mlir::IntegerAttr>(name))
      return value.getInt();
    segment_.emitError() << "an OpenCLIP configuration needs the size '" << name << "' of '"
                         << segment_.getSymName() << "'";
    return std::nullopt;
  }

private:
  nn::SegmentOp segment_;
  mlir::DictionaryAttr sizes_;
};

} // namespace

static std::optional<weights::TowerConfig> readTower(nn::SegmentOp segment) {
  Sizes sizes(segment, segment.getSizes());
  auto layers = sizes.find("layers"), width = sizes.find("width"), heads = sizes.find("heads"),
       headDim = sizes.find("head_dim"), ffn = sizes.find("ffn");
  if (!layers || !width || !heads || !headDim || !ffn)
    return std::nullopt;
  return weights::TowerConfig{*layers, *width, *heads, *headDim, *ffn};
}

/// Elements of the embedding that a tower ends in.
static int64_t embedOf(nn::SegmentOp segment) {
  return llvm::cast<mlir::RankedTensorType>(segment.getResult().getType()).getShape().back();
}

/// Text of model.catc.json.
static std::string recordOf(nn::ModelOp model, const results::DesignRecord &design,
                            const std::vector<emit::Difference> &differences) {
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      writeModelRecord(out, model);
      out.attribute("configuration", emit::kModelFile);
      out.attribute("design", design.id.str());
      out.attributeArray("not_expressible_upstream", [&] {
        for (const emit::Difference &difference : differences)
          out.object([&] {
            out.attribute("where", difference.where);
            out.attribute("reason", difference.reason);
          });
      });
    });
  });
}

llvm::FailureOr<emit::Model> emit::model(mlir::ModuleOp bound,
                                         const results::DesignRecord &design) {
  auto models = bound.getOps<nn::ModelOp>();
  CATC_CHECK(!models.empty(), "a model is emitted from a module without one");
  nn::ModelOp model = *models.begin();
  if (model.getFamily() != "clip")
    return model.emitError() << "a model of family '" << model.getFamily()
                             << "' has no OpenCLIP configuration; use "
                             << "another --target";

  // Which tower is which follows from what it reads, not from its name.
  nn::SegmentOp vision, text;
  std::optional<weights::TowerConfig> visionTower, textTower;
  std::optional<int64_t> image, patch, context, vocab;
  for (auto segment : model.getBody().getOps<nn::SegmentOp>()) {
    Sizes sizes(segment, segment.getSizes());
    if (sizes.has("patch")) {
      vision = segment;
      visionTower = readTower(segment);
      image = sizes.find("image");
      patch = sizes.find("patch");
    } else if (sizes.has("vocab")) {
      text = segment;
      textTower = readTower(segment);
      context = sizes.find("context");
      vocab = sizes.find("vocab");
    }
  }
  if (!visionTower || !textTower || !image || !patch || !context || !vocab)
    return model.emitError()
           << "an OpenCLIP configuration needs one tower for images and one for texts";

  weights::ClipConfig config;
  config.embed = embedOf(vision);
  config.activation = activationOf(model) == nameOf(weights::Activation::QuickGelu)
                          ? weights::Activation::QuickGelu
                          : weights::Activation::Gelu;
  config.vision = *visionTower;
  config.text = *textTower;
  config.patch = *patch;
  config.image = *image;
  config.context = *context;
  config.vocab = *vocab;
  Model files;
  files.differences = weights::findOpenClipDifferences(config);
  if (embedOf(text) == config.embed)
    files.config = config;
  else
    files.differences.push_back(
        {text.getSymName().str(), "its embedding has " + std::to_string(embedOf(text)) +
                                      " elements and not " + std::to_string(config.embed)});
  files.configuration = weights::printOpenClipConfig(config);
  files.record = recordOf(model, design, files.differences);
  return files;
}
