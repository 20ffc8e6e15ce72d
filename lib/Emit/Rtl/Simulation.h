//===- Simulation.h - The emitted hardware in Verilator ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_RTL_SIMULATION_H
#define CATC_EMIT_RTL_SIMULATION_H

#include "Emit/Rtl/Bench.h"
#include <functional>

namespace cat::emit {

/// Why nothing can be simulated here, with the package to install, or nothing.
Problem whyNoSimulator();

/// Why no model can be built in a folder, because of a character in its path, or nothing.
Problem whyNotBuilt(const std::string &folder);

/// Builds the model of what writeBench wrote to `folder`, in a subfolder `model`. Returns the path
/// of its program; a fault shows what the tools said, or is kInterrupted (Emit/Tool.h).
Result<std::string> buildModel(const std::string &folder, const RtlLibrary &library,
                               int interrupt = -1);

/// Runs the cases in `folder` on the model, each after telling `progress` its index, and stores
/// what the program's starts took. A fault if a run breaks off, does not end within cycleLimit(),
/// or is interrupted; differences are none.
Problem simulate(const std::string &model, const std::string &folder, HardwareProgram &program,
                 int interrupt, const std::function<void(size_t)> &progress);

} // namespace cat::emit

#endif // CATC_EMIT_RTL_SIMULATION_H
