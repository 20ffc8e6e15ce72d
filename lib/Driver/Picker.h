//===- Picker.h - What --pick means -----------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The commands that take a finished search (`emit`, `simulate`) take one design of its front, which
// is read back from the run folder alone: spec, bindings and metrics are those of the search.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_PICKER_H
#define CATC_DRIVER_PICKER_H

#include "Driver/LoadedStudy.h"
#include "Results/Pareto.h"
#include "Study/Store.h"

namespace cat::driver {

/// The arguments RUN and --pick of a command.
struct PickOptions {
  explicit PickOptions(llvm::cl::SubCommand &command);

  llvm::cl::opt<std::string> runFolder;
  llvm::cl::opt<std::string> pick;
};

/// Chooses among the designs of a front what --pick means.
class Picker {
public:
  /// Nothing after printing what is wrong with --pick.
  static std::optional<Picker> create(llvm::StringRef pick);

  /// The chosen design of the front in `path`, whose study is written to `study`; nothing after
  /// printing why there is none. The file is read once, and for the knee once more.
  std::optional<results::DesignRecord> choose(const std::string &path,
                                              results::StudySummary &study);

private:
  bool isBetter(const results::DesignRecord &design,
                const std::optional<results::DesignRecord> &than) const;

  std::string metric_;                  ///< of best:METRIC
  std::optional<results::DesignId> id_; ///< of a design's number; neither is the knee
};

/// The chosen design of a run folder, as it was when it was searched.
struct PickedDesign {
  std::string runFolder;
  study::StudyIdentity identity;
  std::unique_ptr<LoadedStudy> study; ///< prints diagnostics about the modules
  results::StudySummary summary;
  results::DesignRecord record;
  int64_t model = 0;                           ///< its number among the models
  mlir::OwningOpRef<mlir::ModuleOp> bound;     ///< taken to the stage nn
  mlir::OwningOpRef<mlir::ModuleOp> annotated; ///< taken to the stage accel

  /// Null after printing what is wrong.
  static std::unique_ptr<PickedDesign> load(const std::string &runFolder, Picker picker);
};

} // namespace cat::driver

#endif // CATC_DRIVER_PICKER_H
