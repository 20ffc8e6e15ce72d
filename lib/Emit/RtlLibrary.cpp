//===- RtlLibrary.cpp - The SystemVerilog of a design ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/RtlLibrary.h"
#include "Results/WriteFile.h"
#include "Rtl/Package.h"
#include "llvm/ADT/StringExtras.h"

using namespace cat;
using namespace cat::emit;

Result<SourceFile> emit::readHardwareFile(const std::string &data, const std::string &name) {
  SourceFile file{name, ""};
  if (std::optional<std::string> problem = results::readFile(data + "/hw/" + name, file.text))
    return Fault{"the hardware library, which is installed with catc, is not complete: " +
                 *problem};
  return file;
}

Result<RtlLibrary> RtlLibrary::read(const std::string &data,
                                    const cost::HardwareParameters &hardware) {
  Result<SourceFile> list = readHardwareFile(data, "rtl/files.f");
  if (!list)
    return list.fault();
  RtlLibrary library;
  for (llvm::StringRef line : llvm::split(list->text, '\n')) {
    std::string name = line.trim().str();
    if (name.empty())
      continue;
    Result<SourceFile> file = readHardwareFile(data, "rtl/" + name);
    if (!file)
      return file.fault();
    library.modules.push_back(
        {name, name == kConfigurationFile ? rtl::configPackage(hardware) : file->text});
  }
  Result<SourceFile> bench = readHardwareFile(data, std::string("tb/") + kBenchFile);
  if (!bench)
    return bench.fault();
  library.bench = {kBenchFile, bench->text};
  return library;
}

Problem RtlLibrary::writeModules(Folder &output, const std::string &folder) const {
  for (const SourceFile &file : modules)
    if (Problem problem = output.add(folder + "/" + file.name, file.text))
      return problem;
  return std::nullopt;
}

Problem RtlLibrary::writeBench(Folder &output, const std::string &folder) const {
  return output.add(folder + "/" + bench.name, bench.text);
}
