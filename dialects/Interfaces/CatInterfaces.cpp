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

static LogicalResult walkWork(Operation *op, int64_t times,
                              llvm::function_ref<void(cat::CostOpInterface, int64_t)> visit) {
  if (auto loop = dyn_cast<cat::ExecutionCountOpInterface>(op)) {
    FailureOr<int64_t> count = loop.getExecutionCount();
    if (failed(count))
      return op->emitOpError("repeats an unbound number of times");
    times *= *count;
  }
  if (auto costed = dyn_cast<cat::CostOpInterface>(op))
    visit(costed, times);
  for (Region &region : op->getRegions())
    for (Operation &child : region.getOps())
      if (failed(walkWork(&child, times, visit)))
        return failure();
  return success();
}

LogicalResult cat::walkWork(Operation *root,
                            llvm::function_ref<void(CostOpInterface, int64_t)> visit) {
  return ::walkWork(root, 1, visit);
}

LogicalResult cat::verifyYieldsResult(Operation *op) {
  Operation *yield = op->getRegion(0).front().getTerminator();
  if (yield->getNumOperands() != 1 || yield->getOperand(0).getType() != op->getResult(0).getType())
    return op->emitOpError("must yield one value of its result type");
  return success();
}

LogicalResult cat::verifyRepetition(Operation *op, Attribute count,
                                    std::optional<ArrayRef<int64_t>> kept) {
  Block &body = op->getRegion(0).front();
  Type type = op->getOperand(0).getType();
  if (body.getNumArguments() != 1 || body.getArgument(0).getType() != type)
    return op->emitOpError("body must take one value of the operand's type");
  Operation *yield = body.getTerminator();
  if (yield->getNumOperands() != 1 || yield->getOperand(0).getType() != type ||
      op->getResult(0).getType() != type)
    return op->emitOpError("a layer must yield a value of the type it takes");
  std::optional<int64_t> bound = getBoundInteger(count);
  if (!bound)
    return isParametric(count) ? success()
                               : op->emitOpError("count must be an integer, but is ") << count;
  if (*bound < 0)
    return op->emitOpError("count must not be negative, but is ") << *bound;
  if (kept && static_cast<int64_t>(kept->size()) != *bound)
    return op->emitOpError("keeps ")
           << kept->size() << " layers, but repeats " << *bound << " times";
  return success();
}
