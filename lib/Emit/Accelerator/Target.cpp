//===- Target.cpp - accelerator.json as a target --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Target.h"
#include "Emit/Accelerator/Accelerator.h"

using namespace cat;
using namespace cat::emit;

namespace {

class AcceleratorTarget : public Target {
public:
  llvm::StringRef name() const override { return "accelerator"; }
  llvm::StringRef description() const override {
    return "accelerator.json: the machine and its mapped program";
  }
  bool isDefault() const override { return true; }

  Problem write(const Design &design, Output &output) const override {
    llvm::FailureOr<std::string> text = accelerator(design.annotated, design.study, design.record);
    return failed(text) ? Problem("") : output.folder.add("accelerator.json", *text);
  }
};

} // namespace

namespace cat::emit {
std::unique_ptr<Target> createAcceleratorTarget() { return std::make_unique<AcceleratorTarget>(); }
} // namespace cat::emit
