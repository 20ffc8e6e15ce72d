//===- CatInterfaces.cpp - Interfaces between the dialects ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interfaces/CatInterfaces.h"

using namespace mlir;

#include "Interfaces/CatAttrInterfaces.cpp.inc"
#include "Interfaces/CatOpInterfaces.cpp.inc"

void cat::visitParameters(Attribute attr, llvm::function_ref<void(llvm::StringRef)> visit) {
  if (!attr)
    return;
  if (auto parametric = dyn_cast<ParametricAttrInterface>(attr))
    return parametric.visitReferences(visit);
  if (auto array = dyn_cast<ArrayAttr>(attr)) {
    for (Attribute element : array)
      visitParameters(element, visit);
  } else if (auto dictionary = dyn_cast<DictionaryAttr>(attr)) {
    for (NamedAttribute entry : dictionary)
      visitParameters(entry.getValue(), visit);
  }
}

bool cat::isParametric(Attribute attr) {
  bool found = false;
  visitParameters(attr, [&found](llvm::StringRef) { found = true; });
  return found;
}

std::optional<int64_t> cat::getBoundInteger(Attribute attr) {
  if (auto integer = dyn_cast_or_null<IntegerAttr>(attr))
    return integer.getValue().getSExtValue();
  return std::nullopt;
}

std::optional<double> cat::getBoundNumber(Attribute attr) {
  if (auto integer = dyn_cast_or_null<IntegerAttr>(attr))
    return static_cast<double>(integer.getValue().getSExtValue());
  if (auto real = dyn_cast_or_null<FloatAttr>(attr))
    return real.getValueAsDouble();
  return std::nullopt;
}

std::optional<double> cat::evaluateNumber(Attribute attr, ParameterLookup lookup) {
  if (auto parametric = dyn_cast_or_null<ParametricAttrInterface>(attr))
    return parametric.evaluate(lookup);
  return getBoundNumber(attr);
}

Attribute cat::substituteParameters(Attribute attr,
                                    llvm::function_ref<Attribute(llvm::StringRef)> lookup) {
  if (!attr)
    return attr;
  if (auto parametric = dyn_cast<ParametricAttrInterface>(attr))
    return parametric.substitute(lookup);
  if (auto array = dyn_cast<ArrayAttr>(attr)) {
    bool changed = false;
    SmallVector<Attribute> elements;
    for (Attribute element : array) {
      elements.push_back(substituteParameters(element, lookup));
      changed |= elements.back() != element;
    }
    return changed ? ArrayAttr::get(attr.getContext(), elements) : attr;
  }
  if (auto dictionary = dyn_cast<DictionaryAttr>(attr)) {
    bool changed = false;
    SmallVector<NamedAttribute> entries;
    for (NamedAttribute entry : dictionary) {
      Attribute value = substituteParameters(entry.getValue(), lookup);
      changed |= value != entry.getValue();
      entries.emplace_back(entry.getName(), value);
    }
    return changed ? DictionaryAttr::get(attr.getContext(), entries) : attr;
  }
  return attr;
}
