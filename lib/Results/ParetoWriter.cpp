//===- ParetoWriter.cpp - Write pareto.json and pareto.csv ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Format.h"
#include "Results/Pareto.h"
#include "Results/WriteFile.h"
#include "Support/Check.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace cat;
using namespace cat::results;
namespace json = llvm::json;

namespace {

constexpr double kOperationsPerTera = 1e12;

/// llvm::json prints doubles with 17 digits; ours are the shortest that read back the same.
void numberValue(json::OStream &out, double value) {
  if (std::isfinite(value))
    out.rawValue(shortestNumber(value));
  else
    out.value(nullptr);
}

void numberAttribute(json::OStream &out, llvm::StringRef key, double value) {
  out.attributeBegin(key);
  numberValue(out, value);
  out.attributeEnd();
}

/// JSON strings must be UTF-8; names of files that are not are repaired rather than refused.
void textAttribute(json::OStream &out, llvm::StringRef key, const std::string &text) {
  out.attribute(key, json::isUTF8(text) ? text : json::fixUTF8(text));
}

void writeParameter(json::OStream &out, const ParameterRecord &parameter) {
  if (auto *text = std::get_if<std::string>(&parameter.value))
    textAttribute(out, parameter.name, *text);
  else
    numberAttribute(out, parameter.name, std::get<double>(parameter.value));
}

void writeMetrics(json::OStream &out, const DesignRecord &design) {
  const carbon::Metrics &exact = design.exact;
  numberAttribute(out, "latency_s", exact.latency.value());
  numberAttribute(out, "energy_j", exact.energy.value());
  numberAttribute(out, "area_mm2", exact.area.value());
  numberAttribute(out, "peak_tops", exact.peak.value() / kOperationsPerTera);
  numberAttribute(out, "embodied_kg", exact.embodied.value());
  numberAttribute(out, "operational_kg", exact.operational.value());
  numberAttribute(out, "carbon_kg", exact.carbon.value());
  if (design.accuracy)
    out.attributeObject("accuracy", [&] {
      numberAttribute(out, "value", design.accuracy->value);
      numberAttribute(out, "sigma", design.accuracy->sigma);
      numberAttribute(out, "noise", design.accuracy->noise);
      textAttribute(out, "source", design.accuracy->source);
      out.attribute("extrapolated", design.accuracy->extrapolated);
    });
  out.attributeArray("goals", [&] {
    for (double goal : design.goals)
      numberValue(out, goal);
  });
}

/// One point on one line.
std::string pointText(const DesignRecord &design) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  json::OStream out(stream);
  out.object([&] {
    out.attribute("id", design.id.str());
    out.attributeObject("parameters", [&] {
      for (const ParameterRecord &parameter : design.parameters)
        writeParameter(out, parameter);
    });
    out.attributeObject("metrics", [&] { writeMetrics(out, design); });
  });
  return text;
}

void writeGoal(json::OStream &out, const GoalRecord &goal) {
  out.object([&] {
    textAttribute(out, "goal", goal.name);
    out.attribute("sense", goal.maximize ? "maximize" : "minimize");
    numberAttribute(out, "threshold", goal.threshold.value_or(std::nan("")));
    textAttribute(out, "unit", goal.unit);
  });
}

