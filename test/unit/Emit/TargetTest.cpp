//===- TargetTest.cpp - The registered targets and what they share --------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Target.h"
#include "Emit/MappedProgram.h"
#include "Emit/RtlLibrary.h"
#include "EmitFixture.h"
#include "Results/WriteFile.h"
#include "Rtl/Package.h"
#include "llvm/Support/FileSystem.h"
#include "gmock/gmock.h"
#include <regex>
#include <set>

using namespace cat;
using namespace cat::emit;
using ::testing::HasSubstr;

namespace {

TEST(TargetTest, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  bool anyDefault = false;
  for (const std::unique_ptr<Target> &target : targets()) {
    EXPECT_TRUE(names.insert(target->name().str()).second) << target->name().str();
    EXPECT_FALSE(target->description().empty()) << target->name().str();
    anyDefault |= target->isDefault();
  }
  EXPECT_TRUE(anyDefault);
}

TEST(FolderTest, FilesLieInSubfolders) {
  std::string path = ::testing::TempDir() + "catc-folder-test";
  (void)!llvm::sys::fs::remove_directories(path);
  {
    Result<Folder> folder = Folder::create(path);
    ASSERT_TRUE(folder) << folder.error();
    EXPECT_EQ(folder->add("a/b/c.txt", "text"), std::nullopt);
    EXPECT_EQ(folder->add("a/d.txt", ""), std::nullopt);
    EXPECT_FALSE(llvm::sys::fs::exists(path));
    EXPECT_EQ(folder->commit(), std::nullopt);
  }
  std::string text;
  EXPECT_EQ(results::readFile(path + "/a/b/c.txt", text), std::nullopt);
  EXPECT_EQ(text, "text");
  EXPECT_THAT(Folder::whyNotWritable(path, "--keep").value_or(""), HasSubstr("with --keep"));
  EXPECT_FALSE(llvm::sys::fs::remove_directories(path));
}

TEST(MappedProgramTest, CountsEveryExecutionOnce) {
  study::LoadedStudy loaded{kSpec};
  EmittedDesign design(loaded, {0, 1, 1, 1, 1});
  llvm::FailureOr<MappedProgram> program = readMappedProgram(*design.annotated);
  ASSERT_TRUE(succeeded(program));
  int64_t cycles = 0;
  std::set<decltype(cost::Operator().key())> keys;
  for (const MappedOperator &op : program->operators) {
    EXPECT_TRUE(keys.insert(op.op.key()).second) << op.op.name;
    EXPECT_EQ(op.mapping.has_value(), op.op.kind == cost::OperatorKind::Gemm) << op.op.name;
    cycles += op.executions * op.cycles;
  }
  EXPECT_EQ(static_cast<double>(cycles) / program->machine.clock.value(),
            design.record.exact.latency.value());
}

TEST(MappedProgramTest, BusiestPartOfASplit) {
  cost::Machine machine;
  machine.clusters = 4;
  machine.array.width = 8;
  cost::Gemm gemm;
  gemm.m = 10;
  gemm.n = 50; // seven column steps: two a cluster
  gemm.k = 3;
  gemm.batch = 6;
  cost::Mapping mapping;
  EXPECT_EQ(busiestPart(machine, gemm, mapping), gemm);
  mapping.split = cost::ClusterSplit::Rows;
  EXPECT_EQ(busiestPart(machine, gemm, mapping).m, 3);
  mapping.split = cost::ClusterSplit::Columns;
  EXPECT_EQ(busiestPart(machine, gemm, mapping).n, 16);
  mapping.split = cost::ClusterSplit::Batch;
  EXPECT_EQ(busiestPart(machine, gemm, mapping).batch, 2);
  gemm.n = 5;
  mapping.split = cost::ClusterSplit::Columns;
  EXPECT_EQ(busiestPart(machine, gemm, mapping).n, 5);
}

TEST(MappedProgramTest, Identifiers) {
  EXPECT_EQ(identifierOf("text.attn.in_proj"), "text_attn_in_proj");
  EXPECT_EQ(identifierOf("2nd layer"), "op_2nd_layer");
  EXPECT_EQ(identifierOf(""), "op_");
}

/// The parameters that a package declares, in order.
std::vector<std::string> parametersOf(const std::string &text) {
  static const std::regex kParameter(R"(localparam\s+\w+\s+(\w+)\s*=)");
  std::vector<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), kParameter), end; match != end; ++match)
    names.push_back((*match)[1]);
  return names;
}

TEST(RtlLibraryTest, PackageDeclaresWhatTheLibraryUses) {
  std::string library;
  ASSERT_EQ(results::readFile(CATC_SOURCE_DIR "/hw/rtl/catc_config_pkg.sv", library), std::nullopt);
  cost::HardwareParameters hardware;
  hardware.width = 64;
  hardware.style = cost::ArrayStyle::Systolic;
  hardware.globalBytes = 1024;
  hardware.wordBytes = 16;
  std::string text = rtl::configPackage(hardware);
  EXPECT_EQ(parametersOf(text), parametersOf(library));
  EXPECT_THAT(text, HasSubstr("localparam int WIDTH = 64;"));
  EXPECT_THAT(text, HasSubstr("localparam bit SYSTOLIC = 1'b1;"));
  EXPECT_THAT(text, HasSubstr("localparam int BUFFER_WORDS = 64;"));
}

TEST(RtlLibraryTest, SaysWhereItLooked) {
  Result<RtlLibrary> library = RtlLibrary::read("/nowhere", {});
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error(), HasSubstr("'/nowhere/hw/rtl/files.f'"));
}

} // namespace
