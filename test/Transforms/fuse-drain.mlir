// RUN: cat-opt %s -fuse-drain | FileCheck %s

accel.workload @w {
  // A pointwise function and then a residual: two passes, of which the second reads %x. The residual is defined after
  // the GEMM, which therefore moves behind it.
  // CHECK-LABEL: accel.program @fused
  %f = accel.program @fused -> tensor<2x4xi8> {
    // CHECK-NEXT: %[[X:.*]] = accel.source "x"
    // CHECK-NEXT: %[[R:.*]] = accel.copy {elements = 8 : i64, name = "r"}
    // CHECK-NEXT: %[[G:.*]] = accel.gemm %[[X]] residual %[[R]] {batch = 1 : i64, drain_passes = 2 : i64, {{.*}}name = "g"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    // CHECK-NEXT: accel.yield %[[G]]
    %x = accel.source "x" : tensor<2x4xi8>
    %g = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %p = accel.vector %g {function = "gelu", rows = 2, columns = 4, passes = 1, name = "p"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %r = accel.copy {elements = 8, name = "r"} : () -> tensor<2x4xi8>
    %a = accel.vector %r, %p {function = "add", rows = 2, columns = 4, passes = 1, name = "a"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %a : tensor<2x4xi8>
  }
  // Not fused: a function of whole rows, and one whose operand is used again.
  // CHECK-LABEL: accel.program @kept
  %k = accel.program @kept -> tensor<2x4xi8> {
    // CHECK: %[[G:.*]] = accel.gemm %{{[0-9]+}} {
    // CHECK-NEXT: %[[S:.*]] = accel.vector %[[G]] {{.*}}function = "softmax"
    // CHECK-NEXT: %[[H:.*]] = accel.gemm %[[S]] {
    // CHECK-NEXT: %[[P:.*]] = accel.vector %[[H]] {{.*}}function = "gelu"
    // CHECK-NEXT: accel.vector %[[S]], %[[H]], %[[P]] {{.*}}function = "add"
    %x = accel.source "x" : tensor<2x4xi8>
    %g = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %s = accel.vector %g {function = "softmax", rows = 2, columns = 4, passes = 3, row_operations = 1, name = "s"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %h = accel.gemm %s {m = 2, n = 4, k = 4, batch = 1, name = "h"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %p = accel.vector %h {function = "gelu", rows = 2, columns = 4, passes = 1, name = "p"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %a = accel.vector %s, %h, %p {function = "add", rows = 2, columns = 4, passes = 1, name = "a"} : (tensor<2x4xi8>, tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %a : tensor<2x4xi8>
  }
  accel.return %k : tensor<2x4xi8>
}
