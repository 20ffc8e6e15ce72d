//===- PredictorBlock.cpp - A predictor from its .cat block ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/PredictorBlock.h"
#include <optional>

using namespace cat::eval;
using llvm::StringRef;
using mlir::Attribute;
using mlir::DictionaryAttr;

namespace {

std::optional<double> numberOf(Attribute attribute) {
  if (auto real = llvm::dyn_cast_or_null<mlir::FloatAttr>(attribute))
    return real.getValueAsDouble();
  // Truth values are integers of one bit, and no numbers here.
  auto integer = llvm::dyn_cast_or_null<mlir::IntegerAttr>(attribute);
  if (integer && !llvm::isa<mlir::BoolAttr>(attribute))
    return static_cast<double>(integer.getInt());
  return std::nullopt;
}

/// A block's values; the first complaint is kept.
class Block {
public:
  Block(DictionaryAttr values, std::string place, std::string &error)
      : values_(values), place_(std::move(place)), error_(&error) {}

  bool has(StringRef key) const { return values_.contains(key); }
  DictionaryAttr dictionary(StringRef key) const { return values_.getAs<DictionaryAttr>(key); }

  double number(StringRef key) const {
    std::optional<double> value = numberOf(values_.get(key));
    if (!value)
      complain(key, "a number");
    return value.value_or(0);
  }
  std::string text(StringRef key) const {
    auto value = values_.getAs<mlir::StringAttr>(key);
    if (!value)
      complain(key, "a string");
    return value ? value.str() : std::string();
  }
  bool truth(StringRef key) const {
    auto value = values_.getAs<mlir::BoolAttr>(key);
    if (!value)
      complain(key, "true or false");
    return value && value.getValue();
  }
  std::vector<std::string> texts(StringRef key) const {
    std::vector<std::string> result;
    auto list = values_.getAs<mlir::ArrayAttr>(key);
    if (!list || !llvm::all_of(list, [](Attribute a) { return llvm::isa<mlir::StringAttr>(a); })) {
      complain(key, "a list of strings");
      return result;
    }
    for (Attribute element : list)
      result.push_back(llvm::cast<mlir::StringAttr>(element).str());
    return result;
  }

  void complain(StringRef key, const char *expected) const {
    if (!error_->empty())
      return;
    std::string quoted = "'" + key.str() + "'";
    *error_ = place_ + (has(key) ? ": " + quoted + " must be " + expected : " lacks " + quoted);
  }

private:
  DictionaryAttr values_;
  std::string place_;
  std::string *error_;
};

TowerFit readTower(StringRef name, const Block &block) {
  return {name.str(), block.number("exponent"), block.number("macs_low"),
          block.number("macs_high")};
}

/// What parents and published models have in common, but for the accuracy.
void readModel(StringRef name, const Block &block, MeasuredModel &model) {
  model.name = name.str();
  model.source = block.text("source");
  DictionaryAttr sizes = block.dictionary("model");
  if (!sizes)
    return block.complain("model", "a model");
  for (mlir::NamedAttribute entry : sizes)
    if (auto tower = llvm::dyn_cast<DictionaryAttr>(entry.getValue()))
      model.towers[entry.getName().str()] = readSizes(tower);
}

ParentModel readParent(StringRef name, const Block &block, StringRef quantity) {
  ParentModel parent;
  readModel(name, block, parent);
  parent.checkpoint = block.text("checkpoint");
  parent.calibrated = block.truth("calibrated");
  parent.accuracy = block.number(quantity);
  return parent;
}

PublishedModel readPublished(StringRef name, const Block &block, const Block &figures,
                             StringRef quantity) {
  PublishedModel model;
  readModel(name, block, model);
  model.parent = block.text("pruned_from");
  model.calibration = block.truth("calibration");
  model.accuracy = figures.number(quantity);
  return model;
}

} // namespace

Sizes cat::eval::readSizes(DictionaryAttr dictionary) {
  Sizes sizes;
  for (mlir::NamedAttribute entry : dictionary)
    if (std::optional<double> value = numberOf(entry.getValue()))
      sizes[entry.getName().str()] = *value;
  return sizes;
}

std::variant<PredictorBlock, std::string> cat::eval::readPredictorBlock(DictionaryAttr config) {
  std::string error;
  auto nameAttr = config.getAs<mlir::StringAttr>("name");
  std::string name = nameAttr ? nameAttr.str() : "";
  std::string place = "predictor '" + name + "'";
  Block block(config, place, error);

  PredictorBlock result;
  PredictorData &data = result.data;
  data.name = name;
  data.metric = block.text("metric");
  data.source = block.text("source");
  data.constant = block.number("constant");
  data.sigmaInside = block.number("sigma");
  data.sigmaOutside = block.number("sigma_outside");
  data.sigmaPublished = block.number("sigma_published");
  data.sigmaRecipe = block.number("sigma_recipe");
  data.shapePrior = block.number("shape_prior");
  data.shapeDimensions = block.texts("shape");
  result.checkpoint = block.text("parent");
  std::string quantity = block.text("quantity");

  for (mlir::NamedAttribute entry : config) {
    auto values = llvm::dyn_cast<DictionaryAttr>(entry.getValue());
    if (!values)
      continue;
    // The IR keeps a nested block's name, not its kind; each kind has a key of its own.
    StringRef child = entry.getName();
    auto nested = [&](StringRef kind) {
      return Block(values, place + ": '" + (kind + " " + child).str() + "'", error);
    };
    if (values.contains("checkpoint")) {
      if (values.contains(quantity))
        data.parents.push_back(readParent(child, nested("parent"), quantity));
    } else if (values.contains("pruned_from")) {
      Block published = nested("published");
      DictionaryAttr figures = published.dictionary("figures");
      if (!figures)
        published.complain("figures", "the figures of a published design");
      else if (figures.contains(quantity))
        data.published.push_back(readPublished(
            child, published, Block(figures, place + ": figures of '" + child.str() + "'", error),
            quantity));
    } else {
      data.towers.push_back(readTower(child, nested("tower")));
    }
  }
  if (!error.empty())
    return error;
  return result;
}
