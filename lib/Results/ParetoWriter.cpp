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
#include <algorithm>
#include <cmath>
#include <utility>

using namespace cat;
using namespace cat::results;
namespace json = llvm::json;

namespace {

constexpr double kOperationsPerTera = 1e12;

/// Text is handed on in parts of about this size.
constexpr size_t kPart = 1 << 18;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

void numberAttribute(json::OStream &out, llvm::StringRef key, std::optional<double> value) {
  out.attributeBegin(key);
  // llvm::json prints doubles with 17 digits; ours are the shortest that read back the same.
  if (value && std::isfinite(*value))
    out.rawValue(shortestNumber(*value));
  else
    out.value(nullptr);
  out.attributeEnd();
}

/// JSON strings must be UTF-8; names of files that are not are repaired rather than refused.
std::string validText(const std::string &text) {
  return json::isUTF8(text) ? text : json::fixUTF8(text);
}

void textAttribute(json::OStream &out, llvm::StringRef key, const std::string &text) {
  out.attribute(key, validText(text));
}

void writeGoal(json::OStream &out, const GoalRecord &goal) {
  out.object([&] {
    textAttribute(out, "goal", goal.name);
    out.attribute("sense", goal.maximize ? "maximize" : "minimize");
    numberAttribute(out, "threshold", goal.threshold);
    textAttribute(out, "unit", goal.unit);
  });
}

void writeFootprint(json::OStream &out, const SearchFootprint &search) {
  out.attributeObject("search", [&] {
    textAttribute(out, "evaluator", search.evaluator);
    textAttribute(out, "protocol", search.protocol);
    textAttribute(out, "fidelity", search.fidelity);
    out.attribute("failed", search.failed);
    numberAttribute(out, "energy_j", search.energy.value());
    numberAttribute(out, "carbon_kg",
                    search.carbon ? std::optional(search.carbon->value()) : std::nullopt);
    textAttribute(out, "how", search.how);
  });
}

void appendQuoted(std::string &out, const std::string &text) {
  auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), plain)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    llvm::raw_string_ostream(out) << json::Value(validText(text));
  }
}

void appendNumberOrNull(std::string &out, double value) {
  if (std::isfinite(value))
    appendShortestNumber(out, value);
  else
    out += "null";
}

/// One point on one line. There are many, so this is text made directly, not through json::OStream.
void appendPoint(std::string &out, const DesignRecord &design) {
  out += "{\"id\":\"";
  out += design.id.str();
  out += "\",\"parameters\":";
  char before = '{';
  for (const ParameterRecord &parameter : design.parameters) {
    out += std::exchange(before, ',');
    appendQuoted(out, parameter.name);
    out += ':';
    if (auto *text = std::get_if<std::string>(&parameter.value))
      appendQuoted(out, *text);
    else
      appendNumberOrNull(out, std::get<double>(parameter.value));
  }
  out += design.parameters.empty() ? "{}" : "}";
  auto number = [&](const char *key, double value) {
    out += key;
    appendNumberOrNull(out, value);
  };
  const carbon::Metrics &exact = design.exact;
  number(",\"metrics\":{\"latency_s\":", exact.latency.value());
  number(",\"energy_j\":", exact.energy.value());
  number(",\"area_mm2\":", exact.area.value());
  number(",\"peak_tops\":", exact.peak.value() / kOperationsPerTera);
  number(",\"embodied_kg\":", exact.embodied.value());
  number(",\"operational_kg\":", exact.operational.value());
  number(",\"carbon_kg\":", exact.carbon.value());
  if (const std::optional<AccuracyRecord> &accuracy = design.accuracy) {
    number(",\"accuracy\":{\"value\":", accuracy->value);
    number(",\"sigma\":", accuracy->sigma);
    number(",\"noise\":", accuracy->noise);
    out += ",\"source\":";
    appendQuoted(out, accuracy->source);
    out += accuracy->extrapolated ? ",\"extrapolated\":true}" : ",\"extrapolated\":false}";
  }
  if (design.test) {
    number(",\"accuracy_test\":{\"value\":", design.test->value);
    number(",\"noise\":", design.test->noise);
    out += '}';
  }
  out += ",\"goals\":";
  before = '[';
  for (double goal : design.goals) {
    out += std::exchange(before, ',');
    appendNumberOrNull(out, goal);
  }
  out += design.goals.empty() ? "[]}}" : "]}}";
}

//===----------------------------------------------------------------------===//
// CSV
//===----------------------------------------------------------------------===//

std::string withUnit(const std::string &name, const std::string &unit) {
  return unit == "1" ? name : name + " [" + unit + "]";
}

class CsvLine {
public:
  explicit CsvLine(std::string &out) : out_(out) {}
  ~CsvLine() { out_ += "\r\n"; }
  /// A field of RFC 4180: quoted where it has to be, quotes doubled.
  void add(const std::string &field) {
    separate();
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      out_ += field;
      return;
    }
    out_ += '"';
    for (char c : field)
      out_.append(c == '"' ? 2 : 1, c);
    out_ += '"';
  }
  void add(double value) {
    separate();
    if (std::isfinite(value))
      appendShortestNumber(out_, value);
  }

