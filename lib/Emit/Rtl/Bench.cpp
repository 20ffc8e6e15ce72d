//===- Bench.cpp - The hardware of a design, ready to simulate ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Rtl/Bench.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <sstream>

using namespace cat;
using namespace cat::emit;

const std::vector<std::string> &emit::verilatorOptions() {
  static const std::vector<std::string> kOptions = {
      "--cc",        "--exe", "--build",        "-j", "0",       "-O3", "--x-assign", "fast",
      "--x-initial", "fast",  "--unroll-count", "4",  "-CFLAGS", "-O1"};
  return kOptions;
}

std::string emit::caseFile(const Start &start) { return "cases/" + start.name + ".case"; }

int64_t emit::cycleLimit(const Start &start) { return 2 * start.rowModel + 10000; }

static std::string makefile(const HardwareProgram &program) {
  int64_t limit = 0;
  for (const Start &start : program.starts)
    limit = std::max(limit, cycleLimit(start));
  return "# Builds the model with Verilator and runs every case: make, or make lint.\n"
         "# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
         "VERILATOR ?= verilator\n"
         "FILES := $(shell cat files.f)\n"
         "# What takes more cycles than this hangs.\n"
         "LIMIT ?= " +
         std::to_string(limit) +
         "\n\n"
         "run: model/V" +
         std::string(kTopModule) +
         "\n"
         "\t$< --limit $(LIMIT) $(sort $(wildcard cases/*.case))\n\n"
         "model/V" +
         kTopModule + ": $(FILES) tb/" + kBenchFile +
         "\n"
         "\t$(VERILATOR) " +
         llvm::join(verilatorOptions(), " ") + " --top-module " + kTopModule +
         " -Mdir model $(FILES) tb/" + kBenchFile +
         "\n\n"
         "lint:\n"
         "\t$(VERILATOR) --lint-only -Wall --top-module " +
         kTopModule +
         " $(FILES)\n\n"
         "clean:\n"
         "\trm -rf model\n\n"
         ".PHONY: run lint clean\n";
}

Problem emit::writeBench(Folder &folder, const std::string &prefix, const RtlLibrary &library,
                         const HardwareProgram &program) {
  std::string files;
  for (const SourceFile &module : library.modules)
    files += "rtl/" + module.name + "\n";
  Problem problem = library.writeModules(folder, prefix + "rtl");
  if (!problem)
    problem = library.writeBench(folder, prefix + "tb");
  if (!problem)
    problem = folder.add(prefix + "files.f", files);
  if (!problem)
    problem = folder.add(prefix + "Makefile", makefile(program));
  for (const Start &start : program.starts) {
    if (problem)
      return problem;
    Result<rtl::Case> golden = goldenCase(program.hardware, start);
    if (!golden)
      return golden.error();
    std::ostringstream text;
    golden->write(text);
    problem = folder.add(prefix + caseFile(start), text.str());
  }
  return problem;
}
