//===- Ast.h - The syntax tree of a .cat file -------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the parser found, before any name is looked up. Names point into the source buffer;
// everything carries its range.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_AST_H
#define CATC_FRONTEND_AST_H

#include "Support/Expr.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cat::frontend::ast {

struct Identifier {
  llvm::StringRef text;
  llvm::SMRange range;

  explicit operator bool() const { return !text.empty(); }
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct Expr {
  enum class Kind : uint8_t { Number, String, Boolean, Name, List, Unary, Binary, Call };

  Kind kind;
  bool parenthesized = false;
  llvm::SMRange range;

  Expr(Kind kind, llvm::SMRange range) : kind(kind), range(range) {}
  virtual ~Expr() = default;
};
using ExprPtr = std::unique_ptr<Expr>;

/// 64 KiB. `unit` is empty for a bare number.
struct NumberExpr : Expr {
  bool integral = true;
  int64_t integer = 0; ///< if integral
  double real = 0;
  llvm::SMRange digits; ///< without the unit
  Identifier unit;

  explicit NumberExpr(llvm::SMRange range) : Expr(Kind::Number, range) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Number; }
};

struct StringExpr : Expr {
  std::string value; ///< escapes resolved

  StringExpr(llvm::SMRange range, std::string value)
      : Expr(Kind::String, range), value(std::move(value)) {}
  static bool classof(const Expr *e) { return e->kind == Kind::String; }
};

struct BooleanExpr : Expr {
  bool value;

  BooleanExpr(llvm::SMRange range, bool value) : Expr(Kind::Boolean, range), value(value) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Boolean; }
};

/// clip.text.layers
struct NameExpr : Expr {
  llvm::SmallVector<Identifier, 3> parts;

  explicit NameExpr(llvm::SMRange range) : Expr(Kind::Name, range) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Name; }
};

struct ListExpr : Expr {
  std::vector<ExprPtr> elements;

  explicit ListExpr(llvm::SMRange range) : Expr(Kind::List, range) {}
  static bool classof(const Expr *e) { return e->kind == Kind::List; }
};

struct UnaryExpr : Expr {
  cat::ExprOp op; ///< Neg or Not
  ExprPtr operand;

  UnaryExpr(llvm::SMRange range, cat::ExprOp op, ExprPtr operand)
      : Expr(Kind::Unary, range), op(op), operand(std::move(operand)) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Unary; }
};

struct BinaryExpr : Expr {
  cat::ExprOp op;
  llvm::SMRange operatorRange;
  ExprPtr lhs, rhs;

  BinaryExpr(llvm::SMRange range, cat::ExprOp op, llvm::SMRange operatorRange, ExprPtr lhs,
             ExprPtr rhs)
      : Expr(Kind::Binary, range), op(op), operatorRange(operatorRange), lhs(std::move(lhs)),
        rhs(std::move(rhs)) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Binary; }
};

struct Argument {
  Identifier name; ///< empty for a positional argument
  ExprPtr value;
  llvm::SMRange range;
};

struct CallExpr : Expr {
  std::unique_ptr<NameExpr> callee;
  std::vector<Argument> arguments;

  explicit CallExpr(llvm::SMRange range) : Expr(Kind::Call, range) {}
  static bool classof(const Expr *e) { return e->kind == Kind::Call; }
};

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

struct Let {
  Identifier name;
  ExprPtr value;
};

struct Assign {
  Identifier name;
  ExprPtr value;
};

/// 6..12 step 2, or {64, 128} KiB.
struct Domain {
  llvm::SMRange range;
  ExprPtr lo, hi, step;                  ///< a range; step may be null
  std::vector<ExprPtr> choices;          ///< a choice list
  llvm::SmallVector<Identifier, 2> unit; ///< its common unit: the first over all others
  llvm::SMRange unitRange;

  bool isRange() const { return lo != nullptr; }
};

struct Search {
  Identifier name;
  Domain domain;
};

struct Require {
  std::optional<std::string> label;
  ExprPtr condition;
};

struct Goal {
  bool maximize = false;
  ExprPtr value, threshold; ///< threshold may be null
};

struct Block {
  Identifier kind;
  Identifier name; ///< may be empty
  std::unique_ptr<NameExpr> base;
  llvm::SMRange header; ///< kind and name
  std::vector<Let> lets;
  std::vector<Assign> assigns;
  std::vector<Search> searches;
  std::vector<Require> requirements;
  std::vector<Goal> goals;
  std::vector<ExprPtr> baselines;
  std::vector<std::unique_ptr<Block>> blocks;
};

struct Import {
  std::string path;
  llvm::SMRange pathRange;
  Identifier alias;
};

struct File {
  std::vector<Import> imports;
  std::vector<Let> lets;
  std::vector<std::unique_ptr<Block>> blocks;
};

} // namespace cat::frontend::ast

#endif // CATC_FRONTEND_AST_H
