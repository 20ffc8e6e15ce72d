// RUN: cat-opt %s -tile-transposes=size=16 -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @matrix
// CHECK-SAME: (%[[A:.*]]: memref<64x32xf32>, %[[B:.*]]: memref<32x64xf32>)
// CHECK: scf.for %[[I:.*]] = %c0 to %c32 step %c16
// CHECK: scf.for %[[J:.*]] = %c0 to %c64 step %c16
// CHECK-DAG: %[[X:.*]] = memref.subview %[[A]][%[[J]], %[[I]]] [16, 16] [1, 1]
// CHECK-DAG: %[[Y:.*]] = memref.subview %[[B]][%[[I]], %[[J]]] [16, 16] [1, 1]
// CHECK: linalg.transpose ins(%[[X]] : {{.*}} outs(%[[Y]] : {{.*}} permutation = [1, 0]
func.func @matrix(%a: memref<64x32xf32>, %b: memref<32x64xf32>) {
  linalg.transpose ins(%a : memref<64x32xf32>) outs(%b : memref<32x64xf32>) permutation = [1, 0]
  return
}

// The last blocks are smaller where a size does not divide.
// CHECK-LABEL: func.func @rest
// CHECK: scf.for %{{.*}} = %c0 to %c17 step %c16
// CHECK: affine.min
func.func @rest(%a: memref<64x17xf32>, %b: memref<17x64xf32>) {
  linalg.transpose ins(%a : memref<64x17xf32>) outs(%b : memref<17x64xf32>) permutation = [1, 0]
  return
}

// Left alone: one block, rows that stay rows, other ranks, and tensors.
// CHECK-LABEL: func.func @others
// CHECK-NOT: scf.for
func.func @others(%a: memref<16x64xf32>, %b: memref<64x16xf32>, %c: memref<32x32xf32>, %d: memref<32x32xf32>,
                  %e: memref<2x32x32xf32>, %f: memref<2x32x32xf32>, %g: tensor<32x32xf32>) -> tensor<32x32xf32> {
  linalg.transpose ins(%a : memref<16x64xf32>) outs(%b : memref<64x16xf32>) permutation = [1, 0]
  linalg.transpose ins(%c : memref<32x32xf32>) outs(%d : memref<32x32xf32>) permutation = [0, 1]
  linalg.transpose ins(%e : memref<2x32x32xf32>) outs(%f : memref<2x32x32xf32>) permutation = [0, 2, 1]
  %h = linalg.transpose ins(%g : tensor<32x32xf32>) outs(%g : tensor<32x32xf32>) permutation = [1, 0]
  return %h : tensor<32x32xf32>
}
