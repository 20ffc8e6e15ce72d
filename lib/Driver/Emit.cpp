//===- Emit.cpp - catc emit -----------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/LoadedStudy.h"
#include "Driver/Version.h"
#include "Emit/Accelerator.h"
#include "Emit/Manifest.h"
#include "Emit/Model.h"
#include "Frontend/Spelling.h"
#include "Results/Pareto.h"
#include "Results/WriteFile.h"
#include "Search/Subset.h"
#include "Study/DesignCost.h"
#include "Study/Run.h"
#include "Study/Store.h"
#include "Transforms/Bind.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <cmath>
#include <limits>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

namespace {
enum class Target { Accelerator, Model };
} // namespace

static cl::SubCommand command("emit",
                              "Write a design of a finished search as files for other tools");
static cl::opt<std::string> runFolder(cl::Positional, cl::desc("RUN"), cl::Required,
                                      cl::sub(command));
static cl::opt<std::string>
    pick("pick", cl::desc("The design: knee, best:METRIC or its number (default: knee)"),
         cl::value_desc("PICK"), cl::init("knee"), cl::sub(command));
static cl::list<Target> targets(
    "target", cl::desc("What to write (default: everything):"),
    cl::values(clEnumValN(Target::Accelerator, "accelerator",
                          "accelerator.json: the machine and its mapped program"),
               clEnumValN(Target::Model, "model",
                          "model.json: a configuration that OpenCLIP loads; model.catc.json: "
                          "the exact sizes, and which of them OpenCLIP cannot express")),
    cl::sub(command));
static cl::opt<std::string> out("out", cl::desc("Folder to write, new or empty"),
                                cl::value_desc("folder"), cl::Required, cl::sub(command));

cl::SubCommand &driver::emitCommand() { return command; }

//===----------------------------------------------------------------------===//
// The design
//===----------------------------------------------------------------------===//

/// A figure of a design in which lower is better, or minus one in which higher is; NaN if it has
/// none.
static double badness(const results::DesignRecord &design, llvm::StringRef metric) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (metric == "accuracy")
    return design.accuracy ? -design.accuracy->value : kNone;
  double value = carbon::metricValue(design.exact, metric).value_or(kNone);
  return metric == "peak" ? -value : value;
}

namespace {

/// Chooses among the designs of a front what --pick means.
class Picker {
public:
  /// Nothing after printing what is wrong with --pick.
  static std::optional<Picker> create(llvm::StringRef pick) {
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
      picker.metric_ = metric;
      return picker;
    }
    picker.id_ = results::DesignId::parse(pick.str());
    if (picker.id_)
      return picker;
    fail("--pick must be knee, best:METRIC or a design's number, but is '" + pick + "'" +
         frontend::didYouMean(pick, {"knee", "best:accuracy", "best:carbon", "best:latency"}));
    return std::nullopt;
  }

  /// The chosen design of the front in `path`, whose study is written to `study`; nothing after
  /// printing why there is none. The file is read once, and for the knee once more.
  std::optional<results::DesignRecord> choose(const std::string &path,
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

private:
  bool isBetter(const results::DesignRecord &design,
                const std::optional<results::DesignRecord> &than) const {
    double value = badness(design, metric_);
    return !std::isnan(value) && (!than || value < badness(*than, metric_));
  }

  llvm::StringRef metric_;              ///< of best:METRIC
  std::optional<results::DesignId> id_; ///< of a design's number; neither is the knee
};

} // namespace

