// RUN: cat-opt %s | FileCheck %s
// RUN: cat-opt %s -mlir-print-op-generic | cat-opt | FileCheck %s
// Every op and attribute of the dialect in its own syntax, and through the generic one.

// CHECK-LABEL: accel.machine @edge attributes {clock = #space.ref<"f">, precision = 8 : i64} {
accel.machine @edge attributes {clock = #space.ref<"f">, precision = 8 : i64} {
  // CHECK-NEXT: accel.process @n22 {energy_per_area = 3.870000e+04 : f64, feature = 2.200000e-08 : f64, gas_per_area = 1.880000e-03 : f64, material_per_area = 5.000000e-03 : f64, source = "ACT"}
  accel.process @n22 {energy_per_area = 3.87e4, gas_per_area = 1.88e-3, material_per_area = 5.0e-3, feature = 2.2e-8, source = "ACT"}
  // CHECK-NEXT: accel.array @pe
  // CHECK-SAME: accumulator_bytes = 4 : i64
  // CHECK-SAME: cell_area = #space.expr<select, [#space.ref<"c">, [1.000000e-04, 2.000000e-04], [3.000000e-04, 4.000000e-04]]>
  // CHECK-SAME: cell_depths = [2, 4]
  // CHECK-SAME: depth = #space.ref<"d">
  // CHECK-SAME: macs_per_requantizer = 64 : i64
  // CHECK-SAME: systolic_cell_area = [1.000000e-04, 2.000000e-04]
  accel.array @pe {instances = 1, width = 4, depth = #space.ref<"d">, accumulator_rows = 8, accumulator_bytes = 4,
    cell_depths = [2, 4], cell_area = #space.expr<select, [#space.ref<"c">, [1.0e-4, 2.0e-4], [3.0e-4, 4.0e-4]]>,
    accumulator_area = 2.0e-6, requantizer_area = 1.0e-3, macs_per_requantizer = 64, mac_energy = 1.0e-13,
    accumulator_energy = 1.0e-14, clock_energy = 1.0e-14, systolic_cell_area = [1.0e-4, 2.0e-4], register_area = 1.0e-6,
    accumulator_width_area = 1.0e-4, lane_area = 1.0e-4, fifo_area = 1.0e-5, requantize_energy = 1.0e-12, source = "estimate"}
  // CHECK-NEXT: accel.vector_unit @unit {lane_area = 4.000000e-03 : f64, lanes = 4 : i64, operation_energy = 5.000000e-13 : f64, row_bytes = 1024 : i64, unit_area = 1.000000e-02 : f64}
  accel.vector_unit @unit {lanes = 4, lane_area = 4.0e-3, row_bytes = 1024, unit_area = 1.0e-2, operation_energy = 5.0e-13}
  // CHECK-NEXT: accel.memory @local
  // CHECK-SAME: access_overhead = 3.700000e+00
  // CHECK-SAME: area_per_bank = 1.000000e-03
  // CHECK-SAME: base_width = 32 : i64
  // CHECK-SAME: instances = 1 : i64
  // CHECK-SAME: orders = ["output", "weight", "input"]
  accel.memory @local {capacity = 1024, bandwidth = 16, instances = 1, orders = ["output", "weight", "input"],
    capacities = [1024], read_energy = [1.0e-12], write_energy = [1.0e-12], area = [1.0e-6], leakage = 1.0e-10,
    base_width = 32, access_overhead = 3.7, area_per_width = 5.0e-4,
    area_per_word = 1.0e-6, area_per_bank = 1.0e-3, port_area = 2, port_energy = 2}
  // CHECK-NEXT: accel.memory @global
  accel.memory @global {capacity = 4096, bandwidth = 16, capacities = [4096], read_energy = [2.0e-12],
    write_energy = [2.0e-12], area = [1.0e-6], leakage = 1.0e-10}
  // CHECK-NEXT: accel.dram @main
  // CHECK-SAME: type = #space.expr<select, [#space.ref<"t">, "lpddr4", "lpddr4x"]>
  accel.dram @main {type = #space.expr<select, [#space.ref<"t">, "lpddr4", "lpddr4x"]>, capacity = 1073741824,
    bandwidth = 1.7e10, efficiency = 0.8, latency = 60, energy = 6.4e-11, active_power = 0.05, idle_power = 1.5e-3,
    embodied = 4.8e-11}
  // CHECK-NEXT: accel.logic @rest {area = 1 : i64, area_model = "components", cluster_area = 4.000000e-03 : f64, idle_leakage_share = 1 : i64, leakage = 2.000000e-04 : f64, link_area = 5.000000e-04 : f64, link_energy = 1.000000e-13 : f64, word_area = 1.000000e-04 : f64}
  accel.logic @rest {area = 1, leakage = 2.0e-4, idle_leakage_share = 1, area_model = "components", cluster_area = 4.0e-3,
    word_area = 1.0e-4, link_area = 5.0e-4, link_energy = 1.0e-13}
}

