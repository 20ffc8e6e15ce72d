//===- Accelerator.cpp - The machine of a design and its program ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Accelerator/Accelerator.h"
#include "Accel/Accel.h"
#include "Emit/MappedProgram.h"
#include "Results/JsonText.h"
#include "Support/Check.h"

using namespace cat;
namespace json = llvm::json;

static void writeMemory(json::OStream &out, const cost::Memory &memory) {
  out.attribute("capacity_bytes", memory.capacity);
  out.attribute("bytes_per_cycle", memory.bytesPerCycle);
  out.attribute("instances", memory.instances);
}

static void writeMachine(json::OStream &out, const cost::Machine &machine) {
  out.attribute("name", machine.name);
  results::number(out, "clock_hz", machine.clock.value());
  out.attribute("precision_bits", machine.elementBytes * 8);
  out.attribute("clusters", machine.clusters);
  out.attributeObject("array", [&] {
    out.attribute("style",
                  machine.array.style == cost::ArrayStyle::Systolic ? "systolic" : "vector_mac");
    out.attribute("width", machine.array.width);
    out.attribute("depth", machine.array.depth);
    out.attribute("accumulator_rows", machine.array.accumulatorRows);
    out.attribute("accumulator_bytes", machine.array.accumulatorBytes);
    out.attribute("output_rows", machine.array.outputRows);
    out.attribute("requantizers", cost::HardwareParameters::fromMachine(machine).requantizers);
  });
  out.attribute("vector_lanes", machine.vector.lanes);
  out.attributeObject("local", [&] {
    writeMemory(out, machine.local);
    out.attributeArray("holds", [&] {
      if (machine.holds.neither)
        out.value(emit::nameOf(cost::Hold::Neither));
      if (machine.holds.input)
        out.value(emit::nameOf(cost::Hold::Input));
      if (machine.holds.weight)
        out.value(emit::nameOf(cost::Hold::Weight));
    });
  });
  out.attributeObject("global", [&] { writeMemory(out, machine.global); });
  out.attributeObject("dram", [&] {
    out.attribute("type", machine.dram.type);
    out.attribute("capacity_bytes", machine.dram.capacity);
    results::number(out, "bandwidth_bytes_per_s", machine.dram.bandwidth.value());
    results::number(out, "efficiency", machine.dram.efficiency);
    out.attribute("latency_cycles", machine.dram.latencyCycles);
  });
}

/// The module's own metrics, whose names carry their units, and what was evaluated.
static void writeMetrics(json::OStream &out, mlir::ModuleOp module,
                         const results::StudySummary &study, const results::DesignRecord &design) {
  auto metrics =
      module->getAttrOfType<mlir::DictionaryAttr>(accel::AccelDialect::getMetricsAttrName());
  CATC_CHECK(metrics, "a design is emitted before it is costed");
  for (mlir::NamedAttribute metric : metrics)
    results::number(out, metric.getName().getValue(),
                    llvm::cast<mlir::FloatAttr>(metric.getValue()).getValueAsDouble());
  if (!design.accuracy)
    return;
  out.attributeObject("accuracy", [&] {
    out.attribute("metric", study.accuracyMetric);
    results::number(out, "value", design.accuracy->value);
    results::number(out, "sigma", design.accuracy->sigma);
    results::number(out, "noise", design.accuracy->noise);
    out.attribute("source", design.accuracy->source);
    out.attribute("extrapolated", design.accuracy->extrapolated);
  });
}

static void writeSizes(json::OStream &out, const cost::Operator &op) {
  switch (op.kind) {
  case cost::OperatorKind::Gemm:
    out.attribute("kind", "gemm");
    out.attribute("m", op.gemm.m);
    out.attribute("n", op.gemm.n);
    out.attribute("k", op.gemm.k);
    out.attribute("batch", op.gemm.batch);
    out.attribute("stationary",
                  op.gemm.stationary == cost::Stationary::Parameter ? "parameter" : "activation");
    out.attribute("table", op.gemm.table);
    out.attribute("residual", op.gemm.residual);
    return;
  case cost::OperatorKind::Vector:
    out.attribute("kind", "vector");
    out.attribute("function", emit::nameOf(op.vector.function));
    out.attribute("rows", op.vector.rows);
    out.attribute("columns", op.vector.columns);
    return;
  case cost::OperatorKind::Copy:
    out.attribute("kind", "copy");
    out.attribute("elements", op.copy.elements);
    out.attribute("to_dram", op.copy.toDram);
    return;
  }
}

static void writeOperator(json::OStream &out, CostOpInterface op, accel::ProgramOp program) {
  auto counts = op->getAttrOfType<accel::CountsAttr>("counts");
  auto energy = op->getAttrOfType<mlir::FloatAttr>("energy");
  CATC_CHECK(counts && energy, "an operator is emitted before it is costed");
  cost::Operator plain = op.getOperator();
  out.attribute("name", plain.name);
  out.attribute("segment", program.getSymName());
  out.attribute("executions", emit::executionsOf(op, program));
  writeSizes(out, plain);
  if (auto attribute = op->getAttrOfType<accel::MappingAttr>("mapping")) {
    const cost::Mapping &mapping = attribute.getMapping();
    out.attributeObject("mapping", [&] {
      out.attribute("split", emit::nameOf(mapping.split));
      out.attribute("hold", emit::nameOf(mapping.hold));
      out.attribute("chunk_rows", mapping.chunkRows);
      out.attribute("block_columns", mapping.blockColumns);
      out.attribute("serial", mapping.serial);
      out.attribute("resident", mapping.resident);
      if (mapping.resident)
        return;
      out.attribute("block_batch", mapping.blockBatch);
      out.attribute("block_rows", mapping.blockRows);
    });
  }
  if (auto weight = op->getAttrOfType<mlir::StringAttr>("weight"))
    out.attribute("weight", weight.getValue());
  out.attribute("cycles", counts.getCounts().cycles);
  results::number(out, "energy_j", energy.getValueAsDouble());
}

llvm::FailureOr<std::string> emit::accelerator(mlir::ModuleOp annotated,
                                               const results::StudySummary &study,
                                               const results::DesignRecord &design) {
  auto machineOps = annotated.getOps<accel::MachineOp>();
  auto workloads = annotated.getOps<accel::WorkloadOp>();
  CATC_CHECK(!machineOps.empty() && !workloads.empty(), "a design is emitted before it is lowered");
  llvm::FailureOr<cost::Machine> machine = accel::getMachine(*machineOps.begin());
  if (failed(machine))
    return llvm::failure();
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("schema", "catc.accelerator/2");
      out.attribute("design", design.id.str());
      out.attributeObject("parameters", [&] {
        for (const results::ParameterRecord &parameter : design.parameters)
          out.attributeObject(parameter.name, [&] {
            if (const auto *value = std::get_if<double>(&parameter.value))
              results::number(out, "value", *value);
            else
              out.attribute("value", std::get<std::string>(parameter.value));
            out.attribute("unit", parameter.unit);
          });
      });
      out.attributeObject("machine", [&] { writeMachine(out, *machine); });
      out.attributeObject("metrics", [&] { writeMetrics(out, annotated, study, design); });
      out.attributeArray("operators", [&] {
        for (auto program : (*workloads.begin()).getBody().getOps<accel::ProgramOp>())
          program.walk(
              [&](CostOpInterface op) { out.object([&] { writeOperator(out, op, program); }); });
      });
    });
  });
}
