//===- SpecFixture.h - Specs for the tests of studies -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_STUDY_SPECFIXTURE_H
#define CATC_TEST_UNIT_STUDY_SPECFIXTURE_H

#include "Frontend/Frontend.h"
#include "Study/Codesign.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <memory>
#include <stdexcept>
#include <string>

namespace cat::study {

/// A spec as the driver would load it, with the ops of its study.
class LoadedStudy {
public:
  explicit LoadedStudy(llvm::StringRef text) {
    context.disableMultithreading();
    frontend::FrontendOptions options;
    options.searchPaths = {CATC_SOURCE_DIR};
    llvm::SmallString<128> path;
    int descriptor;
    if (llvm::sys::fs::createTemporaryFile("study", "cat", descriptor, path))
      throw std::runtime_error("no temporary file");
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
    spec = frontend::loadSpec(std::string(path), &context, options, diagnostics);
    llvm::sys::fs::remove(path);
    llvm::FailureOr<StudyOps> found = llvm::failure();
    if (!spec || failed(found = findStudy(*spec.module)))
      throw std::runtime_error(diagnostics.diagnostics().empty()
                                   ? "no study"
                                   : diagnostics.diagnostics().front().message);
    ops = *found;
  }

  ParameterTable table() const { return {ops.module, ops.model, ops.machine, ops.carbon}; }
  std::unique_ptr<Codesign> codesign(unsigned threads = 2) const {
    CodesignOptions options;
    options.threads = threads;
    llvm::FailureOr<std::unique_ptr<Codesign>> made = Codesign::create(ops, options);
    if (failed(made))
      throw std::runtime_error("no problem can be built of the study");
    return std::move(*made);
  }

  mlir::MLIRContext context;
  frontend::DiagnosticEngine diagnostics;
  frontend::Spec spec;
  StudyOps ops;
};

/// The example's models, goals and requirements on 64 of its hardware points, all of which satisfy
/// the requirements.
inline const char *const kReducedExample = R"(
  import "examples/clip_vit_b16.cat" as example;
  hardware reduced : example.edge {
    search clusters        in {1, 4};
    search array_width     in {32, 128};
    search array_depth     in {4, 16};
    search local_sram      in {64, 512} KiB;
    search local_bandwidth in {32, 128} B/cycle;
    search global_buffer   in {2, 4} MiB;
  }
  study reduced_study : example.low_carbon { hardware = reduced; }
)";

} // namespace cat::study

#endif // CATC_TEST_UNIT_STUDY_SPECFIXTURE_H
