//===- LoadedStudy.cpp - A spec that a command has read -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/LoadedStudy.h"
#include "Study/DesignCost.h"

using namespace cat;
using namespace cat::driver;

LoadedSpec::LoadedSpec() {
  // Users see .cat text, never IR.
  context.printOpOnDiagnostic(false);
  context.disableMultithreading();
}

bool LoadedSpec::flush() {
  diagnostics.flush(llvm::errs());
  return !diagnostics.hasErrors();
}

std::unique_ptr<LoadedSpec> driver::loadSpec(const SpecOptions &options, bool requireStudy) {
  auto loaded = std::make_unique<LoadedSpec>();
  frontend::FrontendOptions frontend;
  frontend.searchPaths = searchPaths({options.includes.begin(), options.includes.end()});
  frontend.study = options.study;
  frontend.requireStudy = requireStudy;
  loaded->spec = frontend::loadSpec(options.spec, &loaded->context, frontend, loaded->diagnostics);
  if (!loaded->flush() || !loaded->spec)
    return nullptr;
  return loaded;
}

std::unique_ptr<LoadedStudy> LoadedStudy::of(std::unique_ptr<LoadedSpec> loaded) {
  if (!loaded)
    return nullptr;
  std::unique_ptr<LoadedStudy> result(new LoadedStudy(std::move(loaded)));
  llvm::FailureOr<study::StudyOps> ops = study::findStudy(*result->spec().module);
  if (failed(ops)) {
    result->flush();
    return nullptr;
  }
  result->ops_ = *ops;
  result->table_.emplace(ops->module, ops->model, ops->machine, ops->carbon);
  return result;
}

std::unique_ptr<LoadedStudy> LoadedStudy::load(const SpecOptions &options) {
  return of(loadSpec(options, /*requireStudy=*/true));
}

mlir::OwningOpRef<mlir::ModuleOp> LoadedStudy::isolate() const {
  study::StudyOps ops = ops_;
  return study::isolateDesign(ops.module, ops.model.getSymName(), ops.machine.getSymName());
}
