//===- Schema.cpp - Block kinds and their keys ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Schema.h"
#include <vector>

using namespace cat::frontend;
using llvm::StringLiteral;
using llvm::StringRef;
using T = KeyType;

static constexpr bool kRequired = true;

//===----------------------------------------------------------------------===//
// Data: grids, fabs, nodes, memories
//===----------------------------------------------------------------------===//

static const KeySchema kIntensityKeys[] = {
    {"intensity", T::Number, dim::carbonIntensity, "", kRequired},
    {"year", T::Integer, dim::none},
    {"source", T::String, dim::none},
};

static const KeySchema kNodeKeys[] = {
    {"feature", T::Number, dim::length},
    {"energy_per_area", T::Number, dim::energyPerArea, "", kRequired},
    {"gas_per_area", T::Number, dim::carbonPerArea, "", kRequired},
    {"material_per_area", T::Number, dim::carbonPerArea, "", kRequired},
    {"source", T::String, dim::none},
};

static const KeySchema kSramKeys[] = {
    {"capacities", T::IntegerList, dim::data, "", kRequired},
    {"read_energy", T::NumberList, dim::energyPerByte, "", kRequired},
    {"write_energy", T::NumberList, dim::energyPerByte, "", kRequired},
    {"area", T::NumberList, dim::areaPerByte, "", kRequired},
    {"leakage", T::Number, dim::powerPerByte, "", kRequired},
    {"base_width", T::Integer, dim::data},
    {"access_overhead", T::Number, dim::data},
    {"area_per_width", T::Number, dim::area},
    {"area_per_word", T::Number, dim::area},
    {"area_per_bank", T::Number, dim::area},
    {"port_area", T::Number, dim::none},
    {"port_energy", T::Number, dim::none},
    {"source", T::String, dim::none},
};

static const KeySchema kDramDeviceKeys[] = {
    {"type", T::String, dim::none},
    {"capacity", T::Integer, dim::data, "", kRequired},
    {"bandwidth", T::Number, dim::dataRate, "", kRequired},
    {"efficiency", T::Number, dim::none},
    {"energy", T::Number, dim::energyPerByte, "", kRequired},
    {"active_power", T::Number, dim::power},
    {"idle_power", T::Number, dim::power},
    {"embodied", T::Number, dim::carbonPerByte, "", kRequired},
    {"source", T::String, dim::none},
};

//===----------------------------------------------------------------------===//
// Components: the keys are the attributes of the accel component ops
//===----------------------------------------------------------------------===//

static const KeySchema kArrayKeys[] = {
    {"instances", T::Integer, dim::none, "", kRequired},
    {"width", T::Integer, dim::none, "", kRequired},
    {"depth", T::Integer, dim::none, "", kRequired},
    {"style", T::String, dim::none},
    {"accumulator_rows", T::Integer, dim::none, "", kRequired},
    {"output_rows", T::Integer, dim::none},
    {"accumulator_bytes", T::Integer, dim::data},
    {"cell_depths", T::IntegerList, dim::none, "", kRequired},
    {"cell_area", T::NumberList, dim::area, "", kRequired},
    {"systolic_cell_area", T::NumberList, dim::area},
    {"register_area", T::Number, dim::area},
    {"accumulator_area", T::Number, dim::areaPerByte, "", kRequired},
    {"accumulator_width_area", T::Number, dim::area},
    {"lane_area", T::Number, dim::area},
    {"fifo_area", T::Number, dim::areaPerByte},
    {"requantizer_area", T::Number, dim::area, "", kRequired},
    {"macs_per_requantizer", T::Integer, dim::none},
    {"mac_energy", T::Number, dim::energy, "", kRequired},
    {"accumulator_energy", T::Number, dim::energyPerByte, "", kRequired},
    {"clock_energy", T::Number, dim::energy, "", kRequired},
    {"requantize_energy", T::Number, dim::energy},
    {"source", T::String, dim::none},
};

static const KeySchema kVectorKeys[] = {
    {"lanes", T::Integer, dim::none, "", kRequired},
    {"lane_area", T::Number, dim::area, "", kRequired},
    {"row_bytes", T::Integer, dim::data},
    {"unit_area", T::Number, dim::area},
    {"operation_energy", T::Number, dim::energy, "", kRequired},
    {"source", T::String, dim::none},
};

static const KeySchema kMemoryKeys[] = {
    {"capacity", T::Integer, dim::data, "", kRequired},
    {"bandwidth", T::Integer, dim::data, "", kRequired},
    {"instances", T::Integer, dim::none},
    {"orders", T::StringList, dim::none},
    {"cell", T::Block, dim::none, "sram", kRequired},
};

static const KeySchema kDramKeys[] = {
    {"device", T::Block, dim::none, "dram_device", kRequired},
    {"latency", T::Integer, dim::none},
};

