//===- RunTest.cpp - Searches of a spec with names of its own -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Run.h"
#include "SpecFixture.h"
#include "Study/Accuracy.h"
#include "Study/DesignCost.h"
#include <algorithm>
#include <filesystem>
#include <tuple>

using namespace cat;
using namespace cat::study;

namespace {

// No name of the standard templates; a clock and a DRAM device that are searched; a number of tiles
// that the machine and both towers of the model depend on; goals that are products and quotients of
// metrics; a requirement on both.
const char *const kOwnNames = R"(
  import "catlib/carbon.cat"    as carbon;
  import "catlib/memory.cat"    as memory;
  import "catlib/openclip.cat"  as openclip;
  import "catlib/predictor.cat" as predictor;

  hardware systolic {
    hertz     = 500 MHz;
    ram       = memory.lpddr4x;
    tiles     = 2;
    columns   = 64;
    rows      = 8;
    scratch   = 2 MiB;
    node      = carbon.tsmc_22nm;
    clock     = hertz;
    precision = 8 bit;
    array grid {
      instances          = tiles;
      width              = columns;
      depth              = rows;
      accumulator_rows   = 128;
      cell_depths        = [8, 16];
      cell_area          = [280 um2, 288 um2];
      accumulator_area   = 2 um2/B;
      requantizer_area   = 1026 um2;
      mac_energy         = 0.176 pJ;
      accumulator_energy = 0.06 pJ/B;
      clock_energy       = 0.02 pJ;
    }
    vector simd { lanes = 32; lane_area = 4000 um2; operation_energy = 0.5 pJ; }
    memory local { capacity = 64 KiB; bandwidth = 64 B/cycle; instances = tiles; cell = memory.sram_22nm_lstp; }
    memory global { capacity = scratch; bandwidth = 128 B/cycle; cell = memory.sram_22nm_lstp; }
    dram chip { device = ram; latency = 60 cycles; }
    logic glue { area = 1 mm2; leakage = 0.2 mW/mm2; }
  }
  hardware mine : systolic {
    search hertz   in {250 MHz, 500 MHz};
    search tiles   in {2, 4};
    search columns in {64, 128};
    search rows    in {8, 16};
    search scratch in {2, 4} MiB;
    search ram     in {memory.lpddr4x, memory.lpddr4x(energy = 4 pJ/bit, embodied = 96 gCO2e/GB)};
  }
  model tiny : openclip.vit_b_16 {
    tower text {
      layers = mine.tiles;
      search ffn   in {256, 512};
      search heads in {2, 4};
      search width in {128, 256};
    }
    tower vision {
      search layers in {2, 4};
      search ffn    in {512, 1024};
      heads = mine.tiles * 2;
      search width  in {256, 384};
    }
  }
  carbon footprint {
    fab        = carbon.taiwan_2023;
    grid       = carbon.california_2024;
    yield      = 87.5 %;
    package    = 150 gCO2e;
    lifetime   = 3 years;
    inferences = 23.65e6;
  }
  study own {
    model    = tiny;
    hardware = mine;
    carbon   = footprint;
    maximize accuracy;
    minimize carbon * latency threshold 300 kgCO2e * us;
    minimize energy / peak;
    require area * latency <= 6 mm2 * ms;
    evaluate { accuracy = predictor.imagenet_top1(parent = "datacomp_xl_s13b_b90k"); }
  }
)";

/// Where a design stands: best first in every goal.
struct Costed {
  search::ModelId model;
  search::HardwareId hardware;
  int64_t declared;
  double accuracy, carbonDelay, energyPerPeak;
};

bool dominates(const Costed &a, const Costed &b) {
  if (a.accuracy < b.accuracy || a.carbonDelay > b.carbonDelay || a.energyPerPeak > b.energyPerPeak)
    return false;
  if (a.accuracy > b.accuracy || a.carbonDelay < b.carbonDelay || a.energyPerPeak < b.energyPerPeak)
    return true;
  return std::tie(a.model, a.declared) < std::tie(b.model, b.declared);
}

using Key = std::tuple<search::ModelId, search::HardwareId, std::vector<double>>;

std::vector<Key> keysOf(const std::vector<search::FrontPoint> &front) {
  std::vector<Key> keys;
  for (const search::FrontPoint &point : front)
    keys.emplace_back(point.model, point.hardware, point.goals);
  std::sort(keys.begin(), keys.end());
  return keys;
}

