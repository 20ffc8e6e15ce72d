//===- catc_address.sv - The address that goes with a catc_loop
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// base + batch * batch_stride + chunk * chunk_stride + tile * tile_stride, by additions.
//
//===----------------------------------------------------------------------===//

module catc_address #(
    parameter int AW = 12
) (
    input  logic          clk,
    input  logic          load,
    input  logic          step,
    input  logic          tile_outer,
    input  logic          last_chunk,
    input  logic          last_tile,
    input  logic [AW-1:0] base,
    input  logic [AW-1:0] batch_stride,
    input  logic [AW-1:0] chunk_stride,
    input  logic [AW-1:0] tile_stride,
    output logic [AW-1:0] address
);
  logic [AW-1:0] batch_base, outer_base, next_batch, next_outer;
  logic last_inner, last_outer;

  assign last_inner = tile_outer ? last_chunk : last_tile;
  assign last_outer = tile_outer ? last_tile : last_chunk;
  assign next_batch = batch_base + batch_stride;
  assign next_outer = outer_base + (tile_outer ? tile_stride : chunk_stride);

  always_ff @(posedge clk) begin
    if (load) begin
      batch_base <= base;
      outer_base <= base;
      address    <= base;
    end else if (step) begin
      if (!last_inner) begin
        address <= address + (tile_outer ? chunk_stride : tile_stride);
      end else if (!last_outer) begin
        outer_base <= next_outer;
        address    <= next_outer;
      end else begin
        batch_base <= next_batch;
        outer_base <= next_batch;
        address    <= next_batch;
      end
    end
  end
endmodule
