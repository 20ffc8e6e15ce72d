//===- Program.h - What a lowered graph asks of a machine -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neutral form of accel IR: plain records that no longer know MLIR. Sizes are counted in
// elements; the machine says how many bytes an element has. Programs are produced by lowering only,
// so there is no second description of any model.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_PROGRAM_H
#define CATC_COST_PROGRAM_H

#include "Cost/Hardware.h"
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace cat::cost {

/// Where the stationary operand of a GEMM comes from: DRAM (a parameter) or the global buffer (an
/// activation, as K and V).
enum class Stationary : uint8_t { Parameter, Activation };

/// batch x (M x K) * (K x N) -> (M x N), INT accumulate. For attention, batch counts heads.
struct Gemm {
  int64_t m = 0, n = 0, k = 0, batch = 1;
  Stationary stationary = Stationary::Parameter;
  /// What happens to each result on its way out, in this order: a pointwise function, as a table,
  /// and the addition of a residual operand of the result's shape.
  bool table = false, residual = false;
  /// Elements beside the operands and the result that must stay in the global buffer meanwhile, the
  /// residual operand among them.
  int64_t liveElements = 0;

  auto key() const {
    return std::make_tuple(m, n, k, batch, static_cast<int>(stationary), table, residual,
                           liveElements);
  }
  friend bool operator<(const Gemm &a, const Gemm &b) { return a.key() < b.key(); }
  friend bool operator==(const Gemm &a, const Gemm &b) { return a.key() == b.key(); }
  int64_t macs() const { return m * n * k * batch; }
  int64_t results() const { return m * n * batch; }
  /// Visits of each result by the drain path.
  int64_t drainPasses() const { return int64_t(table) + int64_t(residual); }
};

/// A function on the vector unit, of each row or element of rows x columns.
struct Vector {
  VectorFunction function = VectorFunction::Pointwise;
  int64_t rows = 0, columns = 0;

  auto key() const { return std::make_tuple(static_cast<int>(function), rows, columns); }
  friend bool operator<(const Vector &a, const Vector &b) { return a.key() < b.key(); }
  friend bool operator==(const Vector &a, const Vector &b) { return a.key() == b.key(); }
};

/// A transfer between DRAM and the global buffer (an embedding lookup, an image, position
/// embeddings).
struct Copy {
  int64_t elements = 0;
  bool toDram = false;

  auto key() const { return std::make_tuple(elements, toDram); }
  friend bool operator<(const Copy &a, const Copy &b) { return a.key() < b.key(); }
  friend bool operator==(const Copy &a, const Copy &b) { return a.key() == b.key(); }
};

enum class OperatorKind : uint8_t { Gemm, Vector, Copy };

/// One operator of a program. Only the member that `kind` names is meaningful; the others are
/// value-initialised.
struct Operator {
  OperatorKind kind = OperatorKind::Gemm;
  Gemm gemm;
  Vector vector;
  Copy copy;
  /// Executions per inference (layers of a repeat).
  int64_t repeat = 1;
  /// Bytes-free count of parameters that the operator owns, in elements, for one execution.
  int64_t parameters = 0;
  /// Name of the operator in the graph ("text.qkv"), for reports; not part of the key.
  std::string name;

  /// Equal keys cost the same on a machine.
  auto key() const {
    return std::make_tuple(static_cast<int>(kind), gemm.key(), vector.key(), copy.key());
  }
};

/// The operators of one independent segment of a model, in execution order.
struct Program {
  std::string segment;
  std::vector<Operator> operators;

  int64_t macs() const {
    int64_t total = 0;
    for (const Operator &op : operators)
      total += op.kind == OperatorKind::Gemm ? op.gemm.macs() * op.repeat : 0;
    return total;
  }
  int64_t parameters() const {
    int64_t total = 0;
    for (const Operator &op : operators)
      total += op.parameters * op.repeat;
    return total;
  }
};

} // namespace cat::cost

#endif // CATC_COST_PROGRAM_H