static const KeySchema kLogicKeys[] = {
    {"area", T::Number, dim::area, "", kRequired},
    {"cluster_area", T::Number, dim::area},
    {"word_area", T::Number, dim::area},
    {"link_area", T::Number, dim::area},
    {"link_energy", T::Number, dim::energyPerByte},
    {"leakage", T::Number, dim::powerPerArea, "", kRequired},
    {"idle_leakage_share", T::Number, dim::none},
    {"max_clock", T::Number, dim::frequency},
    {"area_model", T::String, dim::none},
    {"timing_model", T::String, dim::none},
    {"source", T::String, dim::none},
};

//===----------------------------------------------------------------------===//
// Models, hardware, carbon, studies
//===----------------------------------------------------------------------===//

static const KeySchema kModelKeys[] = {
    {"family", T::String, dim::none},
};

static const KeySchema kHardwareKeys[] = {
    {"node", T::Block, dim::none, "node", kRequired},
    {"clock", T::Number, dim::frequency, "", kRequired},
    {"precision", T::Number, dim::data, "", kRequired},
};

static const KeySchema kCarbonKeys[] = {
    {"fab", T::BlockOrNumber, dim::carbonIntensity, "fab", kRequired},
    {"grid", T::BlockOrNumber, dim::carbonIntensity, "grid", kRequired},
    {"yield", T::BlockOrNumber, dim::none, "yield_model"},
    {"dram_yield", T::Number, dim::none},
    {"lifetime", T::Number, dim::time, "", kRequired},
    {"inferences", T::Number, dim::none, "", kRequired},
    {"package", T::Number, dim::carbon},
    {"packages", T::Integer, dim::none},
    {"wafer", T::Number, dim::length},
    {"design", T::Number, dim::carbon},
    {"training", T::Number, dim::carbon, "", false, dim::energy},
    {"devices", T::Integer, dim::none},
    {"idle", T::Truth, dim::none},
};

static const KeySchema kYieldKeys[] = {
    {"defect_density", T::Number, dim::perArea, "", kRequired},
    {"alpha", T::Number, dim::none},
};

static const KeySchema kStudyKeys[] = {
    {"model", T::Block, dim::none, "model", kRequired},
    {"hardware", T::Block, dim::none, "hardware", kRequired},
    {"carbon", T::Block, dim::none, "carbon", kRequired},
};

static const KeySchema kDesignKeys[] = {
    {"model", T::Block, dim::none, "model", kRequired},
    {"hardware", T::Block, dim::none, "hardware", kRequired},
    {"source", T::String, dim::none},
};

static const KeySchema kWorkloadKeys[] = {
    {"images", T::Integer, dim::none},
    {"texts", T::Integer, dim::none},
    {"image", T::Integer, dim::pixels},
};

static const KeySchema kStrategyKeys[] = {
    {"trials", T::Integer, dim::none},
    {"seed", T::Integer, dim::none},
    {"initial", T::Integer, dim::none},
    {"fidelity", T::String, dim::none},
};

static const KeySchema kEvaluateKeys[] = {
    {"accuracy", T::Block, dim::none, "evaluator"},
};

static const KeySchema kCommandKeys[] = {
    {"command", T::String, dim::none, "", kRequired},
    {"metric", T::String, dim::none},
    {"timeout", T::Number, dim::time},
    {"launcher", T::String, dim::none},
    {"power", T::Number, dim::power},
};

// What catc-eval-torch reads; catc itself reads those that a command has too.
static const KeySchema kMeasurementKeys[] = {
    {"metric", T::String, dim::none},
    {"data", T::String, dim::none, "", kRequired},
    {"train", T::String, dim::none},
    {"validation", T::String, dim::none},
    {"test", T::String, dim::none},
    {"images", T::String, dim::none},
    {"tokenizer", T::String, dim::none},
    {"weights", T::String, dim::none},
    {"train_pairs", T::Integer, dim::none},
    {"validation_pairs", T::Integer, dim::none},
    {"test_pairs", T::Integer, dim::none},
    {"captions", T::Integer, dim::none},
    {"teacher_steps", T::Integer, dim::none},
    {"teacher_batch", T::Integer, dim::none},
    {"teacher_learning_rate", T::Number, dim::none},
    {"batch", T::Integer, dim::none},
    {"learning_rate", T::Number, dim::none},
    {"weight_decay", T::Number, dim::none},
    {"warmup", T::Number, dim::none},
    {"steps_short", T::Integer, dim::none},
    {"steps_medium", T::Integer, dim::none},
    {"steps_full", T::Integer, dim::none},
    {"distillation", T::Truth, dim::none},
    {"importance", T::String, dim::none},
    {"importance_pairs", T::Integer, dim::none},
    {"held_pairs", T::Integer, dim::none},
    {"bad_records", T::Integer, dim::none},
    {"device", T::String, dim::none},
    {"power", T::Number, dim::power},
    {"timeout", T::Number, dim::time},
    {"launcher", T::String, dim::none},
    {"source", T::String, dim::none},
};

