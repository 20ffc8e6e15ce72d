// RUN: cat-opt %s -outline-kernels -split-input-file | FileCheck %s

// Equal kernels share a function; a constant is part of it.
// CHECK: func.func private @m_kernel_0(%[[A:.*]]: memref<4xf32>, %[[B:.*]]: memref<4xf32>, %[[C:.*]]: memref<4xf32>) attributes {no_inline} {
// CHECK-NEXT: linalg.add ins(%[[A]], %[[B]] : memref<4xf32>, memref<4xf32>) outs(%[[C]] : memref<4xf32>)
// CHECK-NEXT: return
// CHECK: func.func private @m_kernel_1(%[[D:.*]]: memref<4xf32>) attributes {no_inline} {
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1.0
// CHECK-NEXT: linalg.fill ins(%[[ONE]] : f32) outs(%[[D]] : memref<4xf32>)
// CHECK: func.func private @m_kernel_2(%[[E:.*]]: memref<4xf32>) attributes {no_inline} {
// CHECK-NEXT: %[[TWO:.*]] = arith.constant 2.0
// CHECK-NEXT: linalg.fill ins(%[[TWO]] : f32) outs(%[[E]] : memref<4xf32>)
// CHECK: func.func @m(%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32>, %[[Z:.*]]: memref<4xf32>) {
// CHECK: call @m_kernel_0(%[[X]], %[[Y]], %[[Z]])
// CHECK-NEXT: call @m_kernel_0(%[[Z]], %[[Y]], %[[X]])
// CHECK-NEXT: call @m_kernel_1(%[[X]])
// CHECK-NEXT: call @m_kernel_2(%[[X]])
// CHECK-NEXT: return
func.func @m(%x: memref<4xf32>, %y: memref<4xf32>, %z: memref<4xf32>) {
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  linalg.add ins(%x, %y : memref<4xf32>, memref<4xf32>) outs(%z : memref<4xf32>)
  linalg.add ins(%z, %y : memref<4xf32>, memref<4xf32>) outs(%x : memref<4xf32>)
  linalg.fill ins(%one : f32) outs(%x : memref<4xf32>)
  linalg.fill ins(%two : f32) outs(%x : memref<4xf32>)
  return
}

// -----

// Values that only the body uses are arguments too; other shapes are other kernels.
// CHECK: func.func private @captures_kernel_0(%[[X:.*]]: memref<4xf32>, %[[F:.*]]: f32)
// CHECK: linalg.generic {{.*}} outs(%[[X]] : memref<4xf32>)
// CHECK: linalg.yield %[[F]]
// CHECK: func.func private @captures_kernel_1(%{{.*}}: memref<5xf32>, %{{.*}}: f32)
// CHECK-LABEL: func.func @captures
func.func @captures(%x: memref<4xf32>, %y: memref<5xf32>, %f: f32) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %f : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%y : memref<5xf32>) {
  ^bb0(%out: f32):
    linalg.yield %f : f32
  }
  return
}

// -----

// Tensors have no buffers yet.
// CHECK-LABEL: func.func @tensors
// CHECK: linalg.add
func.func @tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