/// The study as it was when it was searched; null after printing what is wrong.
static std::unique_ptr<LoadedStudy> loadStored(const study::StudyIdentity &identity) {
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

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

/// Why a folder cannot be written, or nothing.
static std::optional<std::string> whyNotWritable(const std::string &folder) {
  if (!fs::exists(folder))
    return std::nullopt;
  std::error_code error;
  if (!fs::is_directory(folder))
    return "'" + folder + "' exists and is no folder";
  if (fs::directory_iterator(folder, error) != fs::directory_iterator() || error)
    return "'" + folder + "' is not empty; name another folder with --out, or remove it first";
  return std::nullopt;
}

/// Writes all files or none: into a folder beside, which is then renamed.
static std::optional<std::string> writeFolder(const std::string &folder,
                                              const std::vector<emit::File> &files) {
  std::string temporary = folder + ".tmp-" + std::to_string(llvm::sys::Process::getProcessId());
  std::error_code error = fs::create_directories(temporary, /*IgnoreExisting=*/false);
  if (error)
    return "cannot make '" + temporary + "': " + error.message();
  std::optional<std::string> problem;
  for (const emit::File &file : files)
    if (!problem)
      problem = results::writeFile(temporary + "/" + file.name, file.contents);
  if (!problem) {
    error = fs::rename(temporary, folder);
    if (error)
      problem = "cannot make '" + folder + "': " + error.message();
  }
  // What is left of a failure is in the way of nothing; the failure is what matters.
  if (problem)
    (void)!fs::remove_directories(temporary);
  return problem;
}

int driver::runEmit() {
  std::string folder = llvm::StringRef(out).rtrim('/').str();
  if (folder.empty())
    return failUsage("--out must name a folder");
  if (std::optional<std::string> problem = whyNotWritable(folder))
    return fail(*problem);
  std::optional<Picker> picker = Picker::create(pick.getValue());
  if (!picker)
    return kUsageError;
  if (!fs::is_directory(runFolder))
    return fail("there is no run folder '" + runFolder + "'");
  study::StoreResult<study::Store> store = study::Store::openForReading(runFolder);
  if (!store)
    return fail(store.error().message +
                (store.error().remedy.empty() ? "" : "; " + store.error().remedy));
  const study::StudyIdentity &identity = store->identity();
  std::string path = runFolder + "/pareto.json";
  if (!fs::exists(path))
    return fail(
        "'" + runFolder +
        "' has no pareto.json: its search has not ended; 'catc search --resume' continues it");
  results::StudySummary summary;
  std::optional<results::DesignRecord> design = picker->choose(path, summary);
  if (!design)
    return kUserError;
  if (summary.name != identity.name || summary.seed != identity.seed)
    return fail("'" + path + "' is of another study than study.sqlite beside it");

  std::unique_ptr<LoadedStudy> study = loadStored(identity);
  if (!study)
    return kUserError;
  const study::ParameterTable &table = study->table();
  std::optional<study::Point> point = table.pointOf(design->id);
  std::vector<results::ParameterRecord> parameters;
  if (point)
    parameters = table.recordsAt(*point);
  auto same = [](const results::ParameterRecord &a, const results::ParameterRecord &b) {
    return a.name == b.name && a.value == b.value && a.unit == b.unit;
  };
  if (!std::equal(parameters.begin(), parameters.end(), design->parameters.begin(),
                  design->parameters.end(), same))
    return fail("'" + path + "' is damaged: design " + design->id.str() +
                " has other parameters in the stored spec");

  mlir::OwningOpRef<mlir::ModuleOp> bound = study->isolate();
  if (failed(bind(*bound, table.literalsAt(*point))) ||
      failed(study::runTo(*bound, study::Stage::NN)))
    return study->flush(), kUserError;
  mlir::OwningOpRef<mlir::ModuleOp> annotated = bound->clone();
  if (failed(study::runTo(*annotated, study::Stage::Accel)))
    return study->flush(), kUserError;
  if (!study::sameMetrics(study::readMetrics(*annotated), design->exact))
    return fail("'" + path + "' is damaged, or of another version of catc: design " +
                design->id.str() + " has other metrics in the stored spec");

  std::vector<emit::File> files;
  std::vector<emit::Difference> differences;
  auto wanted = [&](Target target) {
    return targets.empty() || llvm::is_contained(targets, target);
  };
  bool ok = true;
  if (wanted(Target::Accelerator)) {
    llvm::FailureOr<std::string> text = emit::accelerator(*annotated, summary, *design);
    ok &= succeeded(text);
    if (ok)
      files.push_back({"accelerator.json", std::move(*text)});
  }
  if (wanted(Target::Model)) {
    llvm::FailureOr<emit::Model> model = emit::model(*bound, *design);
    if (failed(model)) {
      ok = false;
    } else {
      files.push_back({emit::kModelFile, std::move(model->configuration)});
      files.push_back({emit::kModelRecordFile, std::move(model->record)});
      differences = std::move(model->differences);
    }
  }
  if (!study->flush() || !ok)
    return kUserError;
  files.push_back(
      {"manifest.json", emit::manifest(files, summary, identity.hash, *design, kVersion)});
  if (std::optional<std::string> problem = writeFolder(folder, files))
    return fail(*problem);
  llvm::outs() << "design " << design->id.str() << " written: " << folder << "/";
  for (size_t i = 0; i < files.size(); ++i)
    llvm::outs() << (i ? ", " : "") << files[i].name;
  llvm::outs() << "\n";
  for (const emit::Difference &difference : differences)
    llvm::outs() << "OpenCLIP cannot express the model: " << difference.where << ": "
                 << difference.reason << "\n";
  return kSuccess;
}
