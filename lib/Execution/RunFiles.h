//===- RunFiles.h - Run a program on tensors in files -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EXECUTION_RUNFILES_H
#define CATC_EXECUTION_RUNFILES_H

#include "Execution/Program.h"
#include "Support/Result.h"
#include "Weights/Tensor.h"

namespace cat::execution {

/// Tensors as a program takes them. A tensor that needs no conversion is not copied: the files must
/// outlive this.
class Arguments {
public:
  /// Finds the ports among the tensors of `file`, under their names with `prefix` before. Floating
  /// types are converted to float32, integer types to int32 for ids. A scalar may be stored as one
  /// element of any rank. The fault, of a missing tensor, another shape or another type, names
  /// `path` and the tensor.
  static Result<Arguments> find(const std::vector<Port> &ports, const weights::StateDict &tensors,
                                const std::string &path, const std::string &prefix = "");

  const std::vector<const void *> &buffers() const { return buffers_; }

private:
  std::vector<const void *> buffers_;
  std::vector<std::vector<float>> floats_;
  std::vector<std::vector<int32_t>> ids_;
};

/// Runs a program on the tensors of two files. Its outputs, by name.
Result<weights::StateDict> run(const Program &program, const Arguments &inputs,
                               const Arguments &weights);

/// Names of tensors that a program does not read, of those of a checkpoint.
std::vector<std::string> unreadTensors(const Program &program, const weights::StateDict &tensors);

} // namespace cat::execution

#endif // CATC_EXECUTION_RUNFILES_H
