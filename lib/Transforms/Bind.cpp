//===- Bind.cpp - Values for search parameters ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transforms/Bind.h"
#include "NN/NN.h"
#include "Transforms/Passes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <cmath>

namespace cat {
#define GEN_PASS_DEF_BIND
#define GEN_PASS_DEF_VERIFYBOUND
#include "Transforms/Passes.h.inc"
} // namespace cat

using namespace mlir;
using namespace cat;

//===----------------------------------------------------------------------===//
// Values as people write them
//===----------------------------------------------------------------------===//

static double scaleOf(space::ParamOp param) {
  return param.getScale() ? param.getScale()->convertToDouble() : 1.0;
}

/// A number without trailing zeros.
static std::string formatNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.12g", value);
  return text;
}

static std::string formatBare(space::ParamOp param, int64_t index) {
  DomainAttrInterface domain = param.getDomain();
  if (domain.isCategorical())
    return domain.getLabel(index);
  return formatNumber(*getBoundNumber(domain.getValue(index)) / scaleOf(param));
}

std::string cat::formatDomainValue(space::ParamOp param, int64_t index) {
  std::string text = formatBare(param, index);
  if (param.getUnit())
    text += (" " + *param.getUnit()).str();
  return text;
}

std::string cat::formatDomain(space::ParamOp param) {
  std::string unit = param.getUnit() ? (" " + *param.getUnit()).str() : "";
  if (auto range = dyn_cast<space::RangeAttr>(param.getDomain())) {
    std::string text = formatNumber(range.getLo() / scaleOf(param)) + ".." +
                       formatNumber(range.getHi() / scaleOf(param));
    if (range.getStep() != 1)
      text += " step " + formatNumber(range.getStep() / scaleOf(param));
    return text + unit;
  }
  std::string text = "{";
  constexpr int64_t kShown = 16;
  int64_t size = param.getDomain().getSize();
  for (int64_t i = 0; i < std::min(size, kShown); ++i)
    text += (i ? ", " : "") + formatBare(param, i);
  return text + (size > kShown ? ", ...}" : "}") + unit;
}

/// The number that a text begins with, written as in the language: "1_024", "0.625", "6.25e8".
/// Takes it off the text; nothing if there is none.
static std::optional<double> consumeNumber(StringRef &text) {
  size_t end = 0;
  auto skipDigits = [&] {
    size_t begin = end;
    while (end < text.size() && (llvm::isDigit(text[end]) || (end > begin && text[end] == '_')))
      ++end;
    return end > begin;
  };
  auto skipOneOf = [&](StringRef characters) {
    bool found = end < text.size() && characters.contains(text[end]);
    end += found;
    return found;
  };
  skipOneOf("-");
  if (!skipDigits())
    return std::nullopt;
  if (skipOneOf("."))
    skipDigits();
  size_t mantissa = end;
  if (skipOneOf("eE")) {
    skipOneOf("+-");
    if (!skipDigits())
      end = mantissa;
  }
  std::string digits = text.take_front(end).str();
  llvm::erase(digits, '_');
  double value = 0;
  if (StringRef(digits).getAsDouble(value))
    return std::nullopt;
  text = text.drop_front(end);
  return value;
}

llvm::Expected<int64_t> cat::parseDomainValue(space::ParamOp param, StringRef text,
                                              UnitReader readUnit) {
  DomainAttrInterface domain = param.getDomain();
  text = text.trim();
  StringRef unit = text;
  std::optional<double> written;
  if (!domain.isCategorical())
    written = consumeNumber(unit);
  unit = unit.ltrim();
  if (written && !unit.empty() && unit != param.getUnit().value_or("")) {
    if (readUnit) {
      llvm::Expected<double> scale = readUnit(unit);
      if (!scale)
        return scale.takeError();
      *written *= *scale / scaleOf(param);
    } else {
      written.reset();
    }
  }
  for (int64_t i = 0, e = domain.getSize(); i < e; ++i) {
    if (domain.isCategorical()) {
      if (domain.getLabel(i) == text)
        return i;
    } else if (written) {
      double value = *getBoundNumber(domain.getValue(i)) / scaleOf(param);
      if (std::fabs(value - *written) <= 1e-9 * std::max(1.0, std::fabs(value)))
        return i;
    }
  }
  return llvm::createStringError("'" + text + "' is not in the domain of '" + param.getSymName() +
                                 "': " + formatDomain(param));
}

