//===- Object.h - Values, keys and blocks after name lookup -----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block with everything it inherits is an Object; each of its keys, lets and searches is a Field,
// evaluated on demand. Numbers that depend on search parameters are symbolic attributes of the
// space dialect, so a Value never needs a second form.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_OBJECT_H
#define CATC_FRONTEND_OBJECT_H

#include "Frontend/Ast.h"
#include "Frontend/Dimension.h"
#include "Frontend/Schema.h"
#include "mlir/IR/Attributes.h"
#include "llvm/ADT/MapVector.h"

namespace cat::frontend {

struct FileScope;
struct Object;

struct Value {
  enum class Kind : uint8_t {
    Error, ///< reported already; spreads silently
    Number,
    Truth,
    String,
    List,
    Block,
  };

  Kind kind = Kind::Error;
  /// Elements of a List; Error for the empty list.
  Kind element = Kind::Error;
  /// Of a Number, or of a List of them.
  Dimension dimension;
  /// A Number known to be whole in base units, or a List of such.
  bool integral = false;
  /// The value in base units: i64, f64, string, array, #space.ref, #space.expr. Null for Block and
  /// lists of them.
  mlir::Attribute attribute;
  /// A Block, or the blocks it may be; the elements of a List of blocks.
  llvm::SmallVector<Object *, 1> objects;
  /// The index into `objects`, if the block is searched for.
  mlir::Attribute index;

  bool isError() const { return kind == Kind::Error; }
  bool isChoice() const { return static_cast<bool>(index); }
};

/// A key, a let or a search.
struct Field {
  enum class State : uint8_t { Unevaluated, InProgress, Evaluated };

  llvm::StringRef name;
  /// Where it is given its present value, and where the key was first declared.
  llvm::SMRange range, declared;
  /// The value or the domain; one of them is set.
  const ast::Expr *value = nullptr;
  const ast::Search *search = nullptr;
  bool isLet = false;
  /// The block it belongs to (null at the top of a file), and the place whose names its expression
  /// sees.
  Object *owner = nullptr;
  Object *scope = nullptr;
  FileScope *file = nullptr;
  /// Fixed type, if the kind has one for this key.
  const KeySchema *schema = nullptr;
  /// The same key of the base, which says what type a value must have.
  Field *inherited = nullptr;

  State state = State::Unevaluated;
  Value result;
  /// Of a search: its domain (an attribute of the space dialect) and how people write its values.
  mlir::Attribute domain;
  std::string unit;
  double scale = 1;
};

/// A member with the place whose names its expressions see.
template <typename Node> struct Scoped {
  const Node *node;
  Object *scope;
  FileScope *file;
};

struct Object {
  const KindSchema *kind = nullptr;
  llvm::StringRef name;
  /// "clip.text": names of the block and those around it; search parameters are called by it.
  std::string path;
  llvm::SMRange range;
  const ast::Block *declaration = nullptr; ///< null for a call
  Object *parent = nullptr;
  Object *base = nullptr;
  FileScope *file = nullptr;

  llvm::MapVector<llvm::StringRef, Field *> fields;
  std::vector<Object *> children;
  std::vector<Scoped<ast::Require>> requirements;
  std::vector<Scoped<ast::Goal>> goals;
  std::vector<Scoped<ast::Expr>> baselines;

  Field *field(llvm::StringRef key) const {
    auto it = fields.find(key);
    return it == fields.end() ? nullptr : it->second;
  }
  Object *child(llvm::StringRef childName) const {
    for (Object *object : children)
      if (object->name == childName)
        return object;
    return nullptr;
  }
  /// The nested block that goes by a name: its own, or its kind if it has none.
  Object *member(llvm::StringRef childName) const {
    for (Object *object : children)
      if ((object->name.empty() ? llvm::StringRef(object->kind->name) : object->name) == childName)
        return object;
    return nullptr;
  }
  /// The nested block of a kind that occurs at most once.
  Object *childOfKind(llvm::StringRef wanted) const {
    for (Object *object : children)
      if (object->kind->name == wanted)
        return object;
    return nullptr;
  }
  /// "study 'x'", for diagnostics.
  std::string describe() const {
    return name.empty() ? kind->name.str() : (kind->name + " '" + name + "'").str();
  }
};

/// A file's own names.
struct FileScope {
  struct BlockEntry {
    const ast::Block *block;
    Object *object = nullptr;
    bool inProgress = false;
    bool failed = false; ///< an error has been reported
  };

  std::string path;
  unsigned bufferId = 0;
  std::unique_ptr<ast::File> tree;
  llvm::MapVector<llvm::StringRef, FileScope *> imports;
  llvm::MapVector<llvm::StringRef, Field *> lets;
  llvm::MapVector<llvm::StringRef, BlockEntry> blocks;
};

} // namespace cat::frontend

#endif // CATC_FRONTEND_OBJECT_H
