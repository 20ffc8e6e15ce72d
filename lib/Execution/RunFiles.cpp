//===- RunFiles.cpp - Run a program on tensors in files -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execution/RunFiles.h"
#include <set>

using namespace cat;
using namespace cat::execution;
using weights::DType;
using weights::Tensor;

/// The elements of a tensor of int64, if all of them fit into 32 bits.
static std::optional<std::vector<int32_t>> narrow(const Tensor &tensor) {
  std::vector<int32_t> ids;
  for (int64_t i = 0, e = tensor.elementCount(); i < e; ++i) {
    int64_t value = tensor.data<int64_t>()[i];
    if (value != static_cast<int32_t>(value))
      return std::nullopt;
    ids.push_back(static_cast<int32_t>(value));
  }
  return ids;
}

Result<Arguments> Arguments::find(const std::vector<Port> &ports, const weights::StateDict &tensors,
                                  const std::string &path, const std::string &prefix) {
  Arguments result;
  for (const Port &port : ports) {
    std::string name = prefix + port.name, need = weights::str(port.shape);
    std::string place = path + ": '" + name + "'";
    auto it = tensors.find(name);
    if (it == tensors.end())
      return Fault{path + ": has no tensor '" + name + "', which the model needs with the shape " +
                   need};
    const Tensor &tensor = it->second;
    bool scalar = port.shape.empty() && tensor.elementCount() == 1;
    if (tensor.shape != port.shape && !scalar)
      return Fault{place + " has the shape " + weights::str(tensor.shape) + ", the model needs " +
                   need};
    std::string type(weights::nameOf(tensor.dtype));
    if (!port.isId) {
      if (!tensor.isFloating())
        return Fault{place + " is of type " + type + ", the model needs a floating type"};
      if (tensor.dtype == DType::F32) {
        result.buffers_.push_back(tensor.data<float>());
        continue;
      }
      result.floats_.push_back(tensor.floats());
      result.buffers_.push_back(result.floats_.back().data());
      continue;
    }
    if (tensor.dtype == DType::I32) {
      result.buffers_.push_back(tensor.data<int32_t>());
      continue;
    }
    if (tensor.dtype != DType::I64)
      return Fault{place + " is of type " + type + ", the model needs I32 or I64"};
    std::optional<std::vector<int32_t>> ids = narrow(tensor);
    if (!ids)
      return Fault{place + " has an id that does not fit into 32 bits"};
    result.ids_.push_back(std::move(*ids));
    result.buffers_.push_back(result.ids_.back().data());
  }
  return result;
}

Result<weights::StateDict> execution::run(const Program &program, const Arguments &inputs,
                                          const Arguments &weights) {
  weights::StateDict results;
  std::vector<const float *> parameters;
  for (const void *buffer : weights.buffers())
    parameters.push_back(static_cast<const float *>(buffer));
  std::vector<float *> outputs;
  for (const Port &port : program.signature().outputs) {
    auto [it, isNew] = results.emplace(port.name, weights::makeZeros(DType::F32, port.shape));
    if (!isNew)
      return Fault{"the function has two results named '" + port.name + "'"};
    outputs.push_back(it->second.data<float>());
  }
  if (std::optional<std::string> problem = program.run(inputs.buffers(), parameters, outputs))
    return Fault{*problem};
  return results;
}

std::vector<std::string> execution::unreadTensors(const Program &program,
                                                  const weights::StateDict &tensors) {
  std::set<std::string> read;
  for (const Port &port : program.signature().weights)
    read.insert(port.name);
  std::vector<std::string> unread;
  for (const auto &entry : tensors)
    if (!read.count(entry.first))
      unread.push_back(entry.first);
  return unread;
}
