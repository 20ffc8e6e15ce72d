// RUN: cat-opt %s -convert-nn-to-linalg -split-input-file -verify-diagnostics

nn.model @m family "f" {
  %s = nn.segment @s -> tensor<1x?xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.linear' op depends on parameter 'm.ffn', which is not bound}}
    %y = nn.linear %x {features = #space.ref<"m.ffn">, weight = "w"} : tensor<1x2xf32> -> tensor<1x?xf32>
    nn.yield %y : tensor<1x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "f" {
  %s = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op must be unrolled first (unroll-repeat)}}
    %y = nn.repeat %x times(2) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      nn.yield %i : tensor<1x2xf32>
    }
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "f" {
  %s = nn.segment @s -> tensor<1x2xf16> {
    // expected-error@+1 {{'nn.input' op has a result of 'tensor<1x2xf16>', but only f32 tensors and inputs of i32 lower to linalg}}
    %y = nn.input "x" [1, 2] of f16 : tensor<1x2xf16>
    nn.yield %y : tensor<1x2xf16>
  }
  nn.return
}

// -----

nn.model @m family "f" {
  %s = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %z = nn.linear %x {features = 3, weight = "w"} : tensor<1x2xf32> -> tensor<1x3xf32>
    // expected-error@+1 {{'nn.linear' op uses 'w.weight' as 'tensor<2x3xf32>', another op as 'tensor<3x2xf32>'}}
    %y = nn.linear %z {features = 2, weight = "w"} : tensor<1x3xf32> -> tensor<1x2xf32>
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "f" {
  %s = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.input' op uses 'x' as 'tensor<1x3xf32>', another op as 'tensor<1x2xf32>'}}
    %y = nn.input "x" [1, 3] of f32 : tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

// expected-error@+1 {{'nn.model' op returns a value that is not the result of a segment}}
nn.model @m family "f" {
  %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
  nn.return %x : tensor<1x2xf32>
}
