// RUN: cat-opt %s -annotate-carbon | FileCheck %s
// RUN: sed 's/idle = 1/idle = 0/' %s | cat-opt -annotate-carbon | FileCheck %s --check-prefix=ACTIVE
// Static power while the device waits, by hand: its logic leaks 1 mm2 x 4 W/mm2, half of it when idle, and the DRAM refreshes
// with 1 W. A copy of 32 B at 8 B a cycle, with three cycles of start and end, takes 7 ns: 1e9 inferences take 7 s of a
// lifetime of 10 s. Active: 7 s x 4 W = 28 J, and 32 pJ for each copy's writes: 28.032 J. Idle: 3 s x (2 + 1) W = 9 J. At
// 1 kgCO2e/J.
// CHECK: accel.metrics = {{.*}}operational_kg = {{37\.03(2|19999)[0-9]*|3\.7032[0-9]*E\+1|3\.703200e\+01}} : f64
// ACTIVE: accel.metrics = {{.*}}operational_kg = {{28\.03(2|19999)[0-9]*|2\.8032[0-9]*E\+1|2\.803200e\+01}} : f64

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  accel.process @n22 {energy_per_area = 1.0e4, gas_per_area = 1.0e-3, material_per_area = 5.0e-3}
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0, operation_energy = 0}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.dram @main {capacity = 1000, bandwidth = 8.0e9, energy = 0, embodied = 0, idle_power = 1}
  accel.logic @rest {area = 1, leakage = 4, idle_leakage_share = 0.5}
}
space.carbon @use {fab = 1.0e-7, grid = 1.0, lifetime = 10, inferences = 1.0e9, idle = 1}

accel.workload @w {
  %p = accel.program @p -> tensor<8x4xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    %c = accel.copy %x {elements = 32, name = "c"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
    accel.yield %c : tensor<8x4xi8>
  }
  accel.return %p : tensor<8x4xi8>
}
