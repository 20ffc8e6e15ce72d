//===- SemaName.cpp - Lookup of names -------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Frontend/Spelling.h"
#include "Space/Space.h"

using namespace cat::frontend;
using llvm::SMRange;
using llvm::StringRef;

/// True if metrics are names in the expressions of an object.
static bool seesMetrics(const Object *object) { return object && object->kind->goals; }

Sema::Found Sema::lookupInFile(const ast::NameExpr &name, FileScope &file) {
  Found found;
  auto inFile = [&](FileScope &where, StringRef part, unsigned parts) {
    if (auto let = where.lets.find(part); let != where.lets.end()) {
      found.kind = Found::Kind::Field;
      found.field = let->second;
      found.parts = parts;
    } else if (auto block = where.blocks.find(part); block != where.blocks.end()) {
      found.object = instantiate(where, block->second);
      found.kind = Found::Kind::Block;
      found.parts = parts;
      found.failed = !found.object;
    }
  };
  inFile(file, name.parts[0].text, 1);
  if (found.kind == Found::Kind::Nothing && name.parts.size() > 1)
    if (auto import = file.imports.find(name.parts[0].text); import != file.imports.end())
      inFile(*import->second, name.parts[1].text, 2);
  return found;
}

Sema::Found Sema::lookup(const ast::NameExpr &name, const Scope &scope) {
  Found found;
  StringRef first = name.parts[0].text;
  // No name can be a unit's; a key that happens to be ('year') is no name.
  if (const Unit *unit = name.parts.size() == 1 ? lookupUnit(first) : nullptr) {
    found.kind = Found::Kind::Unit;
    found.unit = unit;
    found.parts = 1;
    return found;
  }
  for (Object *object = scope.object; object; object = object->parent) {
    Field *field = object->field(first);
    bool isKey = field && !field->isLet;
    // What a derived block adds is unknown to the expressions that it inherits from another file.
    bool isLater = field && !field->inherited && field->file != scope.file;
    if (field && field != scope.self && !isLater && (!isKey || object->kind->keysAreNames)) {
      found.kind = Found::Kind::Field;
      found.field = field;
      found.parts = 1;
      return found;
    }
    if (Object *child =
            name.parts.size() > 1 && object->kind->keysAreNames ? object->child(first) : nullptr) {
      found.kind = Found::Kind::Child;
      found.object = child;
      found.parts = 1;
      return found;
    }
  }
  found = lookupInFile(name, *scope.file);
  if (found.kind != Found::Kind::Nothing || name.parts.size() > 1)
    return found;
  if (const MetricSchema *metric = seesMetrics(scope.object) ? lookupMetric(first) : nullptr) {
    found.kind = Found::Kind::Metric;
    found.metric = metric;
    found.parts = 1;
  }
  return found;
}

