//===- GraphBuilder.cpp - ONNX nodes and tensors --------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Onnx/GraphBuilder.h"
#include "Support/Check.h"
#include <algorithm>

using namespace cat;
using namespace cat::emit;

/// Tensors smaller than this stay in the graph; others begin at multiples of it, so that they can
/// be mapped into memory (the format's external data recommends pages).
static constexpr uint64_t kPage = 4096;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static std::string_view viewOf(const void *data, size_t bytes) {
  return {static_cast<const char *>(data), bytes};
}

void TensorData::append(onnx::TensorProto &tensor, std::string_view bytes) {
  uint64_t padding = (kPage - size_ % kPage) % kPage;
  writer_.append(std::string(padding, '\0'));
  size_ += padding;
  tensor.set_data_location(onnx::TensorProto_DataLocation_EXTERNAL);
  auto entry = [&](const char *key, std::string value) {
    onnx::StringStringEntryProto &added = *tensor.add_external_data();
    added.set_key(key);
    added.set_value(std::move(value));
  };
  entry("location", location_);
  entry("offset", std::to_string(size_));
  entry("length", std::to_string(bytes.size()));
  writer_.append(bytes);
  size_ += bytes.size();
}

onnx::TensorProto *GraphBuilder::initializer(const std::string &name,
                                             onnx::TensorProto_DataType type,
                                             const weights::Shape &shape) {
  CATC_CHECK(names_.insert(name).second, "two values of a graph have one name");
  onnx::TensorProto *tensor = graph_.add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(type);
  for (int64_t size : shape)
    tensor->add_dims(size);
  return tensor;
}

/// A matrix with rows and columns exchanged.
static std::vector<float> transpose(const std::vector<float> &matrix, size_t rows, size_t columns) {
  constexpr size_t kBlock = 32; // Blocks keep both sides in the cache.
  std::vector<float> result(matrix.size());
  for (size_t r0 = 0; r0 < rows; r0 += kBlock)
    for (size_t c0 = 0; c0 < columns; c0 += kBlock)
      for (size_t r = r0; r < std::min(rows, r0 + kBlock); ++r)
        for (size_t c = c0; c < std::min(columns, c0 + kBlock); ++c)
          result[c * rows + r] = matrix[r * columns + c];
  return result;
}

GraphBuilder::Value GraphBuilder::weight(const std::string &name, const weights::Tensor &tensor,
                                         bool transposed) {
  std::string ownName = transposed ? name + ".transposed" : name;
  if (names_.count(ownName))
    return ownName;
  weights::Shape shape = tensor.shape;
  std::vector<float> values = tensor.floats();
  if (transposed) {
    CATC_CHECK(shape.size() == 2, "only matrices are transposed");
    values = transpose(values, static_cast<size_t>(shape[0]), static_cast<size_t>(shape[1]));
    std::swap(shape[0], shape[1]);
  }
  onnx::TensorProto *added = initializer(ownName, onnx::TensorProto_DataType_FLOAT, shape);
  std::string_view bytes = viewOf(values.data(), values.size() * sizeof(float));
  if (data_ && bytes.size() >= kPage)
    data_->append(*added, bytes);
  else
    added->set_raw_data(std::string(bytes));
  return ownName;
}

GraphBuilder::Value GraphBuilder::integers(const std::string &name,
                                           const std::vector<int64_t> &values) {
  initializer(name, onnx::TensorProto_DataType_INT64, {static_cast<int64_t>(values.size())})
      ->set_raw_data(std::string(viewOf(values.data(), values.size() * sizeof(int64_t))));
  return name;
}

GraphBuilder::Value GraphBuilder::indexZero(const std::string &name) {
  initializer(name, onnx::TensorProto_DataType_INT64, {})
      ->set_raw_data(std::string(sizeof(int64_t), '\0'));
  return name;
}

GraphBuilder::Value GraphBuilder::scalar(const std::string &name, float value) {
  return floats(name, {}, {value});
}

GraphBuilder::Value GraphBuilder::floats(const std::string &name, const weights::Shape &shape,
                                         const std::vector<float> &values) {
  initializer(name, onnx::TensorProto_DataType_FLOAT, shape)
      ->set_raw_data(std::string(viewOf(values.data(), values.size() * sizeof(float))));
  return name;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

static void describe(onnx::ValueInfoProto &value, const std::string &name,
                     onnx::TensorProto_DataType type, const GraphBuilder::Dimensions &shape) {
  value.set_name(name);
  onnx::TypeProto_Tensor &tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const GraphBuilder::Dimension &dimension : shape) {
    onnx::TensorShapeProto_Dimension &added = *tensor.mutable_shape()->add_dim();
    if (dimension.name.empty())
      added.set_dim_value(dimension.size);
    else
      added.set_dim_param(dimension.name);
  }
}

GraphBuilder::Value GraphBuilder::input(const std::string &name, onnx::TensorProto_DataType type,
                                        const Dimensions &shape) {
  CATC_CHECK(names_.insert(name).second, "two values of a graph have one name");
  describe(*graph_.add_input(), name, type, shape);
  return name;
}

void GraphBuilder::output(const std::string &name, onnx::TensorProto_DataType type,
                          const Dimensions &shape) {
  CATC_CHECK(names_.count(name), "a graph's output is none of its values");
  describe(*graph_.add_output(), name, type, shape);
}

GraphBuilder::Node GraphBuilder::add(const char *op, const std::string &name, const Values &inputs,
                                     int outputs) {
  onnx::NodeProto &node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(name);
  for (const Value &input : inputs) {
    CATC_CHECK(names_.count(input), "a node reads a value that does not exist");
    node.add_input(input);
  }
  for (int i = 0; i < outputs; ++i) {
    std::string output = outputs == 1 ? name : name + "." + std::to_string(i);
    CATC_CHECK(names_.insert(output).second, "two values of a graph have one name");
    node.add_output(output);
  }
  return Node(node);
}

static onnx::AttributeProto &attribute(onnx::NodeProto &node, const char *name,
                                       onnx::AttributeProto_AttributeType type) {
  onnx::AttributeProto &added = *node.add_attribute();
  added.set_name(name);
  added.set_type(type);
  return added;
}

GraphBuilder::Node &GraphBuilder::Node::set(const char *name, int64_t value) {
  attribute(node_, name, onnx::AttributeProto_AttributeType_INT).set_i(value);
  return *this;
}

GraphBuilder::Node &GraphBuilder::Node::set(const char *name, float value) {
  attribute(node_, name, onnx::AttributeProto_AttributeType_FLOAT).set_f(value);
  return *this;
}

GraphBuilder::Node &GraphBuilder::Node::set(const char *name, const std::vector<int64_t> &values) {
  onnx::AttributeProto &added = attribute(node_, name, onnx::AttributeProto_AttributeType_INTS);
  for (int64_t value : values)
    added.add_ints(value);
  return *this;
}
