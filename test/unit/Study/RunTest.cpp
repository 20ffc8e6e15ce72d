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
#include <set>
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
    minimize carbon * latency threshold 500 kgCO2e * us;
    minimize energy / peak;
    require area * latency <= 12 mm2 * ms;
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

/// Measures by a table, ending evaluations in an order of its own; some of them fail.
class Imitation final : public Evaluator {
public:
  Imitation(const ModelPredictions &predictions, unsigned parallel, uint64_t order)
      : predictions_(predictions), parallel_(parallel), order_(order) {}

  const std::string &metric() const override { return predictions_.metric(); }
  unsigned parallel() const override { return parallel_; }
  bool measuresTest() const override { return true; }
  void begin(int64_t trial, search::ModelId model, bool test) override {
    running_.push_back({trial, model, test});
    most = std::max(most, running_.size());
  }
  std::variant<EvaluationEvent, RunError> next() override {
    if (--left == 0)
      return RunError{"interrupted", ""};
    // Any of those under way may be the next to end.
    order_ = order_ * 6364136223846793005u + 1442695040888963407u;
    size_t i = (order_ >> 33) % running_.size();
    Running ended = running_[i];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    asked[ended.trial] = ended.model;
    EvaluationEvent event{ended.trial, ended.test, EvaluationProgress()};
    if (fails && fails(ended.model) && !ended.test)
      event.content =
          EvaluationFailure{"no memory for " + std::to_string(ended.model), retry, {1, 2}};
    else
      event.content = EvaluationResult{recordOf(ended), 1, {1, 10}};
    return event;
  }

  std::function<bool(search::ModelId)> fails;
  bool retry = false;
  int left = -1;                            ///< events until it is interrupted; negative: never
  std::map<int64_t, search::ModelId> asked; ///< model by trial
  size_t most = 0;                          ///< evaluations under way

private:
  struct Running {
    int64_t trial;
    search::ModelId model;
    bool test;
  };
  results::AccuracyRecord recordOf(const Running &running) const {
    double value = predictions_.evaluation(running.model).value - (running.test ? 0.05 : 0);
    return {value, 0.01, 0.01, "imitated", false};
  }

  const ModelPredictions &predictions_;
  unsigned parallel_;
  uint64_t order_;
  std::vector<Running> running_;
};

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
        if (metrics.area.value() * metrics.latency.value() <= 12e-3 &&
            design.carbonDelay < 500e-6 && 23.65e6 * metrics.latency.value() <= 3 * 365 * 86400.0)
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

  /// A measured search in a folder that is new, or continued if it exists.
  std::variant<RunOutcome, RunError> measure(Imitation &evaluator, const std::string &name,
                                             int64_t trials,
                                             const std::string &strategy = "greybox") {
    StudyIdentity identity;
    identity.name = "own";
    identity.hash = "h";
    identity.strategy = strategy;
    identity.sources = {{"own.cat", kOwnNames}};
    std::string folder = parent + "/" + name;
    StoreResult<Store> store = std::filesystem::exists(folder)
                                   ? Store::openForResume(folder, identity)
                                   : Store::create(folder, identity);
    if (!store)
      throw std::runtime_error(store.error().message);
    RunOptions options;
    options.strategy = strategy;
    options.trials = trials;
    options.threads = 2;
    auto result = runSearch(*codesign, &evaluator, options, *store, [](const Progress &) {});
    trials_ = *store->trials();
    return result;
  }
  static RunOutcome finished(std::variant<RunOutcome, RunError> result) {
    if (auto *error = std::get_if<RunError>(&result))
      throw std::runtime_error(error->message);
    return std::get<RunOutcome>(std::move(result));
  }

  std::vector<Trial> trials_; ///< of the last measured search
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

TEST_F(RunTest, MeasuredTrialsDoNotDependOnWhoEndsFirst) {
  Imitation first(*predictions, 4, 1), second(*predictions, 4, 99);
  RunOutcome a = finished(measure(first, "a", 20)), b = finished(measure(second, "b", 20));
  EXPECT_EQ(first.most, 4u);
  EXPECT_EQ(first.asked, second.asked);
  EXPECT_EQ(keysOf(a.front), keysOf(b.front));
  EXPECT_EQ(a.evaluations, 20);
  EXPECT_EQ(a.measured.size(), 20u);
  // One after the other, each result is known before the next model is chosen.
  Imitation alone(*predictions, 1, 1);
  finished(measure(alone, "c", 20));
  EXPECT_EQ(alone.most, 1u);
}

TEST_F(RunTest, AnInterruptedMeasurementContinuesAsIfItHadNotBeen) {
  Imitation whole(*predictions, 4, 5);
  RunOutcome expected = finished(measure(whole, "whole", 24));
  for (int left : {2, 7, 20, 26}) {
    std::string name = "part" + std::to_string(left);
    Imitation part(*predictions, 4, 17);
    part.left = left;
    ASSERT_EQ(measure(part, name, 24).index(), 1u) << left;
    Imitation rest(*predictions, 4, 23);
    RunOutcome outcome = finished(measure(rest, name, 24));
    EXPECT_EQ(keysOf(outcome.front), keysOf(expected.front)) << left;
    EXPECT_EQ(outcome.evaluations, 24);
    ASSERT_EQ(trials_.size(), 24u);
    for (const Trial &trial : trials_)
      EXPECT_EQ(trial.model, whole.asked[trial.index]) << left << " " << trial.index;
    // 24 trials at 10 J, and each model of the front once more.
    EXPECT_NEAR(outcome.energy.value(), 240 + 10.0 * static_cast<double>(outcome.tested.size()),
                1e-9)
        << left;
  }
}

