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
#include "Search/Subset.h"
#include "Study/DesignCost.h"
#include "Study/Run.h"
#include "Study/Store.h"
#include "Transforms/Bind.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
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
                          "the exact sizes, and which of them OpenCLIP cannot express; "
                          "model.mlir: its graph, which cat-run runs. If the search measured the "
                          "model, also its weights: open_clip_model.safetensors with "
                          "open_clip_config.json (or model.safetensors, if OpenCLIP cannot load "
                          "them), model.onnx and model_batch1.onnx")),
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
// The files
//===----------------------------------------------------------------------===//

/// The weights that the search's evaluator saved for a model; empty if it saved none.
static std::string savedWeights(int64_t model) {
  std::string path = runFolder + "/models/" + std::to_string(model) + "/model.safetensors";
  return fs::exists(path) ? path : std::string();
}

/// Says what OpenCLIP makes of the model.
static void printDifferences(const std::vector<emit::Difference> &differences,
                             const std::optional<emit::WeightsReport> &weights) {
  if (!weights || !weights->loadable)
    for (const emit::Difference &difference : differences)
      llvm::outs() << "OpenCLIP cannot express the model: " << difference.where << ": "
                   << difference.reason << "\n";
  if (!weights)
    return;
  for (const emit::PaddedTower &tower : weights->padded)
    llvm::outs() << "heads of " << tower.where << " padded with zeros in " << weights->file
                 << ", so that OpenCLIP loads it exactly: " << tower.before.heads << " of "
                 << tower.before.headDim << " -> " << tower.after.heads << " of "
                 << tower.after.headDim << "\n";
  if (!weights->loadable)
    llvm::outs() << "no padding makes OpenCLIP load it: " << weights->file
                 << " is for catc's own programs\n";
}

/// Runs catc-onnx on saved weights. Returns what went wrong, or nothing.
static std::optional<std::string> writeOnnx(emit::Folder &folder, const std::string &weights,
                                            const char *name,
                                            std::initializer_list<llvm::StringRef> options) {
  constexpr llvm::StringRef kTool = "catc-onnx";
  llvm::ErrorOr<std::string> tool = llvm::sys::findProgramByName(kTool, {toolFolder()});
  if (!tool)
    tool = llvm::sys::findProgramByName(kTool);
  if (!tool)
    return ("'" + kTool + "', which writes ONNX, is neither beside catc nor in PATH").str();
  std::string config = folder.pathOf(emit::kModelRecordFile), path = folder.pathOf(name);
  llvm::SmallVector<llvm::StringRef> arguments = {kTool,   "--config", config, "--weights",
                                                  weights, "--out",    path};
  arguments.append(options);
  // It says itself what is wrong.
  std::string message;
  if (llvm::sys::ExecuteAndWait(*tool, arguments, std::nullopt, {}, 0, 0, &message) != 0)
    return "'" + *tool + "' could not write " + name + (message.empty() ? "" : ": " + message);
  if (std::optional<std::string> problem = folder.adopt(name))
    return problem;
  std::string data = std::string(name) + ".data";
  return fs::exists(folder.pathOf(data)) ? folder.adopt(data) : std::nullopt;
}

/// Writes everything about the model; with the weights in the file `saved`, if there is one, which
/// are then reported. Returns what went wrong, or nothing.
static std::optional<std::string> writeModel(emit::Folder &folder, const emit::Model &model,
                                             const std::string &graph, const std::string &saved,
                                             std::optional<emit::WeightsReport> &report) {
  std::optional<std::string> problem = folder.add(emit::kModelFile, model.configuration);
  if (!problem)
    problem = folder.add(emit::kModelRecordFile, model.record);
  if (!problem)
    problem = folder.add("model.mlir", graph);
  if (problem || saved.empty())
    return problem;
  if (!model.config)
    return "'" + saved + "' cannot be of this model, whose towers' embeddings differ in size";
  {
    Result<weights::TensorFile> file = emit::readSavedWeights(saved, *model.config);
    if (!file)
      return file.error();
    Result<emit::WeightsReport> written = emit::writeOpenClip(folder, *model.config, *file);
    if (!written)
      return written.error();
    report = std::move(*written);
  }
  // From the weights before padding: fewer operations, and the same function.
  problem = writeOnnx(folder, saved, "model.onnx", {});
  return problem ? problem : writeOnnx(folder, saved, "model_batch1.onnx", {"--batch", "1"});
}

int driver::runEmit() {
  std::string folder = llvm::StringRef(out).rtrim('/').str();
  if (folder.empty())
    return failUsage("--out must name a folder");
  if (std::optional<std::string> problem = emit::Folder::whyNotWritable(folder))
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

  auto wanted = [&](Target target) {
    return targets.empty() || llvm::is_contained(targets, target);
  };
  std::optional<std::string> accelerator, graph;
  std::optional<emit::Model> model;
  if (wanted(Target::Accelerator))
    if (llvm::FailureOr<std::string> text = emit::accelerator(*annotated, summary, *design);
        succeeded(text))
      accelerator = std::move(*text);
  if (wanted(Target::Model))
    if (llvm::FailureOr<emit::Model> files = emit::model(*bound, *design);
        succeeded(files) && succeeded(study::runTo(*bound, study::Stage::Linalg))) {
      model = std::move(*files);
      llvm::raw_string_ostream(graph.emplace()) << *bound;
    }
  if (!study->flush() || (wanted(Target::Accelerator) && !accelerator) ||
      (wanted(Target::Model) && !model))
    return kUserError;

  Result<emit::Folder> written = emit::Folder::create(folder);
  if (!written)
    return fail(written.error());
  std::optional<std::string> problem;
  std::optional<emit::WeightsReport> weights;
  if (accelerator)
    problem = written->add("accelerator.json", *accelerator);
  if (model && !problem)
    problem = writeModel(*written, *model, *graph, savedWeights(table.modelOf(*point)), weights);
  if (!problem)
    problem = written->add("manifest.json", emit::manifest(written->files(), weights, summary,
                                                           identity.hash, *design, kVersion));
  if (!problem)
    problem = written->commit();
  if (problem)
    return fail(*problem);
  llvm::outs() << "design " << design->id.str() << " written: " << folder << "/";
  for (const emit::File &file : written->files())
    llvm::outs() << (&file == &written->files().front() ? "" : ", ") << file.name;
  llvm::outs() << "\n";
  if (model)
    printDifferences(model->differences, weights);
  if (model && !weights && summary.search)
    llvm::outs() << "no weights: the model was measured, but " << runFolder
                 << "/models has none of it\n";
  return kSuccess;
}
