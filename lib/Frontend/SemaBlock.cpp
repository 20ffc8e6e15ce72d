//===- SemaBlock.cpp - Blocks merged with their bases ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Frontend/Spelling.h"
#include "llvm/ADT/StringExtras.h"

using namespace cat::frontend;
using llvm::SMRange;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Kinds and bases
//===----------------------------------------------------------------------===//

const KindSchema *Sema::checkKind(const ast::Block &block, Object *parent) {
  StringRef name = block.kind.text;
  const KindSchema *kind = lookupKind(name);
  llvm::SmallVector<StringRef> allowed;
  if (parent)
    allowed.append(parent->kind->nested.begin(), parent->kind->nested.end());
  else
    for (const KindSchema &candidate : allKinds())
      if (candidate.topLevel)
        allowed.push_back(candidate.name);
  if (!kind) {
    Diagnostic &error = diagnostics_.error(block.kind.range, "unknown block kind '" + name + "'" +
                                                                 didYouMean(name, allowed));
    if (allowed.empty())
      error.note({}, withArticle(parent->kind->name) + " block has no blocks inside");
    else
      error.note({}, "known here: " + llvm::join(allowed, ", "));
    return nullptr;
  }
  if (!llvm::is_contained(allowed, name)) {
    std::string where = parent ? "inside " + parent->describe() : "outside of other blocks";
    diagnostics_.error(block.kind.range, withArticle(name) + " block cannot stand " + where);
    return nullptr;
  }
  if (kind->named && !block.name) {
    diagnostics_.error(block.kind.range, withArticle(name) + " block needs a name");
    return nullptr;
  }
  return kind;
}

Object *Sema::resolveBase(const ast::Block &block, FileScope &file, const KindSchema &kind) {
  Found found = lookupInFile(*block.base, file);
  if (found.failed)
    return nullptr;
  if (found.kind != Found::Kind::Block || found.parts != block.base->parts.size()) {
    llvm::SmallVector<StringRef> names;
    const ast::Identifier &last = block.base->parts.back();
    FileScope *where = &file;
    if (block.base->parts.size() == 2)
      if (auto import = file.imports.find(block.base->parts[0].text); import != file.imports.end())
        where = import->second;
    for (auto &[name, entry] : where->blocks)
      if (entry.block->kind.text == kind.name)
        names.push_back(name);
    diagnostics_.error(block.base->range,
                       "unknown base " + quoted(block.base->range) + didYouMean(last.text, names));
    return nullptr;
  }
  if (found.object->kind != &kind) {
    diagnostics_
        .error(block.base->range, "base " + quoted(block.base->range) + " is " +
                                      withArticle(found.object->kind->name) + ", but '" +
                                      block.name.text + "' is " + withArticle(kind.name))
        .note(found.object->range, "'" + found.object->name + "' declared here");
    return nullptr;
  }
  return found.object;
}

Object *Sema::instantiate(FileScope &file, FileScope::BlockEntry &entry) {
  if (entry.object || entry.failed)
    return entry.object;
  const ast::Block &block = *entry.block;
  if (entry.inProgress || bases_ >= kMaxBases) {
    diagnostics_.error(block.name.range, entry.inProgress
                                             ? "'" + block.name.text + "' is derived from itself"
                                             : "'" + block.name.text + "' has more than " +
                                                   llvm::Twine(kMaxBases) + " bases above it");
    return nullptr;
  }
  entry.inProgress = true;
  ++bases_;
  const KindSchema *kind = checkKind(block, nullptr);
  Object *base = kind && block.base ? resolveBase(block, file, *kind) : nullptr;
  if (kind && (base || !block.base))
    entry.object = build(block, file, nullptr, base);
  --bases_;
  entry.inProgress = false;
  entry.failed = !entry.object;
  return entry.object;
}

//===----------------------------------------------------------------------===//
// Inheritance
//===----------------------------------------------------------------------===//

void Sema::inherit(Object &object, Object &base) {
  object.base = &base;
  for (auto &[name, field] : base.fields) {
    Field &copy = fieldStorage_.emplace_back(*field);
    copy.owner = &object;
    if (copy.scope == &base)
      copy.scope = &object;
    copy.inherited = field;
    copy.state = Field::State::Unevaluated;
    copy.result = Value();
    object.fields[name] = &copy;
  }
  auto rescope = [&](auto members) {
    for (auto &member : members)
      if (member.scope == &base)
        member.scope = &object;
    return members;
  };
  object.requirements = rescope(base.requirements);
  object.goals = rescope(base.goals);
  object.baselines = rescope(base.baselines);
}

