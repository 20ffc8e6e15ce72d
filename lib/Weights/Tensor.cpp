//===- Tensor.cpp - Tensors by name ---------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Tensor.h"
#include "Support/Check.h"
#include <utility>

using namespace cat::weights;

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensors are kept in memory as in files, in little-endian order"
#endif

std::optional<int64_t> cat::weights::elementCount(const Shape &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(count, size, &count))
      return std::nullopt;
  return count;
}

std::string cat::weights::str(const Shape &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

int64_t Tensor::elementCount() const {
  std::optional<int64_t> count = weights::elementCount(shape);
  CATC_CHECK(count && static_cast<size_t>(*count) * sizeOf(dtype) == bytes.size(),
             "a tensor's bytes do not match its shape");
  return *count;
}

template <typename T> static std::vector<T> convert(const Tensor &tensor) {
  auto count = static_cast<size_t>(tensor.elementCount());
  std::vector<T> values(count);
  switch (tensor.dtype) {
  case DType::F32:
    for (size_t i = 0; i < count; ++i)
      values[i] = static_cast<T>(tensor.data<float>()[i]);
    break;
  case DType::F64:
    for (size_t i = 0; i < count; ++i)
      values[i] = static_cast<T>(tensor.data<double>()[i]);
    break;
  case DType::F16:
    for (size_t i = 0; i < count; ++i)
      values[i] = floatOfHalf(tensor.data<uint16_t>()[i]);
    break;
  case DType::BF16:
    for (size_t i = 0; i < count; ++i)
      values[i] = floatOfBFloat(tensor.data<uint16_t>()[i]);
    break;
  default:
    CATC_CHECK(false, "floating-point values of a tensor of another type");
  }
  return values;
}

std::vector<float> Tensor::floats() const { return convert<float>(*this); }
std::vector<double> Tensor::doubles() const { return convert<double>(*this); }

Tensor cat::weights::makeFloat(Shape shape, const std::vector<float> &values, DType dtype) {
  Tensor tensor = makeZeros(dtype, std::move(shape));
  CATC_CHECK(values.size() == static_cast<size_t>(tensor.elementCount()),
             "a tensor is made from too many or too few values");
  for (size_t i = 0; i < values.size(); ++i)
    switch (dtype) {
    case DType::F32:
      tensor.data<float>()[i] = values[i];
      break;
    case DType::F64:
      tensor.data<double>()[i] = values[i];
      break;
    case DType::F16:
      tensor.data<uint16_t>()[i] = halfOfFloat(values[i]);
      break;
    case DType::BF16:
      tensor.data<uint16_t>()[i] = bfloatOfFloat(values[i]);
      break;
    default:
      CATC_CHECK(false, "floating-point values for a tensor of another type");
    }
  return tensor;
}

Tensor cat::weights::makeZeros(DType dtype, Shape shape) {
  std::optional<int64_t> count = weights::elementCount(shape);
  CATC_CHECK(count.has_value(), "a tensor of an impossible shape");
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.bytes.resize(static_cast<size_t>(*count) * sizeOf(dtype));
  return tensor;
}
