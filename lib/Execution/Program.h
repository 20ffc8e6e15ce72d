//===- Program.h - Functions on tensors, compiled for the host --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EXECUTION_PROGRAM_H
#define CATC_EXECUTION_PROGRAM_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class ExecutionEngine;
}

namespace cat::execution {

/// A tensor that a program takes or gives: row-major, of float32 or, for ids, of int32.
struct Port {
  std::string name;
  std::vector<int64_t> shape;
  bool isId = false;
  /// Ids are at least 0 and below this.
  std::optional<int64_t> limit;

  int64_t elementCount() const;
};

/// What a function with `nn.input`, `nn.weight` and `nn.output` attributes takes and gives.
struct Signature {
  std::vector<Port> inputs, weights, outputs;
};

/// A function that convert-nn-to-linalg made, or one with the same attributes, as machine code.
class Program {
public:
  ~Program();

  /// Compiles the function `entry` of a module, or its only function where that is empty; models of
  /// the nn dialect in it are lowered first. `module` is changed. Emits an error and gives null if
  /// there is no such function, or it cannot be compiled.
  static std::unique_ptr<Program> compile(mlir::ModuleOp module, llvm::StringRef entry);

  const Signature &signature() const { return signature_; }

  /// Runs it. A buffer for each port, in order, with as many elements as the port's shape; ids must
  /// be within their limits. Returns why it could not be run, or nothing.
  std::optional<std::string> run(const std::vector<const void *> &inputs,
                                 const std::vector<const float *> &weights,
                                 const std::vector<float *> &outputs) const;

private:
  Program();

  Signature signature_;
  /// The port that each parameter of the function is, in order.
  std::vector<std::pair<const std::vector<Port> Signature::*, size_t>> parameters_;
  std::string symbol_;
  std::unique_ptr<mlir::ExecutionEngine> engine_;
};

} // namespace cat::execution

#endif // CATC_EXECUTION_PROGRAM_H
