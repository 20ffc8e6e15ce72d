//===- ParetoTest.cpp - pareto.json and pareto.csv ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Pareto.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

using namespace cat;
using namespace cat::results;

namespace {

DesignRecord someDesign(double x) {
  DesignRecord design;
  design.id = DesignId::of(1071874, 17, 3240);
  design.parameters = {{"clip.text.layers", 6.0, "1"},
                       {"edge.local_sram", 64.0, "KiB"},
                       {"edge.dram", std::string("memory.lpddr4x"), "1"}};
  design.exact.latency = Seconds(x / 3);
  design.exact.energy = Joules(x / 7);
  design.exact.area = SquareMillimetres(x * 31);
  design.exact.peak = OperationsPerSecond(1.28e12);
  design.exact.embodied = KilogramsCO2e(x * 0.1);
  design.exact.operational = KilogramsCO2e(x * 0.2);
  design.exact.carbon = KilogramsCO2e(x * 0.1 + x * 0.2);
  design.accuracy = AccuracyRecord{x / 11, 0.011, 0, "fit \"P1\", x", true};
  design.goals = {x / 11, x * 0.3};
  return design;
}

ParetoFront someFront() {
  ParetoFront front;
  front.study.name = "low_carbon";
  front.study.seed = UINT64_MAX;
  front.study.strategy = "greybox";
  front.study.accuracyMetric = "ImageNet top-1";
  front.study.goals = {{"lower(accuracy, 1)", true, 0.5, "1"},
                       {"carbon", false, std::nullopt, "kgCO2e"}};
  front.study.hypervolume = 0.1 + 0.2;
  front.study.designsTotal = DesignId(3472875000);
  front.study.evaluations = 100;
  front.points = {someDesign(0.7), someDesign(1.3)};
  return front;
}

bool sameBits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void expectSame(const DesignRecord &a, const DesignRecord &b) {
  EXPECT_EQ(a.id, b.id);
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  for (size_t i = 0; i < a.parameters.size(); ++i) {
    EXPECT_EQ(a.parameters[i].name, b.parameters[i].name);
    EXPECT_EQ(a.parameters[i].value, b.parameters[i].value);
    EXPECT_EQ(a.parameters[i].unit, b.parameters[i].unit);
  }
  EXPECT_TRUE(sameBits(a.exact.latency.value(), b.exact.latency.value()));
  EXPECT_TRUE(sameBits(a.exact.energy.value(), b.exact.energy.value()));
  EXPECT_TRUE(sameBits(a.exact.area.value(), b.exact.area.value()));
  EXPECT_DOUBLE_EQ(a.exact.peak.value(), b.exact.peak.value());
  EXPECT_TRUE(sameBits(a.exact.embodied.value(), b.exact.embodied.value()));
  EXPECT_TRUE(sameBits(a.exact.operational.value(), b.exact.operational.value()));
  EXPECT_TRUE(sameBits(a.exact.carbon.value(), b.exact.carbon.value()));
  ASSERT_EQ(a.accuracy.has_value(), b.accuracy.has_value());
  if (a.accuracy) {
    EXPECT_TRUE(sameBits(a.accuracy->value, b.accuracy->value));
    EXPECT_EQ(a.accuracy->sigma, b.accuracy->sigma);
    EXPECT_EQ(a.accuracy->noise, b.accuracy->noise);
    EXPECT_EQ(a.accuracy->source, b.accuracy->source);
    EXPECT_EQ(a.accuracy->extrapolated, b.accuracy->extrapolated);
  }
  ASSERT_EQ(a.goals.size(), b.goals.size());
  for (size_t i = 0; i < a.goals.size(); ++i)
    EXPECT_TRUE(sameBits(a.goals[i], b.goals[i]) ||
                (std::isnan(a.goals[i]) && std::isnan(b.goals[i])));
}

ParetoFront parsed(const std::string &text) {
  ParetoFront front;
  EXPECT_EQ(parseParetoJson("pareto.json", text, front), std::nullopt);
  return front;
}

/// The complaint about the written front after replacing `from`, which must occur, by `to`.
std::string complaint(const std::string &from, const std::string &to) {
  std::string text = toJson(someFront());
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  ParetoFront front;
  return parseParetoJson("x.json", text, front).value_or("accepted");
}

} // namespace

