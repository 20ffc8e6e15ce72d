//===- Machine.h - A small machine and a GEMM for tests ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_RTL_MACHINE_H
#define CATC_TEST_UNIT_RTL_MACHINE_H

#include "Cost/Hardware.h"

namespace cat::rtl::test {

inline cost::HardwareParameters machine(int64_t clusters) {
  cost::HardwareParameters hw;
  hw.clusters = clusters;
  hw.width = hw.depth = hw.requantizers = 8;
  hw.accumulatorRows = hw.outputRows = 32;
  hw.inputWords = hw.weightRows = 64;
  hw.vectorLanes = 8;
  hw.wordBytes = hw.linkBytes = 16;
  hw.globalBytes = 1 << 16;
  return hw;
}

/// 20 x 40 x 24 in blocks of two column steps, columns split.
inline cost::GemmDescriptor gemm() {
  cost::GemmDescriptor g;
  g.m = 20;
  g.n = 40;
  g.k = 24;
  g.chunkRows = 20;
  g.blockColumns = 2;
  g.split = cost::ClusterSplit::Columns;
  return g;
}

} // namespace cat::rtl::test

#endif // CATC_TEST_UNIT_RTL_MACHINE_H
