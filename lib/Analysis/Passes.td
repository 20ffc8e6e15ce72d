//===- Passes.td - Cost annotations ------------------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each pass writes its figures to the ops (`counts`, `energy`) and its metrics to the module's `accel.metrics`, and remarks
// say where they come from. They call the functions of Cost and Carbon and know CostOpInterface only.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ANALYSIS_PASSES_TD
#define CATC_ANALYSIS_PASSES_TD

include "mlir/Pass/PassBase.td"

class AnnotationPass<string argument> : Pass<argument, "::mlir::ModuleOp"> {
  let options = [
    Option<"machineName", "machine", "std::string", "\"\"",
           "Symbol of the machine; the module's only machine by default">,
    Option<"workloadName", "workload", "std::string", "\"\"",
           "Symbol of the workload; the module's only workload by default">
  ];
  let dependentDialects = ["::cat::accel::AccelDialect", "::cat::space::SpaceDialect"];
}

def AnnotateLatency : AnnotationPass<"annotate-latency"> {
  let summary = "Count the events of every operator; latency_s";
  let description = [{
    Sets `counts` of every operator (one execution) and program (all of it), and
    the metric `latency_s`. Tested by test/Analysis/annotate*.mlir.
  }];
}

def AnnotateEnergy : AnnotationPass<"annotate-energy"> {
  let summary = "Energy of every operator; energy_j";
  let description = [{
    Sets `energy` of every operator (J, one execution, static power while it
    runs included) and the metric `energy_j`. The metric is computed from the
    total counts, not from the operators' energies. Tested by
    test/Analysis/annotate*.mlir.
  }];
}

def AnnotateArea : AnnotationPass<"annotate-area"> {
  let summary = "Area and peak throughput of the machine; area_mm2, peak_tops";
  let description = "Tested by test/Analysis/annotate*.mlir.";
}

def AnnotateCarbon : AnnotationPass<"annotate-carbon"> {
  let summary = "Carbon of the design; embodied_kg, operational_kg, carbon_kg";
  let description = [{
    Needs a `space.carbon` op and the machine's `accel.process`. Tested by
    test/Analysis/annotate*.mlir.
  }];
}

#endif // CATC_ANALYSIS_PASSES_TD