class RunTest : public testing::Test {
protected:
  RunTest() : study(kOwnNames), codesign(study.codesign()) {
    llvm::FailureOr<std::optional<eval::Predictor>> made = makePredictor(study.ops);
    if (failed(made) || !*made)
      throw std::runtime_error("no predictor");
    predictor.emplace(**made);
    predictions.emplace(*predictor, *codesign);
  }
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "catc-run-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    parent = name;
  }
  void TearDown() override { std::filesystem::remove_all(parent); }

  /// All designs that satisfy the requirements and beat the threshold, from their metrics alone.
  /// `total` counts all designs.
  std::vector<Costed> allDesigns(int64_t &total) const {
    std::vector<Costed> designs;
    total = 0;
    int32_t tiles = codesign->table().find("mine.tiles");
    for (search::ModelId m = 0; m < codesign->problem().modelCount(); ++m)
      for (search::HardwareId h = 0; h < codesign->problem().hardwareCount; ++h) {
        double modelTiles = codesign->table()[tiles].values[codesign->point(m, h)[tiles]];
        if (static_cast<double>(codesign->machine(h).clusters) != modelTiles)
          continue;
        ++total;
        carbon::Metrics metrics = codesign->metrics(m, h);
        Costed design{m,
                      h,
                      codesign->problem().hardwareIds[h],
                      predictions->evaluation(m).value,
                      metrics.carbon.value() * metrics.latency.value(),
                      metrics.energy.value() / metrics.peak.value()};
        if (metrics.area.value() * metrics.latency.value() <= 6e-3 && design.carbonDelay < 300e-6 &&
            23.65e6 * metrics.latency.value() <= 3 * 365 * 86400.0)
          designs.push_back(design);
      }
    return designs;
  }

  std::vector<Key> bruteForce() const {
    int64_t total;
    std::vector<Costed> designs = allDesigns(total);
    std::vector<Key> front;
    for (const Costed &design : designs)
      if (std::none_of(designs.begin(), designs.end(),
                       [&](const Costed &other) { return dominates(other, design); }))
        front.emplace_back(
            design.model, design.hardware,
            std::vector<double>{design.accuracy, design.carbonDelay, design.energyPerPeak});
    std::sort(front.begin(), front.end());
    return front;
  }

  RunOutcome run(const std::string &strategy, int64_t trials) {
    StudyIdentity identity;
    identity.name = "own";
    identity.hash = identityHash(*study.spec.module);
    identity.strategy = strategy;
    StoreResult<Store> store = Store::create(parent + "/" + strategy, identity);
    if (!store)
      throw std::runtime_error(store.error().message);
    RunOptions options;
    options.strategy = strategy;
    options.trials = trials;
    options.threads = 2;
    PredictionEvaluator evaluator(*predictions);
    auto result = runSearch(*codesign, &evaluator, options, *store, [](const Progress &) {});
    if (auto *error = std::get_if<RunError>(&result))
      throw std::runtime_error(error->message);
    return std::get<RunOutcome>(std::move(result));
  }

  LoadedStudy study;
  std::unique_ptr<Codesign> codesign;
  std::optional<eval::Predictor> predictor;
  std::optional<ModelPredictions> predictions;
  std::string parent;
};

} // namespace

// Model: tiles 2, text 2 x 2 x 2, vision 2 x 2 x 2 = 128. Hardware without tiles: 2 to the fifth
// = 32.
TEST_F(RunTest, SharedParameterIsTheModelsAndCountedOnce) {
  const ParameterTable &table = codesign->table();
  EXPECT_EQ(table.modelCount(), 128);
  EXPECT_EQ(table.hardwareCount(), 32);
  EXPECT_EQ(table.sharedParameters(), std::vector<int32_t>{table.find("mine.tiles")});
  int64_t total;
  EXPECT_LT(allDesigns(total).size(), 128u * 32u) << "no requirement or threshold rejects anything";
  EXPECT_EQ(total, 128 * 32);
}

TEST_F(RunTest, EnumeratedFrontEqualsBruteForce) {
  search::Front front = search::enumerateFront(
      codesign->problem(), [&](search::ModelId model) { return predictions->evaluation(model); });
  std::vector<Key> expected = bruteForce();
  ASSERT_GT(expected.size(), 20u);
  EXPECT_EQ(keysOf(front.points), expected);
  EXPECT_EQ(verifyThroughIR(study.ops, *codesign, front.points, /*threads=*/2), std::nullopt);
}

TEST_F(RunTest, EveryStrategyFindsTheWholeFrontOnceItKnowsEveryModel) {
  std::vector<Key> expected = bruteForce();
  for (const char *strategy : {"exhaustive", "greybox", "random"}) {
    ASSERT_EQ(whyNotSearchable(*codesign, strategy), std::nullopt) << strategy;
    EXPECT_EQ(keysOf(run(strategy, 128).front), expected) << strategy;
  }
}

TEST_F(RunTest, PartOfTheTrialsFindsNothingThatIsNotThere) {
  std::vector<Costed> designs;
  int64_t total;
  designs = allDesigns(total);
  RunOutcome outcome = run("random", 20);
  EXPECT_EQ(outcome.evaluations, 20);
  ASSERT_FALSE(outcome.front.empty());
  for (const search::FrontPoint &point : outcome.front) {
    auto it = std::find_if(designs.begin(), designs.end(), [&](const Costed &design) {
      return design.model == point.model && design.hardware == point.hardware;
    });
    ASSERT_NE(it, designs.end());
    EXPECT_EQ(point.goals, (std::vector<double>{it->accuracy, it->carbonDelay, it->energyPerPeak}));
  }
}

TEST_F(RunTest, IdentityIsOfTheQuestionNotOfItsText) {
  std::string text = kOwnNames;
  EXPECT_EQ(identityHash(*LoadedStudy("# a comment\n\n" + text).spec.module),
            identityHash(*study.spec.module));
  std::string sameQuestion = text;
  sameQuestion.insert(sameQuestion.rfind('}'), "strategy random { trials = 3; seed = 4; }");
  EXPECT_EQ(identityHash(*LoadedStudy(sameQuestion).spec.module), identityHash(*study.spec.module));
  std::string other = text;
  other.replace(other.find("87.5 %"), 6, "87.4 %");
  EXPECT_NE(identityHash(*LoadedStudy(other).spec.module), identityHash(*study.spec.module));
}
