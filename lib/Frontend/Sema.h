//===- Sema.h - Names, types and dimensions of a spec -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns syntax trees into Objects and Values: looks names up (in any order, nothing shadows),
// merges blocks with their bases, checks types and dimensions, and evaluates expressions,
// symbolically where they depend on search parameters.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_SEMA_H
#define CATC_FRONTEND_SEMA_H

#include "Frontend/Diagnostics.h"
#include "Frontend/Imports.h"
#include "Frontend/Object.h"
#include "Support/Expr.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <deque>

namespace cat::frontend {

/// Whose names an expression sees. `self` is the key being given a value, which its own expression
/// does not see.
struct Scope {
  Object *object = nullptr;
  FileScope *file = nullptr;
  const Field *self = nullptr;
};

/// Values may depend on each other, and blocks derive from each other, this deep.
inline constexpr unsigned kMaxDepth = 1500, kMaxBases = 100;

class Sema {
public:
  Sema(mlir::MLIRContext *context, FileSet &files, DiagnosticEngine &diagnostics);

  /// Checks every declaration of every file.
  void check();

  /// The studies of the spec itself, in order.
  std::vector<Object *> studies();

  /// The value of a field; errors are reported once and give an error value.
  const Value &evaluate(Field &field);
  Value evaluate(const ast::Expr &expr, const Scope &scope);

  /// The value of an object's key, or null if it is not given.
  const Value *valueOf(const Object &object, llvm::StringRef key);

  mlir::Builder &builder() { return builder_; }
  DiagnosticEngine &diagnostics() { return diagnostics_; }

private:
  /// What a name or the first parts of one stand for.
  struct Found {
    enum class Kind : uint8_t { Nothing, Field, Block, Child, Metric, Unit } kind = Kind::Nothing;
    frontend::Field *field = nullptr;
    Object *object = nullptr;
    const MetricSchema *metric = nullptr;
    const Unit *unit = nullptr;
    unsigned parts = 0;  ///< how many parts of the name were used
    bool failed = false; ///< an error has been reported
  };

  // SemaFile.cpp: declarations at the top of files.
  void declare(FileScope &file);
  bool checkNewName(const ast::Identifier &name, bool metricsVisible);
  void reportRedeclared(const ast::Identifier &name, llvm::SMRange previous);
  void checkFile(FileScope &file);

  // SemaBlock.cpp: objects.
  Object *instantiate(FileScope &file, FileScope::BlockEntry &entry);
  Object *build(const ast::Block &block, FileScope &file, Object *parent, Object *base);
  const KindSchema *checkKind(const ast::Block &block, Object *parent);
  Object *resolveBase(const ast::Block &block, FileScope &file, const KindSchema &kind);
  Object *cloneInto(Object &base, Object *parent);
  void inherit(Object &object, Object &base);
  void addMembers(Object &object, const ast::Block &block);
  void addKey(Object &object, const ast::Identifier &name, const ast::Expr *value,
              const ast::Search *search);
  void addLet(Object &object, const ast::Let &let);
  void addNested(Object &object, const ast::Block &block);
  void checkShadowing(const Object &object, const ast::Identifier &name);
  void reportUnknownKey(const Object &object, const ast::Identifier &name);
  Object *derive(Object &base, const ast::CallExpr &call, const Scope &scope);
  Field *newField(llvm::StringRef name, llvm::SMRange range, Object *owner, FileScope *file);

  // SemaCheck.cpp: validity of whole objects.
  void validate(Object &object);
  void checkRequiredKeys(const Object &object);
  void checkStrategy(Object &study);
  void validateStudy(Object &study);
  void checkEvaluators(Object &study, mlir::Attribute value, llvm::SMRange range, bool isGoal);

  // SemaType.cpp: what a key accepts.
  Value checkField(Field &field, Value value);
  Value checkSchema(const Field &field, const KeySchema &schema, Value value, llvm::SMRange range);
  bool checkNumber(const Field &field, const Dimension &expected, const Value &value,
                   llvm::SMRange range);
  bool makeIntegral(Value &value);
  /// Where a value is given: of a key that is another's name, the value of that one.
  llvm::SMRange givenAt(const Field &field);
  /// An error about a value, where it is given, with a note where it is used if that is elsewhere.
  /// `message` gets the text of the value.
  void reportValue(const Field &field, llvm::SMRange range,
                   llvm::function_ref<std::string(llvm::SMRange)> message);
  void reportMismatch(const Field &field, const llvm::Twine &expected, const Value &value,
                      llvm::SMRange range);
  std::string exampleUnit(const Field &field, const Dimension &dimension);

