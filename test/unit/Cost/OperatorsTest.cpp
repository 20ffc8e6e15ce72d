//===- OperatorsTest.cpp - Event counts of operators ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts against literals worked out by hand, and against other tools' figures where the relation
// is exact.
//
//===----------------------------------------------------------------------===//

#include "Cost/Cost.h"
#include "Machines.h"
#include "References.h"
#include "Workloads.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

EventCounts counts(const Machine &machine, const Operator &op) {
  std::optional<EventCounts> c = countOperator(machine, op);
  EXPECT_TRUE(c) << op.name;
  return c.value_or(EventCounts());
}

/// An array that only its own cells limit.
Machine boundless(int64_t width, int64_t depth, int64_t rows) {
  Machine m = edgeMachine({1, width, depth});
  m.array.accumulatorRows = rows;
  m.array.macsPerRequantizer = 1;
  m.local.capacity = m.global.capacity = int64_t(1) << 30;
  m.local.bytesPerCycle = m.global.bytesPerCycle = 128;
  m.dram.bandwidth = BytesPerSecond(1e18);
  m.dram.latencyCycles = 0;
  return m;
}

/// Expects the cycles of the array alone, and few beside them: the first block's and the first
/// tile's way in, and the last results' way out; and, between column steps, rows that start while
/// the last ones drain.
void expectArrayBound(int64_t cycles, int64_t array) {
  EXPECT_GT(static_cast<double>(cycles), 0.999 * static_cast<double>(array));
  EXPECT_LT(cycles, array + array / 200 + 700);
}

TEST(OperatorsTest, GemmIsBoundByTheArrayAtFullRate) {
  Machine m = boundless(32, 16, 256);
  // A row a cycle: column steps x depth steps x max(M, D).
  Gemm g = parameterGemm(197, 768, 768);
  expectArrayBound(counts(m, gemmOperator(g, 1, "g")).cycles, 24 * 48 * 197);
  // Few requantisation units: each row of a column step's last depth step takes four cycles.
  m.array.macsPerRequantizer = 64;
  expectArrayBound(counts(m, gemmOperator(g, 1, "g")).cycles, 24 * (47 * 197 + 4 * 197));
  // Fewer rows than the array is deep: each step waits for the next weights, and each column step
  // for its eight rows of constants.
  m.array.macsPerRequantizer = 1;
  g.m = 5;
  expectArrayBound(counts(m, gemmOperator(g, 1, "g")).cycles, 24 * (48 * 16 + 8));
}

TEST(OperatorsTest, PaddedNotDivided) {
  // The prime 197 costs its ceiling, not a search for divisors.
  Machine m = boundless(32, 32, 256);
  EventCounts c = counts(m, gemmOperator(activationGemm(12, 197, 197, 64, 0), 1, "scores"));
  expectArrayBound(c.cycles, 12 * 197 * 7 * 2);
  EXPECT_EQ(c.dramReadBytes + c.dramWriteBytes, 0);
}

TEST(OperatorsTest, StylesDifferByTheirLatency) {
  Machine tree = boundless(32, 16, 256), grid = tree;
  tree.array.outputRows = grid.array.outputRows = 64;
  grid.array.style = ArrayStyle::Systolic;
  Operator op = gemmOperator(activationGemm(1, 197, 768, 768, 0), 1, "g");
  // D + W - 1 cycles through the grid, 2 + log2(D) through the trees.
  EXPECT_EQ(counts(grid, op).cycles - counts(tree, op).cycles, (16 + 32 - 1) - (2 + 4));
}

TEST(OperatorsTest, VectorIsBoundByLanesOrBandwidth) {
  Machine m = edgeMachine({2});
  Vector softmax{VectorFunction::Softmax, 2364, 197};
  EventCounts c = countVector(m, softmax);
  EXPECT_EQ(c.vectorOperations, 2364 * (197 * 3 + 1));
  // Seven groups of 32 lanes in a row, which two passes visit after the one that loads it, and 21
  // cycles of sums and division between them.
  EXPECT_NEAR(static_cast<double>(c.cycles), 1182 * (2 * 7 + 21), 200);
  EXPECT_EQ(c.arrayCycles, 0); // the array's clock is gated
  // 1,182 rows of seven groups take 2,069 words; and 16 bytes of constants for each cluster.
  EXPECT_EQ(c.globalReadBytes, 2 * (2069 + 1) * 128);
  EXPECT_EQ(c.globalWriteBytes, 2 * 2069 * 128);
  EXPECT_EQ(c.dramReadBytes + c.dramWriteBytes, 0);

  // A sum streams: both operands come over a link of 32 bytes a cycle.
  Vector add{VectorFunction::Add, 197, 768};
  c = countVector(m, add);
  EXPECT_NEAR(static_cast<double>(c.cycles), 99 * 2 * 768 / 32, 100);
  m.vector.lanes = 4;
  EXPECT_NEAR(static_cast<double>(countVector(m, add).cycles), 99 * 2 * 768 / 4, 100);
  EXPECT_EQ(countVector(m, add).vectorOperations, 197 * 768);
  EXPECT_EQ(countVector(m, {VectorFunction::LayerNorm, 197, 768}).vectorOperations,
            197 * (768 * 2 + 8));
}

