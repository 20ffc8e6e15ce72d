// RUN: cat-opt %s -split-input-file -verify-diagnostics -map -annotate-latency
// A machine that can be built, and operators that it cannot run.

accel.machine @small attributes {clock = 1.0e9, precision = 8} {
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, cell_depths = [4], cell_area = [0.125],
    accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16, mac_energy = 1.0e-12,
    accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 1.0e-12, row_bytes = 64}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.memory @global {capacity = 2048, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}
accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x512xi8>
    // expected-error@+1 {{'deep' (2 x 4 x 512) cannot be mapped onto 'small': the global buffer of 2048 bytes has no room for a block of activations and one of parameters; raise its 'capacity' to 4096, or make the array's 'width' smaller}}
    %y = accel.gemm %x {m = 2, n = 4, k = 512, batch = 1, name = "deep"} : (tensor<2x512xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.machine @small attributes {clock = 1.0e9, precision = 8} {
  accel.array @pe {instances = 1, width = 4, depth = 4, accumulator_rows = 8, cell_depths = [4], cell_area = [0.125],
    accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16, mac_energy = 1.0e-12,
    accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 1.0e-12, row_bytes = 64}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.memory @global {capacity = 2048, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}
accel.workload @w {
  %p = accel.program @p -> tensor<2x65xi8> {
    %x = accel.source "x" : tensor<2x65xi8>
    // expected-error@+1 {{'wide' (2 x 65) cannot run on 'small': a row of 65 elements does not fit the 64 bytes of the vector unit's row buffer; raise its 'row_bytes'}}
    %y = accel.vector %x {function = "softmax", rows = 2, columns = 65, name = "wide"} : (tensor<2x65xi8>) -> tensor<2x65xi8>
    accel.yield %y : tensor<2x65xi8>
  }
  accel.return %p : tensor<2x65xi8>
}

// -----

accel.machine @small attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op the machine cannot be built: the array's width must be a power of two, but is 12; set 'width' to 8 or 16}}
  accel.array @pe {instances = 1, width = 12, depth = 4, accumulator_rows = 8, cell_depths = [4], cell_area = [0.125],
    accumulator_area = 0.0078125, requantizer_area = 0.5, macs_per_requantizer = 16, mac_energy = 1.0e-12,
    accumulator_energy = 0, clock_energy = 0}
  accel.vector_unit @unit {lanes = 4, lane_area = 0.125, operation_energy = 1.0e-12, row_bytes = 64}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.memory @global {capacity = 2048, bandwidth = 16, capacities = [4096], read_energy = [1.0e-12],
    write_energy = [1.0e-12], area = [0.0009765625], leakage = 0, base_width = 16}
  accel.dram @main {capacity = 1000000000, bandwidth = 8.0e9, latency = 10, energy = 1.0e-11, embodied = 1.0e-10}
  accel.logic @rest {area = 1, leakage = 0}
}
accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}
