//===- MappedProgram.cpp - What a design runs, once each ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/MappedProgram.h"
#include "Accel/Accel.h"
#include "Cost/Hardware.h"
#include "Cost/HardwareMath.h"
#include "Support/Check.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <map>

using namespace cat;
using namespace cat::emit;

int64_t emit::executionsOf(mlir::Operation *op, mlir::Operation *program) {
  int64_t executions = 1;
  for (mlir::Operation *parent = op->getParentOp(); parent != program;
       parent = parent->getParentOp())
    if (auto loop = llvm::dyn_cast<ExecutionCountOpInterface>(parent))
      executions *= *loop.getExecutionCount();
  return executions;
}

llvm::FailureOr<MappedProgram> emit::readMappedProgram(mlir::ModuleOp annotated) {
  auto machines = annotated.getOps<accel::MachineOp>();
  auto workloads = annotated.getOps<accel::WorkloadOp>();
  CATC_CHECK(!machines.empty() && !workloads.empty(), "a design is emitted before it is lowered");
  accel::MachineOp machineOp = *machines.begin();
  llvm::FailureOr<cost::Machine> machine = accel::getMachine(machineOp);
  if (failed(machine))
    return llvm::failure();
  auto hardware = cost::HardwareParameters::fromMachine(*machine);
  MappedProgram result{std::move(*machine), hardware, machineOp.getLoc(), {}};
  // Operators with one key are mapped alike.
  std::map<decltype(cost::Operator().key()), size_t> known;
  for (auto program : (*workloads.begin()).getBody().getOps<accel::ProgramOp>())
    program.walk([&](CostOpInterface op) {
      cost::Operator plain = op.getOperator();
      auto [entry, fresh] = known.try_emplace(plain.key(), result.operators.size());
      if (fresh) {
        auto counts = op->getAttrOfType<accel::CountsAttr>("counts");
        CATC_CHECK(counts, "an operator is emitted before it is costed");
        MappedOperator mapped;
        if (auto mapping = op->getAttrOfType<accel::MappingAttr>("mapping"))
          mapped.mapping = mapping.getMapping();
        mapped.op = std::move(plain);
        mapped.cycles = counts.getCounts().cycles;
        result.operators.push_back(std::move(mapped));
      }
      result.operators[entry->second].executions += executionsOf(op, program);
    });
  return result;
}

std::optional<std::string> emit::whyNotBuildable(const MappedProgram &program) {
  if (program.machine.elementBytes != 1)
    return "the hardware's operands have 8 bits, but this machine's have " +
           std::to_string(8 * program.machine.elementBytes);
  if (program.machine.timing != cost::TimingModel::Template)
    return "the machine's cycles are counted by another 'timing_model' than the hardware's";
  if (std::optional<cost::MachineProblem> problem = cost::checkHardware(program.hardware))
    return "the hardware cannot be built: " + problem->message;
  return std::nullopt;
}

llvm::FailureOr<MappedProgram> emit::readBuildableProgram(mlir::ModuleOp annotated) {
  llvm::FailureOr<MappedProgram> program = readMappedProgram(annotated);
  if (failed(program))
    return llvm::failure();
  if (std::optional<std::string> problem = whyNotBuildable(*program))
    return mlir::emitError(program->location) << *problem;
  return program;
}

cost::Gemm emit::busiestPart(const cost::Machine &machine, const cost::Gemm &gemm,
                             const cost::Mapping &mapping) {
  cost::Gemm part = gemm;
  switch (mapping.split) {
  case cost::ClusterSplit::None:
    break;
  case cost::ClusterSplit::Rows:
    part.m = cost::divideUp(gemm.m, machine.clusters);
    break;
  case cost::ClusterSplit::Columns: {
    int64_t steps = cost::divideUp(cost::divideUp(gemm.n, machine.array.width), machine.clusters);
    part.n = std::min(gemm.n, steps * machine.array.width);
    break;
  }
  case cost::ClusterSplit::Batch:
    part.batch = cost::divideUp(gemm.batch, machine.clusters);
    break;
  }
  return part;
}

llvm::StringRef emit::nameOf(cost::Hold hold) {
  switch (hold) {
  case cost::Hold::Neither:
    return "neither";
  case cost::Hold::Input:
    return "input";
  case cost::Hold::Weight:
    return "weight";
  }
  CATC_CHECK(false, "no such operand to hold");
}

llvm::StringRef emit::nameOf(cost::ClusterSplit split) {
  switch (split) {
  case cost::ClusterSplit::None:
    return "none";
  case cost::ClusterSplit::Rows:
    return "rows";
  case cost::ClusterSplit::Columns:
    return "columns";
  case cost::ClusterSplit::Batch:
    return "batch";
  }
  CATC_CHECK(false, "no such cluster split");
}

llvm::StringRef emit::nameOf(cost::VectorFunction function) {
  switch (function) {
  case cost::VectorFunction::Softmax:
    return "softmax";
  case cost::VectorFunction::LayerNorm:
    return "layer_norm";
  case cost::VectorFunction::L2Norm:
    return "l2_norm";
  case cost::VectorFunction::Add:
    return "add";
  case cost::VectorFunction::Pointwise:
    return "pointwise";
  }
  CATC_CHECK(false, "no such vector function");
}

std::string emit::identifierOf(llvm::StringRef name) {
  std::string word = name.empty() || !llvm::isAlpha(name.front()) ? "op_" : "";
  for (char c : name)
    word += llvm::isAlnum(c) ? c : '_';
  return word;
}
