//===- catc_gemm.sv - The GEMM core of a cluster
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// batch x (M x K) * (K x N) with a double-buffered stationary operand. Rows of A go through the array
// once for each column step and depth step; complete sums stay in the accumulators over all depth
// steps of a chunk and leave by the drain. Loops, from the outside in:
//   hold 0 (neither), 1 (input): batch, chunk, column step, depth step, row
//   hold 2 (weight):             batch, column step, chunk, depth step, row
// Held input is read again from its ring for each column step of a chunk, held weights for each
// chunk of a column step; what is not held streams through.
//
// Weight rows may load into the shadow in the cycle of the previous tile's swap or later; a tile may
// start when all of its rows are loaded. In the last depth step a row starts only every
// WIDTH/UNITS cycles, as the drain takes them, and only with room for its results.
//
//===----------------------------------------------------------------------===//

module catc_gemm #(
    parameter int WIDTH            = 8,
    parameter int DEPTH            = 8,
    parameter bit SYSTOLIC         = 1'b0,
    parameter int UNITS            = 4,
    parameter int ACCUMULATOR_ROWS = 32,
    parameter int OUTPUT_ROWS      = 32,
    parameter int INPUT_WORDS      = 128,
    parameter int WEIGHT_ROWS      = 128
) (
    input  logic               clk,
    input  logic               rst_n,
    input  logic               start,
    input  logic [1:0]         hold,
    input  logic [15:0]        batches,
    input  logic [15:0]        chunks,
    input  logic [15:0]        tiles,      // column steps
    input  logic [15:0]        steps,      // depth steps
    input  logic [15:0]        rows,       // of a chunk
    input  logic [15:0]        rows_last,  // of the last chunk
    input  logic               table_we,
    input  logic [5:0]         table_address,
    input  logic [31:0]        table_entries,
    input  logic               table_enable,
    input  logic               add_enable,
    input  logic [15:0]        add_multiplier_a,
    input  logic [15:0]        add_multiplier_b,
    input  logic [31:0]        add_offset,
    input  logic               a_valid,
    output logic               a_ready,
    input  logic [DEPTH*8-1:0] a,
    input  logic               w_valid,
    output logic               w_ready,
    input  logic [WIDTH*8-1:0] w,
    input  logic               residual_valid,
    output logic               residual_ready,
    input  logic [WIDTH*8-1:0] residual,
    output logic               row_valid,
    input  logic               row_ready,
    output logic [WIDTH*8-1:0] row,
    // Why no row started in this cycle.
    output logic               stall_a,
    output logic               stall_w,
    output logic               stall_out
);
  localparam int LEVELS  = $clog2(DEPTH);
  localparam int SUM     = 16 + LEVELS;
  localparam int LATENCY = SYSTOLIC ? (DEPTH + WIDTH - 1) : (2 + LEVELS);
  localparam int PERIOD  = WIDTH / UNITS;
  localparam int IAW = $clog2(INPUT_WORDS);
  localparam int WAW = $clog2(WEIGHT_ROWS);
  localparam int CAW = $clog2(ACCUMULATOR_ROWS);
  localparam int OAW = $clog2(OUTPUT_ROWS);
  localparam int PCW = (PERIOD > 1) ? $clog2(PERIOD) : 1;
  localparam logic [1:0] HOLD_INPUT = 2'd1, HOLD_WEIGHT = 2'd2;

  // ---- Loops of the rows ----
  logic        running, feed, tile_end, visit_end;
  logic [15:0] step_q, row_q, chunk_rows;
  logic        first_step, last_step, first_row, last_row;
  logic        f_first_chunk, f_first_tile, f_last_chunk, f_last_tile, f_last_batch, f_last;
  catc_loop u_feed_loop (
      .clk(clk), .load(start), .step(tile_end), .tile_outer(hold == HOLD_WEIGHT),
      .batches(batches), .chunks(chunks), .tiles(tiles), .first_chunk(f_first_chunk),
      .first_tile(f_first_tile), .last_chunk(f_last_chunk), .last_tile(f_last_tile),
      .last_batch(f_last_batch), .last(f_last));
  assign chunk_rows = f_last_chunk ? rows_last : rows;
  assign first_step = (step_q == 16'd0);
  assign last_step  = (step_q == steps - 16'd1);
  assign first_row  = (row_q == 16'd0);
  assign last_row   = (row_q == chunk_rows - 16'd1);
  assign tile_end   = feed && last_row && last_step;
  assign visit_end  = last_row && last_step && (hold != HOLD_WEIGHT || f_last_chunk);

  // ---- Input ring ----
  logic [IAW:0] a_write, a_read, a_free, a_chunk;
  logic         a_push, a_available, a_release;
  assign a_ready     = ((a_write - a_free) != (IAW+1)'(INPUT_WORDS));
  assign a_push      = a_valid && a_ready;
  assign a_available = (a_write != a_read);
  assign a_release   = (hold != HOLD_INPUT) || f_last_tile;

  // ---- Weight ring and shadow ----
  logic [WAW:0]    w_write, w_read, w_free, w_tile;
  logic            w_push, w_available, w_release;
  logic [LEVELS:0] loaded;
  logic [LEVELS:0] load_row;
  logic            shadow_full, swap, load_weights, load_constants, load_tile_end;
  logic            loading, constants_phase;
  logic [2:0]      constants_row;
  logic [15:0]     load_step;
  logic [1:0]      sets_full;
  logic            load_set, drain_set, set_done;
  logic            l_first_chunk, l_first_tile, l_last_chunk, l_last_tile, l_last_batch, l_last;
  logic            load_visit_end;
  catc_loop u_load_loop (
      .clk(clk), .load(start), .step(load_tile_end), .tile_outer(hold == HOLD_WEIGHT),
      .batches(batches), .chunks(chunks), .tiles(tiles), .first_chunk(l_first_chunk),
      .first_tile(l_first_tile), .last_chunk(l_last_chunk), .last_tile(l_last_tile),
      .last_batch(l_last_batch), .last(l_last));
  assign w_ready        = ((w_write - w_free) != (WAW+1)'(WEIGHT_ROWS));
  assign w_push         = w_valid && w_ready;
  assign w_available    = (w_write != w_read);
  assign w_release      = constants_phase || (hold != HOLD_WEIGHT) || l_last_chunk;
  assign shadow_full    = (loaded == (LEVELS+1)'(DEPTH));
  assign load_constants = loading && constants_phase && w_available && !sets_full[load_set];
  assign load_weights   = loading && !constants_phase && w_available && (swap || !shadow_full);
  assign load_row       = swap ? '0 : loaded;
  assign load_tile_end  = load_weights && (load_row == (LEVELS+1)'(DEPTH - 1)) &&
                          (load_step == steps - 16'd1);
  assign load_visit_end = (hold != HOLD_WEIGHT) || l_last_chunk;

  // ---- Residual rows ----
  logic [CAW:0] r_write, r_claim, r_read;
  logic         r_push, r_available, residual_pop;
  assign residual_ready = ((r_write - r_read) != (CAW+1)'(ACCUMULATOR_ROWS));
  assign r_push         = residual_valid && residual_ready;
  assign r_available    = !add_enable || (r_write != r_claim);

  // ---- Issue ----
  logic [OAW:0]   credits;
  logic [PCW-1:0] spacing;
  logic           row_pop, weights_in, drain_free;
  assign weights_in = !first_row || shadow_full;
  assign drain_free = (credits != '0) && (spacing == '0);
  assign feed = running && a_available && weights_in && (!last_step || (drain_free && r_available));
  assign swap = feed && first_row;
  assign stall_w   = running && !weights_in;
  assign stall_a   = running && weights_in && (!a_available || (last_step && !r_available));
  assign stall_out = running && !feed && !stall_w && !stall_a;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      running   <= 1'b0;
      loading   <= 1'b0;
      credits   <= (OAW+1)'(OUTPUT_ROWS);
      spacing   <= '0;
      loaded    <= '0;
      sets_full <= '0;
      load_set  <= 1'b0;
      drain_set <= 1'b0;
      a_write <= '0;
      a_read  <= '0;
      a_free  <= '0;
      a_chunk <= '0;
      w_write <= '0;
      w_read  <= '0;
      w_free  <= '0;
      w_tile  <= '0;
      r_write <= '0;
      r_claim <= '0;
      r_read  <= '0;
      step_q  <= '0;
      row_q   <= '0;
      load_step       <= '0;
      constants_phase <= 1'b1;
      constants_row   <= '0;
    end else begin
      // Rows.
      if (start) running <= 1'b1;
      else if (tile_end && f_last) running <= 1'b0;
      if (feed) begin
        row_q <= last_row ? 16'd0 : row_q + 16'd1;
        if (last_row) step_q <= last_step ? 16'd0 : step_q + 16'd1;
        a_read <= a_read + 1'b1;
        if (a_release) a_free <= a_read + 1'b1;
        if (tile_end) begin
          if (a_release) a_chunk <= a_read + 1'b1;
          else a_read <= a_chunk;
        end
      end
      if (a_push) a_write <= a_write + 1'b1;
      credits <= credits - (OAW+1)'(feed && last_step) + (OAW+1)'(row_pop);
      if (feed && last_step) spacing <= PCW'(PERIOD - 1);
      else if (spacing != '0) spacing <= spacing - 1'b1;

      // Weights.
      if (start) loading <= 1'b1;
      else if (load_tile_end && l_last) loading <= 1'b0;
      if (w_push) w_write <= w_write + 1'b1;
      if (load_constants || load_weights) begin
        w_read <= w_read + 1'b1;
        if (w_release) w_free <= w_read + 1'b1;
      end
      if (load_constants) begin
        constants_row <= constants_row + 3'd1;
        if (constants_row == 3'd7) begin
          constants_phase <= 1'b0;
          load_set        <= !load_set;
          w_tile          <= w_read + 1'b1;
        end
      end
      if (load_weights) loaded <= load_row + 1'b1;
      else if (swap) loaded <= '0;
      if (load_weights && load_row == (LEVELS+1)'(DEPTH - 1))
        load_step <= (load_step == steps - 16'd1) ? 16'd0 : load_step + 16'd1;
      if (load_tile_end) begin
        if (load_visit_end) constants_phase <= 1'b1;
        else w_read <= w_tile;
      end
      if (load_constants && constants_row == 3'd7) sets_full[load_set] <= 1'b1;
      if (set_done) begin
        sets_full[drain_set] <= 1'b0;
        drain_set            <= !drain_set;
      end

      // Residual rows.
      if (r_push) r_write <= r_write + 1'b1;
      if (feed && last_step && add_enable) r_claim <= r_claim + 1'b1;
      if (residual_pop) r_read <= r_read + 1'b1;
    end
  end

  // ---- Array ----
  logic [DEPTH*8-1:0]  a_row;
  logic [WIDTH*8-1:0]  w_row;
  logic                swap_q, load_q, constants_q, constants_set_q;
  logic [LEVELS-1:0]   load_row_q;
  logic [2:0]          constants_row_q;
  catc_sram #(.WIDTH(DEPTH*8), .DEPTH(INPUT_WORDS)) u_input (
      .clk(clk), .we(a_push), .waddr(a_write[IAW-1:0]), .wdata(a), .re(feed),
      .raddr(a_read[IAW-1:0]), .rdata(a_row));
  catc_sram #(.WIDTH(WIDTH*8), .DEPTH(WEIGHT_ROWS)) u_weights (
      .clk(clk), .we(w_push), .waddr(w_write[WAW-1:0]), .wdata(w),
      .re(load_weights || load_constants), .raddr(w_read[WAW-1:0]), .rdata(w_row));
  always_ff @(posedge clk) begin
    swap_q          <= swap && rst_n;
    load_q          <= load_weights && rst_n;
    load_row_q      <= load_row[LEVELS-1:0];
    constants_q     <= load_constants && rst_n;
    constants_row_q <= constants_row;
    constants_set_q <= load_set;
  end

  logic [WIDTH*SUM-1:0] partial;
  generate
    if (SYSTOLIC) begin : g_systolic
      catc_array_systolic #(.WIDTH(WIDTH), .DEPTH(DEPTH), .SUM(SUM)) u_array (
          .clk(clk), .a(a_row), .swap(swap_q), .load(load_q), .load_row(load_row_q), .w(w_row),
          .sums(partial));
    end else begin : g_dot
      catc_array_dot #(.WIDTH(WIDTH), .DEPTH(DEPTH), .SUM(SUM)) u_array (
          .clk(clk), .a(a_row), .swap(swap_q), .load(load_q), .load_row(load_row_q), .w(w_row),
          .sums(partial));
    end
  endgenerate

  // ---- Accumulation: a row's tag reaches the accumulators' read port with its sums a cycle away --
  localparam int TAG = 4 + CAW;
  logic [TAG-1:0] tag_read, tag_sum;
  logic           x_valid, x_first, x_last, x_visit_end;
  logic [CAW-1:0] x_row;
  catc_delay #(.WIDTH(TAG), .N(LATENCY)) u_tag_read (
      .clk(clk), .d({feed && rst_n, first_step, last_step, visit_end, row_q[CAW-1:0]}),
      .q(tag_read));
  catc_delay #(.WIDTH(TAG), .N(1)) u_tag_sum (.clk(clk), .d(tag_read), .q(tag_sum));
  assign {x_valid, x_first, x_last, x_visit_end, x_row} = tag_sum;

  logic [WIDTH*32-1:0] previous, sums;
  catc_sram #(.WIDTH(WIDTH*32), .DEPTH(ACCUMULATOR_ROWS)) u_accumulators (
      .clk(clk), .we(x_valid && !x_last), .waddr(x_row), .wdata(sums),
      .re(tag_read[TAG-1] && !tag_read[TAG-2]), .raddr(tag_read[CAW-1:0]), .rdata(previous));
  always_comb
    for (int n = 0; n < WIDTH; n = n + 1)
      sums[n*32+:32] = (x_first ? 32'd0 : previous[n*32+:32]) +
                       {{(32-SUM){partial[n*SUM+SUM-1]}}, partial[n*SUM+:SUM]};

  // ---- Drain ----
  logic [WIDTH*8-1:0] residual_row, drained;
  logic               drained_valid;
  catc_sram #(.WIDTH(WIDTH*8), .DEPTH(ACCUMULATOR_ROWS)) u_residual (
      .clk(clk), .we(r_push), .waddr(r_write[CAW-1:0]), .wdata(residual), .re(residual_pop),
      .raddr(r_read[CAW-1:0]), .rdata(residual_row));
  catc_drain #(.WIDTH(WIDTH), .UNITS(UNITS)) u_drain (
      .clk(clk), .rst_n(rst_n), .constants_we(constants_q), .constants_set(constants_set_q),
      .constants_row(constants_row_q), .constants(w_row), .set_done(set_done),
      .table_we(table_we), .table_address(table_address), .table_entries(table_entries),
      .table_enable(table_enable), .add_enable(add_enable), .add_multiplier_a(add_multiplier_a),
      .add_multiplier_b(add_multiplier_b), .add_offset(add_offset),
      .sums_valid(x_valid && x_last), .sums_last(x_visit_end), .sums(sums),
      .residual_pop(residual_pop), .residual(residual_row), .row_valid(drained_valid),
      .row(drained));

  // ---- Output FIFO ----
  logic [WIDTH*8-1:0] results[OUTPUT_ROWS];
  logic [OAW:0]       o_write, o_read;
  assign row_valid = (o_write != o_read);
  assign row       = results[o_read[OAW-1:0]];
  assign row_pop   = row_valid && row_ready;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      o_write <= '0;
      o_read  <= '0;
    end else begin
      if (drained_valid) o_write <= o_write + 1'b1;
      if (row_pop) o_read <= o_read + 1'b1;
    end
    if (drained_valid) results[o_write[OAW-1:0]] <= drained;
  end

  logic unused;
  assign unused = ^{f_first_chunk, f_first_tile, f_last_batch, l_first_chunk, l_first_tile,
                    l_last_tile, l_last_batch, row_q[15:CAW]};
endmodule
