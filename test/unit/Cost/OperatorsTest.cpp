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

/// An array that only its own cells limit.
Machine boundless(int64_t width, int64_t depth, int64_t rows) {
  Machine m = edgeMachine({1, width, depth});
  m.array.accumulatorRows = rows;
  m.local.capacity = m.global.capacity = int64_t(1) << 30;
  m.local.bytesPerCycle = m.global.bytesPerCycle = int64_t(1) << 20;
  m.dram.bandwidth = BytesPerSecond(1e18);
  m.dram.latencyCycles = 0;
  return m;
}

TEST(OperatorsTest, GemmCountsByHand) {
  // 4 x 5 x 6 on a 2 x 3 array: 3 column steps, 2 depth steps; one tile holds everything.
  Machine m = boundless(2, 3, 16);
  m.dram.bandwidth = BytesPerSecond(625e6); // one byte a cycle at full efficiency
  m.dram.efficiency = 1;
  m.dram.latencyCycles = 7;
  m.local.bytesPerCycle = 4;
  Gemm g = parameterGemm(4, 5, 6, 2, 0, 9);
  EventCounts c = countOperator(m, gemmOperator(g, 1, "g"));
  EXPECT_EQ(c.macs, 120);
  EXPECT_EQ(c.dramReadBytes, 30); // the parameters
  EXPECT_EQ(c.dramWriteBytes, 0);
  EXPECT_EQ(c.accumulatorBytes,
            4 * (3 * 2) * 2 * 2 * 4); // rows x padded columns x depth steps, read and written
  EXPECT_EQ(c.localWriteBytes, 24 + 30 + 20); // A, W, results on their way out
  EXPECT_EQ(c.localReadBytes,
            4 * 6 * 3 + 6 * 6 + 20); // A once a column step, padded W once, results
  EXPECT_EQ(c.globalReadBytes, 24 + 30 + 9);
  EXPECT_EQ(c.globalWriteBytes, 20 + 30);
  EXPECT_EQ(c.vectorOperations, 40);
  // Bound by the local SRAM: ceil((74 + 128) / 4) = 51; fill max(3, ceil(6 / 4)), drain 2 +
  // ceil(log2 3) + 6, DRAM latency.
  EXPECT_EQ(c.cycles, 51 + 3 + 10 + 7);
  EXPECT_EQ(c.arrayCycles, c.cycles);
}

TEST(OperatorsTest, GemmIsBoundByTheArrayAtFullRate) {
  Machine m = boundless(32, 16, 256);
  // The emitted array's contract: D + LAT + 6 + steps x max(M, D), LAT = 2 + log2(D).
  Gemm g = parameterGemm(197, 768, 768);
  EXPECT_EQ(countOperator(m, gemmOperator(g, 1, "g")).cycles, 24 * 48 * 197 + 16 + 2 + 4 + 6);
  g.m = 5; // fewer rows than the array is deep: each step waits for the next weights
  EXPECT_EQ(countOperator(m, gemmOperator(g, 1, "g")).cycles, 24 * 48 * 16 + 16 + 2 + 4 + 6);
}

TEST(OperatorsTest, PaddedNotDivided) {
  // The prime 197 costs its ceiling, not a search for divisors.
  Machine m = boundless(32, 32, 256);
  EventCounts c = countOperator(m, gemmOperator(activationGemm(12, 197, 197, 64, 0), 1, "scores"));
  EXPECT_EQ(c.cycles, 12 * 197 * 7 * 2 + 32 + 2 + 5 + 6);
  EXPECT_EQ(c.dramReadBytes + c.dramWriteBytes, 0);
}

TEST(OperatorsTest, VectorIsBoundByLanesOrBandwidth) {
  Machine m = edgeMachine({2});
  Vector softmax{2364, 197, 3, 0, 2364 * 197, 2364 * 197};
  EventCounts c = countVector(m, softmax);
  EXPECT_EQ(c.vectorOperations, 2364 * 197 * 3);
  EXPECT_EQ(c.cycles, (2364 * 197 * 3 + 63) / 64 + 20);
  EXPECT_EQ(c.globalReadBytes, 2364 * 197);
  EXPECT_EQ(c.arrayCycles, 0); // the array's clock is gated
  m.vector.lanes = 4096;
  EXPECT_EQ(countVector(m, softmax).cycles, (2 * 2364 * 197 + 127) / 128 + 20);
  Vector norm{197, 768, 2, 8, 197 * 768, 197 * 768};
  EXPECT_EQ(countVector(m, norm).vectorOperations, 197 * 768 * 2 + 197 * 8);
}

TEST(OperatorsTest, CopyIsBoundByDram) {
  Machine m = edgeMachine();
  Copy copy{150528, false};
  EventCounts c = countCopy(m, copy);
  EXPECT_EQ(c.dramReadBytes, 150528);
  EXPECT_EQ(c.globalWriteBytes, 150528);
  EXPECT_EQ(c.cycles, static_cast<int64_t>(std::ceil(150528 * 625e6 / (17.07e9 * 0.8))) + 60);
  copy.toDram = true;
  EXPECT_EQ(countCopy(m, copy).dramWriteBytes, 150528);
  EXPECT_EQ(countCopy(m, copy).globalReadBytes, 150528);
}

