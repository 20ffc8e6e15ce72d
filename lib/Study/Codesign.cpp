//===- Codesign.cpp - A study as a factored problem -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Codesign.h"
#include "Analysis/Deployment.h"
#include "Support/Check.h"
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <thread>

using namespace mlir;
using namespace cat;
using namespace cat::study;

/// Runs fn(begin, end) over [0, n) in chunks on several threads.
template <typename Fn>
static void parallelChunks(int64_t n, unsigned threads, int64_t chunk, Fn fn) {
  std::atomic<int64_t> next{0};
  auto work = [&]() {
    for (int64_t begin; (begin = next.fetch_add(chunk)) < n;)
      fn(begin, std::min(n, begin + chunk));
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &thread : pool)
    thread.join();
}

FailureOr<StudyOps> study::findStudy(ModuleOp module) {
  StudyOps ops;
  ops.module = module;
  auto studies = module.getOps<space::StudyOp>();
  if (!llvm::hasSingleElement(studies)) {
    module.emitError("expected one 'space.study' in the module");
    return failure();
  }
  ops.study = *studies.begin();
  SymbolTable symbols(module);
  ops.model = symbols.lookup<nn::ModelOp>(ops.study.getModel());
  ops.machine = symbols.lookup<accel::MachineOp>(ops.study.getHardware());
  ops.carbon = symbols.lookup<space::CarbonOp>(ops.study.getCarbon());
  if (!ops.model || !ops.machine || !ops.carbon) {
    ops.study.emitOpError("names a model, hardware or carbon block that the module does not have");
    return failure();
  }
  return ops;
}

Codesign::Codesign(const StudyOps &ops, const CodesignOptions &options)
    : ops_(ops), options_(options), table_(ops.module, ops.model, ops.machine, ops.carbon) {}

FailureOr<std::unique_ptr<Codesign>> Codesign::create(StudyOps ops,
                                                      const CodesignOptions &options) {
  std::unique_ptr<Codesign> result(new Codesign(ops, options));
  if (result->table_.modelCount() < 0 || result->table_.hardwareCount() < 0)
    return ops.study.emitError("the space has more models or hardware points than can be numbered");
  if (failed(result->buildSymbols()) || failed(result->buildHardware()))
    return failure();
  if (options.hardwareOnly) {
    result->requireMappable();
    return result;
  }
  if (failed(result->buildSegments()))
    return failure();
  if (failed(result->costOperators()))
    return failure();
  result->buildTerms();
  return result;
}

//===----------------------------------------------------------------------===//
// Goals and requirements
//===----------------------------------------------------------------------===//

/// The metrics that are affine in the counts once the hardware is fixed, and how to read them.
static std::optional<double> affineMetric(StringRef name, const carbon::Metrics &m) {
  constexpr llvm::StringLiteral kNames[] = {"latency", "energy", "operational", "carbon"};
  return llvm::is_contained(kNames, name) ? carbon::metricValue(m, name) : std::nullopt;
}

int32_t Codesign::symbolOf(Attribute leaf) {
  auto [it, isNew] = symbols_.try_emplace(leaf, static_cast<int32_t>(problem_.symbols.size()));
  if (!isNew)
    return it->second;
  search::Symbol symbol;
  auto addHardware = [&](HardwareValueSource source) {
    symbol.kind = search::SymbolKind::HardwareValue;
    symbol.index = static_cast<int32_t>(hardwareSources_.size());
    hardwareSources_.push_back(source);
  };
  if (auto ref = dyn_cast<space::RefAttr>(leaf)) {
    int32_t p = table_.find(ref.getName().getValue());
    if (p < 0)
      return -1;
    const auto &model = table_.modelParameters();
    if (table_[p].ofModel) {
      symbol.kind = search::SymbolKind::ModelParameter;
      symbol.index = static_cast<int32_t>(llvm::find(model, p) - model.begin());
    } else {
      HardwareValueSource source;
      source.parameter = p;
      addHardware(source);
    }
  } else {
    StringRef name = cast<space::MetricAttr>(leaf).getName().getValue();
    HardwareValueSource source;
    if (name == "accuracy") {
      symbol.kind = search::SymbolKind::Accuracy;
    } else if (name == "accuracy.sigma") {
      symbol.kind = search::SymbolKind::AccuracySigma;
    } else if (name == "area") {
      source.area = &carbon::Metrics::area;
      addHardware(source);
    } else if (name == "peak") {
      source.peak = &carbon::Metrics::peak;
      addHardware(source);
    } else if (name == "embodied") {
      source.embodied = &carbon::Metrics::embodied;
      addHardware(source);
    } else if (affineMetric(name, {})) {
      symbol.kind = search::SymbolKind::Term;
      symbol.index = static_cast<int32_t>(terms_.size());
      terms_.push_back(name.str());
    } else {
      return -1;
    }
  }
  problem_.symbols.push_back(symbol);
  return it->second;
}

