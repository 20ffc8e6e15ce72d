// RUN: cat-opt %s -split-input-file -verify-diagnostics -map

// Attributes.

// expected-error@+1 {{unknown operand to hold 'row'}}
module attributes {test.a = #accel.mapping<split none, hold row, chunk 1, block 1, resident>} {}

// -----

// expected-error@+1 {{a size must be positive}}
module attributes {test.a = #accel.mapping<split none, hold input, chunk 0, block 1, resident>} {}

// -----

// expected-error@+1 {{unknown cluster split 'depth'}}
module attributes {test.a = #accel.mapping<split depth, hold input, chunk 1, block 1, resident>} {}

// -----

// expected-error@+1 {{unknown count 'flops'}}
module attributes {test.a = #accel.counts<cycles = 1, flops = 2>} {}

// Operators.

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op dimensions must be positive}}
    %y = accel.gemm %x {m = 2, n = 4, k = 0, batch = 1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op counts must not be negative}}
    %y = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, drain_passes = -1, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op has both parameters and a stationary activation}}
    %y = accel.gemm %x stationary %x {m = 2, n = 4, k = 4, batch = 1, parameters = 16, name = "g"} : (tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.vector' op rows and columns must be positive}}
    %y = accel.vector %x {function = "gelu", rows = 0, columns = 4, name = "v"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.vector' op adds two operands, but has 1}}
    %y = accel.vector %x {function = "add", rows = 2, columns = 4, name = "v"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.vector' op has unknown function 'relu'; the vector unit computes softmax, layer_norm, l2_norm, add, gelu and quick_gelu}}
    %y = accel.vector %x {function = "relu", rows = 2, columns = 4, name = "v"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op has a batch of 3, which shares its parameters: its items are rows}}
    %y = accel.gemm %x {m = 2, n = 4, k = 4, batch = 3, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.gemm' op drains through 2 passes with 0 residuals; results pass at most one table, then one residual}}
    %y = accel.gemm %x {m = 2, n = 4, k = 4, batch = 1, drain_passes = 2, name = "g"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    %r = accel.source "r" : tensor<4xi8>
    // expected-error@+1 {{'accel.gemm' op adds a residual that is not as large as its result}}
    %y = accel.gemm %x residual %r {m = 2, n = 4, k = 4, batch = 1, drain_passes = 1, name = "g"} : (tensor<2x4xi8>, tensor<4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.copy' op counts must not be negative}}
    %y = accel.copy %x {elements = -1, name = "c"} : (tensor<2x4xi8>) -> tensor<2x4xi8>
    accel.yield %y : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op body must take one value of the operand's type}}
    %y = accel.loop %x times(3) : tensor<2x4xi8> -> tensor<2x4xi8> {
      accel.yield %x : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op body must take one value of the operand's type}}
    %y = accel.loop %x times(3) : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<4xi8>):
      accel.yield %x : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op a layer must yield a value of the type it takes}}
    %y = accel.loop %x times(3) : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op a layer must yield a value of the type it takes}}
    %y = accel.loop %x times(3) : tensor<2x4xi8> -> tensor<4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
      accel.yield %i : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op count must not be negative, but is -1}}
    %y = accel.loop %x times(-1) : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
      accel.yield %i : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op count must be an integer, but is 1.500000e+00 : f64}}
    %y = accel.loop %x times(1.5) : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
      accel.yield %i : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<2x4xi8>
    // expected-error@+1 {{'accel.loop' op keeps 2 layers, but repeats 3 times}}
    %y = accel.loop %x times(3) kept [0, 5] : tensor<2x4xi8> -> tensor<2x4xi8> {
    ^bb0(%i: tensor<2x4xi8>):
      accel.yield %i : tensor<2x4xi8>
    }
    accel.yield %x : tensor<2x4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

accel.workload @w {
  // expected-error@+1 {{'accel.program' op must yield one value of its result type}}
  %p = accel.program @p -> tensor<2x4xi8> {
    %x = accel.source "x" : tensor<4xi8>
    accel.yield %x : tensor<4xi8>
  }
  accel.return %p : tensor<2x4xi8>
}

// -----

// expected-error@+1 {{'accel.program' op expects parent op 'accel.workload'}}
%p = accel.program @p -> tensor<2x4xi8> {
  %x = accel.source "x" : tensor<2x4xi8>
  accel.yield %x : tensor<2x4xi8>
}

// -----

// Structure of a machine.

