//===- AccelMachineOps.td - Components of a machine --------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_ACCEL_MACHINE_OPS_TD
#define CATC_ACCEL_MACHINE_OPS_TD

include "mlir/IR/SymbolInterfaces.td"
include "Accel/AccelDialect.td"
include "Interfaces/CatInterfaces.td"

class Accel_Op<string mnemonic, list<Trait> traits = []> : Op<Accel_Dialect, mnemonic, traits>;

class Accel_ComponentOp<string mnemonic, list<Trait> traits = []>
    : Accel_Op<mnemonic, !listconcat([HasParent<"MachineOp">,
        DeclareOpInterfaceMethods<ComponentOpInterface>], traits)> {
  let assemblyFormat = "$sym_name attr-dict";
}

def Accel_MachineOp : Accel_Op<"machine",
    [Symbol, SymbolTable, IsolatedFromAbove, NoTerminator, NoRegionArguments, SingleBlock]> {
  let summary = "an accelerator";
  let description = [{
    `clock` is in hertz, `precision` in bits per operand. All attributes, here
    and in the components, may be parametric until bound.

    ```mlir
    accel.machine @edge attributes {clock = 6.25e8, precision = 8 : i64} {
      accel.array @pe {...}
      accel.memory @local {...}
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$clock, ParamAttr:$precision);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Accel_ProcessOp : Accel_Op<"process", [HasParent<"MachineOp">]> {
  let summary = "the manufacturing node, with ACT's factors";
  let description = [{
    J/mm2 and kgCO2e/mm2.

    ```mlir
    accel.process @tsmc_22nm {energy_per_area = 3.87e4, gas_per_area = 1.88e-3,
                              material_per_area = 5.0e-3}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$energy_per_area, ParamAttr:$gas_per_area,
                       ParamAttr:$material_per_area, OptionalAttr<ParamAttr>:$feature,
                       OptionalAttr<ParamStrAttr>:$source);
  let assemblyFormat = "$sym_name attr-dict";
}

def Accel_ArrayOp : Accel_ComponentOp<"array"> {
  let summary = "the MAC array, one in each cluster";
  let description = [{
    `width` lanes (the N direction) of `depth` rows (K). Areas in mm2, energies
    in J. `cell_area` is tabulated over `cell_depths`.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    ParamAttr:$instances, ParamAttr:$width, ParamAttr:$depth, ParamAttr:$accumulator_rows,
    OptionalAttr<ParamAttr>:$accumulator_bytes,
    ParamListAttr:$cell_depths, ParamListAttr:$cell_area, ParamAttr:$accumulator_area,
    ParamAttr:$requantizer_area, OptionalAttr<ParamAttr>:$macs_per_requantizer,
    ParamAttr:$mac_energy, ParamAttr:$accumulator_energy, ParamAttr:$clock_energy,
    OptionalAttr<ParamStrAttr>:$source);
}

def Accel_VectorUnitOp : Accel_ComponentOp<"vector_unit"> {
  let summary = "the vector unit, one in each cluster";
  let description = "One element operation per lane and cycle. Area in mm2, energy in J.";
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$lanes, ParamAttr:$lane_area,
    ParamAttr:$operation_energy, OptionalAttr<ParamStrAttr>:$source);
}

def Accel_MemoryOp : Accel_ComponentOp<"memory"> {
  let summary = "one level of on-chip memory: @local (per cluster) or @global (shared)";
  let description = [{
    `capacity` in bytes per instance, `bandwidth` in bytes per cycle; energies in
    J/B, areas in mm2/B, leakage in W/B, tabulated over `capacities`. `orders`
    are the loop orders that the level's sequencer can run.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$capacity, ParamAttr:$bandwidth,
    OptionalAttr<ParamAttr>:$instances, OptionalAttr<ParamListAttr>:$orders,
    ParamListAttr:$capacities, ParamListAttr:$read_energy, ParamListAttr:$write_energy,
    ParamListAttr:$area, ParamAttr:$leakage, OptionalAttr<ParamAttr>:$base_width,
    OptionalAttr<ParamAttr>:$energy_per_doubling, OptionalAttr<ParamAttr>:$area_per_doubling,
    OptionalAttr<ParamAttr>:$area_per_width, OptionalAttr<ParamStrAttr>:$source);
  let hasVerifier = 1;
}

def Accel_DramOp : Accel_ComponentOp<"dram"> {
  let summary = "the DRAM channel";
  let description = [{
    Bandwidth in B/s, shared by reads and writes; `efficiency` is the share that
    streams reach. `embodied` in kgCO2e/B before yield.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<ParamStrAttr>:$type,
    ParamAttr:$capacity, ParamAttr:$bandwidth, OptionalAttr<ParamAttr>:$efficiency,
    OptionalAttr<ParamAttr>:$latency, ParamAttr:$energy, OptionalAttr<ParamAttr>:$active_power,
    OptionalAttr<ParamAttr>:$idle_power, ParamAttr:$embodied, OptionalAttr<ParamStrAttr>:$source);
}

def Accel_LogicOp : Accel_ComponentOp<"logic"> {
  let summary = "the rest of the die, and how its area is computed";
  let description = [{
    `area` in mm2, `leakage` of all logic in W/mm2. `area_model` is
    `components` (the sum of the parts) or `catransformers`.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$area, ParamAttr:$leakage,
    OptionalAttr<ParamAttr>:$idle_leakage_share, OptionalAttr<ParamStrAttr>:$area_model,
    OptionalAttr<ParamStrAttr>:$source);
}

#endif // CATC_ACCEL_MACHINE_OPS_TD