TEST(OperatorsTest, ProgramAddsItsOperators) {
  Machine m = edgeMachine({1, 64, 16});
  Program p = tower(kVitB16Text);
  EventCounts sum;
  for (const Operator &op : p.operators)
    for (int64_t i = 0; i != op.repeat; ++i)
      sum += countOperator(m, op);
  EXPECT_EQ(countProgram(m, p), sum);
  // QKV, scores, attend, out, FFN and projection of 12 layers at 77 x 512.
  EXPECT_EQ(sum.macs, 12 * (77LL * 512 * 1536 + 2LL * 8 * 77 * 77 * 64 + 77LL * 512 * 512 +
                            2LL * 77 * 512 * 2048) +
                          512LL * 512);
}

TEST(OperatorsTest, ChecksMachines) {
  EXPECT_FALSE(checkMachine(edgeMachine()));
  auto refused = [](auto change) {
    Machine m = edgeMachine();
    change(m);
    return checkMachine(m).value_or("");
  };
  EXPECT_NE(refused([](Machine &m) { m.array.width = 0; }).find("array width"), std::string::npos);
  EXPECT_NE(refused([](Machine &m) { m.local.capacity = 1000; }).find("too small for one tile"),
            std::string::npos);
  EXPECT_NE(refused([](Machine &m) { m.global.capacity = 1000; }).find("global buffer"),
            std::string::npos);
  EXPECT_NE(refused([](Machine &m) { m.dram.bandwidth = BytesPerSecond(0); }).find("bandwidth"),
            std::string::npos);
  EXPECT_NE(refused([](Machine &m) { m.localOrders = {false, false, false}; }).find("order"),
            std::string::npos);
  EXPECT_NE(refused([](Machine &m) { m.global.technology.readEnergy.pop_back(); }).find("table"),
            std::string::npos);
}

TEST(OperatorsTest, WeightStationaryFoldsEqualScaleSim) {
  CATC_READ_REFERENCE(rows, readJsonRecords, "cost/scalesim_v3_refs.jsonl");
  int compared = 0;
  for (const Record &row : rows) {
    if (row.fields.count("dataflow") && row.text("dataflow") != "ws")
      continue;
    if (!row.fields.count("Total Cycles"))
      continue;
    const int64_t depth = row.integer("ArrayH"), width = row.integer("ArrayW"),
                  M = row.integer("M");
    Machine m = boundless(width, depth, M);
    Gemm g = parameterGemm(M, row.integer("N"), row.integer("K"));
    // SCALE-Sim serialises each fold: load R, stream M + R + C - 2. The array here overlaps
    // loading, filling and draining, so of each fold only the M rows remain.
    int64_t folds = ((g.n + width - 1) / width) * ((g.k + depth - 1) / depth);
    int64_t total = std::stoll(row.text("Total Cycles")) - std::stoll(row.text("Stall Cycles"));
    int64_t log2Depth = std::llround(std::log2(static_cast<double>(depth)));
    int64_t cycles = countOperator(m, gemmOperator(g, 1, "g")).cycles - (depth + 2 + log2Depth + 6);
    EXPECT_EQ(cycles, total + 1 - folds * (2 * depth + width - 2)) << row.text("op");
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(OperatorsTest, WeightStationaryReadsEqualTimeloop) {
  CATC_READ_REFERENCE(rows, readCsvRecords, "cost/timeloop_model_fixedmap.csv");
  for (const Record &row : rows) {
    const int64_t clusters = row.integer("clusters");
    Machine m = edgeMachine({clusters, row.integer("W"), row.integer("D"), row.integer("GLB_MB"),
                             row.integer("L2_KB"), row.integer("L2_BW")});
    Gemm g = parameterGemm(row.integer("M"), row.integer("N"), row.integer("K"));
    m.array.accumulatorRows = g.m; // its mappings stream all rows past each stationary tile
    const std::string where = row.text("cfg") + " " + row.text("op");
    // Its clusters share the columns, and its counts are one cluster's. What the array reads from
    // local SRAM does not depend on the tiling there; only results on their way out (M x N bytes)
    // are counted differently.
    Mapping mapping;
    mapping.resident = true;
    mapping.split = clusters == 1 ? ClusterSplit::None : ClusterSplit::Columns;
    mapping.global = mapping.local = {g.m, g.n / clusters, g.k, LoopOrder::WeightStationary};
    EventCounts c = countGemm(m, g, mapping);
    EXPECT_EQ(c.localReadBytes - g.m * g.n,
              clusters * (row.integer("L2_A_reads") + row.integer("L2_W_reads")))
        << where;
    // Parameters cross from DRAM once, there and here.
    EXPECT_EQ(countGemm(m, g, mapGemm(m, g)).dramReadBytes, row.integer("DRAM_W_reads")) << where;
  }
}

TEST(OperatorsTest, PublishedDesignsWithinAQuarterOfTheirLatency) {
  CATC_READ_REFERENCE(rows, readCsvRecords, "accuracy/paper_carbonclip.csv");
  for (const Record &row : rows) {
    if (row.integer("patch") != 16)
      continue;
    Machine m = edgeMachine({row.integer("TC"), row.integer("PEx"), row.integer("PEy"),
                             row.integer("GLB_MB"), row.integer("L2_KB"), row.integer("L2_bw")});
    EventCounts c = countProgram(m, tower({row.integer("t_layers"), row.integer("t_ffn"),
                                           row.integer("t_width"), row.integer("t_heads"), 77, 0}));
    c += countProgram(m, tower({row.integer("v_layers"), row.integer("v_ffn"),
                                row.integer("v_width"), row.integer("v_heads"), 197, 16}));
    double ratio = latency(m, c).value() * 1e3 / row.number("latency_ms");
    EXPECT_GT(ratio, 0.71) << row.text("name");
    EXPECT_LT(ratio, 1.22) << row.text("name");
  }
}

} // namespace
