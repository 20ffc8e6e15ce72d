//===- Model.cpp - The model of a design as a configuration ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model.h"
#include "Emit/Json.h"
#include "Models/ModelRecord.h"
#include "NN/NN.h"
#include "Support/Check.h"
#include <cmath>
#include <limits>
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

/// What both towers have.
struct Tower {
  std::string name;
  int64_t layers = 0, width = 0, heads = 0, headDim = 0, ffn = 0, embed = 0;
};

} // namespace

static std::optional<Tower> readTower(nn::SegmentOp segment) {
  Sizes sizes(segment, segment.getSizes());
  auto layers = sizes.find("layers"), width = sizes.find("width"), heads = sizes.find("heads"),
       headDim = sizes.find("head_dim"), ffn = sizes.find("ffn");
  if (!layers || !width || !heads || !headDim || !ffn)
    return std::nullopt;
  auto type = llvm::cast<mlir::RankedTensorType>(segment.getResult().getType());
  return Tower{segment.getSymName().str(), *layers, *width, *heads, *headDim, *ffn,
               type.getShape().back()};
}

/// OpenCLIP computes int(width * mlp_ratio); the ratio whose product does not fall short by
/// rounding.
static double mlpRatio(const Tower &tower) {
  double width = static_cast<double>(tower.width), ffn = static_cast<double>(tower.ffn),
         ratio = ffn / width;
  return width * ratio < ffn ? std::nextafter(ratio, std::numeric_limits<double>::infinity())
                             : ratio;
}

static void findDifferences(const Tower &tower, std::vector<emit::Difference> &differences) {
  // Attention there is over embed_dim = width, in heads of width / heads.
  if (tower.heads * tower.headDim != tower.width)
    differences.push_back({tower.name, "heads * head_dim = " + std::to_string(tower.heads) + " * " +
                                           std::to_string(tower.headDim) + " is not the width " +
                                           std::to_string(tower.width) +
                                           "; OpenCLIP divides the width among the heads"});
  double built = std::floor(static_cast<double>(tower.width) * mlpRatio(tower));
  if (built != static_cast<double>(tower.ffn))
    differences.push_back({tower.name, "width * mlp_ratio gives " + results::shortestNumber(built) +
                                           " and not the feed-forward size " +
                                           std::to_string(tower.ffn)});
}

/// Text of model.catc.json.
static std::string recordOf(nn::ModelOp model, const results::DesignRecord &design,
                            const std::vector<emit::Difference> &differences) {
  return emit::jsonText([&](json::OStream &out) {
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
  std::optional<Tower> vision, text;
  std::optional<int64_t> image, patch, context, vocab;
  for (auto segment : model.getBody().getOps<nn::SegmentOp>()) {
    Sizes sizes(segment, segment.getSizes());
    if (sizes.has("patch")) {
      vision = readTower(segment);
      image = sizes.find("image");
      patch = sizes.find("patch");
    } else if (sizes.has("vocab")) {
      text = readTower(segment);
      context = sizes.find("context");
      vocab = sizes.find("vocab");
    }
  }
  if (!vision || !text || !image || !patch || !context || !vocab)
    return model.emitError()
           << "an OpenCLIP configuration needs one tower for images and one for texts";

  Model files;
  std::vector<Difference> &differences = files.differences;
  findDifferences(*vision, differences);
  findDifferences(*text, differences);
  if (vision->width % vision->headDim == 0 && vision->width / vision->headDim != vision->heads)
    differences.push_back({vision->name, "width / head_width gives " +
                                             std::to_string(vision->width / vision->headDim) +
                                             " heads and not " + std::to_string(vision->heads)});
  if (*image % *patch != 0)
    differences.push_back({vision->name, "the image size " + std::to_string(*image) +
                                             " is no multiple of the patch size " +
                                             std::to_string(*patch)});
  if (vision->embed != text->embed)
    differences.push_back({text->name, "its embedding has " + std::to_string(text->embed) +
                                           " elements and not " + std::to_string(vision->embed)});
  std::string activation = activationOf(model);

  files.configuration = jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("embed_dim", vision->embed);
      if (activation == "quick_gelu")
        out.attribute("quick_gelu", true);
      out.attributeObject("vision_cfg", [&] {
        out.attribute("image_size", *image);
        out.attribute("layers", vision->layers);
        out.attribute("width", vision->width);
        out.attribute("head_width", vision->headDim);
        out.attribute("patch_size", *patch);
        number(out, "mlp_ratio", mlpRatio(*vision));
      });
      out.attributeObject("text_cfg", [&] {
        out.attribute("context_length", *context);
        out.attribute("vocab_size", *vocab);
        out.attribute("width", text->width);
        out.attribute("heads", text->heads);
        out.attribute("layers", text->layers);
        number(out, "mlp_ratio", mlpRatio(*text));
      });
    });
  });
  files.record = recordOf(model, design, files.differences);
  return files;
}
