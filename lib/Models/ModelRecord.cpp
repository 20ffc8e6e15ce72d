//===- ModelRecord.cpp - A model's sizes for other programs ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models/ModelRecord.h"
#include "Support/Check.h"

using namespace cat;
namespace json = llvm::json;

std::string cat::activationOf(nn::ModelOp model) {
  std::string activation;
  model.walk([&](nn::PointwiseOp op) {
    CATC_CHECK(activation.empty() || activation == op.getFunction(), "a model has one activation");
    activation = op.getFunction().str();
  });
  return activation;
}

static void writeSizes(json::OStream &out, llvm::StringRef key, mlir::DictionaryAttr sizes) {
  if (!sizes || sizes.empty())
    return;
  out.attributeObject(key, [&] {
    for (mlir::NamedAttribute size : sizes)
      if (auto value = llvm::dyn_cast<mlir::IntegerAttr>(size.getValue()))
        out.attribute(size.getName().getValue(), value.getInt());
  });
}

/// Size of the embedding that the segments with sizes end in; nothing if they differ.
static std::optional<int64_t> embedOf(nn::ModelOp model) {
  std::optional<int64_t> embed;
  for (auto segment : model.getBody().getOps<nn::SegmentOp>()) {
    if (segment.getSizes().empty())
      continue;
    auto type = llvm::dyn_cast<mlir::RankedTensorType>(segment.getResult().getType());
    if (!type || !type.hasStaticShape() || type.getRank() == 0)
      return std::nullopt;
    if (embed && *embed != type.getShape().back())
      return std::nullopt;
    embed = type.getShape().back();
  }
  return embed;
}

std::optional<std::string> cat::whyNotAsRecorded(nn::ModelOp model) {
  std::optional<std::string> why;
  for (auto segment : model.getBody().getOps<nn::SegmentOp>()) {
    auto size = segment.getSizes().getAs<mlir::IntegerAttr>("image");
    if (!size)
      continue;
    segment.walk([&](nn::InputOp input) {
      auto side = input.getShape().empty()
                      ? mlir::IntegerAttr()
                      : llvm::dyn_cast<mlir::IntegerAttr>(input.getShape().getValue().back());
      if (side && side.getInt() != size.getInt())
        why = "the workload's pictures have " + std::to_string(side.getInt()) +
              " px, and the model's " + std::to_string(size.getInt()) +
              " px: costs and accuracy would be those of different models";
    });
  }
  return why;
}

void cat::writeModelRecord(json::OStream &out, nn::ModelOp model) {
  out.attribute("schema", weights::kModelSchema);
  out.attribute("family", model.getFamily());
  out.attribute("activation", activationOf(model));
  if (std::optional<int64_t> embed = embedOf(model))
    out.attribute("embed", *embed);
  out.attributeArray("segments", [&] {
    for (auto segment : model.getBody().getOps<nn::SegmentOp>())
      if (!segment.getSizes().empty())
        out.object([&] {
          out.attribute("name", segment.getSymName());
          writeSizes(out, "sizes", segment.getSizes());
          writeSizes(out, "parent", segment.getParent());
        });
  });
}

json::Value cat::modelRecord(nn::ModelOp model) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  {
    json::OStream out(stream);
    out.object([&] { writeModelRecord(out, model); });
  }
  llvm::Expected<json::Value> value = json::parse(text);
  CATC_CHECK(bool(value), "a model's record is JSON");
  return std::move(*value);
}
