//===- Hls.cpp - A design for high-level synthesis ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One cluster's matrix product as a C++ kernel for Vitis HLS (hw/hls), with the design's sizes in
// catc_config.h, the golden vectors of the design's products, and a script for vitis_hls. Its C
// simulation needs a C++ compiler only: make -C hls. Vector operators have no kernel.
//
//===----------------------------------------------------------------------===//

#include "Emit/HardwareProgram.h"
#include "Emit/RtlLibrary.h"
#include "Emit/Target.h"
#include "Results/Format.h"
#include <limits>
#include <sstream>

using namespace cat;
using namespace cat::emit;

namespace {

class HlsTarget : public Target {
public:
  llvm::StringRef name() const override { return "hls"; }
  llvm::StringRef description() const override {
    return "hls/: a cluster's matrix product as a C++ kernel for Vitis HLS, a test bench with "
           "golden "
           "vectors, run_hls.tcl, and a Makefile for C simulation with any C++ compiler";
  }
  Problem write(const Design &design, Output &output) const override;
};

} // namespace

static std::string configuration(const cost::HardwareParameters &hardware) {
  std::string text = "// The sizes of one design's kernel.\n"
                     "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
                     "#ifndef CATC_CONFIG_H\n#define CATC_CONFIG_H\n\nnamespace catc {\n\n";
  auto constant = [&](const char *name, int64_t value) {
    text += std::string("constexpr int ") + name + " = " + std::to_string(value) + ";\n";
  };
  constant("kWidth", hardware.width);
  constant("kDepth", hardware.depth);
  constant("kAccumulatorRows", hardware.accumulatorRows);
  constant("kInputWords", hardware.inputWords);
  constant("kWeightRows", hardware.weightRows);
  constant("kRequantizers", hardware.requantizers);
  constant("kWordBytes", hardware.wordBytes);
  return text + "\n} // namespace catc\n\n#endif // CATC_CONFIG_H\n";
}

static std::string script(const cost::Machine &machine) {
  return "# C simulation and synthesis with Vitis HLS: vitis_hls -f run_hls.tcl\n"
         "# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
         "set folder [file dirname [file normalize [info script]]]\n"
         "open_project -reset catc_gemm\n"
         "set_top catc_gemm\n"
         "add_files $folder/catc_gemm.cpp -cflags \"-I$folder\"\n"
         "add_files -tb $folder/catc_gemm_tb.cpp -cflags \"-I$folder\"\n"
         "open_solution -reset solution -flow_target vivado\n"
         "set_part {xczu7ev-ffvc1156-2-e}\n"
         "create_clock -period " +
         results::shortestNumber(1e9 / machine.clock.value()) +
         " -name default\n"
         "csim_design -argv [join [lsort [glob $folder/cases/*.case]]]\n"
         "csynth_design\n"
         "exit\n";
}

static constexpr const char *kMakefile =
    "# C simulation with any C++ compiler: make\n"
    "# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
    "CXX ?= g++\n"
    "CXXFLAGS ?= -O2\n"
    "SOURCES := catc_gemm.cpp catc_gemm_tb.cpp\n\n"
    "csim: catc_gemm_tb\n"
    "\t./catc_gemm_tb $(sort $(wildcard cases/*.case))\n\n"
    "catc_gemm_tb: $(SOURCES) catc_gemm.h catc_config.h\n"
    "\t$(CXX) -std=c++14 -Wno-unknown-pragmas $(CXXFLAGS) -o $@ $(SOURCES)\n\n"
    "clean:\n"
    "\trm -f catc_gemm_tb\n\n"
    ".PHONY: csim clean\n";

Problem HlsTarget::write(const Design &design, Output &output) const {
  llvm::FailureOr<MappedProgram> program = readBuildableProgram(design.annotated);
  if (failed(program))
    return "";
  Result<HardwareProgram> hardware =
      hardwareProgram(*program, std::numeric_limits<int64_t>::max(), /*maxCycles=*/0);
  if (!hardware)
    return hardware.error();
  for (const char *name : {"catc_gemm.h", "catc_gemm.cpp", "catc_gemm_tb.cpp"}) {
    Result<SourceFile> file = readHardwareFile(design.data, std::string("hls/") + name);
    if (!file)
      return file.error();
    if (Problem problem = output.folder.add(file->name, file->text))
      return problem;
  }
  Problem problem = output.folder.add("hls/catc_config.h", configuration(hardware->hardware));
  if (!problem)
    problem = output.folder.add("hls/run_hls.tcl", script(program->machine));
  if (!problem)
    problem = output.folder.add("hls/Makefile", kMakefile);
  for (const Start &start : hardware->starts) {
    if (problem)
      return problem;
    if (!std::holds_alternative<cost::GemmDescriptor>(start.run))
      continue;
    Result<rtl::Case> golden = goldenCase(hardware->hardware, start);
    if (!golden)
      return golden.error();
    std::ostringstream text;
    golden->write(text);
    problem = output.folder.add("hls/cases/" + start.name + ".case", text.str());
  }
  return problem;
}

namespace cat::emit {
std::unique_ptr<Target> createHlsTarget() { return std::make_unique<HlsTarget>(); }
} // namespace cat::emit
