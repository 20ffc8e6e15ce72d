//===- DescriptorTest.cpp - What the register block is told ---------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Descriptor.h"
#include "Machine.h"
#include "Rtl/Package.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fstream>
#include <regex>
#include <sstream>

using namespace cat;
using namespace cat::rtl;
using namespace cat::cost;
using testing::HasSubstr;

namespace {

std::string readFile(const std::string &path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Descriptor, OperandsLieInBanksOfTheirOwn) {
  HardwareParameters hw = test::machine(2);
  GemmDescriptor gemm = test::gemm();
  gemm.residual = true;
  GemmPlan plan(hw, gemm);
  Result<GemmLayout> layout = layoutGemm(hw, gemm, plan);
  ASSERT_TRUE(layout) << layout.error();
  int64_t bankWords = hw.globalBytes / 16 / hw.wordBytes;
  std::vector<int64_t> starts = {layout->input, layout->results, layout->residual,
                                 layout->weights[0], layout->weights[1]};
  for (size_t i = 0; i < starts.size(); ++i) {
    EXPECT_EQ(starts[i] % bankWords, 0);
    for (size_t j = i + 1; j < starts.size(); ++j)
      EXPECT_NE(starts[i] / bankWords, starts[j] / bankWords);
  }
  EXPECT_EQ(layout->dramWords, plan.blockWords(0) + plan.blockWords(1));
}

TEST(Descriptor, WhatDoesNotFitIsAFault) {
  HardwareParameters hw = test::machine(1);
  GemmDescriptor gemm = test::gemm();
  gemm.m = 5000;
  Result<GemmLayout> layout = layoutGemm(hw, gemm, GemmPlan(hw, gemm));
  ASSERT_FALSE(layout);
  EXPECT_THAT(layout.error(), HasSubstr("of the global buffer's 16 banks"));
}

TEST(Descriptor, SaysHowClustersShare) {
  HardwareParameters hw = test::machine(2);
  GemmDescriptor gemm = test::gemm(); // 20 x 40 x 24: 5 column steps, 3 + 2
  GemmPlan plan(hw, gemm);
  Result<GemmLayout> layout = layoutGemm(hw, gemm, plan);
  ASSERT_TRUE(layout);
  Descriptor d = describe(hw, gemm, plan, *layout, {}, 7);
  EXPECT_EQ(d[Operation], 1u << 4); // parameters, nothing held
  EXPECT_EQ(d[Clusters] & 0xff, 2u);
  EXPECT_EQ(d[Clusters] >> 24, plan.slotMask());
  EXPECT_EQ(d[ColumnSteps], 3u | 2u << 16);
  EXPECT_EQ(d[Blocks], 2u | 2u << 16);
  EXPECT_EQ(d[DepthSteps], 3u);
  EXPECT_EQ(d[WBeats], 8u + 24u);
  EXPECT_EQ(d[DramBase], 7u);
  EXPECT_EQ(d[DmaOthers] + d[DmaWhole], plan.blockWords(0));
  EXPECT_EQ(d[DmaOthersEnd], plan.blockWords(1));
  EXPECT_EQ(d[ZCluster], 3 * layout->resultWords);
}

// The words' indices stand in C++ and in SystemVerilog; DRAM_BASE is DramBase.
TEST(Descriptor, IndicesAgreeWithTheHardware) {
  std::string package = readFile(CATC_SOURCE_DIR "/hw/rtl/catc_descriptor_pkg.sv");
  std::string header = readFile(CATC_SOURCE_DIR "/lib/Rtl/Descriptor.h");
  std::smatch list;
  ASSERT_TRUE(std::regex_search(header, list, std::regex("enum DescriptorWord[^{]*\\{([^}]*)\\}")));
  std::istringstream names(std::regex_replace(list[1].str(), std::regex(","), " "));
  std::string name;
  int index = 0;
  while (names >> name && name != "NumDescriptorWords") {
    std::string upper;
    for (size_t i = 0; i < name.size(); ++i) {
      if (i > 0 && std::isupper(static_cast<unsigned char>(name[i])))
        upper += '_';
      upper += static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
    }
    std::regex line("localparam int " + upper + " += " + std::to_string(index) + ";");
    EXPECT_TRUE(std::regex_search(package, line)) << upper << " = " << index;
    ++index;
  }
  EXPECT_EQ(index, NumDescriptorWords);
}

TEST(Package, HasAllParametersOfTheLibrary) {
  std::string package = configPackage(test::machine(2));
  std::string library = readFile(CATC_SOURCE_DIR "/hw/rtl/catc_config_pkg.sv");
  std::regex parameter("localparam (int|bit) [A-Z_]+");
  int count = 0;
  for (std::sregex_iterator it(library.begin(), library.end(), parameter), end; it != end; ++it) {
    EXPECT_THAT(package, HasSubstr(it->str() + " ="));
    ++count;
  }
  EXPECT_EQ(count, 16);
  EXPECT_THAT(package, HasSubstr("localparam int BUFFER_WORDS = 4096;"));
  EXPECT_THAT(package, HasSubstr("localparam bit SYSTOLIC = 1'b0;"));
}

} // namespace
