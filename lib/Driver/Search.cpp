//===- Search.cpp - catc search -------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/Interrupt.h"
#include "Driver/LoadedStudy.h"
#include "Driver/Measuring.h"
#include "Driver/Progress.h"
#include "Driver/Summary.h"
#include "Driver/Version.h"
#include "Frontend/Spelling.h"
#include "Results/Pareto.h"
#include "Search/Strategy.h"
#include "Study/DesignCost.h"
#include "Study/Rejections.h"
#include "Study/Run.h"
#include "Support/Check.h"
#include "llvm/Support/Path.h"
#include <future>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

static cl::SubCommand command("search", "Search a spec for its Pareto front");
static SpecOptions options(command);
static cl::opt<std::string> out("out", cl::desc("Run folder (default: the spec's name with .run)"),
                                cl::value_desc("folder"), cl::sub(command));
static cl::opt<int64_t> trials("trials", cl::desc("Models to evaluate (default: the spec's)"),
                               cl::init(-1), cl::value_desc("N"), cl::sub(command));
static cl::opt<std::string> seed("seed", cl::desc("Seed of the search (default: the spec's)"),
                                 cl::value_desc("N"), cl::sub(command));
static cl::opt<std::string>
    strategy("strategy",
             cl::desc("auto, exhaustive, greybox or random (default: the spec's, or auto)"),
             cl::value_desc("name"), cl::sub(command));
static JobsOption jobs(command);
static cl::opt<bool> resume("resume", cl::desc("Continue the search in the run folder"),
                            cl::sub(command));
static cl::opt<bool> asJson("json", cl::desc("Print pareto.json instead of the summary"),
                            cl::sub(command));

namespace {
enum class Verify { Sample, All };
} // namespace
static cl::opt<Verify> verify(
    "verify", cl::desc("Which designs of the front are costed again through the IR:"),
    cl::values(clEnumValN(Verify::Sample, "sample",
                          "all of a front of up to 4096, else 4096 spread over it (default)"),
               clEnumValN(Verify::All, "all", "all of them")),
    cl::init(Verify::Sample), cl::sub(command));

cl::SubCommand &driver::searchCommand() { return command; }

namespace {
/// What the command line says of a search.
struct Overrides {
  std::optional<std::string> strategy;
  std::optional<int64_t> trials;
  std::optional<uint64_t> seed;
  unsigned threads = 1;
};
} // namespace

/// Nothing after printing what is wrong.
static std::optional<Overrides> readCommandLine() {
  Overrides overrides;
  if (strategy.getNumOccurrences()) {
    std::vector<std::string_view> names = search::searchNames();
    llvm::SmallVector<llvm::StringRef> known(names.begin(), names.end());
    if (!llvm::is_contained(known, strategy))
      return failUsage("unknown strategy '" + strategy + "' in --strategy" +
                       frontend::listKnown(strategy, "strategies", known)),
             std::nullopt;
    overrides.strategy = strategy;
  }
  if (trials.getNumOccurrences()) {
    if (trials < 1)
      return failUsage("--trials must be at least 1, but is " + llvm::Twine(trials)), std::nullopt;
    overrides.trials = trials;
  }
  if (seed.getNumOccurrences() && llvm::StringRef(seed).getAsInteger(10, overrides.seed.emplace()))
    return failUsage("--seed must be a whole number from 0 to 18446744073709551615, but is '" +
                     seed + "'"),
           std::nullopt;
  if (out.getNumOccurrences() && out.empty())
    return failUsage("--out must name a folder"), std::nullopt;
  std::optional<unsigned> threads = jobs.threads();
  if (!threads)
    return std::nullopt;
  overrides.threads = *threads;
  return overrides;
}

/// What the spec's strategy block says, with the command line over it.
static study::RunOptions runOptions(study::StudyOps ops, const Overrides &overrides) {
  study::RunOptions run = study::readStrategy(ops);
  run.strategy = overrides.strategy.value_or(run.strategy);
  run.trials = overrides.trials.value_or(run.trials);
  run.seed = overrides.seed.value_or(run.seed);
  run.threads = overrides.threads;
  return run;
}

/// The designs of a front to cost again: all, or as many as make a mistake in a table hard to miss.
static std::vector<search::FrontPoint>
chooseVerified(const std::vector<search::FrontPoint> &front) {
  constexpr size_t kSample = 4096;
  if (verify == Verify::All || front.size() <= kSample)
    return front;
  std::vector<search::FrontPoint> sample;
  sample.reserve(kSample);
  for (size_t i = 0; i < kSample; ++i)
    sample.push_back(front[i * (front.size() - 1) / (kSample - 1)]);
  return sample;
}

