//===- catc_tb.sv - Test bench for event-driven simulators
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the cases of the file +cases=FILE (hw/README.md describes it) and prints one line of JSON for
// each: cycles as the register block counts them, bytes that differ from what was expected.
//
//===----------------------------------------------------------------------===//

module catc_tb;
  localparam int WORD       = catc_config_pkg::WORD_BYTES;
  localparam int AW         = $clog2(catc_config_pkg::BUFFER_WORDS);
  localparam int DRAM_WORDS = 65536;
  localparam int EXPECTED   = 65536;

  logic clk, rst_n, reg_we, busy, host_en, host_we, dram_read, dram_write;
  logic [7:0]        reg_address;
  logic [31:0]       reg_wdata, reg_rdata, dram_address;
  logic [AW-1:0]     host_address;
  logic [WORD*8-1:0] host_wdata, host_rdata, dram_rdata, dram_wdata;
  catc_accelerator u_accelerator (
      .clk(clk), .rst_n(rst_n), .reg_we(reg_we), .reg_address(reg_address),
      .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .busy(busy), .host_en(host_en),
      .host_we(host_we), .host_address(host_address), .host_wdata(host_wdata),
      .host_rdata(host_rdata), .dram_read(dram_read), .dram_write(dram_write),
      .dram_address(dram_address), .dram_rdata(dram_rdata), .dram_wdata(dram_wdata));

  initial clk = 1'b0;
  always #1 clk = !clk;

  logic [WORD*8-1:0] dram[DRAM_WORDS];
  always_ff @(posedge clk) begin
    if (dram_read) dram_rdata <= dram[dram_address[15:0]];
    if (dram_write) dram[dram_address[15:0]] <= dram_wdata;
  end

  // What is expected, in the order of the file.
  logic              in_dram[EXPECTED];
  logic [31:0]       where[EXPECTED];
  logic [WORD*8-1:0] expected[EXPECTED], word, found;
  int file, fields, count, mismatches, number, bits;
  logic [31:0] address, cycles, status;
  logic [8*256-1:0] line;
  string path, kind, name, second, third;

  initial begin
    if (!$value$plusargs("cases=%s", path)) begin
      $display("usage: +cases=FILE");
      $finish(2);
    end
    file = $fopen(path, "r");
    if (file == 0) begin
      $display("%0s: cannot be read", path);
      $finish(2);
    end
    reg_we  = 1'b0;
    host_en = 1'b0;
    host_we = 1'b0;
    rst_n   = 1'b0;
    count   = 0;
    fields  = $fscanf(file, "%s", kind);
    while (fields == 1) begin
      if (kind[0] == "#") begin
        fields = $fgets(line, file);
      end else begin
        fields = $fscanf(file, "%s %s", second, third);
        fields = $sscanf(second, "%h", address);
        fields = $sscanf(third, "%h", word);
        if (kind == "case") begin
          name  = second;
          count = 0;
          rst_n = 1'b0;
          repeat (4) @(negedge clk);
          rst_n = 1'b1;
        end else if (kind == "register") begin
          reg_we      = 1'b1;
          reg_address = address[7:0];
          reg_wdata   = word[31:0];
          @(negedge clk);
          reg_we = 1'b0;
        end else if (kind == "buffer") begin
          host_en      = 1'b1;
          host_we      = 1'b1;
          host_address = address[AW-1:0];
          host_wdata   = word;
          @(negedge clk);
          host_en = 1'b0;
          host_we = 1'b0;
        end else if (kind == "dram") begin
          dram[address[15:0]] = word;
        end else if (kind == "expect-buffer" || kind == "expect-dram") begin
          in_dram[count]  = (kind == "expect-dram");
          where[count]    = address;
          expected[count] = word;
          count = count + 1;
        end else if (kind == "run") begin
          reg_we      = 1'b1;
          reg_address = 8'd0;
          reg_wdata   = 32'd1;
          @(negedge clk);
          reg_we = 1'b0;
          while (busy) @(negedge clk);
          mismatches = 0;
          for (number = 0; number < count; number = number + 1) begin
            if (in_dram[number]) begin
              found = dram[where[number][15:0]];
            end else begin
              host_en      = 1'b1;
              host_address = where[number][AW-1:0];
              @(negedge clk);
              host_en = 1'b0;
              found   = host_rdata;
            end
            // Digits x of the file are not compared.
            for (bits = 0; bits < WORD * 8; bits = bits + 8)
              if (^expected[number][bits+:8] !== 1'bx &&
                  found[bits+:8] !== expected[number][bits+:8])
                mismatches = mismatches + 1;
          end
          reg_address = 8'd1;
          #0 status = reg_rdata;
          reg_address = 8'd2;
          @(negedge clk);
          cycles = reg_rdata;
          $display("{\"case\": \"%0s\", \"cycles\": %0d, \"mismatches\": %0d, \"conflict\": %0s}",
                   name, cycles, mismatches, status[2] ? "true" : "false");
        end else begin
          $display("%0s: unknown line '%0s'", path, kind);
          $finish(2);
        end
      end
      fields = $fscanf(file, "%s", kind);
    end
    $finish(0);
  end
endmodule
