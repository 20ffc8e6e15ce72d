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
    in J. `style` is `vector_mac` (lanes of adder trees) or `systolic`;
    `output_rows` of results can wait for the link to the global buffer.
    `cell_area`, and `systolic_cell_area` for that style, are
    tabulated over `cell_depths`; `register_area` is a bit of the registers that
    skew a systolic array. `accumulator_area` (per byte) and
    `accumulator_width_area` (per byte of a row) are those of the accumulators
    and of the FIFO of residual rows, `fifo_area` a byte of the rows that wait for
    the way out, `lane_area` what each lane has besides.
    `requantize_energy` is charged for each result.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    ParamAttr:$instances, ParamAttr:$width, ParamAttr:$depth, ParamAttr:$accumulator_rows,
    OptionalAttr<ParamStrAttr>:$style, OptionalAttr<ParamAttr>:$output_rows,
    OptionalAttr<ParamAttr>:$accumulator_bytes,
    ParamListAttr:$cell_depths, ParamListAttr:$cell_area,
    OptionalAttr<ParamListAttr>:$systolic_cell_area, OptionalAttr<ParamAttr>:$register_area,
    ParamAttr:$accumulator_area, OptionalAttr<ParamAttr>:$accumulator_width_area,
    OptionalAttr<ParamAttr>:$lane_area, OptionalAttr<ParamAttr>:$fifo_area,
    ParamAttr:$requantizer_area, OptionalAttr<ParamAttr>:$macs_per_requantizer,
    ParamAttr:$mac_energy, ParamAttr:$accumulator_energy, ParamAttr:$clock_energy,
    OptionalAttr<ParamAttr>:$requantize_energy, OptionalAttr<ParamStrAttr>:$source);
}

def Accel_VectorUnitOp : Accel_ComponentOp<"vector_unit"> {
  let summary = "the vector unit, one in each cluster";
  let description = [{
    One element operation per lane and cycle; rows of softmax and the norms have
    at most `row_bytes` elements (4096 unless given). Areas of a lane and of what the unit
    has besides (`unit_area`) in mm2, energy in J.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$lanes, ParamAttr:$lane_area,
    OptionalAttr<ParamAttr>:$row_bytes, OptionalAttr<ParamAttr>:$unit_area, ParamAttr:$operation_energy, OptionalAttr<ParamStrAttr>:$source);
}

def Accel_MemoryOp : Accel_ComponentOp<"memory"> {
  let summary = "one level of on-chip memory: @local (per cluster) or @global (shared)";
  let description = [{
    `capacity` in bytes per instance, `bandwidth` in bytes per cycle; energies in
    J/B for a word of `base_width` bytes, areas of cells in mm2/B, leakage in
    W/B, tabulated over `capacities`. An access of B bytes costs in proportion to
    B + `access_overhead`; a bank's periphery takes `area_per_width` for each byte
    of its word, `area_per_word` for each word, and `area_per_bank`; a second port
    multiplies area and energy by `port_area` and `port_energy`. `orders`, of the
    local memory, are what its sequencer can hold there: an `input` chunk, the
    `weight`s of a column step, or neither (`output`).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$capacity, ParamAttr:$bandwidth,
    OptionalAttr<ParamAttr>:$instances, OptionalAttr<ParamListAttr>:$orders,
    ParamListAttr:$capacities, ParamListAttr:$read_energy, ParamListAttr:$write_energy,
    ParamListAttr:$area, ParamAttr:$leakage, OptionalAttr<ParamAttr>:$base_width,
    OptionalAttr<ParamAttr>:$access_overhead, OptionalAttr<ParamAttr>:$area_per_width,
    OptionalAttr<ParamAttr>:$area_per_word, OptionalAttr<ParamAttr>:$area_per_bank,
    OptionalAttr<ParamAttr>:$port_area, OptionalAttr<ParamAttr>:$port_energy,
    OptionalAttr<ParamStrAttr>:$source);
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
    `area` and, of each cluster's control, `cluster_area` in mm2; between the
    global buffer and each cluster `word_area` for each byte of the buffer's word,
    `link_area` for each byte a cycle of the link, and `link_energy` in J/B.
    `leakage` of all logic in W/mm2. `max_clock` in hertz is what the logic
    reaches at the voltage of its energies; without it there is no limit. `area_model` is `components` (the sum of the
    parts) or `catransformers`. `timing_model`, of GEMMs, is `template` (the
    emitted machine) or, for comparisons, SCALE-Sim's `scalesim_ws`,
    `scalesim_is` or `scalesim_os`.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ParamAttr:$area, ParamAttr:$leakage,
    OptionalAttr<ParamAttr>:$cluster_area, OptionalAttr<ParamAttr>:$word_area,
    OptionalAttr<ParamAttr>:$link_area, OptionalAttr<ParamAttr>:$link_energy,
    OptionalAttr<ParamAttr>:$idle_leakage_share, OptionalAttr<ParamAttr>:$max_clock,
    OptionalAttr<ParamStrAttr>:$area_model,
    OptionalAttr<ParamStrAttr>:$timing_model,
    OptionalAttr<ParamStrAttr>:$source);
}

#endif // CATC_ACCEL_MACHINE_OPS_TD