Value Sema::evaluateName(const ast::NameExpr &name, const Scope &scope) {
  Found found = lookup(name, scope);
  if (found.failed)
    return {};
  switch (found.kind) {
  case Found::Kind::Nothing:
    if (scope.self && name.parts.size() == 1 && name.parts[0].text == scope.self->name)
      diagnostics_.error(name.range, "'" + scope.self->name + "' depends on itself");
    else
      reportUnknownName(name, scope);
    return {};
  case Found::Kind::Field:
    return access(evaluate(*found.field), name, found.parts);
  case Found::Kind::Block:
  case Found::Kind::Child: {
    Value value;
    value.kind = Value::Kind::Block;
    value.objects.push_back(found.object);
    return access(value, name, found.parts);
  }
  case Found::Kind::Metric: {
    Value value;
    value.kind = Value::Kind::Number;
    value.dimension = found.metric->dimension;
    value.attribute =
        space::MetricAttr::get(builder_.getContext(), builder_.getStringAttr(found.metric->name));
    return value;
  }
  case Found::Kind::Unit:
    return number(found.unit->dimension, found.unit->scale(), /*integral=*/true);
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Keys of blocks
//===----------------------------------------------------------------------===//

Value Sema::memberOf(Object &object, const ast::Identifier &member, SMRange range) {
  if (Field *field = object.field(member.text))
    return evaluate(*field);
  // A nested block without a name is called by its kind: carbonclip_s.published.
  if (Object *child = object.member(member.text)) {
    Value value;
    value.kind = Value::Kind::Block;
    value.objects.push_back(child);
    return value;
  }
  llvm::SmallVector<StringRef> names;
  for (auto &[name, field] : object.fields)
    names.push_back(name);
  for (Object *child : object.children)
    names.push_back(child->name);
  if (const KeySchema *schema = object.kind->lookup(member.text))
    diagnostics_.error(member.range, object.describe() + " gives no '" + schema->name + "'")
        .note(object.range, "'" + object.name + "' declared here");
  else
    diagnostics_.error(member.range, object.describe() + " has no '" + member.text + "'" +
                                         didYouMean(member.text, names));
  return {};
}

Value Sema::access(Value value, const ast::NameExpr &name, unsigned firstPart) {
  for (unsigned i = firstPart; i < name.parts.size() && !value.isError(); ++i) {
    SMRange before = join(name.parts[0].range, name.parts[i - 1].range);
    if (value.kind != Value::Kind::Block) {
      diagnostics_.error(name.parts[i].range,
                         quoted(before) + " is " + describe(value) + ", which has no keys");
      return {};
    }
    Value result = memberOf(*value.objects.front(), name.parts[i], name.range);
    if (!value.isChoice() || result.isError()) {
      value = result;
      continue;
    }
    // One of several blocks: the key is selected by the same index.
    llvm::SmallVector<mlir::Attribute> operands{value.index};
    llvm::SmallVector<Object *, 1> objects;
    for (Object *object : value.objects) {
      Value each = memberOf(*object, name.parts[i], name.range);
      if (each.isError())
        return {};
      bool alike = each.kind == result.kind && each.dimension == result.dimension &&
                   each.element == result.element;
      if (!alike || each.isChoice() || (each.kind == Value::Kind::List && !each.attribute)) {
        diagnostics_.error(name.parts[i].range, "the choices of " + quoted(before) +
                                                    " differ in the type of '" +
                                                    name.parts[i].text + "'");
        return {};
      }
      result.integral &= each.integral;
      operands.push_back(each.attribute);
      objects.append(each.objects.begin(), each.objects.end());
    }
    if (result.kind == Value::Kind::Block) {
      result.index = value.index;
      result.objects = objects;
    } else {
      result.attribute =
          space::ExprAttr::fold(builder_.getContext(), cat::ExprOp::Select, operands);
    }
    value = result;
  }
  return value;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

void Sema::reportUnknownName(const ast::NameExpr &name, const Scope &scope) {
  const ast::Identifier &first = name.parts[0];
  if (name.parts.size() > 1)
    if (auto import = scope.file->imports.find(first.text); import != scope.file->imports.end()) {
      const ast::Identifier &second = name.parts[1];
      llvm::SmallVector<StringRef> names;
      for (auto &[known, field] : import->second->lets)
        names.push_back(known);
      for (auto &[known, entry] : import->second->blocks)
        names.push_back(known);
      diagnostics_.error(second.range, "'" + import->second->path + "' declares no '" +
                                           second.text + "'" + didYouMean(second.text, names));
      return;
    }
  if (scope.file->imports.count(first.text)) {
    diagnostics_.error(name.range, "'" + first.text +
                                       "' is an imported file; name what it declares: '" +
                                       first.text + ".NAME'");
    return;
  }
  if (lookupMetric(first.text) && name.parts.size() == 1) {
    diagnostics_.error(first.range, "metric '" + first.text + "' can be used in a study only");
    return;
  }
  // The most specific group that has a near name wins: own names, then metrics, then units.
  llvm::SmallVector<StringRef> own, metrics, units, aliases;
  for (Object *object = scope.object; object; object = object->parent)
    if (object->kind->keysAreNames)
      for (auto &[known, field] : object->fields)
        own.push_back(known);
  for (auto &[known, field] : scope.file->lets)
    own.push_back(known);
  for (auto &[known, entry] : scope.file->blocks)
    own.push_back(known);
  for (auto &[known, file] : scope.file->imports)
    aliases.push_back(known);
  if (seesMetrics(scope.object))
    for (const MetricSchema &metric : allMetrics())
      metrics.push_back(metric.name);
  for (const Unit &unit : allUnits())
    units.push_back(unit.name);
  std::string hint = didYouMean(first.text, own);
  if (hint.empty() && name.parts.size() > 1)
    hint = didYouMean(first.text, aliases);
  if (std::string metric = hint.empty() ? nearestName(first.text, metrics) : ""; !metric.empty())
    hint = "; did you mean metric '" + metric + "'?";
  if (std::string unit = hint.empty() ? nearestName(first.text, units) : ""; !unit.empty())
    hint = "; did you mean unit '" + unit + "'?";
  diagnostics_.error(first.range, "unknown name " + quoted(first.range) + hint);
}

void Sema::reportUnknownUnit(const ast::Identifier &unit, const Scope &scope,
                             const ast::NumberExpr &number) {
  std::string suggestion = suggestUnit(unit.text);
  ast::NameExpr name(unit.range);
  name.parts.push_back(unit);
  Found found = suggestion.empty() ? lookup(name, scope) : Found();
  if (found.kind == Found::Kind::Field)
    diagnostics_.error(unit.range, "'" + unit.text + "' is not a unit; write '" +
                                       textOf(number.digits) + " * " + unit.text + "' to multiply");
  else
    diagnostics_.error(unit.range,
                       "unknown unit '" + unit.text + "'" +
                           (suggestion.empty() ? "" : "; did you mean " + suggestion + "?"));
}