// CHECK-LABEL: accel.workload @clip {
accel.workload @clip {
  // CHECK-NEXT: %[[P:.*]] = accel.program @text stage 1 {counts = #accel.counts<cycles = 0, macs = 9>} -> tensor<2x4xi8> {
  %p = accel.program @text stage 1 {counts = #accel.counts<cycles = 0, macs = 9>} -> tensor<2x4xi8> {
    // CHECK-NEXT: %[[S:.*]] = accel.source "x" : tensor<1x2x4xi8>
    %s = accel.source "x" : tensor<1x2x4xi8>
    // CHECK-NEXT: %[[C:.*]] = accel.copy %[[S]] {elements = 8 : i64, name = "x"} : (tensor<1x2x4xi8>) -> tensor<1x2x4xi8>
    %c = accel.copy %s {elements = 8, name = "x"} : (tensor<1x2x4xi8>) -> tensor<1x2x4xi8>
    // CHECK-NEXT: %[[T:.*]] = accel.copy {elements = 4 : i64, name = "table", parameters = 40 : i64, to_dram, weight = "w"} : () -> tensor<4xi8>
    %t = accel.copy {elements = 4, name = "table", parameters = 40, to_dram, weight = "w"} : () -> tensor<4xi8>
    // CHECK-NEXT: %[[V:.*]] = accel.view %[[C]] : tensor<1x2x4xi8> -> tensor<2x4xi8>
    %v = accel.view %c : tensor<1x2x4xi8> -> tensor<2x4xi8>
    // CHECK-NEXT: %[[L:.*]] = accel.loop %[[V]] times(2 : i64) kept [0, 3] : tensor<2x4xi8> -> tensor<2x4xi8> {
    %l = accel.loop %v times(2) kept [0, 3] : tensor<2x4xi8> -> tensor<2x4xi8> {
    // CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<2x4xi8>):
    ^bb0(%x: tensor<2x4xi8>):
      // CHECK-NEXT: %[[G:.*]] = accel.gemm %[[X]] {batch = 1 : i64, k = 4 : i64, m = 2 : i64, n = 4 : i64, name = "fc", parameters = 20 : i64, weight = "fc"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
      %g = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, parameters = 20, weight = "fc", name = "fc"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
      // CHECK-NEXT: %[[H:.*]] = accel.gemm %[[G]] stationary %[[X]] residual %[[X]]
      // CHECK-SAME: counts = #accel.counts<cycles = 1, macs = 2, accumulator_bytes = 3, requantizations = 12, local_read = 4, local_write = 5, global_read = 6, global_write = 7, dram_read = 8, dram_write = 9, vector_operations = 10, array_cycles = 11>
      // CHECK-SAME: drain_passes = 2 : i64, energy = 1.000000e-09 : f64
      // CHECK-SAME: live_elements = 8 : i64
      // CHECK-SAME: mapping = #accel.mapping<split columns, hold weight, chunk 2, block 1, resident>
      // CHECK-SAME: : (tensor<2x4xi8>, tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
      %h = accel.gemm %g stationary %x residual %x {m = 2, n = 4, k = 4, batch = 1, drain_passes = 2, live_elements = 8,
        mapping = #accel.mapping<split columns, hold weight, chunk 2, block 1, resident>,
        counts = #accel.counts<cycles = 1, macs = 2, accumulator_bytes = 3, requantizations = 12, local_read = 4, local_write = 5,
          global_read = 6, global_write = 7, dram_read = 8, dram_write = 9, vector_operations = 10, array_cycles = 11>,
        energy = 1.0e-9, name = "scores"}
        : (tensor<2x4xi8>, tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
      // CHECK-NEXT: %[[W:.*]] = accel.vector %[[H]] {columns = 4 : i64, function = "softmax", name = "softmax", rows = 2 : i64} : (tensor<2x4xi8>) -> tensor<2x4xi8>
      %w = accel.vector %h {function = "softmax", rows = 2, columns = 4, name = "softmax"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
      // CHECK-NEXT: accel.yield %[[W]] : tensor<2x4xi8>
      accel.yield %w : tensor<2x4xi8>
    }
    // CHECK: accel.yield %[[L]] : tensor<2x4xi8>
    accel.yield %l : tensor<2x4xi8>
  }
  // CHECK: accel.return %[[P]] : tensor<2x4xi8>
  accel.return %p : tensor<2x4xi8>
}

// Every cluster split and operand to hold; blocks that are serial, and blocks of activations.
// CHECK-LABEL: module @mappings
// CHECK-SAME: test.a = #accel.mapping<split none, hold neither, chunk 1, block 2, resident>
// CHECK-SAME: test.b = #accel.mapping<split rows, hold input, chunk 99, block 8 serial, resident>
// CHECK-SAME: test.c = #accel.mapping<split batch, hold weight, chunk 3, block 4, activations [2, 64]>
module @mappings attributes {
  test.a = #accel.mapping<split none, hold neither, chunk 1, block 2, resident>,
  test.b = #accel.mapping<split rows, hold input, chunk 99, block 8 serial, resident>,
  test.c = #accel.mapping<split batch, hold weight, chunk 3, block 4, activations [2, 64]>
} {
}