/// Prints an error with its remedy.
static int report(const std::string &message, const std::string &remedy) {
  return fail(remedy.empty() ? message : message + "; " + remedy);
}

/// Why a study with measured accuracy cannot be searched that way, or nothing.
static std::optional<std::string> whyNotMeasured(const study::Codesign &codesign,
                                                 const std::string &strategy) {
  if (strategy != "exhaustive")
    return std::nullopt;
  return "accuracy is measured, so each of its " + std::to_string(codesign.problem().modelCount()) +
         " models would be; use --strategy greybox or random, and --trials";
}

static study::StudyIdentity identityOf(const LoadedStudy &study, const study::RunOptions &run) {
  study::StudyIdentity identity;
  identity.name = study.spec().study;
  identity.hash = study::identityHash(study.module());
  identity.seed = run.seed;
  identity.strategy = run.strategy;
  identity.version = kVersion;
  for (const frontend::SourceText &file : study.spec().files)
    identity.sources.push_back({file.path, file.text});
  return identity;
}

/// Starts the workers, and says on standard error what they prepare.
static llvm::FailureOr<std::unique_ptr<study::Measurement>>
startWorkers(const study::MeasurementPlan &plan, const study::Codesign &codesign,
             const study::RunOptions &run, const std::string &folder, int interrupt,
             ProgressReporter &progress) {
  study::MeasurementSession session = makeSession(folder, run.seed, interrupt);
  session.workers = run.threads;
  session.fidelity = run.fidelity;
  session.report = [&](const std::string &message) { progress.say(message); };
  return study::Measurement::start(plan, codesign.table(), session);
}

/// Says why the front is empty.
static int failEmpty(const study::Codesign &codesign, const study::RunOutcome &outcome,
                     const study::ModelPredictions *predictions) {
  auto evaluation = [&](search::ModelId model) -> std::optional<search::Evaluation> {
    if (predictions)
      return predictions->evaluation(model);
    auto measured = outcome.measured.find(model);
    if (measured == outcome.measured.end())
      return std::nullopt;
    const results::AccuracyRecord &accuracy = measured->second;
    return search::Evaluation{accuracy.value, accuracy.sigma, accuracy.noise};
  };
  std::string message =
      outcome.exhaustive ? "no design satisfies every requirement and beats every threshold"
                         : "no design was found that satisfies every requirement and beats every "
                           "threshold";
  if (std::optional<study::Rejection> most = study::strictest(codesign, evaluation)) {
    message += "; " + most->what + " rejects " + std::to_string(most->rejected) + " of " +
               (most->sampled ? "a sample of " : "") + std::to_string(most->looked) +
               (most->looked == 1 ? " design" : " designs");
    if (!most->example.empty())
      message += ", for instance for " + most->example;
  }
  return fail(message);
}