TEST(ParetoJson, HasTheSchema) {
  ParetoFront front = someFront();
  front.points.resize(1);
  front.points[0].exact.latency = Seconds(0.0125);
  front.points[0].exact.energy = Joules(0.5);
  front.points[0].exact.area = SquareMillimetres(21.5);
  front.points[0].exact.embodied = KilogramsCO2e(0.25);
  front.points[0].exact.operational = KilogramsCO2e(0.125);
  front.points[0].exact.carbon = KilogramsCO2e(0.375);
  front.points[0].accuracy = AccuracyRecord{0.63, 0.003, 0, "published", false};
  front.points[0].goals = {0.627, 0.375};
  // The text is the product here: other programs read it.
  EXPECT_EQ(toJson(front), R"json({
  "schema": "catc.pareto/1",
  "study": "low_carbon",
  "seed": 18446744073709551615,
  "strategy": "greybox",
  "accuracy_metric": "ImageNet top-1",
  "reference_point": [
    {
      "goal": "lower(accuracy, 1)",
      "sense": "maximize",
      "threshold": 0.5,
      "unit": "1"
    },
    {
      "goal": "carbon",
      "sense": "minimize",
      "threshold": null,
      "unit": "kgCO2e"
    }
  ],
  "hypervolume": 0.30000000000000004,
  "designs_total": 3472875000,
  "evaluations": 100,
  "parameters": [
    {
      "name": "clip.text.layers",
      "unit": "1"
    },
    {
      "name": "edge.local_sram",
      "unit": "KiB"
    },
    {
      "name": "edge.dram",
      "unit": "1"
    }
  ],
  "points": [
    {"id":"3472871777","parameters":{"clip.text.layers":6,"edge.local_sram":64,"edge.dram":"memory.lpddr4x"},"metrics":{"latency_s":0.0125,"energy_j":0.5,"area_mm2":21.5,"peak_tops":1.28,"embodied_kg":0.25,"operational_kg":0.125,"carbon_kg":0.375,"accuracy":{"value":0.63,"sigma":0.003,"noise":0,"source":"published","extrapolated":false},"goals":[0.627,0.375]}}
  ]
}
)json");
}

TEST(ParetoJson, ReadsBackTheSameBits) {
  ParetoFront front = someFront();
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    front.points.push_back(someDesign(std::uniform_real_distribution<>(1e-9, 1e3)(random)));
    front.points.back().id = DesignId::of(static_cast<int64_t>(random() >> 1), i, 3240);
  }
  front.points[1].accuracy.reset();
  front.points[2].goals[1] = std::nan("");
  ParetoFront back = parsed(toJson(front));
  EXPECT_EQ(back.study.name, front.study.name);
  EXPECT_EQ(back.study.seed, front.study.seed);
  EXPECT_EQ(back.study.strategy, front.study.strategy);
  EXPECT_EQ(back.study.accuracyMetric, front.study.accuracyMetric);
  EXPECT_EQ(back.study.hypervolume, front.study.hypervolume);
  EXPECT_EQ(back.study.designsTotal, front.study.designsTotal);
  EXPECT_EQ(back.study.evaluations, front.study.evaluations);
  ASSERT_EQ(back.study.goals.size(), 2u);
  EXPECT_EQ(back.study.goals[0].name, "lower(accuracy, 1)");
  EXPECT_TRUE(back.study.goals[0].maximize);
  EXPECT_EQ(back.study.goals[0].threshold, 0.5);
  EXPECT_EQ(back.study.goals[1].threshold, std::nullopt);
  EXPECT_EQ(back.study.goals[1].unit, "kgCO2e");
  ASSERT_EQ(back.points.size(), front.points.size());
  for (size_t i = 0; i < front.points.size(); ++i)
    expectSame(back.points[i], front.points[i]);
  EXPECT_EQ(toJson(back), toJson(front));
}

