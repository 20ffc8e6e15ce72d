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

/// An SRAM technology: energies, cell areas and leakage tabulated over capacity, and what a word, a
/// port and a bank add.
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
  /// Word width, bytes, that the energies are for.
  int64_t baseWidth = 32;
  /// An access of B bytes costs energy in proportion to B + accessOverhead.
  double accessOverhead = 0;
  /// Periphery of a bank: for each byte of its word, for each of its words, and at any size.
  SquareMillimetres areaPerWidth, areaPerWord, areaPerBank;
  /// Factors on area and on energy of a memory that is read and written in the same cycle.
  double portArea = 1, portEnergy = 1;
};

/// One level of on-chip memory.
struct Memory {
  int64_t capacity = 0;      ///< bytes per instance
  int64_t bytesPerCycle = 0; ///< in each direction: the word, and for the local SRAM its link
  int64_t instances = 1;
  SramTechnology technology;
};

/// How the array's cells are wired. One timing contract holds for both; they differ in the cycles
/// from a row to its sums, and in area.
enum class ArrayStyle : uint8_t {
  VectorMac, ///< W lanes, each a registered tree over D products
  Systolic   ///< D x W cells that pass operands and sums on, with skewed inputs
};

struct MacArray {
  ArrayStyle style = ArrayStyle::VectorMac;
  int64_t width = 0;           ///< W: lanes, the N direction
  int64_t depth = 0;           ///< D: rows, the K direction
  int64_t accumulatorRows = 0; ///< M rows a lane can accumulate before draining
  int64_t outputRows = 0;      ///< rows of W results that wait for the way out
  /// Bytes of an accumulator entry.
  int64_t accumulatorBytes = 4;
  /// Area of one multiply-accumulate cell, tabulated over depth (ascending), at the machine's node.
  /// Interpolated linearly in log2(depth), constant beyond the ends.
  std::vector<int64_t> cellDepths;
  std::vector<SquareMillimetres> cellArea;
  /// The same of a systolic cell; empty if it is not known, and then as cellArea.
  std::vector<SquareMillimetres> systolicCellArea;
  /// One bit of the registers that skew a systolic array's operands and line up its sums.
  SquareMillimetres registerArea;
  /// Accumulators and the FIFO of residual rows, memories of two ports: each byte, and each byte of
  /// a row.
  SquareMillimetresPerByte accumulatorArea;
  SquareMillimetres accumulatorWidthArea;
  /// What each lane has once (its adder, its constants of requantisation, its part of the way out),
  /// and each byte of the rows that wait in registers for the way out.
  SquareMillimetres laneArea;
  SquareMillimetresPerByte fifoArea;
  /// A result leaves a lane once in K/D steps, so few requantisation units serve many lanes: one
  /// for `macsPerRequantizer` MACs of a cluster, at most one for each lane. Of each of them:
  SquareMillimetres requantizerArea;
  int64_t macsPerRequantizer = 64;
  Joules macEnergy;                ///< per MAC, data path only
  JoulesPerByte accumulatorEnergy; ///< per byte read or written
  Joules clockEnergy;              ///< clock tree and registers, per MAC slot and cycle
  Joules requantizeEnergy;         ///< per result: requantisation and what else the drain path does
};

struct VectorUnit {
  int64_t lanes = 0; ///< per cluster, one element operation per lane and cycle
  SquareMillimetres laneArea;
  /// Bytes of the longest row of softmax and the norms. Two rows and four bytes of parameters for
  /// each column lie in memories like the accumulators'.
  int64_t rowBytes = 4096;
  SquareMillimetres unitArea; ///< what a unit has besides its lanes: table, divider, control
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

/// What a cluster's sequencer can keep in local SRAM while the other operand passes: nothing, one
/// column step of weights, or one chunk of input rows. Complete sums stay in the accumulators over
/// the whole depth in every case.
struct Holds {
  bool neither = true, weight = true, input = true;
};

/// Cycles of a GEMM: the emitted machine's, or those of SCALE-Sim v3 for an array of D rows and W
/// columns (weight, input or output stationary; its formula, without stalls), for comparisons.
enum class TimingModel : uint8_t {
  Template,
  ScaleSimWeightStationary,
  ScaleSimInputStationary,
  ScaleSimOutputStationary
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
  Holds holds;
  TimingModel timing = TimingModel::Template;
  AreaModel areaModel = AreaModel::Components;
  /// Register block, DMA, arbiter, PHY: the rest of the die.
  SquareMillimetres otherArea;
  SquareMillimetres clusterArea; ///< control of each cluster
  /// Between the global buffer and each cluster: registers and alignment for each byte of the
  /// buffer's word, wires for each byte a cycle of the link, energy of a byte that crosses.
  SquareMillimetres wordArea, linkArea;
  JoulesPerByte linkEnergy;
  WattsPerSquareMillimetre logicLeakage;
  /// Share of the active leakage that remains while idle between inferences (1: never gated).
  double idleLeakageShare = 1;
  Hertz maxClock; ///< that the logic reaches at the voltage of its energies; zero: no limit

  int64_t macSlots() const { return clusters * array.width * array.depth; }
};

/// Why a machine cannot be costed.
struct MachineProblem {
  /// The component and its field at fault, by their names in accel and .cat: "array" "depth".
  /// Empty if it is the machine's own field.
  std::string component, field;
  /// What every such machine has in common, without figures: "the local SRAM holds two tiles of
  /// weights". Empty if the record itself is wrong (a table without entries), which no value of a
  /// searched parameter mends.
  std::string rule;
  std::string message; ///< with figures, and what to change
};

} // namespace cat::cost

#endif // CATC_COST_MACHINE_H
