// RUN: cat-opt %s -bind=at=m.layers=7,m.ffn=1280,m.sram=128,m.dram=lpddr4x,m.freq=0.5 | FileCheck %s --check-prefixes=CHECK,FULL
// RUN: cat-opt %s -bind=at=m.layers=7,m.dram=lpddr4 | FileCheck %s --check-prefixes=CHECK,PART
// RUN: cat-opt %s -bind=at=m.layers=7 -bind=at=m.sram=128KiB,m.ffn=1280 | FileCheck %s --check-prefix=TWICE
// RUN: not cat-opt %s -bind=at=m.layers=13 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not cat-opt %s -bind=at=m.sram=65536 2>&1 | FileCheck %s --check-prefix=UNIT
// RUN: not cat-opt %s -bind=at=m.dram=hbm 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not cat-opt %s -bind=at=m.ffn=1100 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: not cat-opt %s -bind=at=m.depth=3 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// OUTSIDE: error: '13' is not in the domain of 'm.layers': 6..12
// UNIT: error: '65536' is not in the domain of 'm.sram': {64, 128} KiB
// NAME: error: 'hbm' is not in the domain of 'm.dram': {lpddr4, lpddr4x}
// STEP: error: '1100' is not in the domain of 'm.ffn': 1024..2048 step 256
// UNKNOWN: error: unknown parameter 'm.depth'

// A category is its index; a value is in base units, its parameter is gone.
// FULL: module attributes {space.point = {m.dram = 1 : i64, m.ffn = 1280 : i64, m.freq = 5.000000e+08 : f64, m.layers = 7 : i64, m.sram = 131072 : i64}}
// FULL-NOT: space.param
// PART: module attributes {space.point = {m.dram = 0 : i64, m.layers = 7 : i64}}
// PART-NOT: @m.layers
// PART: space.param @m.ffn
// PART-NEXT: space.param @m.sram
// PART-NEXT: space.param @m.freq
// PART-NOT: space.param
// A second bind adds to the point.
// TWICE: module attributes {space.point = {m.ffn = 1280 : i64, m.layers = 7 : i64, m.sram = 131072 : i64}}
space.param @m.layers in #space.range<6 to 12>
space.param @m.ffn in #space.range<1024 to 2048 step 256>
space.param @m.sram in #space.choices<[65536, 131072]> unit "KiB" scale 1.024e3
space.param @m.dram in #space.categories<["lpddr4", "lpddr4x"]>
space.param @m.freq in #space.choices<[5.0e8, 1.0e9]> unit "GHz" scale 1.0e9

// A requirement over parameters becomes its truth value; metrics stay.
// FULL: space.require 1
// PART: space.require #space.expr<ge, [#space.ref<"m.ffn">, 1280 : i64]>
space.require #space.expr<ge, [#space.ref<"m.ffn">, 1280]>
// FULL: space.require #space.expr<le, [#space.metric<"latency">, 7 : i64]>
// PART: space.require #space.expr<le, [#space.metric<"latency">, 7 : i64]>
space.require #space.expr<le, [#space.metric<"latency">, #space.ref<"m.layers">]>

// CHECK-LABEL: nn.model @m
nn.model @m family "clip" {
  // CHECK: nn.segment @s sizes {layers = 7 : i64}
  %s = nn.segment @s sizes {layers = #space.ref<"m.layers">} -> tensor<1x2x?xf32> {
    %x = nn.input "x" [1, 2, 4] of f32 : tensor<1x2x4xf32>
    // Types follow: a partial bind leaves what is still open dynamic.
    // FULL: nn.linear %{{.*}} {features = 3840 : i64, weight = "w"} : tensor<1x2x4xf32> -> tensor<1x2x3840xf32>
    // PART: nn.linear %{{.*}} {features = #space.expr<mul, [3 : i64, #space.ref<"m.ffn">]>, weight = "w"} : tensor<1x2x4xf32> -> tensor<1x2x?xf32>
    %y = nn.linear %x {features = #space.expr<mul, [3, #space.ref<"m.ffn">]>, weight = "w"} : tensor<1x2x4xf32> -> tensor<1x2x?xf32>
    // FULL: nn.repeat %{{.*}} times(7 : i64) : tensor<1x2x3840xf32> -> tensor<1x2x3840xf32> {
    // FULL-NEXT: ^bb0(%{{.*}}: tensor<1x2x3840xf32>):
    // FULL: nn.yield %{{.*}} : tensor<1x2x3840xf32>
    // PART: nn.repeat %{{.*}} times(7 : i64) : tensor<1x2x?xf32> -> tensor<1x2x?xf32> {
    %r = nn.repeat %y times(#space.ref<"m.layers">) : tensor<1x2x?xf32> -> tensor<1x2x?xf32> {
    ^bb0(%i: tensor<1x2x?xf32>):
      %g = nn.pointwise %i {function = "gelu"} : tensor<1x2x?xf32> -> tensor<1x2x?xf32>
      nn.yield %g : tensor<1x2x?xf32>
    }
    nn.yield %r : tensor<1x2x?xf32>
  }
  // FULL: nn.return %{{.*}} : tensor<1x2x3840xf32>
  nn.return %s : tensor<1x2x?xf32>
}

// CHECK-LABEL: accel.machine @edge
// CHECK-SAME: clock =
// FULL-SAME: 5.000000e+08 : f64
// PART-SAME: #space.ref<"m.freq">
accel.machine @edge attributes {clock = #space.ref<"m.freq">, precision = 8} {
  // A selection by a category picks text and lists as well as numbers.
  // CHECK-NEXT: accel.dram @main
  // FULL-SAME: bandwidth = 3.000000e+10 : f64
  // PART-SAME: bandwidth = 1.500000e+10 : f64
  // FULL-SAME: type = "lpddr4x"
  // PART-SAME: type = "lpddr4"
  accel.dram @main {type = #space.expr<select, [#space.ref<"m.dram">, "lpddr4", "lpddr4x"]>, capacity = 1024,
    bandwidth = #space.expr<select, [#space.ref<"m.dram">, 1.5e10, 3.0e10]>, energy = 0, embodied = 0}
  // FULL-NEXT: accel.memory @local {area = [2], {{.*}} capacity = 131072 : i64
  // PART-NEXT: accel.memory @local {area = [1], {{.*}} capacity = #space.ref<"m.sram">
  accel.memory @local {capacity = #space.ref<"m.sram">, bandwidth = 16, capacities = [1024], read_energy = [1],
    write_energy = [1], area = #space.expr<select, [#space.ref<"m.dram">, [1], [2]]>, leakage = 0}
}
