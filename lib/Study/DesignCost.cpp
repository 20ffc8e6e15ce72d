//===- DesignCost.cpp - One design through the pass pipeline --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/DesignCost.h"
#include "Analysis/Pipelines.h"
#include "Support/Check.h"
#include "Transforms/Bind.h"
#include "Transforms/Passes.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <atomic>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace cat;
using namespace cat::study;

OwningOpRef<ModuleOp> study::isolateDesign(ModuleOp module, StringRef model, StringRef machine) {
  OwningOpRef<ModuleOp> copy = module.clone();
  for (Operation &op : llvm::make_early_inc_range(*copy->getBody())) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (isa<nn::ModelOp>(op) && symbol.getName() != model)
      op.erase();
    else if (isa<accel::MachineOp>(op) && symbol.getName() != machine)
      op.erase();
  }
  return copy;
}

LogicalResult study::runTo(ModuleOp module, Stage stage) {
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  pm.enableVerifier(false);
  if (stage == Stage::NN)
    pm.addPass(createVerifyBound());
  if (stage == Stage::Accel) {
    buildLoweringPipeline(pm);
    buildCostPipeline(pm);
  }
  if (stage == Stage::Linalg) {
    for (auto machine : llvm::make_early_inc_range(module.getOps<accel::MachineOp>()))
      machine.erase();
    buildLinalgPipeline(pm);
  }
  return pm.run(module);
}

carbon::Metrics study::readMetrics(ModuleOp module) {
  auto dictionary =
      module->getAttrOfType<DictionaryAttr>(accel::AccelDialect::getMetricsAttrName());
  auto get = [&](StringRef name) {
    auto value = dictionary ? dictionary.getAs<FloatAttr>(name) : FloatAttr();
    CATC_CHECK(value, "a metric is missing after the cost pipeline");
    return value.getValueAsDouble();
  };
  carbon::Metrics metrics;
  metrics.latency = Seconds(get("latency_s"));
  metrics.energy = Joules(get("energy_j"));
  metrics.area = SquareMillimetres(get("area_mm2"));
  metrics.peak = OperationsPerSecond(get("peak_tops") * 1e12);
  metrics.embodied = KilogramsCO2e(get("embodied_kg"));
  metrics.operational = KilogramsCO2e(get("operational_kg"));
  metrics.carbon = KilogramsCO2e(get("carbon_kg"));
  return metrics;
}

FailureOr<carbon::Metrics> study::costThroughIR(StudyOps ops, const ParameterTable &table,
                                                const Point &point) {
  OwningOpRef<ModuleOp> module =
      isolateDesign(ops.module, ops.model.getSymName(), ops.machine.getSymName());
  if (failed(bind(*module, table.literalsAt(point))) || failed(runTo(*module, Stage::Accel)))
    return failure();
  return readMetrics(*module);
}

bool study::sameMetrics(const carbon::Metrics &a, const carbon::Metrics &b) {
  return a.latency == b.latency && a.energy == b.energy && a.area == b.area &&
         a.peak.value() / 1e12 * 1e12 == b.peak.value() / 1e12 * 1e12 && a.embodied == b.embodied &&
         a.operational == b.operational && a.carbon == b.carbon;
}

std::optional<std::string> study::verifyThroughIR(StudyOps ops, const Codesign &codesign,
                                                  const std::vector<search::FrontPoint> &points,
                                                  unsigned threads) {
  constexpr size_t kPerContext = 256;
  std::string bytecode;
  {
    OwningOpRef<ModuleOp> design =
        isolateDesign(ops.module, ops.model.getSymName(), ops.machine.getSymName());
    llvm::raw_string_ostream os(bytecode);
    CATC_CHECK(succeeded(writeBytecodeToFile(*design, os)), "space IR cannot be written");
  }
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t failedAt = points.size();
  std::string failure;
  auto work = [&]() {
    for (size_t begin; (begin = next.fetch_add(kPerContext)) < points.size();) {
      DialectRegistry registry;
      registry.insert<accel::AccelDialect, nn::NNDialect, space::SpaceDialect>();
      MLIRContext context(registry, MLIRContext::Threading::DISABLED);
      context.loadAllAvailableDialects();
      std::string message;
      context.getDiagEngine().registerHandler([&](Diagnostic &d) { message = d.str(); });
      OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(bytecode, ParserConfig(&context));
      FailureOr<StudyOps> own = findStudy(*module);
      CATC_CHECK(succeeded(own), "space IR cannot be read back");
      ParameterTable table(own->module, own->model, own->machine, own->carbon);
      for (size_t i = begin; i < std::min(begin + kPerContext, points.size()); ++i) {
        FailureOr<carbon::Metrics> metrics =
            costThroughIR(*own, table, codesign.point(points[i].model, points[i].hardware));
        bool same = succeeded(metrics) &&
                    sameMetrics(*metrics, codesign.metrics(points[i].model, points[i].hardware));
        if (same)
          continue;
        std::lock_guard<std::mutex> lock(mutex);
        if (i < failedAt) {
          failedAt = i;
          failure =
              "design " +
              codesign.table().idOf(codesign.point(points[i].model, points[i].hardware)).str() +
              (succeeded(metrics) ? " has other metrics through the IR than in the tables"
                                  : " cannot be lowered: " + message);
        }
        return;
      }
    }
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &thread : pool)
    thread.join();
  if (failure.empty())
    return std::nullopt;
  return failure;
}

std::vector<std::string> study::violatedRequirements(StudyOps ops, const ParameterTable &table,
                                                     const Point &point,
                                                     const carbon::Metrics &metrics,
                                                     const carbon::Deployment &deployment,
                                                     const results::AccuracyRecord *accuracy) {
  std::vector<std::string> violated;
  auto check = [&](space::RequireOp require) {
    std::vector<double> values;
    bool known = true;
    auto symbol = [&](Attribute leaf) -> int32_t {
      std::optional<double> value;
      if (auto ref = dyn_cast<space::RefAttr>(leaf)) {
        value = table.valueAt(point, ref.getName().getValue());
      } else {
        StringRef name = cast<space::MetricAttr>(leaf).getName().getValue();
        if (name == "accuracy" || name == "accuracy.sigma") {
          known &= accuracy != nullptr;
          if (accuracy)
            value = name == "accuracy" ? accuracy->value : accuracy->sigma;
        } else {
          value = carbon::metricValue(metrics, name);
        }
      }
      values.push_back(value.value_or(std::nan("")));
      return static_cast<int32_t>(values.size()) - 1;
    };
    std::optional<Expr> condition = space::toExpr(require.getCondition(), symbol);
    if (!condition || !known || condition->evaluate(values.data()) != 0)
      return;
    std::string text = require.getLabel().value_or("").str();
    if (text.empty()) {
      llvm::raw_string_ostream os(text);
      if (auto place = require.getLoc()->findInstanceOf<FileLineColLoc>())
        os << "require at " << place.getFilename().getValue() << ":" << place.getLine();
      else
        os << "require";
    }
    violated.push_back(std::move(text));
  };
  for (auto require : ops.module.getOps<space::RequireOp>())
    check(require);
  for (auto require : ops.study.getBody().getOps<space::RequireOp>())
    check(require);
  if (metrics.latency > carbon::servedTime(deployment))
    violated.push_back(kServedLabel);
  return violated;
}
