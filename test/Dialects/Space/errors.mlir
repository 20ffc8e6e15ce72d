// RUN: cat-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{unknown operator 'shift'}}
module attributes {test.a = #space.expr<shift, [1, 2]>} {}

// -----

// A leaf is a literal or a reference.
// expected-error@+1 {{unknown operator 'constant'}}
module attributes {test.a = #space.expr<constant, [1]>} {}

// -----

// expected-error@+1 {{'neg' expects 1 operand, but has 2}}
module attributes {test.a = #space.expr<neg, [1, 2]>} {}

// -----

// expected-error@+1 {{'add' expects 2 operands, but has 1}}
module attributes {test.a = #space.expr<add, [1]>} {}

// -----

// expected-error@+1 {{'has_divisor' expects 3 operands, but has 2}}
module attributes {test.a = #space.expr<has_divisor, [1, 2]>} {}

// -----

// expected-error@+1 {{'select' expects an index and at least one value, but has 1}}
module attributes {test.a = #space.expr<select, [#space.ref<"p">]>} {}

// -----

// expected-error@+1 {{operand "one" of 'add' is not a number or a symbolic value}}
module attributes {test.a = #space.expr<add, ["one", 2]>} {}

// -----

// expected-error@+1 {{range is empty: 3 > 2}}
space.param @p in #space.range<3 to 2>

// -----

// expected-error@+1 {{step must be positive, but is 0}}
space.param @p in #space.range<1 to 2 step 0>

// -----

// expected-error@+1 {{choice list is empty}}
space.param @p in #space.choices<[]>

// -----

// expected-error@+1 {{choice "a" is not a number}}
space.param @p in #space.choices<["a"]>

// -----

// Equal numbers are one choice, whatever their types.
// expected-error@+1 {{choice 1.000000e+00 : f64 occurs twice}}
space.param @p in #space.choices<[1, 1.0]>

// -----

// expected-error@+1 {{category list is empty}}
space.param @p in #space.categories<[]>

// -----

// expected-error@+1 {{category 1 : i64 is not a string}}
space.param @p in #space.categories<[1]>

// -----

// expected-error@+1 {{category "a" occurs twice}}
space.param @p in #space.categories<["a", "a"]>

// -----

// expected-error@+1 {{'space.require' op condition must be a truth value}}
space.require 2 : i64

// -----

// expected-error@+1 {{'space.require' op condition must be a comparison or a logical expression}}
space.require #space.expr<add, [#space.ref<"p">, 1]>

// -----

space.study @s model @m hardware @h carbon @c {
  // expected-error@+1 {{'space.goal' op value must be a number or a symbolic value}}
  space.goal "g" minimize "latency"
}

// -----

// expected-error@+1 {{'space.goal' op expects parent op 'space.study'}}
space.goal "g" minimize #space.metric<"latency">

// -----

// expected-error@+1 {{attribute 'grid' failed to satisfy constraint: a number or a parametric value}}
space.carbon @c {fab = 1.0e-7, grid = "clean", lifetime = 1.0, inferences = 1.0}
