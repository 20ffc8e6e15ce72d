//===- At.h - --at NAME=VALUE,... -------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_AT_H
#define CATC_DRIVER_AT_H

#include "Driver/LoadedStudy.h"
#include "llvm/Support/CommandLine.h"

namespace cat::driver {

/// The option --at, which places a design in the space.
class AtOption {
public:
  explicit AtOption(llvm::cl::SubCommand &command);

  /// Values by parameter. Nothing after printing what is wrong (unknown parameter, value outside
  /// the domain, given twice and, if `all`, missing). A name may be shortened to the end of its
  /// path as long as that is unique.
  std::optional<llvm::StringMap<mlir::Attribute>> parse(const LoadedStudy &study, bool all) const;

private:
  llvm::cl::list<std::string> bindings;
};

} // namespace cat::driver

#endif // CATC_DRIVER_AT_H
