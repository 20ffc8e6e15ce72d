//===- DimensionTest.cpp - Tests of dimensions, units and spelling --------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Dimension.h"
#include "Frontend/Spelling.h"
#include "Support/Quantity.h"
#include "gtest/gtest.h"
#include <set>

using namespace cat::frontend;

TEST(Dimension, ProductsAndQuotientsAddExponents) {
  EXPECT_EQ(dim::data / dim::time, dim::dataRate);
  EXPECT_EQ(dim::power * dim::time, dim::energy);
  EXPECT_EQ(dim::carbon / dim::energy, dim::carbonIntensity);
  EXPECT_TRUE((dim::time / dim::time).isNone());
  EXPECT_EQ(dim::length.power(2), dim::area);
  EXPECT_EQ(dim::length.power(-2), dim::perArea);
}

TEST(Dimension, SquareRootNeedsEvenExponents) {
  EXPECT_EQ(dim::area.squareRoot(), dim::length);
  EXPECT_FALSE(dim::time.squareRoot().has_value());
}

TEST(Dimension, ExponentsDoNotOverflow) {
  Dimension d = dim::time;
  for (int i = 0; i < 100; ++i)
    d = d.power(1000000) * d;
  EXPECT_FALSE(d.isNone());
}

TEST(Dimension, IsDescribed) {
  EXPECT_EQ(dim::none.describe(), "a number");
  EXPECT_EQ(dim::data.describe(), "a data size");
  EXPECT_EQ(dim::energyPerByte.power(2).describe(), "a quantity in J^2/B^2");
  EXPECT_EQ((dim::carbon / dim::area).baseUnits(), "kgCO2e/mm2");
}

TEST(Unit, NamesAreUniqueAndFound) {
  std::set<std::string> names;
  for (const Unit &unit : allUnits()) {
    EXPECT_TRUE(names.insert(unit.name.str()).second) << unit.name.str();
    EXPECT_EQ(lookupUnit(unit.name), &unit);
    EXPECT_GT(unit.scale(), 0) << unit.name.str();
  }
  EXPECT_EQ(lookupUnit("MIB"), nullptr);
}

/// Base units per unit, against values stated independently.
TEST(Unit, ScalesAreThoseOfTheSiAndIec) {
  EXPECT_EQ(lookupUnit("kWh")->scale(), 3.6e6);
  EXPECT_EQ(lookupUnit("KiB")->scale(), 1024);
  EXPECT_EQ(lookupUnit("GiB")->scale(), 1024.0 * 1024 * 1024);
  EXPECT_EQ(lookupUnit("bit")->scale(), 0.125);
  EXPECT_EQ(lookupUnit("year")->scale(), 365.0 * 24 * 3600);
  EXPECT_EQ(lookupUnit("um2")->scale(), 1e-6);
  EXPECT_EQ(lookupUnit("cm2")->scale(), 100);
  EXPECT_EQ(lookupUnit("nm")->scale(), 1e-6);
  EXPECT_EQ(lookupUnit("gCO2e")->scale(), 1e-3);
  EXPECT_EQ(lookupUnit("fJ")->scale(), 1e-15);
  EXPECT_EQ(lookupUnit("MHz")->dimension, dim::frequency);
}

TEST(Unit, QuotientsHaveScales) {
  EXPECT_DOUBLE_EQ(parseUnit("gCO2e/kWh")->scale, 1e-3 / 3.6e6);
  EXPECT_DOUBLE_EQ(parseUnit("1/cm2")->scale, 0.01);
  EXPECT_DOUBLE_EQ(parseUnit("B/cycle")->scale, 1);
  EXPECT_DOUBLE_EQ(parseUnit("KiB / cycle")->scale, 1024);
  EXPECT_DOUBLE_EQ(parseUnit("mJ*ms^2/KiB")->scale, 1e-3 * 1e-6 / 1024);
  EXPECT_EQ(parseUnit("gCO2e/kWh")->dimension, dim::carbonIntensity);
  for (const char *text : {"", "B/parsec", "B/", "B//s", "B*", "^2", "s^", "s^x"})
    EXPECT_FALSE(parseUnit(text).has_value()) << text;
}

/// What baseUnits() writes can be read again, so that the unit in which a goal is shown tells its
/// dimension.
TEST(Unit, BaseUnitsAreUnits) {
  for (const Dimension &d :
       {dim::none, dim::energy * dim::time, dim::carbon * dim::time.power(2) / dim::energy,
        dim::none / dim::carbon, dim::length.power(3) / dim::data.power(2), dim::powerPerArea}) {
    std::optional<WrittenUnit> unit = parseUnit(d.baseUnits());
    ASSERT_TRUE(unit.has_value()) << d.baseUnits();
    EXPECT_EQ(unit->dimension, d) << d.baseUnits();
    EXPECT_EQ(unit->scale, 1) << d.baseUnits();
  }
}

/// The example in "needs a unit of frequency, e.g. '625 MHz'" must itself be right.
TEST(Unit, CustomaryUnitsAreUnits) {
  for (const Dimension &d :
       {dim::time,          dim::frequency,       dim::length,        dim::area,
        dim::perArea,       dim::areaPerByte,     dim::energy,        dim::energyPerByte,
        dim::energyPerArea, dim::power,           dim::powerPerByte,  dim::powerPerArea,
        dim::carbon,        dim::carbonIntensity, dim::carbonPerArea, dim::carbonPerByte,
        dim::data,          dim::dataRate,        dim::operations,    dim::operationRate,
        dim::pixels})
    EXPECT_EQ(parseUnit(customaryUnit(d)).value().dimension, d) << customaryUnit(d);
}

TEST(Unit, SuggestsWhatWasMeant) {
  EXPECT_EQ(suggestUnit("MIB"), "'MiB'");
  EXPECT_EQ(suggestUnit("KB"), "'KiB' (1024 B) or 'kB' (1000 B)");
  EXPECT_EQ(suggestUnit("yaers"), "'years'");
  EXPECT_EQ(suggestUnit("parsec"), "");
}

TEST(Spelling, FindsTheNearestName) {
  EXPECT_EQ(nearestName("modle", {"node", "model"}), "model"); // two letters swapped are one slip
  EXPECT_EQ(nearestName("latncy", {"area", "latency"}), "latency");
  EXPECT_EQ(nearestName("clusters", {"clusters"}), ""); // itself
  EXPECT_EQ(nearestName("x", {"y"}), "");
  EXPECT_EQ(nearestName("area", {"energy"}), "");
  EXPECT_EQ(nearestName(std::string(100000, 'a'), {"area"}), "");
}
