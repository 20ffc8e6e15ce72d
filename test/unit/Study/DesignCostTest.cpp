//===- DesignCostTest.cpp - Which way metrics move ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/DesignCost.h"
#include "SpecFixture.h"

using namespace cat;
using namespace cat::study;

namespace {

/// Any: it pays for capacity with energy per access, so either may win.
enum class Moves { Up, Down, NotUp, Same, Any };

/// What a larger value of a parameter does, all else equal.
struct Direction {
  const char *parameter;
  Moves latency, energy, area, peak, embodied;
};

// More of a model is more work on the same machine. A larger machine has more area, and with it
// embodied carbon; what computes is faster, and what only stores saves traffic, or nothing if all
// fits before.
const Direction kDirections[] = {
    {"clip.text.layers", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.text.ffn", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.text.heads", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.text.width", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.vision.layers", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.vision.ffn", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.vision.heads", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"clip.vision.width", Moves::Up, Moves::Up, Moves::Same, Moves::Same, Moves::Same},
    {"edge.clusters", Moves::Down, Moves::Any, Moves::Up, Moves::Up, Moves::Up},
    {"edge.array_width", Moves::Down, Moves::Any, Moves::Up, Moves::Up, Moves::Up},
    {"edge.array_depth", Moves::Down, Moves::Any, Moves::Up, Moves::Up, Moves::Up},
    {"edge.local_sram", Moves::NotUp, Moves::Any, Moves::Up, Moves::Same, Moves::Up},
    {"edge.local_bandwidth", Moves::Down, Moves::Any, Moves::Up, Moves::Same, Moves::Up},
    {"edge.global_buffer", Moves::NotUp, Moves::Any, Moves::Up, Moves::Same, Moves::Up},
};

void expectMove(Moves moves, double before, double after, const std::string &what) {
  switch (moves) {
  case Moves::Up:
    EXPECT_GT(after, before) << what;
    return;
  case Moves::Down:
    EXPECT_LT(after, before) << what;
    return;
  case Moves::NotUp:
    EXPECT_LE(after, before) << what;
    return;
  case Moves::Same:
    EXPECT_EQ(after, before) << what;
    return;
  case Moves::Any:
    return;
  }
}

} // namespace

TEST(DesignCost, MetricsMoveTheRightWayWithEveryParameterOfTheExample) {
  LoadedStudy study(
      "import \"examples/clip_vit_b16.cat\" as example;\nstudy copy : example.low_carbon {}\n");
  ParameterTable table = study.table();
  ASSERT_EQ(table.size(), std::size(kDirections)) << "a parameter has no direction";
  // The middle of every domain, and the two values around it.
  Point middle;
  for (const ParameterInfo &parameter : table.parameters())
    middle.push_back(static_cast<int32_t>(parameter.size() / 2));
  for (const Direction &direction : kDirections) {
    int32_t p = table.find(direction.parameter);
    ASSERT_GE(p, 0) << direction.parameter;
    Point low = middle, high = middle;
    --low[p];
    high[p] = static_cast<int32_t>(table[p].size() - 1);
    llvm::FailureOr<carbon::Metrics> before = costThroughIR(study.ops, table, low),
                                     after = costThroughIR(study.ops, table, high);
    ASSERT_TRUE(succeeded(before) && succeeded(after)) << direction.parameter;
    std::string name = direction.parameter;
    expectMove(direction.latency, before->latency.value(), after->latency.value(),
               name + ": latency");
    expectMove(direction.energy, before->energy.value(), after->energy.value(), name + ": energy");
    expectMove(direction.area, before->area.value(), after->area.value(), name + ": area");
    expectMove(direction.peak, before->peak.value(), after->peak.value(), name + ": peak");
    expectMove(direction.embodied, before->embodied.value(), after->embodied.value(),
               name + ": embodied");
    EXPECT_EQ(before->carbon.value(), (before->embodied + before->operational).value());
  }
}
