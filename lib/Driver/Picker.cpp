//===- Picker.cpp - What --pick means -------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Picker.h"
#include "Driver/Version.h"
#include "Frontend/Spelling.h"
#include "Search/Subset.h"
#include "Study/DesignCost.h"
#include "Study/Run.h"
#include "Transforms/Bind.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

PickOptions::PickOptions(cl::SubCommand &command)
    : runFolder(cl::Positional, cl::desc("RUN"), cl::Required, cl::sub(command)),
      pick("pick", cl::desc("The design: knee, best:METRIC or its number (default: knee)"),
           cl::value_desc("PICK"), cl::init("knee"), cl::sub(command)) {}

/// A figure of a design in which lower is better, or minus one in which higher is; NaN if it has
/// none.
static double badness(const results::DesignRecord &design, llvm::StringRef metric) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (metric == "accuracy")
    return design.accuracy ? -design.accuracy->value : kNone;
  double value = carbon::metricValue(design.exact, metric).value_or(kNone);
  return metric == "peak" ? -value : value;
}

std::optional<Picker> Picker::create(llvm::StringRef pick) {
  static constexpr llvm::StringRef kMetrics[] = {"latency",  "energy",      "area",   "peak",
                                                 "embodied", "operational", "carbon", "accuracy"};
  Picker picker;
  if (pick == "knee")
    return picker;
  if (llvm::StringRef metric = pick; metric.consume_front("best:")) {
    if (!llvm::is_contained(kMetrics, metric))
      return fail("unknown metric '" + metric + "' in --pick" +
                  frontend::listKnown(metric, "metrics", kMetrics)),
             std::nullopt;
    picker.metric_ = metric.str();
    return picker;
  }
  picker.id_ = results::DesignId::parse(pick.str());
  if (picker.id_)
    return picker;
  fail("--pick must be knee, best:METRIC or a design's number, but is '" + pick + "'" +
       frontend::didYouMean(pick, {"knee", "best:accuracy", "best:carbon", "best:latency"}));
  return std::nullopt;
}

std::optional<results::DesignRecord> Picker::choose(const std::string &path,
                                                    results::StudySummary &study) {
  std::optional<results::DesignRecord> chosen;
  bool empty = true;
  std::vector<search::FrontPoint> points;
  std::vector<results::DesignId> ids;
  auto look = [&](const results::DesignRecord &design) {
    empty = false;
    if (id_ ? design.id == *id_ : isBetter(design, chosen))
      chosen = design;
    if (!id_ && metric_.empty()) {
      points.emplace_back().goals = design.goals;
      ids.push_back(design.id);
    }
  };
  if (std::optional<std::string> problem = results::readParetoJson(path, study, look))
    return fail(*problem), std::nullopt;
  if (empty)
    return fail("the front in '" + path + "' is empty, so there is no design to emit"),
           std::nullopt;
  if (!points.empty()) {
    std::vector<search::Goal> goals(study.goals.size());
    for (size_t i = 0; i < goals.size(); ++i)
      goals[i].maximize = study.goals[i].maximize;
    id_ = ids[search::kneePoint(goals, points)];
    points.clear();
    return choose(path, study);
  }
  if (!chosen && id_)
    fail("design " + id_->str() + " is not on the front in '" + path +
         "'; pareto.csv beside it lists those that are");
  else if (!chosen)
    fail("no design in '" + path + "' has a figure for '" + metric_ + "'");
  return chosen;
}

bool Picker::isBetter(const results::DesignRecord &design,
                      const std::optional<results::DesignRecord> &than) const {
  double value = badness(design, metric_);
  return !std::isnan(value) && (!than || value < badness(*than, metric_));
}

/// The study as it was when it was searched; null after printing what is wrong.
static std::unique_ptr<LoadedStudy> loadStored(const study::StudyIdentity &identity,
                                               const std::string &runFolder) {
  std::vector<frontend::SourceText> files;
  files.reserve(identity.sources.size());
  for (const study::SourceText &source : identity.sources)
    files.push_back({source.path, source.text});
  auto loaded = std::make_unique<LoadedSpec>();
  frontend::FrontendOptions options;
  options.study = identity.name;
  options.stored = &files;
  loaded->spec = frontend::loadSpec(files.empty() ? runFolder : files.front().path,
                                    &loaded->context, options, loaded->diagnostics);
  if (!loaded->flush() || !loaded->spec)
    return nullptr;
  if (study::identityHash(*loaded->spec.module) != identity.hash)
    return fail("the spec stored in '" + runFolder + "' means something else to catc " + kVersion +
                " than to catc " + identity.version + ", which searched it; search it again"),
           nullptr;
  return LoadedStudy::of(std::move(loaded));
}

std::unique_ptr<PickedDesign> PickedDesign::load(const std::string &runFolder, Picker picker) {
  if (!fs::is_directory(runFolder))
    return fail("there is no run folder '" + runFolder + "'"), nullptr;
  study::StoreResult<study::Store> store = study::Store::openForReading(runFolder);
  if (!store)
    return fail(store.error().message +
                (store.error().remedy.empty() ? "" : "; " + store.error().remedy)),
           nullptr;
  auto picked = std::make_unique<PickedDesign>();
  picked->runFolder = runFolder;
  picked->identity = store->identity();
  const study::StudyIdentity &identity = picked->identity;
  std::string path = runFolder + "/pareto.json";
  if (!fs::exists(path))
    return fail("'" + runFolder +
                "' has no pareto.json: its search has not ended; 'catc search --resume' continues "
                "it"),
           nullptr;
  std::optional<results::DesignRecord> design = picker.choose(path, picked->summary);
  if (!design)
    return nullptr;
  picked->record = std::move(*design);
  if (picked->summary.name != identity.name || picked->summary.seed != identity.seed)
    return fail("'" + path + "' is of another study than study.sqlite beside it"), nullptr;

  picked->study = loadStored(identity, runFolder);
  if (!picked->study)
    return nullptr;
  LoadedStudy &study = *picked->study;
  const study::ParameterTable &table = study.table();
  std::optional<study::Point> point = table.pointOf(picked->record.id);
  std::vector<results::ParameterRecord> parameters;
  if (point)
    parameters = table.recordsAt(*point);
  auto same = [](const results::ParameterRecord &a, const results::ParameterRecord &b) {
    return a.name == b.name && a.value == b.value && a.unit == b.unit;
  };
  const std::vector<results::ParameterRecord> &told = picked->record.parameters;
  if (!std::equal(parameters.begin(), parameters.end(), told.begin(), told.end(), same))
    return fail("'" + path + "' is damaged: design " + picked->record.id.str() +
                " has other parameters in the stored spec"),
           nullptr;
  picked->model = table.modelOf(*point);

  picked->bound = study.isolate();
  if (failed(bind(*picked->bound, table.literalsAt(*point))) ||
      failed(study::runTo(*picked->bound, study::Stage::NN)))
    return study.flush(), nullptr;
  picked->annotated = picked->bound->clone();
  if (failed(study::runTo(*picked->annotated, study::Stage::Accel)))
    return study.flush(), nullptr;
  if (!study::sameMetrics(study::readMetrics(*picked->annotated), picked->record.exact))
    return fail("'" + path + "' is damaged, or of another version of catc: design " +
                picked->record.id.str() + " has other metrics in the stored spec"),
           nullptr;
  return picked;
}
