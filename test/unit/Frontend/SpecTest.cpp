//===- SpecTest.cpp - Tests of whole specs --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Frontend.h"
#include "Frontend/Locations.h"
#include "Space/Space.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::frontend;

namespace {

const char *const kExample = CATC_SOURCE_DIR "/examples/clip_vit_b16.cat";

class SpecTest : public testing::Test {
protected:
  SpecTest() { options.searchPaths = {CATC_SOURCE_DIR, CATC_SOURCE_DIR "/test/Frontend/Inputs"}; }

  /// Writes a spec to a temporary file and loads it.
  Spec load(llvm::StringRef text) {
    llvm::SmallString<128> path;
    int descriptor;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("spec", "cat", descriptor, path));
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
    Spec spec = loadSpec(std::string(path), &context, options, diagnostics);
    llvm::sys::fs::remove(path);
    return spec;
  }
  std::string firstError() const {
    return diagnostics.diagnostics().empty() ? "" : diagnostics.diagnostics().front().message;
  }
  static std::string study(llvm::StringRef name) {
    return ("study " + name +
            " { model = parts.small; hardware = parts.machine; carbon = parts.deployment; minimize "
            "latency; }\n")
        .str();
  }

  mlir::MLIRContext context;
  DiagnosticEngine diagnostics;
  FrontendOptions options;
};

} // namespace

TEST_F(SpecTest, ExampleDeclaresThePublishedSpace) {
  Spec spec = loadSpec(kExample, &context, options, diagnostics);
  ASSERT_TRUE(spec) << firstError();
  int64_t models = 1, machines = 1;
  for (auto param : spec.module->getOps<space::ParamOp>())
    (param.getSymName().starts_with("clip.") ? models : machines) *= param.getCardinality();
  EXPECT_EQ(models, 875 * 1225);
  EXPECT_EQ(machines, 3240);
  EXPECT_EQ(spec.study, "low_carbon");
}

TEST_F(SpecTest, KeepsEveryFileThatWasRead) {
  Spec spec = loadSpec(kExample, &context, options, diagnostics);
  ASSERT_TRUE(spec);
  ASSERT_EQ(spec.files.size(), 6u); // the spec, and five of catlib, each once
  EXPECT_EQ(spec.files.front().path, kExample);
  for (const SourceText &file : spec.files) {
    auto buffer = llvm::MemoryBuffer::getFile(file.path);
    ASSERT_TRUE(buffer) << file.path;
    EXPECT_EQ((*buffer)->getBuffer(), file.text);
  }
}

TEST_F(SpecTest, EveryOpHasItsPlaceInTheSpec) {
  Spec spec = loadSpec(kExample, &context, options, diagnostics);
  ASSERT_TRUE(spec);
  spec.module->walk([&](mlir::Operation *op) {
    EXPECT_TRUE(rangeOf(op->getLoc(), diagnostics.sources()).isValid())
        << op->getName().getStringRef().str();
  });
  auto param = *spec.module->getOps<space::ParamOp>().begin();
  EXPECT_EQ(textOf(rangeOf(param.getLoc(), diagnostics.sources())), "layers");
}

TEST_F(SpecTest, ChoosesTheStudy) {
  std::string text = "import \"parts.cat\" as parts;\n" + study("one") + study("two");
  options.study = "two";
  Spec spec = load(text);
  ASSERT_TRUE(spec) << firstError();
  EXPECT_EQ(spec.study, "two");
  EXPECT_EQ(spec.studies, (std::vector<std::string>{"one", "two"}));
}

TEST_F(SpecTest, AsksWhichOfSeveralStudies) {
  EXPECT_FALSE(load("import \"parts.cat\" as parts;\n" + study("one") + study("two")));
  EXPECT_TRUE(llvm::StringRef(firstError())
                  .ends_with("declares several studies; choose one of 'one', 'two'"));
}

TEST_F(SpecTest, UnknownStudyGetsASuggestion) {
  options.study = "secnod";
  EXPECT_FALSE(load("import \"parts.cat\" as parts;\n" + study("second")));
  EXPECT_TRUE(
      llvm::StringRef(firstError())
          .ends_with("declares no study 'secnod'; did you mean 'second'? (declared: 'second')"));
}

TEST_F(SpecTest, StudyMayBeRequired) {
  EXPECT_FALSE(load("let a = 5;\n"));
  EXPECT_TRUE(llvm::StringRef(firstError()).ends_with("declares no study"));
}

TEST_F(SpecTest, LibraryNeedsNoStudy) {
  options.requireStudy = false;
  EXPECT_TRUE(load("let b = 5;\n"));
}

