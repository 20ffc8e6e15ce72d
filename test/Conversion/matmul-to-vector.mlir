// RUN: cat-opt %s -convert-matmul-to-vector="rows=2 lanes=4" -split-input-file | FileCheck %s

// 13 columns: one block of 2 vectors, then 4, then 1. 3 rows: a block of 2, then 1.
// CHECK-LABEL: func.func @blocks
// CHECK-SAME: (%[[A:.*]]: memref<3x9xf32>, %[[B:.*]]: memref<9x13xf32>, %[[C:.*]]: memref<3x13xf32>)
// CHECK-NOT: linalg
// CHECK: scf.for %[[J:.*]] = %c0{{.*}} to %c8{{.*}} step %c8
// CHECK: scf.for %[[I:.*]] = %c0{{.*}} to %c2{{.*}} step %c2
// CHECK: %[[C00:.*]] = vector.load %[[C]][%[[I]], %[[J]]] : memref<3x13xf32>, vector<4xf32>
// CHECK: %[[C01:.*]] = vector.load %[[C]][%[[I]], %{{.*}}]
// CHECK: %[[C10:.*]] = vector.load %[[C]][%{{.*}}, %[[J]]]
// CHECK: %[[C11:.*]] = vector.load %[[C]]
// CHECK: %[[R:.*]]:4 = scf.for %[[K:.*]] = %c0{{.*}} to %c9{{.*}} step %c1{{.*}} iter_args(%[[S00:.*]] = %[[C00]], %[[S01:.*]] = %[[C01]], %[[S10:.*]] = %[[C10]], %[[S11:.*]] = %[[C11]])
// CHECK: %[[B0:.*]] = vector.load %[[B]][%[[K]], %[[J]]] : memref<9x13xf32>, vector<4xf32>
// CHECK: %[[B1:.*]] = vector.load %[[B]][%[[K]],
// CHECK: %[[L0:.*]] = memref.load %[[A]][%[[I]], %[[K]]]
// CHECK: %[[A0:.*]] = vector.broadcast %[[L0]] : f32 to vector<4xf32>
// CHECK: %[[T00:.*]] = vector.fma %[[A0]], %[[B0]], %[[S00]]
// CHECK: %[[T01:.*]] = vector.fma %[[A0]], %[[B1]], %[[S01]]
// CHECK: %[[A1:.*]] = vector.broadcast
// CHECK: %[[T10:.*]] = vector.fma %[[A1]], %[[B0]], %[[S10]]
// CHECK: %[[T11:.*]] = vector.fma %[[A1]], %[[B1]], %[[S11]]
// CHECK: scf.yield %[[T00]], %[[T01]], %[[T10]], %[[T11]]
// CHECK: vector.store %[[R]]#0, %[[C]][%[[I]], %[[J]]]
// CHECK: scf.for %{{.*}} = %c2{{.*}} to %c3{{.*}} step %c1
// CHECK: scf.for %{{.*}} = %c8{{.*}} to %c12{{.*}} step %c4
// CHECK: vector<4xf32>
// CHECK: scf.for %{{.*}} = %c12{{.*}} to %c13{{.*}} step %c1
// CHECK: vector<1xf32>
func.func @blocks(%a: memref<3x9xf32>, %b: memref<9x13xf32>, %c: memref<3x13xf32>) {
  linalg.matmul ins(%a, %b : memref<3x9xf32>, memref<9x13xf32>) outs(%c : memref<3x13xf32>)
  return
}

// -----

// CHECK-LABEL: func.func @batch
// CHECK: scf.for %[[N:.*]] = %c0{{.*}} to %c5{{.*}} step %c1
// CHECK: vector.load %{{.*}}[%[[N]], %{{.*}}, %{{.*}}] : memref<5x2x8xf32>, vector<4xf32>
func.func @batch(%a: memref<5x2x3xf32>, %b: memref<5x3x8xf32>, %c: memref<5x2x8xf32>) {
  linalg.batch_matmul ins(%a, %b : memref<5x2x3xf32>, memref<5x3x8xf32>) outs(%c : memref<5x2x8xf32>)
  return
}

// -----

// Left alone: rows that are not contiguous, shapes that are not known, other types, other index maps.
// CHECK-LABEL: func.func @others
// CHECK-COUNT-4: linalg.matmul
func.func @others(%a: memref<2x3xf32>, %b: memref<3x4xf32>, %s: memref<3x4xf32, strided<[1, 3]>>, %d: memref<3x?xf32>,
                  %h: memref<2x3xf16>, %g: memref<3x4xf16>, %t: memref<4x3xf32>, %c: memref<2x4xf32>,
                  %e: memref<2x?xf32>, %f: memref<2x4xf16>) {
  linalg.matmul ins(%a, %s : memref<2x3xf32>, memref<3x4xf32, strided<[1, 3]>>) outs(%c : memref<2x4xf32>)
  linalg.matmul ins(%a, %d : memref<2x3xf32>, memref<3x?xf32>) outs(%e : memref<2x?xf32>)
  linalg.matmul ins(%h, %g : memref<2x3xf16>, memref<3x4xf16>) outs(%f : memref<2x4xf16>)
  linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%a, %t : memref<2x3xf32>, memref<4x3xf32>) outs(%c : memref<2x4xf32>)
  return
}
