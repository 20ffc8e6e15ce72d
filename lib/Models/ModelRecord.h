//===- ModelRecord.h - A model's sizes for other programs -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The record of a bound model (schema "catc.model/1"), as evaluators and emitted files have it:
//   {"schema", "family", "activation", "embed",
//    "segments": [{"name", "sizes": {NAME: integer}, "parent": {NAME: integer}}]}
// "embed" is the size of the embedding that all segments with sizes end in; "parent" are the sizes
// of the unpruned model, left out where there is none.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_MODELS_MODELRECORD_H
#define CATC_MODELS_MODELRECORD_H

#include "NN/NN.h"
#include "Weights/ClipConfig.h"
#include "llvm/Support/JSON.h"

namespace cat {

/// The activation of every feed-forward block; empty if the model has none.
std::string activationOf(nn::ModelOp model);

/// Why the graph is not that of the record: its pictures are of another size, which a workload may
/// ask for. Nothing if it is.
std::optional<std::string> whyNotAsRecorded(nn::ModelOp model);

/// Writes the record's attributes into the object that is open. The model's parameters are bound.
void writeModelRecord(llvm::json::OStream &out, nn::ModelOp model);

/// The record as a value.
llvm::json::Value modelRecord(nn::ModelOp model);

} // namespace cat

#endif // CATC_MODELS_MODELRECORD_H
