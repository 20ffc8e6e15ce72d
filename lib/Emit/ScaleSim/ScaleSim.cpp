//===- ScaleSim.cpp - A design for the simulator SCALE-Sim ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SCALE-Sim v3 (arXiv 2504.15377) simulates matrix products on one systolic array with three SRAMs.
// scalesim/scale.cfg is a cluster: its array, weight stationary; the halves of its local SRAM for
// inputs and filters, its accumulators for outputs; its link to the global buffer as the interface.
// scalesim/gemm.csv is the topology: every distinct product of the design, one item of a batch, as
// the busiest cluster runs it. scalesim/executions.csv says how often each runs, and of what
// product it is the part. scalesim/layout.csv is the empty list of custom layouts, without which
// SCALE-Sim does not start.
//
//===----------------------------------------------------------------------===//

#include "Emit/MappedProgram.h"
#include "Emit/Target.h"
#include "llvm/ADT/Twine.h"

using namespace cat;
using namespace cat::emit;

namespace {

class ScaleSimTarget : public Target {
public:
  llvm::StringRef name() const override { return "scalesim"; }
  llvm::StringRef description() const override {
    return "scalesim/scale.cfg and gemm.csv: a cluster and the distinct matrix products, for "
           "SCALE-Sim v3; executions.csv: how often each runs";
  }
  Problem write(const Design &design, Output &output) const override;
};

} // namespace

/// Emits an error and fails if SCALE-Sim, which counts in kB, cannot express a memory.
static llvm::FailureOr<int64_t> kiB(const MappedProgram &program, const char *what, int64_t bytes) {
  if (bytes > 0 && bytes % 1024 == 0)
    return bytes / 1024;
  return mlir::emitError(program.location)
         << "SCALE-Sim's memories are whole numbers of KiB, but " << what << " of this machine has "
         << bytes << " B; choose another size or leave out --target scalesim";
}

static std::string configuration(const Design &design, const cost::Machine &machine, int64_t input,
                                 int64_t filter, int64_t output) {
  auto line = [](const llvm::Twine &key, const llvm::Twine &value) {
    return (key + " = " + value + "\n").str();
  };
  auto number = [&](const char *key, int64_t value) { return line(key, llvm::Twine(value)); };
  return "# One cluster of design " + design.record.id.str() + " for SCALE-Sim v3\n" +
         "[general]\n" + line("run_name", "catc_" + design.record.id.str()) +
         "\n[architecture_presets]\n" + number("ArrayHeight", machine.array.depth) +
         number("ArrayWidth", machine.array.width) + number("IfmapSramSzkB", input) +
         number("FilterSramSzkB", filter) + number("OfmapSramSzkB", output) +
         number("IfmapOffset", 0) + number("FilterOffset", 10000000) +
         number("OfmapOffset", 20000000) + number("Bandwidth", machine.local.bytesPerCycle) +
         line("Dataflow", "ws") + number("ReadRequestBuffer", 32) +
         number("WriteRequestBuffer", 32) +
         "\n[layout]\n"
         "IfmapCustomLayout = False\n"
         "FilterCustomLayout = False\n"
         "IfmapSRAMBankBandwidth = 10\n"
         "IfmapSRAMBankNum = 10\n"
         "IfmapSRAMBankPort = 2\n"
         "FilterSRAMBankBandwidth = 10\n"
         "FilterSRAMBankNum = 10\n"
         "FilterSRAMBankPort = 2\n"
         "\n[sparsity]\n"
         "SparsitySupport = false\n"
         "\n[run_presets]\n"
         "InterfaceBandwidth = USER\n"
         "UseRamulatorTrace = False\n";
}

Problem ScaleSimTarget::write(const Design &design, Output &output) const {
  llvm::FailureOr<MappedProgram> program = readMappedProgram(design.annotated);
  if (failed(program))
    return "";
  const cost::Machine &machine = program->machine;
  if (machine.elementBytes != 1) {
    mlir::emitError(program->location)
        << "SCALE-Sim's elements have one byte, but this machine's have " << machine.elementBytes;
    return "";
  }
  llvm::FailureOr<int64_t> operand =
      kiB(*program, "half of the local SRAM", machine.local.capacity / 2);
  llvm::FailureOr<int64_t> results =
      kiB(*program, "the accumulator memory",
          machine.array.accumulatorRows * machine.array.width * machine.array.accumulatorBytes);
  if (failed(operand) || failed(results))
    return "";

  // Every line ends in a comma: SCALE-Sim drops what follows the last one.
  std::string topology = "Layer,M,N,K,\n";
  std::string executions = "Layer,Executions,Operator,Batch,M,N,K,Split\n";
  for (const MappedOperator &op : program->operators) {
    if (op.op.kind != cost::OperatorKind::Gemm)
      continue;
    const cost::Gemm &whole = op.op.gemm;
    cost::Gemm part = busiestPart(machine, whole, *op.mapping);
    auto sizes = [](const cost::Gemm &gemm) {
      return std::to_string(gemm.m) + "," + std::to_string(gemm.n) + "," + std::to_string(gemm.k);
    };
    std::string layer = identifierOf(op.op.name);
    topology += layer + "," + sizes(part) + ",\n";
    executions += layer + "," + std::to_string(op.executions * part.batch) + "," + op.op.name +
                  "," + std::to_string(whole.batch) + "," + sizes(whole) + "," +
                  nameOf(op.mapping->split).str() + "\n";
  }
  Problem problem = output.folder.add("scalesim/scale.cfg",
                                      configuration(design, machine, *operand, *operand, *results));
  if (!problem)
    problem = output.folder.add("scalesim/gemm.csv", topology);
  if (!problem)
    problem = output.folder.add("scalesim/executions.csv", executions);
  if (!problem)
    problem = output.folder.add("scalesim/layout.csv", "Layer,\n");
  return problem;
}

namespace cat::emit {
std::unique_ptr<Target> createScaleSimTarget() { return std::make_unique<ScaleSimTarget>(); }
} // namespace cat::emit
