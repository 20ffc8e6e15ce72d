//===- SettingsTest.cpp - Keys of a measurement, advice on matrices ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Settings.h"
#include "Throughput.h"
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::torcheval;
namespace json = llvm::json;

TEST(Settings, KeysOfCatcAreItsOwn) {
  Result<Settings> settings = readSettings(
      json::Object{{"metric", "m"}, {"power", 10.0}, {"timeout", 3600}, {"batch", 64}});
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(settings->batch, 64);
  EXPECT_EQ(settings->data, "shapes");
}

TEST(Settings, StepsRiseWithFidelity) {
  Result<Settings> settings =
      readSettings(json::Object{{"steps_short", 3}, {"steps_medium", 5}, {"steps_full", 9}});
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(settings->steps(Fidelity::Raw), 0);
  EXPECT_EQ(settings->steps(Fidelity::Short), 3);
  EXPECT_EQ(settings->steps(Fidelity::Medium), 5);
  EXPECT_EQ(settings->steps(Fidelity::Full), 9);
  Result<Settings> falling = readSettings(json::Object{{"steps_medium", 50}, {"steps_full", 9}});
  ASSERT_FALSE(falling);
  EXPECT_EQ(falling.error(),
            "'steps_full' of the measurement must be a whole number of at least 50");
}

TEST(Settings, DataFromFilesNeedsATokenizer) {
  json::Object files{{"data", "csv"}, {"train", "t.csv"}, {"validation", "v.csv"}};
  Result<Settings> settings = readSettings(files);
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().find("'tokenizer'"), std::string::npos) << settings.error();
  files["tokenizer"] = "merges.txt";
  EXPECT_TRUE(readSettings(files));
}

TEST(Throughput, ASlowLibraryHasARemedy) {
  EXPECT_EQ(adviseOnMatmul(67e9), std::nullopt);
  std::optional<std::string> advice = adviseOnMatmul(5.2e9);
  ASSERT_TRUE(advice);
  EXPECT_NE(advice->find("5.2 GFLOP/s"), std::string::npos) << *advice;
  EXPECT_NE(advice->find("libopenblas0-pthread"), std::string::npos) << *advice;
  EXPECT_GT(measureMatmul(64), 0);
}