bool Codesign::isHardwareOnly(const Expr &expr) const {
  return llvm::all_of(expr.symbols(), [&](int32_t s) {
    return problem_.symbols[s].kind == search::SymbolKind::HardwareValue;
  });
}

std::string Codesign::describeRequirement(size_t requirement) const {
  std::string text = "a requirement";
  if (auto place = requirementLocations_[requirement]->findInstanceOf<FileLineColLoc>())
    text =
        "the requirement at " + place.getFilename().str() + ":" + std::to_string(place.getLine());
  return text;
}

std::optional<int64_t> Codesign::modelsRejected(size_t requirement) const {
  constexpr int64_t kMostCombinations = 4'000'000;
  const Expr &condition = problem_.requirements[requirement];
  // Parameters that matter, by symbol.
  std::vector<std::pair<int32_t, const ParameterInfo *>> digits;
  int64_t combinations = 1;
  for (int32_t s : condition.symbols()) {
    const search::Symbol &symbol = problem_.symbols[s];
    if (symbol.kind != search::SymbolKind::ModelParameter)
      return std::nullopt;
    digits.emplace_back(s, &table_[table_.modelParameters()[symbol.index]]);
    if (__builtin_mul_overflow(combinations, digits.back().second->size(), &combinations) ||
        combinations > kMostCombinations)
      return std::nullopt;
  }
  std::vector<double> symbols(problem_.symbols.size());
  int64_t rejected = 0;
  for (int64_t index = 0; index < combinations; ++index) {
    int64_t rest = index;
    for (auto [s, parameter] : digits) {
      symbols[s] = parameter->values[rest % parameter->size()];
      rest /= parameter->size();
    }
    rejected += condition.evaluate(symbols.data()) == 0;
  }
  return rejected * (table_.modelCount() / combinations);
}

