// RUN: cat-opt %s -convert-nn-to-linalg | FileCheck %s
// RUN: cat-opt %s -convert-nn-to-linalg | cat-opt > /dev/null
// Every op of the dialect alone, then what a model is made of.

// A patch, 3 x 4 x 4 values in the kernel's order, is a row.
// CHECK-LABEL: func.func @patch
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x8x4xf32> {nn.input = "x"}, %[[W:.*]]: tensor<5x3x4x4xf32> {nn.weight = "conv1.weight"})
// CHECK-SAME: -> (tensor<2x2x5xf32> {nn.output = "s"}) attributes {llvm.emit_c_interface}
// CHECK: %[[SPLIT:.*]] = tensor.expand_shape %[[X]] {{.*}} into tensor<2x3x2x4x1x4xf32>
// CHECK: %[[ROWS:.*]] = linalg.transpose ins(%[[SPLIT]] : {{.*}} permutation = [0, 2, 4, 1, 3, 5]
// CHECK: %[[PATCHES:.*]] = tensor.collapse_shape %[[ROWS]] {{.*}} into tensor<2x2x48xf32>
// CHECK: %[[KERNEL:.*]] = tensor.collapse_shape %[[W]] {{.*}} into tensor<5x48xf32>
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[KERNEL]] : {{.*}} permutation = [1, 0]
// CHECK: %[[M:.*]] = tensor.collapse_shape %[[PATCHES]] {{.*}} into tensor<4x48xf32>
// CHECK: linalg.matmul ins(%[[M]], %[[T]] : tensor<4x48xf32>, tensor<48x5xf32>)
nn.model @patch family "f" {
  %s = nn.segment @s -> tensor<2x2x5xf32> {
    %x = nn.input "x" [2, 3, 8, 4] of f32 : tensor<2x3x8x4xf32>
    %y = nn.patch_embed %x {patch = 4, width = 5, weight = "conv1"} : tensor<2x3x8x4xf32> -> tensor<2x2x5xf32>
    nn.yield %y : tensor<2x2x5xf32>
  }
  nn.return %s : tensor<2x2x5xf32>
}

// Ids must be below the size of the table.
// CHECK-LABEL: func.func @token
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xi32> {nn.input = "x", nn.limit = 9 : i64}, %[[W:.*]]: tensor<9x4xf32> {nn.weight = "table.weight"})
// CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<2x3xi32>)
// CHECK: ^bb0(%[[ID:.*]]: i32, %{{.*}}: f32):
// CHECK-NEXT: %[[ROW:.*]] = arith.index_cast %[[ID]] : i32 to index
// CHECK-NEXT: %[[COLUMN:.*]] = linalg.index 2
// CHECK-NEXT: tensor.extract %[[W]][%[[ROW]], %[[COLUMN]]]
nn.model @token family "f" {
  %s = nn.segment @s -> tensor<2x3x4xf32> {
    %x = nn.input "x" [2, 3] of i32 : tensor<2x3xi32>
    %y = nn.token_embed %x {vocab = 9, width = 4, weight = "table"} : tensor<2x3xi32> -> tensor<2x3x4xf32>
    nn.yield %y : tensor<2x3x4xf32>
  }
  nn.return %s : tensor<2x3x4xf32>
}

// The tensor has the name itself; it comes first in each sequence.
// CHECK-LABEL: func.func @class
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32> {nn.input = "x"}, %[[W:.*]]: tensor<4xf32> {nn.weight = "token"})
// CHECK: %[[TOKEN:.*]] = linalg.generic {{.*}} ins(%[[W]] : tensor<4xf32>) outs({{.*}} : tensor<2x1x4xf32>)
// CHECK: %[[A:.*]] = tensor.insert_slice %[[TOKEN]] into %{{.*}}[0, 0, 0] [2, 1, 4] [1, 1, 1]
// CHECK: tensor.insert_slice %[[X]] into %[[A]][0, 1, 0] [2, 3, 4] [1, 1, 1]
nn.model @class family "f" {
  %s = nn.segment @s -> tensor<2x4x4xf32> {
    %x = nn.input "x" [2, 3, 4] of f32 : tensor<2x3x4xf32>
    %y = nn.class_token %x {weight = "token"} : tensor<2x3x4xf32> -> tensor<2x4x4xf32>
    nn.yield %y : tensor<2x4x4xf32>
  }
  nn.return %s : tensor<2x4x4xf32>
}

