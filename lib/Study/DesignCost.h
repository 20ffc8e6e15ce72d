//===- DesignCost.h - One design through the pass pipeline ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// space IR -> bind -> nn -> accel -> annotated accel: the IR that a design is, and the metrics that
// the annotation passes leave in it. What the enumerator reports is checked against this, bit for
// bit.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_DESIGNCOST_H
#define CATC_STUDY_DESIGNCOST_H

#include "Carbon/Carbon.h"
#include "Study/Codesign.h"
#include "mlir/IR/OwningOpRef.h"

namespace cat::study {

enum class Stage { Space, NN, Accel, Linalg };

/// A copy of the module with one model and one machine, further models and machines (baselines,
/// parents) removed.
mlir::OwningOpRef<mlir::ModuleOp> isolateDesign(mlir::ModuleOp module, llvm::StringRef model,
                                                llvm::StringRef machine);

/// Takes an isolated module to a stage, in place. Accel needs every parameter bound, and leaves
/// `accel.metrics`; Linalg needs the model's, and leaves its function alone in the module.
llvm::LogicalResult runTo(mlir::ModuleOp module, Stage stage);

/// The metrics in a module taken to Stage::Accel.
carbon::Metrics readMetrics(mlir::ModuleOp module);

/// True if two designs have the same metrics, bit for bit; peak throughput after passing through
/// the unit that metrics are written in.
bool sameMetrics(const carbon::Metrics &a, const carbon::Metrics &b);

/// Costs a design through the IR: isolates, binds, lowers, annotates.
llvm::FailureOr<carbon::Metrics> costThroughIR(StudyOps ops, const ParameterTable &table,
                                               const Point &point);

/// The requirements that a design does not satisfy, by their labels or, without one, where they
/// stand: those of the study and of its hardware, and that its inferences fit into the lifetime.
/// `accuracy` may be null, and requirements on it then count as satisfied.
std::vector<std::string> violatedRequirements(StudyOps ops, const ParameterTable &table,
                                              const Point &point, const carbon::Metrics &metrics,
                                              const carbon::Deployment &deployment,
                                              const results::AccuracyRecord *accuracy);

/// Costs designs through the IR on several threads, each with a context of its own that is renewed
/// now and then: memory stays flat however many there are. Returns the first design (position in
/// `points`) whose metrics differ in any bit from Codesign::metrics, or that cannot be lowered,
/// with a description; nothing if all agree.
std::optional<std::string> verifyThroughIR(StudyOps ops, const Codesign &codesign,
                                           const std::vector<search::FrontPoint> &points,
                                           unsigned threads);

} // namespace cat::study

#endif // CATC_STUDY_DESIGNCOST_H
