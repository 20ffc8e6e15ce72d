//===- Measurement.cpp - Accuracy measured by worker processes ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Measurement.h"
#include "Frontend/Spelling.h"
#include "Models/ModelRecord.h"
#include "Results/Format.h"
#include "Support/Check.h"
#include "Transforms/Bind.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace cat;
using namespace cat::study;
namespace json = llvm::json;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// The block
//===----------------------------------------------------------------------===//

/// Keys of a measurement that name files.
static constexpr StringRef kPathKeys[] = {"train",  "validation", "test",
                                          "images", "tokenizer",  "weights"};

/// Keys that are one of a few words.
static constexpr StringRef kDataSets[] = {"shapes", "webdataset", "csv", "coco", "karpathy"};
static constexpr StringRef kImportances[] = {"leave_one_out", "magnitude", "catransformers",
                                             "leading"};

/// What a busy processor draws where nobody says it: a share of a server's or desktop's package.
static constexpr Watts kAssumedPower(10);

/// A constant as JSON; nothing for an expression of parameters.
static std::optional<json::Value> jsonOf(Attribute attribute) {
  if (auto text = llvm::dyn_cast<StringAttr>(attribute))
    return json::Value(text.str());
  if (auto truth = llvm::dyn_cast<BoolAttr>(attribute))
    return json::Value(truth.getValue());
  if (auto integer = llvm::dyn_cast<IntegerAttr>(attribute))
    return json::Value(integer.getInt());
  if (auto real = llvm::dyn_cast<FloatAttr>(attribute))
    return json::Value(real.getValueAsDouble());
  if (auto list = llvm::dyn_cast<ArrayAttr>(attribute)) {
    json::Array elements;
    for (Attribute element : list) {
      std::optional<json::Value> value = jsonOf(element);
      if (!value)
        return std::nullopt;
      elements.push_back(std::move(*value));
    }
    return json::Value(std::move(elements));
  }
  if (auto dictionary = llvm::dyn_cast<DictionaryAttr>(attribute)) {
    json::Object members;
    for (NamedAttribute entry : dictionary) {
      std::optional<json::Value> value = jsonOf(entry.getValue());
      if (!value)
        return std::nullopt;
      members[entry.getName().getValue()] = std::move(*value);
    }
    return json::Value(std::move(members));
  }
  return std::nullopt;
}

static std::string textOf(const json::Object &config, StringRef key) {
  return config.getString(key).value_or("").str();
}

static LogicalResult checkWord(space::EvaluatorOp evaluator, const json::Object &config,
                               StringRef key, llvm::ArrayRef<StringRef> known) {
  std::optional<StringRef> word = config.getString(key);
  if (!word || llvm::is_contained(known, *word))
    return success();
  return evaluator.emitError() << "unknown '" << key << "' \"" << *word << "\""
                               << frontend::listKnown(*word, "known", known);
}

/// Numbers that no search can have.
static LogicalResult checkAmounts(space::EvaluatorOp evaluator, const json::Object &config) {
  for (StringRef key : {"timeout", "power", "train_pairs", "validation_pairs", "test_pairs",
                        "teacher_batch", "batch", "importance_pairs"}) {
    std::optional<double> value = config.getNumber(key);
    if (value && !(*value > 0))
      return evaluator.emitError() << "'" << key << "' must be positive";
  }
  for (StringRef key : {"teacher_steps", "steps_short", "steps_medium", "steps_full",
                        "learning_rate", "teacher_learning_rate", "weight_decay", "warmup",
                        "captions", "held_pairs", "bad_records"}) {
    std::optional<double> value = config.getNumber(key);
    if (value && !(*value >= 0))
      return evaluator.emitError() << "'" << key << "' must not be negative";
  }
  return success();
}

