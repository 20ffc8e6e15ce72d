//===- CodesignTest.cpp - Tables against the IR ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Codesign.h"
#include "SpecFixture.h"
#include "Study/Accuracy.h"
#include "Study/DesignCost.h"
#include <map>
#include <random>

using namespace cat;
using namespace cat::study;

namespace {

constexpr size_t kDesigns = 1000;

/// Random designs of a problem; std::mt19937_64 is specified to the bit.
std::vector<search::FrontPoint> randomDesigns(const Codesign &codesign, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<search::FrontPoint> designs(kDesigns);
  for (search::FrontPoint &design : designs) {
    design.model = static_cast<search::ModelId>(random() % codesign.problem().modelCount());
    design.hardware = static_cast<search::HardwareId>(random() % codesign.problem().hardwareCount);
  }
  return designs;
}

class CodesignTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    study = new LoadedStudy(kReducedExample);
    codesign = study->codesign().release();
  }
  static void TearDownTestSuite() {
    delete codesign;
    delete study;
  }

  static LoadedStudy *study;
  static Codesign *codesign;
};

LoadedStudy *CodesignTest::study = nullptr;
Codesign *CodesignTest::codesign = nullptr;

} // namespace

TEST_F(CodesignTest, SpaceIsTheDeclaredOne) {
  EXPECT_EQ(codesign->table().size(), 14u);
  EXPECT_EQ(codesign->problem().modelCount(), 875 * 1225);
  EXPECT_EQ(codesign->table().hardwareCount(), 64);
  EXPECT_EQ(codesign->problem().hardwareCount, 64);
  EXPECT_EQ(codesign->table().designCount().str(), "68600000");
}

TEST_F(CodesignTest, ThousandDesignsHaveTheSameMetricsThroughTheIR) {
  std::optional<std::string> difference =
      verifyThroughIR(study->ops, *codesign, randomDesigns(*codesign, 20), /*threads=*/2);
  EXPECT_FALSE(difference) << *difference;
}

// The check above finds a difference: the same designs, used for another time.
TEST_F(CodesignTest, OtherMetricsThroughTheIRAreFound) {
  std::string text = kReducedExample;
  text.insert(text.find("hardware = reduced;"), "carbon = longer; ");
  LoadedStudy other(text + "carbon longer : example.footprint { lifetime = 4 years; }");
  std::vector<search::FrontPoint> designs = randomDesigns(*codesign, 20);
  designs.resize(300);
  std::string first =
      codesign->table().idOf(codesign->point(designs[0].model, designs[0].hardware)).str();
  EXPECT_EQ(verifyThroughIR(other.ops, *codesign, designs, /*threads=*/2),
            "design " + first + " has other metrics through the IR than in the tables");
}

TEST_F(CodesignTest, ExactTermsAreTheMetrics) {
  std::vector<double> terms(codesign->problem().terms.size());
  ASSERT_EQ(terms.size(), 2u);
  for (const search::FrontPoint &design : randomDesigns(*codesign, 21)) {
    carbon::Metrics metrics = codesign->metrics(design.model, design.hardware);
    codesign->problem().exactTerms(design.model, design.hardware, terms.data());
    for (size_t g = 0; g < codesign->goals().size(); ++g) {
      const std::string &metric = codesign->goals()[g].metric;
      if (metric == "accuracy")
        continue;
      ASSERT_TRUE(metric == "carbon" || metric == "latency");
      const Expr &goal = codesign->problem().goals[g].value;
      ASSERT_EQ(goal.nodes().size(), 1u);
      const search::Symbol &symbol = codesign->problem().symbols[goal.nodes()[0].symbol];
      ASSERT_EQ(symbol.kind, search::SymbolKind::Term);
      EXPECT_EQ(terms[symbol.index],
                metric == "carbon" ? metrics.carbon.value() : metrics.latency.value());
    }
  }
}

TEST_F(CodesignTest, TablesAgreeWithExactTermsWithinTheTolerance) {
  const search::Problem &problem = codesign->problem();
  std::vector<double> terms(problem.terms.size());
  for (const search::FrontPoint &design : randomDesigns(*codesign, 22)) {
    problem.exactTerms(design.model, design.hardware, terms.data());
    std::vector<int64_t> variants = codesign->variants(design.model);
    for (size_t t = 0; t < terms.size(); ++t) {
      double sum = problem.terms[t].base[design.hardware];
      for (size_t s = 0; s < variants.size(); ++s)
        sum += problem.terms[t].tables[s][variants[s] * problem.hardwareCount + design.hardware];
      EXPECT_NEAR(sum, terms[t], problem.tableTolerance * std::abs(terms[t]));
    }
  }
}

TEST_F(CodesignTest, IdsAndPointsAreInverse) {
  const ParameterTable &table = codesign->table();
  for (const search::FrontPoint &design : randomDesigns(*codesign, 23)) {
    Point point = codesign->point(design.model, design.hardware);
    EXPECT_EQ(table.modelOf(point), design.model);
    EXPECT_EQ(codesign->findHardware(table.hardwareOf(point)), design.hardware);
    EXPECT_EQ(table.pointOf(table.idOf(point)), point);
    EXPECT_EQ(table.pointOfLiterals(table.literalsAt(point)), point);
  }
  EXPECT_FALSE(table.pointOf(table.designCount()));
}

