//===- Simulation.cpp - The emitted hardware in Verilator -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Rtl/Simulation.h"
#include "Emit/Tool.h"
#include "Results/WriteFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace cat;
using namespace cat::emit;
namespace sys = llvm::sys;

Problem emit::whyNoSimulator() {
  struct Tool {
    const char *program, *package;
  };
  for (const Tool &tool : {Tool{"verilator", "verilator"}, {"make", "make"}, {"g++", "g++"}})
    if (!sys::findProgramByName(tool.program))
      return std::string("'") + tool.program +
             "', which simulating needs, is not in PATH; on Debian: apt-get install " +
             tool.package;
  return std::nullopt;
}

Problem emit::whyNotBuilt(const std::string &folder) {
  size_t at = folder.find_first_of(" \t\n\"'\\#$%&*()<>?[]`|;:!~");
  if (at == std::string::npos)
    return std::nullopt;
  return "GNU make, with which Verilator builds, cannot work in '" + folder +
         "', because of the character '" + folder[at] + "' in its name";
}

/// The end of what a program printed, of at most `most` lines.
static std::string tail(llvm::StringRef text, size_t most) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.rtrim().split(lines, '\n');
  size_t first = lines.size() > most ? lines.size() - most : 0;
  return llvm::join(llvm::ArrayRef(lines).drop_front(first), "\n");
}

Result<std::string> emit::buildModel(const std::string &relative, const RtlLibrary &library,
                                     int interrupt) {
  // Verilator runs make in the folder of the model, where relative names mean something else.
  llvm::SmallString<256> absolute(relative);
  if (std::error_code error = sys::fs::make_absolute(absolute))
    return Fault{"cannot find '" + relative + "': " + error.message()};
  const std::string folder(absolute);
  if (Problem problem = whyNotBuilt(folder))
    return Fault{*problem};
  llvm::ErrorOr<std::string> verilator = sys::findProgramByName("verilator");
  if (Problem problem = whyNoSimulator())
    return Fault{*problem};
  std::vector<std::string> arguments = {*verilator};
  arguments.insert(arguments.end(), verilatorOptions().begin(), verilatorOptions().end());
  // Warnings are the library's tests' concern.
  for (const char *option : {"-Wno-fatal", "--top-module", kTopModule, "-Mdir"})
    arguments.push_back(option);
  arguments.push_back(folder + "/model");
  for (const SourceFile &module : library.modules)
    arguments.push_back(folder + "/rtl/" + module.name);
  arguments.push_back(folder + "/tb/" + kBenchFile);
  std::string log = folder + "/model.log", said;
  Result<int> status = runTool(arguments, log, interrupt);
  if (!status)
    return status.fault();
  if (*status) {
    (void)results::readFile(log, said);
    return Fault{"verilator could not build the model:\n" + tail(said, 20)};
  }
  return folder + "/model/V" + kTopModule;
}

Problem emit::simulate(const std::string &model, const std::string &folder,
                       HardwareProgram &program, int interrupt,
                       const std::function<void(size_t)> &progress) {
  for (size_t i = 0; i < program.starts.size(); ++i) {
    Start &start = program.starts[i];
    progress(i);
    std::string log = folder + "/simulation.log", said;
    const int64_t limit = cycleLimit(start);
    Result<int> status = runTool(
        {model, "--limit", std::to_string(limit), folder + "/" + caseFile(start)}, log, interrupt);
    if (!status)
      return status.error();
    if (Problem problem = results::readFile(log, said))
      return problem;
    auto broken = [&](const std::string &why) {
      return "simulating '" + start.name + "' " + why + ":\n" + tail(said, 20);
    };
    if (*status > 1)
      return broken("ended with status " + std::to_string(*status));
    llvm::Expected<llvm::json::Value> line = llvm::json::parse(llvm::StringRef(said).trim());
    if (!line)
      return broken("printed no result (" + llvm::toString(line.takeError()) + ")");
    const llvm::json::Object *object = line->getAsObject();
    std::optional<int64_t> cycles = object ? object->getInteger("cycles") : std::nullopt,
                           mismatches = object ? object->getInteger("mismatches") : std::nullopt;
    std::optional<bool> conflict = object ? object->getBoolean("conflict") : std::nullopt,
                        ended = object ? object->getBoolean("ended") : std::nullopt;
    if (!cycles || !mismatches || !conflict || !ended)
      return broken("printed an incomplete result");
    if (!*ended)
      return broken("did not end within " + std::to_string(limit) +
                    " cycles, where the row model says " + std::to_string(start.rowModel));
    if (*conflict)
      return broken("had two accesses to one bank of the global buffer in a cycle");
    start.simulated = *cycles;
    start.mismatches = *mismatches;
  }
  return std::nullopt;
}
