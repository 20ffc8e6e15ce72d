// RUN: cat-opt %s -split-input-file -verify-diagnostics -annotate-energy

// An operator has an energy for one execution; the workload has none while a loop is unbound.

// expected-error@+1 {{the module has no machine}}
module {
accel.workload @w {
  %p = accel.program @p -> tensor<8x4xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    %c = accel.copy %x {elements = 32, name = "c"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
    accel.yield %c : tensor<8x4xi8>
  }
  accel.return %p : tensor<8x4xi8>
}
}

// -----

// expected-error@+1 {{the module has no workload}}
module {
accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0.125], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 0}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.dram @main {capacity = 1000, bandwidth = 8.0e9, energy = 0, embodied = 0}
  accel.logic @rest {area = 0.5, leakage = 0}
}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, accumulator_bytes = 4, cell_depths = [4],
    cell_area = [0.125], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 0}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [0], leakage = 0}
  accel.dram @main {capacity = 1000, bandwidth = 8.0e9, energy = 0, embodied = 0}
  accel.logic @rest {area = 0.5, leakage = 0}
}
accel.workload @w {
  %p = accel.program @p -> tensor<8x4xi8> {
    %x = accel.source "x" : tensor<8x4xi8>
    // expected-error@+1 {{'accel.loop' op repeats an unbound number of times}}
    %l = accel.loop %x times(#space.ref<"layers">) : tensor<8x4xi8> -> tensor<8x4xi8> {
    ^bb0(%i: tensor<8x4xi8>):
      %c = accel.copy %i {elements = 32, name = "c"} : (tensor<8x4xi8>) -> tensor<8x4xi8>
      accel.yield %c : tensor<8x4xi8>
    }
    accel.yield %l : tensor<8x4xi8>
  }
  accel.return %p : tensor<8x4xi8>
}