LogicalResult Codesign::buildSymbols() {
  auto symbol = [&](Attribute leaf) { return symbolOf(leaf); };
  for (auto goal : ops_.study.getBody().getOps<space::GoalOp>()) {
    std::optional<Expr> value = space::toExpr(goal.getValue(), symbol);
    if (!value)
      return goal.emitError(
          "this goal cannot be evaluated: it refers to something that is no number");
    search::Goal plain;
    plain.value = *value;
    plain.maximize = goal.getMaximize();
    plain.threshold = goal.getThreshold() ? goal.getThreshold()->convertToDouble()
                                          : std::numeric_limits<double>::quiet_NaN();
    problem_.goals.push_back(plain);
    GoalInfo info{goal.getName().str(),
                  plain.maximize,
                  plain.threshold,
                  goal.getUnit().value_or("").str(),
                  goal.getScale() ? goal.getScale()->convertToDouble() : 1,
                  ""};
    if (auto metric = dyn_cast<space::MetricAttr>(goal.getValue()))
      info.metric = metric.getName().str();
    goals_.push_back(std::move(info));
  }
  if (goals_.empty())
    return ops_.study.emitError("the study has no goal; add 'minimize' or 'maximize'");
  auto addRequirement = [&](space::RequireOp require) -> LogicalResult {
    std::optional<Expr> condition = space::toExpr(require.getCondition(), symbol);
    if (!condition)
      return require.emitError(
          "this requirement cannot be evaluated: it refers to something that is no number");
    problem_.requirements.push_back(*condition);
    requirementLabels_.push_back(require.getLabel().value_or("").str());
    requirementLocations_.push_back(require.getLoc());
    return success();
  };
  for (auto require : ops_.module.getOps<space::RequireOp>())
    if (failed(addRequirement(require)))
      return failure();
  for (auto require : ops_.study.getBody().getOps<space::RequireOp>())
    if (failed(addRequirement(require)))
      return failure();

  // Idle time cannot be negative: a design must be able to serve its inferences within the
  // lifetime.
  int32_t latency = symbolOf(space::MetricAttr::get(
      ops_.module.getContext(), StringAttr::get(ops_.module.getContext(), "latency")));
  HardwareValueSource served;
  served.servedTime = true;
  hardwareSources_.push_back(served);
  problem_.symbols.push_back(
      {search::SymbolKind::HardwareValue, static_cast<int32_t>(hardwareSources_.size()) - 1});
  auto time = static_cast<int32_t>(problem_.symbols.size()) - 1;
  problem_.requirements.push_back(
      Expr::apply(ExprOp::LE, {Expr::symbol(latency), Expr::symbol(time)}));
  requirementLabels_.push_back(kServedLabel);
  requirementLocations_.push_back(ops_.carbon.getLoc());

  // A parameter of both sides: a hardware point goes with the models that have the same value.
  for (int32_t p : table_.sharedParameters()) {
    const auto &model = table_.modelParameters();
    problem_.symbols.push_back({search::SymbolKind::ModelParameter,
                                static_cast<int32_t>(llvm::find(model, p) - model.begin())});
    HardwareValueSource source;
    source.parameter = p;
    hardwareSources_.push_back(source);
    problem_.symbols.push_back(
        {search::SymbolKind::HardwareValue, static_cast<int32_t>(hardwareSources_.size()) - 1});
    auto last = static_cast<int32_t>(problem_.symbols.size()) - 1;
    problem_.requirements.push_back(
        Expr::apply(ExprOp::EQ, {Expr::symbol(last - 1), Expr::symbol(last)}));
    requirementLabels_.push_back(table_[p].name + kSharedLabel);
    requirementLocations_.push_back(ops_.machine.getLoc());
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Hardware
//===----------------------------------------------------------------------===//

LogicalResult Codesign::buildHardware() {
  // Every combination of what the machine depends on; shared parameters vary here too,
  // innermost, so that declared indices ascend.
  std::vector<int32_t> digits = table_.hardwareParameters();
  llvm::append_range(digits, table_.sharedParameters());
  int64_t count = 1;
  for (int32_t p : digits)
    if (__builtin_mul_overflow(count, table_[p].size(), &count) || count > options_.maxHardware)
      return ops_.machine.emitError() << "the hardware space has more than " << options_.maxHardware
                                      << " points; search over fewer values";
  std::vector<std::vector<double>> values(hardwareSources_.size());
  std::vector<size_t> hardwareOnly;
  for (size_t r = 0; r < problem_.requirements.size(); ++r)
    if (isHardwareOnly(problem_.requirements[r]))
      hardwareOnly.push_back(r);
  for (size_t r : hardwareOnly)
    rejections_.push_back({requirementLabels_[r], 0, 0, requirementLocations_[r]});
  int64_t valuesOfShared = 1;
  for (int32_t p : table_.sharedParameters())
    valuesOfShared *= table_[p].size();
  // Of the declared point at hand: with how many values of the shared parameters it is rejected, by
  // each requirement and then by each rule of legality met so far, and accepted.
  std::vector<int64_t> rejecting(hardwareOnly.size());
  std::map<std::string, size_t> rules;
  int64_t accepted = 0;
  auto countPoint = [&] {
    for (size_t i = 0; i < rejecting.size(); ++i) {
      rejections_[i].rejected += rejecting[i] == valuesOfShared;
      rejections_[i].partly += rejecting[i] > 0 && rejecting[i] < valuesOfShared;
      rejecting[i] = 0;
    }
    satisfying_ += accepted > 0;
    satisfyingPartly_ += accepted > 0 && accepted < valuesOfShared;
    accepted = 0;
  };

  std::vector<double> symbols(problem_.symbols.size());
  std::vector<double> row(hardwareSources_.size());
  Point point(table_.size(), 0);
  for (int64_t index = 0; index < count; ++index) {
    if (index > 0 && index % valuesOfShared == 0)
      countPoint();
    int64_t rest = index;
    for (size_t i = digits.size(); i-- > 0;) {
      point[digits[i]] = static_cast<int32_t>(rest % table_[digits[i]].size());
      rest /= table_[digits[i]].size();
    }
    auto lookup = [&](StringRef name) { return table_.valueAt(point, name); };
    FailureOr<cost::Machine> machine = accel::readMachine(ops_.machine, lookup);
    FailureOr<carbon::Deployment> deployment = getDeployment(ops_.carbon, ops_.machine, lookup);
    if (failed(machine) || failed(deployment))
      return failure();
    bool feasible = true;
    if (std::optional<cost::MachineProblem> problem = cost::checkMachine(*machine)) {
      // What is wrong with every point is an error; what is wrong with some is a requirement.
      if (problem->rule.empty() || count == 1) {
        accel::reportProblem(ops_.machine, *problem);
        return failure();
      }
      auto [rule, isNew] = rules.try_emplace(problem->rule, rejections_.size());
      if (isNew) {
        rejections_.push_back(
            {kLegalLabel + problem->rule, 0, 0, accel::locateProblem(ops_.machine, *problem)});
        rejecting.push_back(0);
      }
      ++rejecting[rule->second];
      feasible = false;
    }
    carbon::MetricsModel metrics(*deployment, *machine);
    carbon::Metrics exact = metrics({});
    for (size_t v = 0; v < row.size(); ++v) {
      const HardwareValueSource &source = hardwareSources_[v];
      row[v] = source.parameter >= 0 ? table_[source.parameter].values[point[source.parameter]]
               : source.area         ? (exact.*source.area).value()
               : source.peak         ? (exact.*source.peak).value()
               : source.embodied     ? (exact.*source.embodied).value()
                                     : carbon::servedTime(*deployment).value();
    }
    for (size_t s = 0; s < symbols.size(); ++s)
      if (problem_.symbols[s].kind == search::SymbolKind::HardwareValue)
        symbols[s] = row[problem_.symbols[s].index];
    for (size_t i = 0; i < hardwareOnly.size(); ++i)
      if (problem_.requirements[hardwareOnly[i]].evaluate(symbols.data()) == 0) {
        ++rejecting[i];
        feasible = false;
      }
    if (!feasible)
      continue;
    ++accepted;
    for (size_t v = 0; v < row.size(); ++v)
      values[v].push_back(row[v]);
    problem_.hardwareIds.push_back(table_.hardwareOf(point));
    machines_.push_back(std::move(*machine));
    deployments_.push_back(std::move(*deployment));
    metrics_.push_back(std::move(metrics));
  }
  countPoint();
  problem_.hardwareCount = static_cast<int32_t>(machines_.size());
  problem_.hardwareValues = std::move(values);

  // Decided already: what is left to the search depends on the model too.
  for (size_t i = hardwareOnly.size(); i-- > 0;) {
    problem_.requirements.erase(problem_.requirements.begin() + hardwareOnly[i]);
    requirementLabels_.erase(requirementLabels_.begin() + hardwareOnly[i]);
    requirementLocations_.erase(requirementLocations_.begin() + hardwareOnly[i]);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

LogicalResult Codesign::buildSegments() {
  const auto &model = table_.modelParameters();
  for (int32_t p : model)
    problem_.parameters.push_back({table_[p].values, table_[p].categorical});
  FailureOr<LoweredModel> lowered = lowerModel(ops_.model, table_, options_.threads);
  if (failed(lowered))
    return failure();
  lowered_ = std::move(*lowered);
  for (const LoweredSegment &segment : lowered_.segments) {
    search::Segment plain;
    for (int32_t p : segment.parameters)
      plain.parameters.push_back(static_cast<int32_t>(llvm::find(model, p) - model.begin()));
    plain.variants = static_cast<int64_t>(segment.variants.size());
    problem_.segments.push_back(std::move(plain));
  }
  return success();
}

/// "'vision.mlp.c_fc': the array ...", for an operator that a machine cannot run.
static std::string notRun(const cost::Machine &machine, const cost::Operator &op) {
  return "'" + op.name + "': " + cost::whyNotRun(machine, op);
}

LogicalResult Codesign::costOperators() {
  int64_t hardware = problem_.hardwareCount;
  operatorCounts_.resize(lowered_.operators.size() * hardware);
  std::vector<char> unmappable(operatorCounts_.size());
  parallelChunks(hardware, options_.threads, 16, [&](int64_t begin, int64_t end) {
    for (int64_t h = begin; h < end; ++h)
      for (size_t op = 0; op < lowered_.operators.size(); ++op) {
        std::optional<cost::EventCounts> counts =
            cost::countOperator(machines_[h], lowered_.operators[op]);
        if (counts)
          operatorCounts_[op * hardware + h] = *counts;
        else
          unmappable[op * hardware + h] = 1;
      }
  });
  auto first = llvm::find(unmappable, 1);
  if (first == unmappable.end())
    return success();
  if (table_.designCount() == results::DesignId::of(1, 0, 1)) {
    return ops_.machine.emitError()
           << "cannot run " << notRun(machines_[0], lowered_.operators[first - unmappable.begin()]);
  }
  unmappable_ = std::move(unmappable);
  requireMappable();
  return success();
}

void Codesign::requireMappable() {
  problem_.symbols.push_back({search::SymbolKind::Term, static_cast<int32_t>(terms_.size())});
  terms_.push_back(kMappableLabel);
  problem_.requirements.push_back(
      Expr::apply(ExprOp::LE, {Expr::symbol(static_cast<int32_t>(problem_.symbols.size()) - 1),
                               Expr::constant(0.5)}));
  requirementLabels_.push_back(kMappableLabel);
  requirementLocations_.push_back(ops_.machine.getLoc());
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

void Codesign::buildTerms() {
  int64_t hardware = problem_.hardwareCount;
  size_t operators = lowered_.operators.size();
  problem_.terms.resize(terms_.size());
  for (search::AdditiveTerm &term : problem_.terms) {
    term.base.resize(hardware);
    for (const LoweredSegment &segment : lowered_.segments)
      term.tables.emplace_back(segment.variants.size() * hardware);
  }
  // Affine in the counts: what an operator adds is its metric less that of doing nothing.
  parallelChunks(hardware, options_.threads, 64, [&](int64_t begin, int64_t end) {
    // For the chunk's hardware points side by side, as tables have them.
    const int64_t width = end - begin;
    std::vector<std::vector<double>> added(terms_.size(), std::vector<double>(operators * width));
    for (int64_t h = begin; h < end; ++h) {
      carbon::Metrics nothing = metrics_[h]({});
      for (size_t t = 0; t < terms_.size(); ++t)
        problem_.terms[t].base[h] = affineMetric(terms_[t], nothing).value_or(0);
      for (size_t op = 0; op < operators; ++op) {
        // A large multiple keeps the difference to the base exact to the last digits.
        constexpr int64_t kMany = 1 << 16;
        carbon::Metrics many = metrics_[h](operatorCounts_[op * hardware + h] * kMany);
        for (size_t t = 0; t < terms_.size(); ++t)
          if (std::optional<double> metric = affineMetric(terms_[t], many))
            added[t][op * width + h - begin] = (*metric - problem_.terms[t].base[h]) / kMany;
          else
            added[t][op * width + h - begin] = unmappable_[op * hardware + h];
      }
    }
    for (size_t s = 0; s < lowered_.segments.size(); ++s)
      for (size_t v = 0; v < lowered_.segments[s].variants.size(); ++v)
        for (size_t t = 0; t < terms_.size(); ++t) {
          double *sums = &problem_.terms[t].tables[s][v * hardware + begin];
          for (const OperatorUse &use : lowered_.segments[s].variants[v].operators) {
            const double *adds = &added[t][use.op * width];
            const auto repeat = static_cast<double>(use.repeat);
            for (int64_t i = 0; i < width; ++i)
              sums[i] += adds[i] * repeat;
          }
        }
  });
  problem_.exactTerms = [this](search::ModelId model, search::HardwareId h, double *out) {
    carbon::Metrics exact = metrics(model, h);
    for (size_t t = 0; t < terms_.size(); ++t)
      if (std::optional<double> metric = affineMetric(terms_[t], exact))
        out[t] = *metric;
      else
        out[t] = static_cast<double>(unmappable(model, h));
  };
}

//===----------------------------------------------------------------------===//
// Designs
//===----------------------------------------------------------------------===//

std::vector<int64_t> Codesign::variants(search::ModelId model) const {
  std::vector<int32_t> levels(problem_.parameters.size());
  problem_.levels(model, levels.data());
  std::vector<int64_t> result(problem_.segments.size());
  for (size_t s = 0; s < result.size(); ++s)
    result[s] = problem_.variant(s, levels.data());
  return result;
}

cost::EventCounts Codesign::counts(search::ModelId model, search::HardwareId h) const {
  cost::EventCounts total;
  std::vector<int64_t> variant = variants(model);
  for (size_t s = 0; s < variant.size(); ++s)
    for (const OperatorUse &use : lowered_.segments[s].variants[variant[s]].operators)
      total +=
          operatorCounts_[use.op * static_cast<int64_t>(problem_.hardwareCount) + h] * use.repeat;
  return total;
}

int64_t Codesign::unmappable(search::ModelId model, search::HardwareId h) const {
  int64_t total = 0;
  if (unmappable_.empty())
    return total;
  std::vector<int64_t> variant = variants(model);
  for (size_t s = 0; s < variant.size(); ++s)
    for (const OperatorUse &use : lowered_.segments[s].variants[variant[s]].operators)
      total += unmappable_[use.op * static_cast<int64_t>(problem_.hardwareCount) + h] * use.repeat;
  return total;
}

std::string Codesign::whyUnmappable(search::ModelId model, search::HardwareId h) const {
  if (unmappable_.empty())
    return "";
  std::vector<int64_t> variant = variants(model);
  for (size_t s = 0; s < variant.size(); ++s)
    for (const OperatorUse &use : lowered_.segments[s].variants[variant[s]].operators)
      if (unmappable_[use.op * static_cast<int64_t>(problem_.hardwareCount) + h])
        return notRun(machines_[h], lowered_.operators[use.op]);
  return "";
}

carbon::Metrics Codesign::metrics(search::ModelId model, search::HardwareId h) const {
  return metrics_[h](counts(model, h));
}

Point Codesign::point(search::ModelId model, search::HardwareId h) const {
  Point point;
  table_.setModel(model, point);
  table_.setHardware(problem_.hardwareIds[h], point);
  return point;
}

search::HardwareId Codesign::findHardware(int64_t declared) const {
  auto it = llvm::lower_bound(problem_.hardwareIds, declared);
  if (it == problem_.hardwareIds.end() || *it != declared)
    return -1;
  return static_cast<search::HardwareId>(it - problem_.hardwareIds.begin());
}
