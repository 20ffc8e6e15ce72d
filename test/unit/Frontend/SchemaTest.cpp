//===- SchemaTest.cpp - Tests that keys and op attributes agree -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Schema.h"
#include "Accel/Accel.h"
#include "Space/Space.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <set>

using namespace cat;
using namespace cat::frontend;

namespace {

/// The keys of a kind; those of the blocks it refers to in place of the reference.
std::set<std::string> flatKeys(llvm::StringRef name) {
  std::set<std::string> keys;
  for (const KeySchema &key : lookupKind(name)->keys) {
    if (key.type == KeyType::Block)
      for (const std::string &inner : flatKeys(key.blockKind))
        keys.insert(inner);
    else
      keys.insert(key.name.str());
  }
  return keys;
}

template <typename Op> std::set<std::string> attributesOf() {
  std::set<std::string> names;
  for (llvm::StringRef name : Op::getAttributeNames())
    if (name != mlir::SymbolTable::getSymbolAttrName())
      names.insert(name.str());
  return names;
}

} // namespace

/// A component's keys are its op's attributes: a key that the op does not know would be lost in
/// silence.
TEST(Schema, ComponentKeysAreOpAttributes) {
  EXPECT_EQ(flatKeys("array"), attributesOf<accel::ArrayOp>());
  EXPECT_EQ(flatKeys("vector"), attributesOf<accel::VectorUnitOp>());
  EXPECT_EQ(flatKeys("memory"), attributesOf<accel::MemoryOp>());
  EXPECT_EQ(flatKeys("dram"), attributesOf<accel::DramOp>());
  EXPECT_EQ(flatKeys("logic"), attributesOf<accel::LogicOp>());
  EXPECT_EQ(flatKeys("node"), attributesOf<accel::ProcessOp>());
}

TEST(Schema, CarbonKeysAreOpAttributes) {
  std::set<std::string> keys = flatKeys("carbon"), attributes = attributesOf<space::CarbonOp>();
  for (const std::string &key : flatKeys("yield_model"))
    keys.insert(key);
  attributes.erase("sources");
  // A key of two dimensions is two attributes.
  const KeySchema *training = lookupKind("carbon")->lookup("training");
  ASSERT_TRUE(training);
  EXPECT_EQ(training->alternative, dim::energy);
  keys.insert("training_energy");
  EXPECT_EQ(keys, attributes);
}

TEST(Schema, NestedKindsExist) {
  for (const KindSchema &kind : allKinds()) {
    for (llvm::StringRef nested : kind.nested)
      EXPECT_NE(lookupKind(nested), nullptr) << kind.name.str() << " " << nested.str();
    for (const KeySchema &key : kind.keys) {
      if (key.type == KeyType::Block && key.blockKind != "evaluator") {
        EXPECT_NE(lookupKind(key.blockKind), nullptr) << key.blockKind.str();
      }
    }
  }
}

TEST(Schema, MetricsAreShownInAUnitOfTheirDimension) {
  for (const MetricSchema &metric : allMetrics())
    EXPECT_TRUE(parseUnit(metric.unit).has_value()) << metric.name.str();
}

/// Nothing that the language knows is missing from its reference.
TEST(Schema, ReferenceNamesEverything) {
  auto buffer = llvm::MemoryBuffer::getFile(CATC_SOURCE_DIR "/grammar/LANGUAGE.md");
  ASSERT_TRUE(buffer);
  llvm::StringRef text = (*buffer)->getBuffer();
  auto expect = [&](llvm::StringRef name, const char *suffix) {
    EXPECT_TRUE(text.contains(("`" + name + suffix + "`").str())) << name.str() << suffix;
  };
  for (const Unit &unit : allUnits())
    expect(unit.name, "");
  for (const MetricSchema &metric : allMetrics())
    expect(metric.name, "");
  for (const KindSchema &kind : allKinds()) {
    expect(kind.name, "");
    for (const KeySchema &key : kind.keys)
      expect(key.name, key.required || kind.name == "model" ? "" : "?");
  }
}
