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

/// The libraries register hundreds of options; only catc's own are worth showing.
void hideForeignOptions() {
  // Registers the options that LLVM otherwise adds when it parses, after this.
  cl::HideUnrelatedOptions(cl::getGeneralCategory());
  // LLVM shows this one whatever its flag says.
  if (cl::Option *list = cl::getRegisteredOptions().lookup("help-list"))
    list->removeArgument();
  for (cl::SubCommand *command : cl::getRegisteredSubcommands())
    for (auto &entry : command->OptionsMap) {
      cl::Option &option = *entry.second;
      bool top = command->getName().empty();
      if (option.ArgStr == "help")
        option.setDescription("Show what there is, and stop");
      else if (top ? option.ArgStr != "version"
                   : option.Categories.front() != &cl::getGeneralCategory())
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
