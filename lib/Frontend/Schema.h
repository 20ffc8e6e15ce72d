//===- Schema.h - Block kinds and their keys --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kinds of blocks that the language knows, and for each key its type and dimension. Kinds are
// not keywords: a block of an unknown kind parses, and is reported here with what it may have
// meant.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_SCHEMA_H
#define CATC_FRONTEND_SCHEMA_H

#include "Frontend/Dimension.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace cat::frontend {

enum class KeyType : uint8_t {
  Number,
  Integer, ///< a number that is whole in base units
  Truth,
  String,
  NumberList,
  IntegerList,
  StringList,
  Block,         ///< a reference to a block of the key's kind
  BlockOrNumber, ///< that, or a number of the key's dimension
};

struct KeySchema {
  llvm::StringLiteral name;
  KeyType type = KeyType::Number;
  Dimension dimension;
  llvm::StringLiteral blockKind = ""; ///< Block, BlockOrNumber
  bool required = false;
  /// Number: another dimension that the key may have instead.
  Dimension alternative = {};
};

struct KindSchema {
  llvm::StringLiteral name;
  /// The block itself declares its keys, unless it has a base; only keys listed below have a fixed
  /// type.
  bool declaresKeys = false;
  /// May stand outside of any block.
  bool topLevel = false;
  /// Must have a name of its own.
  bool named = false;
  /// Members that are allowed.
  bool search = false, require = false, goals = false;
  /// Expressions inside may name the block's keys.
  bool keysAreNames = true;
  /// A block of this kind obtains an evaluated metric.
  bool evaluator = false;
  llvm::ArrayRef<KeySchema> keys;
  /// Kinds of blocks that may stand inside.
  llvm::ArrayRef<llvm::StringLiteral> nested;
  /// The key that a call's unnamed argument sets; empty if it takes none.
  llvm::StringLiteral positional = "";

  const KeySchema *lookup(llvm::StringRef key) const;
  /// True if a key that wants a block of kind `wanted` takes one of this kind; "evaluator" stands
  /// for every kind of evaluator.
  bool satisfies(llvm::StringRef wanted) const {
    return name == wanted || (wanted == "evaluator" && evaluator);
  }
};

/// All kinds, or one of them (null if unknown).
llvm::ArrayRef<KindSchema> allKinds();
const KindSchema *lookupKind(llvm::StringRef name);

/// A metric of a design, which goals and requirements may name.
struct MetricSchema {
  llvm::StringLiteral name;
  Dimension dimension;
  llvm::StringLiteral unit; ///< how it is shown unless the threshold says otherwise
  bool evaluated = false;   ///< needs an evaluator
};

llvm::ArrayRef<MetricSchema> allMetrics();
const MetricSchema *lookupMetric(llvm::StringRef name);

} // namespace cat::frontend

#endif // CATC_FRONTEND_SCHEMA_H
