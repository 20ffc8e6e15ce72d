//===- Carbon.cpp - Embodied and operational carbon -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Carbon/Carbon.h"
#include <cmath>

using namespace cat;
using namespace cat::carbon;

// ACT (Gupta et al., ISCA'22), the numerator of equation 5.
KilogramsCO2ePerSquareMillimetre carbon::carbonPerArea(const Deployment &d) {
  return d.fab * d.node.energyPerArea + d.node.gasPerArea + d.node.materialPerArea;
}

double carbon::dieYield(const Yield &yield, SquareMillimetres die) {
  switch (yield.model) {
  case YieldModel::Fixed:
    return yield.fixed;
  case YieldModel::NegativeBinomial:
    return std::pow(1 + (die * yield.defectDensity).value() / yield.alpha, -yield.alpha);
  }
  return yield.fixed;
}

namespace {

/// Dies on a round wafer: pi d (d / 4A - 1 / sqrt(2A)) (de Vries 2005; ECO-CHIP, HPCA'24).
double diesPerWafer(Millimetres diameter, SquareMillimetres die) {
  double d = diameter.value(), a = die.value();
  return M_PI * d * (d / (4 * a) - 1 / std::sqrt(2 * a));
}

} // namespace

SquareMillimetres carbon::chargedArea(const Deployment &deployment, SquareMillimetres die) {
  Millimetres d = deployment.wafer;
  if (d.value() <= 0 || die.value() <= 0)
    return die;
  double dies = diesPerWafer(d, die);
  // A die that does not fit takes the wafer to itself.
  return d * d * (M_PI / 4) / (dies > 1 ? dies : 1);
}

EmbodiedBreakdown carbon::embodied(const Deployment &d, const cost::Machine &machine) {
  SquareMillimetres die = cost::area(machine).total();
  EmbodiedBreakdown e;
  e.die = carbonPerArea(d) * chargedArea(d, die) / dieYield(d.yield, die);
  e.dram = machine.dram.embodied * Bytes(static_cast<double>(machine.dram.capacity)) / d.dramYield;
  e.package = d.package * static_cast<double>(d.packages);
  e.design = d.design;
  e.training = (d.training + d.trainingEnergy * d.grid) / static_cast<double>(d.devices);
  return e;
}

MetricsModel::MetricsModel(const Deployment &d, const cost::Machine &machine)
    : rates_(machine), clock_(machine.clock), leakage_(cost::leakagePower(machine)),
      dramActive_(machine.dram.activePower), idle_(cost::idlePower(machine)),
      area_(cost::area(machine).total()), peak_(cost::peakThroughput(machine)),
      embodied_(carbon::embodied(d, machine).total()), grid_(d.grid), lifetime_(d.lifetime),
      inferences_(d.inferences), chargeIdle_(d.chargeIdle) {}

cost::EnergyBreakdown MetricsModel::energy(const cost::EventCounts &counts) const {
  cost::EnergyBreakdown e = rates_.dynamic(counts);
  Seconds elapsed(static_cast<double>(counts.cycles) / clock_.value());
  e.leakage = leakage_ * elapsed;
  e.dramActive = dramActive_ * elapsed;
  return e;
}

OperationalBreakdown MetricsModel::operational(const cost::EventCounts &counts) const {
  cost::EnergyBreakdown e = energy(counts);
  Joules active = e.leakage + e.dramActive, dynamic = e.total() - active;
  OperationalBreakdown o;
  o.dynamic = dynamic * inferences_ * grid_;
  o.activeStatic = active * inferences_ * grid_;
  if (chargeIdle_) {
    Seconds elapsed(static_cast<double>(counts.cycles) / clock_.value());
    o.idle = idle_ * (lifetime_ - elapsed * inferences_) * grid_;
  }
  return o;
}

Metrics MetricsModel::operator()(const cost::EventCounts &counts) const {
  Metrics m;
  m.latency = Seconds(static_cast<double>(counts.cycles) / clock_.value());
  m.energy = energy(counts).total();
  m.area = area_;
  m.peak = peak_;
  m.embodied = embodied_;
  m.operational = operational(counts).total();
  m.carbon = m.embodied + m.operational;
  return m;
}

OperationalBreakdown carbon::operational(const Deployment &d, const cost::Machine &machine,
                                         const cost::EventCounts &perInference) {
  return MetricsModel(d, machine).operational(perInference);
}

Metrics carbon::metrics(const Deployment &d, const cost::Machine &machine,
                        const cost::EventCounts &perInference) {
  return MetricsModel(d, machine)(perInference);
}

std::optional<std::string> carbon::checkDeployment(const Deployment &d) {
  auto inUnit = [](double y) { return y > 0 && y <= 1; };
  if (d.yield.model == YieldModel::Fixed && !inUnit(d.yield.fixed))
    return "the yield must be above 0 and at most 1";
  if (d.yield.model == YieldModel::NegativeBinomial &&
      (!(d.yield.defectDensity.value() >= 0) || !(d.yield.alpha > 0)))
    return "the defect density must not be negative, and alpha must be positive";
  if (!inUnit(d.dramYield))
    return "the DRAM yield must be above 0 and at most 1";
  if (!(d.fab.value() >= 0) || !(d.grid.value() >= 0))
    return "carbon intensities must not be negative";
  if (!(d.node.energyPerArea.value() >= 0) || !(d.node.gasPerArea.value() >= 0) ||
      !(d.node.materialPerArea.value() >= 0))
    return "the process node's figures must not be negative";
  if (!(d.wafer.value() >= 0))
    return "the wafer's diameter must not be negative";
  if (!(d.package.value() >= 0) || d.packages < 0 || !(d.design.value() >= 0))
    return "the carbon of packages and design must not be negative";
  if (!(d.training.value() >= 0) || !(d.trainingEnergy.value() >= 0))
    return "the carbon of training must not be negative";
  if (d.devices < 1)
    return "training is shared by at least one device";
  if (!(d.lifetime.value() > 0))
    return "the lifetime must be positive";
  if (!(d.inferences >= 0))
    return "the number of inferences must not be negative";
  return std::nullopt;
}

std::optional<double> carbon::metricValue(const Metrics &m, std::string_view name) {
  const std::pair<std::string_view, double> values[] = {
      {"latency", m.latency.value()},   {"energy", m.energy.value()},
      {"area", m.area.value()},         {"peak", m.peak.value()},
      {"embodied", m.embodied.value()}, {"operational", m.operational.value()},
      {"carbon", m.carbon.value()},
  };
  for (const auto &[known, value] : values)
    if (known == name)
      return value;
  return std::nullopt;
}

Seconds carbon::servedTime(const Deployment &deployment) {
  return deployment.lifetime / deployment.inferences;
}
