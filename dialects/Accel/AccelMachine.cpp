//===- AccelMachine.cpp - From machine ops to the plain record ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "Interfaces/FieldReader.h"

using namespace mlir;
using namespace cat;
using namespace cat::accel;

/// Rows of results that wait for the link where an array does not say.
static constexpr int64_t kOutputRows = 32;

LogicalResult ArrayOp::configure(cost::Machine &machine, ParameterLookup lookup) {
  FieldReader read(*this, lookup);
  machine.clusters = read.positive("instances");
  cost::MacArray &array = machine.array;
  array.width = read.positive("width");
  array.depth = read.positive("depth");
  array.accumulatorRows = read.positive("accumulator_rows");
  array.accumulatorBytes = read.positive("accumulator_bytes", 4);
  array.outputRows = read.positive("output_rows", kOutputRows);
  StringRef style = read.text("style", "vector_mac");
  if (style == "systolic")
    array.style = cost::ArrayStyle::Systolic;
  else if (style != "vector_mac")
    read.fail("style") << "unknown array style '" << style
                       << "'; expected 'vector_mac' or 'systolic'";
  read.list("cell_depths", array.cellDepths);
  read.list("cell_area", array.cellArea);
  if (succeeded(read.result()) &&
      (array.cellDepths.empty() || array.cellDepths.size() != array.cellArea.size()))
    read.fail("cell_area") << "'cell_area' needs one value for each of 'cell_depths'";
  if ((*this)->hasAttr("systolic_cell_area")) {
    read.list("systolic_cell_area", array.systolicCellArea);
    if (succeeded(read.result()) && array.systolicCellArea.size() != array.cellDepths.size())
      read.fail("systolic_cell_area")
          << "'systolic_cell_area' needs one value for each of 'cell_depths'";
  }
  read.quantity("register_area", array.registerArea);
  read.quantity("accumulator_area", array.accumulatorArea);
  read.quantity("accumulator_width_area", array.accumulatorWidthArea);
  read.quantity("lane_area", array.laneArea);
  read.quantity("fifo_area", array.fifoArea);
  read.quantity("requantizer_area", array.requantizerArea);
  array.macsPerRequantizer = read.positive("macs_per_requantizer", 64);
  read.quantity("mac_energy", array.macEnergy);
  read.quantity("accumulator_energy", array.accumulatorEnergy);
  read.quantity("clock_energy", array.clockEnergy);
  read.quantity("requantize_energy", array.requantizeEnergy);
  return read.result();
}

LogicalResult VectorUnitOp::configure(cost::Machine &machine, ParameterLookup lookup) {
  FieldReader read(*this, lookup);
  machine.vector.lanes = read.positive("lanes");
  read.quantity("lane_area", machine.vector.laneArea);
  machine.vector.rowBytes = read.positive("row_bytes", machine.vector.rowBytes);
  read.quantity("unit_area", machine.vector.unitArea);
  read.quantity("operation_energy", machine.vector.operationEnergy);
  return read.result();
}

LogicalResult MemoryOp::verify() {
  if (getSymName() != "local" && getSymName() != "global")
    return emitOpError("must be named 'local' or 'global'");
  return success();
}

LogicalResult MemoryOp::configure(cost::Machine &machine, ParameterLookup lookup) {
  FieldReader read(*this, lookup);
  bool local = getSymName() == "local";
  cost::Memory &memory = local ? machine.local : machine.global;
  memory.capacity = read.positive("capacity");
  memory.bytesPerCycle = read.positive("bandwidth");
  memory.instances = read.positive("instances", 1);
  cost::SramTechnology &cell = memory.technology;
  read.list("capacities", cell.capacities);
  read.list("read_energy", cell.readEnergy);
  read.list("write_energy", cell.writeEnergy);
  read.list("area", cell.area);
  size_t points = cell.capacities.size();
  if (failed(read.result()))
    return failure();
  for (auto [name, size] : {std::pair("capacities", points),
                            {"read_energy", cell.readEnergy.size()},
                            {"write_energy", cell.writeEnergy.size()},
                            {"area", cell.area.size()}})
    if (succeeded(read.result()) && (!points || size != points))
      read.fail(name)
          << "'read_energy', 'write_energy' and 'area' need one value for each of 'capacities'";
  for (size_t i = 0; succeeded(read.result()) && i != points; ++i) {
    if (cell.capacities[i] <= (i ? cell.capacities[i - 1] : 0))
      read.fail("capacities") << "'capacities' must be positive and ascend";
    else if (cell.readEnergy[i].value() <= 0)
      read.fail("read_energy") << "'read_energy' must be positive";
    else if (cell.writeEnergy[i].value() <= 0)
      read.fail("write_energy") << "'write_energy' must be positive";
  }
  read.quantity("leakage", cell.leakage);
  cell.baseWidth = read.positive("base_width", 32);
  cell.accessOverhead = read.nonNegative("access_overhead");
  read.quantity("area_per_width", cell.areaPerWidth);
  read.quantity("area_per_word", cell.areaPerWord);
  read.quantity("area_per_bank", cell.areaPerBank);
  cell.portArea = read.nonNegative("port_area", 1);
  cell.portEnergy = read.nonNegative("port_energy", 1);
  if (!(*this)->hasAttr("orders"))
    return read.result();
  if (!local) {
    read.fail("orders") << "the global memory has no 'orders': parameters and activations cross it "
                           "as the mapping of each operator says; remove this field";
    return read.result();
  }
  if (auto list = dyn_cast_or_null<ArrayAttr>(read.chosen("orders"))) {
    machine.holds = {false, false, false};
    for (Attribute entry : list) {
      auto name = dyn_cast<StringAttr>(entry);
      if (name && name.getValue() == "output")
        machine.holds.neither = true;
      else if (name && name.getValue() == "weight")
        machine.holds.weight = true;
      else if (name && name.getValue() == "input")
        machine.holds.input = true;
      else
        read.fail("orders") << "unknown loop order " << entry
                            << "; expected \"output\", \"weight\" or \"input\"";
    }
  }
  return read.result();
}

