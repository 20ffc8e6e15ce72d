//===- MappingTest.cpp - The mapper against brute force ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mapGemm must find the least (cycles, dynamic energy) over everything that the hardware can run:
// every split, held operand, chunk of rows, block of columns and block of activations.
//
//===----------------------------------------------------------------------===//

#include "Cost/ClosedForm.h"
#include "Cost/Energy.h"
#include "Cost/GemmModel.h"
#include "Cost/HardwareMath.h"
#include "Machines.h"
#include "Workloads.h"
#include "gtest/gtest.h"
#include <limits>
#include <optional>
#include <random>

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

/// Cycles and dynamic energy, in the order that the mapper compares them.
using Objective = std::pair<int64_t, double>;

Objective objective(const Machine &machine, const EnergyRates &rates, const Gemm &gemm,
                    const Mapping &mapping) {
  EventCounts counts = countGemm(machine, gemm, mapping);
  return {counts.cycles, rates.dynamic(counts).total().value()};
}

/// `all` and the powers of two below it.
std::vector<int64_t> powersAnd(int64_t all) {
  std::vector<int64_t> sizes;
  for (int64_t size = 1; size < all; size *= 2)
    sizes.push_back(size);
  sizes.push_back(all);
  return sizes;
}

/// The best over all mappings of the policy that isLegal accepts, all resident or none; nothing if
/// there is none.
std::optional<Objective> bruteForce(const Machine &machine, const Gemm &gemm, bool resident) {
  const EnergyRates rates(machine);
  const HardwareParameters hardware = HardwareParameters::fromMachine(machine);
  std::optional<Objective> best;
  Mapping mapping;
  mapping.resident = resident;
  auto visit = [&] {
    if (!isLegal(machine, gemm, mapping))
      return;
    Objective o = objective(machine, rates, gemm, mapping);
    if (!best || o < *best)
      best = o;
  };
  auto visitParts = [&](const Part &part) {
    for (ClusterSplit split :
         {ClusterSplit::None, ClusterSplit::Rows, ClusterSplit::Columns, ClusterSplit::Batch})
      for (Hold hold : {Hold::Neither, Hold::Input, Hold::Weight})
        for (HardwareParameters less = hardware; less.inputWords; less.inputWords /= 2) {
          const int64_t most = chunkCapacity(less, gemm.k, hold);
          if (!most || (hold != Hold::Input && less.inputWords != hardware.inputWords))
            break;
          int64_t rows = part.rows, columns = divideUp(gemm.n, hardware.width);
          if (split == ClusterSplit::Rows)
            rows = divideUp(rows, hardware.clusters);
          if (split == ClusterSplit::Columns)
            columns = divideUp(columns, hardware.clusters);
          mapping.split = split;
          mapping.hold = hold;
          mapping.chunkRows = equalChunk(rows, most);
          for (int64_t block : powersAnd(columns)) {
            if (gemm.stationary == Stationary::Activation && block != columns)
              continue;
            mapping.blockColumns = block;
            for (bool serial : {false, true}) {
              mapping.serial = serial;
              visit();
            }
          }
        }
  };
  if (resident) {
    visitParts({gemm.batch, gemm.m});
    return best;
  }
  for (int64_t batch : powersAnd(gemm.batch)) {
    mapping.blockBatch = batch;
    mapping.blockRows = gemm.m;
    visitParts({batch, gemm.m});
  }
  mapping.blockBatch = 1;
  for (int64_t rows : powersAnd(gemm.m)) {
    mapping.blockRows = rows;
    visitParts({1, rows});
  }
  return best;
}

struct Case {
  Machine machine;
  Gemm gemm;
};

