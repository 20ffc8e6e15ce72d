//===- cat-run.cpp - Run a model on the processor -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "Execution/Lower.h"
#include "Execution/RunFiles.h"
#include "NN/NN.h"
#include "Weights/Safetensors.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"
#include <chrono>

using namespace cat;
namespace cl = llvm::cl;

static cl::OptionCategory category("Options");
static cl::opt<std::string> model(cl::Positional, cl::desc("MODEL.mlir"), cl::Required,
                                  cl::cat(category));
static cl::opt<std::string> weightsPath("weights", cl::desc("Learned tensors (safetensors)"),
                                        cl::value_desc("file"), cl::Required, cl::cat(category));
static cl::opt<std::string> inputsPath("inputs", cl::desc("Inputs by name (safetensors)"),
                                       cl::value_desc("file"), cl::Required, cl::cat(category));
static cl::opt<std::string> prefix("input-prefix",
                                   cl::desc("What stands before inputs' names there"),
                                   cl::value_desc("text"), cl::cat(category));
static cl::opt<std::string> outputsPath("outputs", cl::desc("Write the outputs here (safetensors)"),
                                        cl::value_desc("file"), cl::Required, cl::cat(category));
static cl::opt<std::string> entry("entry", cl::desc("The model or function, if there are several"),
                                  cl::value_desc("name"), cl::cat(category));
static cl::opt<bool> timing("time", cl::desc("Say how long compiling and running took"),
                            cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "cat-run: ";
  llvm::WithColor::error(llvm::errs()) << message << "\n";
  return 1;
}

static double seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "runs a model on the processor\n\nMODEL.mlir holds a bound nn graph (catc compile --to nn), "
      "or"
      "\na function that was made from one (--to linalg). '-' reads it from standard input.\n");

  mlir::DialectRegistry registry;
  registry.insert<space::SpaceDialect, nn::NNDialect, accel::AccelDialect>();
  execution::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(model, sources, &context);
  if (!module)
    return 1;
  auto weights = weights::readSafetensors(weightsPath);
  if (!weights)
    return fail(weights.error());
  auto inputs = weights::readSafetensors(inputsPath);
  if (!inputs)
    return fail(inputs.error());

  double begin = seconds();
  auto program = execution::Program::compile(*module, entry);
  if (!program)
    return 1;
  double compiled = seconds();
  const execution::Signature &signature = program->signature();
  auto tensors = execution::Arguments::find(signature.weights, weights->tensors, weightsPath);
  if (!tensors)
    return fail(tensors.error());
  auto given = execution::Arguments::find(signature.inputs, inputs->tensors, inputsPath, prefix);
  if (!given)
    return fail(given.error());
  std::vector<std::string> unread = execution::unreadTensors(*program, weights->tensors);
  if (!unread.empty())
    llvm::WithColor::warning(llvm::errs(), "cat-run")
        << weightsPath << " has " << unread.size() << " tensors that the model does not read, '"
        << unread.front() << "' among them\n";

  double ready = seconds();
  auto results = execution::run(*program, *given, *tensors);
  if (!results)
    return fail(results.error());
  if (timing)
    llvm::errs() << llvm::format("compiled in %.2f s, ran in %.3f s\n", compiled - begin,
                                 seconds() - ready);
  weights::TensorFile file;
  file.tensors = std::move(*results);
  if (std::optional<std::string> problem = weights::writeSafetensors(outputsPath, file))
    return fail(*problem);
  return 0;
}
