// RUN: cat-opt %s -unroll-repeat -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: nn.model @m
nn.model @m family "clip" {
  %s = nn.segment @s -> tensor<1x2xf32> {
    // CHECK: %[[X:.*]] = nn.input
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // Layers of the unpruned model: 0, 1 without `kept`. What has no layer in its name keeps it.
    // CHECK-NEXT: %[[A0:.*]] = nn.linear %[[X]] {features = 2 : i64, weight = "blocks.0.fc"}
    // CHECK-NEXT: %[[B0:.*]] = nn.layer_norm %[[A0]] {epsilon = 1.000000e-05 : f64, weight = "shared"}
    // CHECK-NEXT: %[[C0:.*]] = nn.add %[[B0]], %[[X]]
    // CHECK-NEXT: %[[A1:.*]] = nn.linear %[[C0]] {features = 2 : i64, weight = "blocks.1.fc"}
    // CHECK-NEXT: %[[B1:.*]] = nn.layer_norm %[[A1]]
    // CHECK-NEXT: %[[C1:.*]] = nn.add %[[B1]], %[[C0]]
    %r = nn.repeat %x times(2) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      %a = nn.linear %i {features = 2, weight = "blocks.{layer}.fc"} : tensor<1x2xf32> -> tensor<1x2xf32>
      %b = nn.layer_norm %a {weight = "shared", epsilon = 1.0e-5} : tensor<1x2xf32> -> tensor<1x2xf32>
      %c = nn.add %b, %i : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x2xf32>
      nn.yield %c : tensor<1x2xf32>
    }
    // CHECK-NEXT: %[[D:.*]] = nn.linear %[[C1]] {features = 2 : i64, tensors = ["2.w"], weight = "2.fc"}
    // CHECK-NEXT: %[[E:.*]] = nn.linear %[[D]] {features = 2 : i64, tensors = ["11.w"], weight = "11.fc"}
    %k = nn.repeat %r times(2) kept [2, 11] : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      %a = nn.linear %i {features = 2, weight = "{layer}.fc", tensors = ["{layer}.w"]} : tensor<1x2xf32> -> tensor<1x2xf32>
      nn.yield %a : tensor<1x2xf32>
    }
    // No layer: the value itself.
    %z = nn.repeat %k times(0) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      %a = nn.normalize %i : tensor<1x2xf32> -> tensor<1x2xf32>
      nn.yield %a : tensor<1x2xf32>
    }
    // CHECK-NEXT: nn.yield %[[E]]
    nn.yield %z : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %s = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op repeats an unbound number of times}}
    %r = nn.repeat %x times(#space.ref<"n">) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      nn.yield %i : tensor<1x2xf32>
    }
    nn.yield %r : tensor<1x2xf32>
  }
  nn.return
}
