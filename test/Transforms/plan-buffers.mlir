// RUN: cat-opt %s -plan-buffers | FileCheck %s
// A count of zero is the default, which is not printed.

accel.workload @w {
  // CHECK-LABEL: accel.program @p
  %p = accel.program @p -> tensor<2x4xi8> {
    // A value in DRAM does not count.
    %x = accel.source "x" : tensor<100x4xi8>
    %c = accel.copy %x {elements = 8, name = "c"} : (tensor<100x4xi8>) -> tensor<2x4xi8>
    // %c is this GEMM's own operand: nothing else lives.
    // CHECK: accel.gemm %{{.*}} {batch = 1 : i64, k = 4 : i64, m = 2 : i64, n = 3 : i64, name = "none"}
    %a = accel.gemm %c {m = 2, n = 3, k = 4, batch = 1, name = "none"} : (tensor<2x4xi8>) -> tensor<2x3xi8>
    // %c, 8 elements, is still needed below.
    // CHECK: accel.gemm {{.*}}live_elements = 8 : i64, {{.*}}name = "skip"
    %b = accel.gemm %a {m = 2, n = 4, k = 3, batch = 1, name = "skip"} : (tensor<2x3xi8>) -> tensor<2x4xi8>
    // The stationary activation and the result are its own.
    // CHECK: accel.gemm %{{.*}} {batch = 1 : i64, k = 4 : i64, m = 2 : i64, n = 2 : i64, name = "stationary"}
    %s = accel.gemm %b stationary %c {m = 2, n = 2, k = 4, batch = 1, name = "stationary"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x2xi8>
    // The residual %s, 4 elements, lives until it has been added.
    // CHECK: accel.gemm {{.*}}live_elements = 4 : i64, {{.*}}name = "residual"
    %d = accel.gemm %b residual %s {m = 2, n = 2, k = 4, batch = 1, drain_passes = 1, name = "residual"} : (tensor<2x4xi8>, tensor<2x2xi8>) -> tensor<2x2xi8>
    %l = accel.loop %b times(3) : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
      // In a body: %d, 4, lives around the loop; the argument, 8, until the last use.
      // CHECK: accel.gemm {{.*}}live_elements = 4 : i64, {{.*}}name = "inner"
      %u = accel.gemm %i {m = 2, n = 5, k = 4, batch = 1, name = "inner"} : (tensor<2x4xi8>) -> tensor<2x5xi8>
      // CHECK: accel.gemm {{.*}}live_elements = 12 : i64, {{.*}}name = "outer"
      %v = accel.gemm %u residual %i {m = 2, n = 4, k = 5, batch = 1, drain_passes = 1, name = "outer"} : (tensor<2x5xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
      accel.yield %v : tensor<2x4xi8>
    }
    %e = accel.vector %l, %d {function = "add", rows = 2, columns = 4, name = "e"} : (tensor<2x4xi8>, tensor<2x2xi8>) -> tensor<2x4xi8>
    accel.yield %e : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}
