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
#include <algorithm>

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

/// Comments that name the design's large memories, of each cluster unless they are the buffer's.
static std::string memories(const cost::HardwareParameters &hardware) {
  std::string text;
  auto memory = [&](const char *module, const char *name, int64_t width, int64_t words,
                    int64_t count) {
    text += std::string("#   ") + module + ", WIDTH " + std::to_string(width) + ", DEPTH " +
            std::to_string(words) + ": " + name + ", " + std::to_string(count) + " of them\n";
  };
  memory("catc_sram_1rw_macro", "bank of the global buffer", hardware.wordBytes * 8,
         hardware.globalBytes / hardware.wordBytes / cost::kGlobalBanks, cost::kGlobalBanks);
  memory("catc_sram_macro", "inputs", hardware.depth * 8, hardware.inputWords, hardware.clusters);
  memory("catc_sram_macro", "weights", hardware.width * 8, hardware.weightRows, hardware.clusters);
  memory("catc_sram_macro", "accumulators", hardware.width * 32, hardware.accumulatorRows,
         hardware.clusters);
  memory("catc_sram_macro", "residual rows", hardware.width * 8, hardware.accumulatorRows,
         hardware.clusters);
  return text;
}

static std::string configuration(const Design &design, const RtlLibrary &library,
                                 const cost::HardwareParameters &hardware) {
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
         "# A memory that is no macro becomes flip-flops, and the flow refuses one of more bits:\n"
         "export SYNTH_MEMORY_MAX_BITS ?= " +
         std::to_string(std::max<int64_t>(16384, hardware.outputRows * hardware.width * 8)) +
         "\n"
         "# Where CATC_SRAM_VERILOG names files with modules catc_sram_macro and "
         "catc_sram_1rw_macro\n"
         "# (ports as in rtl/catc_sram.sv, rtl/catc_sram_1rw.sv), wrappers of the platform's "
         "macros, they\n"
         "# are the memories; CATC_SRAM_LEFS, _LIBS and _GDS name the macros' views. The large "
         "ones:\n" +
         memories(hardware) +
         "# and the vector units' row buffers (rtl/catc_vector.sv).\n"
         "ifneq ($(strip $(CATC_SRAM_VERILOG)),)\n"
         "export VERILOG_FILES   += $(CATC_SRAM_VERILOG)\n"
         "export VERILOG_DEFINES += -D CATC_SRAM_MACRO\n"
         "export ADDITIONAL_LEFS += $(CATC_SRAM_LEFS)\n"
         "export ADDITIONAL_LIBS += $(CATC_SRAM_LIBS)\n"
         "export ADDITIONAL_GDS  += $(CATC_SRAM_GDS)\n"
         "endif\n\n"
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
  Problem problem =
      output.folder.add("orfs/config.mk", configuration(design, *library, program->hardware));
  if (!problem)
    problem = output.folder.add("orfs/constraint.sdc", constraints(program->machine));
  return problem ? problem : library->writeModules(output.folder, "orfs/rtl");
}

namespace cat::emit {
std::unique_ptr<Target> createOrfsTarget() { return std::make_unique<OrfsTarget>(); }
} // namespace cat::emit
