// RUN: cat-opt %s -cost | FileCheck %s
// RUN: cat-opt %s -annotate-latency | FileCheck %s --check-prefix=LATENCY
// RUN: cat-opt %s -annotate-energy | FileCheck %s --check-prefix=ENERGY
// RUN: cat-opt %s -annotate-area | FileCheck %s --check-prefix=AREA
// RUN: cat-opt %s -annotate-carbon | FileCheck %s --check-prefix=CARBON
// RUN: not cat-opt %s -annotate-latency=workload=none 2>&1 | FileCheck %s --check-prefix=NONE
// All figures are computed by hand from the machine below.

// area: array 16 x 0.125 = 2, accumulators 128 B x 0.0078125 = 1, requantiser 0.5, vector unit 4 x 0.125 = 0.5,
// local 1, global 4, rest 1. peak: 2 x 16 x 1 GHz. embodied: 10 mm2 x (1e-3 + 1e-3 + 5e-3) / 0.5 = 0.14, DRAM 0.1,
// package 0.25. operational: 2.488e-9 J x 1e9 x 1e-7, nothing idle.
// CHECK: accel.metrics = {area_mm2 = 1.000000e+01 : f64, carbon_kg = 0.49000024{{[0-9]*}} : f64, embodied_kg = {{4.900000e-01|0.4900000000000000[0-9]*|0.48999999999999[0-9]*}} : f64, energy_j = 2.48{{(8|79999)[0-9]*}}E-9 : f64, latency_s = 2.540000e-07 : f64, operational_kg = 2.48{{(8|79999)[0-9]*}}E-7 : f64, peak_tops = 3.200000e-02 : f64}
// LATENCY: accel.metrics = {latency_s = 2.540000e-07 : f64}}
// ENERGY: accel.metrics = {energy_j = 2.48{{(8|79999)[0-9]*}}E-9 : f64}}
// AREA: accel.metrics = {area_mm2 = 1.000000e+01 : f64, peak_tops = 3.200000e-02 : f64}}
// CARBON: accel.metrics = {carbon_kg = 0.49000024{{[0-9]*}} : f64, embodied_kg = {{.*}}, operational_kg = {{.*}}}}
// NONE: error: the module has no workload 'none'

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  accel.process @n22 {energy_per_area = 1.0e4, gas_per_area = 1.0e-3, material_per_area = 5.0e-3}
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0.125], accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16,
    mac_energy = 1.0e-12, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 1.0e-12}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}
space.carbon @use {fab = 1.0e-7, grid = 1.0e-7, yield = 0.5, lifetime = 1.0e8, inferences = 1.0e9, package = 0.25}

accel.workload @w {
  // The program: the copy, and three times the loop's body. 14 + 3 x (34 + 46) = 254 cycles.
  // CHECK: accel.program @p stage 0 {counts = #accel.counts<cycles = 254, macs = 384, accumulator_bytes = 768, local_read = 240, local_write = 240, global_read = 240, global_write = 272, dram_read = 80, vector_operations = 312, array_cycles = 102>}
  %p = accel.program @p -> tensor<8x4xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    // 32 B at 8 B a cycle, and the DRAM's latency. 32 x (10 + 1) pJ.
    // CHECK: accel.copy {{.*}}counts = #accel.counts<cycles = 14, global_write = 32, dram_read = 32>{{.*}}energy = 3.5{{(2|19999)[0-9]*}}E-10 : f64
    %c = accel.copy %x {elements = 32, name = "c"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
    %l = accel.loop %c times(3) : tensor<8x4xi8> -> tensor<8x4xi8> {
    ^bb0(%i: tensor<8x4xi8>):
      // Local traffic: operand 32, weights 16, results out and in 64, stream 32, load 16: 160 B at 16 B a cycle; then
      // fill 4, drain 2 + 2 + 6 and the DRAM's latency. 128 + 160 + 96 + 10 x 16 pJ.
      // CHECK: accel.gemm {{.*}}counts = #accel.counts<cycles = 34, macs = 128, accumulator_bytes = 256, local_read = 80, local_write = 80, global_read = 48, global_write = 48, dram_read = 16, array_cycles = 34>, energy = 5.440000e-10 : f64
      %g = accel.gemm %i {m = 8, n = 4, k = 4, batch = 1, parameters = 16, name = "g"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
      // 3 passes over 32 elements and 8 row operations on 4 lanes, and a pipeline of 20. 104 + 64 pJ.
      // CHECK: accel.vector {{.*}}counts = #accel.counts<cycles = 46, global_read = 32, global_write = 32, vector_operations = 104>, energy = 1.680000e-10 : f64
      %v = accel.vector %g {function = "softmax", rows = 8, columns = 4, passes = 3, row_operations = 1, read_elements = 32, write_elements = 32, name = "v"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
      accel.yield %v : tensor<8x4xi8>
    }
    accel.yield %l : tensor<8x4xi8>
  }
  accel.return %p : tensor<8x4xi8>
}
