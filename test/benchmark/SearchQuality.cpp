//===- SearchQuality.cpp - How much of the exact front a search finds -----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Searches a spec's whole space for an accuracy that is known for every model, so that the exact
// front is known too, and prints the share of the exact hypervolume that is found. The accuracies
// are benchmark surfaces: the spec's predictor, with terms that it does not know. A search that is
// given the predictor as prior mean is therefore not given the answer.
//
// A share counts the true accuracies of the models that were evaluated, with all their hardware,
// whatever noise the search was shown. scripts/search_docs.py makes docs/search.md of many runs.
//
//===----------------------------------------------------------------------===//

#include "Frontend/Frontend.h"
#include "Search/CounterRandom.h"
#include "Search/Hypervolume.h"
#include "Search/Oracle.h"
#include "Search/Parallel.h"
#include "Search/Strategy.h"
#include "Search/Subset.h"
#include "Study/Accuracy.h"
#include "Support/Check.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include <chrono>
#include <cmath>

using namespace cat;
namespace cl = llvm::cl;

namespace {

enum class Reference { Spec, Tight };

cl::opt<std::string> specPath(cl::Positional, cl::Required, cl::desc("<spec.cat>"));
cl::opt<std::string> studyName("study", cl::desc("The study, if the spec has several"));
cl::list<std::string> searchPaths("I", cl::Prefix, cl::desc("Folder in which imports are found"));
cl::opt<bool> withShape("shape", cl::desc("Add a term of each tower's shape to the accuracy"));
cl::opt<double> fieldDeviation("field", cl::init(0),
                               cl::desc("Standard deviation of a smooth random field over the "
                                        "parameters that is added"));
cl::opt<double> whiteDeviation("white", cl::init(0),
                               cl::desc("Standard deviation of a term that is added, independent "
                                        "for each model"));
cl::opt<uint64_t> surfaceSeed("surface-seed", cl::init(1), cl::desc("Seed of the random terms"));
cl::opt<Reference>
    reference("reference", cl::desc("Thresholds of the goals:"), cl::init(Reference::Spec),
              cl::values(clEnumValN(Reference::Spec, "spec", "the spec's"),
                         clEnumValN(Reference::Tight, "tight",
                                    "the exact front's worst value and 10 % of its range, where "
                                    "that is tighter")));
cl::opt<std::string> strategyName("strategy", cl::init("greybox"),
                                  cl::desc("greybox, random, or ceiling: the best models, chosen "
                                           "greedily with everything known"));
cl::opt<bool> withPrior("prior", cl::desc("Give the predictor as prior mean"));
cl::opt<double> noise("noise", cl::init(0),
                      cl::desc("Standard deviation of the accuracies that the search is told"));
cl::opt<unsigned> seeds("seeds", cl::init(10), cl::desc("Searches, with seeds 0, 1 ..."));
cl::list<unsigned> checkpoints("at", cl::CommaSeparated,
                               cl::desc("Evaluations after which to look (default 10,20,40,60)"));
cl::opt<unsigned> threads("jobs", cl::init(1), cl::desc("Threads"));

} // namespace

//===----------------------------------------------------------------------===//
// Surfaces
//===----------------------------------------------------------------------===//

/// What a tower's shape adds to the logit of the accuracy beyond its MACs: width matters more than
/// depth, FFN and heads do, and towers whose dimensions shrink unequally lose a little. `largest`
/// holds the unpruned sizes.
static double shapeTerm(const std::string &tower, const std::map<std::string, double> &sizes,
                        const std::map<std::string, double> &largest) {
  // Exponents of the towers' MACs in the predictor's fit (catlib/predictor.cat), and the
  // sensitivities to the mix, by the order width, layers, ffn, heads.
  double exponent = tower == "vision" ? 0.453 : 0.137;
  double unevenness = tower == "vision" ? 0.15 : 0.05;
  constexpr const char *kNames[] = {"width", "layers", "ffn", "heads"};
  constexpr double kWeights[] = {0.25, -0.05, -0.15, -0.05};
  double mean = 0, logs[4], term = 0;
  for (int i = 0; i < 4; ++i) {
    logs[i] = std::log(sizes.at(kNames[i]) / largest.at(kNames[i]));
    mean += logs[i] / 4;
    term += exponent * kWeights[i] * logs[i];
  }
  for (double x : logs)
    term -= unevenness * (x - mean) * (x - mean) / 4;
  return term;
}

