//===- catc_tb.cpp - Test bench for Verilator -----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the cases of the files named on the command line (hw/README.md describes them) and prints one
// line of JSON for each: cycles as the register block counts them, stall cycles of each cluster
// (input, weights, output), bytes that differ from what was expected. A case that has not ended after
// the cycles that --limit names is given up. Exit status 1 if any case differs or does not end, 2 if a
// file cannot be read, has no case, or has one that never runs.
//
//===----------------------------------------------------------------------===//

#include "Vcatc_accelerator.h"
#include "verilated.h"
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr uint64_t DefaultLimit = 2000000000;

enum Register : unsigned { Control = 0, Status = 1, Cycles = 2, Clusters = 3, Stalls = 64 };

/// A word of memory; bytes whose mask is zero are not compared.
struct Word {
  std::vector<uint8_t> bytes, mask;
};

class Bench {
public:
  Bench() : top(std::make_unique<Vcatc_accelerator>(&context)) {
    top->clk = 0;
    top->rst_n = 0;
    top->reg_we = top->host_en = top->host_we = 0;
    for (int i = 0; i < 4; ++i)
      tick();
    top->rst_n = 1;
    tick();
  }

  static constexpr size_t wordBytes = sizeof(Vcatc_accelerator::host_wdata);

  void write(unsigned address, uint32_t value) {
    top->reg_we = 1;
    top->reg_address = address;
    top->reg_wdata = value;
    tick();
    top->reg_we = 0;
  }

  uint32_t read(unsigned address) {
    top->reg_address = address;
    top->eval();
    return top->reg_rdata;
  }

  void writeBuffer(uint32_t address, const Word &word) {
    top->host_en = top->host_we = 1;
    top->host_address = address;
    std::memcpy(&top->host_wdata, word.bytes.data(), wordBytes);
    tick();
    top->host_en = top->host_we = 0;
  }

  std::vector<uint8_t> readBuffer(uint32_t address) {
    top->host_en = 1;
    top->host_address = address;
    tick();
    top->host_en = 0;
    std::vector<uint8_t> bytes(wordBytes);
    std::memcpy(bytes.data(), &top->host_rdata, wordBytes);
    return bytes;
  }

  /// Starts and waits; false if the operator does not end within `limit` cycles.
  bool run(uint64_t limit) {
    write(Control, 1);
    for (uint64_t cycle = 0; top->busy; ++cycle) {
      if (cycle == limit)
        return false;
      tick();
    }
    return true;
  }

  std::map<uint32_t, std::vector<uint8_t>> dram;

private:
  /// One cycle, with DRAM's answers.
  void tick() {
    top->eval();
    bool reads = top->dram_read, writes = top->dram_write;
    uint32_t address = top->dram_address;
    if (writes) {
      std::vector<uint8_t> &word = dram[address];
      word.resize(wordBytes);
      std::memcpy(word.data(), &top->dram_wdata, wordBytes);
    }
    top->clk = 1;
    top->eval();
    if (reads) {
      std::vector<uint8_t> &word = dram[address];
      word.resize(wordBytes);
      std::memcpy(&top->dram_rdata, word.data(), wordBytes);
    }
    top->clk = 0;
    top->eval();
  }

  VerilatedContext context;
  std::unique_ptr<Vcatc_accelerator> top;
};

/// The digits of a word, most significant first; x is not compared.
bool parseWord(const std::string &digits, Word &word) {
  word.bytes.assign(Bench::wordBytes, 0);
  word.mask.assign(Bench::wordBytes, 0xff);
  if (digits.size() > 2 * Bench::wordBytes)
    return false;
  for (size_t i = 0; i < digits.size(); ++i) {
    size_t nibble = digits.size() - 1 - i;
    unsigned value = 0, mask = 0xf;
    char c = digits[i];
    if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = static_cast<unsigned>(c - 'a') + 10;
    else if (c == 'x')
      mask = 0;
    else
      return false;
    word.bytes[nibble / 2] |= static_cast<uint8_t>(value << (nibble % 2 * 4));
    if (!mask)
      word.mask[nibble / 2] &= static_cast<uint8_t>(nibble % 2 ? 0x0f : 0xf0);
  }
  return true;
}