Object *Sema::cloneInto(Object &base, Object *parent) {
  Object &object = objectStorage_.emplace_back();
  object.kind = base.kind;
  object.name = base.name;
  object.path = parent ? parent->path + "." + base.name.str() : base.path;
  object.range = base.range;
  object.declaration = base.declaration;
  object.parent = parent;
  object.file = base.file;
  inherit(object, base);
  for (Object *child : base.children)
    object.children.push_back(cloneInto(*child, &object));
  return &object;
}

Object *Sema::build(const ast::Block &block, FileScope &file, Object *parent, Object *base) {
  Object &object = objectStorage_.emplace_back();
  object.kind = lookupKind(block.kind.text);
  object.name = block.name.text;
  object.path = (parent ? parent->path + "." : "") + block.name.text.str();
  object.range = block.header;
  object.declaration = &block;
  object.parent = parent;
  object.file = &file;
  if (base)
    inherit(object, *base);
  addMembers(object, block);
  for (const auto &nested : block.blocks)
    addNested(object, *nested);
  // What the base has and this block does not mention.
  if (base)
    for (Object *child : base->children) {
      bool replaced = object.kind->declaresKeys ? object.child(child->name) != nullptr
                                                : object.childOfKind(child->kind->name) != nullptr;
      if (!replaced)
        object.children.push_back(cloneInto(*child, &object));
    }
  return &object;
}

void Sema::addMembers(Object &object, const ast::Block &block) {
  auto refuse = [&](SMRange range, StringRef member) {
    diagnostics_.error(range, "'" + member + "' is not allowed in " +
                                  withArticle(object.kind->name) + " block");
  };
  for (const ast::Let &let : block.lets)
    addLet(object, let);
  for (const ast::Assign &assign : block.assigns)
    addKey(object, assign.name, assign.value.get(), nullptr);
  for (const ast::Search &search : block.searches) {
    if (object.kind->search)
      addKey(object, search.name, nullptr, &search);
    else
      refuse(search.name.range, "search");
  }
  for (const ast::Require &require : block.requirements) {
    if (object.kind->require)
      object.requirements.push_back({&require, &object, object.file});
    else
      refuse(require.condition->range, "require");
  }
  if (!block.goals.empty())
    object.goals.clear();
  for (const ast::Goal &goal : block.goals) {
    if (object.kind->goals)
      object.goals.push_back({&goal, &object, object.file});
    else
      refuse(goal.value->range, goal.maximize ? "maximize" : "minimize");
  }
  if (!block.baselines.empty())
    object.baselines.clear();
  for (const ast::ExprPtr &baseline : block.baselines) {
    if (!object.kind->goals) {
      refuse(baseline->range, "baseline");
    } else if (!object.baselines.empty()) {
      diagnostics_.error(baseline->range, "a study has one baseline")
          .note(object.baselines.front().node->range, "previous here");
    } else {
      object.baselines.push_back({baseline.get(), &object, object.file});
    }
  }
}

void Sema::checkShadowing(const Object &object, const ast::Identifier &name) {
  for (const Object *outer = object.parent; outer; outer = outer->parent)
    if (Field *field = outer->field(name.text); field && outer->kind->keysAreNames)
      return reportRedeclared(name, field->range);
  FileScope &file = *object.file;
  if (auto let = file.lets.find(name.text); let != file.lets.end())
    return reportRedeclared(name, let->second->range);
  if (auto block = file.blocks.find(name.text); block != file.blocks.end())
    return reportRedeclared(name, block->second.block->name.range);
  for (const ast::Import &import : file.tree->imports)
    if (import.alias.text == name.text)
      return reportRedeclared(name, import.alias.range);
}

void Sema::addLet(Object &object, const ast::Let &let) {
  if (!checkNewName(let.name, object.kind->goals))
    return;
  if (Field *previous = object.field(let.name.text))
    return reportRedeclared(let.name, previous->range);
  checkShadowing(object, let.name);
  Field *field = newField(let.name.text, let.name.range, &object, object.file);
  field->value = let.value.get();
  field->isLet = true;
  object.fields[let.name.text] = field;
}

void Sema::addKey(Object &object, const ast::Identifier &name, const ast::Expr *value,
                  const ast::Search *search) {
  Field *field = object.field(name.text);
  const KeySchema *schema = object.kind->lookup(name.text);
  // A field that an inherited one was copied to still has the inherited range.
  bool isOwn = field && (!field->inherited || field->range.Start != field->inherited->range.Start);
  if (isOwn) {
    bool twice = search && field->search;
    diagnostics_
        .error(name.range, "'" + name.text + "' is " +
                               (twice          ? "searched"
                                : field->isLet ? "declared"
                                               : "given") +
                               " twice")
        .note(field->range, "previous here");
    return;
  }
  if (field && field->isLet) {
    diagnostics_
        .error(name.range,
               "'" + name.text + "' is a 'let' of the base and cannot be given another value")
        .note(field->declared, "'" + name.text + "' declared here");
    return;
  }
  if (!field) {
    bool declares = object.kind->declaresKeys && !object.base;
    if (!schema && !declares)
      return reportUnknownKey(object, name);
    if (!schema && !checkNewName(name, /*metricsVisible=*/false))
      return;
    if (!schema && object.kind->keysAreNames)
      checkShadowing(object, name);
    field = newField(name.text, name.range, &object, object.file);
    object.fields[name.text] = field;
  }
  field->range = name.range;
  field->value = value;
  field->search = search;
  field->scope = &object;
  field->file = object.file;
  field->schema = schema;
}