// CHECK-LABEL: func.func @position
// CHECK-SAME: (%{{.*}}: tensor<2x3x4xf32> {nn.input = "x"}, %[[W:.*]]: tensor<3x4xf32> {nn.weight = "positions"})
// CHECK: %[[TABLE:.*]] = tensor.collapse_shape %[[W]] {{.*}} into tensor<12xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[TABLE]] : tensor<2x12xf32>, tensor<12xf32>)
// CHECK: arith.addf
nn.model @position family "f" {
  %s = nn.segment @s -> tensor<2x3x4xf32> {
    %x = nn.input "x" [2, 3, 4] of f32 : tensor<2x3x4xf32>
    %y = nn.position_embed %x {weight = "positions"} : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
    nn.yield %y : tensor<2x3x4xf32>
  }
  nn.return %s : tensor<2x3x4xf32>
}

// CHECK-LABEL: func.func @norm
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32> {nn.input = "x"}, %[[W:.*]]: tensor<4xf32> {nn.weight = "ln.weight"}, %[[B:.*]]: tensor<4xf32> {nn.weight = "ln.bias"})
// CHECK-DAG: %[[COUNT:.*]] = arith.constant 4.000000e+00 : f32
// CHECK-DAG: %[[EPSILON:.*]] = arith.constant 9.99999974E-6 : f32
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} iterator_types = ["reduction"]} ins(%[[X]] : tensor<4xf32>)
// CHECK: %[[MEAN:.*]] = linalg.generic {{.*}} ins(%[[SUM]] : tensor<f32>)
// CHECK: arith.divf %{{.*}}, %[[COUNT]]
// CHECK: %[[SQUARES:.*]] = linalg.generic {{.*}} iterator_types = ["reduction"]} ins(%[[X]], %[[MEAN]] : tensor<4xf32>, tensor<f32>)
// CHECK: %[[D:.*]] = arith.subf
// CHECK: arith.mulf %[[D]], %[[D]]
// CHECK: %[[INVERSE:.*]] = linalg.generic {{.*}} ins(%[[SQUARES]] : tensor<f32>)
// CHECK: %[[VARIANCE:.*]] = arith.divf %{{.*}}, %[[COUNT]]
// CHECK: %[[SHIFTED:.*]] = arith.addf %[[VARIANCE]], %[[EPSILON]]
// CHECK: math.rsqrt %[[SHIFTED]]
// CHECK: linalg.generic {{.*}} ins(%[[X]], %[[MEAN]], %[[INVERSE]], %[[W]], %[[B]] :
nn.model @norm family "f" {
  %s = nn.segment @s -> tensor<4xf32> {
    %x = nn.input "x" [4] of f32 : tensor<4xf32>
    %y = nn.layer_norm %x {weight = "ln", epsilon = 1.0e-5} : tensor<4xf32> -> tensor<4xf32>
    nn.yield %y : tensor<4xf32>
  }
  nn.return %s : tensor<4xf32>
}

// A bias is what the sums begin with. A weight that is stored by inputs is used as it is.
// CHECK-LABEL: func.func @linear
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32> {nn.input = "x"}, %[[W:.*]]: tensor<5x4xf32> {nn.weight = "fc_w"}, %[[B:.*]]: tensor<5xf32> {nn.weight = "fc_b"}, %[[P:.*]]: tensor<5x6xf32> {nn.weight = "proj.weight"})
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[W]] : tensor<5x4xf32>)
// CHECK: %[[INIT:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<5xf32>) outs({{.*}} : tensor<6x5xf32>)
// CHECK: %[[M:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<6x4xf32>
// CHECK: linalg.matmul ins(%[[M]], %[[T]] : tensor<6x4xf32>, tensor<4x5xf32>) outs(%[[INIT]] : tensor<6x5xf32>)
// CHECK: linalg.matmul ins(%{{.*}}, %[[P]] : tensor<6x5xf32>, tensor<5x6xf32>)
nn.model @linear family "f" {
  %s = nn.segment @s -> tensor<2x3x6xf32> {
    %x = nn.input "x" [2, 3, 4] of f32 : tensor<2x3x4xf32>
    %h = nn.linear %x {features = 5, bias, weight = "fc", tensors = ["fc_w", "fc_b"]} : tensor<2x3x4xf32> -> tensor<2x3x5xf32>
    %y = nn.linear %h {features = 6, input_major, weight = "proj"} : tensor<2x3x5xf32> -> tensor<2x3x6xf32>
    nn.yield %y : tensor<2x3x6xf32>
  }
  nn.return %s : tensor<2x3x6xf32>
}

