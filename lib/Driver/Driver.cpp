//===- Driver.cpp - Sub-commands of catc ----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/Options.h"
#include "Driver/Version.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>

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
    {searchCommand, runSearch}, {emitCommand, runEmit},       {simulateCommand, runSimulate},
};

/// The libraries register hundreds of options, some of them for every command: only catc's own are
/// shown and taken.
void removeForeignOptions() {
  // Registers the options that LLVM otherwise adds when it parses, after this.
  cl::HideUnrelatedOptions(cl::getGeneralCategory());
  llvm::SmallPtrSet<cl::Option *, 32> own, foreign;
  for (cl::SubCommand *command : cl::getRegisteredSubcommands())
    for (auto &entry : command->OptionsMap) {
      cl::Option *option = entry.second;
      bool top = command->getName().empty();
      if (option->ArgStr == "help")
        option->setDescription("Show what there is, and stop");
      bool ours = option->ArgStr == "help" || option->ArgStr == "h" ||
                  (top ? option->ArgStr == "version"
                       : option->Categories.front() == &cl::getGeneralCategory() &&
                             !option->Subs.contains(&cl::SubCommand::getAll()));
      (ours ? own : foreign).insert(option);
    }
  for (cl::Option *option : foreign)
    if (!own.contains(option))
      option->removeArgument();
}

/// The exit code of a command, or of a user's error if not all of its output could be written.
int closeOutput(int code) {
  llvm::outs().flush();
  std::error_code error = llvm::outs().error();
  if (!error)
    return code;
  llvm::outs().clear_error();
  return fail("cannot write the output: " + error.message());
}

void printVersion(llvm::raw_ostream &os) { os << "catc " << kVersion << "\n"; }

} // namespace

int driver::run(int argc, char **argv) {
  setToolPath(argv[0]);
  // A file that may not grow is an error of the write, which says so and leaves nothing half-done.
  std::signal(SIGXFSZ, SIG_IGN);
  removeForeignOptions();
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
      return closeOutput(command.run());
  llvm::errs() << "usage: catc COMMAND [options]; 'catc --help' lists the commands\n";
  return kUsageError;
}
