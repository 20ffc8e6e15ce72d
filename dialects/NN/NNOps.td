//===- NNOps.td - Transformer graphs -----------------------*- tablegen -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_NN_OPS_TD
#define CATC_NN_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "Interfaces/CatInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let summary = "Transformer graphs at tensor level";
  let description = [{
    The graph that is costed, trained and exported. Sizes are attributes that may
    be parametric (`#space.ref`, `#space.expr`); a dimension that depends on one
    is dynamic until `bind` gives it a value. Result types follow from operands
    and attributes.
  }];
  let cppNamespace = "::cat::nn";
  let dependentDialects = ["::cat::space::SpaceDialect"];
}

class NN_Op<string mnemonic, list<Trait> traits = []> : Op<NN_Dialect, mnemonic, traits>;

/// An op whose single result type follows from its operands and attributes.
class NN_TensorOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)> {
  let results = (outs AnyRankedTensor:$result);
}

/// A tensor op with learned tensors. `weight` names them: see each op for how.
class NN_WeightedOp<string mnemonic>
    : NN_TensorOp<mnemonic, [DeclareOpInterfaceMethods<WeightsOpInterface>]>;

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

def NN_ModelOp : NN_Op<"model",
    [Symbol, SymbolTable, IsolatedFromAbove, SingleBlock, NoRegionArguments]> {
  let summary = "a model: segments and what they pass to each other";
  let description = [{
    `pruned from` names the unpruned model, where the module has it.

    ```mlir
    nn.model @clip family "clip" {
      %t = nn.segment @text -> tensor<1x512xf32> { ... }
      %v = nn.segment @vision -> tensor<1x512xf32> { ... }
      %l = nn.segment @similarity -> tensor<1x1xf32> { ... }
      nn.return %l : tensor<1x1xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$family,
                       OptionalAttr<FlatSymbolRefAttr>:$parent);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::llvm::StringRef":$family), [{
    build($_builder, $_state, name, family, ::mlir::FlatSymbolRefAttr());
  }]>];
  let assemblyFormat = [{
    $sym_name `family` $family (`pruned` `from` $parent^)? attr-dict-with-keyword $body
  }];
}

def NN_ReturnOp : NN_Op<"return", [Terminator, HasParent<"ModelOp">, Pure]> {
  let summary = "outputs of a model";
  let description = [{
    ```mlir
    nn.return %logits : tensor<1x1xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

def NN_SegmentOp : NN_Op<"segment", [HasParent<"ModelOp">, SingleBlock,
    NoRegionArguments, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "an independently costed part of a model";
  let description = [{
    A tower, say. It may use results of earlier segments; what it costs depends
    on its own parameters only. `sizes` names the sizes that evaluators and
    emitters speak of, `parent` their values in the unpruned model.

    ```mlir
    %0 = nn.segment @text sizes {layers = #space.ref<"clip.text.layers">}
                          parent {layers = 12 : i64} -> tensor<1x512xf32> {
      ...
      nn.yield %9 : tensor<1x512xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DefaultValuedAttr<DictionaryAttr, "{}">:$sizes,
                       DefaultValuedAttr<DictionaryAttr, "{}">:$parent);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`sizes` $sizes^)? (`parent` $parent^)? attr-dict `->` type($result) $body
  }];
  let hasVerifier = 1;
}

def NN_RepeatOp : NN_Op<"repeat", [SingleBlock, SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<ExecutionCountOpInterface>]> {
  let summary = "identical layers";
  let description = [{
    Applies the body `count` times, each time to the value that the last one
    yielded. `{layer}` in weight names of the body stands for the layer's index
    in the unpruned model: `kept` lists those indices, and 0, 1, ... is meant
    when it is absent. `unroll-repeat` makes the layers explicit.

    ```mlir
    %1 = nn.repeat %0 times(#space.ref<"clip.text.layers">)
       : tensor<1x77x?xf32> -> tensor<1x77x?xf32> {
    ^bb0(%x: tensor<1x77x?xf32>):
      ...
      nn.yield %y : tensor<1x77x?xf32>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$init, ParamAttr:$count,
                       OptionalAttr<DenseI64ArrayAttr>:$kept);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getIteration() { return getBody().front().getArgument(0); }
  }];
  let assemblyFormat = [{
    $init `times` `(` $count `)` (`kept` $kept^)? attr-dict `:` type($init) `->` type($result) $body
  }];
}

def NN_YieldOp : NN_Op<"yield", [Terminator, ParentOneOf<["SegmentOp", "RepeatOp"]>, Pure]> {
  let summary = "the value of a segment or layer";
  let description = [{
    ```mlir
    nn.yield %0 : tensor<1x512xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

//===----------------------------------------------------------------------===//
// Inputs and embeddings
//===----------------------------------------------------------------------===//

def NN_InputOp : NN_TensorOp<"input"> {
  let summary = "an input of the model, resident in DRAM";
  let description = [{
    ```mlir
    %0 = nn.input "image" [1, 3, 224, 224] of f32 : tensor<1x3x224x224xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, ArrayAttr:$shape, TypeAttr:$element_type);
  let assemblyFormat = "$name $shape `of` $element_type attr-dict `:` type($result)";
}

def NN_PatchEmbedOp : NN_WeightedOp<"patch_embed"> {
  let summary = "strided convolution of an image into patch tokens";
  let description = [{
    Kernel and stride are both `patch`: an NxCxHxW image becomes
    N x (H/patch * W/patch) x width. The kernel is the tensor `weight`.weight of
    width x C x patch x patch; there is no bias.

    ```mlir
    %1 = nn.patch_embed %0 {patch = 16, width = 768, weight = "conv1"}
       : tensor<1x3x224x224xf32> -> tensor<1x196x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$image, ParamAttr:$patch, ParamAttr:$width, StrAttr:$weight);
  let assemblyFormat = "$image attr-dict `:` type($image) `->` type($result)";
}

def NN_TokenEmbedOp : NN_WeightedOp<"token_embed"> {
  let summary = "rows of an embedding table";
  let description = [{
    The table is the tensor `weight`.weight of vocab x width. Token ids must lie
    in [0, vocab).

    ```mlir
    %1 = nn.token_embed %0 {vocab = 49408, width = 512, weight = "token_embedding"}
       : tensor<1x77xi32> -> tensor<1x77x512xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$tokens, ParamAttr:$vocab, ParamAttr:$width, StrAttr:$weight);
  let assemblyFormat = "$tokens attr-dict `:` type($tokens) `->` type($result)";
}

def NN_ClassTokenOp : NN_WeightedOp<"class_token"> {
  let summary = "prepends a learned token";
  let description = [{
    The token is the tensor `weight`, a vector.

    ```mlir
    %2 = nn.class_token %1 {weight = "class_embedding"}
       : tensor<1x196x768xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$weight);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_PositionEmbedOp : NN_WeightedOp<"position_embed"> {
  let summary = "adds a learned vector for each position";
  let description = [{
    The vectors are the tensor `weight` of positions x width.

    ```mlir
    %3 = nn.position_embed %2 {weight = "positional_embedding"}
       : tensor<1x197x768xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$weight);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

def NN_LayerNormOp : NN_WeightedOp<"layer_norm"> {
  let summary = "layer normalisation over the last dimension, with scale and shift";
  let description = [{
    (x - mean) / sqrt(variance + epsilon), the variance being that of the whole
    row, times the tensor `weight`.weight plus `weight`.bias.

    ```mlir
    %4 = nn.layer_norm %3 {weight = "ln_pre", epsilon = 1.0e-5}
       : tensor<1x197x768xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$weight,
                       F64Attr:$epsilon);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::StringRef":$weight), [{
    build($_builder, $_state, input, $_builder.getStringAttr(weight), $_builder.getF64FloatAttr(1e-5));
  }]>];
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_LinearOp : NN_WeightedOp<"linear"> {
  let summary = "matrix product with a weight, optionally with a bias";
  let description = [{
    The weight is the tensor `weight`.weight of features x inputs, or, with
    `input_major`, of inputs x features; the bias is `weight`.bias. Where a
    checkpoint names them otherwise, `tensors` has the keys of both.

    ```mlir
    %5 = nn.linear %4 {features = 3072, bias, weight = "resblocks.{layer}.mlp.c_fc"}
       : tensor<1x197x768xf32> -> tensor<1x197x3072xf32>
    %6 = nn.linear %5 {features = 512, input_major, weight = "proj", tensors = ["proj"]}
       : tensor<1x768xf32> -> tensor<1x512xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, ParamAttr:$features, UnitAttr:$bias, StrAttr:$weight,
                       OptionalAttr<StrArrayAttr>:$tensors, UnitAttr:$input_major);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Attribute":$features, "bool":$bias,
                                 "::llvm::StringRef":$weight), [{
    build($_builder, $_state, input, features, bias, weight, ::mlir::ArrayAttr());
  }]>];
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def NN_AttentionOp : NN_TensorOp<"attention"> {
  let summary = "multi-head scaled dot-product attention";
  let description = [{
    The operand packs Q, K and V in its last dimension, 3 * heads * head_dim;
    the width of the heads is independent of the model width. `causal` masks
    later positions.

    ```mlir
    %6 = nn.attention %5 {heads = 12, head_dim = 64}
       : tensor<1x197x2304xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$qkv, ParamAttr:$heads, ParamAttr:$head_dim, UnitAttr:$causal);
  let assemblyFormat = "$qkv attr-dict `:` type($qkv) `->` type($result)";
}

def NN_PointwiseOp : NN_TensorOp<"pointwise"> {
  let summary = "an elementwise function";
  let description = [{
    `gelu` or `quick_gelu` (x * sigmoid(1.702 x)).

    ```mlir
    %7 = nn.pointwise %6 {function = "gelu"} : tensor<1x197x3072xf32> -> tensor<1x197x3072xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$function);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def NN_AddOp : NN_TensorOp<"add"> {
  let summary = "elementwise sum (a residual connection)";
  let description = [{
    ```mlir
    %8 = nn.add %7, %3 : tensor<1x197x768xf32>, tensor<1x197x768xf32> -> tensor<1x197x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasVerifier = 1;
}

def NN_PoolOp : NN_TensorOp<"pool"> {
  let summary = "one token of a sequence";
  let description = [{
    `token` is `class` (the first) or `eot`, the end of text: where `ids`, the
    tokens that the sequence was embedded from, have the largest id, and the
    first such place.

    ```mlir
    %9 = nn.pool %8 {token = "class"} : (tensor<1x197x768xf32>) -> tensor<1x768xf32>
    %10 = nn.pool %7 ids %0 {token = "eot"} : (tensor<1x77x512xf32>, tensor<1x77xi32>) -> tensor<1x512xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, Optional<AnyRankedTensor>:$ids, StrAttr:$token);
  let assemblyFormat = [{
    $input (`ids` $ids^)? attr-dict `:` functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def NN_NormalizeOp : NN_TensorOp<"normalize"> {
  let summary = "scales each row to unit length";
  let description = [{
    ```mlir
    %10 = nn.normalize %9 : tensor<1x512xf32> -> tensor<1x512xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_SimilarityOp : NN_WeightedOp<"similarity"> {
  let summary = "logits: scaled products of two sets of embeddings";
  let description = [{
    Every row of the first operand with every row of the second, times the
    exponential of the tensor `scale`, a scalar.

    ```mlir
    %11 = nn.similarity %v, %t {scale = "logit_scale"}
        : tensor<4x512xf32>, tensor<2x512xf32> -> tensor<4x2xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, StrAttr:$scale);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
}

#endif // CATC_NN_OPS_TD
