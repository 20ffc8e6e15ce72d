//===- EmitFixture.h - A design as the emitters get it ----------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_EMIT_EMITFIXTURE_H
#define CATC_TEST_UNIT_EMIT_EMITFIXTURE_H

#include "../Study/SpecFixture.h"
#include "Study/DesignCost.h"
#include "Transforms/Bind.h"
#include "llvm/Support/JSON.h"
#include <vector>

namespace cat::emit {

/// A spec with few values of each kind: sizes of a pruned text tower, a quantity with a unit, and a
/// choice of blocks.
inline const char *const kSpec = R"(
  import "catlib/carbon.cat"   as carbon;
  import "catlib/memory.cat"   as memory;
  import "catlib/openclip.cat" as openclip;
  import "catlib/edge_npu.cat" as npu;
  model clip : openclip.vit_b_16 {
    tower text { search layers in {6, 12}; search heads in {6, 8}; search ffn in {1000, 2048}; }
  }
  hardware edge : npu.weight_stationary {
    clusters = 2; array_width = 64; local_bandwidth = 64 B/cycle;
    search dram       in {memory.lpddr4, memory.lpddr4x};
    search local_sram in {64, 128} KiB;
  }
  carbon footprint {
    fab = carbon.taiwan_2023; grid = carbon.california_2024;
    lifetime = 3 years; inferences = 1e6;
  }
  study small { model = clip; hardware = edge; carbon = footprint; minimize carbon; }
)";

/// One design of a study: its record, its bound graph and its costed program.
struct EmittedDesign {
  EmittedDesign(study::LoadedStudy &loaded, const study::Point &point) {
    study::ParameterTable table = loaded.table();
    record.id = table.idOf(point);
    record.parameters = table.recordsAt(point);
    bound = study::isolateDesign(loaded.ops.module, loaded.ops.model.getSymName(),
                                 loaded.ops.machine.getSymName());
    if (failed(bind(*bound, table.literalsAt(point))) ||
        failed(study::runTo(*bound, study::Stage::NN)))
      throw std::runtime_error("the design cannot be bound");
    annotated = bound->clone();
    if (failed(study::runTo(*annotated, study::Stage::Accel)))
      throw std::runtime_error("the design cannot be costed");
    record.exact = study::readMetrics(*annotated);
  }

  results::DesignRecord record;
  mlir::OwningOpRef<mlir::ModuleOp> bound, annotated;
};

/// The text as a JSON object; a failure of the test if it is none.
inline llvm::json::Object parseObject(llvm::StringRef text) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError()) << "\n" << text.str();
    return {};
  }
  llvm::json::Object *object = value->getAsObject();
  EXPECT_NE(object, nullptr) << text.str();
  return object ? *object : llvm::json::Object();
}

/// A member that is an object, or an empty one and a failure of the test.
inline const llvm::json::Object &objectAt(const llvm::json::Object &parent, llvm::StringRef key) {
  static const llvm::json::Object kEmpty;
  const llvm::json::Object *object = parent.getObject(key);
  EXPECT_NE(object, nullptr) << key.str();
  return object ? *object : kEmpty;
}

inline const llvm::json::Array &arrayAt(const llvm::json::Object &parent, llvm::StringRef key) {
  static const llvm::json::Array kEmpty;
  const llvm::json::Array *array = parent.getArray(key);
  EXPECT_NE(array, nullptr) << key.str();
  return array ? *array : kEmpty;
}

inline std::string textAt(const llvm::json::Object &parent, llvm::StringRef key) {
  std::optional<llvm::StringRef> text = parent.getString(key);
  EXPECT_TRUE(text.has_value()) << key.str();
  return text.value_or("").str();
}

inline double numberAt(const llvm::json::Object &parent, llvm::StringRef key) {
  std::optional<double> value = parent.getNumber(key);
  EXPECT_TRUE(value.has_value()) << key.str();
  return value.value_or(0);
}

inline int64_t integerAt(const llvm::json::Object &parent, llvm::StringRef key) {
  std::optional<int64_t> value = parent.getInteger(key);
  EXPECT_TRUE(value.has_value()) << key.str();
  return value.value_or(0);
}

} // namespace cat::emit

#endif // CATC_TEST_UNIT_EMIT_EMITFIXTURE_H
