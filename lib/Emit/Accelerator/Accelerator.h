//===- Accelerator.h - The machine of a design and its program --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// accelerator.json (schema "catc.accelerator/2"):
//   {"schema", "design": "decimal text", "parameters": {NAME: {"value", "unit"}},
//    "machine": {"name", "clock_hz", "precision_bits", "clusters",
//                "array": {"style", "width", "depth", "accumulator_rows", "accumulator_bytes",
//                "output_rows", "requantizers"}, "vector_lanes", "local": {"capacity_bytes",
//                "bytes_per_cycle", "instances", "holds": [HOLD]}, "global": {"capacity_bytes",
//                "bytes_per_cycle", "instances"}, "dram": {"type", "capacity_bytes",
//                "bandwidth_bytes_per_s", "efficiency", "latency_cycles"}},
//    "metrics": {"latency_s" ..., "accuracy": {"metric", "value", "sigma", "noise", "source",
//    "extrapolated"}}, "operators": [{"name", "segment", "executions", "kind", sizes, "mapping",
//    "weight", "cycles", "energy_j"}]}
// Array, vector lanes and local memory are those of one cluster. Operators stand in execution
// order; "cycles" and "energy_j" are those of one execution, and the sums over executions are the
// design's. Sizes of a "gemm": m, n, k, batch, stationary, table, residual; of a "vector":
// function, rows, columns; of a "copy": elements, to_dram. "weight" names
// the parameters in the model's checkpoint and is left out where there are none. A "mapping" is
// {"split", "hold", "chunk_rows", "block_columns", "serial", "resident"}, and "block_batch" and
// "block_rows" where it is not resident (Cost/Cost.h says what they mean).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EMIT_ACCELERATOR_H
#define CATC_EMIT_ACCELERATOR_H

#include "Results/Records.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace cat::emit {

/// Text of accelerator.json for a design whose module has been lowered, mapped and costed. Emits an
/// error and fails if the machine cannot be read.
llvm::FailureOr<std::string> accelerator(mlir::ModuleOp annotated,
                                         const results::StudySummary &study,
                                         const results::DesignRecord &design);

} // namespace cat::emit

#endif // CATC_EMIT_ACCELERATOR_H