// Q, K and V of a head are slices of the operand; a later key has no weight.
// CHECK-LABEL: func.func @causal
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x24xf32>
// CHECK: %[[QKV:.*]] = tensor.expand_shape %[[X]] {{.*}} into tensor<2x3x3x2x4xf32>
// CHECK: %[[Q:.*]] = tensor.extract_slice %[[QKV]][0, 0, 0, 0, 0] [2, 3, 1, 2, 4]
// CHECK: linalg.transpose ins(%[[Q]] : {{.*}} permutation = [0, 2, 1, 3]
// CHECK: %[[QS:.*]] = tensor.collapse_shape {{.*}} into tensor<4x3x4xf32>
// CHECK: %[[K:.*]] = tensor.extract_slice %[[QKV]][0, 0, 1, 0, 0] [2, 3, 1, 2, 4]
// CHECK: linalg.transpose ins(%[[K]] : {{.*}} permutation = [0, 2, 3, 1]
// CHECK: %[[KS:.*]] = tensor.collapse_shape {{.*}} into tensor<4x4x3xf32>
// CHECK: %[[V:.*]] = tensor.extract_slice %[[QKV]][0, 0, 2, 0, 0] [2, 3, 1, 2, 4]
// CHECK: linalg.transpose ins(%[[V]] : {{.*}} permutation = [0, 2, 1, 3]
// CHECK: %[[VS:.*]] = tensor.collapse_shape {{.*}} into tensor<4x3x4xf32>
// CHECK: %[[SCORES:.*]] = linalg.batch_matmul ins(%[[QS]], %[[KS]] :
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG: %[[NEVER:.*]] = arith.constant 0xFF800000 : f32
// CHECK: linalg.generic {{.*}} ins(%[[SCORES]] :
// CHECK: %[[SCALED:.*]] = arith.mulf %{{.*}}, %[[SCALE]]
// CHECK: %[[QUERY:.*]] = linalg.index 1
// CHECK: %[[KEY:.*]] = linalg.index 2
// CHECK: %[[LATER:.*]] = arith.cmpi ugt, %[[KEY]], %[[QUERY]]
// CHECK: arith.select %[[LATER]], %[[NEVER]], %[[SCALED]]
// CHECK: arith.maximumf
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: %[[SOFTMAX:.*]] = linalg.generic
// CHECK: arith.divf
// CHECK: linalg.batch_matmul ins(%[[SOFTMAX]], %[[VS]] :
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1, 3]
// CHECK: tensor.collapse_shape {{.*}} into tensor<2x3x8xf32>
nn.model @causal family "f" {
  %s = nn.segment @s -> tensor<2x3x8xf32> {
    %x = nn.input "x" [2, 3, 24] of f32 : tensor<2x3x24xf32>
    %y = nn.attention %x {heads = 2, head_dim = 4, causal} : tensor<2x3x24xf32> -> tensor<2x3x8xf32>
    nn.yield %y : tensor<2x3x8xf32>
  }
  nn.return %s : tensor<2x3x8xf32>
}

// CHECK-LABEL: func.func @attention
// CHECK-NOT: arith.select
nn.model @attention family "f" {
  %s = nn.segment @s -> tensor<2x3x8xf32> {
    %x = nn.input "x" [2, 3, 24] of f32 : tensor<2x3x24xf32>
    %y = nn.attention %x {heads = 2, head_dim = 4} : tensor<2x3x24xf32> -> tensor<2x3x8xf32>
    nn.yield %y : tensor<2x3x8xf32>
  }
  nn.return %s : tensor<2x3x8xf32>
}

