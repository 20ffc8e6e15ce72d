//===- catc_loop.sv - Three nested loops over batch items, chunks of rows and column steps
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batch items are outermost; of the other two, `tile_outer` says which is the outer one. `load`
// starts at the first iteration, `step` goes to the next; after the last one the loops start again.
//
//===----------------------------------------------------------------------===//

module catc_loop (
    input  logic        clk,
    input  logic        load,
    input  logic        step,
    input  logic        tile_outer,
    input  logic [15:0] batches,
    input  logic [15:0] chunks,
    input  logic [15:0] tiles,
    output logic        first_chunk,
    output logic        first_tile,
    output logic        last_chunk,
    output logic        last_tile,
    output logic        last_batch,
    output logic        last
);
  logic [15:0] batch, chunk, tile;
  logic next_chunk, next_tile;

  assign first_chunk = (chunk == 16'd0);
  assign first_tile  = (tile == 16'd0);
  assign last_chunk  = (chunk == chunks - 16'd1);
  assign last_tile   = (tile == tiles - 16'd1);
  assign last_batch  = (batch == batches - 16'd1);
  assign last        = last_chunk && last_tile && last_batch;
  assign next_chunk  = !tile_outer ? last_tile : 1'b1;
  assign next_tile   = !tile_outer ? 1'b1 : last_chunk;

  always_ff @(posedge clk) begin
    if (load) begin
      batch <= '0;
      chunk <= '0;
      tile  <= '0;
    end else if (step) begin
      if (next_chunk) chunk <= last_chunk ? 16'd0 : chunk + 16'd1;
      if (next_tile) tile <= last_tile ? 16'd0 : tile + 16'd1;
      if (last_chunk && last_tile) batch <= last_batch ? 16'd0 : batch + 16'd1;
    end
  end
endmodule
