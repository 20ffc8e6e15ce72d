//===- OnnxEvaluator.h - ONNX by its specification --------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the operators of exported graphs compute (onnx/docs/Operators.md, opset 17), in plain loops
// over doubles, for tests: it runs where no ONNX runtime is installed.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_ONNX_ONNXEVALUATOR_H
#define CATC_TEST_UNIT_ONNX_ONNXEVALUATOR_H

#include "onnx/onnx_pb.h"
#include <map>
#include <string>
#include <vector>

namespace cat::emit::test {

/// Row-major; integers are doubles, too.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> values;
};

/// Every value of a graph by name, given its inputs. External tensors lie in `folder`. Throws
/// std::runtime_error for what the evaluator does not know or shapes that do not fit.
std::map<std::string, Array> evaluate(const onnx::ModelProto &model,
                                      std::map<std::string, Array> inputs,
                                      const std::string &folder);

} // namespace cat::emit::test

#endif // CATC_TEST_UNIT_ONNX_ONNXEVALUATOR_H
