//===- Driver.cpp - Sub-commands of catc ----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/Options.h"
#include "Driver/Version.h"
#include "llvm/Support/raw_ostream.h"

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

namespace {

struct Command {
  cl::SubCommand &(*subCommand)();
  int (*run)();
};

constexpr Command kCommands[] = {
    {checkCommand, runCheck},   {compileCommand, runCompile}, {evaluateCommand, runEvaluate},
    {searchCommand, runSearch}, {emitCommand, runEmit},
};

/// The libraries register hundreds of options for every command; only the command's own are worth
/// showing.
void hideForeignOptions() {
  for (cl::SubCommand *command : cl::getRegisteredSubcommands())
    for (auto &entry : command->OptionsMap) {
      cl::Option &option = *entry.second;
      bool own =
          command->getName().empty()
              ? option.ArgStr == "help" || option.ArgStr == "version"
              : option.Categories.front() == &cl::getGeneralCategory() || option.ArgStr == "help";
      if (!own)
        option.setHiddenFlag(cl::ReallyHidden);
    }
}

void printVersion(llvm::raw_ostream &os) { os << "catc " << kVersion << "\n"; }

} // namespace

int driver::run(int argc, char **argv) {
  setToolPath(argv[0]);
  hideForeignOptions();
  cl::SetVersionPrinter(printVersion);
  if (argc == 1) {
    llvm::errs() << "usage: catc COMMAND [options]; 'catc --help' lists the commands\n";
    return kUsageError;
  }
  if (!cl::ParseCommandLineOptions(
          argc, argv, "catc: carbon-aware co-design of models and accelerators\n", &llvm::errs()))
    return kUsageError;
  for (const Command &command : kCommands)
    if (command.subCommand())
      return command.run();
  llvm::errs() << "usage: catc COMMAND [options]; 'catc --help' lists the commands\n";
  return kUsageError;
}
