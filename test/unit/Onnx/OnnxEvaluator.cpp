//===- OnnxEvaluator.cpp - ONNX by its specification ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxEvaluator.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <stdexcept>

using namespace cat::emit::test;
using Shape = std::vector<int64_t>;

namespace {

[[noreturn]] void refuse(const std::string &why) { throw std::runtime_error(why); }

void need(bool holds, const char *what) {
  if (!holds)
    refuse(what);
}

/// Product of the sizes from an axis on, or of those before it.
int64_t product(const Shape &shape, size_t begin = 0) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(begin), shape.end(),
                         int64_t(1), std::multiplies<>());
}
int64_t productBefore(const Shape &shape, size_t end) {
  return std::accumulate(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(end),
                         int64_t(1), std::multiplies<>());
}

Array make(Shape shape) {
  Array result;
  result.values.resize(static_cast<size_t>(product(shape)));
  result.shape = std::move(shape);
  return result;
}

//===----------------------------------------------------------------------===//
// Nodes and their attributes
//===----------------------------------------------------------------------===//

struct Node {
  const onnx::NodeProto &proto;
  std::vector<const Array *> in;

  const onnx::AttributeProto *find(const char *name) const {
    for (const onnx::AttributeProto &attribute : proto.attribute())
      if (attribute.name() == name)
        return &attribute;
    return nullptr;
  }
  int64_t integer(const char *name, int64_t missing) const {
    const onnx::AttributeProto *attribute = find(name);
    return attribute ? attribute->i() : missing;
  }
  Shape integers(const char *name) const {
    const onnx::AttributeProto *attribute = find(name);
    need(attribute, "an attribute is missing");
    return {attribute->ints().begin(), attribute->ints().end()};
  }
  /// The attribute `axis` as a position in the first input's shape.
  size_t axis(int64_t missing) const {
    int64_t axis = integer("axis", missing);
    auto rank = static_cast<int64_t>(in[0]->shape.size());
    need(axis >= -rank && axis < rank, "no such axis");
    return static_cast<size_t>(axis < 0 ? axis + rank : axis);
  }
};

using Outputs = std::vector<Array>;

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

Array map(const Array &x, const std::function<double(double)> &fn) {
  Array result = x;
  for (double &value : result.values)
    value = fn(value);
  return result;
}

/// The shape that two shapes broadcast to.
Shape broadcast(const Shape &a, const Shape &b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (const Shape *shape : {&a, &b})
    for (size_t i = 0; i < shape->size(); ++i) {
      int64_t &size = result[result.size() - shape->size() + i];
      need(size == 1 || (*shape)[i] == 1 || size == (*shape)[i], "shapes do not broadcast");
      size = std::max(size, (*shape)[i]);
    }
  return result;
}

/// Place in an array of shape `own` of the element `index` of the shape it is broadcast to.
size_t placeOf(int64_t index, const Shape &to, const Shape &own) {
  int64_t place = 0, stride = 1;
  for (size_t i = 0; i < to.size(); ++i) {
    size_t axis = to.size() - 1 - i;
    int64_t digit = index % to[axis];
    index /= to[axis];
    if (i < own.size()) {
      int64_t size = own[own.size() - 1 - i];
      place += size == 1 ? 0 : digit * stride;
      stride *= size;
    }
  }
  return static_cast<size_t>(place);
}

Array combine(const Array &a, const Array &b, const std::function<double(double, double)> &fn) {
  Array result = make(broadcast(a.shape, b.shape));
  for (size_t i = 0; i < result.values.size(); ++i) {
    auto index = static_cast<int64_t>(i);
    result.values[i] = fn(a.values[placeOf(index, result.shape, a.shape)],
                          b.values[placeOf(index, result.shape, b.shape)]);
  }
  return result;
}

