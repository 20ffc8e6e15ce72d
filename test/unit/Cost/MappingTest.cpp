//===- MappingTest.cpp - The mapper against brute force ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mapGemm must find the least (cycles, dynamic energy) over every tile size at both levels, every
// declared loop order and every cluster split; reuse() must agree with loops that are really
// walked.
//
//===----------------------------------------------------------------------===//

#include "Cost/Energy.h"
#include "Cost/GemmModel.h"
#include "Machines.h"
#include "Workloads.h"
#include "gtest/gtest.h"
#include <limits>
#include <optional>
#include <random>
#include <tuple>

using namespace cat;
using namespace cat::cost;
using namespace cat::cost::test;

namespace {

constexpr LoopOrder kOrders[] = {LoopOrder::OutputStationary, LoopOrder::WeightStationary,
                                 LoopOrder::InputStationary};

/// Cycles and dynamic energy, in the order that the mapper compares them.
using Objective = std::pair<int64_t, double>;

Objective objective(const Machine &machine, const EnergyRates &rates, const Gemm &gemm,
                    const Mapping &mapping) {
  EventCounts counts = countGemm(machine, gemm, mapping);
  return {counts.cycles, rates.dynamic(counts).total().value()};
}

/// The best over all mappings that isLegal accepts, resident or not; nothing if there is none.
std::optional<Objective> bruteForce(const Machine &machine, const Gemm &gemm, bool resident) {
  const EnergyRates rates(machine);
  const int64_t width = machine.array.width, depth = machine.array.depth;
  std::optional<Objective> best;
  auto visit = [&](const Mapping &mapping) {
    if (!isLegal(machine, gemm, mapping))
      return;
    Objective o = objective(machine, rates, gemm, mapping);
    if (!best || o < *best)
      best = o;
  };
  Mapping mapping;
  mapping.resident = resident;
  for (ClusterSplit split :
       {ClusterSplit::None, ClusterSplit::Rows, ClusterSplit::Columns, ClusterSplit::Batch}) {
    mapping.split = split;
    for (int64_t gm = 1; gm <= gemm.m; ++gm)
      for (int64_t gn = width; gn < gemm.n + width; gn += width)
        for (int64_t gk = depth; gk < gemm.k + depth; gk += depth)
          for (LoopOrder outer : kOrders)
            for (int64_t m = 1; m <= gm; ++m)
              for (int64_t n = width; n <= gn; n += width)
                for (int64_t k = depth; k <= gk; k += depth)
                  for (LoopOrder inner : kOrders) {
                    mapping.global = {gm, gn, gk, outer};
                    mapping.local = {m, n, k, inner};
                    visit(mapping);
                  }
  }
  return best;
}

/// The best of both kinds.
Objective bruteForce(const Machine &machine, const Gemm &gemm) {
  std::optional<Objective> resident = bruteForce(machine, gemm, true),
                           tiled = bruteForce(machine, gemm, false);
  if (!resident && !tiled) {
    ADD_FAILURE() << "no legal mapping";
    return {};
  }
  return !tiled || (resident && *resident <= *tiled) ? *resident : *tiled;
}

struct Case {
  Machine machine;
  Gemm gemm;
};

Case randomCase(std::mt19937 &random) {
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  Case c;
  const int64_t clusters = pick(1, 3), width = pick(1, 4), depth = pick(1, 3);
  // Near the least that checkMachine accepts, so that both levels are tight.
  const int64_t element = pick(0, 7) ? 1 : 2;
  const int64_t perRow = 2 * element * depth + 4 * width;
  const int64_t stationary = 2 * element * depth * width;
  c.machine = tinyMachine(clusters, width, depth, pick(1, 6), stationary + perRow + pick(0, 120),
                          stationary + clusters * perRow + pick(0, pick(0, 1) ? 150 : 500));
  c.machine.elementBytes = element;
  c.machine.vector.lanes = pick(1, 8);
  c.machine.local.bytesPerCycle = pick(1, 16);
  c.machine.global.bytesPerCycle = pick(1, 32);
  c.machine.dram.bandwidth = BytesPerSecond(625e6 * static_cast<double>(pick(1, 16)));
  auto orders = [&] {
    int64_t bits = pick(0, 2) ? 7 : pick(1, 7);
    LoopOrders o;
    o.outputStationary = bits & 1;
    o.weightStationary = bits & 2;
    o.inputStationary = bits & 4;
    return o;
  };
  c.machine.localOrders = orders();
  c.machine.globalOrders = orders();
  c.gemm.m = pick(1, 10);
  c.gemm.n = pick(1, 5 * width);
  c.gemm.k = pick(1, 5 * depth);
  c.gemm.batch = pick(0, 2) ? 1 : pick(1, 4);
  c.gemm.stationary = pick(0, 3) ? Stationary::Parameter : Stationary::Activation;
  c.gemm.liveElements = pick(0, 40);
  c.gemm.drainPasses = pick(0, 2);
  c.gemm.drainReadElements = pick(0, 40);
  return c;
}

TEST(MappingTest, EqualsBruteForceOverEveryTileSize) {
  std::mt19937 random(2024);
  int resident = 0, tiled = 0, tiledWins = 0, twoLevels = 0;
  for (int i = 0; i != 1500; ++i) {
    Case c = randomCase(random);
    ASSERT_FALSE(checkMachine(c.machine));
    SCOPED_TRACE("case " + std::to_string(i));
    Mapping mapping = mapGemm(c.machine, c.gemm);
    ASSERT_TRUE(isLegal(c.machine, c.gemm, mapping));
    Objective found = objective(c.machine, EnergyRates(c.machine), c.gemm, mapping);
    std::optional<Objective> onChip = bruteForce(c.machine, c.gemm, true),
                             through = bruteForce(c.machine, c.gemm, false);
    ASSERT_TRUE(onChip || through);
    const bool tiledIsBetter = through && (!onChip || *through < *onChip);
    Objective least = tiledIsBetter ? *through : *onChip;
    ASSERT_EQ(found.first, least.first) << "cycles";
    ASSERT_EQ(found.second, least.second) << "energy";
    ASSERT_EQ(mapping.resident, !tiledIsBetter);
    (mapping.resident ? resident : tiled)++;
    tiledWins += onChip && tiledIsBetter;
    bool outer = mapping.global.n < c.gemm.n || mapping.global.k < c.gemm.k;
    bool inner = mapping.local.m < mapping.global.m || mapping.local.n < mapping.global.n ||
                 mapping.local.k < mapping.global.k;
    twoLevels += outer && inner;
  }
  // The sample must exercise what it claims to: both modes, tiling where activations would fit, and
  // loops at both levels.
  EXPECT_GT(resident, 200);
  EXPECT_GT(tiled, 160);
  EXPECT_GT(tiledWins, 20);
  EXPECT_GT(twoLevels, 100);
}

/// Bytes of the activations and of what else is live during a GEMM.
static int64_t liveBytes(const Case &c) {
  const Gemm &g = c.gemm;
  int64_t operands = g.m * g.k + (g.stationary == Stationary::Activation ? g.k * g.n : 0);
  return (g.batch * (operands + g.m * g.n) + g.liveElements) * c.machine.elementBytes;
}

TEST(MappingTest, MoreMemoryNeverTakesMoreCycles) {
  std::mt19937 random(99);
  int compared = 0;
  for (int i = 0; i != 2000; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    Case c = randomCase(random);
    for (Memory *memory : {&c.machine.local, &c.machine.global}) {
      int64_t cycles = std::numeric_limits<int64_t>::max();
      const int64_t least = memory->capacity;
      for (int64_t more : {0, 1, 7, 30, 100, 1000, 10000}) {
        const bool fitted = liveBytes(c) <= c.machine.global.capacity;
        memory->capacity = least + more;
        // Where activations come to fit, they are in the global buffer to begin with.
        if (fitted != (liveBytes(c) <= c.machine.global.capacity))
          cycles = std::numeric_limits<int64_t>::max();
        else
          ++compared;
        EventCounts counts = countGemm(c.machine, c.gemm, mapGemm(c.machine, c.gemm));
        ASSERT_LE(counts.cycles, cycles) << more << " bytes more";
        cycles = counts.cycles;
      }
      memory->capacity = least;
    }
  }
  EXPECT_GT(compared, 25000);
}

/// What a tiled mapping costs where the activations would fit: by hand, and not a byte more where
/// they do not.
TEST(MappingTest, DisplacedActivationsCrossAndReturn) {
  Gemm gemm = parameterGemm(6, 4, 8);
  gemm.liveElements = 10;
  gemm.drainReadElements = 4;
  Machine machine = tinyMachine(1, 2, 2, 4, 1000, 48 + 10 + 24);
  Mapping tiled;
  tiled.global = tiled.local = {6, 4, 8, LoopOrder::OutputStationary};
  EventCounts fits = countGemm(machine, gemm, tiled);
  --machine.global.capacity;
  EventCounts beyond = countGemm(machine, gemm, tiled);
  EXPECT_EQ(beyond.dramReadBytes, 48 + 32 + 4);
  EXPECT_EQ(beyond.dramWriteBytes, 24);
  // A and what is live go out; the result, and what is live but for what the drain has added, come
  // back.
  EXPECT_EQ(fits.dramWriteBytes - beyond.dramWriteBytes, 48 + 10);
  EXPECT_EQ(fits.dramReadBytes - beyond.dramReadBytes, 24 + 10 - 4);
}

TEST(MappingTest, TilesActivationsWhereThatIsFaster) {
  // Eight images: with 64 KiB no local tile holds enough for activations to stay on chip; with 128
  // KiB one does, but a mapping that tiles them takes less than half its cycles.
  int64_t last = std::numeric_limits<int64_t>::max();
  for (int64_t localKiB : {64, 128, 256, 512, 1024}) {
    const Machine machine = edgeMachine({2, 64, 32, 2, localKiB, 128});
    int64_t cycles = countProgram(machine, tower(kVitB16Vision, 8)).cycles;
    EXPECT_LE(cycles, last) << localKiB << " KiB";
    last = cycles;
  }
}

TEST(MappingTest, EqualsBruteForceOnDeepProblems) {
  // Many depth steps, so that equal blocks of them split unevenly into local tiles; slow local
  // SRAM, so that it matters.
  std::mt19937 random(7);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i != 60; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    Gemm gemm = parameterGemm(pick(2, 4), pick(1, 2), pick(20, 40));
    Machine machine = tinyMachine(1, 1, 1, pick(1, 2), pick(12, 60), 0);
    machine.global.capacity = gemm.m * gemm.k + 4 * gemm.m * gemm.n + pick(4, 60);
    machine.local.bytesPerCycle = 1;
    machine.global.bytesPerCycle = 64;
    machine.dram.bandwidth = BytesPerSecond(1e12);
    ASSERT_FALSE(checkMachine(machine));
    Mapping mapping = mapGemm(machine, gemm);
    ASSERT_TRUE(isLegal(machine, gemm, mapping));
    ASSERT_EQ(objective(machine, EnergyRates(machine), gemm, mapping), bruteForce(machine, gemm));
  }
}