/// Constants of a spec, in base units, by way of a requirement that compares them.
TEST_F(SpecTest, EvaluatesConstantsExactly) {
  for (const char *condition : {"524 gCO2e/kWh == 524 / 1000 / 3600000 * 1 kgCO2e / 1 J",
                                "3 years == 94608000 s",
                                "8 bit == 1 B",
                                "1 / 10 s == 0.1 Hz",
                                "2 * 3 + 4 == 10",
                                "-2 * -3 == 6",
                                "7 / 2 == 3.5",
                                "min(3, 1, 2) == 1",
                                "ceil(7 / 2) == 4",
                                "pow(2 mm, 2) == 4 mm2",
                                "sqrt(9 mm2) == 3 mm",
                                "abs(-3 ms) == 3 ms",
                                "log2(1024) == 10",
                                "floor(-1.5) == -2",
                                "64 KiB < 66 kB",
                                "31_990_347 um2 == 31.990347 mm2",
                                "1 GHz == 1000 MHz",
                                "not (1 > 2) and (1 > 2 implies 1 > 3)",
                                "50 % == 0.5",
                                "32 B/cycle == 32 B",
                                "\"a\" == \"a\"",
                                "true != false"}) {
    DiagnosticEngine local;
    llvm::SmallString<128> path;
    int descriptor;
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("spec", "cat", descriptor, path));
    llvm::raw_fd_ostream(descriptor, true)
        << "import \"parts.cat\" as parts;\nhardware edge : parts.machine { require " << condition
        << "; }\n"
        << "hardware not_edge : parts.machine { require not (" << condition << "); }\n";
    options.requireStudy = false;
    loadSpec(std::string(path), &context, options, local);
    llvm::sys::fs::remove(path);
    // True holds; its negation is reported as false for every design.
    ASSERT_EQ(local.errorCount(), 1u)
        << condition << ": "
        << (local.diagnostics().empty() ? "" : local.diagnostics().front().message);
    EXPECT_EQ(local.diagnostics().front().message, "this requirement is false for every design")
        << condition;
    EXPECT_TRUE(llvm::StringRef(textOf(local.diagnostics().front().range)).starts_with("not ("))
        << condition;
  }
}

/// A user's own data change what is costed, without a new build.
TEST_F(SpecTest, UserDataReplaceTheLibrary) {
  Spec spec = load(
      "import \"parts.cat\" as parts;\n"
      "grid own { intensity = 10 gCO2e/kWh; }\n"
      "node own_node { energy_per_area = 3 kWh/cm2; gas_per_area = 1 gCO2e/cm2; "
      "material_per_area = 2 gCO2e/cm2; }\n"
      "hardware edge : parts.machine { node = own_node; }\n"
      "carbon home : parts.deployment { grid = own; fab = 100 gCO2e/kWh; }\n"
      "study first { model = parts.small; hardware = edge; carbon = home; minimize carbon; }\n");
  ASSERT_TRUE(spec) << firstError();
  auto carbon = *spec.module->getOps<space::CarbonOp>().begin();
  EXPECT_DOUBLE_EQ(*getBoundNumber(carbon.getGrid()), 0.01 / 3.6e6);
  EXPECT_DOUBLE_EQ(*getBoundNumber(carbon.getFab()), 0.1 / 3.6e6);
}

/// What a derived block adds is invisible to the expressions it inherits.
TEST_F(SpecTest, InheritedExpressionsKeepTheirNames) {
  Spec spec = load("import \"parts.cat\" as parts;\n"
                   "hardware edge : parts.machine { let cells = 5; let n22 = 6; }\n"
                   "study first { model = parts.small; hardware = edge; carbon = parts.deployment; "
                   "minimize carbon; }\n");
  EXPECT_TRUE(spec) << firstError();
}

TEST_F(SpecTest, LongChainsOfNamesAreAnError) {
  std::string chain;
  for (int i = 0; i < 20000; ++i)
    chain += "let a" + std::to_string(i) + " = a" + std::to_string(i + 1) + " + 1;\n";
  options.requireStudy = false;
  EXPECT_FALSE(load(chain + "let a20000 = 1;\n"));
  EXPECT_EQ(firstError(), "this depends on more than 1500 other values");
}

/// Sixty lines that stand for an expression of 2^60 parts.
TEST_F(SpecTest, ExpressionsThatExplodeAreAnError) {
  std::string doubling =
      "import \"parts.cat\" as parts;\nhardware edge : parts.machine {\n  search "
      "width in {1, 2};\n  let b0 = width;\n";
  for (int i = 0; i < 60; ++i)
    doubling += "  let b" + std::to_string(i + 1) + " = b" + std::to_string(i) + " + b" +
                std::to_string(i) + ";\n";
  options.requireStudy = false;
  EXPECT_FALSE(load(doubling + "}\n"));
  EXPECT_TRUE(llvm::StringRef(firstError()).starts_with("expression is too large"));
}

TEST_F(SpecTest, LongChainsOfBasesAreAnError) {
  std::string chain;
  for (int i = 0; i < 3000; ++i)
    chain += "model m" + std::to_string(i) + " : m" + std::to_string(i + 1) + " { a = 1; }\n";
  options.requireStudy = false;
  EXPECT_FALSE(load(chain + "model m3000 { a = 1; }\n"));
  EXPECT_EQ(firstError(), "'m100' has more than 100 bases above it");
}
