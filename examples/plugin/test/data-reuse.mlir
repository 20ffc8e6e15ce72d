// RUN: cat-opt --load-pass-plugin=%plugin --pass-pipeline='builtin.module(data-reuse)' %s | FileCheck %s

// A machine whose global buffer holds everything below at once.
accel.machine @edge attributes {clock = 6.25e8, precision = 8 : i64} {
  accel.array @pe {instances = 1 : i64, width = 32 : i64, depth = 32 : i64, accumulator_rows = 128 : i64,
                   cell_depths = [32 : i64], cell_area = [3.0e-4], accumulator_area = 2.0e-6,
                   requantizer_area = 1.0e-3, mac_energy = 2.0e-13, accumulator_energy = 6.0e-14,
                   clock_energy = 2.0e-14}
  accel.vector_unit @unit {lanes = 32 : i64, lane_area = 4.0e-3, operation_energy = 5.0e-13}
  accel.memory @local {capacity = 65536 : i64, bandwidth = 32 : i64, orders = ["output", "weight", "input"],
                       capacities = [65536 : i64], read_energy = [5.0e-13], write_energy = [5.0e-13],
                       area = [9.0e-7], leakage = 1.5e-10}
  accel.memory @global {capacity = 2097152 : i64, bandwidth = 128 : i64,
                        capacities = [2097152 : i64], read_energy = [3.0e-12], write_energy = [3.0e-12],
                        area = [8.0e-7], leakage = 1.5e-10}
  accel.dram @main {capacity = 1073741824 : i64, bandwidth = 1.7e10, energy = 6.4e-11, embodied = 4.5e-11}
  accel.logic @rest {area = 1.0, leakage = 1.0e-3}
}

accel.workload @model {
  // CHECK-LABEL: accel.program @tower
  %0 = accel.program @tower -> tensor<256x64xi8> {
    %a = accel.source "a" : tensor<256x64xi8>
    // A copy computes nothing.
    // CHECK: accel.copy {{.*}}data_reuse.macs_per_dram_byte = 0.000000e+00
    %1 = accel.copy %a {elements = 16384 : i64, name = "load"} : (tensor<256x64xi8>) -> tensor<256x64xi8>
    // 256 x 64 x 64 multiply-accumulates; each of the 64 x 64 one-byte parameters crosses once, and with each column
    // eight bytes of constants: 4,608 bytes.
    // CHECK: accel.gemm {{.*}}data_reuse.macs_per_dram_byte = 227.55{{[0-9]*}}
    %2 = accel.gemm %1 {m = 256 : i64, n = 64 : i64, k = 64 : i64, batch = 1 : i64, parameters = 4096 : i64, name = "linear"}
       : (tensor<256x64xi8>) -> tensor<256x64xi8>
    // Nothing crosses, so there is nothing to divide by.
    // CHECK: accel.vector
    // CHECK-NOT: data_reuse
    %3 = accel.vector %2 {function = "gelu", rows = 256 : i64, columns = 64 : i64, name = "gelu"}
       : (tensor<256x64xi8>) -> tensor<256x64xi8>
    accel.yield %3 : tensor<256x64xi8>
  }
  accel.return %0 : tensor<256x64xi8>
}