TEST(MappingTest, ShorterChunksCanFillADeepArrayBetter) {
  // 101 rows in ten chunks of at most 11 leave two rows that wait for an array of depth 8: 9 x 11 +
  // 8 cycles. Thirteen chunks of eight take 13 x 8. DRAM is too slow to split the rows there.
  Machine machine = tinyMachine(1, 1, 8, 11, 4096, 1 << 20);
  machine.local.bytesPerCycle = 1024;
  machine.dram.bandwidth = BytesPerSecond(1e9);
  Gemm gemm = parameterGemm(101, 1, 8);
  Mapping mapping = mapGemm(machine, gemm);
  EXPECT_EQ(mapping.local.m, 8);
  EXPECT_EQ(objective(machine, EnergyRates(machine), gemm, mapping), bruteForce(machine, gemm));
}

/// Walks the six loops and counts how often the tile that each operand needs changes at both
/// levels.
Reuse walk(LoopOrder global, LoopOrder local, const Trips &t, bool held) {
  auto nest = [](LoopOrder order, int64_t m, int64_t n, int64_t k, auto body) {
    switch (order) {
    case LoopOrder::OutputStationary:
      for (int64_t i = 0; i != m; ++i)
        for (int64_t j = 0; j != n; ++j)
          for (int64_t l = 0; l != k; ++l)
            body(i, j, l);
      return;
    case LoopOrder::WeightStationary:
      for (int64_t j = 0; j != n; ++j)
        for (int64_t l = 0; l != k; ++l)
          for (int64_t i = 0; i != m; ++i)
            body(i, j, l);
      return;
    case LoopOrder::InputStationary:
      for (int64_t i = 0; i != m; ++i)
        for (int64_t l = 0; l != k; ++l)
          for (int64_t j = 0; j != n; ++j)
            body(i, j, l);
      return;
    }
  };
  using Key = std::tuple<int64_t, int64_t, int64_t, int64_t>;
  struct Counter {
    Key last{-1, -1, -1, -1};
    int64_t changes = 0;
    void see(Key key) {
      changes += key != last;
      last = key;
    }
  } a, w, z, accumulators, dramA, dramW, dramZ;
  nest(global, t.tM, t.tN, t.tK, [&](int64_t M, int64_t N, int64_t K) {
    dramA.see({M, K, 0, 0});
    dramW.see({K, N, 0, 0});
    dramZ.see({M, N, 0, 0});
    nest(local, t.gM, t.gN, t.gK, [&](int64_t m, int64_t n, int64_t k) {
      a.see({M, K, m, k});
      w.see({K, N, k, n});
      z.see({M, N, m, n});
      // Without room in the accumulators, every depth tile ends in local SRAM.
      accumulators.see(held ? Key{M, N, m, n} : Key{(M * t.tN + N) * t.tK + K, m, n, k});
    });
  });
  int64_t aTiles = t.tM * t.tK * t.gM * t.gK, wTiles = t.tK * t.tN * t.gK * t.gN,
          zTiles = t.tM * t.tN * t.gM * t.gN;
  Reuse r;
  r.a = a.changes / aTiles;
  r.w = w.changes / wTiles;
  r.passes = z.changes / zTiles;
  r.spills = accumulators.changes / zTiles;
  r.dramA = dramA.changes / (t.tM * t.tK);
  r.dramW = dramW.changes / (t.tK * t.tN);
  r.dramPasses = dramZ.changes / (t.tM * t.tN);
  return r;
}

