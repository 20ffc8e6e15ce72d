//===- Nvdla.h - NVDLA's published sizes as machines of the template ------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NVDLA (nvdla.org, primer) publishes area and power of seven sizes at 16 nm, without PHY, on
// ResNet-50. Its convolution buffer is our local SRAM (both hold inputs and weights, written while
// they are read), its single data processor our requantisers and vector lanes. What a conversion
// needs beyond the published row is stated here once, for the test and for docs/validation.md.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_COST_NVDLA_H
#define CATC_TEST_UNIT_COST_NVDLA_H

#include "Cost/Cost.h"
#include "Cost/Energy.h"
#include "Machines.h"
#include "References.h"
#include <algorithm>
#include <cmath>

namespace cat::cost::test {

/// From 22 to 16 nm: area by the exponent of the synthesised cells, energy by that of a MAC
/// between Horowitz's 45 nm and Jouppi's 7 nm (scripts/calibration.py).
inline const double kAreaTo16 = std::pow(16.0 / 22, 1.40), kEnergyTo16 = std::pow(16.0 / 22, 0.59);
inline constexpr double kResNet50Macs = 3.86e9;

struct NvdlaRow {
  std::string name;
  int64_t macs = 0, bufferKiB = 0;
  double area = 0, power = 0, peakPower = 0;      ///< published: mm2, W
  double imagesPerSecond = 0, bytesPerSecond = 0; ///< published, ResNet-50
};

inline std::vector<NvdlaRow> nvdlaRows(const std::vector<Record> &accelerators) {
  std::vector<NvdlaRow> rows;
  for (const Record &record : accelerators) {
    if (record.text("name").compare(0, 6, "NVDLA ") != 0)
      continue;
    const std::string &performance = record.text("perf_point");
    const std::string &condition = record.text("power_cond"); // "avg (peak 0.766)"
    rows.push_back({record.text("name"), record.integer("macs"), record.integer("onchip_sram_kb"),
                    record.number("area_mm2"), record.number("power_w"),
                    std::stod(condition.substr(condition.find("peak") + 4)), std::stod(performance),
                    std::stod(performance.substr(performance.find('@') + 1)) * 1e9});
  }
  return rows;
}

/// Channels in times channels out, of the published sizes: NVDLA's atomic operations.
inline Machine nvdlaMachine(const NvdlaRow &row) {
  int64_t depth = row.macs <= 64 ? 8 : row.macs <= 128 ? 16 : row.macs <= 512 ? 32 : 64;
  Machine m = edgeMachine({1, row.macs / depth, depth, 1, row.bufferKiB, 32});
  m.clock = Hertz(1e9);
  m.array.accumulatorRows = 64;
  m.array.outputRows = 16;
  m.vector.lanes = std::max<int64_t>(1, requantizersPerCluster(m.array) / 2);
  m.vector.rowBytes = 64; // convolutions have no rows to normalise
  return m;
}

/// mm2 of what NVDLA counts: one cluster without buffer behind it, PHY and rest.
inline double nvdlaArea(const NvdlaRow &row) {
  Machine m = nvdlaMachine(row);
  AreaBreakdown a = area(m);
  return (a.array + a.accumulators + a.requantizers + a.vector + a.local + m.clusterArea).value() *
         kAreaTo16;
}

/// W at the published rate of images: every step of W x D products reads D bytes and both ways its
/// W sums; weights stay for 64 rows; what the memory interface brings is written to the buffer.
/// `multiplied` is the share of multiplications that cost energy.
inline double nvdlaPower(const NvdlaRow &row, double multiplied = 1) {
  Machine m = nvdlaMachine(row);
  EventCounts second;
  second.cycles = second.arrayCycles = static_cast<int64_t>(m.clock.value());
  second.macs = static_cast<int64_t>(row.imagesPerSecond * kResNet50Macs);
  int64_t steps = second.macs / row.macs;
  second.accumulatorBytes = steps * 2 * 4 * m.array.width;
  second.localReadBytes = steps * m.array.depth + second.macs / m.array.accumulatorRows;
  second.localWriteBytes = static_cast<int64_t>(row.bytesPerSecond);
  second.macs = static_cast<int64_t>(static_cast<double>(second.macs) * multiplied);
  return EnergyRates(m).dynamic(second).total().value() * kEnergyTo16;
}

} // namespace cat::cost::test

#endif // CATC_TEST_UNIT_COST_NVDLA_H