/// A front whose accuracy was measured.
ParetoFront measuredFront() {
  ParetoFront front = someFront();
  front.study.search = SearchFootprint{"catc-eval-torch 0.1", "validation: 500 images", "full", 2,
                                       Joules(0.1 + 0.2),     KilogramsCO2e(1e-7 / 3),  "RAPL"};
  front.points[1].test = AccuracyRecord{0.1 + 0.7, 0.018, 0.018, "", false};
  return front;
}

TEST(ParetoJson, HoldsWhatMeasuringGave) {
  EXPECT_EQ(toJson(someFront()).find("\"search\""), std::string::npos);
  EXPECT_EQ(toJson(someFront()).find("accuracy_test"), std::string::npos);
  ParetoFront front = measuredFront(), back = parsed(toJson(front));
  ASSERT_TRUE(back.study.search);
  EXPECT_EQ(back.study.search->evaluator, "catc-eval-torch 0.1");
  EXPECT_EQ(back.study.search->protocol, "validation: 500 images");
  EXPECT_EQ(back.study.search->fidelity, "full");
  EXPECT_EQ(back.study.search->failed, 2);
  EXPECT_TRUE(sameBits(back.study.search->energy.value(), 0.1 + 0.2));
  EXPECT_TRUE(sameBits(back.study.search->carbon->value(), 1e-7 / 3));
  EXPECT_EQ(back.study.search->how, "RAPL");
  EXPECT_FALSE(back.points[0].test);
  ASSERT_TRUE(back.points[1].test);
  EXPECT_TRUE(sameBits(back.points[1].test->value, 0.1 + 0.7));
  EXPECT_EQ(back.points[1].test->noise, 0.018);
  front.study.search->carbon.reset();
  EXPECT_FALSE(parsed(toJson(front)).study.search->carbon);
}

TEST(ParetoJson, LongFrontsComeInParts) {
  ParetoFront few = someFront();
  FrontView many(few);
  many.size = 5000;
  many.read = [&few](size_t i, DesignRecord &design) {
    design = few.points[i % 2];
    design.id = DesignId(i);
  };
  for (auto print : {printJson, printCsv}) {
    size_t parts = 0, largest = 0;
    std::string text;
    print(many, [&](std::string_view part) {
      ++parts;
      largest = std::max(largest, part.size());
      text += part;
    });
    EXPECT_GT(parts, 3u);
    EXPECT_LT(largest, 1u << 19);
    EXPECT_EQ(text, print == printJson ? toJson(many) : toCsv(many));
  }
  ParetoFront back = parsed(toJson(many));
  ASSERT_EQ(back.points.size(), many.size);
  few.points[1].id = DesignId(4999);
  expectSame(back.points[4999], few.points[1]);
}

TEST(ParetoJson, HoldsEmptyFrontsAndHugeSpaces) {
  ParetoFront front = someFront();
  front.points.clear();
  front.study.hypervolume.reset();
  front.study.accuracyMetric.clear();
  front.study.designsTotal = DesignId::of(INT64_MAX, 0, 1000);
  ParetoFront back = parsed(toJson(front));
  EXPECT_TRUE(back.points.empty());
  EXPECT_EQ(back.study.hypervolume, std::nullopt);
  EXPECT_EQ(back.study.accuracyMetric, "");
  EXPECT_EQ(back.study.designsTotal, front.study.designsTotal);
}

TEST(ParetoJson, RepairsTextThatIsNotUtf8) {
  ParetoFront front = someFront();
  front.points[0].accuracy->source = "caf\xE9.csv";
  EXPECT_EQ(parsed(toJson(front)).points[0].accuracy->source, "caf\xEF\xBF\xBD.csv");
}