  // SemaDomain.cpp: search domains.
  Value evaluateDomain(Field &field);
  Value rangeDomain(Field &field, const ast::Domain &domain);
  Value choiceDomain(Field &field, const ast::Domain &domain);
  Value categoryDomain(Field &field, const ast::Domain &domain, llvm::ArrayRef<Value> choices);
  Value numberDomain(Field &field, const ast::Domain &domain, llvm::ArrayRef<Value> choices);
  std::optional<double> domainUnit(const ast::Domain &domain, Dimension &dimension);
  void setUnit(Field &field, const ast::Domain &domain, const Dimension &dimension);
  Value reference(Field &field, Value::Kind kind);

  // SemaName.cpp: lookup.
  Found lookup(const ast::NameExpr &name, const Scope &scope);
  Found lookupInFile(const ast::NameExpr &name, FileScope &file);
  Value evaluateName(const ast::NameExpr &name, const Scope &scope);
  Value access(Value value, const ast::NameExpr &name, unsigned firstPart);
  Value memberOf(Object &object, const ast::Identifier &member, llvm::SMRange range);
  void reportUnknownName(const ast::NameExpr &name, const Scope &scope);
  void reportUnknownUnit(const ast::Identifier &unit, const Scope &scope,
                         const ast::NumberExpr &number);

  // SemaExpr.cpp: operators, SemaCall.cpp: functions and block calls.
  Value evaluateNumber(const ast::NumberExpr &expr, const Scope &scope);
  Value evaluateList(const ast::ListExpr &expr, const Scope &scope);
  Value evaluateUnary(const ast::UnaryExpr &expr, const Scope &scope);
  Value evaluateBinary(const ast::BinaryExpr &expr, const Scope &scope);
  Value evaluateComparison(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs);
  Value evaluateIdentity(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs);
  Value evaluateCall(const ast::CallExpr &expr, const Scope &scope);
  Value evaluateFunction(const ast::CallExpr &expr, cat::ExprOp op, const Scope &scope);
  Value evaluateHasDivisor(const ast::CallExpr &expr, const Scope &scope);
  Value evaluateLower(const ast::CallExpr &expr, const Scope &scope);
  Value number(const Dimension &dimension, double value, bool integral);
  Value apply(cat::ExprOp op, llvm::ArrayRef<Value> operands, const Dimension &dimension,
              llvm::SMRange range);
  Value truth(mlir::Attribute attribute);
  bool expectNumber(const Value &value, const ast::Expr &expr, llvm::StringRef what);
  bool expectTruth(const Value &value, const ast::Expr &expr, llvm::StringRef what);
  void reportUnlike(const ast::BinaryExpr &expr, const Value &lhs, const Value &rhs);
  void reportCycle(Field &field);
  uint64_t sizeOf(mlir::Attribute attribute);

  mlir::Builder builder_;
  FileSet &files_;
  DiagnosticEngine &diagnostics_;
  std::deque<Field> fieldStorage_;
  std::deque<Object> objectStorage_;
  llvm::DenseMap<const ast::CallExpr *, Object *> predeclared_;
  std::vector<Field *> evaluating_;
  llvm::DenseMap<mlir::Attribute, uint64_t> sizes_;
  llvm::SmallPtrSet<const char *, 4> reportedValues_; ///< where values are given
  unsigned depth_ = 0, bases_ = 0;
};

/// "a time", "a string", "a dram_device".
std::string describe(const Value &value);

/// A kind with its article: "a model", "an array".
std::string withArticle(llvm::StringRef noun);

/// The constant number of a value, or nothing if it is symbolic.
std::optional<double> constantOf(const Value &value);

/// The source text of an expression, shortened, in quotes.
std::string quoted(llvm::SMRange range);

} // namespace cat::frontend

#endif // CATC_FRONTEND_SEMA_H