TEST(OperatorsTest, VectorsThatDoNotFitCross) {
  Machine m = edgeMachine();
  Vector wide{VectorFunction::Pointwise, 2048, 1024}; // 2 MiB in, and as much out
  EventCounts c = countVector(m, wide);
  EXPECT_EQ(c.dramReadBytes, 2048 * 1024);
  EXPECT_EQ(c.dramWriteBytes, 2048 * 1024);
  m.global.capacity = 8 * kMi;
  EventCounts fits = countVector(m, wide);
  EXPECT_EQ(fits.dramReadBytes + fits.dramWriteBytes, 0);
  EXPECT_LT(fits.cycles, c.cycles);
  // A row that the unit must hold has a longest length; one that streams has not.
  EXPECT_NE(whyNotRun(m, Vector{VectorFunction::Softmax, 2, 4097}).value_or("").find("row buffer"),
            std::string::npos);
  EXPECT_FALSE(whyNotRun(m, Vector{VectorFunction::Softmax, 2, 4096}));
  EXPECT_FALSE(whyNotRun(m, Vector{VectorFunction::Add, 2, 4097}));
  EXPECT_FALSE(whyNotRun(m, Vector{VectorFunction::Add, 1, 65535}));
  EXPECT_FALSE(whyNotRun(m, Copy{m.global.capacity, false}));
  EXPECT_NE(whyNotRun(m, Copy{m.global.capacity + 1, false}).value_or("").find("raise its"),
            std::string::npos);
  EXPECT_NE(whyNotRun(m, Vector{VectorFunction::Add, 1, 65536}).value_or("").find("register block"),
            std::string::npos);
  EXPECT_FALSE(countOperator(m, vectorOperator({VectorFunction::L2Norm, 1, 5000}, 1, "norm")));
}

TEST(OperatorsTest, CopyIsBoundByDram) {
  Machine m = edgeMachine();
  Copy copy{150528, false};
  EventCounts c = countCopy(m, copy);
  EXPECT_EQ(c.dramReadBytes, 150528);
  EXPECT_EQ(c.globalWriteBytes, 150528);
  // 1,176 words, in slots of 65,536 / 11,186 cycles, after 60 cycles.
  const int64_t rate = static_cast<int64_t>(65536 * (17.07e9 * 0.8) / (625e6 * 128));
  EXPECT_EQ(rate, 11186);
  EXPECT_NEAR(static_cast<double>(c.cycles), 60 + 1176 * 65536.0 / static_cast<double>(rate), 5);
  copy.toDram = true;
  EXPECT_EQ(countCopy(m, copy).dramWriteBytes, 150528);
  EXPECT_EQ(countCopy(m, copy).globalReadBytes, 150528);
  // Whole words cross.
  EXPECT_EQ(countCopy(m, {1, false}).dramReadBytes, 128);
}

TEST(OperatorsTest, ProgramAddsItsOperators) {
  Machine m = edgeMachine({1, 64, 16});
  Program p = tower(kVitB16Text);
  EventCounts sum;
  for (const Operator &op : p.operators)
    for (int64_t i = 0; i != op.repeat; ++i)
      sum += counts(m, op);
  EXPECT_EQ(countProgram(m, p).value(), sum);
  // QKV, scores, attend, out, FFN and projection of 12 layers at 77 x 512.
  EXPECT_EQ(sum.macs, 12 * (77LL * 512 * 1536 + 2LL * 8 * 77 * 77 * 64 + 77LL * 512 * 512 +
                            2LL * 77 * 512 * 2048) +
                          512LL * 512);
}

TEST(OperatorsTest, ProgramsOfUnmappableOperatorsHaveNoCounts) {
  Machine m = edgeMachine({1, 256, 16});
  m.global.capacity = 256 * kKi;
  EXPECT_FALSE(countProgram(m, tower(kVitB16Vision)));
}

