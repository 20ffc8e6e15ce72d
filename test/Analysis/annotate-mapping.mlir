// RUN: cat-opt %s -verify-diagnostics -annotate-latency
// An operator is costed with the mapping that it carries, which the machine must be able to run.

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
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op has a mapping that 'small' cannot run}}
    %y = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, mapping = #accel.mapping<split rows, hold input, chunk 2, block 1, resident>, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}
