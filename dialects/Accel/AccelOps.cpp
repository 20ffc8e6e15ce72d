//===- AccelOps.cpp - Mapped programs -------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace cat;
using namespace cat::accel;

#include "Accel/AccelDialect.cpp.inc"

#define GET_OP_CLASSES
#include "Accel/AccelOps.cpp.inc"

void AccelDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "Accel/AccelOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

LogicalResult ProgramOp::verify() { return verifyYieldsResult(*this); }

FailureOr<int64_t> LoopOp::getExecutionCount() {
  if (std::optional<int64_t> count = getBoundInteger(getCount()))
    return *count;
  return failure();
}

LogicalResult LoopOp::verify() { return verifyRepetition(*this, getCount(), getKept()); }

/// True if a count, which ODS reads as unsigned, was written negative.
static bool isNegative(uint64_t count) { return static_cast<int64_t>(count) < 0; }
/// True if a dimension is at least one.
static bool isPositive(uint64_t count) { return static_cast<int64_t>(count) > 0; }

//===----------------------------------------------------------------------===//
// GemmOp
//===----------------------------------------------------------------------===//

LogicalResult GemmOp::verify() {
  if (!isPositive(getM()) || !isPositive(getN()) || !isPositive(getK()) || !isPositive(getBatch()))
    return emitOpError("dimensions must be positive");
  if (isNegative(getDrainPasses()) || isNegative(getLiveElements()) || isNegative(getParameters()))
    return emitOpError("counts must not be negative");
  if (getParameters() > 0 && getStationary())
    return emitOpError("has both parameters and a stationary activation");
  if (getBatch() > 1 && !getStationary())
    return emitOpError("has a batch of ")
           << getBatch() << ", which shares its parameters: its items are rows";
  const int64_t passes = getDrainPasses(), residuals = getResiduals().size();
  if (residuals > 1 || passes < residuals || passes > residuals + 1)
    return emitOpError("drains through ")
           << passes << " passes with " << residuals
           << " residuals; results pass at most one table, then one residual";
  if (residuals &&
      cast<RankedTensorType>(getResiduals()[0].getType()).getNumElements() != getGemm().results())
    return emitOpError("adds a residual that is not as large as its result");
  return success();
}

cost::Gemm GemmOp::getGemm() {
  cost::Gemm gemm;
  gemm.m = getM();
  gemm.n = getN();
  gemm.k = getK();
  gemm.batch = getBatch();
  gemm.stationary = getStationary() ? cost::Stationary::Activation : cost::Stationary::Parameter;
  gemm.residual = !getResiduals().empty();
  gemm.table = static_cast<int64_t>(getDrainPasses()) > static_cast<int64_t>(gemm.residual);
  gemm.liveElements = getLiveElements();
  return gemm;
}

cost::Operator GemmOp::getOperator() {
  cost::Operator op;
  op.kind = cost::OperatorKind::Gemm;
  op.gemm = getGemm();
  op.parameters = getParameters();
  op.name = getName().str();
  return op;
}

FailureOr<cost::Mapping> GemmOp::getBestMapping(const cost::Machine &machine) {
  cost::Gemm gemm = getGemm();
  if (std::optional<cost::Mapping> mapping = cost::mapGemm(machine, gemm))
    return *mapping;
  return emitError("'") << getName() << "' (" << gemm.m << " x " << gemm.n << " x " << gemm.k
                        << ") cannot be mapped onto '" << machine.name
                        << "': " << cost::whyUnmappable(machine, gemm);
}

FailureOr<cost::EventCounts> GemmOp::getWork(const cost::Machine &machine) {
  cost::Gemm gemm = getGemm();
  if (std::optional<MappingAttr> mapping = getMapping()) {
    if (!cost::isLegal(machine, gemm, mapping->getMapping()))
      return emitOpError("has a mapping that '") << machine.name << "' cannot run";
    return cost::countGemm(machine, gemm, mapping->getMapping());
  }
  FailureOr<cost::Mapping> mapping = getBestMapping(machine);
  if (failed(mapping))
    return failure();
  return cost::countGemm(machine, gemm, *mapping);
}

//===----------------------------------------------------------------------===//
// VectorOp
//===----------------------------------------------------------------------===//

/// What the vector unit does for a function, by the graph's name for it.
static std::optional<cost::VectorFunction> parseFunction(StringRef name) {
  using F = cost::VectorFunction;
  return llvm::StringSwitch<std::optional<F>>(name)
      .Case("softmax", F::Softmax)
      .Case("layer_norm", F::LayerNorm)
      .Case("l2_norm", F::L2Norm)
      .Case("add", F::Add)
      .Cases({"gelu", "quick_gelu"}, F::Pointwise)
      .Default(std::nullopt);
}

LogicalResult VectorOp::verify() {
  if (!isPositive(getRows()) || !isPositive(getColumns()))
    return emitOpError("rows and columns must be positive");
  if (!parseFunction(getFunction()))
    return emitOpError("has unknown function '")
           << getFunction()
           << "'; the vector unit computes softmax, layer_norm, l2_norm, add, gelu and quick_gelu";
  if (getFunction() == "add" && getNumOperands() != 2)
    return emitOpError("adds two operands, but has ") << getNumOperands();
  return success();
}

cost::Operator VectorOp::getOperator() {
  cost::Operator op;
  op.kind = cost::OperatorKind::Vector;
  op.vector.function = *parseFunction(getFunction());
  op.vector.rows = getRows();
  op.vector.columns = getColumns();
  op.name = getName().str();
  return op;
}

FailureOr<cost::EventCounts> VectorOp::getWork(const cost::Machine &machine) {
  cost::Vector vector = getOperator().vector;
  if (std::optional<std::string> problem = cost::whyNotRun(machine, vector))
    return emitError("'") << getName() << "' (" << vector.rows << " x " << vector.columns
                          << ") cannot run on '" << machine.name << "': " << *problem;
  return cost::countVector(machine, vector);
}

//===----------------------------------------------------------------------===//
// CopyOp
//===----------------------------------------------------------------------===//

LogicalResult CopyOp::verify() {
  if (isNegative(getElements()) || isNegative(getParameters()))
    return emitOpError("counts must not be negative");
  return success();
}

cost::Operator CopyOp::getOperator() {
  cost::Operator op;
  op.kind = cost::OperatorKind::Copy;
  op.copy.elements = getElements();
  op.copy.toDram = getToDram();
  op.parameters = getParameters();
  op.name = getName().str();
  return op;
}

FailureOr<cost::EventCounts> CopyOp::getWork(const cost::Machine &machine) {
  cost::Copy copy = getOperator().copy;
  if (std::optional<std::string> problem = cost::whyNotRun(machine, copy))
    return emitError("'") << getName() << "' cannot run on '" << machine.name << "': " << *problem;
  return cost::countCopy(machine, copy);
}

//===----------------------------------------------------------------------===//
// Extraction
//===----------------------------------------------------------------------===//

FailureOr<cost::Program> accel::getProgram(Operation *root, StringRef name) {
  cost::Program program;
  program.segment = name.str();
  if (failed(walkWork(root, [&](CostOpInterface op, int64_t times) {
        cost::Operator entry = op.getOperator();
        entry.repeat = times;
        program.operators.push_back(std::move(entry));
      })))
    return failure();
  return program;
}
