//===- AcceleratorTest.cpp - accelerator.json against the design ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Accelerator/Accelerator.h"
#include "Accel/Accel.h"
#include "EmitFixture.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace cat;
using namespace cat::emit;
using ::testing::HasSubstr;

namespace {

class AcceleratorTest : public ::testing::Test {
protected:
  AcceleratorTest() {
    study.accuracyMetric = "ImageNet top-1";
    llvm::FailureOr<std::string> text = accelerator(*design.annotated, study, design.record);
    if (failed(text))
      throw std::runtime_error("the design cannot be emitted");
    object = parseObject(*text);
    machine = *accel::getMachine(*design.annotated->getOps<accel::MachineOp>().begin());
  }

  study::LoadedStudy loaded{kSpec};
  // Six layers of text, eight heads, 2048 wide, LPDDR4X, 128 KiB.
  EmittedDesign design{loaded, {0, 1, 1, 1, 1}};
  results::StudySummary study;
  llvm::json::Object object;
  cost::Machine machine;
};

void expectMemory(const llvm::json::Object &json, const cost::Memory &memory) {
  EXPECT_EQ(integerAt(json, "capacity_bytes"), memory.capacity);
  EXPECT_EQ(integerAt(json, "bytes_per_cycle"), memory.bytesPerCycle);
  EXPECT_EQ(integerAt(json, "instances"), memory.instances);
}

TEST_F(AcceleratorTest, ParametersHaveTheirUnits) {
  EXPECT_EQ(textAt(object, "schema"), "catc.accelerator/2");
  EXPECT_EQ(textAt(object, "design"), design.record.id.str());
  const llvm::json::Object &parameters = objectAt(object, "parameters");
  EXPECT_EQ(parameters.size(), 5u);
  const llvm::json::Object &local = objectAt(parameters, "edge.local_sram");
  EXPECT_EQ(numberAt(local, "value"), 128);
  EXPECT_EQ(textAt(local, "unit"), "KiB");
  const llvm::json::Object &dram = objectAt(parameters, "edge.dram");
  EXPECT_EQ(textAt(dram, "value"), "lpddr4x");
  EXPECT_EQ(textAt(dram, "unit"), "1");
  EXPECT_EQ(numberAt(objectAt(parameters, "clip.text.layers"), "value"), 6);
}

TEST_F(AcceleratorTest, MachineIsTheOneThatWasCosted) {
  const llvm::json::Object &json = objectAt(object, "machine");
  EXPECT_EQ(textAt(json, "name"), "edge");
  EXPECT_EQ(numberAt(json, "clock_hz"), 625e6);
  EXPECT_EQ(integerAt(json, "precision_bits"), 8);
  EXPECT_EQ(integerAt(json, "clusters"), 2);
  EXPECT_EQ(integerAt(objectAt(json, "array"), "width"), 64);
  EXPECT_EQ(integerAt(objectAt(json, "array"), "depth"), machine.array.depth);
  EXPECT_EQ(integerAt(objectAt(json, "array"), "accumulator_rows"), machine.array.accumulatorRows);
  EXPECT_EQ(integerAt(objectAt(json, "array"), "accumulator_bytes"), 4);
  EXPECT_EQ(textAt(objectAt(json, "array"), "style"), "vector_mac");
  EXPECT_EQ(integerAt(objectAt(json, "array"), "output_rows"), machine.array.outputRows);
  EXPECT_EQ(integerAt(json, "vector_lanes"), machine.vector.lanes);
  const llvm::json::Object &local = objectAt(json, "local");
  EXPECT_EQ(integerAt(local, "capacity_bytes"), 131072);
  expectMemory(local, machine.local);
  EXPECT_EQ(arrayAt(local, "holds").size(), 3u);
  expectMemory(objectAt(json, "global"), machine.global);
  const llvm::json::Object &dram = objectAt(json, "dram");
  EXPECT_EQ(textAt(dram, "type"), "lpddr4x");
  EXPECT_EQ(integerAt(dram, "capacity_bytes"), machine.dram.capacity);
  EXPECT_EQ(numberAt(dram, "bandwidth_bytes_per_s"), 17.07e9);
  EXPECT_EQ(numberAt(dram, "efficiency"), 0.8);
  EXPECT_EQ(integerAt(dram, "latency_cycles"), 60);
}

TEST_F(AcceleratorTest, MetricsAreTheDesignsBitForBit) {
  const llvm::json::Object &metrics = objectAt(object, "metrics");
  const carbon::Metrics &exact = design.record.exact;
  EXPECT_EQ(numberAt(metrics, "latency_s"), exact.latency.value());
  EXPECT_EQ(numberAt(metrics, "energy_j"), exact.energy.value());
  EXPECT_EQ(numberAt(metrics, "area_mm2"), exact.area.value());
  EXPECT_EQ(numberAt(metrics, "embodied_kg"), exact.embodied.value());
  EXPECT_EQ(numberAt(metrics, "operational_kg"), exact.operational.value());
  EXPECT_EQ(numberAt(metrics, "carbon_kg"), exact.carbon.value());
  EXPECT_EQ(metrics.get("accuracy"), nullptr);
}

TEST_F(AcceleratorTest, AccuracySaysWhatItIs) {
  design.record.accuracy = results::AccuracyRecord{0.634, 0.021, 0.001, "a \"fit\"", true};
  llvm::FailureOr<std::string> text = accelerator(*design.annotated, study, design.record);
  ASSERT_TRUE(succeeded(text));
  llvm::json::Object again = parseObject(*text);
  const llvm::json::Object &accuracy = objectAt(objectAt(again, "metrics"), "accuracy");
  EXPECT_EQ(textAt(accuracy, "metric"), "ImageNet top-1");
  EXPECT_EQ(numberAt(accuracy, "value"), 0.634);
  EXPECT_EQ(numberAt(accuracy, "sigma"), 0.021);
  EXPECT_EQ(numberAt(accuracy, "noise"), 0.001);
  EXPECT_EQ(textAt(accuracy, "source"), "a \"fit\"");
  EXPECT_EQ(accuracy.getBoolean("extrapolated"), true);
}

TEST_F(AcceleratorTest, OperatorsAddUpToTheDesign) {
  int64_t cycles = 0;
  double energy = 0;
  for (const llvm::json::Value &value : arrayAt(object, "operators")) {
    const llvm::json::Object &op = *value.getAsObject();
    int64_t executions = integerAt(op, "executions");
    EXPECT_GT(executions, 0);
    cycles += executions * integerAt(op, "cycles");
    energy += static_cast<double>(executions) * numberAt(op, "energy_j");
  }
  EXPECT_EQ(static_cast<double>(cycles) / machine.clock.value(),
            design.record.exact.latency.value());
  EXPECT_NEAR(energy / design.record.exact.energy.value(), 1, 1e-12);
}

cost::Hold holdNamed(const std::string &name) {
  return name == "input"    ? cost::Hold::Input
         : name == "weight" ? cost::Hold::Weight
                            : cost::Hold::Neither;
}

cost::ClusterSplit splitNamed(const std::string &name) {
  return name == "rows"      ? cost::ClusterSplit::Rows
         : name == "columns" ? cost::ClusterSplit::Columns
         : name == "batch"   ? cost::ClusterSplit::Batch
                             : cost::ClusterSplit::None;
}

/// A reader of the file can check that the machine runs each mapping in the cycles it promises.
TEST_F(AcceleratorTest, MappingsAreLegalAndGiveTheCycles) {
  std::vector<accel::GemmOp> ops;
  design.annotated->walk([&](accel::GemmOp op) { ops.push_back(op); });
  size_t next = 0;
  for (const llvm::json::Value &value : arrayAt(object, "operators")) {
    const llvm::json::Object &op = *value.getAsObject();
    if (textAt(op, "kind") != "gemm") {
      EXPECT_EQ(op.get("mapping"), nullptr);
      continue;
    }
    ASSERT_LT(next, ops.size());
    cost::Gemm gemm = ops[next++].getGemm();
    EXPECT_EQ(integerAt(op, "m"), gemm.m);
    EXPECT_EQ(integerAt(op, "n"), gemm.n);
    EXPECT_EQ(integerAt(op, "k"), gemm.k);
    EXPECT_EQ(integerAt(op, "batch"), gemm.batch);
    EXPECT_EQ(op.getBoolean("table"), gemm.table);
    EXPECT_EQ(op.getBoolean("residual"), gemm.residual);
    EXPECT_EQ(textAt(op, "stationary") == "parameter",
              gemm.stationary == cost::Stationary::Parameter);
    const llvm::json::Object &json = objectAt(op, "mapping");
    cost::Mapping mapping;
    mapping.split = splitNamed(textAt(json, "split"));
    mapping.hold = holdNamed(textAt(json, "hold"));
    mapping.chunkRows = integerAt(json, "chunk_rows");
    mapping.blockColumns = integerAt(json, "block_columns");
    mapping.serial = *json.getBoolean("serial");
    mapping.resident = *json.getBoolean("resident");
    if (!mapping.resident) {
      mapping.blockBatch = integerAt(json, "block_batch");
      mapping.blockRows = integerAt(json, "block_rows");
    }
    EXPECT_TRUE(cost::isLegal(machine, gemm, mapping)) << textAt(op, "name");
    EXPECT_EQ(cost::countGemm(machine, gemm, mapping).cycles, integerAt(op, "cycles"))
        << textAt(op, "name");
  }
  EXPECT_EQ(next, ops.size());
  EXPECT_GT(next, 10u);
}

TEST_F(AcceleratorTest, LayersAreCountedAndWeightsNamed) {
  int found = 0;
  for (const llvm::json::Value &value : arrayAt(object, "operators")) {
    const llvm::json::Object &op = *value.getAsObject();
    if (textAt(op, "name") != "text.mlp.c_fc")
      continue;
    ++found;
    EXPECT_EQ(textAt(op, "segment"), "text");
    EXPECT_EQ(integerAt(op, "executions"), 6);
    EXPECT_EQ(integerAt(op, "m"), 77);
    EXPECT_EQ(integerAt(op, "n"), 2048);
    EXPECT_EQ(integerAt(op, "k"), 512);
    EXPECT_THAT(textAt(op, "weight"), HasSubstr("mlp.c_fc"));
  }
  EXPECT_EQ(found, 1);
}

TEST(AcceleratorErrorTest, MachineWithAParameterLeftIsRefused) {
  mlir::MLIRContext context;
  frontend::loadDialects(&context);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    message += diagnostic.str();
    return mlir::success();
  });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    accel.machine @edge attributes {clock = #space.ref<"f">, precision = 8} {
    }
    accel.workload @w { accel.return }
  )",
                                                        &context);
  ASSERT_TRUE(module) << message;
  EXPECT_TRUE(failed(accelerator(*module, {}, {})));
  EXPECT_THAT(message, HasSubstr("'clock' is not bound: it depends on 'f'"));
}

} // namespace
