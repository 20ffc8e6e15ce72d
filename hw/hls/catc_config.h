//===- catc_config.h - Parameters of the kernel of one design ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The defaults that the kernel is compiled with. An emitted design brings its own file of this
// name.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_CONFIG_H
#define CATC_CONFIG_H

namespace catc {

constexpr int kWidth = 8;            ///< lanes, the N direction
constexpr int kDepth = 8;            ///< reduction, the K direction
constexpr int kAccumulatorRows = 32; ///< rows of kWidth sums
constexpr int kInputWords = 128;     ///< input half of the local SRAM, words of kDepth bytes
constexpr int kWeightRows = 128;     ///< weight half of the local SRAM, rows of kWidth bytes
constexpr int kRequantizers = 4;     ///< a row of results takes kWidth / kRequantizers cycles
constexpr int kWordBytes = 16;       ///< of the global buffer: what case files count in

} // namespace catc

#endif // CATC_CONFIG_H
