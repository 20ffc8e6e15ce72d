//===- Carbon.h - Embodied and operational carbon ---------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ACT (Gupta et al., ISCA'22): embodied carbon = area (CI_fab EPA + GPA + MPA) / yield + DRAM +
// packages; operational carbon = energy x CI_grid. The plain form of a fully bound space.carbon.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_CARBON_CARBON_H
#define CATC_CARBON_CARBON_H

#include "Cost/Cost.h"
#include "Cost/Energy.h"
#include "Support/Quantity.h"
#include <optional>
#include <string>
#include <string_view>

namespace cat::carbon {

/// A manufacturing process node with ACT's factors.
struct ProcessNode {
  std::string name;
  JoulesPerSquareMillimetre energyPerArea;          ///< EPA
  KilogramsCO2ePerSquareMillimetre gasPerArea;      ///< GPA at the fab's abatement
  KilogramsCO2ePerSquareMillimetre materialPerArea; ///< MPA
};

enum class YieldModel : uint8_t { Fixed, NegativeBinomial };

struct Yield {
  YieldModel model = YieldModel::Fixed;
  double fixed = 1;                  ///< Fixed
  PerSquareMillimetre defectDensity; ///< NegativeBinomial: (1 + A D0 / alpha)^-alpha
  double alpha = 10;
};

struct Deployment {
  ProcessNode node;
  CarbonIntensity fab;
  CarbonIntensity grid;
  Yield yield;
  /// Yield that DRAM is divided by.
  double dramYield = 1;
  /// Wafer diameter; zero charges no wafer-edge loss.
  Millimetres wafer;
  KilogramsCO2e package; ///< per packaged die
  int64_t packages = 1;
  /// Design carbon per unit (already divided by the volume).
  KilogramsCO2e design;
  /// Carbon and energy (from the grid) of training the model that is deployed, for all devices.
  KilogramsCO2e training;
  Joules trainingEnergy;
  int64_t devices = 1; ///< that share the training
  Seconds lifetime;
  double inferences = 0; ///< over the lifetime
  /// Charge idle leakage and DRAM self-refresh over the lifetime.
  bool chargeIdle = true;
};

/// Carbon per area of good silicon before yield: CI_fab EPA + GPA + MPA.
KilogramsCO2ePerSquareMillimetre carbonPerArea(const Deployment &deployment);

/// Share of dies that work.
double dieYield(const Yield &yield, SquareMillimetres die);

/// Silicon area charged to one die, wafer-edge loss included (>= die).
SquareMillimetres chargedArea(const Deployment &deployment, SquareMillimetres die);

/// What is spent before a device does anything. `training` is its share of the model's: like
/// package and design, it is the same for every design.
struct EmbodiedBreakdown {
  KilogramsCO2e die, dram, package, design, training;
  KilogramsCO2e total() const { return die + dram + package + design + training; }
};
EmbodiedBreakdown embodied(const Deployment &deployment, const cost::Machine &machine);

struct OperationalBreakdown {
  KilogramsCO2e dynamic, activeStatic, idle; ///< over the lifetime
  KilogramsCO2e total() const { return dynamic + activeStatic + idle; }
};
/// Affine in the counts: idle time is the lifetime less the time spent running. A design too slow
/// for its workload would get a negative idle part; it is the caller's duty to reject it
/// (inferences x latency > lifetime).
OperationalBreakdown operational(const Deployment &deployment, const cost::Machine &machine,
                                 const cost::EventCounts &perInference);

/// Every exact metric of a design. The one place where counts become figures.
struct Metrics {
  Seconds latency;
  Joules energy; ///< per inference: dynamic, and static while running
  SquareMillimetres area;
  OperationsPerSecond peak;
  KilogramsCO2e embodied, operational, carbon;
};

/// A metric by the name that specs give it ("latency", "peak" ...), in its base unit; nothing for
/// another name.
std::optional<double> metricValue(const Metrics &metrics, std::string_view name);

/// What one inference may take at most, so that all of them fit into the lifetime.
Seconds servedTime(const Deployment &deployment);

/// The metrics of one hardware point as a function of the counts, with what does not depend on them
/// computed once. Gives the same bits as the functions above.
class MetricsModel {
public:
  MetricsModel(const Deployment &deployment, const cost::Machine &machine);

  Metrics operator()(const cost::EventCounts &perInference) const;
  cost::EnergyBreakdown energy(const cost::EventCounts &perInference) const;
  OperationalBreakdown operational(const cost::EventCounts &perInference) const;

private:
  cost::EnergyRates rates_;
  Hertz clock_;
  Watts leakage_, dramActive_, idle_;
  SquareMillimetres area_;
  OperationsPerSecond peak_;
  KilogramsCO2e embodied_;
  CarbonIntensity grid_;
  Seconds lifetime_;
  double inferences_ = 0;
  bool chargeIdle_ = true;
};

Metrics metrics(const Deployment &deployment, const cost::Machine &machine,
                const cost::EventCounts &perInference);

/// Why a deployment cannot be costed, or nothing.
std::optional<std::string> checkDeployment(const Deployment &deployment);

} // namespace cat::carbon

#endif // CATC_CARBON_CARBON_H