TEST(MappingTest, ReuseRuleEqualsWalkedLoops) {
  for (int code = 0; code != 3 * 3 * 3 * 3 * 3 * 3; ++code) {
    int64_t trips[6];
    for (int i = 0, rest = code; i != 6; ++i, rest /= 3)
      trips[i] = 1 + rest % 3;
    Trips t = {trips[0], trips[1], trips[2], trips[3], trips[4], trips[5]};
    for (LoopOrder global : kOrders)
      for (LoopOrder local : kOrders)
        for (bool held : {false, true}) {
          Reuse rule = reuse(global, local, t, held), walked = walk(global, local, t, held);
          ASSERT_EQ(std::make_tuple(rule.a, rule.w, rule.passes, rule.spills, rule.dramA,
                                    rule.dramW, rule.dramPasses),
                    std::make_tuple(walked.a, walked.w, walked.passes, walked.spills, walked.dramA,
                                    walked.dramW, walked.dramPasses))
              << code << " " << static_cast<int>(global) << static_cast<int>(local) << held;
        }
  }
}

TEST(MappingTest, PublishedDesignsKeepTheirActivationsOnChip) {
  for (const Operator &op : tower(kVitB16Vision).operators) {
    if (op.kind != OperatorKind::Gemm)
      continue;
    Machine machine = edgeMachine({1, 256, 8, 2, 64, 128});
    Mapping mapping = mapGemm(machine, op.gemm);
    EXPECT_TRUE(mapping.resident) << op.name;
    EXPECT_EQ(countGemm(machine, op.gemm, mapping).dramReadBytes, op.parameters) << op.name;
  }
}