//===----------------------------------------------------------------------===//
// Substitution
//===----------------------------------------------------------------------===//

LogicalResult cat::substitute(Operation *root, const llvm::StringMap<Attribute> &values) {
  auto lookup = [&](StringRef name) -> Attribute { return values.lookup(name); };
  SmallVector<Operation *> models;
  root->walk([&](Operation *op) {
    if (isa<nn::ModelOp>(op))
      models.push_back(op);
    DictionaryAttr before = op->getAttrDictionary();
    Attribute after = substituteParameters(before, lookup);
    if (after != before)
      op->setAttrs(cast<DictionaryAttr>(after));
  });
  for (Operation *model : models)
    if (failed(nn::refineTypes(model)))
      return failure();
  return success();
}

LogicalResult cat::bind(ModuleOp module, const llvm::StringMap<Attribute> &values) {
  NamedAttrList point;
  if (auto before = module->getAttrOfType<DictionaryAttr>(kPointAttrName))
    point = NamedAttrList(before);
  SmallVector<space::ParamOp> bound;
  for (const auto &entry : values) {
    auto param = SymbolTable::lookupNearestSymbolFrom<space::ParamOp>(
        module, StringAttr::get(module.getContext(), entry.getKey()));
    if (!param)
      return module.emitError() << "unknown parameter '" << entry.getKey() << "'";
    DomainAttrInterface domain = param.getDomain();
    bool inside = false;
    for (int64_t i = 0, e = domain.getSize(); i < e && !inside; ++i)
      inside = domain.getValue(i) == entry.getValue();
    if (!inside)
      return param.emitError() << "value " << entry.getValue() << " is outside the domain of '"
                               << entry.getKey() << "': " << formatDomain(param);
    point.set(entry.getKey(), entry.getValue());
    bound.push_back(param);
  }
  for (space::ParamOp param : bound)
    param.erase();
  if (failed(substitute(module, values)))
    return failure();
  module->setAttr(kPointAttrName, point.getDictionary(module.getContext()));
  return success();
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

namespace {

struct BindPass : cat::impl::BindBase<BindPass> {
  using Base::Base;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::StringMap<Attribute> values;
    for (StringRef entry : at) {
      auto [name, text] = entry.split('=');
      auto param = SymbolTable::lookupNearestSymbolFrom<space::ParamOp>(
          module, StringAttr::get(&getContext(), name));
      if (!param) {
        module.emitError() << "unknown parameter '" << name << "'";
        return signalPassFailure();
      }
      llvm::Expected<int64_t> index = parseDomainValue(param, text);
      if (!index) {
        param.emitError() << llvm::toString(index.takeError());
        return signalPassFailure();
      }
      values[name] = param.getDomain().getValue(*index);
    }
    if (failed(bind(module, values)))
      signalPassFailure();
  }
};

struct VerifyBoundPass : cat::impl::VerifyBoundBase<VerifyBoundPass> {
  using Base::Base;
  void runOnOperation() override {
    llvm::StringMap<bool> reported;
    getOperation().walk([&](Operation *op) {
      visitParameters(op->getAttrDictionary(), [&](StringRef name) {
        if (!reported.try_emplace(name, true).second)
          return;
        op->emitOpError("depends on parameter '") << name << "', which is not bound";
        signalPassFailure();
      });
    });
  }
};

} // namespace
