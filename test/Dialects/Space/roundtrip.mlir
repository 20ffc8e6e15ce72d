// RUN: cat-opt %s | FileCheck %s
// RUN: cat-opt %s -mlir-print-op-generic | cat-opt | FileCheck %s
// Every op and attribute of the dialect in its own syntax, and through the generic one.

// CHECK-LABEL: module
// CHECK: space.param @m.layers in #space.range<6 to 12>
space.param @m.layers in #space.range<6 to 12>
// CHECK: space.param @m.ffn in #space.range<1024 to 2048 step 256>
space.param @m.ffn in #space.range<1024 to 2048 step 256>
// CHECK: space.param @m.sram in #space.choices<[65536, 131072]> unit "KiB" scale 1.024000e+03
space.param @m.sram in #space.choices<[65536, 131072]> unit "KiB" scale 1.024e3
// CHECK: space.param @m.dram in #space.categories<["lpddr4", "lpddr4x"]> {note = "kept"}
space.param @m.dram in #space.categories<["lpddr4", "lpddr4x"]> {note = "kept"}

// CHECK: space.require "area" #space.expr<le, [#space.metric<"area">, 3.199000e+01 : f64]>
space.require "area" #space.expr<le, [#space.metric<"area">, 31.99]>
// CHECK: space.require #space.expr<not, [#space.expr<eq, [#space.ref<"m.layers">, 7 : i64]>]>
space.require #space.expr<not, [#space.expr<eq, [#space.ref<"m.layers">, 7]>]>
// What bind leaves of a requirement that holds.
// CHECK: space.require 1
space.require 1 : i64

// CHECK: space.carbon @full
// CHECK-SAME: alpha = 3 : i64
// CHECK-SAME: defect_density = 1.000000e-03
// CHECK-SAME: fab = #space.expr<select, [#space.ref<"m.dram">, 1.780000e-07 : f64, 2.000000e-07 : f64]>
// CHECK-SAME: sources = {grid = "IEA"}
// CHECK-SAME: wafer = 300 : i64
space.carbon @full {fab = #space.expr<select, [#space.ref<"m.dram">, 1.78e-7, 2.0e-7]>, grid = 6.2e-8, yield = 0.875,
  defect_density = 0.001, alpha = 3 : i64, dram_yield = 0.9, wafer = 300 : i64, package = 0.15, training_energy = 4.3e7, devices = 1000 : i64, packages = 2 : i64,
  design = 0.1, lifetime = 9.46e7, inferences = 2.365e7, idle = 0 : i64, sources = {grid = "IEA"}}

// CHECK-LABEL: space.study @plain model @m hardware @edge carbon @full {
space.study @plain model @m hardware @edge carbon @full {
  // CHECK-NEXT: space.goal "accuracy" maximize #space.metric<"accuracy"> threshold 5.000000e-01
  space.goal "accuracy" maximize #space.metric<"accuracy"> threshold 0.5
  // CHECK-NEXT: space.goal "latency" minimize #space.metric<"latency"> threshold 5.000000e-02 unit "ms" scale 1.000000e-03
  space.goal "latency" minimize #space.metric<"latency"> threshold 0.05 unit "ms" scale 1.0e-3
  // CHECK-NEXT: space.goal "size" minimize #space.ref<"m.ffn">
  space.goal "size" minimize #space.ref<"m.ffn">
  // CHECK-NEXT: space.evaluator "accuracy" by "predictor" {metric = "top-1"}
  space.evaluator "accuracy" by "predictor" {metric = "top-1"}
}

// CHECK-LABEL: space.study @compared model @m hardware @edge carbon @full
// CHECK-SAME: baseline @b on @c {latency = 5.000000e-01 : f64}
// CHECK-SAME: attributes {strategy = {name = "random"}} {
space.study @compared model @m hardware @edge carbon @full baseline @b on @c {latency = 0.5}
    attributes {strategy = {name = "random"}} {
}
// Every operator of an expression, with as many operands as it takes.
// CHECK-LABEL: module @operators
// CHECK-SAME: test.abs = #space.expr<abs, [#space.ref<"p">]>
// CHECK-SAME: test.add = #space.expr<add, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.and = #space.expr<and, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.ceil = #space.expr<ceil, [#space.ref<"p">]>
// CHECK-SAME: test.div = #space.expr<div, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.eq = #space.expr<eq, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.floor = #space.expr<floor, [#space.ref<"p">]>
// CHECK-SAME: test.ge = #space.expr<ge, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.gt = #space.expr<gt, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.has_divisor = #space.expr<has_divisor, [#space.ref<"p">, 2 : i64, 3 : i64]>
// CHECK-SAME: test.implies = #space.expr<implies, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.le = #space.expr<le, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.log2 = #space.expr<log2, [#space.ref<"p">]>
// CHECK-SAME: test.lt = #space.expr<lt, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.max = #space.expr<max, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.min = #space.expr<min, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.mul = #space.expr<mul, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.ne = #space.expr<ne, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.neg = #space.expr<neg, [#space.ref<"p">]>
// CHECK-SAME: test.not = #space.expr<not, [#space.ref<"p">]>
// CHECK-SAME: test.or = #space.expr<or, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.pow = #space.expr<pow, [#space.ref<"p">, 2 : i64]>
// CHECK-SAME: test.select = #space.expr<select, [#space.ref<"p">, "a", ["b"], 2 : i64]>
// CHECK-SAME: test.sqrt = #space.expr<sqrt, [#space.ref<"p">]>
// CHECK-SAME: test.sub = #space.expr<sub, [#space.ref<"p">, 2 : i64]>
module @operators attributes {
  test.abs = #space.expr<abs, [#space.ref<"p">]>,
  test.add = #space.expr<add, [#space.ref<"p">, 2]>,
  test.and = #space.expr<and, [#space.ref<"p">, 2]>,
  test.ceil = #space.expr<ceil, [#space.ref<"p">]>,
  test.div = #space.expr<div, [#space.ref<"p">, 2]>,
  test.eq = #space.expr<eq, [#space.ref<"p">, 2]>,
  test.floor = #space.expr<floor, [#space.ref<"p">]>,
  test.ge = #space.expr<ge, [#space.ref<"p">, 2]>,
  test.gt = #space.expr<gt, [#space.ref<"p">, 2]>,
  test.has_divisor = #space.expr<has_divisor, [#space.ref<"p">, 2, 3]>,
  test.implies = #space.expr<implies, [#space.ref<"p">, 2]>,
  test.le = #space.expr<le, [#space.ref<"p">, 2]>,
  test.log2 = #space.expr<log2, [#space.ref<"p">]>,
  test.lt = #space.expr<lt, [#space.ref<"p">, 2]>,
  test.max = #space.expr<max, [#space.ref<"p">, 2]>,
  test.min = #space.expr<min, [#space.ref<"p">, 2]>,
  test.mul = #space.expr<mul, [#space.ref<"p">, 2]>,
  test.ne = #space.expr<ne, [#space.ref<"p">, 2]>,
  test.neg = #space.expr<neg, [#space.ref<"p">]>,
  test.not = #space.expr<not, [#space.ref<"p">]>,
  test.or = #space.expr<or, [#space.ref<"p">, 2]>,
  test.pow = #space.expr<pow, [#space.ref<"p">, 2]>,
  test.select = #space.expr<select, [#space.ref<"p">, "a", ["b"], 2]>,
  test.sqrt = #space.expr<sqrt, [#space.ref<"p">]>,
  test.sub = #space.expr<sub, [#space.ref<"p">, 2]>
} {
}
