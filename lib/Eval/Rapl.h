//===- Rapl.h - Energy counters of the processors ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linux shows the energy counters of each processor package (running average power limit, Intel SDM
// volume 3B, 15.10) as files: POWERCAP/intel-rapl:N/energy_uj, which wraps at max_energy_range_uj.
// Often only root may read them.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_RAPL_H
#define CATC_EVAL_RAPL_H

#include "Support/Quantity.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cat::eval {

/// Energy of all packages of this machine, whoever used it.
class Rapl {
public:
  /// Nothing if there are no counters, or not all of them may be read.
  static std::optional<Rapl> open(const std::string &powercap = "/sys/class/powercap");

  /// What has been used since the last call, or since open().
  Joules take();

private:
  struct Package {
    std::string counter;
    int64_t range = 0, last = 0; ///< microjoules
  };
  std::vector<Package> packages_;
};

} // namespace cat::eval

#endif // CATC_EVAL_RAPL_H
