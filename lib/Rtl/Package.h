//===- Package.h - The parameters of one accelerator ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RTL_PACKAGE_H
#define CATC_RTL_PACKAGE_H

#include "Cost/Hardware.h"
#include <string>

namespace cat::rtl {

/// The SystemVerilog package catc_config_pkg of an accelerator that checkHardware accepts.
std::string configPackage(const cost::HardwareParameters &hardware);

} // namespace cat::rtl

#endif // CATC_RTL_PACKAGE_H
