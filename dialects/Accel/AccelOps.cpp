//===- AccelOps.cpp - Mapped programs -------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"

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
  return success();
}

cost::Gemm GemmOp::getGemm() {
  cost::Gemm gemm;
  gemm.m = getM();
  gemm.n = getN();
  gemm.k = getK();
  gemm.batch = getBatch();
  gemm.stationary = getStationary() ? cost::Stationary::Activation : cost::Stationary::Parameter;
  gemm.drainPasses = getDrainPasses();
  gemm.liveElements = getLiveElements();
  for (Value residual : getResiduals())
    gemm.drainReadElements += cast<RankedTensorType>(residual.getType()).getNumElements();
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

cost::EventCounts GemmOp::getWork(const cost::Machine &machine) {
  cost::Gemm gemm = getGemm();
  if (std::optional<MappingAttr> mapping = getMapping())
    return cost::countGemm(machine, gemm, mapping->getMapping());
  return cost::countGemm(machine, gemm, cost::mapGemm(machine, gemm));
}

//===----------------------------------------------------------------------===//
// VectorOp
//===----------------------------------------------------------------------===//

LogicalResult VectorOp::verify() {
  if (!isPositive(getRows()) || !isPositive(getColumns()) || !isPositive(getPasses()))
    return emitOpError("rows, columns and passes must be positive");
  if (isNegative(getRowOperations()) || isNegative(getReadElements()) ||
      isNegative(getWriteElements()))
    return emitOpError("counts must not be negative");
  return success();
}

cost::Operator VectorOp::getOperator() {
  cost::Operator op;
  op.kind = cost::OperatorKind::Vector;
  op.vector.rows = getRows();
  op.vector.columns = getColumns();
  op.vector.passes = getPasses();
  op.vector.rowOperations = getRowOperations();
  op.vector.readElements = getReadElements();
  op.vector.writeElements = getWriteElements();
  op.name = getName().str();
  return op;
}

cost::EventCounts VectorOp::getWork(const cost::Machine &machine) {
  return cost::countVector(machine, getOperator().vector);
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

cost::EventCounts CopyOp::getWork(const cost::Machine &machine) {
  return cost::countCopy(machine, getOperator().copy);
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