size_t differences(const Word &expected, const std::vector<uint8_t> &found) {
  size_t count = 0;
  for (size_t i = 0; i < Bench::wordBytes; ++i)
    count += ((expected.bytes[i] ^ (i < found.size() ? found[i] : 0)) & expected.mask[i]) != 0;
  return count;
}

/// Runs all cases of a file. 0: all as expected, 1: differences, 2: the file cannot be read.
int runFile(const char *path, uint64_t limit) {
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path);
    return 2;
  }
  int status = 0, number = 0;
  std::unique_ptr<Bench> bench;
  std::string name, line;
  bool ran = false;
  std::vector<std::pair<uint32_t, Word>> expectedBuffer, expectedDram;
  // Whether the case that ends here, if there is one, has run.
  auto isComplete = [&] {
    if (bench && !ran)
      std::fprintf(stderr, "%s: case '%s' has no 'run'\n", path, name.c_str());
    return !bench || ran;
  };
  while (std::getline(file, line)) {
    ++number;
    std::istringstream fields(line);
    std::string kind, where, value;
    Word word;
    fields >> kind >> where >> value;
    if (kind.empty() || kind[0] == '#')
      continue;
    if (kind == "case") {
      if (!isComplete())
        return 2;
      ran = false;
      bench = std::make_unique<Bench>();
      name = where;
      expectedBuffer.clear();
      expectedDram.clear();
      continue;
    }
    if (!bench) {
      std::fprintf(stderr, "%s:%d: a case must begin with 'case NAME'\n", path, number);
      return 2;
    }
    if (kind == "run") {
      ran = true;
      bool ended = bench->run(limit);
      size_t mismatches = 0;
      for (const auto &[address, expected] : expectedBuffer)
        mismatches += differences(expected, bench->readBuffer(address));
      for (const auto &[address, expected] : expectedDram)
        mismatches += differences(expected, bench->dram[address]);
      bool conflict = bench->read(Status) & 4;
      std::printf("{\"case\": \"%s\", \"cycles\": %u, \"mismatches\": %zu, \"conflict\": %s, "
                  "\"ended\": %s, \"stalls\": [",
                  name.c_str(), bench->read(Cycles), mismatches, conflict ? "true" : "false",
                  ended ? "true" : "false");
      for (unsigned c = 0, clusters = bench->read(Clusters); c < clusters; ++c)
        std::printf("%s[%u, %u, %u]", c ? ", " : "", bench->read(Stalls + 3 * c),
                    bench->read(Stalls + 3 * c + 1), bench->read(Stalls + 3 * c + 2));
      std::printf("]}\n");
      if (mismatches || conflict || !ended)
        status = std::max(status, 1);
      continue;
    }
    char *end = nullptr;
    unsigned long address = std::strtoul(where.c_str(), &end, 16);
    if (where.empty() || *end || !parseWord(value, word)) {
      std::fprintf(stderr, "%s:%d: not an address and a value of at most %zu bytes\n", path, number,
                   Bench::wordBytes);
      return 2;
    }
    auto at = static_cast<uint32_t>(address);
    if (kind == "register") {
      bench->write(at, static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 16)));
    } else if (kind == "buffer") {
      bench->writeBuffer(at, word);
    } else if (kind == "dram") {
      bench->dram[at] = word.bytes;
    } else if (kind == "expect-buffer") {
      expectedBuffer.emplace_back(at, word);
    } else if (kind == "expect-dram") {
      expectedDram.emplace_back(at, word);
    } else {
      std::fprintf(stderr, "%s:%d: unknown line '%s'\n", path, number, kind.c_str());
      return 2;
    }
  }
  if (!isComplete())
    return 2;
  if (!bench) {
    std::fprintf(stderr, "%s: has no case\n", path);
    return 2;
  }
  return status;
}

} // namespace

int main(int argc, char **argv) {
  uint64_t limit = DefaultLimit;
  int first = 1;
  char *end = nullptr;
  if (argc > 2 && std::strcmp(argv[1], "--limit") == 0) {
    limit = std::strtoull(argv[2], &end, 10);
    first = 3;
  }
  if (first >= argc || (end && (*end || !limit))) {
    std::fprintf(stderr, "usage: %s [--limit CYCLES] CASES...\n", argv[0]);
    return 2;
  }
  int status = 0;
  for (int i = first; i < argc; ++i)
    status = std::max(status, runFile(argv[i], limit));
  return status;
}
