// RUN: cat-opt %s -cost | FileCheck %s
// RUN: cat-opt %s -annotate-latency | FileCheck %s --check-prefix=LATENCY
// RUN: cat-opt %s -annotate-energy | FileCheck %s --check-prefix=ENERGY
// RUN: cat-opt %s -annotate-area | FileCheck %s --check-prefix=AREA
// RUN: cat-opt %s -annotate-carbon | FileCheck %s --check-prefix=CARBON
// RUN: not cat-opt %s -annotate-latency=workload=none 2>&1 | FileCheck %s --check-prefix=NONE
// All figures are computed by hand from the machine below.

// area: array 16 x 0.125 = 2, accumulators and residual rows 8 x (16 + 4) B x 0.0078125 = 1.25, requantiser 0.5, vector
// unit 4 x 0.125 and row buffers 6 x 32 B x 0.0078125 = 2, local 1, global 4, rest 1. peak: 2 x 16 x 1 GHz. embodied:
// 11.75 mm2 x (1e-3 + 1e-3 + 5e-3) / 0.5 = 0.1645, DRAM 0.1, package 0.25. operational: 3.688e-9 J x 1e9 x 1e-7, nothing
// idle.
// CHECK: accel.metrics = {area_mm2 = 1.175000e+01 : f64, carbon_kg = 0.5145003{{[0-9]*}} : f64, embodied_kg = {{5.145000e-01|0.5145000000000000[0-9]*|0.51449999999999[0-9]*}} : f64, energy_j = 3.68{{(8|79999)[0-9]*}}E-9 : f64, latency_s = 8.5{{(4|39999)[0-9]*}}E-7 : f64, operational_kg = 3.68{{(8|79999)[0-9]*}}E-7 : f64, peak_tops = 3.200000e-02 : f64}
// LATENCY: accel.metrics = {latency_s = 8.5{{(4|39999)[0-9]*}}E-7 : f64}}
// ENERGY: accel.metrics = {energy_j = 3.68{{(8|79999)[0-9]*}}E-9 : f64}}
// AREA: accel.metrics = {area_mm2 = 1.175000e+01 : f64, peak_tops = 3.200000e-02 : f64}}
// CARBON: accel.metrics = {carbon_kg = 0.5145003{{[0-9]*}} : f64, embodied_kg = {{.*}}, operational_kg = {{.*}}}}
// NONE: error: the module has no workload 'none'

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  accel.process @n22 {energy_per_area = 1.0e4, gas_per_area = 1.0e-3, material_per_area = 5.0e-3}
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0.125], accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16,
    mac_energy = 1.0e-12, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, row_bytes = 32, operation_energy = 1.0e-12}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}
space.carbon @use {fab = 1.0e-7, grid = 1.0e-7, yield = 0.5, lifetime = 1.0e8, inferences = 1.0e9, package = 0.25}

accel.workload @w {
  // The program: the copy, and three times the loop's body. 17 + 3 x (90 + 189) = 854 cycles.
  // CHECK: accel.program @p stage 0 {counts = #accel.counts<cycles = 854, macs = 384, requantizations = 96, local_read = 240, local_write = 240, global_read = 384, global_write = 368, dram_read = 176, vector_operations = 312, array_cycles = 270>}
  %p = accel.program @p -> tensor<8x4xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    // Two words at half a word a cycle, the DRAM's latency of 10, and 3 for start and end. 32 x (10 + 1) pJ.
    // CHECK: accel.copy {{.*}}counts = #accel.counts<cycles = 17, global_write = 32, dram_read = 32>{{.*}}energy = 3.5{{(2|19999)[0-9]*}}E-10 : f64
    %c = accel.copy %x {elements = 32, name = "c"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
    %l = accel.loop %c times(3) : tensor<8x4xi8> -> tensor<8x4xi8> {
    ^bb0(%i: tensor<8x4xi8>):
      // A tile: 8 rows of constants and 4 of weights, 48 B in three words that cross from DRAM and then to the local SRAM;
      // the operand's 32 B beside it. One depth step: no sum waits in the accumulators. The array reads what came. 128 MACs,
      // 160 B locally, 80 + 80 B of the global buffer and 10 x 48 pJ of DRAM. Cycles by the closed form.
      // CHECK: accel.gemm {{.*}}counts = #accel.counts<cycles = 90, macs = 128, requantizations = 32, local_read = 80, local_write = 80, global_read = 80, global_write = 80, dram_read = 48, array_cycles = 90>, energy = 9.280000e-10 : f64
      %g = accel.gemm %i {m = 8, n = 4, k = 4, batch = 1, parameters = 16, name = "g"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
      // 3 passes over 32 elements and an operation for each of 8 rows; a word of constants beside the operand. 104 + 80 pJ.
      // CHECK: accel.vector {{.*}}counts = #accel.counts<cycles = 189, global_read = 48, global_write = 32, vector_operations = 104>, energy = 1.840000e-10 : f64
      %v = accel.vector %g {function = "softmax", rows = 8, columns = 4, name = "v"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
      accel.yield %v : tensor<8x4xi8>
    }
    accel.yield %l : tensor<8x4xi8>
  }
  accel.return %p : tensor<8x4xi8>
}
