//===- catc_vector_sums.sv - The vector unit's reductions: the maximum and the sums of a row while it comes in, the sum of its exponentials later
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A group that comes in cycle t is in the row's maximum and sums from cycle t + 3 + log2(V) on; exponentials of cycle t are
// in the total from cycle t + 1 + log2(V) on. have_row stays until take_row; have_total lasts one cycle.

module catc_vector_sums #(
    parameter int V  = 16,
    parameter int LV = $clog2(V)
) (
    input  logic                   clk,
    input  logic                   rst_n,
    input  logic                   is_norm,
    input  logic        [   V-1:0] tail,        // lanes of a row's last group that hold columns
    input  logic signed [     7:0] zero_point,
    input  logic                   in_valid,
    input  logic                   in_first,
    input  logic                   in_last,
    input  logic        [ V*8-1:0] in_data,
    input  logic                   exp_valid,
    input  logic                   exp_first,
    input  logic                   exp_last,
    input  logic        [V*24-1:0] exp_data,
    input  logic                   take_row,
    output logic                   have_row,
    output logic signed [     7:0] maximum,
    output logic signed [    24:0] sum,         // of elements less the zero point
    output logic        [    39:0] total,       // of those, squared, or of the exponentials
    output logic                   have_total
);
  localparam int SW = 9 + LV;   // a sum of V differences
  localparam int TW = 24 + LV;  // a sum of V squares or exponentials

  // Leaves, and the trees above them: level v of V >> v nodes starts at V - (2V >> v).
  logic [V*8-1:0] max_leaf;
  logic [V*SW-1:0] sum_leaf, difference;
  logic [V*TW-1:0] square_leaf, total_leaf;
  logic [(V-1)*8-1:0] max_tree;
  logic [(V-1)*SW-1:0] sum_tree;
  logic [(V-1)*TW-1:0] total_tree;

  logic [V*8-1:0] data;
  logic valid, first, last;
  logic [LV:0] valid_q, first_q, last_q;  // of the level that the index names
  logic [LV:0] total_valid, total_first, total_last;
  logic [LV:1] exp_valid_q, exp_first_q, exp_last_q;

  always_comb
    for (int l = 0; l < V; l = l + 1) begin
      difference[l*SW+:SW] = (last && !tail[l]) ? '0 : SW'($signed(data[l*8+:8])) - SW'(zero_point);
      total_leaf[l*TW+:TW] = is_norm ? square_leaf[l*TW+:TW] :
          (exp_last && !tail[l]) ? '0 : {{LV{1'b0}}, exp_data[l*24+:24]};
    end

  always_ff @(posedge clk) begin
    data  <= in_data;
    first <= in_first;
    last  <= in_last;
    sum_leaf <= difference;
    for (int l = 0; l < V; l = l + 1) begin
      max_leaf[l*8+:8]      <= (last && !tail[l]) ? 8'h80 : data[l*8+:8];
      square_leaf[l*TW+:TW] <= TW'($signed(difference[l*SW+:SW])) * TW'($signed(difference[l*SW+:SW]));
    end
    for (int l = 0; l < V / 2; l = l + 1) begin
      max_tree[l*8+:8] <= $signed(max_leaf[2*l*8+:8]) > $signed(max_leaf[(2*l+1)*8+:8]) ?
          max_leaf[2*l*8+:8] : max_leaf[(2*l+1)*8+:8];
      sum_tree[l*SW+:SW]   <= sum_leaf[2*l*SW+:SW] + sum_leaf[(2*l+1)*SW+:SW];
      total_tree[l*TW+:TW] <= total_leaf[2*l*TW+:TW] + total_leaf[(2*l+1)*TW+:TW];
    end
    for (int v = 2; v <= LV; v = v + 1)
      for (int l = 0; l < V / 4; l = l + 1)
        if (l < (V >> v)) begin
          max_tree[(V-((2*V)>>v)+l)*8+:8] <=
              $signed(max_tree[(V-((2*V)>>(v-1))+2*l)*8+:8]) > $signed(max_tree[(V-((2*V)>>(v-1))+2*l+1)*8+:8]) ?
              max_tree[(V-((2*V)>>(v-1))+2*l)*8+:8] : max_tree[(V-((2*V)>>(v-1))+2*l+1)*8+:8];
          sum_tree[(V-((2*V)>>v)+l)*SW+:SW] <=
              sum_tree[(V-((2*V)>>(v-1))+2*l)*SW+:SW] + sum_tree[(V-((2*V)>>(v-1))+2*l+1)*SW+:SW];
          total_tree[(V-((2*V)>>v)+l)*TW+:TW] <=
              total_tree[(V-((2*V)>>(v-1))+2*l)*TW+:TW] + total_tree[(V-((2*V)>>(v-1))+2*l+1)*TW+:TW];
        end
  end

  // Whether a level holds a group, and whether it is a row's first or last.
  assign total_valid = is_norm ? valid_q : {exp_valid_q, exp_valid};
  assign total_first = is_norm ? first_q : {exp_first_q, exp_first};
  assign total_last = is_norm ? last_q : {exp_last_q, exp_last};
  always_ff @(posedge clk) begin
    first_q     <= {first_q[LV-1:0], first};
    last_q      <= {last_q[LV-1:0], last};
    exp_first_q <= total_first[LV-1:0];
    exp_last_q  <= total_last[LV-1:0];
    if (!rst_n) begin
      valid       <= 1'b0;
      valid_q     <= '0;
      exp_valid_q <= '0;
    end else begin
      valid       <= in_valid;
      valid_q     <= {valid_q[LV-1:0], valid};
      exp_valid_q <= total_valid[LV-1:0];
    end
  end

  logic signed [7:0] top_max;
  logic [24:0] top_sum;
  logic [39:0] top_total;
  assign top_max = max_tree[(V-1)*8-1-:8];
  assign top_sum = 25'($signed(sum_tree[(V-1)*SW-1-:SW]));
  assign top_total = {{40 - TW{1'b0}}, total_tree[(V-1)*TW-1-:TW]};
  always_ff @(posedge clk) begin
    if (valid_q[LV]) begin
      maximum <= (first_q[LV] || top_max > maximum) ? top_max : maximum;
      sum     <= (first_q[LV] ? '0 : sum) + top_sum;
    end
    if (total_valid[LV]) total <= (total_first[LV] ? '0 : total) + top_total;
    have_row   <= rst_n && ((valid_q[LV] && last_q[LV]) || (have_row && !take_row));
    have_total <= rst_n && total_valid[LV] && total_last[LV];
  end
endmodule
