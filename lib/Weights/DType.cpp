//===- DType.cpp - Element types of stored tensors ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/DType.h"
#include <cstring>

using namespace cat::weights;

namespace {

struct Description {
  DType dtype;
  std::string_view name;
  size_t size;
};

/// Indexed by DType.
constexpr Description kTypes[] = {
    {DType::Bool, "BOOL", 1}, {DType::U8, "U8", 1},   {DType::I8, "I8", 1},
    {DType::I16, "I16", 2},   {DType::U16, "U16", 2}, {DType::F16, "F16", 2},
    {DType::BF16, "BF16", 2}, {DType::I32, "I32", 4}, {DType::U32, "U32", 4},
    {DType::F32, "F32", 4},   {DType::F64, "F64", 8}, {DType::I64, "I64", 8},
    {DType::U64, "U64", 8},
};

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

constexpr uint32_t kQuiet = 0x00400000, kInfinity = 0x7F800000;

} // namespace

size_t cat::weights::sizeOf(DType dtype) { return kTypes[static_cast<size_t>(dtype)].size; }

std::string_view cat::weights::nameOf(DType dtype) {
  return kTypes[static_cast<size_t>(dtype)].name;
}

std::optional<DType> cat::weights::parseDType(std::string_view name) {
  for (const Description &type : kTypes)
    if (type.name == name)
      return type.dtype;
  return std::nullopt;
}

bool cat::weights::isFloating(DType dtype) {
  return dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::F32 || dtype == DType::F64;
}

float cat::weights::floatOfHalf(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
  if (exponent == 0x1F)
    return floatOf(sign | kInfinity | fraction << 13);
  if (exponent != 0)
    return floatOf(sign | (exponent + 112) << 23 | fraction << 13);
  // Zero or subnormal: fraction * 2^-24, which a float holds exactly.
  float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return floatOf(sign | bitsOf(magnitude));
}

float cat::weights::floatOfBFloat(uint16_t bits) {
  return floatOf(static_cast<uint32_t>(bits) << 16);
}

uint16_t cat::weights::halfOfFloat(float value) {
  uint32_t bits = bitsOf(value);
  auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > kInfinity)
    return static_cast<uint16_t>(sign | 0x7E00 | ((magnitude >> 13) & 0x1FF));
  if (magnitude >= 0x477FF000) // halfway from 65504 to 65536 rounds to infinity
    return static_cast<uint16_t>(sign | 0x7C00);
  if (magnitude < 0x38800000) {
    // Below 2^-14: adding 0.5 leaves the multiple of 2^-24 in the low bits, rounded as wanted.
    uint32_t rounded = bitsOf(floatOf(magnitude) + 0.5f) - bitsOf(0.5f);
    return static_cast<uint16_t>(sign | rounded);
  }
  uint32_t rounded = magnitude + 0xFFF + ((magnitude >> 13) & 1);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112u << 10)));
}

uint16_t cat::weights::bfloatOfFloat(float value) {
  uint32_t bits = bitsOf(value);
  if ((bits & 0x7FFFFFFF) > kInfinity)
    return static_cast<uint16_t>((bits | kQuiet) >> 16);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