TEST(OperatorsTest, ChecksMachines) {
  EXPECT_FALSE(checkMachine(edgeMachine()));
  auto refused = [](auto change) {
    Machine m = edgeMachine();
    change(m);
    return checkMachine(m).value_or(MachineProblem());
  };
  auto says = [](const MachineProblem &p, const char *component, const char *field,
                 const char *text) {
    EXPECT_EQ(p.component, component) << p.message;
    EXPECT_EQ(p.field, field) << p.message;
    EXPECT_NE(p.message.find(text), std::string::npos) << p.message;
  };
  // Records that nothing can be computed from have no rule.
  MachineProblem p = refused([](Machine &m) { m.array.width = 0; });
  says(p, "array", "width", "array width must be positive");
  EXPECT_EQ(p.rule, "");
  says(refused([](Machine &m) { m.dram.bandwidth = BytesPerSecond(0); }), "dram", "bandwidth",
       "must be positive");
  says(refused([](Machine &m) { m.holds = {false, false, false}; }), "local", "orders", "order");
  says(refused([](Machine &m) { m.global.technology.readEnergy.pop_back(); }), "global",
       "capacities", "table");
  says(refused([](Machine &m) { m.local.instances = 2; }), "local", "instances",
       "one local SRAM for each");

  // What the hardware library takes: each rule by its name, and what to change.
  p = refused([](Machine &m) { m.array.width = 48; });
  says(p, "array", "width", "must be a power of two, but is 48; set 'width' to 32 or 64");
  EXPECT_EQ(p.rule, "the array's width is a power of two");
  says(refused([](Machine &m) { m.array.macsPerRequantizer = 100; }), "array",
       "macs_per_requantizer", "power of two");
  says(refused([](Machine &m) { m.array.depth = 1; }), "array", "depth", "at least 2");
  says(refused([](Machine &m) { m.array.accumulatorRows = 2; }), "array", "accumulator_rows",
       "raise 'accumulator_rows' to at least 4");
  says(refused([](Machine &m) { m.array.outputRows = 8; }), "array", "output_rows",
       "raise 'output_rows' to at least");
  says(refused([](Machine &m) {
         m.array.style = ArrayStyle::Systolic;
         m.array.width = 256;
         m.local.capacity = kMi;
       }),
       "array", "output_rows", "raise 'output_rows' to at least 256");
  says(refused([](Machine &m) { m.local.capacity = 4096; }), "local", "capacity",
       "raise 'capacity' to at least 8192 B");
  says(refused([](Machine &m) { m.local.capacity = 100'000; }), "local", "capacity",
       "set 'capacity' to 65536 B or 131072 B");
  says(refused([](Machine &m) { m.local.capacity = 16; }), "local", "capacity",
       "is 16 B, but its input half must hold 16 words of the array's depth; raise 'capacity' to "
       "at least 8192 B");
  says(refused([](Machine &m) { m.array.depth = 512, m.local.capacity = 8192; }), "local",
       "capacity", "16 words");
  says(refused([](Machine &m) { m.vector.lanes = 256; }), "vector", "lanes", "lower 'lanes'");
  says(refused([](Machine &m) { m.global.capacity = 4096; }), "global", "capacity",
       "raise 'capacity' to at least 8192");
  says(refused([](Machine &m) { m.elementBytes = 2; }), "", "precision",
       "write 'precision = 8 bit'");
  says(refused([](Machine &m) { m.array.accumulatorBytes = 2; }), "array", "accumulator_bytes",
       "write 'accumulator_bytes = 4 B'");
  says(refused([](Machine &m) { m.maxClock = Hertz(600e6); }), "", "clock",
       "is 625 MHz, but the logic reaches 600 MHz");
  says(refused([](Machine &m) { m.dram.bandwidth = BytesPerSecond(1e5); }), "dram", "bandwidth",
       "raise its 'bandwidth'");
}

TEST(OperatorsTest, ProfilesEqualScaleSim) {
  CATC_READ_REFERENCE(rows, readJsonRecords, "cost/scalesim_v3_refs.jsonl");
  const std::map<std::string, TimingModel> models = {{"ws", TimingModel::ScaleSimWeightStationary},
                                                     {"is", TimingModel::ScaleSimInputStationary},
                                                     {"os", TimingModel::ScaleSimOutputStationary}};
  std::map<std::string, int> compared;
  for (const Record &row : rows) {
    if (!row.fields.count("Total Cycles"))
      continue;
    const std::string dataflow =
        row.fields.count("dataflow") ? row.text("dataflow") : std::string("ws");
    ASSERT_TRUE(models.count(dataflow)) << dataflow;
    Machine m = boundless(row.integer("ArrayW"), row.integer("ArrayH"), 256);
    m.timing = models.at(dataflow);
    Gemm g = parameterGemm(row.integer("M"), row.integer("N"), row.integer("K"));
    int64_t total = std::stoll(row.text("Total Cycles")) - std::stoll(row.text("Stall Cycles"));
    EXPECT_EQ(counts(m, gemmOperator(g, 1, "g")).cycles, total) << row.text("op") << dataflow;
    // The mapping, and so what moves, is that of the machine.
    Machine machine = m;
    machine.timing = TimingModel::Template;
    EXPECT_EQ(*mapGemm(m, g), *mapGemm(machine, g));
    ++compared[dataflow];
  }
  EXPECT_GT(compared["ws"], 0);
}

TEST(OperatorsTest, ProfilesByHand) {
  // 77 x 512 x 512 on 32 rows and 32 columns: folds of K and N, K and M, M and N.
  Machine m = edgeMachine();
  Operator op = gemmOperator(parameterGemm(77, 512, 512), 1, "g");
  m.timing = TimingModel::ScaleSimWeightStationary;
  EXPECT_EQ(counts(m, op).cycles, 16 * 16 * (2 * 32 + 32 + 77 - 2) - 1);
  m.timing = TimingModel::ScaleSimInputStationary;
  EXPECT_EQ(counts(m, op).cycles, 16 * 3 * (2 * 32 + 32 + 512 - 2) - 1);
  m.timing = TimingModel::ScaleSimOutputStationary;
  EXPECT_EQ(counts(m, op).cycles, 3 * 16 * (32 + 32 + 512 - 2) - 1);
}

TEST(OperatorsTest, ProfilesShareWorkOverClusters) {
  Machine m = edgeMachine({4, 32, 32});
  m.timing = TimingModel::ScaleSimWeightStationary;
  Gemm g = activationGemm(8, 77, 77, 64, 0);
  Mapping mapping = *mapGemm(m, g);
  // By item, two for each cluster: 2 x 3 folds of 2 x 32 + 32 + 77 - 2 cycles.
  mapping.split = ClusterSplit::Batch;
  EXPECT_EQ(countGemm(m, g, mapping).cycles, 2 * (6 * (64 + 32 + 77 - 2) - 1));
  mapping.split = ClusterSplit::Rows;
  EXPECT_EQ(countGemm(m, g, mapping).cycles, 8 * (6 * (64 + 32 + 20 - 2) - 1));
  mapping.split = ClusterSplit::Columns;
  EXPECT_EQ(countGemm(m, g, mapping).cycles, 8 * (2 * (64 + 32 + 77 - 2) - 1));
}

TEST(OperatorsTest, WeightStationaryReadsEqualTimeloop) {
  CATC_READ_REFERENCE(rows, readCsvRecords, "cost/timeloop_model_fixedmap.csv");
  for (const Record &row : rows) {
    const int64_t clusters = row.integer("clusters");
    Machine m = edgeMachine({clusters, row.integer("W"), row.integer("D"), row.integer("GLB_MB"),
                             row.integer("L2_KB"), row.integer("L2_BW")});
    Gemm g = parameterGemm(row.integer("M"), row.integer("N"), row.integer("K"));
    m.array.accumulatorRows = 256; // its mappings stream all rows past each stationary tile
    const std::string where = row.text("cfg") + " " + row.text("op");
    // Its clusters share the columns, and its counts are one cluster's. What the array reads from
    // local SRAM does not depend on the tiling there, but for each column's eight bytes of
    // constants, which it does not know.
    Mapping mapping;
    mapping.split = clusters == 1 ? ClusterSplit::None : ClusterSplit::Columns;
    mapping.chunkRows = g.m;
    mapping.blockColumns = (g.n / m.array.width + clusters - 1) / clusters;
    EventCounts c = countGemm(m, g, mapping);
    EXPECT_EQ(c.localReadBytes - 8 * g.n,
              clusters * (row.integer("L2_A_reads") + row.integer("L2_W_reads")))
        << where;
    // Parameters cross from DRAM once, there and here.
    EXPECT_EQ(countGemm(m, g, *mapGemm(m, g)).dramReadBytes - 8 * g.n, row.integer("DRAM_W_reads"))
        << where;
  }
}

TEST(OperatorsTest, PublishedDesignsNearTheirLatency) {
  CATC_READ_REFERENCE(rows, readCsvRecords, "accuracy/paper_carbonclip.csv");
  for (const Record &row : rows) {
    if (row.integer("patch") != 16)
      continue;
    Machine m = edgeMachine({row.integer("TC"), row.integer("PEx"), row.integer("PEy"),
                             row.integer("GLB_MB"), row.integer("L2_KB"), row.integer("L2_bw")});
    EventCounts c = countProgram(m, tower({row.integer("t_layers"), row.integer("t_ffn"),
                                           row.integer("t_width"), row.integer("t_heads"), 77, 0}))
                        .value();
    c += countProgram(m, tower({row.integer("v_layers"), row.integer("v_ffn"),
                                row.integer("v_width"), row.integer("v_heads"), 197, 16}))
             .value();
    // The publication's model has neither links nor requantisation units to wait for.
    double ratio = latency(m, c).value() * 1e3 / row.number("latency_ms");
    EXPECT_GT(ratio, 1.0) << row.text("name");
    EXPECT_LT(ratio, 1.47) << row.text("name");
  }
}

} // namespace
