//===- Timeloop.h - Timeloop's rows against the traffic formulas ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fixed weight-stationary mappings of refs/cost/timeloop_model_fixedmap.csv, as loop nests.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_COST_TIMELOOP_H
#define CATC_TEST_UNIT_COST_TIMELOOP_H

#include "Cost/Traffic.h"
#include "References.h"

namespace cat::cost::test {

/// Clusters share N, and W x D multipliers stand in each; results are not kept in the array
/// (accum_in_PE is False in every row). DRAM gives 32 bytes a cycle, reads and writes together.
inline std::vector<traffic::Level> timeloopLevels(const Record &row) {
  using D = traffic::Dimension;
  traffic::Level dram = {{{D::N, row.integer("DRAM_N")}}, {}, 32, true};
  traffic::Level global = {{{D::N, row.integer("GLB_N")}, {D::K, row.integer("GLB_K")}},
                           {{D::N, row.integer("clusters")}}};
  traffic::Level local = {{{D::K, row.integer("L2_K")}, {D::M, row.integer("L2_M")}},
                          {{D::N, row.integer("W")}, {D::K, row.integer("D")}},
                          row.number("L2_BW")};
  return {dram, global, local};
}

struct TimeloopRow {
  std::string name;
  int counts = 0, equal = 0; ///< reads, fills and updates of three operands at three levels
  std::string differences;
  int64_t cycles = 0, cyclesModel = 0;
};

inline TimeloopRow compareWithTimeloop(const Record &row) {
  const char *memories[] = {"DRAM", "GLB", "L2"}, *operands[] = {"A", "W", "Z"};
  TimeloopRow result;
  result.name = row.text("cfg") + " " + row.text("op");
  std::vector<traffic::Level> levels = timeloopLevels(row);
  std::vector<traffic::LevelTraffic> counted = traffic::loopNestTraffic(levels);
  for (size_t level = 0; level != counted.size(); ++level)
    for (size_t i = 0; i != traffic::kOperands.size(); ++i) {
      const traffic::Accesses &a = counted[level].of(traffic::kOperands[i]);
      std::string prefix = std::string(memories[level]) + "_" + operands[i] + "_";
      for (auto [kind, count] : {std::pair<const char *, int64_t>{"reads", a.reads},
                                 {"fills", a.fills},
                                 {"updates", a.updates}}) {
        ++result.counts;
        int64_t expected = row.integer(prefix + kind);
        if (count == expected)
          ++result.equal;
        else
          result.differences += " " + prefix + kind + " " + std::to_string(count) + " instead of " +
                                std::to_string(expected);
      }
    }
  result.cycles = row.integer("cycles");
  result.cyclesModel = traffic::loopNestCycles(levels);
  return result;
}

} // namespace cat::cost::test

#endif // CATC_TEST_UNIT_COST_TIMELOOP_H
