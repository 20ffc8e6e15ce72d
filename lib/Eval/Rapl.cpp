//===- Rapl.cpp - Energy counters of the processors -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Rapl.h"
#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace cat;
using namespace cat::eval;
namespace fs = std::filesystem;

static std::optional<int64_t> readInteger(const std::string &path) {
  std::ifstream file(path);
  int64_t value = 0;
  return file >> value && value >= 0 ? std::optional<int64_t>(value) : std::nullopt;
}

/// "intel-rapl:0" is a package; "intel-rapl:0:1" is a part of one, and counted in it.
static bool isPackage(const std::string &name) {
  constexpr const char *kPrefix = "intel-rapl:";
  return name.rfind(kPrefix, 0) == 0 && std::count(name.begin(), name.end(), ':') == 1;
}

std::optional<Rapl> Rapl::open(const std::string &powercap) {
  Rapl rapl;
  std::error_code error;
  for (fs::directory_iterator entry(powercap, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!isPackage(entry->path().filename().string()))
      continue;
    std::string counter = (entry->path() / "energy_uj").string();
    std::optional<int64_t> now = readInteger(counter),
                           range = readInteger((entry->path() / "max_energy_range_uj").string());
    if (!now || !range)
      return std::nullopt;
    rapl.packages_.push_back({counter, *range, *now});
  }
  if (rapl.packages_.empty())
    return std::nullopt;
  return rapl;
}

Joules Rapl::take() {
  int64_t total = 0;
  for (Package &package : packages_) {
    std::optional<int64_t> now = readInteger(package.counter);
    if (!now)
      continue;
    int64_t used = *now - package.last;
    total += used >= 0 ? used : used + package.range;
    package.last = *now;
  }
  return Joules(static_cast<double>(total) * 1e-6);
}
