//===- RtlLibrary.h - The SystemVerilog of a design -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// hw/rtl and hw/tb are installed as data. A design's hardware is that library with one package of
// parameters, so every target that needs it copies the library and writes the package: a folder
// that was emitted needs nothing of catc any more.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_RTLLIBRARY_H
#define CATC_EMIT_RTLLIBRARY_H

#include "Cost/Hardware.h"
#include "Emit/Target.h"

namespace cat::emit {

/// The top module, and the package that has the parameters.
inline constexpr const char *kTopModule = "catc_accelerator",
                            *kConfigurationFile = "catc_config_pkg.sv", *kBenchFile = "catc_tb.cpp";

struct SourceFile {
  std::string name, text;
};

/// A file of the installed hardware library, `name` with its folder below hw. A fault if it is not
/// there.
Result<SourceFile> readHardwareFile(const std::string &data, const std::string &name);

struct RtlLibrary {
  std::vector<SourceFile> modules; ///< synthesisable, each after what it needs
  SourceFile bench;                ///< the test bench for Verilator

  /// The library in the installed data, with a design's parameters. A fault if it is not installed.
  static Result<RtlLibrary> read(const std::string &data, const cost::HardwareParameters &hardware);

  /// Writes the modules into `folder`, a subfolder of the output's.
  Problem writeModules(Folder &output, const std::string &folder) const;
  Problem writeBench(Folder &output, const std::string &folder) const;
};

} // namespace cat::emit

#endif // CATC_EMIT_RTLLIBRARY_H
