//===- Pareto.h - pareto.json and pareto.csv --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The front of a study as files for other programs. Numbers have the shortest text that reads back
// to the same bits.
//
// pareto.json (schema "catc.pareto/1"):
//   {"schema", "study", "seed", "strategy", "accuracy_metric", "reference_point": [{"goal",
//   "sense", "threshold", "unit"}],
//    "hypervolume", "designs_total", "evaluations", "parameters": [{"name", "unit"}],
//    "points": [{"id": "decimal text",
//                "parameters": {NAME: number | "text"},
//                "metrics": {"latency_s", "energy_j", "area_mm2", "peak_tops", "embodied_kg",
//                "operational_kg", "carbon_kg",
//                            "accuracy": {"value", "sigma", "noise", "source", "extrapolated"},
//                            "goals": [number]}}]}
// "sense" is "minimize" or "maximize". "parameters" states the spec's order, and the unit of each
// number ("1" if it has none). An absent threshold, hypervolume or accuracy metric and a goal that
// is not a number are null; "accuracy" is left out where none was evaluated. One point stands on
// each line.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_PARETO_H
#define CATC_RESULTS_PARETO_H

#include "Results/Records.h"
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cat::results {

inline constexpr const char *kParetoSchema = "catc.pareto/1";

/// Takes the next part of a text.
using TextSink = std::function<void(std::string_view)>;

void printJson(const FrontView &front, const TextSink &sink);
std::string toJson(const FrontView &front);

/// RFC 4180: a header line, then one line a design; CRLF line ends. Columns: id, parameters (their
/// unit in brackets), exact metrics, accuracy, accuracy_sigma, accuracy_noise, accuracy_source,
/// accuracy_extrapolated, and "goal: NAME [unit]" for each goal.
void printCsv(const FrontView &front, const TextSink &sink);
std::string toCsv(const FrontView &front);

/// Write the files whole or not at all. Return why not, naming the file, or nothing.
std::optional<std::string> writeParetoJson(const std::string &path, const FrontView &front);
std::optional<std::string> writeParetoCsv(const std::string &path, const FrontView &front);

/// Takes the next design of a front.
using DesignSink = std::function<void(const DesignRecord &)>;

/// Parses pareto.json text that came from `path`, its designs one by one: a front may have hundreds
/// of thousands. Every field is checked. Returns what is wrong, naming the file and the place in it
/// ("x.json: points[3].metrics.latency_s: expected number"), or nothing; `sink` has had the designs
/// before that place. Peak throughput may differ in its last bit from what was written, because the
/// file states it in tera-operations; all other numbers are bit-equal.
std::optional<std::string> parseParetoJson(const std::string &path, const std::string &text,
                                           StudySummary &study, const DesignSink &sink);
std::optional<std::string> parseParetoJson(const std::string &path, const std::string &text,
                                           ParetoFront &front);
std::optional<std::string> readParetoJson(const std::string &path, StudySummary &study,
                                          const DesignSink &sink);
std::optional<std::string> readParetoJson(const std::string &path, ParetoFront &front);

} // namespace cat::results

#endif // CATC_RESULTS_PARETO_H