TEST(ParetoJson, ComplaintsNameThePlace) {
  EXPECT_EQ(complaint("catc.pareto/1", "catc.pareto/9"),
            "x.json: schema: expected \"catc.pareto/1\", found \"catc.pareto/9\"");
  EXPECT_EQ(complaint("\"schema\"", "\"shema\""), "x.json: lacks \"schema\"");
  EXPECT_EQ(complaint("\"minimize\"", "\"less\""),
            "x.json: reference_point[1].sense: expected \"minimize\" or \"maximize\"");
  EXPECT_EQ(complaint("\"evaluations\": 100", "\"evaluations\": 1.5"),
            "x.json: evaluations: expected whole number");
  EXPECT_EQ(complaint("\"designs_total\": 3472875000", "\"designs_total\": \"many\""),
            "x.json: designs_total: expected a number of designs in decimal digits");
  EXPECT_EQ(complaint("\"latency_s\":", "\"latency\":"),
            "x.json: points[0].metrics: lacks \"latency_s\"");
  EXPECT_EQ(complaint("\"peak_tops\":1.28", "\"peak_tops\":\"fast\""),
            "x.json: points[0].metrics.peak_tops: expected number");
  EXPECT_EQ(complaint("\"extrapolated\":true", "\"extrapolated\":1"),
            "x.json: points[0].metrics.accuracy.extrapolated: expected boolean");
  EXPECT_EQ(complaint("\"id\":\"3472871777\"", "\"id\":3472871777"),
            "x.json: points[0].id: expected string");
  EXPECT_EQ(complaint("\"id\":\"3472871777\"", "\"id\":\"-3\""),
            "x.json: points[0].id: expected a design id in decimal digits");
  EXPECT_EQ(complaint("\"edge.local_sram\":64", "\"edge.local_sram\":[64]"),
            "x.json: points[0].parameters.edge.local_sram: expected number or string");
  EXPECT_EQ(complaint("\"edge.local_sram\":64,", ""),
            "x.json: points[0].parameters: has 2 parameters, but 3 are declared");
  EXPECT_THAT(
      complaint("\"goals\":[", "\"goals\":[1,"),
      testing::StartsWith("x.json: points[0].metrics.goals: has 3 values, but reference_point "
                          "has 2 goals"));
  EXPECT_EQ(complaint("\"seed\": 18446744073709551615", "\"seed\": -1"),
            "x.json: seed: expected whole number, 0 to 18446744073709551615");
}

TEST(ParetoJson, SyntaxErrorsNameLineAndColumn) {
  EXPECT_THAT(complaint("\"seed\": 18446744073709551615,", "\"seed\": ,"),
              testing::StartsWith("x.json:4:"));
  ParetoFront front;
  EXPECT_THAT(*parseParetoJson("x.json", "", front), testing::StartsWith("x.json:1:"));
  EXPECT_EQ(parseParetoJson("x.json", "[]", front), "x.json: expected object");
  EXPECT_EQ(parseParetoJson("x.json", std::string(1000000, '['), front),
            "x.json: not a front: brackets nest too deeply");
  std::string text = toJson(someFront());
  for (size_t cut = 0; cut + 2 < text.size(); cut += 7)
    EXPECT_NE(parseParetoJson("x.json", text.substr(0, cut), front), std::nullopt) << cut;
}

/// Points are parsed one by one, wherever they stand and however they are laid out.
TEST(ParetoJson, LayoutAndOrderDoNotMatter) {
  ParetoFront front = someFront();
  std::string text = toJson(front);
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  ASSERT_TRUE(static_cast<bool>(value));
  for (const char *format : {"{0}", "{0:4}"}) {
    // Keys are in alphabetical order: "points" comes before what points are checked against.
    std::string other = llvm::formatv(format, *value);
    EXPECT_EQ(toJson(parsed(other)), text) << other;
  }
  front.points.clear();
  EXPECT_EQ(parsed(toJson(front)).points.size(), 0u);
}

