//===- Target.h - Something that a design is written as ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A target turns a design into files for one kind of consumer. Each has a folder of its own below
// lib/Emit, with a function create<FOLDER>Target(); naming the folder in lib/Emit/CMakeLists.txt
// registers it, and everything else (`catc emit --target`, its help, what is written by default)
// follows from what it says of itself.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_TARGET_H
#define CATC_EMIT_TARGET_H

#include "Emit/Manifest.h"
#include "Results/Records.h"
#include "mlir/IR/BuiltinOps.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cat::emit {

/// A design of a finished search, as targets get it.
struct Design {
  mlir::ModuleOp bound;     ///< its model's graph, every parameter bound (nn)
  mlir::ModuleOp annotated; ///< its machine and program, lowered, mapped and costed (accel)
  /// Text of the graph as a function on tensors (linalg). Emits an error and fails where there is
  /// none.
  std::function<llvm::FailureOr<std::string>()> graph;
  results::StudySummary study;
  results::DesignRecord record;
  std::string models;       ///< folder in which evaluators save their models
  std::string savedWeights; ///< the file with this model's weights; empty if none were saved
  std::string tools;        ///< folder of catc's own programs
  std::string data;         ///< folder of what is installed beside them (catlib, hw)
};

/// What targets write: files, lines for the terminal, and members of manifest.json.
class Output {
public:
  explicit Output(Folder &folder) : folder(folder) {}

  Folder &folder;
  std::vector<std::string> lines;
  ManifestMembers manifest;
};

/// What went wrong, or nothing. An empty text if it has been emitted as a diagnostic at its place.
using Problem = std::optional<std::string>;

class Target {
public:
  virtual ~Target();
  /// As in --target; a target other than a default one writes into the subfolder of this name only.
  virtual llvm::StringRef name() const = 0;
  /// What it writes, for people.
  virtual llvm::StringRef description() const = 0;
  /// Whether it is written unless targets are named.
  virtual bool isDefault() const { return false; }
  virtual Problem write(const Design &design, Output &output) const = 0;
};

/// All registered targets, by name.
const std::vector<std::unique_ptr<Target>> &targets();

} // namespace cat::emit

#endif // CATC_EMIT_TARGET_H
