//===- PredictorBlock.h - A predictor from its .cat block -------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A `predictor` block reaches space IR as the configuration of a space.evaluator. Its keys
// (catlib/predictor.cat is the example):
//
//   metric, quantity, parent, source       strings; `quantity` is the key under which parents and
//   published models give the accuracy constant, sigma, sigma_outside, sigma_published,
//   sigma_recipe, shape_prior    numbers shape                                  list of sizes tower
//   NAME { exponent macs_low macs_high } parent NAME { model checkpoint calibrated source QUANTITY
//   } published NAME { model figures { QUANTITY } pruned_from calibration source }
//
// Parents and published models that give no such quantity are left out.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_PREDICTORBLOCK_H
#define CATC_EVAL_PREDICTORBLOCK_H

#include "Eval/Predictor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <string>
#include <variant>

namespace cat::eval {

struct PredictorBlock {
  PredictorData data;
  std::string checkpoint; ///< key `parent`: of the parent's weights
};

/// Reads the configuration of a predictor. Returns what is missing or of the wrong type in a
/// sentence that names the place in the block ("predictor 'x': 'tower text' lacks 'exponent'").
std::variant<PredictorBlock, std::string> readPredictorBlock(mlir::DictionaryAttr config);

/// Numeric sizes of a dictionary, such as the sizes of an nn.segment.
Sizes readSizes(mlir::DictionaryAttr dictionary);

} // namespace cat::eval

#endif // CATC_EVAL_PREDICTORBLOCK_H
