//===- catc_vector_tb.cpp - Test bench of the vector unit -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: Vcatc_vector CASES
//
// CASES is text. A case is a line
//   case FUNCTION ROWS COLUMNS INPUTS OUTPUTS CYCLES
// then a line for each input group and for each output group: the cycles to wait after the group
// before has been handed over, and the group's bytes in hexadecimal, byte 0 first. Runs the cases on
// one unit, one after the other, compares output bytes and the cycles from start to idle, and prints
// one line of JSON. The exit status is 1 if anything differs.
//
//===----------------------------------------------------------------------===//

#include "Vcatc_vector.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Group {
  long wait = 0;
  std::vector<uint8_t> bytes;
};

std::vector<Group> readGroups(std::istream &in, long count) {
  std::vector<Group> groups(count);
  for (Group &group : groups) {
    std::string hex;
    in >> group.wait >> hex;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      group.bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return groups;
}

// Verilator has integers for ports of up to 64 bits and arrays of 32-bit words above.
template <typename Port> uint8_t *bytesOf(Port &port) { return reinterpret_cast<uint8_t *>(&port); }

} // namespace

int main(int argc, char **argv) {
  std::ifstream in(argc == 2 ? argv[1] : "");
  if (!in) {
    std::fprintf(stderr, "usage: Vcatc_vector CASES\n");
    return 2;
  }
  auto context = std::make_unique<VerilatedContext>();
  auto unit = std::make_unique<Vcatc_vector>(context.get());
  auto tick = [&] {
    unit->clk = 1;
    unit->eval();
    unit->clk = 0;
    unit->eval();
  };
  unit->clk = 0;
  unit->rst_n = 0;
  unit->start = 0;
  unit->in_valid = 0;
  unit->out_ready = 0;
  unit->eval();
  tick();
  unit->rst_n = 1;

  long cases = 0, wrongBytes = 0, wrongCycles = 0, allCycles = 0;
  std::string word;
  while (in >> word) {
    long function = 0, rows = 0, columns = 0, inputs = 0, outputs = 0, expected = 0;
    in >> function >> rows >> columns >> inputs >> outputs >> expected;
    std::vector<Group> given = readGroups(in, inputs), wanted = readGroups(in, outputs);
    if (!in || word != "case") {
      std::fprintf(stderr, "case %ld is malformed\n", cases);
      return 2;
    }
    unit->func = static_cast<uint8_t>(function);
    unit->rows = static_cast<uint32_t>(rows);
    unit->columns = static_cast<uint16_t>(columns);
    unit->start = 1;
    unit->in_valid = 0;
    unit->out_ready = 0;
    unit->eval();
    tick();
    unit->start = 0;

    long cycle = 1, limit = 4 * expected + 10000, wrong = 0;
    size_t sent = 0, received = 0;
    long sendFrom = 1, receiveFrom = 1;
    if (inputs > 0)
      sendFrom += given[0].wait;
    if (outputs > 0)
      receiveFrom += wanted[0].wait;
    for (; unit->busy && cycle < limit; ++cycle) {
      unit->in_valid = sent < given.size() && cycle >= sendFrom;
      if (unit->in_valid)
        for (size_t i = 0; i != given[sent].bytes.size(); ++i)
          bytesOf(unit->in_data)[i] = given[sent].bytes[i];
      unit->out_ready = received < wanted.size() && cycle >= receiveFrom;
      unit->eval();
      if (unit->in_valid && unit->in_ready) {
        ++sent;
        sendFrom = cycle + 1 + (sent < given.size() ? given[sent].wait : 0);
      }
      if (unit->out_valid && unit->out_ready) {
        const std::vector<uint8_t> &bytes = wanted[received].bytes;
        for (size_t i = 0; i != bytes.size(); ++i)
          wrong += bytesOf(unit->out_data)[i] != bytes[i];
        ++received;
        receiveFrom = cycle + 1 + (received < wanted.size() ? wanted[received].wait : 0);
      }
      tick();
    }
    unit->in_valid = 0;
    unit->out_ready = 0;
    unit->eval();
    wrong += sent != given.size() || received != wanted.size();
    if (wrong || cycle != expected)
      std::fprintf(stderr,
                   "case %ld: function %ld, %ld rows of %ld: %ld wrong, %ld cycles, %ld expected\n",
                   cases, function, rows, columns, wrong, cycle, expected);
    wrongBytes += wrong;
    wrongCycles += cycle != expected;
    allCycles += cycle;
    ++cases;
  }
  std::printf("{\"cases\": %ld, \"cycles\": %ld, \"wrong_bytes\": %ld, \"wrong_cycles\": %ld}\n",
              cases, allCycles, wrongBytes, wrongCycles);
  return wrongBytes || wrongCycles ? 1 : 0;
}