TEST_F(RunTest, FailedTrialsAreRecordedAndNotTriedAgain) {
  Imitation evaluator(*predictions, 3, 3);
  evaluator.fails = [](search::ModelId model) { return model % 3 == 0; };
  RunOutcome outcome = finished(measure(evaluator, "some", 60, "random"));
  EXPECT_EQ(outcome.evaluations + outcome.failed, 60);
  EXPECT_GT(outcome.failed, 5);
  EXPECT_EQ(outcome.firstFailure.rfind("no memory for ", 0), 0u);
  for (const search::FrontPoint &point : outcome.front)
    EXPECT_NE(point.model % 3, 0);
  int64_t failed = 0;
  for (const Trial &trial : trials_)
    if (trial.state == TrialState::Failed) {
      ++failed;
      EXPECT_EQ(trial.error, "no memory for " + std::to_string(trial.model));
      EXPECT_EQ(trial.attempt, 1);
    }
  EXPECT_EQ(failed, outcome.failed);
}

TEST_F(RunTest, WhatMaySucceedIsTriedOnceMore) {
  Imitation evaluator(*predictions, 2, 3);
  std::set<search::ModelId> failedOnce;
  evaluator.retry = true;
  evaluator.fails = [&](search::ModelId model) { return failedOnce.insert(model).second; };
  RunOutcome outcome = finished(measure(evaluator, "twice", 10, "random"));
  EXPECT_EQ(outcome.failed, 0);
  for (const Trial &trial : trials_) {
    EXPECT_EQ(trial.attempt, 2);
    EXPECT_EQ(trial.usage.joules, 12) << "the first attempt is forgotten";
  }
}

TEST_F(RunTest, FailuresAloneEndTheSearchAndAreTriedAgain) {
  Imitation broken(*predictions, 2, 3);
  broken.fails = [](search::ModelId) { return true; };
  std::variant<RunOutcome, RunError> result = measure(broken, "hopeless", 20);
  ASSERT_EQ(result.index(), 1u);
  EXPECT_EQ(
      std::get<RunError>(result).message.rfind("the first 3 evaluations failed: no memory", 0), 0u);
  Imitation mended(*predictions, 2, 3);
  RunOutcome outcome = finished(measure(mended, "hopeless", 20));
  EXPECT_EQ(outcome.evaluations, 20);
  EXPECT_EQ(outcome.failed, 0);
  // Fewer trials than that are no search either.
  ASSERT_EQ(measure(broken, "two", 2).index(), 1u);
}

TEST_F(RunTest, ModelsOfTheFrontAreTestedAndSelectionStays) {
  Imitation evaluator(*predictions, 2, 3);
  RunOutcome outcome = finished(measure(evaluator, "tested", 20));
  std::set<search::ModelId> models;
  for (const search::FrontPoint &point : outcome.front)
    models.insert(point.model);
  ASSERT_EQ(outcome.tested.size(), models.size());
  for (search::ModelId model : models) {
    EXPECT_NEAR(outcome.tested[model].value, outcome.measured[model].value - 0.05, 1e-12);
    EXPECT_EQ(outcome.measured[model].value, predictions->evaluation(model).value);
  }
  RunOptions options;
  results::FrontView view = makeResults(*codesign, &evaluator, options, "own", outcome);
  results::DesignRecord design;
  view.read(0, design);
  ASSERT_TRUE(design.accuracy && design.test);
  EXPECT_NEAR(design.test->value, design.accuracy->value - 0.05, 1e-12);
}

TEST_F(RunTest, IdentityIsOfTheQuestionNotOfItsText) {
  std::string text = kOwnNames;
  EXPECT_EQ(identityHash(*LoadedStudy("# a comment\n\n" + text).spec.module),
            identityHash(*study.spec.module));
  std::string sameQuestion = text;
  sameQuestion.insert(sameQuestion.rfind('}'), "strategy random { trials = 3; seed = 4; }");
  EXPECT_EQ(identityHash(*LoadedStudy(sameQuestion).spec.module), identityHash(*study.spec.module));
  // Fidelity is part of the question; where workers run, and how long they may take, is not.
  std::string fidelity = text;
  fidelity.insert(fidelity.rfind('}'), "strategy random { fidelity = \"raw\"; }");
  EXPECT_NE(identityHash(*LoadedStudy(fidelity).spec.module), identityHash(*study.spec.module));
  auto measured = [&](const std::string &arguments) {
    std::string spec = text;
    size_t begin = spec.find("predictor.imagenet_top1("), end = spec.find(')', begin) + 1;
    spec.replace(begin, end - begin, "command(" + arguments + ")");
    return identityHash(*LoadedStudy(spec).spec.module);
  };
  std::string plain = measured("\"a\"");
  EXPECT_EQ(measured("\"a\", timeout = 3 s, launcher = \"srun\", power = 5 W"), plain);
  EXPECT_NE(measured("\"b\""), plain);
  std::string other = text;
  other.replace(other.find("87.5 %"), 6, "87.4 %");
  EXPECT_NE(identityHash(*LoadedStudy(other).spec.module), identityHash(*study.spec.module));
}
