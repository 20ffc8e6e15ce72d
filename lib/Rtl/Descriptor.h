//===- Descriptor.h - What the register block is told -----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From an operator and its mapping to the words of the register block (hw/rtl/catc_control.sv), and
// where its operands lie in the global buffer and in DRAM. Everything is counted in words of the
// global buffer. Segments, which each start on a word:
//   input      a chunk of A: [depth step][row][D bytes]
//   weights    a column step: [8 rows of W bytes: constants][depth step][D][W bytes]
//   results, residual operand   a chunk at a column step: [row][W bytes]
// They stand in the order
//   input      [batch][chunk]
//   weights    [batch][column step], in DRAM [block][cluster, if columns are split][column step]
//   results    [batch][chunk][column step]
// where every chunk has the place of a whole one, and a cluster's chunks, column steps or batch
// items follow those of the cluster before.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RTL_DESCRIPTOR_H
#define CATC_RTL_DESCRIPTOR_H

#include "Cost/GemmPlan.h"
#include "Cost/Hardware.h"
#include "Int8/Pointwise.h"
#include "Support/Result.h"
#include <array>

namespace cat::rtl {

/// Word addresses of the register port.
enum RegisterAddress : unsigned {
  ControlRegister = 0, ///< bit 0 starts
  StatusRegister = 1,
  CyclesRegister = 2,
  ClustersRegister = 3,
  DescriptorRegisters = 16,
  StallRegisters = 64,
  TableRegisters = 128
};

/// Words of a descriptor: hw/rtl/catc_descriptor_pkg.sv says what they hold.
enum DescriptorWord : unsigned {
  Operation,
  Clusters,
  LoopsOthers,
  LoopsLast,
  ChunkRows,
  ChunkRowsEnd,
  DepthSteps,
  ColumnSteps,
  Blocks,
  ABase,
  ACluster,
  ABatch,
  AChunk,
  ABeats,
  ABeatsEndOthers,
  ABeatsEndLast,
  WBaseEven,
  WBaseOdd,
  WCluster,
  WClusterEnd,
  WBatch,
  WTile,
  WBeats,
  RBase,
  RCluster,
  ZBase,
  ZCluster,
  ZBatch,
  ZChunk,
  ZTile,
  ZBlock,
  DramBase,
  DmaOthers,
  DmaOthersEnd,
  DmaWhole,
  DmaPart,
  AddMultipliers,
  AddOffset,
  VRowsOthers,
  VRowsLast,
  VColumns,
  VInOthers,
  VInLast,
  VOutOthers,
  VOutLast,
  NumDescriptorWords
};
using Descriptor = std::array<uint32_t, NumDescriptorWords>;

/// Where a GEMM's operands are. Each lies in banks of its own.
struct GemmLayout {
  int64_t chunks = 0;                                     ///< of all clusters
  int64_t inputWords = 0, tileWords = 0, resultWords = 0; ///< of a segment
  int64_t columnSteps = 0;                                ///< of all clusters
  int64_t input = 0, residual = 0, results = 0;           ///< first words
  int64_t weights[2] = {0, 0};                            ///< for even and odd blocks
  int64_t dramWords = 0; ///< parameters, from the DRAM base on; zero for an activation

  int64_t inputAt(int64_t batch, int64_t chunk) const {
    return input + (batch * chunks + chunk) * inputWords;
  }
  /// Of the results; `first` is `results` or `residual`.
  int64_t resultAt(int64_t first, int64_t batch, int64_t chunk, int64_t column) const {
    return first + ((batch * chunks + chunk) * columnSteps + column) * resultWords;
  }
};

/// A fault where the operands do not fit the banks of the global buffer.
Result<GemmLayout> layoutGemm(const cost::HardwareParameters &hardware,
                              const cost::GemmDescriptor &gemm, const cost::GemmPlan &plan);

/// `addition` matters for a GEMM with a residual operand. Parameters begin at `dramBase`.
Descriptor describe(const cost::HardwareParameters &hardware, const cost::GemmDescriptor &gemm,
                    const cost::GemmPlan &plan, const GemmLayout &layout,
                    const int8::Addition &addition, int64_t dramBase);

/// A transfer of words from or to the buffer's word `bufferBase`.
Descriptor describe(const cost::HardwareParameters &hardware, const cost::CopyDescriptor &copy,
                    int64_t bufferBase, int64_t dramBase);

/// Where a vector operator's streams are: one header for all clusters, and each cluster's rows.
struct VectorLayout {
  int64_t active = 1;                                       ///< clusters with rows
  int64_t rows = 0, lastRows = 0;                           ///< of a cluster, of the last
  int64_t header = 0, input = 0, results = 0;               ///< first words
  int64_t headerWords = 0, inputWords = 0, resultWords = 0; ///< of a cluster's segment
};
Result<VectorLayout> layoutVector(const cost::HardwareParameters &hardware,
                                  const cost::VectorDescriptor &vector);
Descriptor describe(const cost::HardwareParameters &hardware, const cost::VectorDescriptor &vector,
                    const VectorLayout &layout);

} // namespace cat::rtl

#endif // CATC_RTL_DESCRIPTOR_H
