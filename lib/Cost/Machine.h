//===- Machine.h - A concrete accelerator -----------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DRAM -> global buffer (shared) -> local SRAM (one per cluster) -> W x D MAC array with
// double-buffered stationary operand and explicit accumulators. The plain form of a fully bound
// accel.machine: structure, and the technology data that its components were declared with. Nothing
// physical has a default here: all of it comes from .cat files.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_COST_MACHINE_H
#define CATC_COST_MACHINE_H

#include "Support/Quantity.h"
#include <cstdint>
#include <string>
#include <vector>

namespace cat::cost {

/// An SRAM technology: energies, areas and leakage tabulated over capacity at a base word width.
struct SramTechnology {
  std::string name;
  /// Table points, ascending capacity in bytes; figures are interpolated linearly in log2(capacity)
  /// and, beyond the ends, follow the slope of the nearest pair in log-log space (energy) or stay
  /// constant (area per byte).
  std::vector<int64_t> capacities;
  std::vector<JoulesPerByte> readEnergy;
  std::vector<JoulesPerByte> writeEnergy;
  std::vector<SquareMillimetresPerByte> area;
  WattsPerByte leakage;
  /// Word width, bytes per cycle, that the table is for.
  int64_t baseWidth = 32;
  /// Relative increase of energy per byte and of area for each doubling of the word width.
  double energyPerDoubling = 0, areaPerDoubling = 0;
  /// Wiring and multiplexer area for each byte per cycle of width.
  SquareMillimetres areaPerWidth;
};

/// One level of on-chip memory.
struct Memory {
  int64_t capacity = 0;      ///< bytes per instance
  int64_t bytesPerCycle = 0; ///< reads and writes share the port
  int64_t instances = 1;
  SramTechnology technology;
};

struct MacArray {
  int64_t width = 0;           ///< W: lanes, the N direction
  int64_t depth = 0;           ///< D: rows, the K direction
  int64_t accumulatorRows = 0; ///< M rows a lane can accumulate before draining
  /// Bytes of an accumulator entry.
  int64_t accumulatorBytes = 4;
  /// Area of one multiply-accumulate cell, tabulated over depth (ascending), at the machine's node.
  /// Interpolated linearly in log2(depth), constant beyond the ends.
  std::vector<int64_t> cellDepths;
  std::vector<SquareMillimetres> cellArea;
  SquareMillimetresPerByte accumulatorArea;
  /// A result leaves a lane once in K/D steps, so few requantisation units serve many lanes:
  /// ceil(W*D / macsPerRequantizer) of them, each of this area.
  SquareMillimetres requantizerArea;
  int64_t macsPerRequantizer = 64;
  Joules macEnergy;                ///< per MAC, data path only
  JoulesPerByte accumulatorEnergy; ///< per byte read or written
  Joules clockEnergy;              ///< clock tree and registers, per MAC slot and cycle
};

struct VectorUnit {
  int64_t lanes = 0; ///< per cluster, one element operation per lane and cycle
  SquareMillimetres laneArea;
  Joules operationEnergy;
};

struct Dram {
  std::string type;
  int64_t capacity = 0;     ///< bytes
  BytesPerSecond bandwidth; ///< peak, reads and writes together
  double efficiency = 1;    ///< share of the peak that streams reach
  int64_t latencyCycles = 0;
  JoulesPerByte energy;
  Watts activePower;             ///< while the accelerator runs, beside the energy per byte
  Watts idlePower;               ///< self-refresh
  KilogramsCO2ePerByte embodied; ///< before yield
};

/// The loop orders a template's sequencer can run, at each level of tiling.
struct LoopOrders {
  bool outputStationary = true, weightStationary = true, inputStationary = true;
};

/// Area model: the sum of the parts, or the published formula that a compatibility profile asks
/// for.
enum class AreaModel : uint8_t { Components, CATransformers };

struct Machine {
  std::string name;
  Hertz clock;
  int64_t elementBytes = 1;
  int64_t clusters = 1;
  MacArray array;
  VectorUnit vector; ///< per cluster
  Memory local;      ///< instances == clusters
  Memory global;
  Dram dram;
  LoopOrders globalOrders, localOrders;
  AreaModel areaModel = AreaModel::Components;
  /// Controllers, DMA, PHY: the rest of the die.
  SquareMillimetres otherArea;
  WattsPerSquareMillimetre logicLeakage;
  /// Share of the active leakage that remains while idle between inferences (1: never gated).
  double idleLeakageShare = 1;

  int64_t macSlots() const { return clusters * array.width * array.depth; }
};

} // namespace cat::cost

#endif // CATC_COST_MACHINE_H
