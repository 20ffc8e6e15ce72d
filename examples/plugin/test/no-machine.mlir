// RUN: cat-opt --load-pass-plugin=%plugin --pass-pipeline='builtin.module(data-reuse)' --verify-diagnostics --split-input-file %s

// expected-error@below {{data-reuse needs one machine in the module, found 0}}
module {
}

// -----

// expected-error@below {{data-reuse needs one machine in the module, found 2}}
module {
  accel.machine @first attributes {clock = 6.25e8, precision = 8 : i64} {}
  accel.machine @second attributes {clock = 6.25e8, precision = 8 : i64} {}
}

// -----

module {
  // An unbound parameter is reported where it stands.
  // expected-error@below {{'clock'}}
  accel.machine @edge attributes {clock = #space.ref<"edge.clock">, precision = 8 : i64} {}
}
