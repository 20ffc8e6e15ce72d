//===- Frontend.cpp - From a .cat file to space IR ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Frontend.h"
#include "Frontend/Imports.h"
#include "Frontend/Locations.h"
#include "Frontend/Lowering.h"
#include "Frontend/Spelling.h"
#include "mlir/IR/Verifier.h"

using namespace cat;
using namespace cat::frontend;

void cat::frontend::loadDialects(mlir::MLIRContext *context) {
  context->loadDialect<space::SpaceDialect, nn::NNDialect, accel::AccelDialect>();
}

/// The study that the options name; null after an error.
static Object *chooseStudy(llvm::ArrayRef<Object *> studies, const std::string &path,
                           const FrontendOptions &options, DiagnosticEngine &diagnostics) {
  llvm::SmallVector<llvm::StringRef> names;
  std::string list;
  for (Object *study : studies) {
    if (options.study.empty() ? studies.size() == 1 : study->name == options.study)
      return study;
    names.push_back(study->name);
    list += (list.empty() ? "'" : ", '") + study->name.str() + "'";
  }
  if (studies.empty())
    diagnostics.error({}, "'" + path + "' declares no study");
  else if (options.study.empty())
    diagnostics.error({}, "'" + path + "' declares several studies; choose one of " + list);
  else
    diagnostics.error(
        {},
        "'" + path + "' declares no study '" + options.study + "'" +
            (names.empty() ? "" : didYouMean(options.study, names) + " (declared: " + list + ")"));
  return nullptr;
}

Spec cat::frontend::loadSpec(const std::string &path, mlir::MLIRContext *context,
                             const FrontendOptions &options, DiagnosticEngine &diagnostics) {
  Spec spec;
  loadDialects(context);
  MlirDiagnosticHandler handler(context, diagnostics);
  FileSet files(options.searchPaths, diagnostics, options.stored);
  files.loadMain(path);
  for (FileScope &file : files.files())
    spec.files.push_back(
        {file.path, diagnostics.sources().getMemoryBuffer(file.bufferId)->getBuffer().str()});
  if (diagnostics.hasErrors())
    return spec;

  Sema sema(context, files, diagnostics);
  sema.check();
  std::vector<Object *> studies = sema.studies();
  for (Object *study : studies)
    spec.studies.push_back(study->name.str());
  if (diagnostics.hasErrors())
    return spec;

  FileScope &main = files.files().front();
  const char *begin = diagnostics.sources().getMemoryBuffer(main.bufferId)->getBufferStart();
  llvm::SMLoc start = llvm::SMLoc::getFromPointer(begin);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(locationOf(context, diagnostics.sources(), {start, start}));
  if (!studies.empty() || options.requireStudy || !options.study.empty()) {
    Object *study = chooseStudy(studies, path, options, diagnostics);
    if (!study || failed(Lowering(sema, *module).lower(*study)))
      return spec;
    spec.study = study->name.str();
  }
  if (failed(mlir::verify(*module)) || diagnostics.hasErrors())
    return spec;
  spec.module = std::move(module);
  return spec;
}
