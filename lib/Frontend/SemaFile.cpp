//===- SemaFile.cpp - Declarations at the top of files --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"

using namespace cat::frontend;

Sema::Sema(mlir::MLIRContext *context, FileSet &files, DiagnosticEngine &diagnostics)
    : builder_(context), files_(files), diagnostics_(diagnostics) {
  for (FileScope &file : files_.files())
    declare(file);
}

Field *Sema::newField(llvm::StringRef name, llvm::SMRange range, Object *owner, FileScope *file) {
  Field &field = fieldStorage_.emplace_back();
  field.name = name;
  field.range = field.declared = range;
  field.owner = field.scope = owner;
  field.file = file;
  return &field;
}

bool Sema::checkNewName(const ast::Identifier &name, bool metricsVisible) {
  if (const Unit *unit = lookupUnit(name.text)) {
    diagnostics_.error(name.range, "'" + name.text + "' is a unit (" + unit->description +
                                       ") and cannot be used as a name");
    return false;
  }
  if (metricsVisible && lookupMetric(name.text)) {
    diagnostics_.error(name.range,
                       "'" + name.text + "' is a metric and cannot be used as a name here");
    return false;
  }
  return true;
}

void Sema::reportRedeclared(const ast::Identifier &name, llvm::SMRange previous) {
  diagnostics_.error(name.range, "'" + name.text + "' is already declared")
      .note(previous, "previous declaration here");
}

void Sema::declare(FileScope &file) {
  llvm::DenseMap<llvm::StringRef, llvm::SMRange> places;
  auto isNew = [&](const ast::Identifier &name) {
    auto [it, inserted] = places.insert({name.text, name.range});
    if (!inserted)
      reportRedeclared(name, it->second);
    return inserted;
  };
  // Aliases qualify other names and never stand alone, so that they may be called like a metric.
  for (const ast::Import &import : file.tree->imports)
    if (checkNewName(import.alias, /*metricsVisible=*/false))
      isNew(import.alias);
  for (const ast::Let &let : file.tree->lets) {
    if (!checkNewName(let.name, /*metricsVisible=*/true) || !isNew(let.name))
      continue;
    Field *field = newField(let.name.text, let.name.range, nullptr, &file);
    field->value = let.value.get();
    field->isLet = true;
    file.lets[let.name.text] = field;
  }
  for (const auto &block : file.tree->blocks)
    if (block->name && checkNewName(block->name, /*metricsVisible=*/true) && isNew(block->name))
      file.blocks[block->name.text] = {block.get()};
}

void Sema::checkFile(FileScope &file) {
  for (auto &[name, field] : file.lets)
    evaluate(*field);
  for (const auto &block : file.tree->blocks) {
    auto entry = file.blocks.find(block->name.text);
    if (entry == file.blocks.end() || entry->second.block != block.get()) {
      // Without a usable name: nothing can refer to it, but its kind may be wrong, too.
      if (!block->name)
        checkKind(*block, nullptr);
      continue;
    }
    if (Object *object = instantiate(file, entry->second))
      validate(*object);
  }
}

void Sema::check() {
  for (FileScope &file : files_.files())
    checkFile(file);
}

std::vector<Object *> Sema::studies() {
  std::vector<Object *> result;
  FileScope &spec = files_.files().front();
  for (auto &[name, entry] : spec.blocks)
    if (entry.block->kind.text == "study")
      if (Object *object = instantiate(spec, entry))
        result.push_back(object);
  return result;
}
