//===- References.h - Reference data for tests of search --------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_SEARCH_REFERENCES_H
#define CATC_TEST_UNIT_SEARCH_REFERENCES_H

#include "llvm/Support/JSON.h"
#include <optional>
#include <string>
#include <vector>

namespace cat::search::test {

/// A JSON file below the reference folder ($CATC_REFS, else the default); nothing if it is absent.
std::optional<llvm::json::Value> readReference(const std::string &path);

/// A number, or a string that holds one.
double number(const llvm::json::Value &value);
std::vector<double> numbers(const llvm::json::Value &value);
/// Rows of numbers.
std::vector<std::vector<double>> table(const llvm::json::Value &value);

} // namespace cat::search::test

/// Declares `name` with a reference file, or skips the test visibly.
#define CATC_REFERENCE_OR_SKIP(name, path)                                                         \
  std::optional<llvm::json::Value> name = ::cat::search::test::readReference(path);                \
  if (!name)                                                                                       \
  GTEST_SKIP() << "no reference data: " << path << " (set CATC_REFS)"

#endif // CATC_TEST_UNIT_SEARCH_REFERENCES_H