// expected-error@+1 {{'accel.logic' op expects parent op 'accel.machine'}}
accel.logic @rest {area = 1, leakage = 0}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'space.param' op is not a component of a machine}}
  space.param @p in #space.range<1 to 2>
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-note@+1 {{first here}}
  accel.logic @rest {area = 1, leakage = 0}
  // expected-error@+1 {{'accel.logic' op occurs twice in this machine}}
  accel.logic @more {area = 1, leakage = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.memory' op must be named 'local' or 'global'}}
  accel.memory @cache {capacity = 1, bandwidth = 1, capacities = [1], read_energy = [1], write_energy = [1], area = [1], leakage = 0}
}

// -----

// What a pass that reads the machine finds: values that no component can have.

// expected-error@+1 {{'accel.machine' op 'precision' must be a whole number of bytes, but is 6 bit}}
accel.machine @edge attributes {clock = 1.0e9, precision = 6} {
}

// -----

// expected-error@+1 {{'accel.machine' op 'clock' must not be negative, but is -1}}
accel.machine @edge attributes {clock = -1, precision = 8} {
}

// -----

// expected-error@+1 {{'accel.machine' op 'clock' is not bound: it depends on 'f', 'g'}}
accel.machine @edge attributes {clock = #space.expr<mul, [#space.ref<"f">, #space.ref<"g">]>, precision = 8} {
}

// -----

// expected-error@+1 {{'accel.machine' op the machine cannot be costed: the array width must be positive}}
accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'width' must be positive, but is 0}}
  accel.array @pe {instances = 1, width = 0, depth = 2, accumulator_rows = 8, cell_depths = [2], cell_area = [1.0e-4], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'depth' must be an integer, but is 2.5}}
  accel.array @pe {instances = 1, width = 4, depth = 2.5, accumulator_rows = 8, cell_depths = [2], cell_area = [1.0e-4], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'depth' is not bound: it depends on 'd'}}
  accel.array @pe {instances = 1, width = 4, depth = #space.ref<"d">, accumulator_rows = 8, cell_depths = [2], cell_area = [1.0e-4], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'cell_area' needs one value for each of 'cell_depths'}}
  accel.array @pe {instances = 1, width = 4, depth = 2, accumulator_rows = 8, cell_depths = [2], cell_area = [1, 2], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'cell_area' is not bound: it depends on 'c'}}
  accel.array @pe {instances = 1, width = 4, depth = 2, accumulator_rows = 8, cell_depths = [2], cell_area = #space.expr<select, [#space.ref<"c">, [1], [2]]>, accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.memory' op 'read_energy', 'write_energy' and 'area' need one value for each of 'capacities'}}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1, 2], write_energy = [1], area = [1], leakage = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.memory' op unknown loop order "row"; expected "output", "weight" or "input"}}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1], write_energy = [1], area = [1], leakage = 0, orders = ["row"]}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.memory' op the global memory has no 'orders': parameters and activations cross it as the mapping of each operator says; remove this field}}
  accel.memory @global {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1], write_energy = [1], area = [1], leakage = 0, orders = ["weight"]}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op unknown array style 'tree'; expected 'vector_mac' or 'systolic'}}
  accel.array @pe {instances = 1, width = 4, depth = 2, style = "tree", accumulator_rows = 8, cell_depths = [2], cell_area = [1], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.array' op 'output_rows' must be positive, but is 0}}
  accel.array @pe {instances = 1, width = 4, depth = 2, output_rows = 0, accumulator_rows = 8, cell_depths = [2], cell_area = [1], accumulator_area = 0, requantizer_area = 0, mac_energy = 0, accumulator_energy = 0, clock_energy = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.logic' op unknown timing model 'scalesim'; expected 'template', 'scalesim_ws', 'scalesim_is' or 'scalesim_os'}}
  accel.logic @rest {area = 1, leakage = 0, timing_model = "scalesim"}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.dram' op 'efficiency' must be in (0, 1], but is 0}}
  accel.dram @main {capacity = 1024, bandwidth = 1.0e9, efficiency = 0, energy = 0, embodied = 0}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.logic' op 'idle_leakage_share' must be in [0, 1], but is 2}}
  accel.logic @rest {area = 1, leakage = 0, idle_leakage_share = 2}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.logic' op unknown area model 'sum'; expected 'components' or 'catransformers'}}
  accel.logic @rest {area = 1, leakage = 0, area_model = "sum"}
}

// -----

accel.machine @edge attributes {clock = 1.0e9, precision = 8} {
  // expected-error@+1 {{'accel.memory' op a value of 'area' must not be negative, but is -0.5}}
  accel.memory @local {capacity = 1024, bandwidth = 16, capacities = [1024], read_energy = [1], write_energy = [1], area = [-0.5], leakage = 0}
}
