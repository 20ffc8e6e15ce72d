// RUN: cat-opt %s -map=machine=small | FileCheck %s --check-prefixes=CHECK,SMALL
// RUN: cat-opt %s -map=machine=weight | FileCheck %s --check-prefixes=CHECK,WEIGHT
// RUN: not cat-opt %s -map 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not cat-opt %s -map=machine=none 2>&1 | FileCheck %s --check-prefix=NONE

// SEVERAL: error: the module has several machines; name one
// NONE: error: the module has no machine 'none'

accel.machine @small attributes {clock = 1.0e9, precision = 8} {
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
// The same, but its sequencer holds weights only.
accel.machine @weight attributes {clock = 1.0e9, precision = 8} {
  accel.process @n22 {energy_per_area = 1.0e4, gas_per_area = 1.0e-3, material_per_area = 5.0e-3}
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0.125], accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16,
    mac_energy = 1.0e-12, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 1.0e-12}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16, orders = ["weight"]}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}

// CHECK-LABEL: accel.workload @w
accel.workload @w {
  %p = accel.program @p -> tensor<512x64xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    // All of it fits: it stays on chip.
    // SMALL: accel.gemm {{.*}}mapping = #accel.mapping<split none, hold input, chunk 8, block 1, resident>{{.*}}name = "fits"
    // WEIGHT: accel.gemm {{.*}}mapping = #accel.mapping<split none, hold weight, chunk 8, block 1, resident>{{.*}}name = "fits"
    %g = accel.gemm %x {m = 8, n = 4, k = 4, batch = 1, parameters = 16, name = "fits"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
    // 32 KiB of operand and of result do not fit into 4 KiB: they cross in blocks of 16 rows.
    // SMALL: accel.gemm {{.*}}mapping = #accel.mapping<split none, hold input, chunk 4, block 2, activations [1, 16]>{{.*}}name = "tiled"
    // WEIGHT: accel.gemm {{.*}}mapping = #accel.mapping<split none, hold weight, chunk 8, block 2, activations [1, 16]>{{.*}}name = "tiled"
    %h = accel.gemm %g {m = 512, n = 64, k = 64, batch = 1, parameters = 4096, name = "tiled"} : (tensor<8x4xi8>) -> tensor<512x64xi8>
    accel.yield %h : tensor<512x64xi8>
  }
  accel.return %p : tensor<512x64xi8>
}