Array expand(const Array &x, const Array &shape) {
  Shape wanted(shape.values.begin(), shape.values.end());
  Array ones = make(wanted);
  return combine(x, ones, [](double value, double) { return value; });
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

Array reshape(const Array &x, const Array &shape) {
  Array result = x;
  result.shape.assign(shape.values.begin(), shape.values.end());
  std::optional<size_t> open;
  for (size_t i = 0; i < result.shape.size(); ++i) {
    if (result.shape[i] == 0)
      result.shape[i] = x.shape.at(i);
    else if (result.shape[i] == -1)
      open = i;
  }
  if (open) {
    result.shape[*open] = 1;
    result.shape[*open] = product(x.shape) / product(result.shape);
  }
  need(product(result.shape) == product(x.shape), "a reshape loses elements");
  return result;
}

Array transpose(const Array &x, const Shape &order) {
  need(order.size() == x.shape.size(), "a permutation of another rank");
  Shape shape, strides;
  for (int64_t axis : order) {
    shape.push_back(x.shape[static_cast<size_t>(axis)]);
    strides.push_back(product(x.shape, static_cast<size_t>(axis) + 1));
  }
  Array result = make(shape);
  for (size_t i = 0; i < result.values.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    int64_t place = 0;
    for (size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
      place += rest % shape[axis] * strides[axis];
    result.values[i] = x.values[static_cast<size_t>(place)];
  }
  return result;
}

Array concat(const Node &node) {
  size_t axis = node.axis(0);
  Shape shape = node.in[0]->shape;
  shape[axis] = 0;
  for (const Array *part : node.in)
    shape[axis] += part->shape.at(axis);
  Array result = make(shape);
  int64_t outer = productBefore(shape, axis), row = product(shape, axis), begin = 0;
  for (const Array *part : node.in) {
    int64_t own = product(part->shape, axis);
    need(part->shape.size() == shape.size() && productBefore(part->shape, axis) == outer,
         "parts do not fit together");
    for (int64_t o = 0; o < outer; ++o)
      std::copy_n(part->values.begin() + o * own, own, result.values.begin() + o * row + begin);
    begin += own;
  }
  return result;
}

Outputs split(const Node &node) {
  size_t axis = node.axis(0);
  const Array &x = *node.in[0];
  int64_t parts = node.proto.output_size(), outer = productBefore(x.shape, axis),
          row = product(x.shape, axis), own = row / parts;
  need(x.shape[axis] % parts == 0, "parts of different sizes");
  Shape shape = x.shape;
  shape[axis] /= parts;
  Outputs outputs;
  for (int64_t p = 0; p < parts; ++p) {
    outputs.push_back(make(shape));
    for (int64_t o = 0; o < outer; ++o)
      std::copy_n(x.values.begin() + o * row + p * own, own,
                  outputs.back().values.begin() + o * own);
  }
  return outputs;
}

Array shapeOf(const Node &node) {
  const Shape &shape = node.in[0]->shape;
  auto rank = static_cast<int64_t>(shape.size());
  int64_t begin = node.integer("start", 0), end = node.integer("end", rank);
  need(begin >= 0 && begin <= end && end <= rank, "a slice of a shape");
  return {{end - begin}, {shape.begin() + begin, shape.begin() + end}};
}

//===----------------------------------------------------------------------===//
// Gathering
//===----------------------------------------------------------------------===//

Array gather(const Node &node) {
  size_t axis = node.axis(0);
  const Array &x = *node.in[0], &indices = *node.in[1];
  Shape shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
  Array result = make(shape);
  int64_t inner = product(x.shape, axis + 1);
  auto out = result.values.begin();
  for (int64_t o = 0; o < productBefore(x.shape, axis); ++o)
    for (double index : indices.values) {
      need(index >= 0 && index < static_cast<double>(x.shape[axis]), "an index out of range");
      out = std::copy_n(
          x.values.begin() + (o * x.shape[axis] + static_cast<int64_t>(index)) * inner, inner, out);
    }
  return result;
}

/// With batch_dims = 1 and one index a row.
Array gatherNd(const Node &node) {
  const Array &x = *node.in[0], &indices = *node.in[1];
  need(node.integer("batch_dims", 0) == 1 && indices.shape == Shape{x.shape[0], 1},
       "another GatherND");
  Shape shape = x.shape;
  shape.erase(shape.begin() + 1);
  Array result = make(shape);
  int64_t inner = product(x.shape, 2);
  for (int64_t n = 0; n < x.shape[0]; ++n)
    std::copy_n(
        x.values.begin() +
            (n * x.shape[1] + static_cast<int64_t>(indices.values[static_cast<size_t>(n)])) * inner,
        inner, result.values.begin() + n * inner);
  return result;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Applies `fn(row, size)` along the last axis.
template <typename Fn> void eachRow(Array &x, Fn fn) {
  auto size = static_cast<size_t>(x.shape.back());
  for (size_t begin = 0; begin < x.values.size(); begin += size)
    fn(&x.values[begin], size);
}

void needLast(const Node &node) {
  need(node.axis(-1) + 1 == node.in[0]->shape.size(), "an axis that is not the last");
}

Array softmax(const Node &node) {
  needLast(node);
  Array result = *node.in[0];
  eachRow(result, [](double *row, size_t size) {
    double largest = *std::max_element(row, row + size), sum = 0;
    for (size_t i = 0; i < size; ++i)
      sum += row[i] = std::exp(row[i] - largest);
    for (size_t i = 0; i < size; ++i)
      row[i] /= sum;
  });
  return result;
}

Array layerNormalization(const Node &node) {
  needLast(node);
  const onnx::AttributeProto *epsilon = node.find("epsilon");
  need(epsilon, "an epsilon is missing");
  Array result = *node.in[0];
  eachRow(result, [&](double *row, size_t size) {
    auto count = static_cast<double>(size);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < size; ++i)
      mean += row[i] / count;
    for (size_t i = 0; i < size; ++i)
      variance += (row[i] - mean) * (row[i] - mean) / count;
    for (size_t i = 0; i < size; ++i)
      row[i] = (row[i] - mean) / std::sqrt(variance + static_cast<double>(epsilon->f())) *
                   node.in[1]->values.at(i) +
               node.in[2]->values.at(i);
  });
  return result;
}

/// Along the last axis, which is kept with size 1.
Array reduce(const Node &node, const std::function<double(const double *, size_t)> &fn) {
  need(node.integer("keepdims", 1) == 1, "axes that are not kept");
  Array x = *node.in[0];
  Array result;
  result.shape = x.shape;
  result.shape.back() = 1;
  eachRow(x, [&](const double *row, size_t size) { result.values.push_back(fn(row, size)); });
  return result;
}

Array reduceL2(const Node &node) {
  need(node.integers("axes") == Shape{-1}, "other axes than the last");
  return reduce(node, [](const double *row, size_t size) {
    double sum = 0;
    for (size_t i = 0; i < size; ++i)
      sum += row[i] * row[i];
    return std::sqrt(sum);
  });
}

Array argMax(const Node &node) {
  needLast(node);
  return reduce(node, [](const double *row, size_t size) {
    return static_cast<double>(std::max_element(row, row + size) - row);
  });
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Array matMul(const Array &a, const Array &b) {
  need(a.shape.size() >= 2 && b.shape.size() >= 2, "a product of vectors");
  Shape outerA(a.shape.begin(), a.shape.end() - 2), outerB(b.shape.begin(), b.shape.end() - 2),
      outer = broadcast(outerA, outerB);
  int64_t rows = a.shape[a.shape.size() - 2], inner = a.shape.back(), columns = b.shape.back();
  need(b.shape[b.shape.size() - 2] == inner, "matrices that do not fit");
  Shape shape = outer;
  shape.insert(shape.end(), {rows, columns});
  Array result = make(shape);
  for (int64_t o = 0; o < product(outer); ++o) {
    const double *left = &a.values[placeOf(o, outer, outerA) * static_cast<size_t>(rows * inner)];
    const double *right =
        &b.values[placeOf(o, outer, outerB) * static_cast<size_t>(inner * columns)];
    double *out = &result.values[static_cast<size_t>(o * rows * columns)];
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < inner; ++k)
        for (int64_t c = 0; c < columns; ++c)
          out[r * columns + c] += left[r * inner + k] * right[k * columns + c];
  }
  return result;
}

/// Without padding, dilation, groups or bias.
Array conv(const Node &node) {
  const Array &x = *node.in[0], &kernel = *node.in[1];
  need(node.in.size() == 2 && !node.find("pads") && !node.find("dilations") && !node.find("group"),
       "another convolution");
  Shape strides = node.integers("strides"), size = node.integers("kernel_shape");
  int64_t count = x.shape[0], channels = x.shape[1], filters = kernel.shape[0],
          rows = (x.shape[2] - size[0]) / strides[0] + 1,
          columns = (x.shape[3] - size[1]) / strides[1] + 1;
  need(kernel.shape == Shape{filters, channels, size[0], size[1]}, "a kernel of another shape");
  Array result = make({count, filters, rows, columns});
  auto at = [](const Array &array, int64_t i, int64_t j, int64_t k, int64_t l) {
    const Shape &s = array.shape;
    return array.values[static_cast<size_t>(((i * s[1] + j) * s[2] + k) * s[3] + l)];
  };
  size_t next = 0;
  for (int64_t n = 0; n < count; ++n)
    for (int64_t f = 0; f < filters; ++f)
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c, ++next)
          for (int64_t k = 0; k < channels; ++k)
            for (int64_t i = 0; i < size[0]; ++i)
              for (int64_t j = 0; j < size[1]; ++j)
                result.values[next] +=
                    at(kernel, f, k, i, j) * at(x, n, k, r * strides[0] + i, c * strides[1] + j);
  return result;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

Outputs run(const Node &node) {
  const std::string &op = node.proto.op_type();
  const Array &x = *node.in.at(0);
  if (op == "Add")
    return {combine(x, *node.in.at(1), std::plus<>())};
  if (op == "Mul")
    return {combine(x, *node.in.at(1), std::multiplies<>())};
  if (op == "Div")
    return {combine(x, *node.in.at(1), std::divides<>())};
  if (op == "Erf")
    return {map(x, [](double v) { return std::erf(v); })};
  if (op == "Exp")
    return {map(x, [](double v) { return std::exp(v); })};
  if (op == "Sigmoid")
    return {map(x, [](double v) { return 1 / (1 + std::exp(-v)); })};
  if (op == "Cast" && node.integer("to", 0) == onnx::TensorProto_DataType_INT32)
    return {map(x, [](double v) { return static_cast<double>(static_cast<int32_t>(v)); })};
  if (op == "Expand")
    return {expand(x, *node.in.at(1))};
  if (op == "Reshape")
    return {reshape(x, *node.in.at(1))};
  if (op == "Transpose")
    return {transpose(x, node.integers("perm"))};
  if (op == "Concat")
    return {concat(node)};
  if (op == "Split")
    return split(node);
  if (op == "Shape")
    return {shapeOf(node)};
  if (op == "Gather")
    return {gather(node)};
  if (op == "GatherND")
    return {gatherNd(node)};
  if (op == "Softmax")
    return {softmax(node)};
  if (op == "LayerNormalization")
    return {layerNormalization(node)};
  if (op == "ReduceL2")
    return {reduceL2(node)};
  if (op == "ArgMax")
    return {argMax(node)};
  if (op == "MatMul")
    return {matMul(x, *node.in.at(1))};
  if (op == "Conv")
    return {conv(node)};
  refuse("unknown operator " + op);
}

template <typename T> std::vector<double> convert(const std::string &bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return {values.begin(), values.end()};
}

Array read(const onnx::TensorProto &tensor, const std::string &folder) {
  std::string bytes = tensor.raw_data();
  if (tensor.data_location() == onnx::TensorProto_DataLocation_EXTERNAL) {
    std::map<std::string, std::string> place;
    for (const onnx::StringStringEntryProto &entry : tensor.external_data())
      place[entry.key()] = entry.value();
    std::ifstream file(folder + "/" + place["location"], std::ios::binary);
    file.seekg(std::stoll(place["offset"]));
    bytes.resize(std::stoull(place["length"]));
    need(bool(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))),
         "external data are missing");
  }
  Array result;
  result.shape.assign(tensor.dims().begin(), tensor.dims().end());
  if (tensor.data_type() == onnx::TensorProto_DataType_FLOAT)
    result.values = convert<float>(bytes);
  else if (tensor.data_type() == onnx::TensorProto_DataType_INT64)
    result.values = convert<int64_t>(bytes);
  else
    refuse("a tensor of another type");
  need(static_cast<int64_t>(result.values.size()) == product(result.shape), "a tensor's size");
  return result;
}

} // namespace

std::map<std::string, Array> cat::emit::test::evaluate(const onnx::ModelProto &model,
                                                       std::map<std::string, Array> values,
                                                       const std::string &folder) {
  for (const onnx::TensorProto &tensor : model.graph().initializer())
    values[tensor.name()] = read(tensor, folder);
  for (const onnx::NodeProto &proto : model.graph().node()) {
    Node node{proto, {}};
    for (const std::string &input : proto.input()) {
      auto it = values.find(input);
      need(it != values.end(), "a node before what it reads");
      node.in.push_back(&it->second);
    }
    Outputs outputs = run(node);
    for (int i = 0; i < proto.output_size(); ++i)
      values[proto.output(i)] = std::move(outputs.at(static_cast<size_t>(i)));
  }
  return values;
}
