//===- Lowering.h - From checked blocks to space IR -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_LOWERING_H
#define CATC_FRONTEND_LOWERING_H

#include "Accel/Accel.h"
#include "Frontend/Sema.h"
#include "Models/Models.h"
#include "Space/Space.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace cat::frontend {

/// Emits the module of one study: parameters, requirements, model, machine, deployment, baseline,
/// study. Every op has the location of the block or member it came from. Sema must have checked the
/// study without an error.
class Lowering {
public:
  Lowering(Sema &sema, mlir::ModuleOp module);

  /// Fails after an error has been reported.
  llvm::LogicalResult lower(Object &study);

private:
  // Lowering.cpp
  void collectParameters(Object &object, llvm::SmallVectorImpl<Field *> &fields);
  llvm::LogicalResult lowerParameters(llvm::ArrayRef<Object *> roots);
  void lowerRequirements(const Object &object);
  void lowerRequirement(const Scoped<ast::Require> &require);
  void checkParameters(mlir::Attribute value, llvm::SMRange range);
  mlir::Location location(llvm::SMRange range);

  // LowerValue.cpp
  mlir::Attribute attributeOf(const Value &value);
  mlir::DictionaryAttr dictionaryOf(const Object &object);
  /// The keys of a block, or of the one that is selected, as attributes, and where they are given.
  /// `use` is where the block is named.
  llvm::LogicalResult flatten(const Value &block, llvm::SMRange use,
                              mlir::NamedAttrList &attributes,
                              llvm::SmallVectorImpl<mlir::Location> &places);
  /// The place of a key for withKeyPlaces: a value given at `range`, in a block named at `use` if
  /// that is valid.
  mlir::Location keyPlace(llvm::StringRef key, llvm::SMRange range, llvm::SMRange use);

  // LowerModel.cpp
  llvm::LogicalResult lowerModel(Object &model, Object *workload, llvm::Twine name);
  /// The unpruned model that `model`, just lowered, derives from.
  llvm::LogicalResult lowerParent(Object &model, Object *workload);
  Object *unprunedOf(Object &model);
  /// `parent` is the same block of the unpruned model.
  models::SizeGroup sizesOf(Object &object, Object *parent);
  mlir::Attribute sizeOf(Field &field);

  // LowerMachine.cpp
  llvm::LogicalResult lowerMachine(Object &hardware, llvm::Twine name);
  llvm::LogicalResult lowerComponent(Object &component);
  /// Where the value of a component's key is given: of `capacity = local_sram`, the value of the
  /// hardware's `local_sram`.
  llvm::SMRange originOf(const Field &field, const Object &hardware);

  // LowerStudy.cpp
  void lowerCarbon(Object &carbon);
  void lowerGoal(const Scoped<ast::Goal> &goal);
  void lowerEvaluators(Object &study);
  mlir::DictionaryAttr strategyOf(Object &study);
  llvm::LogicalResult lowerBaseline(Object &study, Object *workload, space::StudyOp op);

  Sema &sema_;
  mlir::ModuleOp module_;
  mlir::OpBuilder b_;
  llvm::StringMap<Field *> parameters_; ///< by path
};

} // namespace cat::frontend

#endif // CATC_FRONTEND_LOWERING_H
