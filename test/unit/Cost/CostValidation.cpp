//===- CostValidation.cpp - The cost library beside published figures -----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CostValidation published
//   prints, as JSON, what docs/validation.md compares with published figures: NVDLA's sizes,
//   Timeloop's and SCALE-Sim's rows, and the library's. Reads CATC_REFS.
// CostValidation logic STYLE CLUSTERS WIDTH DEPTH REQUANTIZERS OUTPUT_ROWS LANES WORD
//   prints the areas of that machine's logic in um2 at 22 nm, without memories, as JSON, to compare
//   with the cells of hw/rtl. STYLE is dot or systolic.
//
//===----------------------------------------------------------------------===//

#include "Nvdla.h"
#include "Timeloop.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace cat::cost;
using namespace cat::cost::test;

namespace {

/// What synthesis leaves when memories are macros.
int printLogic(char **argument) {
  auto number = [&](int i) { return std::strtoll(argument[i], nullptr, 10); };
  Machine m = edgeMachine({number(1), number(2), number(3)});
  m.array.style =
      std::strcmp(argument[0], "systolic") == 0 ? ArrayStyle::Systolic : ArrayStyle::VectorMac;
  m.array.macsPerRequantizer = std::max<int64_t>(1, number(2) * number(3) / number(4));
  m.array.outputRows = number(5);
  m.array.accumulatorArea = cat::SquareMillimetresPerByte(0);
  m.array.accumulatorWidthArea = m.linkArea = cat::SquareMillimetres(0);
  m.vector.lanes = number(6);
  m.global.bytesPerCycle = number(7);
  AreaBreakdown a = area(m);
  double control = m.clusterArea.value() * static_cast<double>(m.clusters);
  double cluster = (a.accumulators + a.requantizers).value() + control;
  std::printf("{\"array\": %.6g, \"cluster\": %.6g, \"vector\": %.6g, \"words\": %.6g}\n",
              a.array.value() * 1e6, cluster * 1e6, a.vector.value() * 1e6, a.links.value() * 1e6);
  return 0;
}

/// Cycles under the profile of the row's dataflow, through the library as a spec reaches them.
int64_t scaleSimCycles(const Record &row) {
  const std::string &dataflow = row.text("dataflow");
  Machine m = edgeMachine({1, row.integer("ArrayW"), row.integer("ArrayH"), 8, 1024, 128});
  m.array.outputRows = 512;
  m.timing = dataflow == "ws"   ? TimingModel::ScaleSimWeightStationary
             : dataflow == "is" ? TimingModel::ScaleSimInputStationary
                                : TimingModel::ScaleSimOutputStationary;
  Gemm gemm;
  gemm.m = row.integer("M"), gemm.n = row.integer("N"), gemm.k = row.integer("K");
  std::optional<Mapping> mapping = mapGemm(m, gemm);
  return mapping ? countGemm(m, gemm, *mapping).cycles : 0;
}

void printScaleSim(const std::vector<Record> &rows) {
  const char *separator = "";
  for (const Record &row : rows) {
    // The reader yields a record for each inner object; this one has the cycles.
    if (!row.fields.count("Total Cycles"))
      continue;
    const std::string array = row.text("ArrayH") + " x " + row.text("ArrayW");
    int64_t cycles = row.integer("Total Cycles") - row.integer("Stall Cycles");
    std::printf(
        "%s\n  {\"name\": \"%s\", \"dataflow\": \"%s\", \"array\": \"%s\", \"cycles\": %lld, "
        "\"cycles_model\": %lld}",
        separator, row.text("op").c_str(), row.text("dataflow").c_str(), array.c_str(),
        static_cast<long long>(cycles), static_cast<long long>(scaleSimCycles(row)));
    separator = ",";
  }
}

int printPublished() {
  const std::string accelerators = referencePath("cost/accelerators.csv");
  const std::string timeloop = referencePath("cost/timeloop_model_fixedmap.csv");
  const std::string scaleSim = referencePath("cost/scalesim_v3_refs.jsonl");
  for (const std::string &path : {accelerators, timeloop, scaleSim})
    if (!std::ifstream(path)) {
      std::fprintf(stderr, "CostValidation: no reference data at %s; set CATC_REFS\n",
                   path.c_str());
      return 1;
    }
  std::printf("{\"nvdla\": [");
  const char *separator = "";
  for (const NvdlaRow &row : nvdlaRows(readCsvRecords(accelerators))) {
    Machine m = nvdlaMachine(row);
    std::printf("%s\n  {\"macs\": %lld, \"width\": %lld, \"depth\": %lld, \"buffer_kib\": %lld, "
                "\"area\": %.6g, \"area_model\": %.6g, \"power\": %.6g, \"peak\": %.6g, "
                "\"power_model\": %.6g, \"power_gated\": %.6g}",
                separator, static_cast<long long>(row.macs), static_cast<long long>(m.array.width),
                static_cast<long long>(m.array.depth), static_cast<long long>(row.bufferKiB),
                row.area, nvdlaArea(row), row.power, row.peakPower, nvdlaPower(row),
                nvdlaPower(row, 0.5));
    separator = ",";
  }
  std::printf("],\n \"timeloop\": [");
  separator = "";
  for (const Record &row : readCsvRecords(timeloop)) {
    TimeloopRow r = compareWithTimeloop(row);
    std::printf("%s\n  {\"name\": \"%s\", \"counts\": %d, \"equal\": %d, \"cycles\": %lld, "
                "\"cycles_model\": %lld}",
                separator, r.name.c_str(), r.counts, r.equal, static_cast<long long>(r.cycles),
                static_cast<long long>(r.cyclesModel));
    separator = ",";
  }
  std::printf("],\n \"scalesim\": [");
  printScaleSim(readJsonRecords(scaleSim));
  std::printf("]}\n");
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "published") == 0)
    return printPublished();
  if (argc == 10 && std::strcmp(argv[1], "logic") == 0)
    return printLogic(argv + 2);
  std::fprintf(stderr, "usage: CostValidation published | logic STYLE CLUSTERS WIDTH DEPTH "
                       "REQUANTIZERS OUTPUT_ROWS LANES WORD\n");
  return 2;
}
