//===- GraphBuilder.h - ONNX nodes and tensors ------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_ONNX_GRAPHBUILDER_H
#define CATC_EMIT_ONNX_GRAPHBUILDER_H

#include "Results/WriteFile.h"
#include "Weights/Tensor.h"
#include "onnx/onnx_pb.h"
#include <set>

namespace cat::emit {

/// Tensors outside the graph: a file to which they are written as they come.
class TensorData {
public:
  explicit TensorData(const std::string &path, std::string location)
      : writer_(path), location_(std::move(location)) {}

  /// Appends a tensor's bytes and lets `tensor` refer to them.
  void append(onnx::TensorProto &tensor, std::string_view bytes);
  std::optional<std::string> commit() { return writer_.commit(); }

private:
  results::FileWriter writer_;
  std::string location_; ///< of the file, as the graph names it
  uint64_t size_ = 0;
};

/// Adds to a graph. A value is known by its name, which is that of the node or tensor it comes
/// from.
class GraphBuilder {
public:
  using Value = std::string;
  using Values = std::vector<Value>;

  /// `data` may be null: then all tensors are inside the graph.
  GraphBuilder(onnx::GraphProto &graph, TensorData *data) : graph_(graph), data_(data) {}

  /// A dimension: a number, or the name of one that is not known.
  struct Dimension {
    int64_t size = 0;
    std::string name;

    Dimension(int64_t size) : size(size) {}
    Dimension(std::string name) : name(std::move(name)) {}
  };
  using Dimensions = std::vector<Dimension>;

  Value input(const std::string &name, onnx::TensorProto_DataType type, const Dimensions &shape);
  /// Declares a value with this name as an output of the graph.
  void output(const std::string &name, onnx::TensorProto_DataType type, const Dimensions &shape);

  class Node {
  public:
    explicit Node(onnx::NodeProto &node) : node_(node) {}

    Node &set(const char *name, int64_t value);
    Node &set(const char *name, float value);
    Node &set(const char *name, const std::vector<int64_t> &values);
    /// The value of the node's only or first output.
    operator Value() const { return node_.output(0); }
    Value result(int index) const { return node_.output(index); }

  private:
    onnx::NodeProto &node_;
  };

  /// A node whose value is called `name`, which no other value may be. Of several outputs, the
  /// values are called name.0, name.1 and so on.
  Node add(const char *op, const std::string &name, const Values &inputs, int outputs = 1);

  /// A model's weight as float32, [in, out] for [out, in] if `transposed`. The same weight may be
  /// asked for again.
  Value weight(const std::string &name, const weights::Tensor &tensor, bool transposed = false);
  /// Constants, always inside the graph.
  Value integers(const std::string &name, const std::vector<int64_t> &values);
  /// A scalar 0, as an index.
  Value indexZero(const std::string &name);
  Value scalar(const std::string &name, float value);
  Value floats(const std::string &name, const weights::Shape &shape,
               const std::vector<float> &values);

private:
  onnx::TensorProto *initializer(const std::string &name, onnx::TensorProto_DataType type,
                                 const weights::Shape &shape);

  onnx::GraphProto &graph_;
  TensorData *data_;
  std::set<std::string> names_;
};

} // namespace cat::emit

#endif // CATC_EMIT_ONNX_GRAPHBUILDER_H
