// RUN: cat-opt %s -split-input-file -verify-diagnostics

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x3xf32> {
    %1 = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    // expected-error@+2 {{'nn.patch_embed' expects an operand of rank 4, but has 'tensor<1x2x3xf32>'}}
    // expected-error@+1 {{'nn.patch_embed' op failed to infer returned types}}
    %2 = nn.patch_embed %1 {patch = 2, width = 3, weight = "w"} : tensor<1x2x3xf32> -> tensor<1x2x3xf32>
    nn.yield %2 : tensor<1x2x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x3xf32> {
    %x = nn.input "x" [1, 3, 8, 8] of f32 : tensor<1x3x8x8xf32>
    // expected-error@+2 {{patch must be positive, but is 0}}
    // expected-error@+1 {{'nn.patch_embed' op failed to infer returned types}}
    %y = nn.patch_embed %x {patch = 0, width = 3, weight = "w"} : tensor<1x3x8x8xf32> -> tensor<1x2x3xf32>
    nn.yield %y : tensor<1x2x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x3xf32> {
    %x = nn.input "x" [1, 3, 8, 6] of f32 : tensor<1x3x8x6xf32>
    // expected-error@+2 {{an image of 8 x 6 does not divide into patches of 4}}
    // expected-error@+1 {{'nn.patch_embed' op failed to infer returned types}}
    %y = nn.patch_embed %x {patch = 4, width = 3, weight = "w"} : tensor<1x3x8x6xf32> -> tensor<1x2x3xf32>
    nn.yield %y : tensor<1x2x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x3xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    // expected-error@+2 {{'nn.token_embed' expects an operand of rank 2}}
    // expected-error@+1 {{'nn.token_embed' op failed to infer returned types}}
    %y = nn.token_embed %x {vocab = 5, width = 3, weight = "w"} : tensor<1x2x3xf32> -> tensor<1x2x3xf32>
    nn.yield %y : tensor<1x2x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{'nn.class_token' expects an operand of rank 3}}
    // expected-error@+1 {{'nn.class_token' op failed to infer returned types}}
    %y = nn.class_token %x {weight = "w"} : tensor<1x2xf32> -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{'nn.position_embed' expects an operand of rank 3}}
    // expected-error@+1 {{'nn.position_embed' op failed to infer returned types}}
    %y = nn.position_embed %x {weight = "w"} : tensor<1x2xf32> -> tensor<1x2xf32>
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x4xf32> {
    %x = nn.input "x" [1, 12] of f32 : tensor<1x12xf32>
    // expected-error@+2 {{'nn.attention' expects an operand of rank 3}}
    // expected-error@+1 {{'nn.attention' op failed to infer returned types}}
    %y = nn.attention %x {heads = 1, head_dim = 4} : tensor<1x12xf32> -> tensor<1x4xf32>
    nn.yield %y : tensor<1x4xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x8xf32> {
    %x = nn.input "x" [1, 2, 12] of f32 : tensor<1x2x12xf32>
    // expected-error@+2 {{Q, K and V of 2 heads of 4 need 24 features, but the operand has 12}}
    // expected-error@+1 {{'nn.attention' op failed to infer returned types}}
    %y = nn.attention %x {heads = 2, head_dim = 4} : tensor<1x2x12xf32> -> tensor<1x2x8xf32>
    nn.yield %y : tensor<1x2x8xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.pointwise' op function must be 'gelu' or 'quick_gelu', but is 'relu'}}
    %y = nn.pointwise %x {function = "relu"} : tensor<1x2xf32> -> tensor<1x2xf32>
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{'nn.pool' expects an operand of rank 3}}
    // expected-error@+1 {{'nn.pool' op failed to infer returned types}}
    %y = nn.pool %x {token = "class"} : (tensor<1x2xf32>) -> tensor<1xf32>
    nn.yield %y : tensor<1xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    // expected-error@+1 {{'nn.pool' op token must be 'class' or 'eot', but is 'last'}}
    %y = nn.pool %x {token = "last"} : (tensor<1x2x3xf32>) -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    // expected-error@+1 {{'nn.pool' op needs the ids of the tokens to find 'eot'}}
    %y = nn.pool %x {token = "eot"} : (tensor<1x2x3xf32>) -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    %i = nn.input "i" [1, 2] of i32 : tensor<1x2xi32>
    // expected-error@+1 {{'nn.pool' op takes ids for the token 'eot' only}}
    %y = nn.pool %x ids %i {token = "class"} : (tensor<1x2x3xf32>, tensor<1x2xi32>) -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    %i = nn.input "i" [1, 4] of i32 : tensor<1x4xi32>
    // expected-error@+1 {{'nn.pool' op needs an integer id for each token of 'tensor<1x2x3xf32>', but has 'tensor<1x4xi32>'}}
    %y = nn.pool %x ids %i {token = "eot"} : (tensor<1x2x3xf32>, tensor<1x4xi32>) -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.linear' op has 2 tensors, but names 1}}
    %y = nn.linear %x {features = 3, bias, weight = "w", tensors = ["v"]} : tensor<1x2xf32> -> tensor<1x3xf32>
    nn.yield %y : tensor<1x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x1xf32> {
    %x = nn.input "x" [1, 2, 3] of f32 : tensor<1x2x3xf32>
    // expected-error@+2 {{'nn.similarity' expects an operand of rank 2}}
    // expected-error@+1 {{'nn.similarity' op failed to infer returned types}}
    %y = nn.similarity %x, %x {scale = "s"} : tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x1xf32>
    nn.yield %y : tensor<1x1xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %y = nn.input "y" [2] of f32 : tensor<2xf32>
    // expected-error@+1 {{'nn.add' op operands have different ranks}}
    %z = nn.add %x, %y : tensor<1x2xf32>, tensor<2xf32> -> tensor<1x2xf32>
    nn.yield %z : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %y = nn.input "y" [1, 3] of f32 : tensor<1x3xf32>
    // expected-error@+1 {{'nn.add' op operands have different shapes: 'tensor<1x2xf32>' and 'tensor<1x3xf32>'}}
    %z = nn.add %x, %y : tensor<1x2xf32>, tensor<1x3xf32> -> tensor<1x2xf32>
    nn.yield %z : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x1xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %y = nn.input "y" [1, 3] of f32 : tensor<1x3xf32>
    // expected-error@+2 {{embeddings have different widths: 2 and 3}}
    // expected-error@+1 {{'nn.similarity' op failed to infer returned types}}
    %z = nn.similarity %x, %y {scale = "s"} : tensor<1x2xf32>, tensor<1x3xf32> -> tensor<1x1xf32>
    nn.yield %z : tensor<1x1xf32>
  }
  nn.return
}

// -----

// A written type that contradicts the inferred one.
nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{'nn.linear' op inferred type(s) 'tensor<1x5xf32>' are incompatible with return type(s) of operation 'tensor<1x4xf32>'}}
    // expected-error@+1 {{'nn.linear' op failed to infer returned types}}
    %y = nn.linear %x {features = 5, weight = "w"} : tensor<1x2xf32> -> tensor<1x4xf32>
    nn.yield %x : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  // expected-error@+1 {{'nn.segment' op must yield one value of its result type}}
  %0 = nn.segment @s -> tensor<1x3xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    nn.yield %x : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op body must take one value of the operand's type}}
    %y = nn.repeat %x times(2) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x3xf32>):
      nn.yield %x : tensor<1x2xf32>
    }
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op a layer must yield a value of the type it takes}}
    %y = nn.repeat %x times(2) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      nn.yield
    }
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op count must not be negative, but is -1}}
    %y = nn.repeat %x times(-1) : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      nn.yield %i : tensor<1x2xf32>
    }
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+1 {{'nn.repeat' op keeps 1 layers, but repeats 2 times}}
    %y = nn.repeat %x times(2) kept [0] : tensor<1x2xf32> -> tensor<1x2xf32> {
    ^bb0(%i: tensor<1x2xf32>):
      nn.yield %i : tensor<1x2xf32>
    }
    nn.yield %y : tensor<1x2xf32>
  }
  nn.return
}