void Sema::addNested(Object &object, const ast::Block &block) {
  const KindSchema *kind = checkKind(block, &object);
  if (!kind)
    return;
  if (block.name && !checkNewName(block.name, /*metricsVisible=*/false))
    return;
  for (Object *sibling : object.children)
    if (sibling->name == block.name.text || (!object.kind->declaresKeys && sibling->kind == kind)) {
      diagnostics_
          .error(block.header, object.describe() + " has two " + kind->name + " blocks" +
                                   (sibling->name.empty() || sibling->name != block.name.text
                                        ? ""
                                        : " called '" + block.name.text + "'"))
          .note(sibling->range, "previous here");
      return;
    }
  if (Field *field = object.field(block.name.text); field && object.kind->keysAreNames)
    return reportRedeclared(block.name, field->range);

  Object *base = nullptr;
  if (block.base) {
    base = resolveBase(block, *object.file, *kind);
    if (!base)
      return;
  } else if (object.base) {
    base = object.base->child(block.name.text);
    if (base && base->kind != kind)
      base = nullptr;
    if (!base && object.kind->declaresKeys) {
      llvm::SmallVector<StringRef> names;
      for (Object *child : object.base->children)
        if (child->kind == kind)
          names.push_back(child->name);
      diagnostics_
          .error(block.header, "the base of " + object.describe() + " has no " + kind->name + " '" +
                                   block.name.text + "'" + didYouMean(block.name.text, names))
          .note(object.base->range, "'" + object.base->name + "' declared here");
      return;
    }
  }
  object.children.push_back(build(block, *object.file, &object, base));
}

void Sema::reportUnknownKey(const Object &object, const ast::Identifier &name) {
  llvm::SmallVector<StringRef> keys;
  for (auto &[key, field] : object.fields)
    if (!field->isLet)
      keys.push_back(key);
  for (const KeySchema &schema : object.kind->keys)
    if (!llvm::is_contained(keys, schema.name))
      keys.push_back(schema.name);
  Diagnostic &error =
      diagnostics_.error(name.range, "unknown key '" + name.text + "' in " + object.describe() +
                                         didYouMean(name.text, keys));
  if (!keys.empty())
    error.note({}, "known keys: " + llvm::join(keys, ", "));
}

//===----------------------------------------------------------------------===//
// Calls: memory.lpddr4x(capacity = 1 GiB)
//===----------------------------------------------------------------------===//

Object *Sema::derive(Object &base, const ast::CallExpr &call, const Scope &scope) {
  Object &object = *cloneInto(base, nullptr);
  object.range = call.range;
  object.declaration = nullptr;
  object.file = scope.file;
  bool ok = true;
  llvm::SmallVector<Field *> given;
  for (const ast::Argument &argument : call.arguments) {
    ast::Identifier name = argument.name;
    if (!name) {
      if (base.kind->positional.empty() || !given.empty()) {
        diagnostics_.error(argument.range,
                           "an argument of '" + textOf(call.callee->range) +
                               "' needs the name of a key: 'key = " + textOf(argument.range) + "'");
        ok = false;
        continue;
      }
      name = {base.kind->positional, argument.range};
    }
    if (auto previous = llvm::find_if(given, [&](Field *f) { return f->name == name.text; });
        previous != given.end()) {
      diagnostics_.error(name.range, "'" + name.text + "' is given twice")
          .note((*previous)->range, "previous here");
      ok = false;
      continue;
    }
    Field *field = object.field(name.text);
    const KeySchema *schema = base.kind->lookup(name.text);
    if ((!field && !schema) || (field && field->isLet)) {
      reportUnknownKey(object, name);
      ok = false;
      continue;
    }
    if (!field)
      field = object.fields[name.text] = newField(name.text, name.range, &object, scope.file);
    field->range = name.range;
    field->value = argument.value.get();
    field->search = nullptr;
    field->scope = scope.object;
    field->file = scope.file;
    field->schema = schema;
    given.push_back(field);
  }
  for (Field *field : given)
    ok &= !evaluate(*field).isError();
  unsigned errorsBefore = diagnostics_.errorCount();
  if (ok)
    checkRequiredKeys(object);
  return ok && diagnostics_.errorCount() == errorsBefore ? &object : nullptr;
}
