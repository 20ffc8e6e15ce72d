//===- Target.cpp - The hardware of a design as a target ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Target.h"
#include "Emit/Rtl/Bench.h"
#include <limits>

using namespace cat;
using namespace cat::emit;

namespace {

class RtlTarget : public Target {
public:
  llvm::StringRef name() const override { return "rtl"; }
  llvm::StringRef description() const override {
    return "rtl/: the hardware in SystemVerilog with its parameters, golden vectors of every "
           "distinct operator, a test bench for Verilator with a Makefile, and operators.json: the "
           "descriptors with their predicted cycles";
  }

  Problem write(const Design &design, Output &output) const override {
    llvm::FailureOr<MappedProgram> program = readBuildableProgram(design.annotated);
    if (failed(program))
      return "";
    Result<HardwareProgram> hardware =
        hardwareProgram(*program, std::numeric_limits<int64_t>::max(), /*maxCycles=*/0);
    if (!hardware)
      return hardware.error();
    Result<RtlLibrary> library = RtlLibrary::read(design.data, hardware->hardware);
    if (!library)
      return library.error();
    Problem problem = writeBench(output.folder, "rtl/", *library, *hardware);
    if (!problem)
      problem = output.folder.add("rtl/operators.json", operatorsJson(*hardware));
    return problem;
  }
};

} // namespace

namespace cat::emit {
std::unique_ptr<Target> createRtlTarget() { return std::make_unique<RtlTarget>(); }
} // namespace cat::emit
