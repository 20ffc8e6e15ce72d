//===- catc_vector_elements.sv - The vector unit's pipeline for elements of softmax and of the norms, V lanes side by side
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// lib/Int8/Rows.h, one step a cycle. Of a group whose bytes are at data in cycle 1, exponentials are there in cycle 5, the
// column's gains and offsets are wanted at column_bytes in cycle 8, and results are there in cycle 10.

module catc_vector_elements #(
    parameter int V = 16
) (
    input  logic                    clk,
    input  logic                    is_norm,
    input  logic        [  V*8-1:0] data,
    input  logic signed [      7:0] zero_point,
    input  logic signed [      7:0] maximum,
    input  logic        [     23:0] factor,        // softmax: step; norms: columns
    input  logic signed [     24:0] centre,
    output logic        [ V*24-1:0] exponentials,
    input  logic        [      5:0] shift,
    input  logic        [     15:0] reciprocal,
    input  logic        [4*V*8-1:0] column_bytes,  // gain low, gain high, offset low, offset high; V bytes each
    input  logic signed [     15:0] gain,          // of softmax
    input  logic signed [     15:0] offset,
    output logic        [  V*8-1:0] result
);
  logic [V*9-1:0] d2;    // distance from the maximum, or from the zero point (signed)
  logic [V*34-1:0] p3;   // times the factor
  logic [V*26-1:0] c4;   // softmax: whole part of the exponent (5 bits), power (16 bits); norms: centred element (signed)
  logic [V*39-1:0] v5;   // exponential or centred element, 13 bits behind the point (signed)
  logic [V*21-1:0] x6;   // normalised (signed)
  logic [V*38-1:0] p7;   // times the reciprocal (signed)
  logic [V*18-1:0] u8;   // without its low bits (signed)
  logic [V*34-1:0] f9;   // times the gain (signed)
  logic [V*16-1:0] o9;   // the offset

  // 2^15 * 2^(-node/16), and what the power loses to the next node.
  logic [16*16-1:0] powers;
  logic [16*11-1:0] drops;
  assign powers = {16'd17109, 16'd17867, 16'd18658, 16'd19484, 16'd20347, 16'd21247, 16'd22188, 16'd23170,
                   16'd24196, 16'd25268, 16'd26386, 16'd27554, 16'd28774, 16'd30048, 16'd31379, 16'd32768};
  assign drops = {11'd725, 11'd758, 11'd791, 11'd826, 11'd863, 11'd900, 11'd941, 11'd982,
                  11'd1026, 11'd1072, 11'd1118, 11'd1168, 11'd1220, 11'd1274, 11'd1331, 11'd1389};

  // Between the registers.
  logic [V*19-1:0] lost;     // drop times the rest of the fraction, and half
  logic [V*16-1:0] power;
  logic [V*5-1:0] whole;
  logic [V*39-1:0] shifted;
  logic [V*39-1:0] rounded;
  logic [V*38-1:0] high;
  logic [V*34-1:0] total;
  logic [V*16-1:0] gain8, offset8;
  always_comb
    for (int l = 0; l < V; l = l + 1) begin
      // The exponent has 12 bits before and 20 behind the point, of which 4 choose the node and 8 interpolate.
      lost[l*19+:19] = 19'(drops[p3[l*34+16+:4]*11+:11]) * 19'(p3[l*34+8+:8]) + 19'd128;
      power[l*16+:16] = powers[p3[l*34+16+:4]*16+:16] - {5'd0, lost[l*19+8+:11]};
      whole[l*5+:5] = p3[l*34+20+:12] < 12'd24 ? p3[l*34+20+:5] : 5'd24;
      shifted[l*39+:39] = $signed(v5[l*39+:39]) >>> shift;
      rounded[l*39+:39] = $signed(shifted[l*39+:39] + 39'd1) >>> 1;
      high[l*38+:38] = $signed(p7[l*38+:38] + 38'h40000) >>> 19;
      total[l*34+:34] = $signed(f9[l*34+:34] + {{9{o9[l*16+15]}}, o9[l*16+:16], 9'd0} + 34'h8000) >>> 16;
      gain8[l*16+:16] = is_norm ? {column_bytes[(V+l)*8+:8], column_bytes[l*8+:8]} : gain;
      offset8[l*16+:16] = is_norm ? {column_bytes[(3*V+l)*8+:8], column_bytes[(2*V+l)*8+:8]} : offset;
    end

  always_comb for (int l = 0; l < V; l = l + 1) exponentials[l*24+:24] = v5[l*39+13+:24];

  always_ff @(posedge clk) begin
    for (int l = 0; l < V; l = l + 1) begin
      d2[l*9+:9] <= is_norm ? 9'($signed(data[l*8+:8])) - 9'(zero_point) : 9'(maximum) - 9'($signed(data[l*8+:8]));
      p3[l*34+:34] <= 34'($signed(d2[l*9+:9])) * {10'd0, factor};
      c4[l*26+:26] <= is_norm ? p3[l*34+:26] - {centre[24], centre} : {5'd0, whole[l*5+:5], power[l*16+:16]};
      v5[l*39+:39] <= is_norm ? {c4[l*26+:26], 13'd0} :
          {2'd0, {c4[l*26+:16], 8'd0} >> c4[l*26+16+:5], 13'd0};
      x6[l*21+:21] <= ($signed(rounded[l*39+:39]) > 39'sd1048575) ? 21'h0fffff :
          ($signed(rounded[l*39+:39]) < -39'sd1048576) ? 21'h100000 : rounded[l*39+:21];
      p7[l*38+:38] <= 38'($signed(x6[l*21+:21])) * {22'd0, reciprocal};
      u8[l*18+:18] <= (is_norm && $signed(high[l*38+:38]) > 38'sd32767) ? 18'h07fff :
          (is_norm && $signed(high[l*38+:38]) < -38'sd32768) ? 18'h38000 : high[l*38+:18];
      f9[l*34+:34] <= 34'($signed(u8[l*18+:18])) * 34'($signed(gain8[l*16+:16]));
      o9[l*16+:16] <= offset8[l*16+:16];
      result[l*8+:8] <= ($signed(total[l*34+:34]) > 34'sd127) ? 8'h7f :
          ($signed(total[l*34+:34]) < -34'sd128) ? 8'h80 : total[l*34+:8];
    end
  end
endmodule
