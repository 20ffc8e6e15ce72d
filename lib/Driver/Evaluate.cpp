//===- Evaluate.cpp - catc evaluate ---------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/Deployment.h"
#include "Driver/At.h"
#include "Driver/Driver.h"
#include "Driver/Interrupt.h"
#include "Driver/LoadedStudy.h"
#include "Driver/Measuring.h"
#include "Driver/Progress.h"
#include "Results/Format.h"
#include "Results/Table.h"
#include "Study/Accuracy.h"
#include "Study/DesignCost.h"
#include "Study/Run.h"
#include "Transforms/Bind.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;
namespace json = llvm::json;

static cl::SubCommand command("evaluate", "Cost one design, with every metric and operator");
static SpecOptions options(command);
static AtOption at(command);
static cl::opt<bool> asJson("json", cl::desc("Print JSON"), cl::sub(command));

cl::SubCommand &driver::evaluateCommand() { return command; }

namespace {

/// One operator's share of the design.
struct OperatorFigures {
  std::string name, segment;
  int64_t executions = 1;
  cost::EventCounts counts; ///< all executions
  Seconds latency;
  Joules energy;
};

/// A costed design with what its figures are made of.
struct CostedDesign {
  carbon::Metrics metrics;
  std::optional<results::AccuracyRecord> accuracy;
  std::string accuracyMetric;
  std::vector<OperatorFigures> operators;
  cost::AreaBreakdown area;
  cost::EnergyBreakdown energy;
  carbon::EmbodiedBreakdown embodied;
  carbon::OperationalBreakdown operational;
  carbon::Deployment deployment;
  std::vector<std::string> violated; ///< requirements
};

} // namespace