TEST_F(CodesignTest, PredictionsFromSharesEqualThoseOfSingleDesigns) {
  llvm::FailureOr<std::optional<eval::Predictor>> predictor = makePredictor(study->ops);
  ASSERT_TRUE(succeeded(predictor) && *predictor);
  ModelPredictions predictions(**predictor, *codesign);
  std::vector<search::FrontPoint> designs = randomDesigns(*codesign, 24);
  designs.resize(50);
  for (const search::FrontPoint &design : designs) {
    auto one = predictDesign(study->ops, codesign->table(),
                             codesign->point(design.model, design.hardware));
    ASSERT_TRUE(succeeded(one) && *one);
    results::AccuracyRecord record = predictions.record(design.model);
    EXPECT_EQ((*one)->record.value, record.value);
    EXPECT_EQ((*one)->record.sigma, record.sigma);
    EXPECT_EQ((*one)->record.noise, record.noise);
    EXPECT_EQ((*one)->record.extrapolated, record.extrapolated);
    EXPECT_EQ((*one)->metric, predictions.metric());
  }
}

TEST_F(CodesignTest, ThreadsDoNotChangeTheProblem) {
  std::unique_ptr<Codesign> other = study->codesign(/*threads=*/1);
  ASSERT_EQ(other->problem().terms.size(), codesign->problem().terms.size());
  for (size_t t = 0; t < other->problem().terms.size(); ++t) {
    EXPECT_EQ(other->problem().terms[t].base, codesign->problem().terms[t].base);
    EXPECT_EQ(other->problem().terms[t].tables, codesign->problem().terms[t].tables);
  }
}

/// A space with machines that cannot be built and machines that cannot run the larger models.
static const char *const kPartlyLegal = R"(
  import "examples/clip_vit_b16.cat" as example;
  import "catlib/edge_npu.cat"       as npu;
  hardware partly : npu.weight_stationary {
    array_depth = 16;
    search array_width   in {96, 128};
    search global_buffer in {256, 512, 2048} KiB;
    search local_sram    in {4, 256} KiB;
  }
  study partly_study : example.low_carbon { hardware = partly; }
)";

TEST(CodesignLegalityTest, RulesCountAsRequirements) {
  LoadedStudy study(kPartlyLegal);
  std::unique_ptr<Codesign> codesign = study.codesign();
  std::map<std::string, int64_t> rejected;
  for (const HardwareRejection &rejection : codesign->hardwareRejections())
    rejected[rejection.label] = rejection.rejected;
  EXPECT_EQ(rejected[std::string(kLegalLabel) + "the array's width is a power of two"], 6);
  EXPECT_EQ(rejected[std::string(kLegalLabel) + "the local SRAM's weight half holds two tiles"], 3);
  EXPECT_EQ(codesign->problem().hardwareCount, 3);
}

TEST(CodesignLegalityTest, OperatorsThatCannotRunAreARequirement) {
  LoadedStudy study(kPartlyLegal);
  std::unique_ptr<Codesign> codesign = study.codesign();
  const search::Problem &problem = codesign->problem();
  ASSERT_EQ(codesign->requirementLabels().size(), problem.requirements.size());
  auto label = llvm::find(codesign->requirementLabels(), kMappableLabel);
  ASSERT_NE(label, codesign->requirementLabels().end());
  const Expr &requirement = problem.requirements[label - codesign->requirementLabels().begin()];
  std::vector<double> terms(problem.terms.size()), symbols(problem.symbols.size());
  int can = 0, cannot = 0;
  for (search::FrontPoint design : randomDesigns(*codesign, 25)) {
    problem.exactTerms(design.model, design.hardware, terms.data());
    for (size_t s = 0; s < symbols.size(); ++s)
      if (problem.symbols[s].kind == search::SymbolKind::Term)
        symbols[s] = terms[problem.symbols[s].index];
    const bool runs = codesign->unmappable(design.model, design.hardware) == 0;
    EXPECT_EQ(requirement.evaluate(symbols.data()) != 0, runs);
    (runs ? can : cannot)++;
    // The IR agrees: it refuses just the designs that the requirement rejects.
    if (can + cannot > 40)
      continue;
    mlir::ScopedDiagnosticHandler quiet(&study.context,
                                        [](mlir::Diagnostic &) { return mlir::success(); });
    auto metrics =
        costThroughIR(study.ops, codesign->table(), codesign->point(design.model, design.hardware));
    ASSERT_EQ(succeeded(metrics), runs);
    if (runs) {
      EXPECT_TRUE(sameMetrics(*metrics, codesign->metrics(design.model, design.hardware)));
    }
  }
  EXPECT_GT(can, 100);
  EXPECT_GT(cannot, 100);
}