/// A machine near the least that checkMachine accepts, so that every memory is tight, and a GEMM.
Case randomCase(std::mt19937 &random) {
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  auto power = [&](int64_t low, int64_t high) { return int64_t(1) << pick(low, high); };
  Case c;
  const int64_t clusters = power(0, 2), width = power(1, 3), depth = power(1, 3);
  c.machine = tinyMachine(clusters, width, depth, power(2, 4), 0, 0);
  c.machine.array.macsPerRequantizer = power(0, 6);
  c.machine.array.outputRows = 64;
  c.machine.array.style = pick(0, 1) ? ArrayStyle::VectorMac : ArrayStyle::Systolic;
  c.machine.vector.lanes = power(1, 3);
  c.machine.global.bytesPerCycle = power(3, 5);
  c.machine.local.bytesPerCycle = power(1, 5);
  int64_t local = 2 * std::max(16 * depth, (2 * depth + ParameterRows) * width);
  c.machine.local.capacity = power(0, 2) * (int64_t(1) << (64 - __builtin_clzll(local - 1)));
  c.machine.global.capacity =
      std::max(power(10, 13), kGlobalBanks * 4 * c.machine.global.bytesPerCycle);
  c.machine.dram.bandwidth = BytesPerSecond(625e6 * static_cast<double>(pick(1, 16)));
  int64_t holds = pick(0, 2) ? 7 : pick(1, 7);
  c.machine.holds = {(holds & 1) != 0, (holds & 2) != 0, (holds & 4) != 0};
  c.gemm.m = pick(1, 40);
  c.gemm.n = pick(1, 9 * width);
  c.gemm.k = pick(1, 6 * depth);
  c.gemm.stationary = pick(0, 2) ? Stationary::Parameter : Stationary::Activation;
  if (c.gemm.stationary == Stationary::Activation)
    c.gemm.batch = pick(1, 7);
  c.gemm.table = pick(0, 1);
  c.gemm.residual = pick(0, 1);
  c.gemm.liveElements = pick(0, 1) * pick(0, 2000) + (c.gemm.residual ? c.gemm.results() : 0);
  return c;
}

TEST(MappingTest, EqualsBruteForceOverThePolicy) {
  std::mt19937 random(2024);
  int resident = 0, tiled = 0, tiledWins = 0, serial = 0, unmappable = 0, holds[3] = {},
      splits[4] = {};
  for (int i = 0; i != 3000; ++i) {
    Case c = randomCase(random);
    std::optional<MachineProblem> problem = checkMachine(c.machine);
    ASSERT_FALSE(problem) << problem->message;
    SCOPED_TRACE("case " + std::to_string(i));
    std::optional<Objective> least = bruteForce(c.machine, c.gemm, true),
                             through = bruteForce(c.machine, c.gemm, false);
    const bool onChip = least && !(through && *through < *least);
    tiledWins += least && !onChip;
    if (!onChip)
      least = through;
    std::optional<Mapping> mapping = mapGemm(c.machine, c.gemm);
    ASSERT_EQ(mapping.has_value(), least.has_value());
    if (!mapping) {
      ++unmappable;
      EXPECT_NE(whyUnmappable(c.machine, c.gemm).find("raise its 'capacity'"), std::string::npos)
          << whyUnmappable(c.machine, c.gemm);
      continue;
    }
    ASSERT_TRUE(isLegal(c.machine, c.gemm, *mapping));
    Objective found = objective(c.machine, EnergyRates(c.machine), c.gemm, *mapping);
    ASSERT_EQ(found.first, least->first) << "cycles";
    ASSERT_EQ(found.second, least->second) << "energy";
    ASSERT_EQ(mapping->resident, onChip);
    (mapping->resident ? resident : tiled)++;
    serial += mapping->serial;
    ++holds[static_cast<int>(mapping->hold)];
    ++splits[static_cast<int>(mapping->split)];
  }
  // The sample must exercise what it claims to.
  EXPECT_GT(resident, 1000);
  EXPECT_GT(tiled, 200);
  EXPECT_GT(tiledWins, 3);
  EXPECT_GT(serial, 50);
  EXPECT_GT(unmappable, 20);
  for (int count : holds)
    EXPECT_GT(count, 100);
  for (int count : splits)
    EXPECT_GT(count, 100);
}

TEST(MappingTest, MoreMemoryNeverTakesMoreCycles) {
  std::mt19937 random(99);
  int compared = 0;
  for (int i = 0; i != 3000; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    Case c = randomCase(random);
    for (Memory *memory : {&c.machine.local, &c.machine.global}) {
      int64_t cycles = std::numeric_limits<int64_t>::max();
      const int64_t least = memory->capacity;
      std::pair<bool, bool> onChip;
      for (int64_t more = 1; more <= 64; more *= 2) {
        memory->capacity = least * more;
        std::optional<Mapping> mapping = mapGemm(c.machine, c.gemm);
        if (!mapping) {
          ASSERT_EQ(cycles, std::numeric_limits<int64_t>::max()) << "no mapping with more memory";
          continue;
        }
        // Where activations come to fit, they are in the global buffer to begin with.
        std::pair<bool, bool> now = {mapping->resident, GemmModel(c.machine, c.gemm).fitsWhole()};
        if (now == onChip) {
          ASSERT_LE(countGemm(c.machine, c.gemm, *mapping).cycles, cycles) << more << " times";
          ++compared;
        }
        onChip = now;
        cycles = countGemm(c.machine, c.gemm, *mapping).cycles;
      }
      memory->capacity = least;
    }
  }
  EXPECT_GT(compared, 20000);
}