TEST(ParetoJson, ErrorsInPointsAndBehindThemNameTheirPlace) {
  std::string text = toJson(someFront());
  auto lineOf = [&](size_t at) { return std::count(text.begin(), text.begin() + at, '\n') + 1; };
  auto columnOf = [&](size_t at) { return at - text.rfind('\n', at); };
  size_t at = text.rfind("\"id\":");
  std::string place =
      "x.json:" + std::to_string(lineOf(at)) + ":" + std::to_string(columnOf(at) + 5) + ": ";
  EXPECT_THAT(complaint(text.substr(at), "\"id\";" + text.substr(at + 5)),
              testing::StartsWith(place));
  at = text.rfind(']');
  place = "x.json:" + std::to_string(lineOf(at)) + ":";
  EXPECT_THAT(complaint(text.substr(at), "]x}"), testing::StartsWith(place));
  EXPECT_EQ(complaint(text.substr(at), "],\"points\":[{}]}"),
            "x.json: points[0]: is beside the first list of points");
  EXPECT_THAT(complaint(text.substr(at), ",]}"), testing::StartsWith(place));
}

TEST(ParetoCsv, QuotesAsRfc4180Says) {
  ParetoFront front = someFront();
  front.points.resize(1);
  DesignRecord &design = front.points[0];
  design.exact.latency = Seconds(0.0125);
  design.exact.energy = Joules(0.5);
  design.exact.area = SquareMillimetres(21.5);
  design.exact.embodied = KilogramsCO2e(0.25);
  design.exact.operational = KilogramsCO2e(0.125);
  design.exact.carbon = KilogramsCO2e(0.375);
  design.accuracy->value = 0.1;
  design.goals = {0.1, std::nan("")};
  EXPECT_EQ(
      toCsv(front),
      "id,clip.text.layers,edge.local_sram [KiB],edge.dram,latency_s,energy_j,area_mm2,peak_tops,"
      "embodied_kg,operational_kg,carbon_kg,accuracy,accuracy_sigma,accuracy_noise,"
      "accuracy_source,accuracy_extrapolated,\"goal: lower(accuracy, 1)\",goal: carbon [kgCO2e]\r\n"
      "3472871777,6,64,memory.lpddr4x,0.0125,0.5,21.5,1.28,0.25,0.125,0.375,0.1,0.011,0,"
      "\"fit \"\"P1\"\", x\",true,0.1,\r\n");
}

TEST(ParetoCsv, LeavesMissingAccuracyBlank) {
  ParetoFront front = someFront();
  front.points.resize(1);
  front.points[0].accuracy.reset();
  EXPECT_THAT(toCsv(front), testing::HasSubstr(",,,,,"));
}

TEST(ParetoCsv, HasColumnsOfTheTestSplitWhereAccuracyIsMeasured) {
  EXPECT_EQ(toCsv(someFront()).find("accuracy_test"), std::string::npos);
  std::string text = toCsv(measuredFront());
  EXPECT_THAT(text, testing::HasSubstr("accuracy_extrapolated,accuracy_test,accuracy_test_noise,"
                                       "\"goal: lower(accuracy, 1)\""));
  EXPECT_THAT(text, testing::HasSubstr(",true,,,")) << "a design without test accuracy";
  EXPECT_THAT(text, testing::HasSubstr(",true,0.7999999999999999,0.018,"));
}

TEST(ParetoFiles, AreWrittenAndRead) {
  std::string folder = (std::filesystem::temp_directory_path() / "catc-pareto-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ParetoFront front = someFront(), back;
  EXPECT_EQ(writeParetoJson(folder + "/pareto.json", front), std::nullopt);
  EXPECT_EQ(writeParetoCsv(folder + "/pareto.csv", front), std::nullopt);
  EXPECT_EQ(readParetoJson(folder + "/pareto.json", back), std::nullopt);
  EXPECT_EQ(toJson(back), toJson(front));
  EXPECT_EQ(writeParetoCsv(folder + "/none/pareto.csv", front),
            "cannot write '" + folder + "/none/pareto.csv': No such file or directory");
  std::filesystem::remove_all(folder);
}
