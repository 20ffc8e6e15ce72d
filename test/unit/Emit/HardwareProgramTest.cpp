//===- HardwareProgramTest.cpp - What the hardware is started for ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/HardwareProgram.h"
#include "Cost/ClosedForm.h"
#include "EmitFixture.h"
#include "gmock/gmock.h"
#include <limits>
#include <set>
#include <sstream>

using namespace cat;
using namespace cat::emit;
using ::testing::HasSubstr;

namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

std::string withLine(const std::string &line) {
  std::string spec = kSpec;
  size_t place = spec.find("clusters = 2;");
  EXPECT_NE(place, std::string::npos);
  return spec.insert(place, line + " ");
}

class HardwareProgramTest : public ::testing::Test {
protected:
  static MappedProgram mapped(const std::string &spec) {
    study::LoadedStudy loaded{spec};
    EmittedDesign design(loaded, {0, 1, 1, 1, 1});
    return *readMappedProgram(*design.annotated);
  }
};

TEST_F(HardwareProgramTest, StartsAddUpToTheOperators) {
  // In a small global buffer products run in parts, with copies around them.
  for (const char *line : {"", "global_buffer = 256 KiB;"}) {
    MappedProgram program = mapped(withLine(line));
    Result<HardwareProgram> hardware = hardwareProgram(program, kAll, 5000);
    ASSERT_TRUE(hardware) << hardware.error();
    ASSERT_EQ(hardware->operators.size(), program.operators.size());
    bool several = false;
    for (size_t i = 0; i < program.operators.size(); ++i) {
      const OperatorStarts &starts = hardware->operators[i];
      const MappedOperator &op = program.operators[i];
      EXPECT_EQ(starts.name, op.op.name);
      EXPECT_EQ(starts.executions, op.executions);
      int64_t cycles = 0;
      for (auto [index, times] : starts.starts)
        cycles += times * hardware->starts[index].wholeCycles;
      EXPECT_EQ(cycles, op.cycles) << op.op.name;
      several |= starts.starts.size() > 1;
    }
    EXPECT_EQ(several, *line != 0);
  }
}

TEST_F(HardwareProgramTest, ScalesDownWhatTakesLong) {
  MappedProgram program = mapped(kSpec);
  constexpr int64_t kMost = 5000;
  Result<HardwareProgram> hardware = hardwareProgram(program, kAll, kMost);
  ASSERT_TRUE(hardware) << hardware.error();
  std::set<std::string> names;
  bool some = false;
  for (const Start &start : hardware->starts) {
    EXPECT_TRUE(names.insert(start.name).second) << start.name;
    EXPECT_LE(start.closedForm, kMost) << start.name;
    EXPECT_EQ(start.scaled.empty(), start.wholeCycles <= kMost) << start.name;
    EXPECT_EQ(start.scaled.empty(), describe(start.whole) == describe(start.run)) << start.name;
    some |= !start.scaled.empty();
    const auto *whole = std::get_if<cost::GemmDescriptor>(&start.whole);
    if (!whole)
      continue;
    const auto &run = std::get<cost::GemmDescriptor>(start.run);
    EXPECT_EQ(run.split, whole->split) << start.name;
    EXPECT_EQ(run.hold, whole->hold) << start.name;
    EXPECT_EQ(run.parameters, whole->parameters) << start.name;
    EXPECT_EQ(run.table, whole->table) << start.name;
    EXPECT_EQ(run.residual, whole->residual) << start.name;
  }
  EXPECT_TRUE(some);
  // Nothing is scaled that need not be.
  hardware = hardwareProgram(program, 3, 1'000'000'000);
  ASSERT_TRUE(hardware) << hardware.error();
  EXPECT_EQ(hardware->operators.size(), 3u);
  for (const Start &start : hardware->starts)
    EXPECT_EQ(start.scaled, "") << start.name;
}

TEST_F(HardwareProgramTest, GoldenCasesAreTheSameEveryTime) {
  MappedProgram program = mapped(kSpec);
  auto text = [&] {
    Result<HardwareProgram> hardware = hardwareProgram(program, 8, 2000);
    std::ostringstream out;
    for (const Start &start : hardware->starts)
      goldenCase(hardware->hardware, start)->write(out);
    return out.str() + operatorsJson(*hardware);
  };
  std::string first = text();
  EXPECT_EQ(first, text());
  EXPECT_THAT(first, HasSubstr("\"schema\": \"catc.operators/1\""));
  EXPECT_THAT(first, ::testing::Not(HasSubstr("simulated_cycles")));
}

TEST_F(HardwareProgramTest, RefusesWhatTheHardwareIsNot) {
  const MappedProgram good = mapped(kSpec);
  EXPECT_EQ(whyNotBuildable(good), std::nullopt);
  MappedProgram program = good;
  program.machine.elementBytes = 2;
  EXPECT_THAT(whyNotBuildable(program).value_or(""),
              HasSubstr("have 8 bits, but this machine's have 16"));
  program = good;
  program.hardware.outputRows = 3;
  EXPECT_THAT(whyNotBuildable(program).value_or(""), HasSubstr("output_rows"));
  program = good;
  program.machine.timing = cost::TimingModel::ScaleSimOutputStationary;
  EXPECT_THAT(whyNotBuildable(program).value_or(""), HasSubstr("'timing_model'"));
}

TEST_F(HardwareProgramTest, Descriptions) {
  cost::GemmDescriptor gemm;
  gemm.m = 77;
  gemm.n = 512;
  gemm.k = 64;
  EXPECT_EQ(describe(gemm), "gemm 77 x 512 x 64");
  gemm.batch = 8;
  EXPECT_EQ(describe(gemm), "gemm 8 x 77 x 512 x 64");
  EXPECT_EQ(describe(cost::VectorDescriptor{cost::VectorFunction::LayerNorm, 77, 512}),
            "layer_norm 77 x 512");
  EXPECT_EQ(describe(cost::CopyDescriptor{100, true}), "copy of 100 B to DRAM");
}

} // namespace