/// The shape terms of all variants of each segment; empty for a segment that is no tower.
static std::vector<std::vector<double>> shapeTerms(const study::Codesign &codesign) {
  std::vector<std::vector<double>> terms;
  for (const study::LoweredSegment &segment : codesign.lowered().segments) {
    std::map<std::string, double> largest;
    for (const study::SegmentVariant &variant : segment.variants)
      for (const auto &[name, size] : variant.sizes)
        largest[name] = std::max(largest[name], size);
    std::vector<double> of;
    if (largest.count("layers"))
      for (const study::SegmentVariant &variant : segment.variants)
        of.push_back(shapeTerm(segment.name, variant.sizes, largest));
    terms.push_back(std::move(of));
  }
  return terms;
}

/// A random function of unit variance over [0, 1]^n with the covariance of a squared exponential
/// kernel of length scale 1/2, from random features (Rahimi and Recht 2007).
class RandomField {
public:
  RandomField(size_t dimensions, uint64_t seed) {
    for (size_t f = 0; f < kFeatures; ++f) {
      search::CounterRandom random(seed, f);
      for (size_t d = 0; d < dimensions; ++d)
        frequencies.push_back(random.normal() / 0.5);
      phases.push_back(2 * M_PI * random.uniform());
    }
  }
  double operator()(const std::vector<double> &at) const {
    double sum = 0;
    for (size_t f = 0; f < kFeatures; ++f) {
      double angle = phases[f];
      for (size_t d = 0; d < at.size(); ++d)
        angle += frequencies[f * at.size() + d] * at[d];
      sum += std::cos(angle);
    }
    return std::sqrt(2.0 / kFeatures) * sum;
  }

private:
  static constexpr size_t kFeatures = 64;
  std::vector<double> frequencies, phases;
};

/// The true accuracy of every model.
static std::vector<search::Evaluation>
trueAccuracies(const study::Codesign &codesign, const std::vector<search::Evaluation> &predicted) {
  std::vector<search::Evaluation> values = predicted;
  const search::Problem &problem = codesign.problem();
  std::vector<std::vector<double>> shapes = shapeTerms(codesign);
  RandomField field(problem.parameters.size(), surfaceSeed);
  auto add = [&](search::ModelId model) {
    std::vector<int32_t> levels(problem.parameters.size());
    problem.levels(model, levels.data());
    double &value = values[model].value;
    if (withShape) {
      double logit = std::log(value / (1 - value));
      for (size_t s = 0; s < shapes.size(); ++s)
        if (!shapes[s].empty())
          logit += shapes[s][problem.variant(s, levels.data())];
      value = 1 / (1 + std::exp(-logit));
    }
    if (fieldDeviation > 0) {
      std::vector<double> at;
      for (size_t p = 0; p < levels.size(); ++p)
        at.push_back(levels[p] / std::max(1.0, problem.parameters[p].levels.size() - 1.0));
      value += fieldDeviation * field(at);
    }
    if (whiteDeviation > 0)
      value += whiteDeviation * search::CounterRandom(~surfaceSeed, model).normal();
  };
  search::parallelFor(threads, problem.modelCount(), 4096,
                      [&](int64_t begin, int64_t end, unsigned) {
                        for (search::ModelId model = begin; model < end; ++model)
                          add(model);
                      });
  return values;
}

//===----------------------------------------------------------------------===//
// Searches
//===----------------------------------------------------------------------===//

/// Tightens thresholds to the front's worst value and 10 % of its range.
static void tighten(search::Problem &problem, const std::vector<search::FrontPoint> &points) {
  std::vector<search::Goal> open = problem.goals;
  for (search::Goal &goal : open)
    goal.threshold = std::nan("");
  std::vector<double> nadir = search::referencePoint(open, points);
  for (size_t g = 0; g < nadir.size(); ++g) {
    search::Goal &goal = problem.goals[g];
    if (std::isnan(goal.threshold) ||
        search::minimised(goal, nadir[g]) < search::minimised(goal, goal.threshold))
      goal.threshold = nadir[g];
  }
}