/// A field of RFC 4180: quoted where it has to be, quotes doubled.
std::string csvField(const std::string &text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (char c : text)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string withUnit(const std::string &name, const std::string &unit) {
  return unit == "1" ? name : name + " [" + unit + "]";
}

std::string csvNumber(double value) { return std::isfinite(value) ? shortestNumber(value) : ""; }

class CsvLine {
public:
  explicit CsvLine(std::string &out) : out_(out) {}
  ~CsvLine() { out_ += "\r\n"; }
  void add(const std::string &field) {
    out_ += first_ ? "" : ",";
    out_ += csvField(field);
    first_ = false;
  }
  void add(double value) { add(csvNumber(value)); }

private:
  std::string &out_;
  bool first_ = true;
};

void writeCsvHeader(std::string &out, const ParetoFront &front) {
  CsvLine line(out);
  line.add("id");
  if (!front.points.empty())
    for (const ParameterRecord &parameter : front.points.front().parameters)
      line.add(withUnit(parameter.name, parameter.unit));
  for (const char *metric : {"latency_s", "energy_j", "area_mm2", "peak_tops", "embodied_kg",
                             "operational_kg", "carbon_kg", "accuracy", "accuracy_sigma",
                             "accuracy_noise", "accuracy_source", "accuracy_extrapolated"})
    line.add(metric);
  for (const GoalRecord &goal : front.study.goals)
    line.add(withUnit("goal: " + goal.name, goal.unit));
}

void writeCsvPoint(std::string &out, const DesignRecord &design) {
  CsvLine line(out);
  line.add(design.id.str());
  for (const ParameterRecord &parameter : design.parameters) {
    if (auto *text = std::get_if<std::string>(&parameter.value))
      line.add(*text);
    else
      line.add(std::get<double>(parameter.value));
  }
  const carbon::Metrics &exact = design.exact;
  for (double metric : {exact.latency.value(), exact.energy.value(), exact.area.value(),
                        exact.peak.value() / kOperationsPerTera, exact.embodied.value(),
                        exact.operational.value(), exact.carbon.value()})
    line.add(metric);
  if (const auto &accuracy = design.accuracy) {
    line.add(accuracy->value);
    line.add(accuracy->sigma);
    line.add(accuracy->noise);
    line.add(accuracy->source);
    line.add(accuracy->extrapolated ? "true" : "false");
  } else {
    for (int i = 0; i < 5; ++i)
      line.add("");
  }
  for (double goal : design.goals)
    line.add(goal);
}

/// Every design of a study has the same parameters, in the same units, and a value for each goal.
void checkUniform(const ParetoFront &front) {
  for (const DesignRecord &design : front.points) {
    CATC_CHECK(design.goals.size() == front.study.goals.size(), "a design lacks a goal's value");
    const auto &first = front.points.front().parameters;
    CATC_CHECK(design.parameters.size() == first.size(), "designs differ in their parameters");
    for (size_t i = 0; i < first.size(); ++i)
      CATC_CHECK(design.parameters[i].name == first[i].name &&
                     design.parameters[i].unit == first[i].unit,
                 "designs differ in their parameters");
  }
}

} // namespace

std::string cat::results::toJson(const ParetoFront &front) {
  checkUniform(front);
  const StudySummary &study = front.study;
  std::string text;
  llvm::raw_string_ostream stream(text);
  json::OStream out(stream, /*IndentSize=*/2);
  out.object([&] {
    out.attribute("schema", kParetoSchema);
    textAttribute(out, "study", study.name);
    out.attribute("seed", study.seed);
    textAttribute(out, "strategy", study.strategy);
    if (study.accuracyMetric.empty())
      out.attribute("accuracy_metric", nullptr);
    else
      textAttribute(out, "accuracy_metric", study.accuracyMetric);
    out.attributeArray("reference_point", [&] {
      for (const GoalRecord &goal : study.goals)
        writeGoal(out, goal);
    });
    numberAttribute(out, "hypervolume", study.hypervolume.value_or(std::nan("")));
    // JSON readers take integers of up to 64 bits.
    if (std::optional<uint64_t> total = study.designsTotal.narrow())
      out.attribute("designs_total", *total);
    else
      out.attribute("designs_total", study.designsTotal.str());
    out.attribute("evaluations", study.evaluations);
    out.attributeArray("parameters", [&] {
      if (!front.points.empty())
        for (const ParameterRecord &parameter : front.points.front().parameters)
          out.object([&] {
            textAttribute(out, "name", parameter.name);
            textAttribute(out, "unit", parameter.unit);
          });
    });
    out.attributeArray("points", [&] {
      for (const DesignRecord &design : front.points)
        out.rawValue(pointText(design));
    });
  });
  return text + "\n";
}

std::string cat::results::toCsv(const ParetoFront &front) {
  checkUniform(front);
  std::string text;
  writeCsvHeader(text, front);
  for (const DesignRecord &design : front.points)
    writeCsvPoint(text, design);
  return text;
}

std::optional<std::string> cat::results::writeParetoJson(const std::string &path,
                                                         const ParetoFront &front) {
  return writeFile(path, toJson(front));
}

std::optional<std::string> cat::results::writeParetoCsv(const std::string &path,
                                                        const ParetoFront &front) {
  return writeFile(path, toCsv(front));
}