/// What the streams of one start move, by hand.
TEST(MappingTest, CountsByHand) {
  // 6 x 8 x 8 on two lanes of depth 2: four column steps, four depth steps. Words of 8 bytes.
  Machine machine = tinyMachine(1, 2, 2, 4, 256, 4096);
  machine.global.bytesPerCycle = machine.local.bytesPerCycle = 8;
  Gemm gemm = parameterGemm(6, 8, 8, /*table=*/true, /*live=*/48, /*residual=*/true);
  Mapping mapping;
  mapping.hold = Hold::Input;
  mapping.chunkRows = 3;
  mapping.blockColumns = 2;
  ASSERT_TRUE(isLegal(machine, gemm, mapping));
  EventCounts c = countGemm(machine, gemm, mapping);
  EXPECT_EQ(c.macs, 6 * 8 * 8);
  // A tile: 8 rows of constants and 8 of weights, 32 bytes or 4 words. Parameters cross once.
  EXPECT_EQ(c.dramReadBytes, 4 * 32);
  EXPECT_EQ(c.dramWriteBytes, 0);
  // The input, 2 chunks of 3 x 8 bytes, for each of two blocks; tiles for each chunk; residual rows
  // like results: 2 chunks x 4 column steps of 3 x 2 bytes, a word each.
  EXPECT_EQ(c.globalReadBytes, 2 * 2 * 24 + 2 * 4 * 32 + 2 * 4 * 8);
  EXPECT_EQ(c.globalWriteBytes, 2 * 4 * 8 + 4 * 32);
  EXPECT_EQ(c.localWriteBytes, 2 * 2 * 24 + 2 * 4 * 32);
  // The array reads the input in each column step, and a tile for each chunk.
  EXPECT_EQ(c.localReadBytes, 4 * 48 + 2 * 4 * 32);
  // Four depth steps: each accumulator is written in all but the last, and read in all but the
  // first.
  EXPECT_EQ(c.accumulatorBytes, 6 * 8 * 4 * 2 * 3);
  EXPECT_EQ(c.requantizations, 48);
  EXPECT_EQ(c.vectorOperations, 2 * 48);
  EXPECT_EQ(c.cycles, c.arrayCycles);
  GemmModel model(machine, gemm);
  GemmDescriptor d = model.descriptor(mapping, model.whole());
  EXPECT_EQ(c.cycles, gemmCycles(model.hardware, d));

  mapping.hold = Hold::Weight; // the input in every column step, each tile once
  EXPECT_EQ(countGemm(machine, gemm, mapping).globalReadBytes, 4 * 2 * 24 + 4 * 32 + 2 * 4 * 8);
  mapping.hold = Hold::Neither;
  EXPECT_EQ(countGemm(machine, gemm, mapping).globalReadBytes, 4 * 2 * 24 + 2 * 4 * 32 + 2 * 4 * 8);

  // Serial blocks are starts of their own, of half of the columns each.
  mapping.serial = true;
  GemmDescriptor half = d;
  half.hold = Hold::Neither;
  half.n = 4;
  EXPECT_EQ(countGemm(machine, gemm, mapping).cycles, 2 * gemmCycles(model.hardware, half));
  auto starts = model.starts(mapping);
  ASSERT_EQ(starts.size(), 1u);
  const auto &[what, times] = starts[0];
  EXPECT_EQ(times, 2);
  EXPECT_EQ(std::get<GemmDescriptor>(what).n, 4);
}