TEST(MappingTest, RejectsWhatTheMachineCannotRun) {
  Machine machine = edgeMachine({2, 32, 16});
  Gemm gemm = parameterGemm(197, 768, 768);
  Mapping good = mapGemm(machine, gemm);
  ASSERT_TRUE(isLegal(machine, gemm, good));
  Mapping bad = good;
  bad.split = ClusterSplit::None; // two clusters must share the work
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  bad.split = ClusterSplit::Batch; // one batch item
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  bad = good;
  bad.local = bad.global; // a megabyte in 64 KiB
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  bad = good;
  bad.global.n *= 1000; // more columns than there are
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  bad = good;
  bad.resident = false;
  bad.global.order = LoopOrder::OutputStationary;
  machine.globalOrders.outputStationary = false;
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  bad = good;
  bad.local.n += 1; // not whole array steps
  EXPECT_FALSE(isLegal(machine, gemm, bad));
  machine.localOrders = {false, false, false};
  EXPECT_FALSE(isLegal(machine, gemm, good));
}

TEST(MappingTest, MachinesThatCannotBeAreNamed) {
  const Machine good = edgeMachine({2, 32, 16});
  ASSERT_FALSE(checkMachine(good));
  Machine bad = good;
  bad.local.instances = 1;
  EXPECT_EQ(checkMachine(bad),
            "there must be one local SRAM for each of the 2 clusters, but there are 1");
  bad = good;
  std::swap(bad.array.cellDepths.front(), bad.array.cellDepths.back());
  EXPECT_EQ(checkMachine(bad), "the depths of the array's cell areas must ascend");
  bad = good;
  bad.global.technology.energyPerDoubling = 1;
  bad.global.bytesPerCycle = 1;
  EXPECT_TRUE(checkMachine(bad));
}

} // namespace
