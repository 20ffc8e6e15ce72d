//===- Hardware.h - The template machine as it is built ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plain records shared by the timing models, the search and the emitter: the parameters of the
// SystemVerilog library in hw/rtl, and what its register block is told to run. Integers only; sizes
// are powers of two where hw/README.md says so (checkHardware).
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_HARDWARE_H
#define CATC_COST_HARDWARE_H

#include "Cost/HardwareMath.h"
#include "Cost/Machine.h"
#include <cstdint>
#include <optional>
#include <string>

namespace cat::cost {

/// How a GEMM is shared between clusters: equal (rounded up) parts of the rows, of the array-wide
/// column steps, or of the batch items. The last cluster with work has what remains.
enum class ClusterSplit : uint8_t { None, Rows, Columns, Batch };

/// The operand that stays in local SRAM while another loop runs over it. Complete sums always stay
/// in the accumulators over the whole depth.
///   Input, Neither: for batch, for chunk, for column step, for depth step, for row
///   Weight:         for batch, for column step, for chunk, for depth step, for row
/// Input sends a chunk of A once and the weights for each chunk; Weight sends the weights of a
/// column step once and A for each column step; Neither sends both each time.
enum class Hold : uint8_t { Neither, Input, Weight };

/// Equal banks of the global buffer. In each cycle one word is read and one written, in different
/// banks: each operand, result and block of parameters has banks of its own.
inline constexpr int64_t kGlobalBanks = 16;

/// The parameters of the emitted package catc_config_pkg.
struct HardwareParameters {
  int64_t clusters = 1;
  int64_t width = 0; ///< W: lanes, the N direction
  int64_t depth = 0; ///< D: reduction, the K direction
  ArrayStyle style = ArrayStyle::VectorMac;
  int64_t requantizers = 0;    ///< R of each cluster; a row of results takes W/R cycles to drain
  int64_t accumulatorRows = 0; ///< rows of W sums
  int64_t outputRows = 0;      ///< output FIFO, rows of W bytes
  int64_t inputWords = 0;      ///< input half of the local SRAM, words of D bytes
  int64_t weightRows = 0;      ///< weight half of the local SRAM, rows of W bytes
  int64_t vectorLanes = 0;     ///< V
  /// Longest row of softmax and of the norms, bytes.
  int64_t vectorRowBytes = 4096;
  int64_t wordBytes = 0;   ///< G: the global buffer's word
  int64_t linkBytes = 0;   ///< bytes a cycle between buffer and cluster, each direction
  int64_t globalBytes = 0; ///< capacity of the global buffer
  /// DRAM words a cycle in units of 1/65536, at most 65536: slot k of a transfer delivers
  /// dramLatency + ceil((k + 1) * 65536 / dramRate) cycles after its start.
  int64_t dramRate = 65536;
  int64_t dramLatency = 0;

  /// The machine as it is built. Unchecked: see checkHardware.
  static HardwareParameters fromMachine(const Machine &machine);

  /// Cycles in which a row of results leaves: P.
  int64_t drainCycles() const { return width >> log2Of(requantizers); }
  /// Cycles from a row at the array's input to its sums: LAT.
  int64_t arrayLatency() const;
  /// Rows that the output FIFO must have: all on their way through array and drain, and two.
  int64_t leastOutputRows() const;
  /// Cycles in which a word crosses a cluster's link.
  int64_t linkCycles() const { return shiftUp(wordBytes, log2Of(linkBytes)); }
};

/// The first rule of hw/README.md that the parameters break (a size that is no power of two, an
/// output FIFO smaller than the array's latency), in the words of the template, or nothing.
std::optional<MachineProblem> checkHardware(const HardwareParameters &hardware);

/// A GEMM as the register block takes it: batch x (M x K) * (K x N), with its mapping.
struct GemmDescriptor {
  int64_t batch = 1, m = 0, n = 0, k = 0;
  bool parameters = true; ///< stationary operand from DRAM; else an activation in the global buffer
  bool residual = false;  ///< a saturating add of a second operand while results drain
  bool table = false;     ///< a 256-entry table applied while results drain
  ClusterSplit split = ClusterSplit::None;
  Hold hold = Hold::Neither;
  int64_t chunkRows = 0; ///< rows of a chunk, of one cluster's share; the last may be shorter
  /// Column steps of a cluster that one block of parameters covers; all of them for an activation.
  int64_t blockColumns = 0;
};

enum class VectorFunction : uint8_t { Softmax, LayerNorm, L2Norm, Add, Pointwise };

/// An operator of the vector unit over rows x columns bytes; rows are split over the clusters.
struct VectorDescriptor {
  VectorFunction function = VectorFunction::Pointwise;
  int64_t rows = 0, columns = 0;
};

/// A transfer between DRAM and the global buffer.
struct CopyDescriptor {
  int64_t bytes = 0;
  bool toDram = false;
};

} // namespace cat::cost

#endif // CATC_COST_HARDWARE_H
