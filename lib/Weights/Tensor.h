//===- Tensor.h - Tensors by name -------------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_TENSOR_H
#define CATC_WEIGHTS_TENSOR_H

#include "Weights/DType.h"
#include <map>
#include <string>
#include <vector>

namespace cat::weights {

using Shape = std::vector<int64_t>;

/// Elements of a shape; 1 for the empty one, a scalar's. Nothing if a size is negative or the
/// number exceeds 2^63 - 1.
std::optional<int64_t> elementCount(const Shape &shape);

/// "[3, 16]"; "[]" for a scalar.
std::string str(const Shape &shape);

/// A dense tensor, row-major and little-endian. `bytes` holds exactly the elements of `shape`.
struct Tensor {
  DType dtype = DType::F32;
  Shape shape;
  std::vector<std::byte> bytes;

  int64_t elementCount() const;
  bool isFloating() const { return weights::isFloating(dtype); }

  /// The elements as they are stored; T must have the size of dtype's elements. Valid for as long
  /// as `bytes` is.
  template <typename T> const T *data() const { return reinterpret_cast<const T *>(bytes.data()); }
  template <typename T> T *data() { return reinterpret_cast<T *>(bytes.data()); }

  /// The elements of a floating type: exactly for F16, BF16 and F32, rounded to the nearest for
  /// F64. Another type is an internal error.
  std::vector<float> floats() const;
  /// The same without rounding.
  std::vector<double> doubles() const;

  bool operator==(const Tensor &other) const {
    return dtype == other.dtype && shape == other.shape && bytes == other.bytes;
  }
  bool operator!=(const Tensor &other) const { return !(*this == other); }
};

/// A tensor of a floating type from as many values as `shape` has elements, rounded to the nearest
/// value of `dtype`, ties to even.
Tensor makeFloat(Shape shape, const std::vector<float> &values, DType dtype = DType::F32);

/// A tensor of zeros.
Tensor makeZeros(DType dtype, Shape shape);

/// The tensors of a model by name.
using StateDict = std::map<std::string, Tensor>;

/// What a safetensors file holds.
struct TensorFile {
  StateDict tensors;
  std::map<std::string, std::string> metadata;

  /// How names stand in the file that was read, so that writing it again gives the same bytes: of
  /// tensors by place of their data, of metadata by place in the header. Names that are missing
  /// here follow in the order of the format's own library, those that exist no more are passed
  /// over.
  std::vector<std::string> tensorOrder, metadataOrder;
};

} // namespace cat::weights

#endif // CATC_WEIGHTS_TENSOR_H
