//===- Accelerator.cpp - The machine of a design and its program ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Accelerator.h"
#include "Accel/Accel.h"
#include "Results/JsonText.h"
#include "Support/Check.h"

using namespace cat;
namespace json = llvm::json;

static llvm::StringRef nameOf(cost::LoopOrder order) {
  switch (order) {
  case cost::LoopOrder::OutputStationary:
    return "output_stationary";
  case cost::LoopOrder::WeightStationary:
    return "weight_stationary";
  case cost::LoopOrder::InputStationary:
    return "input_stationary";
  }
  CATC_CHECK(false, "no such loop order");
}

static llvm::StringRef nameOf(cost::ClusterSplit split) {
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

static void writeMemory(json::OStream &out, const cost::Memory &memory,
                        const cost::LoopOrders &orders) {
  out.attribute("capacity_bytes", memory.capacity);
  out.attribute("bytes_per_cycle", memory.bytesPerCycle);
  out.attribute("instances", memory.instances);
  out.attributeArray("orders", [&] {
    if (orders.outputStationary)
      out.value(nameOf(cost::LoopOrder::OutputStationary));
    if (orders.weightStationary)
      out.value(nameOf(cost::LoopOrder::WeightStationary));
    if (orders.inputStationary)
      out.value(nameOf(cost::LoopOrder::InputStationary));
  });
}

static void writeMachine(json::OStream &out, const cost::Machine &machine) {
  out.attribute("name", machine.name);
  results::number(out, "clock_hz", machine.clock.value());
  out.attribute("precision_bits", machine.elementBytes * 8);
  out.attribute("clusters", machine.clusters);
  out.attributeObject("array", [&] {
    out.attribute("width", machine.array.width);
    out.attribute("depth", machine.array.depth);
    out.attribute("accumulator_rows", machine.array.accumulatorRows);
    out.attribute("accumulator_bytes", machine.array.accumulatorBytes);
  });
  out.attribute("vector_lanes", machine.vector.lanes);
  out.attributeObject("local", [&] { writeMemory(out, machine.local, machine.localOrders); });
  out.attributeObject("global", [&] { writeMemory(out, machine.global, machine.globalOrders); });
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

static void writeTile(json::OStream &out, const cost::Tile &tile) {
  out.attribute("m", tile.m);
  out.attribute("n", tile.n);
  out.attribute("k", tile.k);
  out.attribute("order", nameOf(tile.order));
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
    out.attribute("drain_passes", op.gemm.drainPasses);
    return;
  case cost::OperatorKind::Vector:
    out.attribute("kind", "vector");
    out.attribute("rows", op.vector.rows);
    out.attribute("columns", op.vector.columns);
    out.attribute("passes", op.vector.passes);
    out.attribute("row_operations", op.vector.rowOperations);
    return;
  case cost::OperatorKind::Copy:
    out.attribute("kind", "copy");
    out.attribute("elements", op.copy.elements);
    out.attribute("to_dram", op.copy.toDram);
    return;
  }
}

static void writeOperator(json::OStream &out, CostOpInterface op, accel::ProgramOp program) {
  int64_t executions = 1;
  for (mlir::Operation *parent = op->getParentOp(); parent != program;
       parent = parent->getParentOp())
    if (auto loop = llvm::dyn_cast<ExecutionCountOpInterface>(parent))
      executions *= *loop.getExecutionCount();
  auto counts = op->getAttrOfType<accel::CountsAttr>("counts");
  auto energy = op->getAttrOfType<mlir::FloatAttr>("energy");
  CATC_CHECK(counts && energy, "an operator is emitted before it is costed");
  cost::Operator plain = op.getOperator();
  out.attribute("name", plain.name);
  out.attribute("segment", program.getSymName());
  out.attribute("executions", executions);
  writeSizes(out, plain);
  if (auto attribute = op->getAttrOfType<accel::MappingAttr>("mapping")) {
    const cost::Mapping &mapping = attribute.getMapping();
    out.attributeObject("mapping", [&] {
      out.attribute("resident", mapping.resident);
      out.attributeObject("global", [&] { writeTile(out, mapping.global); });
      out.attribute("split", nameOf(mapping.split));
      out.attributeObject("local", [&] { writeTile(out, mapping.local); });
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
      out.attribute("schema", "catc.accelerator/1");
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
