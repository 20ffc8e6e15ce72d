//===- Orfs.cpp - A design for OpenROAD-flow-scripts ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// OpenROAD-flow-scripts takes a design as a make fragment and an SDC file:
//   make -C OpenROAD-flow-scripts/flow DESIGN_CONFIG=$PWD/orfs/config.mk
// The platform is Nangate45, the node of the cells that catlib's areas were synthesised with; both
// it and the utilisation can be set from outside.
//
//===----------------------------------------------------------------------===//

#include "Emit/MappedProgram.h"
#include "Emit/RtlLibrary.h"
#include "Results/Format.h"

using namespace cat;
using namespace cat::emit;

namespace {

class OrfsTarget : public Target {
public:
  llvm::StringRef name() const override { return "orfs"; }
  llvm::StringRef description() const override {
    return "orfs/config.mk and constraint.sdc, with the hardware in SystemVerilog: a design for "
           "OpenROAD-flow-scripts";
  }
  Problem write(const Design &design, Output &output) const override;
};

} // namespace

static std::string configuration(const Design &design, const RtlLibrary &library) {
  std::string files;
  for (const SourceFile &module : library.modules)
    files += " \\\n  $(CATC_HOME)rtl/" + module.name;
  return "# Design " + design.record.id.str() +
         " for OpenROAD-flow-scripts:\n"
         "#   make -C OpenROAD-flow-scripts/flow DESIGN_CONFIG=$PWD/orfs/config.mk\n"
         "CATC_HOME := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\n\n"
         "export DESIGN_NICKNAME = catc_" +
         design.record.id.str() +
         "\n"
         "export DESIGN_NAME     = " +
         kTopModule +
         "\n"
         "export PLATFORM       ?= nangate45\n\n"
         "export VERILOG_FILES =" +
         files +
         "\n"
         "export SDC_FILE      = $(CATC_HOME)constraint.sdc\n\n"
         "# Blocks keep their names, so that their areas can be compared with catc's.\n"
         "export SYNTH_HIERARCHICAL = 1\n"
         "# The behavioural memories become flip-flops beyond any use: give macros, or let them be "
         "small.\n"
         "export SYNTH_MEMORY_MAX_BITS ?= 16384\n\n"
         "export CORE_UTILIZATION       ?= 50\n"
         "export PLACE_DENSITY_LB_ADDON ?= 0.20\n";
}

static std::string constraints(const cost::Machine &machine) {
  // Nangate45's library counts in nanoseconds.
  std::string period = results::shortestNumber(1e9 / machine.clock.value());
  return std::string("current_design ") + kTopModule +
         "\n\n"
         "set clk_name core_clock\n"
         "set clk_period " +
         period +
         "\n"
         "set clk_io_pct 0.2\n\n"
         "set clk_port [get_ports clk]\n"
         "create_clock -name $clk_name -period $clk_period $clk_port\n\n"
         "set non_clock_inputs [all_inputs -no_clocks]\n"
         "set_input_delay [expr $clk_period * $clk_io_pct] -clock $clk_name $non_clock_inputs\n"
         "set_output_delay [expr $clk_period * $clk_io_pct] -clock $clk_name [all_outputs]\n";
}

Problem OrfsTarget::write(const Design &design, Output &output) const {
  llvm::FailureOr<MappedProgram> program = readBuildableProgram(design.annotated);
  if (failed(program))
    return "";
  Result<RtlLibrary> library = RtlLibrary::read(design.data, program->hardware);
  if (!library)
    return library.error();
  Problem problem = output.folder.add("orfs/config.mk", configuration(design, *library));
  if (!problem)
    problem = output.folder.add("orfs/constraint.sdc", constraints(program->machine));
  return problem ? problem : library->writeModules(output.folder, "orfs/rtl");
}

namespace cat::emit {
std::unique_ptr<Target> createOrfsTarget() { return std::make_unique<OrfsTarget>(); }
} // namespace cat::emit
