//===- Golden.h - Cases with pseudo-random operands -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Golden vectors: operands from a counter-based generator, results from lib/Int8. The random test
// of the hardware and the emitted vectors both come from here.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RTL_GOLDEN_H
#define CATC_RTL_GOLDEN_H

#include "Int8/Requantize.h"
#include "Rtl/Case.h"

namespace cat::rtl {

/// Numbers that depend on a seed and an index only.
class Random {
public:
  explicit Random(uint64_t seed) : seed(seed) {}
  uint64_t at(uint64_t index) const;
  /// lowest .. highest, both included.
  int64_t at(uint64_t index, int64_t lowest, int64_t highest) const {
    return lowest + static_cast<int64_t>(at(index) % static_cast<uint64_t>(highest - lowest + 1));
  }
  /// An independent generator.
  Random stream(uint64_t number) const { return Random(at(~number)); }

private:
  uint64_t seed;
};

/// The operands of a GEMM, each in row-major order; n counts whole column steps, whose padding is
/// zero.
struct GemmOperands {
  GemmOperands(const cost::HardwareParameters &hardware, const cost::GemmDescriptor &gemm,
               uint64_t seed);

  int64_t columns;                              ///< N, rounded up to whole column steps
  std::vector<int8_t> input, weights, residual; ///< [batch][m][k], [batch][k][n], [batch][m][n]
  std::vector<int8::Requantization> channels;   ///< [batch][n]
  int8::Table table = {};
  int8::Addition addition;

  /// The results, [batch][m][n].
  std::vector<int8_t> reference(const cost::GemmDescriptor &gemm) const;
};

/// A fault where the machine cannot run the operator as described.
Result<Case> gemmCase(const cost::HardwareParameters &hardware, const cost::GemmDescriptor &gemm,
                      uint64_t seed, std::string name);
Result<Case> vectorCase(const cost::HardwareParameters &hardware,
                        const cost::VectorDescriptor &vector, uint64_t seed, std::string name);
Result<Case> copyCase(const cost::HardwareParameters &hardware, const cost::CopyDescriptor &copy,
                      uint64_t seed, std::string name);

} // namespace cat::rtl

#endif // CATC_RTL_GOLDEN_H
