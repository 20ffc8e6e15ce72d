//===- Summary.cpp - What a search found, for people ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Summary.h"
#include "Results/Format.h"
#include "Results/Table.h"
#include "Search/Subset.h"
#include "Study/DesignCost.h"
#include "llvm/Support/Format.h"
#include <limits>

using namespace cat;
using namespace cat::driver;

/// Designs shown of a front that can have tens of thousands.
static constexpr size_t kShown = 12;

llvm::FailureOr<std::optional<Baseline>> driver::costBaseline(study::StudyOps ops) {
  if (!ops.study.getBaselineModel())
    return std::optional<Baseline>();
  mlir::OwningOpRef<mlir::ModuleOp> design = study::isolateDesign(
      ops.module, *ops.study.getBaselineModel(), *ops.study.getBaselineHardware());
  if (failed(study::runTo(*design, study::Stage::Accel)))
    return llvm::failure();
  Baseline baseline;
  auto figures = *ops.study.getBaseline();
  if (auto name = figures.getAs<mlir::StringAttr>("name"))
    baseline.name = name.getValue().str();
  baseline.metrics = study::readMetrics(*design);
  auto model = mlir::SymbolTable(ops.module).lookup<nn::ModelOp>(*ops.study.getBaselineModel());
  llvm::FailureOr<std::optional<study::NamedAccuracy>> accuracy = study::predictModel(ops, model);
  if (failed(accuracy))
    return llvm::failure();
  baseline.accuracy = *accuracy;
  return std::optional<Baseline>(std::move(baseline));
}

/// "12 x 2048 x 8 x 512": values of the parameters whose names start alike, in declaration order.
static std::string describe(const results::DesignRecord &design, bool ofModel,
                            const study::ParameterTable &table) {
  std::string text;
  for (size_t i = 0; i < design.parameters.size(); ++i) {
    if (table[i].ofModel != ofModel)
      continue;
    const results::ParameterRecord &p = design.parameters[i];
    text += text.empty() ? "" : " ";
    if (const auto *number = std::get_if<double>(&p.value))
      text += results::shortestNumber(*number);
    else
      text += std::get<std::string>(p.value);
  }
  return text;
}

/// Names of the parameters in the order of describe(), without their common beginning.
static std::string legend(bool ofModel, const study::ParameterTable &table) {
  std::string text;
  for (const study::ParameterInfo &p : table.parameters())
    if (p.ofModel == ofModel)
      text += (text.empty() ? "" : ", ") + p.name.substr(p.name.find('.') + 1) +
              (p.unit.empty() ? "" : " [" + p.unit + "]");
  return text;
}

static void printTable(llvm::raw_ostream &os, const study::Codesign &codesign,
                       const results::FrontView &front, const std::vector<size_t> &shown,
                       size_t knee) {
  std::vector<std::string> ids, models, hardware;
  std::vector<double> accuracy, sigma, test, testSigma, carbon, embodied, latency, energy, area;
  bool anyTest = false;
  results::DesignRecord d;
  for (size_t i : shown) {
    front.read(i, d);
    ids.push_back(d.id.str() + (i == knee ? " knee" : ""));
    models.push_back(describe(d, true, codesign.table()));
    hardware.push_back(describe(d, false, codesign.table()));
    if (d.accuracy) {
      accuracy.push_back(d.accuracy->value);
      sigma.push_back(d.accuracy->sigma);
    }
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    anyTest |= d.test.has_value();
    test.push_back(d.test ? d.test->value : kNone);
    testSigma.push_back(d.test ? d.test->sigma : kNone);
    carbon.push_back(d.exact.carbon.value());
    embodied.push_back(d.exact.embodied.value());
    latency.push_back(d.exact.latency.value());
    energy.push_back(d.exact.energy.value());
    area.push_back(d.exact.area.value());
  }
  // Goals that are no metric, in the unit in which they are shown.
  std::vector<std::pair<std::string, std::vector<std::string>>> expressions;
  for (size_t g = 0; g < codesign.goals().size(); ++g) {
    const study::GoalInfo &goal = codesign.goals()[g];
    if (!goal.metric.empty())
      continue;
    std::vector<std::string> cells;
    for (size_t i : shown) {
      front.read(i, d);
      std::string cell;
      llvm::raw_string_ostream(cell) << llvm::format("%.4g", d.goals[g] / goal.scale);
      cells.push_back(std::move(cell));
    }
    bool plain = goal.unit.empty() || goal.unit == "1";
    expressions.emplace_back(goal.name + (plain ? "" : " [" + goal.unit + "]"), std::move(cells));
  }
  results::Table table;
  table.addColumn("design", ids, results::Align::Left);
  for (auto &[header, cells] : expressions)
    table.addColumn(header, std::move(cells), results::Align::Right);
  if (!accuracy.empty()) {
    table.addColumn("accuracy", accuracy, "%");
    table.addColumn("+-", sigma, "%");
  }
  if (anyTest) {
    table.addColumn("test", test, "%");
    table.addColumn("+-", testSigma, "%");
  }
  table.addColumn("carbon", carbon, "kgCO2e");
  table.addColumn("embodied", embodied, "kgCO2e");
  table.addColumn("latency", latency, "s");
  table.addColumn("energy", energy, "J");
  table.addColumn("area", area, "mm2");
  table.addColumn("model", models, results::Align::Left);
  table.addColumn("hardware", hardware, results::Align::Left);
  os << table.str();
}

