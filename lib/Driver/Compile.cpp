//===- Compile.cpp - catc compile -----------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/At.h"
#include "Driver/Driver.h"
#include "Driver/LoadedStudy.h"
#include "Results/WriteFile.h"
#include "Study/DesignCost.h"
#include "Transforms/Bind.h"

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

static cl::SubCommand command("compile", "Print the IR of a spec, for people who develop passes");
static SpecOptions options(command);
static AtOption at(command);
static cl::opt<study::Stage>
    stage("to", cl::desc("How far to lower:"),
          cl::values(clEnumValN(study::Stage::Space, "space",
                                "the declared problem, symbolic (partial --at allowed)"),
                     clEnumValN(study::Stage::NN, "nn", "the bound graph"),
                     clEnumValN(study::Stage::Accel, "accel", "the mapped and annotated program"),
                     clEnumValN(study::Stage::Linalg, "linalg",
                                "the model as a function on tensors, which cat-run runs")),
          cl::init(study::Stage::Space), cl::sub(command));
static cl::opt<std::string> output("o", cl::desc("Write to this file instead of standard output"),
                                   cl::value_desc("file"), cl::init("-"), cl::sub(command));
static cl::opt<bool> locations("locations", cl::desc("Print the .cat location of every op"),
                               cl::sub(command));

cl::SubCommand &driver::compileCommand() { return command; }

int driver::runCompile() {
  std::unique_ptr<LoadedStudy> study = LoadedStudy::load(options);
  if (!study)
    return kUserError;
  bool symbolic = stage == study::Stage::Space;
  std::optional<llvm::StringMap<mlir::Attribute>> values = at.parse(*study, /*all=*/!symbolic);
  if (!values)
    return kUserError;
  mlir::OwningOpRef<mlir::ModuleOp> copy =
      symbolic ? mlir::OwningOpRef<mlir::ModuleOp>(study->module().clone()) : study->isolate();
  bool ok = succeeded(bind(*copy, *values)) && succeeded(study::runTo(*copy, stage));
  if (!study->flush() || !ok)
    return kUserError;
  std::string text;
  llvm::raw_string_ostream os(text);
  mlir::OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo(true, true);
  copy->print(os, flags);
  if (output == "-") {
    llvm::outs() << text;
    return kSuccess;
  }
  if (std::optional<std::string> problem = results::writeFile(output, text))
    return fail(*problem);
  return kSuccess;
}
