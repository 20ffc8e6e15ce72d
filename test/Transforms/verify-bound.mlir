// RUN: cat-opt %s -verify-bound -split-input-file -verify-diagnostics

// Metrics and parameters without a use are not errors.
space.param @unused in #space.range<1 to 2>
space.require #space.expr<le, [#space.metric<"area">, 10]>

// -----

// Every parameter once, where it is first used: in a requirement, in a list, in a dictionary.

// expected-error@+1 {{'space.require' op depends on parameter 'p', which is not bound}}
space.require #space.expr<le, [#space.ref<"p">, 10]>
space.require #space.expr<le, [#space.ref<"p">, 11]>
nn.model @m family "clip" {
  // expected-error@+1 {{'nn.segment' op depends on parameter 'q', which is not bound}}
  %0 = nn.segment @s sizes {layers = #space.ref<"q">} -> tensor<1x?xf32> {
    // expected-error@+1 {{'nn.input' op depends on parameter 'r', which is not bound}}
    %x = nn.input "x" [1, #space.ref<"r">] of f32 : tensor<1x?xf32>
    nn.yield %x : tensor<1x?xf32>
  }
  nn.return
}