/// Which accuracy it is and where it comes from, and what could not be evaluated.
static void describeAccuracy(llvm::raw_ostream &os, const results::StudySummary &study,
                             const study::RunOutcome &outcome) {
  if (study.accuracyMetric.empty())
    return;
  os << "accuracy is " << study.accuracyMetric;
  if (!study.search) {
    os << ", an estimate from published measurements\n";
    return;
  }
  const results::SearchFootprint &search = *study.search;
  os << ", measured by " << search.evaluator;
  if (search.fidelity != "full")
    os << " at fidelity " << search.fidelity;
  if (!search.protocol.empty())
    os << " (" << search.protocol << ")";
  os << "; it selected the front\n";
  if (!outcome.tested.empty())
    os << "test is the same on a split that selected nothing\n";
  if (outcome.testFailures)
    os << outcome.testFailures << (outcome.testFailures == 1 ? " model" : " models")
       << " could not be measured on the test split: " << outcome.firstTestFailure << "\n";
}

/// The trials that gave nothing, and the first reason.
static void describeFailures(llvm::raw_ostream &os, const study::RunOutcome &outcome) {
  if (!outcome.failed)
    return;
  os << outcome.failed << (outcome.failed == 1 ? " evaluation" : " evaluations")
     << " failed, the first because " << outcome.firstFailure << "\n";
}

/// What measuring took.
static void describeFootprint(llvm::raw_ostream &os, const results::StudySummary &study) {
  if (!study.search)
    return;
  const results::SearchFootprint &search = *study.search;
  os << "the search itself took " << results::format(search.energy);
  if (search.carbon)
    os << ", " << results::format(*search.carbon) << " on the study's grid";
  os << " (" << search.how << ")\n";
}

/// The design with the least carbon among those whose accuracy, as predicted, is at least the
/// baseline's; what it takes in latency is said beside it.
static void compareWithBaseline(llvm::raw_ostream &os, const results::FrontView &front,
                                const Baseline &baseline) {
  os << "baseline " << baseline.name << ": " << results::format(baseline.metrics.carbon) << ", "
     << results::format(baseline.metrics.latency);
  if (baseline.accuracy)
    os << ", " << results::format(baseline.accuracy->record);
  os << "\n";
  if (!baseline.whyNotMeasured.empty()) {
    os << "  its accuracy is not measured: " << baseline.whyNotMeasured << "\n";
    return;
  }
  std::optional<results::DesignRecord> best;
  results::DesignRecord d;
  for (size_t i = 0; i < front.size; ++i) {
    front.read(i, d);
    if (!baseline.accuracy || (d.accuracy && d.accuracy->value >= baseline.accuracy->record.value))
      if (!best || d.exact.carbon < best->exact.carbon)
        best = d;
  }
  if (!best) {
    os << "  no design of the front is as accurate\n";
    return;
  }
  os << "  " << results::formatChange(best->exact.carbon.value(), baseline.metrics.carbon.value())
     << " carbon and "
     << results::formatChange(best->exact.latency.value(), baseline.metrics.latency.value())
     << " latency against " << baseline.name << " by design " << best->id.str() << " ("
     << results::format(best->exact.carbon) << ", " << results::format(best->exact.latency);
  if (best->accuracy)
    os << ", " << results::format(*best->accuracy);
  os << ")\n";
}

void driver::printSummary(llvm::raw_ostream &os, const study::Codesign &codesign,
                          const results::FrontView &front, const study::RunOutcome &outcome,
                          const std::optional<Baseline> &baseline) {
  os << front.study.designsTotal.str() << " designs; front of " << front.size << " after "
     << front.study.evaluations << " evaluations by " << front.study.strategy;
  if (front.study.hypervolume)
    os << "; hypervolume " << results::shortNumber(*front.study.hypervolume);
  os << "\n";
  if (outcome.exhaustive)
    os << "exact front: every design was considered, in "
       << results::formatQuantity(outcome.exhaustive->seconds.total(), "s") << " after "
       << outcome.exhaustive->hardwareKept << " of " << outcome.exhaustive->hardwareFeasible
       << " hardware points"
       << (codesign.table().sharedParameters().empty()
               ? ""
               : ", counted with each value that they share with the model,")
       << " were left by dominance\n";
  describeFailures(os, outcome);
  if (front.size == 0) {
    describeFootprint(os, front.study);
    return;
  }
  describeAccuracy(os, front.study, outcome);
  const std::vector<search::Goal> &goals = codesign.problem().goals;
  std::vector<size_t> shown = search::representativeSubset(goals, outcome.front, kShown);
  size_t knee = search::kneePoint(goals, outcome.front);
  if (!llvm::is_contained(shown, knee)) {
    shown.push_back(knee);
    llvm::sort(shown);
  }
  os << "\n";
  printTable(os, codesign, front, shown, knee);
  os << "model: " << legend(true, codesign.table())
     << "\nhardware: " << legend(false, codesign.table()) << "\n\n";

  const search::FrontPoint &point = outcome.front[knee];
  carbon::EmbodiedBreakdown embodied =
      carbon::embodied(codesign.deployment(point.hardware), codesign.machine(point.hardware));
  KilogramsCO2e fixed = embodied.package + embodied.dram + embodied.design + embodied.training;
  KilogramsCO2e total = codesign.metrics(point.model, point.hardware).carbon;
  os << "of the knee's " << results::format(total) << ", " << results::format(fixed)
     << " are fixed (package, DRAM, design" << (embodied.training.value() > 0 ? ", training" : "")
     << ") and " << results::format(total - fixed) << " depend on the design\n";
  if (baseline)
    compareWithBaseline(os, front, *baseline);
  describeFootprint(os, front.study);
}