LogicalResult DramOp::configure(cost::Machine &machine, ParameterLookup lookup) {
  FieldReader read(*this, lookup);
  cost::Dram &dram = machine.dram;
  dram.type = read.text("type", getSymName()).str();
  dram.capacity = read.positive("capacity");
  read.quantity("bandwidth", dram.bandwidth);
  if (succeeded(read.result()) && dram.bandwidth.value() <= 0)
    read.fail("bandwidth") << "'bandwidth' must be positive";
  dram.efficiency = read.fraction("efficiency", 1, /*mayBeZero=*/false);
  dram.latencyCycles = read.integer("latency");
  read.quantity("energy", dram.energy);
  read.quantity("active_power", dram.activePower);
  read.quantity("idle_power", dram.idlePower);
  read.quantity("embodied", dram.embodied);
  return read.result();
}

LogicalResult LogicOp::configure(cost::Machine &machine, ParameterLookup lookup) {
  FieldReader read(*this, lookup);
  read.quantity("area", machine.otherArea);
  read.quantity("cluster_area", machine.clusterArea);
  read.quantity("word_area", machine.wordArea);
  read.quantity("link_area", machine.linkArea);
  read.quantity("link_energy", machine.linkEnergy);
  read.quantity("leakage", machine.logicLeakage);
  machine.idleLeakageShare = read.fraction("idle_leakage_share", 1, /*mayBeZero=*/true);
  read.quantity("max_clock", machine.maxClock);
  StringRef model = read.text("area_model", "components");
  if (model == "catransformers")
    machine.areaModel = cost::AreaModel::CATransformers;
  else if (model != "components")
    read.fail("area_model") << "unknown area model '" << model
                            << "'; expected 'components' or 'catransformers'";
  StringRef timing = read.text("timing_model", "template");
  if (timing == "scalesim_ws")
    machine.timing = cost::TimingModel::ScaleSimWeightStationary;
  else if (timing == "scalesim_is")
    machine.timing = cost::TimingModel::ScaleSimInputStationary;
  else if (timing == "scalesim_os")
    machine.timing = cost::TimingModel::ScaleSimOutputStationary;
  else if (timing != "template")
    read.fail("timing_model") << "unknown timing model '" << timing
                              << "'; expected 'template', 'scalesim_ws', 'scalesim_is' or "
                                 "'scalesim_os'";
  return read.result();
}

LogicalResult MachineOp::verify() {
  llvm::StringMap<Operation *> seen;
  for (Operation &op : getBody().front()) {
    if (!isa<ComponentOpInterface, ProcessOp>(op))
      return op.emitOpError("is not a component of a machine");
    std::string kind = op.getName().getStringRef().str();
    if (auto memory = dyn_cast<MemoryOp>(op))
      kind += memory.getSymName();
    if (auto [entry, fresh] = seen.try_emplace(kind, &op); !fresh)
      return op.emitOpError("occurs twice in this machine").attachNote(entry->second->getLoc())
             << "first here";
  }
  return success();
}

FailureOr<cost::Machine> accel::readMachine(MachineOp op, ParameterLookup lookup) {
  cost::Machine machine;
  machine.name = op.getSymName().str();
  FieldReader read(op, lookup);
  read.quantity("clock", machine.clock);
  int64_t precision = read.positive("precision");
  if (succeeded(read.result()) && precision % 8)
    read.fail("precision") << "'precision' must be a whole number of bytes, but is " << precision
                           << " bit";
  if (failed(read.result()))
    return failure();
  machine.elementBytes = precision / 8;
  for (auto component : op.getBody().getOps<ComponentOpInterface>())
    if (failed(component.configure(machine, lookup)))
      return failure();
  return machine;
}

/// The op of a component by its name in cost::MachineProblem, or the machine.
static Operation *findComponent(MachineOp machine, StringRef name) {
  for (Operation &op : machine.getBody().front()) {
    auto memory = dyn_cast<MemoryOp>(op);
    if ((memory && memory.getSymName() == name) || (isa<ArrayOp>(op) && name == "array") ||
        (isa<VectorUnitOp>(op) && name == "vector") || (isa<DramOp>(op) && name == "dram") ||
        (isa<LogicOp>(op) && name == "logic"))
      return &op;
  }
  return machine;
}

Location accel::locateProblem(MachineOp machine, const cost::MachineProblem &problem) {
  return findComponent(machine, problem.component)->getLoc();
}

void accel::reportProblem(MachineOp machine, const cost::MachineProblem &problem) {
  FieldReader read(findComponent(machine, problem.component),
                   [](StringRef) -> std::optional<double> { return std::nullopt; });
  read.fail(problem.field) << (problem.rule.empty() ? "the machine cannot be costed: "
                                                    : "the machine cannot be built: ")
                           << problem.message;
}

FailureOr<cost::Machine> accel::getMachine(MachineOp op, ParameterLookup lookup) {
  FailureOr<cost::Machine> machine = readMachine(op, lookup);
  if (failed(machine))
    return failure();
  if (std::optional<cost::MachineProblem> problem = cost::checkMachine(*machine)) {
    reportProblem(op, *problem);
    return failure();
  }
  return machine;
}
