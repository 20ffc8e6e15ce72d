//===- References.cpp - Reference data for tests of search ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "References.h"
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace cat::search::test;

std::optional<llvm::json::Value> cat::search::test::readReference(const std::string &path) {
  const char *folder = std::getenv("CATC_REFS");
  std::ifstream in(std::string(folder ? folder : CATC_DEFAULT_REFS) + "/" + path);
  if (!in)
    return std::nullopt;
  std::stringstream text;
  text << in.rdbuf();
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text.str());
  if (!value) {
    llvm::consumeError(value.takeError());
    return std::nullopt;
  }
  return std::move(*value);
}

double cat::search::test::number(const llvm::json::Value &value) {
  if (std::optional<double> n = value.getAsNumber())
    return *n;
  return std::strtod(value.getAsString()->str().c_str(), nullptr);
}

std::vector<double> cat::search::test::numbers(const llvm::json::Value &value) {
  std::vector<double> out;
  for (const llvm::json::Value &v : *value.getAsArray())
    out.push_back(number(v));
  return out;
}

std::vector<std::vector<double>> cat::search::test::table(const llvm::json::Value &value) {
  std::vector<std::vector<double>> out;
  for (const llvm::json::Value &row : *value.getAsArray())
    out.push_back(numbers(row));
  return out;
}
