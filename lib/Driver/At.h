//===- At.h - --at NAME=VALUE,... -------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DRIVER_AT_H
#define CATC_DRIVER_AT_H

#include "Study/Parameters.h"
#include "llvm/Support/CommandLine.h"

namespace cat::driver {

/// The option --at, which places a design in the space.
class AtOption {
public:
  explicit AtOption(llvm::cl::SubCommand &command);

  /// Parses the bindings. Prints what is wrong (unknown parameter, value outside the domain, given
  /// twice and, if `all`, missing) and returns false. A name may be shortened to the end of its
  /// path as long as that is unique.
  bool parse(mlir::ModuleOp module, const study::ParameterTable &table, bool all,
             llvm::StringMap<mlir::Attribute> &values) const;

  bool empty() const { return bindings.empty(); }

private:
  llvm::cl::list<std::string> bindings;
};

} // namespace cat::driver

#endif // CATC_DRIVER_AT_H