static llvm::FailureOr<CostedDesign> costDesign(mlir::ModuleOp module) {
  CostedDesign design;
  design.metrics = study::readMetrics(module);
  auto machineOp = *module.getOps<accel::MachineOp>().begin();
  auto carbonOp = *module.getOps<space::CarbonOp>().begin();
  auto workload = *module.getOps<accel::WorkloadOp>().begin();
  llvm::FailureOr<cost::Machine> machine = accel::getMachine(machineOp);
  llvm::FailureOr<carbon::Deployment> deployment = getDeployment(carbonOp, machineOp);
  llvm::FailureOr<cost::EventCounts> total = getTotalCounts(workload, *machine);
  if (failed(machine) || failed(deployment) || failed(total))
    return llvm::failure();
  for (auto program : workload.getBody().getOps<accel::ProgramOp>())
    program.walk([&](CostOpInterface op) {
      OperatorFigures figures;
      cost::Operator plain = op.getOperator();
      figures.name = plain.name;
      figures.segment = program.getSymName().str();
      for (mlir::Operation *parent = op->getParentOp(); parent != program;
           parent = parent->getParentOp())
        if (auto loop = llvm::dyn_cast<ExecutionCountOpInterface>(parent))
          figures.executions *= *loop.getExecutionCount();
      // Nothing fails that has been added up.
      figures.counts = *op.getWork(*machine) * figures.executions;
      figures.latency = cost::latency(*machine, figures.counts);
      figures.energy = cost::energy(*machine, figures.counts).total();
      design.operators.push_back(std::move(figures));
    });
  design.deployment = *deployment;
  design.area = cost::area(*machine);
  design.energy = cost::energy(*machine, *total);
  design.embodied = carbon::embodied(*deployment, *machine);
  design.operational = carbon::operational(*deployment, *machine, *total);
  return design;
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

/// What one figure of a design is the sum of.
struct Breakdown {
  llvm::StringRef title, key, unit;
  std::vector<std::pair<llvm::StringRef, double>> parts;
};

static std::vector<Breakdown> breakdowns(const CostedDesign &d) {
  return {{"area",
           "area_mm2",
           "mm2",
           {{"array", d.area.array.value()},
            {"accumulators", d.area.accumulators.value()},
            {"requantizers", d.area.requantizers.value()},
            {"vector", d.area.vector.value()},
            {"local", d.area.local.value()},
            {"global", d.area.global.value()},
            {"links", d.area.links.value()},
            {"other", d.area.other.value()}}},
          {"energy",
           "energy_j",
           "J",
           {{"mac", d.energy.mac.value()},
            {"accumulator", d.energy.accumulator.value()},
            {"clock", d.energy.clock.value()},
            {"vector", d.energy.vector.value()},
            {"local", d.energy.local.value()},
            {"global", d.energy.global.value()},
            {"dram", d.energy.dram.value()},
            {"leakage", d.energy.leakage.value()},
            {"dram active", d.energy.dramActive.value()}}},
          {"embodied",
           "embodied_kg",
           "kgCO2e",
           {{"die", d.embodied.die.value()},
            {"dram", d.embodied.dram.value()},
            {"package", d.embodied.package.value()},
            {"design", d.embodied.design.value()},
            {"training", d.embodied.training.value()}}},
          {"operational",
           "operational_kg",
           "kgCO2e",
           {{"dynamic", d.operational.dynamic.value()},
            {"active static", d.operational.activeStatic.value()},
            {"idle", d.operational.idle.value()}}}};
}

static void printText(const CostedDesign &d,
                      const std::vector<results::ParameterRecord> &parameters) {
  llvm::raw_ostream &os = llvm::outs();
  for (const results::ParameterRecord &p : parameters) {
    os << p.name << " = ";
    if (const auto *number = std::get_if<double>(&p.value))
      os << results::shortestNumber(*number) << (p.unit == "1" ? "" : " " + p.unit);
    else
      os << std::get<std::string>(p.value);
    os << "\n";
  }
  const carbon::Metrics &m = d.metrics;
  os << "\nlatency      " << results::format(m.latency) << "\nenergy       "
     << results::format(m.energy) << " per inference\narea         " << results::format(m.area)
     << "\npeak         " << results::format(m.peak) << "\nembodied     "
     << results::format(m.embodied) << "\noperational  " << results::format(m.operational)
     << "\ncarbon       " << results::format(m.carbon) << "\n";
  if (d.accuracy)
    os << "accuracy     " << results::format(*d.accuracy) << "  (" << d.accuracyMetric << "; "
       << d.accuracy->source << ")\n";
  for (const std::string &requirement : d.violated)
    os << "not feasible: " << requirement << "\n";
  os << "\n";
  std::vector<std::string> names, times;
  std::vector<double> latency, energy, share;
  for (const OperatorFigures &op : d.operators) {
    names.push_back(op.name);
    times.push_back(std::to_string(op.executions));
    latency.push_back(op.latency.value());
    energy.push_back(op.energy.value());
    share.push_back(m.latency.value() > 0 ? op.latency.value() / m.latency.value() : 0);
  }
  results::Table table;
  table.addColumn("operator", names, results::Align::Left);
  table.addColumn("times", times, results::Align::Right);
  table.addColumn("latency", latency, "s");
  table.addColumn("share", share, "%");
  table.addColumn("energy", energy, "J");
  os << table.str();

  for (const Breakdown &b : breakdowns(d)) {
    os << "\n" << b.title << ":";
    for (auto [name, value] : b.parts)
      if (value != 0)
        os << "  " << name << " " << results::formatQuantity(value, b.unit);
    os << "\n";
  }
}

static void printJson(const CostedDesign &d,
                      const std::vector<results::ParameterRecord> &parameters) {
  json::OStream out(llvm::outs(), 2);
  const carbon::Metrics &m = d.metrics;
  out.object([&] {
    out.attributeObject("parameters", [&] {
      for (const results::ParameterRecord &p : parameters)
        std::visit([&](const auto &value) { out.attribute(p.name, value); }, p.value);
    });
    out.attributeObject("metrics", [&] {
      out.attribute("latency_s", m.latency.value());
      out.attribute("energy_j", m.energy.value());
      out.attribute("area_mm2", m.area.value());
      out.attribute("peak_tops", m.peak.value() / 1e12);
      out.attribute("embodied_kg", m.embodied.value());
      out.attribute("operational_kg", m.operational.value());
      out.attribute("carbon_kg", m.carbon.value());
      if (d.accuracy)
        out.attributeObject("accuracy", [&] {
          out.attribute("metric", d.accuracyMetric);
          out.attribute("value", d.accuracy->value);
          out.attribute("sigma", d.accuracy->sigma);
          out.attribute("noise", d.accuracy->noise);
          out.attribute("source", d.accuracy->source);
          out.attribute("extrapolated", d.accuracy->extrapolated);
        });
    });
    out.attributeObject("breakdown", [&] {
      for (const Breakdown &b : breakdowns(d))
        out.attributeObject(b.key, [&] {
          for (auto [name, value] : b.parts)
            out.attribute(name, value);
        });
    });
    out.attributeArray("violated_requirements", [&] {
      for (const std::string &requirement : d.violated)
        out.value(requirement);
    });
    out.attributeArray("operators", [&] {
      for (const OperatorFigures &op : d.operators)
        out.object([&] {
          out.attribute("name", op.name);
          out.attribute("segment", op.segment);
          out.attribute("executions", op.executions);
          out.attribute("cycles", op.counts.cycles);
          out.attribute("macs", op.counts.macs);
          out.attribute("dram_bytes", op.counts.dramReadBytes + op.counts.dramWriteBytes);
          out.attribute("latency_s", op.latency.value());
          out.attribute("energy_j", op.energy.value());
        });
    });
  });
  llvm::outs() << "\n";
}

/// The accuracy that one worker measures for one design.
static llvm::FailureOr<study::NamedAccuracy> measureDesign(const LoadedStudy &study,
                                                           const study::MeasurementPlan &plan,
                                                           const study::Point &point) {
  Interrupt interrupt;
  ProgressReporter progress({}, /*quiet=*/asJson);
  study::RunOptions strategy = study::readStrategy(study.ops());
  study::MeasurementSession session =
      makeSession(/*runFolder=*/"", strategy.seed, interrupt.descriptor());
  session.fidelity = strategy.fidelity;
  session.report = [&](const std::string &message) { progress.say(message); };
  auto measurement = study::Measurement::start(plan, study.table(), session);
  if (failed(measurement))
    return llvm::failure();
  (*measurement)->begin(/*trial=*/0, study.table().modelOf(point), /*test=*/false);
  while (true) {
    std::variant<study::EvaluationEvent, study::RunError> next = (*measurement)->next();
    space::EvaluatorOp evaluator = plan.evaluator;
    if (auto *error = std::get_if<study::RunError>(&next))
      return evaluator.emitError() << error->message;
    auto &event = std::get<study::EvaluationEvent>(next);
    if (auto *failure = std::get_if<study::EvaluationFailure>(&event.content))
      return evaluator.emitError() << failure->message;
    if (auto *result = std::get_if<study::EvaluationResult>(&event.content))
      return study::NamedAccuracy{result->accuracy, (*measurement)->metric()};
    progress.say(std::get<study::EvaluationProgress>(event.content).message);
  }
}

/// What the study predicts or measures for a design; nothing if it evaluates no accuracy.
static llvm::FailureOr<std::optional<study::NamedAccuracy>>
obtainAccuracy(const LoadedStudy &study, const study::Point &point) {
  llvm::FailureOr<std::optional<study::MeasurementPlan>> plan = planMeasurement(study);
  if (failed(plan))
    return llvm::failure();
  if (!*plan)
    return study::predictDesign(study.ops(), study.table(), point);
  llvm::FailureOr<study::NamedAccuracy> measured = measureDesign(study, **plan, point);
  if (failed(measured))
    return llvm::failure();
  return std::optional<study::NamedAccuracy>(*measured);
}

int driver::runEvaluate() {
  std::unique_ptr<LoadedStudy> study = LoadedStudy::load(options);
  if (!study)
    return kUserError;
  std::optional<llvm::StringMap<mlir::Attribute>> values = at.parse(*study, /*all=*/true);
  if (!values)
    return kUserError;
  mlir::OwningOpRef<mlir::ModuleOp> bound = study->isolate();
  if (failed(bind(*bound, *values)) || failed(study::runTo(*bound, study::Stage::Accel)))
    return study->flush(), kUserError;
  llvm::FailureOr<CostedDesign> design = costDesign(*bound);
  if (failed(design))
    return study->flush(), kUserError;
  study::Point point = study->table().pointOfLiterals(*values);
  llvm::FailureOr<std::optional<study::NamedAccuracy>> accuracy = obtainAccuracy(*study, point);
  if (failed(accuracy))
    return study->flush(), kUserError;
  if (*accuracy) {
    design->accuracy = (*accuracy)->record;
    design->accuracyMetric = (*accuracy)->metric;
  }
  if (!study->flush())
    return kUserError;
  if (!std::isfinite(design->metrics.carbon.value()))
    return fail("the design's carbon is not finite: of so large a die none is good, or the carbon "
                "block states figures beyond all bounds");
  design->violated = study::violatedRequirements(study->ops(), study->table(), point,
                                                 design->metrics, design->deployment,
                                                 design->accuracy ? &*design->accuracy : nullptr);
  std::vector<results::ParameterRecord> records = study->table().recordsAt(point);
  asJson ? printJson(*design, records) : printText(*design, records);
  return kSuccess;
}
