//===- Strategy.cpp - Ask/tell search over models -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Strategy.h"
#include "Search/GreyBox.h"
#include "Search/RandomSearch.h"

using namespace cat::search;

Strategy::~Strategy() = default;

std::vector<std::string_view> cat::search::strategyNames() { return {"greybox", "random"}; }

std::vector<std::string_view> cat::search::searchNames() {
  std::vector<std::string_view> names = {"auto", "exhaustive"};
  for (std::string_view name : strategyNames())
    names.push_back(name);
  return names;
}

StrategyResult cat::search::makeStrategy(std::string_view name, const Problem &problem,
                                         const StrategyOptions &options) {
  if (name == "greybox") {
    if (std::optional<std::string> reason = GreyBox::whyNot(problem))
      return {nullptr, *reason};
    return {std::make_unique<GreyBox>(problem, options), {}};
  }
  if (name == "random")
    return {std::make_unique<RandomSearch>(problem, options), {}};
  return {nullptr, "unknown strategy '" + std::string(name) + "'"};
}
