//===- catc_vector.sv - The vector unit: functions of rows of bytes, V elements a cycle
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One stream of groups of V bytes comes in, one goes out. In front of the first row stands a header:
//   16 bytes of constants (in 16/V groups, or the low bytes of one), then
//   layer_norm, l2_norm: for each group of columns four groups: gain low bytes, gain high bytes, offset low, offset high;
//   pointwise: a table of 256 bytes (256/V groups).
// Rows are whole groups; lanes past the last column are ignored on the way in and zero on the way out. The groups of an
// add alternate: one of the first operand, then the same of the second. Constants, little-endian:
//   softmax      step [23:0], gain [47:32], offset [63:48]
//   layer_norm   zero point [31:24], epsilon [111:64]; l2_norm likewise
//   add          multiplier a [15:0], multiplier b [31:16], offset [63:32]
// What is computed is defined by lib/Int8 (Pointwise.h, Rows.h), when by lib/Cost/RowModelVector.h.
//
// Rows of softmax and of the norms wait in a double buffer: while one is computed the next is loaded. Loading takes the
// maximum, or the sums; softmax then reads the row twice (sum of exponentials, results), a norm once.

module catc_vector #(
    parameter int V         = 16,   // lanes: 2 .. 256
    parameter int ROW_BYTES = 2048  // longest row of softmax and the norms; a multiple of V, at least 2V
) (
    input  logic           clk,
    input  logic           rst_n,
    // Descriptor, constant from start until busy falls. start is one cycle long, while busy is low.
    input  logic           start,
    input  logic [    2:0] func,     // 0 softmax, 1 layer_norm, 2 l2_norm, 3 add, 4 pointwise
    input  logic [   31:0] rows,     // at least 1
    input  logic [   15:0] columns,  // at least 1
    output logic           busy,
    input  logic           in_valid,
    output logic           in_ready,
    input  logic [V*8-1:0] in_data,
    output logic           out_valid,
    input  logic           out_ready,
    output logic [V*8-1:0] out_data
);
  localparam int LV = $clog2(V);
  localparam int GROUPS = ROW_BYTES / V;
  localparam int GW = $clog2(GROUPS);
  localparam int CONSTANT_GROUPS = V < 16 ? 16 / V : 1;
  localparam int TABLE_GROUPS = 256 / V;
  localparam int OUT_DEPTH = 16;  // at least the cycles from a group's issue to its departure

  localparam logic [2:0] SOFTMAX = 3'd0, L2_NORM = 3'd2, ADD = 3'd3, POINTWISE = 3'd4;

  // ---------------------------------------------------------------- descriptor
  logic is_softmax, is_norm, is_add, is_pointwise, is_row;
  assign is_softmax = func == SOFTMAX;
  assign is_add = func == ADD;
  assign is_pointwise = func == POINTWISE;
  assign is_row = !is_add && !is_pointwise;
  assign is_norm = is_row && !is_softmax;

  logic [15:0] last_group;  // index of a row's last group
  assign last_group = (columns - 16'd1) >> LV;
  logic [V-1:0] tail;  // lanes with columns in a row's last group
  logic [31:0] last_lane;
  assign last_lane = {16'd0, columns - 16'd1} & (V - 1);
  always_comb for (int l = 0; l < V; l = l + 1) tail[l] = l <= $signed(last_lane);

  // ---------------------------------------------------------------- header
  logic constants_phase, parameters_phase, rows_phase;
  logic [17:0] header_left;
  logic [127:0] constants;
  logic unused;
  assign unused = ^constants[127:112];
  logic take;
  assign take = in_valid && in_ready;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      constants_phase  <= 1'b0;
      parameters_phase <= 1'b0;
    end else if (start) begin
      constants_phase  <= 1'b1;
      parameters_phase <= 1'b0;
      header_left      <= 18'(CONSTANT_GROUPS - 1);
    end else if (take && (constants_phase || parameters_phase)) begin
      header_left <= header_left - 18'd1;
      if (header_left == '0) begin
        constants_phase  <= 1'b0;
        parameters_phase <= constants_phase && (is_norm || is_pointwise);
        header_left      <= is_norm ? {last_group, 2'd3} : 18'(TABLE_GROUPS - 1);
      end
    end
  end

  generate
    if (V < 16) begin : g_narrow_constants
      always_ff @(posedge clk) if (take && constants_phase) constants <= {in_data, constants[127:V*8]};
    end else begin : g_wide_constants
      always_ff @(posedge clk) if (take && constants_phase) constants <= in_data[127:0];
    end
  endgenerate

  logic [2047:0] lut;
  generate
    if (V < 256) begin : g_narrow_table
      always_ff @(posedge clk) if (take && parameters_phase && is_pointwise) lut <= {in_data, lut[2047:V*8]};
    end else begin : g_wide_table
      always_ff @(posedge clk) if (take && parameters_phase && is_pointwise) lut <= in_data;
    end
  endgenerate

  // The gains and offsets of a norm's columns, a memory for each of their bytes.
  logic [GW+1:0] column_write;
  always_ff @(posedge clk) begin
    if (start) column_write <= '0;
    else if (take && parameters_phase) column_write <= column_write + 1'b1;
  end
  logic column_read;
  logic [GW-1:0] column_address;
  logic [4*V*8-1:0] column_bytes;
  genvar b;
  generate
    for (b = 0; b < 4; b = b + 1) begin : g_columns
      catc_sram #(.WIDTH(V * 8), .DEPTH(GROUPS)) u_columns (
          .clk(clk), .we(take && parameters_phase && is_norm && column_write[1:0] == b), .waddr(column_write[GW+1:2]),
          .wdata(in_data), .re(column_read), .raddr(column_address), .rdata(column_bytes[b*V*8+:V*8]));
    end
  endgenerate

  // ---------------------------------------------------------------- rows in
  logic [31:0] rows_left;  // rows that have not come in yet
  logic [15:0] in_group;
  logic second;  // the group that comes is an add's second operand
  logic [1:0] held;  // rows in the buffer that are complete and not freed
  logic load_half;
  logic credit, free_row, row_in, end_of_row;

  assign rows_phase = busy && !constants_phase && !parameters_phase && rows_left != '0;
  always_comb begin
    in_ready = constants_phase || parameters_phase;
    if (rows_phase) in_ready = is_row ? held != 2'd2 : credit || (is_add && !second);
  end
  assign end_of_row = in_group == last_group && (second || !is_add);
  assign row_in = take && rows_phase && end_of_row;

  always_ff @(posedge clk) begin
    if (start) begin
      rows_left <= rows;
      in_group  <= '0;
      second    <= 1'b0;
      load_half <= 1'b0;
      held      <= '0;
    end else begin
      if (take && rows_phase) begin
        second <= is_add && !second;
        if (second || !is_add) in_group <= end_of_row ? '0 : in_group + 16'd1;
        if (end_of_row) begin
          rows_left <= rows_left - 32'd1;
          load_half <= !load_half;
        end
      end
      held <= held + {1'b0, row_in && is_row} - {1'b0, free_row};
    end
  end

  // ---------------------------------------------------------------- double buffer
  logic issue, compute_half;
  logic [GW-1:0] issue_group;
  logic [V*8-1:0] row_bytes;
  catc_sram #(.WIDTH(V * 8), .DEPTH(2 * GROUPS)) u_rows (
      .clk(clk), .we(take && rows_phase && is_row), .waddr({load_half, in_group[GW-1:0]}), .wdata(in_data),
      .re(issue), .raddr({compute_half, issue_group}), .rdata(row_bytes));

  // ---------------------------------------------------------------- maximum and sums of a row, on its way in
  logic signed [7:0] zero_point;
  assign zero_point = constants[31:24];
  logic have_row, take_row;
  logic signed [7:0] maximum;
  logic signed [24:0] sum;
  logic [39:0] total;  // of squares, or of exponentials
  logic exp_valid, exp_first, exp_last, have_total;
  logic [V*24-1:0] exponentials;
  catc_vector_sums #(.V(V)) u_sums (
      .clk(clk), .rst_n(rst_n && !start), .is_norm(is_norm), .tail(tail), .zero_point(zero_point),
      .in_valid(take && rows_phase && is_row), .in_first(in_group == '0), .in_last(end_of_row), .in_data(in_data),
      .exp_valid(exp_valid), .exp_first(exp_first), .exp_last(exp_last), .exp_data(exponentials),
      .take_row(take_row), .have_row(have_row), .maximum(maximum), .sum(sum), .total(total), .have_total(have_total));

  // ---------------------------------------------------------------- one row's computation
  localparam logic [2:0] IDLE = 3'd0, EXPONENTIALS = 3'd1, TOTAL = 3'd2, SCALAR = 3'd3, RESULTS = 3'd4;
  logic [2:0] state;
  logic signed [7:0] row_maximum;
  logic signed [24:0] centre;
  logic scalar_start, scalar_done;
  logic [15:0] reciprocal;
  logic [5:0] shift;

  assign take_row = state == IDLE && have_row;
  assign issue = state == EXPONENTIALS || (state == RESULTS && credit);
  assign free_row = issue && state == RESULTS && 16'(issue_group) == last_group;
  assign scalar_start = is_softmax ? have_total : take_row;

  always_ff @(posedge clk) begin
    if (!rst_n || start) begin
      state        <= IDLE;
      compute_half <= 1'b0;
      issue_group  <= '0;
    end else begin
      case (state)
        IDLE:
        if (have_row) begin
          row_maximum <= maximum;
          state       <= is_softmax ? EXPONENTIALS : SCALAR;
        end
        EXPONENTIALS:
        if (16'(issue_group) == last_group) state <= TOTAL;
        TOTAL:
        if (have_total) state <= SCALAR;
        SCALAR:
        if (scalar_done) state <= RESULTS;
        default:
        if (free_row) begin
          state        <= IDLE;
          compute_half <= !compute_half;
        end
      endcase
      if (issue) issue_group <= 16'(issue_group) == last_group ? '0 : issue_group + 1'b1;
    end
  end

  catc_vector_scalar u_scalar (
      .clk(clk), .rst_n(rst_n), .start(scalar_start), .is_norm(is_norm), .columns(columns), .centred(func != L2_NORM),
      .sum(sum), .total(total), .epsilon(constants[111:64]),
      .done(scalar_done), .reciprocal(reciprocal), .shift(shift), .centre(centre));

  logic [V*8-1:0] row_result;
  catc_vector_elements #(.V(V)) u_elements (
      .clk(clk), .is_norm(is_norm), .data(row_bytes), .zero_point(zero_point), .maximum(row_maximum),
      .factor(is_norm ? {8'd0, columns} : constants[23:0]), .centre(centre), .exponentials(exponentials), .shift(shift),
      .reciprocal(reciprocal), .column_bytes(column_bytes), .gain(constants[47:32]), .offset(constants[63:48]),
      .result(row_result));

  // What goes along with a group through the elements' pipeline: a bit for each cycle since its issue.
  logic [10:1] result_valid, result_last;
  logic [5:1] exp_valid_q, exp_first_q, exp_last_q;
  logic [7*GW-1:0] group_q;
  always_ff @(posedge clk) begin
    result_last <= {result_last[9:1], 16'(issue_group) == last_group};
    exp_first_q <= {exp_first_q[4:1], issue_group == '0};
    exp_last_q  <= {exp_last_q[4:1], 16'(issue_group) == last_group};
    group_q     <= {group_q[6*GW-1:0], issue_group};
    if (!rst_n || start) begin
      result_valid <= '0;
      exp_valid_q  <= '0;
    end else begin
      result_valid <= {result_valid[9:1], issue && state == RESULTS};
      exp_valid_q  <= {exp_valid_q[4:1], issue && state == EXPONENTIALS};
    end
  end
  assign exp_valid = exp_valid_q[5];
  assign exp_first = exp_first_q[5];
  assign exp_last = exp_last_q[5];
  assign column_read = result_valid[7] && is_norm;
  assign column_address = group_q[7*GW-1-:GW];

  // ---------------------------------------------------------------- add and pointwise
  logic [V*8-1:0] stream_result;
  logic [3:1] stream_valid, stream_last;
  logic stream_issue;
  assign stream_issue = take && rows_phase && !is_row && (second || !is_add);
  catc_vector_stream #(.V(V)) u_stream (
      .clk(clk), .is_add(is_add), .take_first(take && is_add && !second), .data(in_data), .constants(constants[63:0]), .lut(lut),
      .result(stream_result));
  always_ff @(posedge clk) begin
    stream_last <= {stream_last[2:1], end_of_row};
    if (!rst_n || start) stream_valid <= '0;
    else stream_valid <= {stream_valid[2:1], stream_issue};
  end

  // ---------------------------------------------------------------- rows out
  logic [V*8-1:0] fifo[OUT_DEPTH];
  logic [3:0] fifo_write, fifo_read;
  logic [4:0] fifo_count, credits;  // groups waiting, and groups that may still be issued
  logic [31:0] rows_to_leave;
  logic [15:0] out_group;
  logic push, pop, push_last;
  logic [V*8-1:0] pushed;

  assign credit = credits != '0;
  assign push = is_row ? result_valid[10] : stream_valid[3];
  assign push_last = is_row ? result_last[10] : stream_last[3];
  always_comb begin
    pushed = is_row ? row_result : stream_result;
    for (int l = 0; l < V; l = l + 1) if (push_last && !tail[l]) pushed[l*8+:8] = '0;
  end
  assign out_valid = fifo_count != '0;
  assign out_data = fifo[fifo_read];
  assign pop = out_valid && out_ready;

  always_ff @(posedge clk) begin
    if (push) fifo[fifo_write] <= pushed;
    if (!rst_n || start) begin
      fifo_write    <= '0;
      fifo_read     <= '0;
      fifo_count    <= '0;
      credits       <= 5'(OUT_DEPTH);
      out_group     <= '0;
      rows_to_leave <= rows;
      busy          <= start && rst_n;
    end else begin
      if (push) fifo_write <= fifo_write + 4'd1;
      if (pop) begin
        fifo_read <= fifo_read + 4'd1;
        out_group <= out_group == last_group ? '0 : out_group + 16'd1;
        if (out_group == last_group) begin
          rows_to_leave <= rows_to_leave - 32'd1;
          busy          <= rows_to_leave != 32'd1;
        end
      end
      fifo_count <= fifo_count + {4'd0, push} - {4'd0, pop};
      credits    <= credits + {4'd0, pop} - {4'd0, stream_issue || (issue && state == RESULTS)};
    end
  end
endmodule