/// The unpruned model that a study's model derives from or is; null if it has none.
static nn::ModelOp parentOf(StudyOps ops) {
  if (ops.model.getParent())
    return SymbolTable(ops.module).lookup<nn::ModelOp>(*ops.model.getParent());
  bool fixed = ParameterTable(ops.module, ops.model, nullptr, nullptr).modelParameters().empty();
  return fixed ? ops.model : nn::ModelOp();
}

/// What two records must have in common for one to be pruned from the other's model: the sizes
/// before pruning, by segment.
static json::Value originOf(const json::Object &record) {
  json::Object origin;
  for (StringRef key : {"family", "activation", "embed"})
    if (const json::Value *value = record.get(key))
      origin[key] = *value;
  if (const json::Array *segments = record.getArray("segments"))
    for (const json::Value &segment : *segments)
      if (const json::Object *object = segment.getAsObject()) {
        const json::Value *sizes = object->get("parent");
        origin["of " + object->getString("name").value_or("").str()] =
            sizes ? *sizes : *object->get("sizes");
      }
  return origin;
}

/// Pruning only removes: no size of the study's model may exceed that of the model it is pruned
/// from. Emits an error at the size's domain.
static LogicalResult checkPrunable(StudyOps ops, space::EvaluatorOp evaluator) {
  for (auto segment : ops.model.getBody().getOps<nn::SegmentOp>()) {
    if (!segment.getParent())
      continue;
    for (NamedAttribute size : segment.getSizes()) {
      auto most = segment.getParent().getAs<IntegerAttr>(size.getName());
      auto ref = dyn_cast<space::RefAttr>(size.getValue());
      auto param = ref ? ops.module.lookupSymbol<space::ParamOp>(ref.getName()) : nullptr;
      if (!most || !param)
        continue;
      DomainAttrInterface domain = param.getDomain();
      for (int64_t i = 0, e = domain.getSize(); i < e; ++i)
        if (std::optional<int64_t> value = getBoundInteger(domain.getValue(i));
            value && *value > most.getInt()) {
          InFlightDiagnostic error = param.emitError()
                                     << "'" << size.getName().getValue() << "' may be " << *value
                                     << ", but the unpruned model has " << most.getInt();
          error.attachNote(evaluator.getLoc()) << "a model that is measured here is pruned from it";
          return error;
        }
    }
  }
  return success();
}

/// Record of the study's baseline, if workers that prune `parent` can measure it.
static std::optional<json::Value> baselineOf(StudyOps ops, const json::Value &parent) {
  if (!ops.study.getBaselineModel())
    return std::nullopt;
  auto model = SymbolTable(ops.module).lookup<nn::ModelOp>(*ops.study.getBaselineModel());
  json::Value record = modelRecord(model);
  if (originOf(*record.getAsObject()) != originOf(*parent.getAsObject()))
    return std::nullopt;
  return record;
}

