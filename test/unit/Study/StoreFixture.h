//===- StoreFixture.h - A run folder for tests ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_STUDY_STOREFIXTURE_H
#define CATC_TEST_UNIT_STUDY_STOREFIXTURE_H

#include "Study/Store.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string>

namespace cat::study {

inline StudyIdentity someIdentity() {
  return {"low_carbon", "1f0c",
          UINT64_MAX,   "greybox",
          "0.1.0",      {{"spec.cat", "one\ntwo\nthree\n"}, {"catlib/carbon.cat", "grid\n"}}};
}

/// Fails the test if there is an error.
inline void expectOk(const std::optional<StoreError> &error) {
  EXPECT_FALSE(error) << error->message;
}

class StoreFixture : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "catc-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    parent = name;
    folder = name + "/low_carbon.run";
    database = folder + "/study.sqlite";
  }
  void TearDown() override { std::filesystem::remove_all(parent); }

  /// A store that must open.
  static Store opened(StoreResult<Store> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      throw std::runtime_error(result.error().message);
    }
    return std::move(*result);
  }
  static std::vector<Trial> trialsOf(Store &store) {
    StoreResult<std::vector<Trial>> trials = store.trials();
    EXPECT_TRUE(trials) << trials.error().message;
    return trials ? *trials : std::vector<Trial>();
  }
  /// The error of an open that must fail.
  static StoreError failure(StoreResult<Store> result) {
    EXPECT_FALSE(result);
    return result ? StoreError{StoreErrorKind::Access, "opened", ""} : result.error();
  }

  std::string parent, folder, database;
};

} // namespace cat::study

#endif // CATC_TEST_UNIT_STUDY_STOREFIXTURE_H