// x / 2 (1 + erf(x / sqrt(2)))
// CHECK-LABEL: func.func @gelu
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00
// CHECK-DAG: %[[HALF:.*]] = arith.constant 5.000000e-01
// CHECK-DAG: %[[ROOT:.*]] = arith.constant 0.707106769
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[X]], %[[ROOT]]
// CHECK-NEXT: %[[ERF:.*]] = math.erf %[[A]]
// CHECK-NEXT: %[[B:.*]] = arith.addf %[[ERF]], %[[ONE]]
// CHECK-NEXT: %[[C:.*]] = arith.mulf %[[X]], %[[HALF]]
// CHECK-NEXT: arith.mulf %[[C]], %[[B]]
nn.model @gelu family "f" {
  %s = nn.segment @s -> tensor<4xf32> {
    %x = nn.input "x" [4] of f32 : tensor<4xf32>
    %y = nn.pointwise %x {function = "gelu"} : tensor<4xf32> -> tensor<4xf32>
    nn.yield %y : tensor<4xf32>
  }
  nn.return %s : tensor<4xf32>
}

// x / (1 + exp(-1.702 x))
// CHECK-LABEL: func.func @quick_gelu
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00
// CHECK-DAG: %[[SLOPE:.*]] = arith.constant -1.702
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[X]], %[[SLOPE]]
// CHECK-NEXT: %[[B:.*]] = math.exp %[[A]]
// CHECK-NEXT: %[[C:.*]] = arith.addf %[[B]], %[[ONE]]
// CHECK-NEXT: arith.divf %[[X]], %[[C]]
nn.model @quick_gelu family "f" {
  %s = nn.segment @s -> tensor<4xf32> {
    %x = nn.input "x" [4] of f32 : tensor<4xf32>
    %y = nn.pointwise %x {function = "quick_gelu"} : tensor<4xf32> -> tensor<4xf32>
    nn.yield %y : tensor<4xf32>
  }
  nn.return %s : tensor<4xf32>
}

// CHECK-LABEL: func.func @add
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32> {nn.input = "x"}, %[[Z:.*]]: tensor<2x4xf32> {nn.input = "z"})
// CHECK: linalg.generic {{.*}} ins(%[[X]], %[[Z]] :
// CHECK: arith.addf
nn.model @add family "f" {
  %s = nn.segment @s -> tensor<2x4xf32> {
    %x = nn.input "x" [2, 4] of f32 : tensor<2x4xf32>
    %z = nn.input "z" [2, 4] of f32 : tensor<2x4xf32>
    %y = nn.add %x, %z : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
    nn.yield %y : tensor<2x4xf32>
  }
  nn.return %s : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @first
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0] [2, 1, 4] [1, 1, 1] : tensor<2x3x4xf32> to tensor<2x4xf32>
nn.model @first family "f" {
  %s = nn.segment @s -> tensor<2x4xf32> {
    %x = nn.input "x" [2, 3, 4] of f32 : tensor<2x3x4xf32>
    %y = nn.pool %x {token = "class"} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
    nn.yield %y : tensor<2x4xf32>
  }
  nn.return %s : tensor<2x4xf32>
}

