//===- catc_vector_scalar.sv - What a row is multiplied by: the reciprocal of a total, or of a root of a mean square, digit by digit
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lib/Int8/Rows.h: softmax: total = M * 2^k, M of 16 bits; norms: D = max(1, columns * total - sum^2 + epsilon) = M * 4^k,
// M of 32 bits, then its root. reciprocal = floor((2^31 - 1) / M) or of the root. shift is what aligns an element.
// The arguments are read in the cycle of start (epsilon and columns stay). done comes 9 cycles after start for softmax, 20
// for the norms: a norm takes 4 cycles to the normal form of its D and 8 to the root, softmax 1 to that of its total;
// dividing takes 8. What comes out changes no earlier than 8 cycles before done, when the row before has left the
// elements' pipeline.

module catc_vector_scalar (
    input  logic               clk,
    input  logic               rst_n,
    input  logic               start,
    input  logic               is_norm,
    input  logic        [15:0] columns,
    input  logic               centred,
    input  logic signed [24:0] sum,
    input  logic        [39:0] total,
    input  logic        [47:0] epsilon,
    output logic               done,
    output logic        [15:0] reciprocal,
    output logic        [ 5:0] shift,
    output logic signed [24:0] centre  // the sum that elements are centred by, or zero
);
  // D of a norm: products, then their difference, then its normal form.
  logic [2:0] step;  // one bit for each of those cycles, of a norm
  logic signed [24:0] sum_q;
  logic [31:0] squares;
  logic [47:0] product;
  logic [49:0] sum_square, d;

  logic [4:0] d_top;      // index of the leading digit of D, to the base 4
  logic [5:0] total_top;  // index of the leading one
  always_comb begin
    d_top = '0;
    total_top = '0;
    for (int b = 1; b < 25; b = b + 1) if (d[2*b+:2] != '0) d_top = 5'(b);
    for (int b = 1; b < 40; b = b + 1) if (total[b]) total_top = 6'(b);
  end

  // Root: two digits a cycle. Each takes two bits of the radicand.
  logic [31:0] radicand;
  logic [17:0] root_rest, root_rest_1, root_rest_2;
  logic [15:0] root, root_1, root_2;
  logic [19:0] root_try_1, root_try_2;
  assign root_try_1 = {root_rest, radicand[31:30]};
  assign root_1 = {root[14:0], root_try_1 >= {2'd0, root, 2'd1}};
  assign root_rest_1 = 18'(root_1[0] ? root_try_1 - {2'd0, root, 2'd1} : root_try_1);
  assign root_try_2 = {root_rest_1, radicand[29:28]};
  assign root_2 = {root_1[14:0], root_try_2 >= {2'd0, root_1, 2'd1}};
  assign root_rest_2 = 18'(root_2[0] ? root_try_2 - {2'd0, root_1, 2'd1} : root_try_2);

  // Quotient: two digits a cycle. The dividend's bits are ones.
  logic [15:0] divisor;
  logic [15:0] rest, rest_1, rest_2;
  logic [16:0] rest_try_1, rest_try_2;
  logic digit_1, digit_2;
  assign rest_try_1 = {rest, 1'b1};
  assign digit_1 = rest_try_1 >= {1'b0, divisor};
  assign rest_1 = 16'(digit_1 ? rest_try_1 - {1'b0, divisor} : rest_try_1);
  assign rest_try_2 = {rest_1, 1'b1};
  assign digit_2 = rest_try_2 >= {1'b0, divisor};
  assign rest_2 = 16'(digit_2 ? rest_try_2 - {1'b0, divisor} : rest_try_2);

  logic rooting, dividing;
  logic [4:0] half;
  logic [2:0] count;
  always_ff @(posedge clk) begin
    if (start) begin
      sum_q   <= centred ? sum : '0;
      squares <= total[31:0];
    end
    product    <= 48'(columns) * 48'(squares);
    sum_square <= 50'(sum_q) * 50'(sum_q);
    d          <= {2'd0, product} - sum_square + {2'd0, epsilon};

    count <= count + 3'd1;
    done  <= dividing && count == 3'd7;
    if (step[2]) begin
      radicand  <= d[49:1] == '0 ? 32'h4000_0000 : 32'({d, 30'd0} >> {d_top, 1'b0});
      root_rest <= '0;
      root      <= '0;
      half      <= d_top;
      count     <= '0;
    end else begin
      radicand  <= {radicand[27:0], 4'd0};
      root_rest <= root_rest_2;
      root      <= root_2;
    end
    if (start && !is_norm) begin
      divisor <= 16'(total >> (total_top - 6'd15));
      shift   <= total_top - 6'd7;
      count   <= '0;
      rest    <= 16'h7fff;
    end else if (rooting) begin
      divisor <= root_2;
      shift   <= {1'b0, half};
      centre  <= sum_q;
      rest    <= 16'h7fff;
    end else if (dividing) begin
      rest       <= rest_2;
      reciprocal <= {reciprocal[13:0], digit_1, digit_2};
    end
    if (!rst_n) begin
      step     <= '0;
      rooting  <= 1'b0;
      dividing <= 1'b0;
    end else begin
      step     <= {step[1:0], start && is_norm};
      rooting  <= step[2] || (rooting && count != 3'd7);
      dividing <= (start && !is_norm) || (rooting && count == 3'd7) || (dividing && count != 3'd7);
    end
  end
endmodule