FailureOr<std::optional<MeasurementPlan>> study::planMeasurement(StudyOps ops,
                                                                 const std::string &specFolder) {
  space::EvaluatorOp evaluator = findEvaluator(ops);
  if (!evaluator || evaluator.getProvider() == kPredictorProvider)
    return std::optional<MeasurementPlan>();
  if (std::optional<std::string> why = whyNotAsRecorded(ops.model))
    return evaluator.emitError() << *why;
  MeasurementPlan plan;
  plan.ops = ops;
  plan.evaluator = evaluator;
  plan.folder = specFolder;
  for (NamedAttribute entry : evaluator.getConfig()) {
    std::optional<json::Value> value = jsonOf(entry.getValue());
    if (!value)
      return evaluator.emitError() << "'" << entry.getName().getValue()
                                   << "' depends on a search parameter; an evaluator is one for "
                                      "all models";
    plan.config[entry.getName().getValue()] = std::move(*value);
  }
  json::Object &config = plan.config;
  // The block's own name is no key of it.
  config.erase("name");
  if (failed(checkWord(evaluator, config, "data", kDataSets)) ||
      failed(checkWord(evaluator, config, "importance", kImportances)) ||
      failed(checkAmounts(evaluator, config)))
    return failure();
  plan.command = textOf(config, "command");
  bool isCommand = evaluator.getProvider() == "command";
  if (!isCommand && failed(checkPrunable(ops, evaluator)))
    return failure();
  if (isCommand && StringRef(plan.command).trim().empty())
    return evaluator.emitError() << "'command' is empty";
  plan.launcher = textOf(config, "launcher");
  // A command's is a name; a worker program's says what to measure.
  if (isCommand)
    plan.metric = textOf(config, "metric");
  plan.answerSeconds = config.getNumber("timeout").value_or(plan.answerSeconds);
  plan.powerIsAssumed = !config.getNumber("power");
  plan.power = Watts(config.getNumber("power").value_or(kAssumedPower.value()));
  if (!isCommand)
    for (StringRef key : kPathKeys)
      if (std::string file = textOf(config, key); !file.empty() && path::is_relative(file)) {
        llvm::SmallString<256> absolute(specFolder);
        path::append(absolute, file);
        config[key] = std::string(absolute);
      }
  if (nn::ModelOp parent = parentOf(ops)) {
    plan.parent = modelRecord(parent);
    plan.baseline = baselineOf(ops, *plan.parent);
  } else if (!isCommand) {
    return evaluator.emitError() << "a measurement prunes an unpruned model, but '"
                                 << ops.model.getSymName()
                                 << "' derives from none and is searched itself";
  }
  return std::optional<MeasurementPlan>(std::move(plan));
}

//===----------------------------------------------------------------------===//
// Starting
//===----------------------------------------------------------------------===//

