//===- Parameters.cpp - The parameters of a study -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Parameters.h"
#include "Support/Check.h"
#include <limits>

using namespace mlir;
using namespace cat;
using namespace cat::study;

/// Calls `mark` for every parameter that an op below `root` refers to.
static void visitBelow(Operation *root, llvm::function_ref<void(StringRef)> mark) {
  if (root)
    root->walk([&](Operation *op) { visitParameters(op->getAttrDictionary(), mark); });
}

ParameterTable::ParameterTable(ModuleOp module, Operation *model, Operation *hardware,
                               Operation *carbon) {
  for (auto param : module.getOps<space::ParamOp>()) {
    ParameterInfo info;
    info.name = param.getSymName().str();
    info.unit = param.getUnit().value_or("").str();
    info.scale = param.getScale() ? param.getScale()->convertToDouble() : 1;
    DomainAttrInterface domain = param.getDomain();
    info.categorical = domain.isCategorical();
    for (int64_t i = 0, e = domain.getSize(); i < e; ++i) {
      info.literals.push_back(domain.getValue(i));
      info.values.push_back(*getBoundNumber(domain.getValue(i)));
      if (info.categorical)
        info.labels.push_back(domain.getLabel(i));
    }
    byName_[info.name] = static_cast<int32_t>(parameters_.size());
    parameters_.push_back(std::move(info));
  }
  visitBelow(model, [&](StringRef name) {
    if (int32_t i = find(name); i >= 0)
      parameters_[i].ofModel = true;
  });
  for (Operation *root : {hardware, carbon})
    visitBelow(root, [&](StringRef name) {
      if (int32_t i = find(name); i >= 0)
        parameters_[i].ofHardware = true;
    });
  for (size_t i = 0; i < parameters_.size(); ++i) {
    (parameters_[i].ofModel ? model_ : hardware_).push_back(i);
    if (parameters_[i].ofModel && parameters_[i].ofHardware)
      shared_.push_back(i);
  }
  modelCount_ = count(model_);
  hardwareCount_ = count(hardware_);
}

int32_t ParameterTable::find(StringRef name) const {
  auto it = byName_.find(name);
  return it == byName_.end() ? -1 : it->second;
}

int64_t ParameterTable::count(const std::vector<int32_t> &digits) const {
  int64_t n = 1;
  for (int32_t p : digits)
    if (__builtin_mul_overflow(n, parameters_[p].size(), &n))
      return -1;
  return n;
}

void ParameterTable::decode(const std::vector<int32_t> &digits, int64_t index, Point &point) const {
  point.resize(parameters_.size());
  for (size_t i = digits.size(); i-- > 0;) {
    int64_t radix = parameters_[digits[i]].size();
    point[digits[i]] = static_cast<int32_t>(index % radix);
    index /= radix;
  }
}

int64_t ParameterTable::encode(const std::vector<int32_t> &digits, const Point &point) const {
  int64_t index = 0;
  for (int32_t p : digits)
    index = index * parameters_[p].size() + point[p];
  return index;
}

std::optional<Point> ParameterTable::pointOf(results::DesignId id) const {
  if (!(id < designCount()))
    return std::nullopt;
  Point point;
  setModel(id.model(hardwareCount_), point);
  setHardware(id.hardware(hardwareCount_), point);
  return point;
}

std::optional<double> ParameterTable::valueAt(const Point &point, StringRef name) const {
  int32_t i = find(name);
  if (i < 0)
    return std::nullopt;
  return parameters_[i].values[point[i]];
}

llvm::StringMap<Attribute> ParameterTable::literalsAt(const Point &point) const {
  llvm::StringMap<Attribute> literals;
  for (size_t i = 0; i < parameters_.size(); ++i)
    literals[parameters_[i].name] = parameters_[i].literals[point[i]];
  return literals;
}

Point ParameterTable::pointOfLiterals(const llvm::StringMap<Attribute> &literals) const {
  Point point;
  for (const ParameterInfo &info : parameters_) {
    auto it = llvm::find(info.literals, literals.lookup(info.name));
    CATC_CHECK(it != info.literals.end(),
               "a point lacks a parameter or gives it a value outside its domain");
    point.push_back(static_cast<int32_t>(it - info.literals.begin()));
  }
  return point;
}

std::vector<results::ParameterRecord> ParameterTable::recordsAt(const Point &point) const {
  std::vector<results::ParameterRecord> records;
  readRecords(point, records);
  return records;
}

void ParameterTable::readRecords(const Point &point,
                                 std::vector<results::ParameterRecord> &records) const {
  records.resize(parameters_.size());
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const ParameterInfo &info = parameters_[i];
    results::ParameterRecord &record = records[i];
    record.name = info.name;
    if (info.categorical)
      record.value = info.labels[point[i]];
    else
      record.value = info.values[point[i]] / info.scale;
    if (info.unit.empty())
      record.unit = "1";
    else
      record.unit = info.unit;
  }
}
