//===- DType.h - Element types of stored tensors ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_DTYPE_H
#define CATC_WEIGHTS_DTYPE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cat::weights {

/// The element types of a safetensors file.
enum class DType { Bool, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 };

/// Bytes of one element.
size_t sizeOf(DType dtype);

/// The name in files: "BOOL", "F32", "BF16" ...
std::string_view nameOf(DType dtype);

/// The type of a name in a file; nothing if it is not known.
std::optional<DType> parseDType(std::string_view name);

/// F16, BF16, F32 and F64.
bool isFloating(DType dtype);

/// IEEE 754 binary16 and bfloat16, as their bits. To float is exact; from float rounds to the
/// nearest, ties to even, and a not-a-number stays one.
float floatOfHalf(uint16_t bits);
float floatOfBFloat(uint16_t bits);
uint16_t halfOfFloat(float value);
uint16_t bfloatOfFloat(float value);

} // namespace cat::weights

#endif // CATC_WEIGHTS_DTYPE_H