/// A mapping that is not resident, where the activations would fit: by hand.
TEST(MappingTest, DisplacedActivationsCrossAndReturn) {
  Machine machine = tinyMachine(1, 2, 2, 4, 256, 2048);
  machine.global.bytesPerCycle = machine.local.bytesPerCycle = 8;
  Gemm gemm = parameterGemm(6, 8, 8, false, 48 + 16, true);
  Mapping mapping;
  mapping.resident = false;
  mapping.chunkRows = 2;
  mapping.blockColumns = 1;
  mapping.blockBatch = 1;
  mapping.blockRows = 4;
  ASSERT_TRUE(isLegal(machine, gemm, mapping));
  EventCounts fits = countGemm(machine, gemm, mapping);
  gemm.liveElements = 4096; // does not fit: it is in DRAM already
  EventCounts beyond = countGemm(machine, gemm, mapping);
  // Two parts, of four and of two rows: parameters for each, operands and the residual in, results
  // out.
  EXPECT_EQ(beyond.dramReadBytes, 2 * 4 * 32 + 48 + 48);
  EXPECT_EQ(beyond.dramWriteBytes, 48);
  // The input and what is live go out; the result, and what is live but for what has been added,
  // come back.
  EXPECT_EQ(fits.dramWriteBytes - beyond.dramWriteBytes, 48 + 64);
  EXPECT_EQ(fits.dramReadBytes - beyond.dramReadBytes, 48 + 16);
  std::vector<int64_t> rows;
  for (const auto &[what, times] : GemmModel(machine, gemm).starts(mapping))
    if (const auto *run = std::get_if<GemmDescriptor>(&what))
      rows.push_back(run->m * times);
  EXPECT_EQ(rows, (std::vector<int64_t>{4, 2}));
}

TEST(MappingTest, PublishedDesignsKeepTheirActivationsOnChip) {
  for (const Operator &op : tower(kVitB16Vision).operators) {
    if (op.kind != OperatorKind::Gemm)
      continue;
    Machine machine = edgeMachine({1, 256, 8, 2, 64, 128});
    std::optional<Mapping> mapping = mapGemm(machine, op.gemm);
    ASSERT_TRUE(mapping) << op.name;
    EXPECT_TRUE(mapping->resident) << op.name;
    // Whole tiles cross, and their constants: eight bytes for each column.
    int64_t columns = divideUp(op.gemm.n, 256) * 256;
    EXPECT_EQ(countGemm(machine, op.gemm, *mapping).dramReadBytes,
              op.parameters ? columns * (op.gemm.k + 8) : 0)
        << op.name;
  }
}

TEST(MappingTest, RejectsWhatTheMachineCannotRun) {
  Machine machine = edgeMachine({2, 32, 16});
  Gemm gemm = parameterGemm(197, 768, 768);
  Mapping good = *mapGemm(machine, gemm);
  ASSERT_TRUE(isLegal(machine, gemm, good));
  auto refused = [&](auto change) {
    Mapping bad = good;
    change(bad);
    return !isLegal(machine, gemm, bad);
  };
  // Two clusters must share the work, and one item is not split into items.
  EXPECT_TRUE(refused([](Mapping &m) { m.split = ClusterSplit::None; }));
  EXPECT_TRUE(refused([](Mapping &m) { m.split = ClusterSplit::Batch; }));
  EXPECT_TRUE(refused([](Mapping &m) { m.chunkRows = 129; }));
  EXPECT_TRUE(refused([](Mapping &m) { m.blockColumns = 0; }));
  EXPECT_TRUE(refused([](Mapping &m) {
    m.resident = false;
    m.blockBatch = 1;
    m.blockRows = 198;
  }));
  // The weight half of 64 KiB has 1,024 rows of 32 bytes: 768 and the constants fit, 1,024 do not.
  EXPECT_FALSE(refused([](Mapping &m) { m.hold = Hold::Weight, m.chunkRows = 99; }));
  gemm.k = 1024;
  EXPECT_TRUE(refused([](Mapping &m) { m.hold = Hold::Weight, m.chunkRows = 99; }));
  gemm.k = 768;
  machine.holds.weight = false;
  EXPECT_TRUE(refused([](Mapping &m) { m.hold = Hold::Weight, m.chunkRows = 99; }));
}

TEST(MappingTest, SaysWhatWouldMapIt) {
  Machine machine = edgeMachine({1, 256, 16, 2, 64, 64});
  machine.global.capacity = 512 * kKi;
  Gemm gemm = parameterGemm(197, 768, 3072);
  ASSERT_FALSE(mapGemm(machine, gemm));
  EXPECT_EQ(whyUnmappable(machine, gemm),
            "the global buffer of 524288 bytes has no room for a block of activations and one of "
            "parameters; raise its 'capacity' to 1048576, or make the array's 'width' smaller");
  gemm.k = 200'000;
  EXPECT_NE(whyUnmappable(machine, gemm).find("32-bit accumulators"), std::string::npos);
  // Only the weights may be held, and 32 KiB do not hold 256 columns of 768.
  machine = edgeMachine({1, 256, 16, 8, 64, 64});
  machine.holds = {false, true, false};
  EXPECT_NE(whyUnmappable(machine, parameterGemm(197, 768, 768)).find("the local SRAM of 65536"),
            std::string::npos);
}

} // namespace