int driver::runSearch() {
  std::optional<Overrides> overrides = readCommandLine();
  if (!overrides)
    return kUsageError;
  std::unique_ptr<LoadedStudy> study = LoadedStudy::load(options);
  if (!study)
    return kUserError;
  study::RunOptions run = runOptions(study->ops(), *overrides);

  llvm::FailureOr<std::optional<eval::Predictor>> predictor = study::makePredictor(study->ops());
  llvm::FailureOr<std::optional<study::MeasurementPlan>> plan = planMeasurement(*study);
  if (failed(predictor) || failed(plan))
    return study->flush(), kUserError;
  study::CodesignOptions codesignOptions;
  codesignOptions.threads = run.threads;
  auto codesign = study::Codesign::create(study->ops(), codesignOptions);
  if (failed(codesign))
    return study->flush(), kUserError;
  if ((*codesign)->problem().hardwareCount == 0)
    return fail("no design satisfies the requirements on the hardware; 'catc check' says which is "
                "the strictest");

  // What nothing is evaluated for needs no trials.
  bool evaluates = *predictor || *plan;
  if (run.strategy == "auto")
    run.strategy = evaluates ? study::chooseStrategy(**codesign) : "exhaustive";
  std::optional<std::string> reason = study::whyNotSearchable(**codesign, run.strategy);
  if (!reason && *plan)
    reason = whyNotMeasured(**codesign, run.strategy);
  if (reason)
    return fail("strategy '" + run.strategy + "' cannot search this spec: " + *reason);
  if (!evaluates && run.strategy != "exhaustive")
    return fail("the study evaluates nothing, so there is nothing for '" + run.strategy +
                "' to learn; use --strategy exhaustive");
  if (!*plan && !run.fidelity.empty())
    return fail("the strategy's 'fidelity' is of measurements, and nothing is measured here");
  llvm::FailureOr<std::optional<Baseline>> baseline = costBaseline(study->ops());
  if (failed(baseline) || !study->flush())
    return study->flush(), kUserError;

  study::StudyIdentity identity = identityOf(*study, run);
  std::string folder =
      out.empty() ? (llvm::sys::path::stem(options.spec) + ".run").str() : out.getValue();
  study::StoreResult<study::Store> store = resume ? study::Store::openForResume(folder, identity)
                                                  : study::Store::create(folder, identity);
  if (!store)
    return report(store.error().message, store.error().remedy);

  std::optional<study::ModelPredictions> predictions;
  std::unique_ptr<study::Evaluator> evaluator;
  study::Measurement *measurement = nullptr;
  std::optional<Interrupt> interrupt;
  std::variant<study::RunOutcome, study::RunError> result;
  {
    ProgressReporter progress((*codesign)->goals(), asJson);
    if (*predictor) {
      predictions.emplace(**predictor, **codesign);
      evaluator = std::make_unique<study::PredictionEvaluator>(*predictions);
    } else if (*plan) {
      interrupt.emplace();
      auto started =
          startWorkers(**plan, **codesign, run, folder, interrupt->descriptor(), progress);
      if (failed(started)) {
        // A study that could not begin is none: the spec may change before it does.
        if (!resume) {
          {
            study::Store closed = std::move(*store);
          }
          study::Store::discard(folder);
        }
        progress.end();
        return study->flush(), kUserError;
      }
      progress.end();
      study->flush(); // What the worker warns of.
      measurement = started->get();
      evaluator = std::move(*started);
    }
    result = study::runSearch(**codesign, evaluator.get(), run, *store,
                              [&](const study::Progress &p) { progress(p); });
  }
  if (auto *error = std::get_if<study::RunError>(&result))
    return report(error->message, error->remedy);
  auto &outcome = std::get<study::RunOutcome>(result);
  std::vector<search::FrontPoint> verified = chooseVerified(outcome.front);
  if (std::optional<std::string> difference =
          study::verifyThroughIR(study->ops(), **codesign, verified, run.threads)) {
    llvm::errs() << "catc: internal error: " << *difference << "\n";
    return kInternalErrorExit;
  }

  results::FrontView front =
      study::makeResults(**codesign, evaluator.get(), run, study->spec().study, outcome);
  if (measurement) {
    front.study.search = study::footprintOf(**codesign, *measurement, outcome);
    if (std::optional<study::StoreError> error = study::storeFootprint(*store, *front.study.search))
      return report(error->message, error->remedy);
  }
  if (measurement && *baseline) {
    if (outcome.baseline)
      (*baseline)->accuracy = study::NamedAccuracy{*outcome.baseline, measurement->metric()};
    else
      (*baseline)->whyNotMeasured = outcome.baselineFailure.empty()
                                        ? "it was not pruned from the model that is pruned here"
                                        : outcome.baselineFailure;
  }
  evaluator.reset();
  auto csv = std::async(run.threads > 1 ? std::launch::async : std::launch::deferred,
                        [&] { return results::writeParetoCsv(folder + "/pareto.csv", front); });
  std::optional<std::string> problem = results::writeParetoJson(folder + "/pareto.json", front);
  if (std::optional<std::string> other = csv.get(); other && !problem)
    problem = other;
  if (problem)
    return fail(*problem);
  if (asJson)
    results::printJson(front, [](std::string_view part) { llvm::outs() << part; });
  else {
    printSummary(llvm::outs(), **codesign, front, outcome, *baseline);
    llvm::outs() << "costed again through the IR, equal to the last bit: " << verified.size()
                 << " of " << outcome.front.size() << " designs\n";
    llvm::outs() << "written: " << folder << "/pareto.json, pareto.csv, study.sqlite\n";
  }
  if (outcome.front.empty())
    return failEmpty(**codesign, outcome, predictions ? &*predictions : nullptr);
  return kSuccess;
}