static constexpr StringLiteral kModelNested[] = {"tower"};
static constexpr StringLiteral kHardwareNested[] = {"array", "vector", "memory", "dram", "logic"};
static constexpr StringLiteral kStudyNested[] = {"workload", "evaluate", "strategy"};
static constexpr StringLiteral kPredictorNested[] = {"tower", "parent", "published"};
static constexpr StringLiteral kDesignNested[] = {"published"};

/// A block of data: keys, and nothing else.
static KindSchema data(StringLiteral name, llvm::ArrayRef<KeySchema> keys) {
  KindSchema kind{name};
  kind.topLevel = kind.named = true;
  kind.keys = keys;
  return kind;
}

/// A block inside another.
static KindSchema part(StringLiteral name, bool named, llvm::ArrayRef<KeySchema> keys) {
  KindSchema kind{name};
  kind.named = named;
  kind.keys = keys;
  return kind;
}

static std::vector<KindSchema> buildKinds() {
  std::vector<KindSchema> kinds = {
      data("grid", kIntensityKeys),
      data("fab", kIntensityKeys),
      data("node", kNodeKeys),
      data("sram", kSramKeys),
      data("dram_device", kDramDeviceKeys),
      part("array", true, kArrayKeys),
      part("vector", true, kVectorKeys),
      part("memory", true, kMemoryKeys),
      part("dram", true, kDramKeys),
      part("logic", true, kLogicKeys),
      data("carbon", kCarbonKeys),
      data("yield_model", kYieldKeys),
      part("workload", false, kWorkloadKeys),
      part("strategy", true, kStrategyKeys),
      part("evaluate", false, kEvaluateKeys),
  };

  KindSchema model = data("model", kModelKeys);
  model.declaresKeys = model.search = model.require = true;
  model.nested = kModelNested;
  kinds.push_back(model);

  KindSchema tower = part("tower", true, {});
  tower.declaresKeys = tower.search = tower.require = true;
  kinds.push_back(tower);

  KindSchema hardware = data("hardware", kHardwareKeys);
  hardware.declaresKeys = hardware.search = hardware.require = true;
  hardware.nested = kHardwareNested;
  kinds.push_back(hardware);

  KindSchema study = data("study", kStudyKeys);
  study.require = study.goals = true;
  study.keysAreNames = false;
  study.nested = kStudyNested;
  kinds.push_back(study);

  KindSchema design = data("design", kDesignKeys);
  design.nested = kDesignNested;
  kinds.push_back(design);

  KindSchema published = part("published", false, {});
  published.declaresKeys = true;
  published.keysAreNames = false;
  kinds.push_back(published);

  KindSchema parent = part("parent", true, {});
  parent.declaresKeys = true;
  parent.keysAreNames = false;
  kinds.push_back(parent);

  // Evaluators: a predictor declares whatever its provider reads.
  KindSchema predictor = data("predictor", {});
  predictor.declaresKeys = predictor.evaluator = true;
  predictor.keysAreNames = false;
  predictor.nested = kPredictorNested;
  kinds.push_back(predictor);

  KindSchema command = data("command", kCommandKeys);
  command.positional = "command";
  command.evaluator = true;
  kinds.push_back(command);

  KindSchema measurement = data("measurement", kMeasurementKeys);
  measurement.evaluator = true;
  kinds.push_back(measurement);
  return kinds;
}

llvm::ArrayRef<KindSchema> cat::frontend::allKinds() {
  static const std::vector<KindSchema> kinds = buildKinds();
  return kinds;
}

const KindSchema *cat::frontend::lookupKind(StringRef name) {
  for (const KindSchema &kind : allKinds())
    if (kind.name == name)
      return &kind;
  return nullptr;
}

const KeySchema *KindSchema::lookup(StringRef key) const {
  for (const KeySchema &schema : keys)
    if (schema.name == key)
      return &schema;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Metrics
//===----------------------------------------------------------------------===//

static const MetricSchema kMetrics[] = {
    {"latency", dim::time, "ms"},        {"energy", dim::energy, "mJ"},
    {"area", dim::area, "mm2"},          {"peak", dim::operationRate, "Top/s"},
    {"embodied", dim::carbon, "kgCO2e"}, {"operational", dim::carbon, "kgCO2e"},
    {"carbon", dim::carbon, "kgCO2e"},   {"accuracy", dim::none, "%", /*evaluated=*/true},
};

llvm::ArrayRef<MetricSchema> cat::frontend::allMetrics() { return kMetrics; }

const MetricSchema *cat::frontend::lookupMetric(StringRef name) {
  for (const MetricSchema &metric : kMetrics)
    if (metric.name == name)
      return &metric;
  return nullptr;
}
