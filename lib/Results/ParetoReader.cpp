//===- ParetoReader.cpp - Read pareto.json --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/JsonNode.h"
#include "Results/Pareto.h"
#include "Results/WriteFile.h"
#include <cmath>

using namespace cat;
using namespace cat::results;
namespace json = llvm::json;

namespace {

using Node = JsonNode;

constexpr double kOperationsPerTera = 1e12;

/// Reads a base-unit quantity.
template <typename Q>
bool readQuantity(const Node &node, llvm::StringRef key, Q &out, double scale = 1) {
  double value = 0;
  if (!node.read(key, value))
    return false;
  out = Q(value * scale);
  return true;
}

bool readGoal(const Node &node, GoalRecord &goal) {
  std::string sense;
  if (!node.read("goal", goal.name) || !node.read("sense", sense) ||
      !node.readOptional("threshold", goal.threshold) || !node.read("unit", goal.unit))
    return false;
  if (sense != "minimize" && sense != "maximize")
    return node.at("sense")->fail("expected \"minimize\" or \"maximize\"");
  goal.maximize = sense == "maximize";
  return true;
}

bool readAccuracy(const Node &node, AccuracyRecord &accuracy) {
  return node.read("value", accuracy.value) && node.read("sigma", accuracy.sigma) &&
         node.read("noise", accuracy.noise) && node.read("source", accuracy.source) &&
         node.read("extrapolated", accuracy.extrapolated);
}

bool readTest(const Node &node, AccuracyRecord &test) {
  return node.read("value", test.value) && node.read("noise", test.noise);
}

bool readFootprint(const Node &node, SearchFootprint &search) {
  std::optional<double> carbon;
  if (!node.read("evaluator", search.evaluator) || !node.read("protocol", search.protocol) ||
      !node.read("fidelity", search.fidelity) || !node.read("failed", search.failed) ||
      !readQuantity(node, "energy_j", search.energy) || !node.readOptional("carbon_kg", carbon) ||
      !node.read("how", search.how))
    return false;
  if (carbon)
    search.carbon = KilogramsCO2e(*carbon);
  return true;
}

/// Reads the values of one point; `declared` has the names and units.
bool readParameters(const Node &node, const std::vector<ParameterRecord> &declared,
                    std::vector<ParameterRecord> &parameters) {
  const json::Object *object = node.asObject();
  if (!object)
    return false;
  if (object->size() != declared.size())
    return node.fail("has " + std::to_string(object->size()) + " parameters, but " +
                     std::to_string(declared.size()) + " are declared");
  parameters = declared;
  for (ParameterRecord &parameter : parameters) {
    std::optional<Node> member = node.at(parameter.name);
    if (!member)
      return false;
    if (std::optional<double> number = member->number())
      parameter.value = *number;
    else if (!member->isText())
      return member->fail("expected number or string");
    else if (!member->read(parameter.value.emplace<std::string>()))
      return false;
  }
  return true;
}

bool readMetrics(const Node &node, size_t goalCount, DesignRecord &design) {
  carbon::Metrics &exact = design.exact;
  if (!readQuantity(node, "latency_s", exact.latency) ||
      !readQuantity(node, "energy_j", exact.energy) ||
      !readQuantity(node, "area_mm2", exact.area) ||
      !readQuantity(node, "peak_tops", exact.peak, kOperationsPerTera) ||
      !readQuantity(node, "embodied_kg", exact.embodied) ||
      !readQuantity(node, "operational_kg", exact.operational) ||
      !readQuantity(node, "carbon_kg", exact.carbon))
    return false;
  if (const json::Value *accuracy = node.asObject()->get("accuracy"))
    if (!readAccuracy(node.child(accuracy, "accuracy"), design.accuracy.emplace()))
      return false;
  if (std::optional<JsonNode> test = node.find("accuracy_test")) {
    AccuracyRecord &record = design.test.emplace();
    if (!readTest(*test, record))
      return false;
    record.sigma = record.noise;
  }
  if (!node.readArray("goals", [&](const Node &goal) {
        double &value = design.goals.emplace_back(std::nan(""));
        return goal.isNull() || goal.read(value);
      }))
    return false;
  if (design.goals.size() != goalCount)
    return node.at("goals")->fail("has " + std::to_string(design.goals.size()) +
                                  " values, but reference_point has " + std::to_string(goalCount) +
                                  " goals");
  return true;
}

bool readPoint(const Node &node, const std::vector<ParameterRecord> &declared, size_t goalCount,
               DesignRecord &design) {
  std::string id;
  if (!node.read("id", id))
    return false;
  std::optional<DesignId> parsed = DesignId::parse(id);
  if (!parsed)
    return node.at("id")->fail("expected a design id in decimal digits");
  design.id = *parsed;
  std::optional<Node> parameters = node.at("parameters");
  if (!parameters || !readParameters(*parameters, declared, design.parameters))
    return false;
  std::optional<Node> metrics = node.at("metrics");
  return metrics && readMetrics(*metrics, goalCount, design);
}

/// A count of designs is a number, or text where it may exceed 64 bits.
bool readDesignCount(const Node &node, DesignId &count) {
  uint64_t number = 0;
  if (!node.isText()) {
    bool ok = node.read(number);
    count = DesignId(number);
    return ok;
  }
  std::string text;
  std::optional<DesignId> parsed = node.read(text) ? DesignId::parse(text) : std::nullopt;
  if (!parsed)
    return node.fail("expected a number of designs in decimal digits");
  count = *parsed;
  return true;
}

/// Reads everything but the points.
bool readSummary(const Node &root, StudySummary &study, std::vector<ParameterRecord> &declared) {
  std::string schema;
  if (!root.read("schema", schema))
    return false;
  if (schema != kParetoSchema)
    return root.at("schema")->fail("expected \"" + std::string(kParetoSchema) + "\", found \"" +
                                   schema + "\"");
  std::optional<Node> metric = root.at("accuracy_metric");
  if (!metric || (!metric->isNull() && !metric->read(study.accuracyMetric)))
    return false;
  if (!root.read("study", study.name) || !root.read("seed", study.seed) ||
      !root.read("strategy", study.strategy) ||
      !root.readOptional("hypervolume", study.hypervolume) || !root.at("designs_total") ||
      !readDesignCount(*root.at("designs_total"), study.designsTotal) ||
      !root.read("evaluations", study.evaluations))
    return false;
  if (std::optional<JsonNode> search = root.find("search"))
    if (!readFootprint(*search, study.search.emplace()))
      return false;
  return root.readArray("reference_point", [&](const Node &node) {
    return readGoal(node, study.goals.emplace_back());
  }) && root.readArray("parameters", [&](const Node &node) {
    ParameterRecord &parameter = declared.emplace_back();
    return node.read("name", parameter.name) && node.read("unit", parameter.unit);
  }) && root.readArray("points", [](const Node &node) {
    return node.fail("is beside the first list of points");
  });
}

/// A front's text in parts, so that no more of it is parsed at once than one point. Only brackets
/// and strings are looked at; whatever else is wrong the parsers of the parts find.
struct Parts {
  std::vector<llvm::StringRef> points;
  /// The text with an empty list of points; as many lines as before.
  std::string summary;
  /// Brackets nest deeper than kMaxJsonDepth.
  bool tooDeep = false;
};

Parts split(llvm::StringRef text) {
  constexpr size_t kNone = llvm::StringRef::npos;
  Parts parts;
  int depth = 0;
  size_t quote = kNone;              // where the string begins that is open
  bool isPoints = false;             // the last string at the first level was "points"
  size_t begin = kNone, end = kNone; // of the list, without its brackets
  size_t element = kNone;            // where the point begins that is open
  auto endElement = [&](size_t at) {
    llvm::StringRef point = text.slice(element, at);
    element = at + 1;
    // Nothing before the first bracket or comma is an empty list, not an empty point.
    if (text[at] == ']' && parts.points.empty() && point.trim().empty())
      return;
    parts.points.push_back(point);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quote != kNone) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        if (depth == 1)
          isPoints = text.slice(quote + 1, i) == "points";
        quote = kNone;
      }
    } else if (c == '"') {
      quote = i;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth)
        return parts.tooDeep = true, parts;
      if (c == '[' && depth == 2 && isPoints && begin == kNone)
        element = begin = i + 1;
    } else if (c == ']' || c == '}') {
      if (c == ']' && depth == 2 && begin != kNone && end == kNone)
        endElement(end = i);
      --depth;
    } else if (c == ',' && depth == 2 && begin != kNone && end == kNone) {
      endElement(i);
    }
  }
  if (begin == kNone)
    return parts.summary = text.str(), parts;
  llvm::StringRef list = text.slice(begin, end);
  auto [before, last] = list.rsplit('\n');
  parts.summary = text.take_front(begin).str() + std::string(list.count('\n'), '\n') +
                  std::string(before.size() == list.size() ? list.size() : last.size(), ' ');
  if (end != kNone)
    parts.summary += text.drop_front(end);
  return parts;
}

} // namespace