/// Text as one word of the shell.
static std::string quoted(const std::string &text) {
  std::string result = "'";
  for (char c : text)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// Where the worker program is: beside catc, where CATC_EVAL_TORCH says, or in PATH; empty if
/// nowhere.
static std::string findWorkerProgram(const std::string &programFolder) {
  llvm::SmallString<256> beside(programFolder);
  path::append(beside, kWorkerProgram);
  if (!programFolder.empty() && fs::can_execute(beside))
    return std::string(beside);
  if (const char *named = ::getenv("CATC_EVAL_TORCH"); named && *named)
    return named;
  llvm::ErrorOr<std::string> inPath = llvm::sys::findProgramByName(kWorkerProgram);
  return inPath ? *inPath : std::string();
}

/// Program and arguments of a worker; empty after an error.
static std::vector<std::string> commandOf(const MeasurementPlan &plan,
                                          const std::string &programFolder) {
  std::string command = plan.command;
  if (command.empty()) {
    std::string program = findWorkerProgram(programFolder);
    if (program.empty()) {
      space::EvaluatorOp(plan.evaluator).emitError()
          << "'" << kWorkerProgram
          << "', which measures, is neither beside catc nor in PATH; build catc where libtorch is "
             "installed (package libtorch-dev), or name the program in CATC_EVAL_TORCH";
      return {};
    }
    if (plan.launcher.empty())
      return {program};
    command = quoted(program);
  }
  return {"/bin/sh", "-c", plan.launcher.empty() ? command : plan.launcher + " " + command};
}

/// Carbon counters of this machine say nothing of workers elsewhere.
std::optional<eval::Rapl> Measurement::openRapl(const MeasurementPlan &plan) {
  return plan.launcher.empty() ? eval::Rapl::open() : std::nullopt;
}

static std::string describe(const eval::WorkerProgress &progress) {
  std::string text = progress.message;
  if (progress.step) {
    text += (text.empty() ? "step " : " ") + std::to_string(*progress.step);
    if (progress.steps)
      text += "/" + std::to_string(*progress.steps);
  }
  if (progress.accuracy)
    text += (text.empty() ? "" : ", ") + ("accuracy " + results::formatPercent(*progress.accuracy));
  return text;
}

FailureOr<std::unique_ptr<Measurement>> Measurement::start(const MeasurementPlan &plan,
                                                           const ParameterTable &table,
                                                           const MeasurementSession &session) {
  std::unique_ptr<Measurement> result(new Measurement(plan, table, session));
  space::EvaluatorOp evaluator = plan.evaluator;
  eval::PoolOptions options;
  options.command = commandOf(plan, session.programFolder);
  if (options.command.empty())
    return failure();
  options.folder = plan.folder;
  options.workers = session.workers;
  options.answerSeconds = plan.answerSeconds;
  options.interrupt = session.interrupt;
  if (!session.runFolder.empty()) {
    options.logs = session.runFolder + "/workers";
    if (std::error_code error = fs::create_directories(options.logs))
      return evaluator.emitError() << "cannot make '" << options.logs << "': " << error.message();
  }
  options.configure = json::Object{{"type", "configure"},
                                   {"config", json::Object(plan.config)},
                                   {"parent", plan.parent ? *plan.parent : json::Value(nullptr)},
                                   {"cache", session.cache},
                                   {"seed", session.seed}};
  if (session.report)
    options.report = [&](const eval::WorkerProgress &progress) {
      session.report(describe(progress));
    };
  auto begin = std::chrono::steady_clock::now();
  auto pool = eval::WorkerPool::create(std::move(options));
  if (auto *error = std::get_if<eval::PoolError>(&pool))
    return evaluator.emitError() << error->message;
  result->pool_ = std::get<std::unique_ptr<eval::WorkerPool>>(std::move(pool));
  const eval::Description &description = result->pool_->description();
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  result->preparation_ = result->usageOf(description.usage, wall.count());
  result->metric_ = !plan.metric.empty()          ? plan.metric
                    : !description.metric.empty() ? description.metric
                                                  : "accuracy";
  for (const std::string &warning : description.warnings)
    evaluator.emitWarning() << result->name() << ": " << warning;
  if (!result->chooseFidelity())
    return failure();
  return result;
}

bool Measurement::chooseFidelity() {
  const std::vector<eval::Fidelity> &fidelities = pool_->description().fidelities;
  fidelity_ = fidelities.back();
  if (session_.fidelity.empty())
    return true;
  std::vector<StringRef> names;
  for (const eval::Fidelity &fidelity : fidelities) {
    names.push_back(fidelity.name);
    if (fidelity.name == session_.fidelity)
      fidelity_ = fidelity;
  }
  if (fidelity_.name == session_.fidelity)
    return true;
  space::EvaluatorOp(plan_.evaluator).emitError()
      << name() << " has no fidelity \"" << session_.fidelity << "\""
      << frontend::listKnown(session_.fidelity, "fidelities", names);
  return false;
}

std::string Measurement::name() const {
  const eval::Description &description = pool_->description();
  std::string name = description.name.empty() ? "the evaluator" : description.name;
  return description.version.empty() ? name : name + " " + description.version;
}

//===----------------------------------------------------------------------===//
// Evaluating
//===----------------------------------------------------------------------===//

json::Value Measurement::recordOf(search::ModelId model) const {
  // Every parameter of the model has one level: that of the point.
  Point point(table_.size(), 0);
  table_.setModel(model, point);
  StudyOps ops = plan_.ops;
  OwningOpRef<ModuleOp> module = ops.module.clone();
  auto copy = SymbolTable(*module).lookup<nn::ModelOp>(ops.model.getSymName());
  LogicalResult bound = substitute(copy, table_.literalsAt(point));
  CATC_CHECK(succeeded(bound), "a model that was lowered can be bound");
  return modelRecord(copy);
}

std::string Measurement::artefactsOf(search::ModelId model) const {
  return session_.runFolder + "/models/" + std::to_string(model);
}

void Measurement::discard(search::ModelId model) {
  // A hundred models of ViT-B/16 are 60 GB.
  if (!session_.runFolder.empty() && pool_->description().artefacts)
    llvm::sys::fs::remove_directories(artefactsOf(model), /*IgnoreErrors=*/true);
}

/// The pool's tickets tell a trial's two evaluations apart.
static int64_t ticketOf(int64_t trial, bool test) { return 2 * trial + (test ? 1 : 0); }

void Measurement::begin(int64_t trial, search::ModelId model, bool test) {
  bool isBaseline = trial == kBaseline;
  json::Object request{{"type", "evaluate"},
                       {"model", isBaseline ? *plan_.baseline : recordOf(model)},
                       {"fidelity", fidelity_.name},
                       {"split", test ? "test" : "validation"},
                       {"seed", session_.seed}};
  if (!session_.runFolder.empty() && pool_->description().artefacts && !isBaseline)
    request["artefacts"] = artefactsOf(model);
  begun_[ticketOf(trial, test)] = std::chrono::steady_clock::now();
  pool_->submit(ticketOf(trial, test), std::move(request));
}

/// What was reported, or what catc can see itself.
TrialUsage Measurement::usageOf(const eval::Usage &reported, double wallSeconds) {
  TrialUsage usage;
  usage.seconds = reported.seconds.value_or(wallSeconds);
  // Counters are read in any case: what they count is this evaluation's, and not the next one's.
  std::optional<Joules> counted;
  if (rapl_)
    counted = rapl_->take();
  if (reported.joules) {
    reported_ = true;
    usage.joules = *reported.joules;
  } else if (counted) {
    counted_ = true;
    usage.joules = counted->value();
  } else {
    estimated_ = true;
    Seconds busy(reported.cpuSeconds.value_or(usage.seconds));
    usage.joules = (plan_.power * busy).value();
  }
  return usage;
}

std::string Measurement::energySource() const {
  std::vector<std::string> sources;
  if (reported_)
    sources.push_back("reported by " + name());
  if (counted_)
    sources.push_back("RAPL counters of this machine's processors, whatever ran on them");
  if (estimated_)
    sources.push_back("processor time x " + results::format(plan_.power) + " a busy processor (" +
                      (plan_.powerIsAssumed ? "assumed" : "as stated") + ")");
  return llvm::join(sources, "; ");
}

std::variant<EvaluationEvent, RunError> Measurement::next() {
  auto waited = pool_->wait();
  if (auto *error = std::get_if<eval::PoolError>(&waited))
    return RunError{error->message, "continue with --resume"};
  auto &reply = std::get<eval::PoolEvent>(waited);
  EvaluationEvent event;
  event.test = reply.ticket & 1;
  event.trial = (reply.ticket - (event.test ? 1 : 0)) / 2;
  std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun_[reply.ticket];
  if (auto *progress = std::get_if<eval::WorkerProgress>(&reply.content)) {
    EvaluationProgress content;
    content.message = describe(*progress);
    if (progress->step && progress->accuracy)
      content.figure = CurvePoint{*progress->step, *progress->accuracy, progress->noise};
    event.content = std::move(content);
    return event;
  }
  begun_.erase(reply.ticket);
  if (auto *error = std::get_if<eval::WorkerError>(&reply.content)) {
    event.content =
        EvaluationFailure{std::move(error->message), error->retry, usageOf({}, wall.count())};
    return event;
  }
  auto &answer = std::get<eval::WorkerAnswer>(reply.content);
  EvaluationResult result;
  result.accuracy.value = answer.accuracy;
  // Of a measured figure, its standard error is what is not known.
  result.accuracy.sigma = result.accuracy.noise = answer.noise;
  result.accuracy.source = !answer.source.empty() ? answer.source : "measured by " + name();
  result.fidelity = fidelity_.cost;
  result.usage = usageOf(answer.usage, wall.count());
  event.content = std::move(result);
  return event;
}
