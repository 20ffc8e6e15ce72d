// RUN: cat-opt %s -schedule | FileCheck %s
// Stages count in each workload from 0; a stage already there is set anew.

// CHECK-LABEL: accel.workload @two
// CHECK: accel.program @first stage 0 ->
// CHECK: accel.program @second stage 1 ->
accel.workload @two {
  %a = accel.program @first stage 5 -> tensor<2xi8> {
    %x = accel.source "x" : tensor<2xi8>
    accel.yield %x : tensor<2xi8>
  }
  %b = accel.program @second -> tensor<2xi8> {
    accel.yield %a : tensor<2xi8>
  }
  accel.return %b : tensor<2xi8>
}
// CHECK-LABEL: accel.workload @one
// CHECK: accel.program @only stage 0 ->
accel.workload @one {
  %a = accel.program @only -> tensor<2xi8> {
    %x = accel.source "x" : tensor<2xi8>
    accel.yield %x : tensor<2xi8>
  }
  accel.return %a : tensor<2xi8>
}
