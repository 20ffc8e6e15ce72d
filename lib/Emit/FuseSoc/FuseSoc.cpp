//===- FuseSoc.cpp - A design as a core of FuseSoC ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FuseSoC finds hardware by core files (CAPI2) and runs tools on it:
//   fusesoc --cores-root fusesoc run --target lint catc:accelerator:design_10
// Targets: default (the modules, for cores that depend on this one), lint (Verilator), sim
// (Verilator with the test bench, whose arguments are case files).
//
//===----------------------------------------------------------------------===//

#include "Emit/MappedProgram.h"
#include "Emit/RtlLibrary.h"

using namespace cat;
using namespace cat::emit;

namespace {

class FuseSocTarget : public Target {
public:
  llvm::StringRef name() const override { return "fusesoc"; }
  llvm::StringRef description() const override {
    return "fusesoc/catc.core, with the hardware in SystemVerilog and its test bench: a core for "
           "FuseSoC";
  }
  Problem write(const Design &design, Output &output) const override;
};

} // namespace

static std::string core(const Design &design, const RtlLibrary &library) {
  std::string modules;
  for (const SourceFile &module : library.modules)
    modules += "      - rtl/" + module.name + "\n";
  return "CAPI=2:\n"
         "name: catc:accelerator:design_" +
         design.record.id.str() +
         "\n"
         "description: INT8 transformer accelerator, design " +
         design.record.id.str() +
         " of a co-design study\n\n"
         "filesets:\n"
         "  rtl:\n"
         "    files:\n" +
         modules +
         "    file_type: systemVerilogSource\n"
         "  bench:\n"
         "    files:\n"
         "      - tb/catc_tb.cpp: {file_type: cppSource}\n\n"
         "targets:\n"
         "  default: &default\n"
         "    filesets: [rtl]\n"
         "    toplevel: " +
         kTopModule +
         "\n"
         "  lint:\n"
         "    <<: *default\n"
         "    default_tool: verilator\n"
         "    tools:\n"
         "      verilator:\n"
         "        mode: lint-only\n"
         "        verilator_options: [-Wall]\n"
         "  sim:\n"
         "    <<: *default\n"
         "    default_tool: verilator\n"
         "    filesets: [rtl, bench]\n"
         "    tools:\n"
         "      verilator:\n"
         "        mode: cc\n"
         "        verilator_options: [-O3, --x-assign, fast, --unroll-count, \"4\"]\n";
}

Problem FuseSocTarget::write(const Design &design, Output &output) const {
  llvm::FailureOr<MappedProgram> program = readBuildableProgram(design.annotated);
  if (failed(program))
    return "";
  Result<RtlLibrary> library = RtlLibrary::read(design.data, program->hardware);
  if (!library)
    return library.error();
  Problem problem = output.folder.add("fusesoc/catc.core", core(design, *library));
  if (!problem)
    problem = library->writeModules(output.folder, "fusesoc/rtl");
  return problem ? problem : library->writeBench(output.folder, "fusesoc/tb");
}

namespace cat::emit {
std::unique_ptr<Target> createFuseSocTarget() { return std::make_unique<FuseSocTarget>(); }
} // namespace cat::emit