/// Hypervolumes at the checkpoints of one search.
static std::vector<double> runSearch(const search::Problem &problem,
                                     const search::ModelFronts &fronts,
                                     const std::vector<search::Evaluation> &truth,
                                     std::shared_ptr<const std::vector<search::Evaluation>> prior,
                                     const std::vector<double> &at,
                                     const std::vector<unsigned> &evaluations, uint64_t seed) {
  search::StrategyOptions options;
  options.seed = seed;
  options.threads = threads;
  options.prior = std::move(prior);
  search::StrategyResult made = search::makeStrategy(strategyName, problem, options);
  if (!made.strategy) {
    llvm::errs() << "SearchQuality: " << made.reason << "\n";
    std::exit(1);
  }
  std::vector<search::FrontPoint> found;
  std::vector<double> volumes;
  for (unsigned trial = 1; trial <= evaluations.back(); ++trial) {
    if (std::optional<search::ModelId> model = made.strategy->ask()) {
      search::Evaluation told = truth[*model];
      told.noise = noise;
      told.value += noise * search::CounterRandom(~seed, *model).normal();
      made.strategy->tell(*model, told);
      std::vector<search::FrontPoint> more = fronts.front(*model, truth[*model]);
      found.insert(found.end(), more.begin(), more.end());
      found = search::nondominated(problem, std::move(found));
    }
    if (llvm::is_contained(evaluations, trial))
      volumes.push_back(search::hypervolume(problem.goals, found, at));
  }
  return volumes;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Share of the exact hypervolume that a search finds\n");
  std::vector<unsigned> evaluations(checkpoints.begin(), checkpoints.end());
  if (evaluations.empty())
    evaluations = {10, 20, 40, 60};
  llvm::sort(evaluations);

  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  frontend::DiagnosticEngine diagnostics;
  frontend::FrontendOptions frontendOptions;
  frontendOptions.searchPaths = {CATC_SOURCE_DIR};
  frontendOptions.searchPaths.insert(frontendOptions.searchPaths.end(), searchPaths.begin(),
                                     searchPaths.end());
  frontendOptions.study = studyName;
  frontend::Spec spec = frontend::loadSpec(specPath, &context, frontendOptions, diagnostics);
  diagnostics.flush(llvm::errs());
  if (!spec)
    return 1;
  llvm::FailureOr<study::StudyOps> ops = study::findStudy(*spec.module);
  if (failed(ops))
    return 1;
  auto codesign = study::Codesign::create(*ops, {threads});
  auto predictor = study::makePredictor(*ops);
  if (failed(codesign) || failed(predictor))
    return 1;
  if (!*predictor) {
    llvm::errs() << "SearchQuality: the study evaluates no accuracy\n";
    return 1;
  }

  study::ModelPredictions predictions(**predictor, **codesign);
  search::Problem problem = (*codesign)->problem();
  auto predicted = std::make_shared<std::vector<search::Evaluation>>(problem.modelCount());
  for (search::ModelId model = 0; model < problem.modelCount(); ++model)
    (*predicted)[model] = predictions.evaluation(model);
  std::vector<search::Evaluation> truth = trueAccuracies(**codesign, *predicted);

  if (std::optional<std::string> reason = search::whyNotEnumerable(problem)) {
    llvm::errs() << "SearchQuality: there is no exact front to compare with: " << *reason << "\n";
    return 1;
  }
  search::Front front = search::enumerateFront(problem, truth, {threads});
  if (reference == Reference::Tight)
    tighten(problem, front.points);
  std::vector<double> at = search::referencePoint(problem.goals, front.points);
  double exact = search::hypervolume(problem.goals, front.points, at);

  search::ModelFronts fronts(problem, threads);
  llvm::json::Array runs, seconds;
  unsigned count = strategyName == "ceiling" ? 1 : seeds;
  for (unsigned seed = 0; seed < count; ++seed) {
    auto begin = std::chrono::steady_clock::now();
    std::vector<double> volumes;
    if (strategyName == "ceiling") {
      std::vector<double> all =
          search::greedyModelHypervolumes(problem, fronts, front, truth, at, evaluations.back());
      for (unsigned n : evaluations)
        volumes.push_back(all.empty() ? 0 : all[std::min<size_t>(n, all.size()) - 1]);
    } else {
      volumes =
          runSearch(problem, fronts, truth, withPrior ? predicted : nullptr, at, evaluations, seed);
    }
    llvm::json::Array shares;
    for (double volume : volumes)
      shares.push_back(volume / exact);
    runs.push_back(std::move(shares));
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  llvm::json::Array thresholds(at);
  llvm::outs() << llvm::formatv("{0:2}", llvm::json::Value(llvm::json::Object{
                                             {"points", static_cast<int64_t>(front.points.size())},
                                             {"hypervolume", exact},
                                             {"reference", std::move(thresholds)},
                                             {"checkpoints", llvm::json::Array(evaluations)},
                                             {"shares", std::move(runs)},
                                             {"seconds", std::move(seconds)}}))
               << "\n";
  return 0;
}
