//===- RaplTest.cpp - Energy counters from a folder of our own ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Rapl.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::eval;
namespace fs = std::filesystem;

namespace {

class RaplTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "catc-rapl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string &zone, const std::string &file, const std::string &text) {
    fs::create_directories(folder + "/" + zone);
    std::ofstream(folder + "/" + zone + "/" + file) << text << "\n";
  }

  std::string folder;
};

} // namespace

TEST_F(RaplTest, SumsPackagesAndSurvivesTheWrap) {
  for (const char *zone : {"intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0"})
    write(zone, "max_energy_range_uj", "1000000");
  write("intel-rapl:0", "energy_uj", "900000");
  write("intel-rapl:1", "energy_uj", "100");
  write("intel-rapl:0:0", "energy_uj", "7"); // a part of package 0
  write("dtpm", "energy_uj", "7");
  std::optional<Rapl> rapl = Rapl::open(folder);
  ASSERT_TRUE(rapl);
  EXPECT_EQ(rapl->take().value(), 0);
  write("intel-rapl:0", "energy_uj", "200000"); // wrapped: 300000 more
  write("intel-rapl:1", "energy_uj", "50100");
  write("intel-rapl:0:0", "energy_uj", "90");
  EXPECT_DOUBLE_EQ(rapl->take().value(), 0.35);
  EXPECT_EQ(rapl->take().value(), 0);
}

TEST_F(RaplTest, NoCountersAreNone) {
  EXPECT_FALSE(Rapl::open(folder));
  EXPECT_FALSE(Rapl::open(folder + "/missing"));
  write("intel-rapl:0", "energy_uj", "no number");
  write("intel-rapl:0", "max_energy_range_uj", "1000000");
  EXPECT_FALSE(Rapl::open(folder));
}
