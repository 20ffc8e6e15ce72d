// RUN: cat-opt %s | FileCheck %s
// RUN: cat-opt %s -mlir-print-op-generic | cat-opt | FileCheck %s
// Every op of the dialect in its own syntax, and through the generic one.

// CHECK-LABEL: nn.model @clip family "clip" pruned from @parent {
nn.model @clip family "clip" pruned from @parent {
  // CHECK: %[[T:.*]] = nn.segment @text sizes {layers = #space.ref<"n">} parent {layers = 3 : i64} -> tensor<1x8xf32> {
  %t = nn.segment @text sizes {layers = #space.ref<"n">} parent {layers = 3 : i64} -> tensor<1x8xf32> {
    // CHECK-NEXT: %[[IDS:.*]] = nn.input "text" [1, 7] of i32 : tensor<1x7xi32>
    %ids = nn.input "text" [1, 7] of i32 : tensor<1x7xi32>
    // CHECK-NEXT: %[[TOK:.*]] = nn.token_embed %[[IDS]] {vocab = 49 : i64, weight = "token", width = #space.ref<"w">} : tensor<1x7xi32> -> tensor<1x7x?xf32>
    %tok = nn.token_embed %ids {vocab = 49, width = #space.ref<"w">, weight = "token"} : tensor<1x7xi32> -> tensor<1x7x?xf32>
    // CHECK-NEXT: %[[POS:.*]] = nn.position_embed %[[TOK]] {weight = "position"} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
    %pos = nn.position_embed %tok {weight = "position"} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
    // CHECK-NEXT: %[[REP:.*]] = nn.repeat %[[POS]] times(#space.ref<"n">) : tensor<1x7x?xf32> -> tensor<1x7x?xf32> {
    %rep = nn.repeat %pos times(#space.ref<"n">) : tensor<1x7x?xf32> -> tensor<1x7x?xf32> {
    // CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<1x7x?xf32>):
    ^bb0(%x: tensor<1x7x?xf32>):
      // CHECK-NEXT: %[[LN:.*]] = nn.layer_norm %[[X]] {epsilon = 1.000000e-05 : f64, weight = "{layer}.ln"} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      %ln = nn.layer_norm %x {weight = "{layer}.ln", epsilon = 1.0e-5} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      // CHECK-NEXT: %[[QKV:.*]] = nn.linear %[[LN]] {bias, features = #space.expr<mul, [12 : i64, #space.ref<"h">]>, weight = "{layer}.qkv"}
      %qkv = nn.linear %ln {features = #space.expr<mul, [12, #space.ref<"h">]>, bias, weight = "{layer}.qkv"} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      // CHECK-NEXT: %[[ATT:.*]] = nn.attention %[[QKV]] {causal, head_dim = 4 : i64, heads = #space.ref<"h">}
      %att = nn.attention %qkv {heads = #space.ref<"h">, head_dim = 4, causal} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      // CHECK-NEXT: %[[OUT:.*]] = nn.linear %[[ATT]] {features = #space.ref<"w">, weight = "{layer}.out"}
      %out = nn.linear %att {features = #space.ref<"w">, weight = "{layer}.out"} : tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      // CHECK-NEXT: %[[ADD:.*]] = nn.add %[[OUT]], %[[X]] : tensor<1x7x?xf32>, tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      %add = nn.add %out, %x : tensor<1x7x?xf32>, tensor<1x7x?xf32> -> tensor<1x7x?xf32>
      // CHECK-NEXT: nn.yield %[[ADD]] : tensor<1x7x?xf32>
      nn.yield %add : tensor<1x7x?xf32>
    }
    // CHECK: %[[EOT:.*]] = nn.pool %[[REP]] ids %[[IDS]] {token = "eot"} : (tensor<1x7x?xf32>, tensor<1x7xi32>) -> tensor<1x?xf32>
    %eot = nn.pool %rep ids %ids {token = "eot"} : (tensor<1x7x?xf32>, tensor<1x7xi32>) -> tensor<1x?xf32>
    // CHECK-NEXT: nn.linear %[[EOT]] {features = 8 : i64, input_major, tensors = ["projection"], weight = "projection"} : tensor<1x?xf32> -> tensor<1x8xf32>
    %proj = nn.linear %eot {features = 8, input_major, weight = "projection", tensors = ["projection"]} : tensor<1x?xf32> -> tensor<1x8xf32>
    // CHECK: nn.normalize %{{.*}} : tensor<1x8xf32> -> tensor<1x8xf32>
    %unit = nn.normalize %proj : tensor<1x8xf32> -> tensor<1x8xf32>
    nn.yield %unit : tensor<1x8xf32>
  }
  // CHECK: %[[V:.*]] = nn.segment @vision -> tensor<1x8xf32> {
  %v = nn.segment @vision -> tensor<1x8xf32> {
    %image = nn.input "image" [1, 3, 8, 4] of f32 : tensor<1x3x8x4xf32>
    // CHECK: %[[PATCH:.*]] = nn.patch_embed %{{.*}} {patch = 4 : i64, weight = "conv1", width = 8 : i64} : tensor<1x3x8x4xf32> -> tensor<1x2x8xf32>
    %patch = nn.patch_embed %image {patch = 4, width = 8, weight = "conv1"} : tensor<1x3x8x4xf32> -> tensor<1x2x8xf32>
    // CHECK-NEXT: %[[CLS:.*]] = nn.class_token %[[PATCH]] {weight = "class"} : tensor<1x2x8xf32> -> tensor<1x3x8xf32>
    %cls = nn.class_token %patch {weight = "class"} : tensor<1x2x8xf32> -> tensor<1x3x8xf32>
    // CHECK-NEXT: %[[REP:.*]] = nn.repeat %[[CLS]] times(2 : i64) kept [0, 5] : tensor<1x3x8xf32> -> tensor<1x3x8xf32> {
    %rep = nn.repeat %cls times(2) kept [0, 5] : tensor<1x3x8xf32> -> tensor<1x3x8xf32> {
    ^bb0(%x: tensor<1x3x8xf32>):
      // CHECK: nn.pointwise %{{.*}} {function = "gelu"} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      %g = nn.pointwise %x {function = "gelu"} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      // CHECK: nn.pointwise %{{.*}} {function = "quick_gelu"}
      %q = nn.pointwise %g {function = "quick_gelu"} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      nn.yield %q : tensor<1x3x8xf32>
    }
    // CHECK: nn.pool %[[REP]] {token = "class"} : (tensor<1x3x8xf32>) -> tensor<1x8xf32>
    %first = nn.pool %rep {token = "class"} : (tensor<1x3x8xf32>) -> tensor<1x8xf32>
    nn.yield %first : tensor<1x8xf32>
  }
  // CHECK: %[[S:.*]] = nn.segment @similarity -> tensor<1x1xf32> {
  %s = nn.segment @similarity -> tensor<1x1xf32> {
    // CHECK-NEXT: nn.similarity %[[V]], %[[T]] {scale = "logit_scale"} : tensor<1x8xf32>, tensor<1x8xf32> -> tensor<1x1xf32>
    %l = nn.similarity %v, %t {scale = "logit_scale"} : tensor<1x8xf32>, tensor<1x8xf32> -> tensor<1x1xf32>
    nn.yield %l : tensor<1x1xf32>
  }
  // CHECK: nn.return %[[S]] : tensor<1x1xf32>
  nn.return %s : tensor<1x1xf32>
}

// CHECK-LABEL: nn.model @parent family "clip" attributes {note = "kept"} {
// CHECK-NEXT: nn.return
nn.model @parent family "clip" attributes {note = "kept"} {
  nn.return
}
