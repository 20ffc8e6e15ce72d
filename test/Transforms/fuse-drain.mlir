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
    %p = accel.vector %g {function = "gelu", rows = 2, columns = 4, name = "p"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %r = accel.copy {elements = 8, name = "r"} : () -> tensor<2x4xi8>
    %a = accel.vector %r, %p {function = "add", rows = 2, columns = 4, name = "a"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %a : tensor<2x4xi8>
  }
  // Not fused: a function of whole rows, and one whose operand is used again.
  // CHECK-LABEL: accel.program @kept
  %k = accel.program @kept -> tensor<2x4xi8> {
    // CHECK: %[[G:.*]] = accel.gemm %{{[0-9]+}} {
    // CHECK-NEXT: %[[S:.*]] = accel.vector %[[G]] {{.*}}function = "softmax"
    // CHECK-NEXT: %[[H:.*]] = accel.gemm %[[S]] {
    // CHECK-NEXT: %[[P:.*]] = accel.vector %[[H]] {{.*}}function = "gelu"
    // CHECK-NEXT: %[[A:.*]] = accel.vector %[[H]], %[[P]] {{.*}}function = "add"
    %x = accel.source "x" : tensor<2x4xi8>
    %g = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %s = accel.vector %g {function = "softmax", rows = 2, columns = 4, name = "s"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %h = accel.gemm %s {m = 2, n = 4, k = 4, batch = 1, name = "h"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %p = accel.vector %h {function = "gelu", rows = 2, columns = 4, name = "p"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %a = accel.vector %h, %p {function = "add", rows = 2, columns = 4, name = "a"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %a : tensor<2x4xi8>
  }
  // What the drain path has no place for: a table behind the adder, a second table, a second residual, and a residual
  // that is repeated for several rows.
  // CHECK-LABEL: accel.program @full
  %o = accel.program @full -> tensor<2x4xi8> {
    // CHECK: %[[R:.*]] = accel.copy {elements = 8 : i64, name = "r"}
    // CHECK: %[[G:.*]] = accel.gemm {{.*}} residual %[[R]] {batch = 1 : i64, drain_passes = 1 : i64, {{.*}}name = "g"}
    // CHECK-NEXT: %[[P:.*]] = accel.vector %[[G]] {{.*}}name = "behind"
    // CHECK-NEXT: %[[H:.*]] = accel.gemm %[[P]] {batch = 1 : i64, drain_passes = 1 : i64, {{.*}}name = "h"}
    // CHECK-NEXT: %[[Q:.*]] = accel.vector %[[H]] {{.*}}name = "second"
    // CHECK-NEXT: %[[I:.*]] = accel.gemm %[[Q]] residual %[[R]] {{.*}}name = "i"
    // CHECK-NEXT: %[[A:.*]] = accel.vector %[[I]], %[[Q]] {{.*}}name = "again"
    // CHECK: %[[B:.*]] = accel.copy {elements = 4 : i64, name = "b"}
    // CHECK-NEXT: %[[J:.*]] = accel.gemm %[[A]] {
    // CHECK-NEXT: accel.vector %[[J]], %[[B]] {{.*}}name = "repeated"
    %x = accel.source "x" : tensor<2x4xi8>
    %r = accel.copy {elements = 8, name = "r"} : () -> tensor<2x4xi8>
    %g = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %a = accel.vector %g, %r {function = "add", rows = 2, columns = 4, name = "a"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    %p = accel.vector %a {function = "gelu", rows = 2, columns = 4, name = "behind"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %h = accel.gemm %p {m = 2, n = 4, k = 4, batch = 1, name = "h"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %q = accel.vector %h {function = "gelu", rows = 2, columns = 4, name = "first"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %s = accel.vector %q {function = "gelu", rows = 2, columns = 4, name = "second"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %i = accel.gemm %s {m = 2, n = 4, k = 4, batch = 1, name = "i"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %b = accel.vector %i, %r {function = "add", rows = 2, columns = 4, name = "b"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    %c = accel.vector %b, %s {function = "add", rows = 2, columns = 4, name = "again"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    %t = accel.copy {elements = 4, name = "b"} : () -> tensor<4xi8>
    %j = accel.gemm %c {m = 2, n = 4, k = 4, batch = 1, name = "j"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    %d = accel.vector %j, %t {function = "add", rows = 2, columns = 4, name = "repeated"} : (tensor<2x4xi8>, tensor<4xi8>) -> tensor<2x4xi8>
    accel.yield %d : tensor<2x4xi8>
  }
  accel.return %k : tensor<2x4xi8>
}
