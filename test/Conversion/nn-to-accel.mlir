// RUN: cat-opt %s -convert-nn-to-accel -split-input-file -verify-diagnostics | FileCheck %s

accel.machine @edge attributes {clock = 1.0e9, precision = 16} {
}

// Elements have the machine's precision.
// CHECK-LABEL: accel.workload @m {
nn.model @m family "clip" {
  // CHECK: %[[T:.*]] = accel.program @text -> tensor<1x8xi16> {
  %t = nn.segment @text -> tensor<1x8xf32> {
    // CHECK-NEXT: %[[IDS:.*]] = accel.source "ids" : tensor<1x3xi16>
    %ids = nn.input "ids" [1, 3] of i32 : tensor<1x3xi32>
    // 3 rows of 8 are read; the table has 20.
    // CHECK-NEXT: %[[TOK:.*]] = accel.copy %[[IDS]] {elements = 24 : i64, name = "text.token", parameters = 160 : i64, weight = "token"} : (tensor<1x3xi16>) -> tensor<1x3x8xi16>
    %tok = nn.token_embed %ids {vocab = 20, width = 8, weight = "token"} : tensor<1x3xi32> -> tensor<1x3x8xf32>
    // CHECK-NEXT: %[[TAB:.*]] = accel.copy {elements = 24 : i64, name = "text.position", parameters = 24 : i64, weight = "position"} : () -> tensor<3x8xi16>
    // CHECK-NEXT: %[[POS:.*]] = accel.vector %[[TOK]], %[[TAB]] {columns = 8 : i64, function = "add", name = "text.position_add", rows = 3 : i64}
    %pos = nn.position_embed %tok {weight = "position"} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
    // CHECK-NEXT: %[[LOOP:.*]] = accel.loop %[[POS]] times(2 : i64) kept [0, 5] : tensor<1x3x8xi16> -> tensor<1x3x8xi16> {
    // CHECK-NEXT: ^bb0(%[[I:.*]]: tensor<1x3x8xi16>):
    %r = nn.repeat %pos times(2) kept [0, 5] : tensor<1x3x8xf32> -> tensor<1x3x8xf32> {
    ^bb0(%i: tensor<1x3x8xf32>):
      // 2 passes, 8 operations a row; scale and shift, 16 elements, are read beside the 24 of the input.
      // CHECK-NEXT: %[[AFF:.*]] = accel.copy {elements = 16 : i64, name = "text.ln.parameters", parameters = 16 : i64, weight = "b.{layer}.ln"} : () -> tensor<2x8xi16>
      // CHECK-NEXT: %[[LN:.*]] = accel.vector %[[I]], %[[AFF]] {columns = 8 : i64, function = "layer_norm", name = "text.ln", rows = 3 : i64}
      %ln = nn.layer_norm %i {weight = "b.{layer}.ln", epsilon = 1.0e-5} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      // 8 x 24 weights and 24 of bias.
      // CHECK-NEXT: %[[QKV:.*]] = accel.gemm %[[LN]] {batch = 1 : i64, k = 8 : i64, m = 3 : i64, n = 24 : i64, name = "text.qkv", parameters = 216 : i64, weight = "b.{layer}.qkv"}
      %qkv = nn.linear %ln {features = 24, bias, weight = "b.{layer}.qkv"} : tensor<1x3x8xf32> -> tensor<1x3x24xf32>
      // CHECK-NEXT: %[[SC:.*]] = accel.gemm %[[QKV]] stationary %[[QKV]] {batch = 2 : i64, k = 4 : i64, m = 3 : i64, n = 3 : i64, name = "text.attn.scores"} : {{.*}} -> tensor<2x3x3xi16>
      // CHECK-NEXT: %[[SM:.*]] = accel.vector %[[SC]] {columns = 3 : i64, function = "softmax", name = "text.attn.softmax", rows = 6 : i64}
      // CHECK-NEXT: %[[ATT:.*]] = accel.gemm %[[SM]] stationary %[[QKV]] {batch = 2 : i64, k = 3 : i64, m = 3 : i64, n = 4 : i64, name = "text.attn.values"} : {{.*}} -> tensor<1x3x8xi16>
      %att = nn.attention %qkv {heads = 2, head_dim = 4} : tensor<1x3x24xf32> -> tensor<1x3x8xf32>
      // CHECK-NEXT: %[[ADD:.*]] = accel.vector %[[ATT]], %[[I]] {columns = 8 : i64, function = "add", name = "text.residual", rows = 3 : i64}
      %add = nn.add %att, %i : tensor<1x3x8xf32>, tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      // CHECK-NEXT: %[[ACT:.*]] = accel.vector %[[ADD]] {columns = 8 : i64, function = "quick_gelu", name = "text.quick_gelu", rows = 3 : i64}
      %act = nn.pointwise %add {function = "quick_gelu"} : tensor<1x3x8xf32> -> tensor<1x3x8xf32>
      // CHECK-NEXT: accel.yield %[[ACT]] : tensor<1x3x8xi16>
      nn.yield %act : tensor<1x3x8xf32>
    }
    // CHECK: %[[POOL:.*]] = accel.view %[[LOOP]] : tensor<1x3x8xi16> -> tensor<1x8xi16>
    %p = nn.pool %r ids %ids {token = "eot"} : (tensor<1x3x8xf32>, tensor<1x3xi32>) -> tensor<1x8xf32>
    // CHECK-NEXT: %[[NORM:.*]] = accel.vector %[[POOL]] {columns = 8 : i64, function = "l2_norm", name = "text.l2_norm", rows = 1 : i64}
    %n = nn.normalize %p : tensor<1x8xf32> -> tensor<1x8xf32>
    // CHECK-NEXT: accel.yield %[[NORM]] : tensor<1x8xi16>
    nn.yield %n : tensor<1x8xf32>
  }
  // CHECK: %[[V:.*]] = accel.program @vision -> tensor<1x8xi16> {
  %v = nn.segment @vision -> tensor<1x8xf32> {
    // CHECK-NEXT: %[[IMG:.*]] = accel.source "image" : tensor<1x3x8x4xi16>
    %image = nn.input "image" [1, 3, 8, 4] of f32 : tensor<1x3x8x4xf32>
    // The image comes from DRAM; a patch is a row of 3 x 4 x 4 values. `visual.` is no part of the operator's name.
    // CHECK-NEXT: %[[IN:.*]] = accel.copy %[[IMG]] {elements = 96 : i64, name = "vision.image"}
    // CHECK-NEXT: %[[PATCH:.*]] = accel.gemm %[[IN]] {batch = 1 : i64, k = 48 : i64, m = 2 : i64, n = 8 : i64, name = "vision.conv1", parameters = 384 : i64, weight = "visual.conv1"} : {{.*}} -> tensor<1x2x8xi16>
    %patch = nn.patch_embed %image {patch = 4, width = 8, weight = "visual.conv1"} : tensor<1x3x8x4xf32> -> tensor<1x2x8xf32>
    // CHECK-NEXT: %[[CLS:.*]] = accel.copy %[[PATCH]] {elements = 8 : i64, name = "vision.class", parameters = 8 : i64, weight = "class"} : (tensor<1x2x8xi16>) -> tensor<1x3x8xi16>
    %cls = nn.class_token %patch {weight = "class"} : tensor<1x2x8xf32> -> tensor<1x3x8xf32>
    // CHECK-NEXT: accel.view %[[CLS]]
    %first = nn.pool %cls {token = "class"} : (tensor<1x3x8xf32>) -> tensor<1x8xf32>
    nn.yield %first : tensor<1x8xf32>
  }
  // CHECK: %[[S:.*]] = accel.program @similarity -> tensor<1x1xi16> {
  %s = nn.segment @similarity -> tensor<1x1xf32> {
    // CHECK-NEXT: accel.gemm %[[V]] stationary %[[T]] {batch = 1 : i64, k = 8 : i64, m = 1 : i64, n = 1 : i64, name = "similarity.logits"}
    %l = nn.similarity %v, %t {scale = "logit_scale"} : tensor<1x8xf32>, tensor<1x8xf32> -> tensor<1x1xf32>
    nn.yield %l : tensor<1x1xf32>
  }
  // CHECK: accel.return %[[S]] : tensor<1x1xi16>
  nn.return %s : tensor<1x1xf32>
}

// -----

nn.model @m family "clip" {
  %s = nn.segment @s -> tensor<1x?xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.linear' op depends on parameter 'm.ffn', which is not bound}}
    %y = nn.linear %x {features = #space.ref<"m.ffn">, weight = "w"} : tensor<1x2xf32> -> tensor<1x?xf32>
    nn.yield %y : tensor<1x?xf32>
  }
  nn.return
}