// -----

// expected-error@+1 {{'nn.segment' op expects parent op 'nn.model'}}
%0 = nn.segment @s -> tensor<1x2xf32> {
  %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
  nn.yield %x : tensor<1x2xf32>
}

// Sizes are positive integers, unless they depend on a parameter.

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x?xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{features must be an integer, but is 2.500000e+00 : f64}}
    // expected-error@+1 {{'nn.linear' op failed to infer returned types}}
    %y = nn.linear %x {features = 2.5, weight = "w"} : tensor<1x2xf32> -> tensor<1x?xf32>
    nn.yield %y : tensor<1x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x?xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{features must be positive, but is 0}}
    // expected-error@+1 {{'nn.linear' op failed to infer returned types}}
    %y = nn.linear %x {features = 0, weight = "w"} : tensor<1x2xf32> -> tensor<1x?xf32>
    nn.yield %y : tensor<1x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<4xf32> {
    %x = nn.input "x" [] of f32 : tensor<f32>
    // expected-error@+2 {{'nn.linear' expects an operand of rank 1 or more}}
    // expected-error@+1 {{'nn.linear' op failed to infer returned types}}
    %y = nn.linear %x {features = 4, weight = "w"} : tensor<f32> -> tensor<4xf32>
    nn.yield %y : tensor<4xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x3xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{vocab must be positive, but is 0}}
    // expected-error@+1 {{'nn.token_embed' op failed to infer returned types}}
    %y = nn.token_embed %x {vocab = 0, width = 3, weight = "w"} : tensor<1x2xf32> -> tensor<1x2x3xf32>
    nn.yield %y : tensor<1x2x3xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x?xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    // expected-error@+2 {{width must be positive, but is 0}}
    // expected-error@+1 {{'nn.token_embed' op failed to infer returned types}}
    %y = nn.token_embed %x {vocab = 5, width = 0, weight = "w"} : tensor<1x2xf32> -> tensor<1x2x?xf32>
    nn.yield %y : tensor<1x2x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x?xf32> {
    %x = nn.input "x" [1, 2, 12] of f32 : tensor<1x2x12xf32>
    // expected-error@+2 {{heads must be positive, but is 0}}
    // expected-error@+1 {{'nn.attention' op failed to infer returned types}}
    %y = nn.attention %x {heads = 0, head_dim = 4} : tensor<1x2x12xf32> -> tensor<1x2x?xf32>
    nn.yield %y : tensor<1x2x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x2x?xf32> {
    %x = nn.input "x" [1, 2, 12] of f32 : tensor<1x2x12xf32>
    // expected-error@+2 {{head_dim must be positive, but is 0}}
    // expected-error@+1 {{'nn.attention' op failed to infer returned types}}
    %y = nn.attention %x {heads = 1, head_dim = 0} : tensor<1x2x12xf32> -> tensor<1x2x?xf32>
    nn.yield %y : tensor<1x2x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x4x?xf32> {
    %x = nn.input "x" [1, 3, 8, 8] of f32 : tensor<1x3x8x8xf32>
    // expected-error@+2 {{width must be positive, but is 0}}
    // expected-error@+1 {{'nn.patch_embed' op failed to infer returned types}}
    %y = nn.patch_embed %x {patch = 4, width = 0, weight = "w"} : tensor<1x3x8x8xf32> -> tensor<1x4x?xf32>
    nn.yield %y : tensor<1x4x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<1x?xf32> {
    // expected-error@+2 {{size must be an integer, but is "n"}}
    // expected-error@+1 {{'nn.input' op failed to infer returned types}}
    %x = nn.input "x" [1, "n"] of f32 : tensor<1x?xf32>
    nn.yield %x : tensor<1x?xf32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<f32> {
    %x = nn.input "x" [] of f32 : tensor<f32>
    // expected-error@+2 {{'nn.layer_norm' expects an operand of rank 1 or more, but has 'tensor<f32>'}}
    // expected-error@+1 {{'nn.layer_norm' op failed to infer returned types}}
    %y = nn.layer_norm %x {weight = "w", epsilon = 1.0e-5} : tensor<f32> -> tensor<f32>
    nn.yield %y : tensor<f32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<f32> {
    %x = nn.input "x" [] of f32 : tensor<f32>
    // expected-error@+2 {{'nn.pointwise' expects an operand of rank 1 or more, but has 'tensor<f32>'}}
    // expected-error@+1 {{'nn.pointwise' op failed to infer returned types}}
    %y = nn.pointwise %x {function = "gelu"} : tensor<f32> -> tensor<f32>
    nn.yield %y : tensor<f32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<f32> {
    %x = nn.input "x" [] of f32 : tensor<f32>
    // expected-error@+2 {{'nn.add' expects an operand of rank 1 or more, but has 'tensor<f32>'}}
    // expected-error@+1 {{'nn.add' op failed to infer returned types}}
    %y = nn.add %x, %x : tensor<f32>, tensor<f32> -> tensor<f32>
    nn.yield %y : tensor<f32>
  }
  nn.return
}

// -----

nn.model @m family "clip" {
  %0 = nn.segment @s -> tensor<f32> {
    %x = nn.input "x" [] of f32 : tensor<f32>
    // expected-error@+2 {{'nn.normalize' expects an operand of rank 1 or more, but has 'tensor<f32>'}}
    // expected-error@+1 {{'nn.normalize' op failed to infer returned types}}
    %y = nn.normalize %x : tensor<f32> -> tensor<f32>
    nn.yield %y : tensor<f32>
  }
  nn.return
}