std::optional<std::string> cat::results::parseParetoJson(const std::string &path,
                                                         const std::string &text,
                                                         StudySummary &study,
                                                         const DesignSink &sink) {
  study = {};
  Parts parts = split(text);
  if (parts.tooDeep)
    return path + ": not a front: brackets nest too deeply";
  llvm::Expected<json::Value> summary = json::parse(parts.summary);
  if (!summary)
    return jsonSyntaxError(path, summary.takeError());
  std::string error;
  std::vector<ParameterRecord> declared;
  if (!readSummary(Node(&*summary, "", error), study, declared))
    return path + ": " + error;
  DesignRecord design;
  for (size_t i = 0; i < parts.points.size(); ++i) {
    llvm::StringRef point = parts.points[i];
    llvm::Expected<json::Value> value = json::parse(point);
    if (!value)
      return jsonSyntaxError(path, value.takeError(),
                             llvm::StringRef(text).take_front(point.data() - text.data()));
    design = {};
    if (!readPoint(Node(&*value, "points[" + std::to_string(i) + "]", error), declared,
                   study.goals.size(), design))
      return path + ": " + error;
    sink(design);
  }
  return std::nullopt;
}

std::optional<std::string> cat::results::parseParetoJson(const std::string &path,
                                                         const std::string &text,
                                                         ParetoFront &front) {
  front.points.clear();
  return parseParetoJson(path, text, front.study,
                         [&](const DesignRecord &design) { front.points.push_back(design); });
}

std::optional<std::string>
cat::results::readParetoJson(const std::string &path, StudySummary &study, const DesignSink &sink) {
  std::string text;
  if (std::optional<std::string> error = readFile(path, text))
    return error;
  return parseParetoJson(path, text, study, sink);
}

std::optional<std::string> cat::results::readParetoJson(const std::string &path,
                                                        ParetoFront &front) {
  front.points.clear();
  return readParetoJson(path, front.study,
                        [&](const DesignRecord &design) { front.points.push_back(design); });
}