private:
  void separate() {
    if (!std::exchange(first_, false))
      out_ += ',';
  }

  std::string &out_;
  bool first_ = true;
};

void writeCsvHeader(std::string &out, const FrontView &front, const DesignRecord &first) {
  CsvLine line(out);
  line.add("id");
  for (const ParameterRecord &parameter : first.parameters)
    line.add(withUnit(parameter.name, parameter.unit));
  for (const char *metric : {"latency_s", "energy_j", "area_mm2", "peak_tops", "embodied_kg",
                             "operational_kg", "carbon_kg", "accuracy", "accuracy_sigma",
                             "accuracy_noise", "accuracy_source", "accuracy_extrapolated"})
    line.add(metric);
  if (front.study.search)
    for (const char *metric : {"accuracy_test", "accuracy_test_noise"})
      line.add(metric);
  for (const GoalRecord &goal : front.study.goals)
    line.add(withUnit("goal: " + goal.name, goal.unit));
}

void writeCsvPoint(std::string &out, const FrontView &front, const DesignRecord &design) {
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
  if (front.study.search) {
    line.add(design.test ? design.test->value : std::nan(""));
    line.add(design.test ? design.test->noise : std::nan(""));
  }
  for (double goal : design.goals)
    line.add(goal);
}

//===----------------------------------------------------------------------===//
// The front
//===----------------------------------------------------------------------===//

/// Calls `visit` with each design in turn. Every design of a study has the same parameters, in the
/// same units, and a value for each goal.
void forEachDesign(const FrontView &front, const DesignRecord &first,
                   llvm::function_ref<void(const DesignRecord &)> visit) {
  DesignRecord design;
  for (size_t i = 0; i < front.size; ++i) {
    front.read(i, design);
    CATC_CHECK(design.goals.size() == front.study.goals.size(), "a design lacks a goal's value");
    CATC_CHECK(design.parameters.size() == first.parameters.size(),
               "designs differ in their parameters");
    for (size_t p = 0; p < design.parameters.size(); ++p)
      CATC_CHECK(design.parameters[p].name == first.parameters[p].name &&
                     design.parameters[p].unit == first.parameters[p].unit,
                 "designs differ in their parameters");
    visit(design);
  }
}

/// The first design, whose parameters are declared for all; without any if there is none.
DesignRecord firstDesign(const FrontView &front) {
  DesignRecord first;
  if (front.size)
    front.read(0, first);
  return first;
}

/// Hands on what has gathered in `text` if that is enough for a part.
void handOn(std::string &text, const TextSink &sink, size_t enough = kPart) {
  if (text.size() < enough)
    return;
  sink(text);
  text.clear();
}

std::string gather(void (*print)(const FrontView &, const TextSink &), const FrontView &front) {
  std::string text;
  print(front, [&text](std::string_view part) { text += part; });
  return text;
}

std::optional<std::string> writeTo(const std::string &path, const FrontView &front,
                                   void (*print)(const FrontView &, const TextSink &)) {
  FileWriter file(path);
  print(front, [&file](std::string_view part) { file.append(part); });
  return file.commit();
}

} // namespace

void cat::results::printJson(const FrontView &front, const TextSink &sink) {
  const StudySummary &study = front.study;
  const DesignRecord first = firstDesign(front);
  std::string text, point;
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
    numberAttribute(out, "hypervolume", study.hypervolume);
    // JSON readers take integers of up to 64 bits.
    if (std::optional<uint64_t> total = study.designsTotal.narrow())
      out.attribute("designs_total", *total);
    else
      out.attribute("designs_total", study.designsTotal.str());
    out.attribute("evaluations", study.evaluations);
    if (study.search)
      writeFootprint(out, *study.search);
    out.attributeArray("parameters", [&] {
      for (const ParameterRecord &parameter : first.parameters)
        out.object([&] {
          textAttribute(out, "name", parameter.name);
          textAttribute(out, "unit", parameter.unit);
        });
    });
    out.attributeArray("points", [&] {
      forEachDesign(front, first, [&](const DesignRecord &design) {
        point.clear();
        appendPoint(point, design);
        out.rawValue(point);
        handOn(text, sink);
      });
    });
  });
  text += '\n';
  handOn(text, sink, 0);
}

void cat::results::printCsv(const FrontView &front, const TextSink &sink) {
  const DesignRecord first = firstDesign(front);
  std::string text;
  writeCsvHeader(text, front, first);
  forEachDesign(front, first, [&](const DesignRecord &design) {
    writeCsvPoint(text, front, design);
    handOn(text, sink);
  });
  handOn(text, sink, 0);
}

std::string cat::results::toJson(const FrontView &front) { return gather(printJson, front); }

std::string cat::results::toCsv(const FrontView &front) { return gather(printCsv, front); }

std::optional<std::string> cat::results::writeParetoJson(const std::string &path,
                                                         const FrontView &front) {
  return writeTo(path, front, printJson);
}

std::optional<std::string> cat::results::writeParetoCsv(const std::string &path,
                                                        const FrontView &front) {
  return writeTo(path, front, printCsv);
}