// The first of the largest ids: a later one must be larger.
// CHECK-LABEL: func.func @end
// CHECK-SAME: (%[[I:.*]]: tensor<2x3xi32> {nn.input = "i"}, %[[X:.*]]: tensor<2x3x4xf32> {nn.input = "x"})
// CHECK: %[[SEARCH:.*]]:2 = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[I]] :
// CHECK: ^bb0(%[[ID:.*]]: i32, %[[LARGEST:.*]]: i32, %[[PLACE:.*]]: index):
// CHECK-NEXT: %[[HERE:.*]] = linalg.index 1
// CHECK-NEXT: %[[MORE:.*]] = arith.cmpi sgt, %[[ID]], %[[LARGEST]]
// CHECK-NEXT: arith.select %[[MORE]], %[[ID]], %[[LARGEST]]
// CHECK-NEXT: arith.select %[[MORE]], %[[HERE]], %[[PLACE]]
// CHECK: linalg.generic {{.*}} ins(%[[SEARCH]]#1 :
// CHECK: ^bb0(%[[TOKEN:.*]]: index, %{{.*}}: f32):
// CHECK-NEXT: %[[N:.*]] = linalg.index 0
// CHECK-NEXT: %[[C:.*]] = linalg.index 1
// CHECK-NEXT: tensor.extract %[[X]][%[[N]], %[[TOKEN]], %[[C]]]
nn.model @end family "f" {
  %s = nn.segment @s -> tensor<2x4xf32> {
    %i = nn.input "i" [2, 3] of i32 : tensor<2x3xi32>
    %x = nn.input "x" [2, 3, 4] of f32 : tensor<2x3x4xf32>
    %y = nn.pool %x ids %i {token = "eot"} : (tensor<2x3x4xf32>, tensor<2x3xi32>) -> tensor<2x4xf32>
    nn.yield %y : tensor<2x4xf32>
  }
  nn.return %s : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @unit
// CHECK: arith.mulf %[[V:.*]], %[[V]]
// CHECK: %[[LEAST:.*]] = arith.constant 9.99999996E-13
// CHECK: %[[LENGTH:.*]] = math.sqrt
// CHECK: arith.maximumf %[[LENGTH]], %[[LEAST]]
// CHECK: arith.divf
nn.model @unit family "f" {
  %s = nn.segment @s -> tensor<2x4xf32> {
    %x = nn.input "x" [2, 4] of f32 : tensor<2x4xf32>
    %y = nn.normalize %x : tensor<2x4xf32> -> tensor<2x4xf32>
    nn.yield %y : tensor<2x4xf32>
  }
  nn.return %s : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @similarity
// CHECK-SAME: (%[[V:.*]]: tensor<2x4xf32> {nn.input = "v"}, %[[T:.*]]: tensor<3x4xf32> {nn.input = "t"}, %[[S:.*]]: tensor<f32> {nn.weight = "logit_scale"})
// CHECK: %[[TT:.*]] = linalg.transpose ins(%[[T]] :
// CHECK: %[[P:.*]] = linalg.matmul ins(%[[V]], %[[TT]] :
// CHECK: %[[E:.*]] = linalg.generic {{.*}} ins(%[[S]] : tensor<f32>)
// CHECK: math.exp
// CHECK: linalg.generic {{.*}} ins(%[[P]], %[[E]] :
// CHECK: arith.mulf
nn.model @similarity family "f" {
  %s = nn.segment @s -> tensor<2x3xf32> {
    %v = nn.input "v" [2, 4] of f32 : tensor<2x4xf32>
    %t = nn.input "t" [3, 4] of f32 : tensor<3x4xf32>
    %y = nn.similarity %v, %t {scale = "logit_scale"} : tensor<2x4xf32>, tensor<3x4xf32> -> tensor<2x3xf32>
    nn.yield %y : tensor<2x3xf32>
  }
  nn.return %s : tensor<2x3xf32>
}

// Segments see each other's values, and each is an output. A tensor that two ops read is one argument, an input of one
// name too; the machine stays.
// CHECK-LABEL: func.func @segments
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32> {nn.input = "x"}, %[[W:.*]]: tensor<2x2xf32> {nn.weight = "shared.weight"})
// CHECK-SAME: -> (tensor<1x2xf32> {nn.output = "a"}, tensor<1x2xf32> {nn.output = "b"})
// CHECK: %[[TA:.*]] = linalg.transpose ins(%[[W]] :
// CHECK: %[[A:.*]] = linalg.matmul ins(%[[X]], %[[TA]] :
// CHECK: %[[TB:.*]] = linalg.transpose ins(%[[W]] :
// CHECK: %[[B:.*]] = linalg.matmul ins(%[[A]], %[[TB]] :
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[B]], %[[X]] :
// CHECK: return %[[A]], %[[SUM]]
// CHECK: accel.machine @edge
nn.model @segments family "f" {
  %a = nn.segment @a -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %y = nn.linear %x {features = 2, weight = "shared"} : tensor<1x2xf32> -> tensor<1x2xf32>
    nn.yield %y : tensor<1x2xf32>
  }
  %b = nn.segment @b -> tensor<1x2xf32> {
    %x = nn.input "x" [1, 2] of f32 : tensor<1x2xf32>
    %y = nn.linear %a {features = 2, weight = "shared"} : tensor<1x2xf32> -> tensor<1x2xf32>
    %z = nn.add %y, %x : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x2xf32>
    nn.yield %z : tensor<1x2xf32>
  }
  nn.return %b : tensor<1x2xf32>
}
accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
}
