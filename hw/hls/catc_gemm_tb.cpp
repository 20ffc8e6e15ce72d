//===- catc_gemm_tb.cpp - C simulation of the kernel ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the kernel on the golden vectors of the hardware's test bench: case files (hw/README.md),
// whose descriptor says where operands and results lie. What is no matrix product is passed over.
// Exit status 1 if a result differs, 2 if a file cannot be read, as C simulation expects.
//
//===----------------------------------------------------------------------===//

#include "catc_gemm.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int kWord = catc::kWordBytes;

/// Indices of the descriptor's words: hw/rtl/catc_descriptor_pkg.sv.
enum Field {
  kOperation = 0,
  kClusters = 1,
  kLoopsOthers = 2,
  kLoopsLast = 3,
  kChunkRows = 4,
  kChunkRowsEnd = 5,
  kDepthSteps = 6,
  kColumnSteps = 7,
  kBlocks = 8,
  kABase = 9,
  kACluster = 10,
  kABatch = 11,
  kAChunk = 12,
  kWBaseEven = 16,
  kWCluster = 18,
  kWClusterEnd = 19,
  kWBatch = 20,
  kWTile = 21,
  kRBase = 23,
  kRCluster = 24,
  kZBase = 25,
  kZCluster = 26,
  kZBatch = 27,
  kZChunk = 28,
  kZTile = 29,
  kZBlock = 30,
  kDramBase = 31,
  kDmaOthers = 32,
  kDmaOthersEnd = 33,
  kDmaWhole = 34,
  kDmaPart = 35,
  kAddMultipliers = 36,
  kAddOffset = 37
};
constexpr unsigned kDescriptor = 16, kTable = 128, kRegisters = 256;

/// A byte of a memory that a case speaks of; `known` is false for bytes that are not compared.
struct Byte {
  int8_t value;
  bool known;
};

class Memory {
public:
  void put(int64_t word, int offset, Byte byte) { bytes_[word * kWord + offset] = byte; }
  int8_t at(int64_t address) const {
    auto found = bytes_.find(address);
    return found == bytes_.end() ? 0 : found->second.value;
  }
  std::vector<int8_t> read(int64_t word, int64_t count) const {
    std::vector<int8_t> values(count);
    for (int64_t i = 0; i < count; ++i)
      values[i] = at(word * kWord + i);
    return values;
  }
  void write(int64_t word, const int8_t *values, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      bytes_[word * kWord + i] = {values[i], true};
  }
  /// Bytes of `expected` that are others here.
  size_t differences(const Memory &expected) const {
    size_t count = 0;
    for (const auto &entry : expected.bytes_)
      count += entry.second.known && at(entry.first) != entry.second.value;
    return count;
  }

private:
  std::map<int64_t, Byte> bytes_;
};

struct Case {
  std::string name;
  uint32_t registers[kRegisters] = {};
  Memory buffer, dram, expected;

  uint32_t field(int index) const { return registers[kDescriptor + index]; }
  int low(int index) const { return field(index) & 0xffff; }
  int high(int index) const { return field(index) >> 16; }
};

void append(std::vector<int8_t> &to, const std::vector<int8_t> &from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// What one cluster does in one block of column steps; results go to the buffer's image.
void runCluster(Case &run, int cluster, bool last, int block, int steps, bool lastBlock,
                int64_t dramBlock) {
  using namespace catc;
  uint32_t operation = run.field(kOperation);
  bool parameters = operation >> 4 & 1;
  int batch = run.low(last ? kLoopsLast : kLoopsOthers);
  int chunks = run.high(last ? kLoopsLast : kLoopsOthers);
  int rowsEnd = last ? run.high(kChunkRowsEnd) : run.low(kChunkRowsEnd);
  Shape shape = {};
  shape.batch = batch;
  shape.chunk_rows = run.low(kChunkRows);
  shape.rows = (chunks - 1) * shape.chunk_rows + rowsEnd;
  if (chunks == 1)
    shape.chunk_rows = rowsEnd;
  shape.column_steps = steps;
  shape.depth_steps = run.low(kDepthSteps);
  shape.hold = operation >> 2 & 3;
  shape.weights_per_item = !parameters;
  shape.table = operation >> 6 & 1;
  shape.residual = operation >> 5 & 1;
  shape.multiplier_a = static_cast<uint16_t>(run.low(kAddMultipliers));
  shape.multiplier_b = static_cast<uint16_t>(run.high(kAddMultipliers));
  shape.offset = static_cast<int32_t>(run.field(kAddOffset));

  auto rowsOf = [&](int chunk) { return chunk == chunks - 1 ? rowsEnd : shape.chunk_rows; };
  std::vector<int8_t> a, w, residual, table(256);
  for (int item = 0; item < batch; ++item)
    for (int chunk = 0; chunk < chunks; ++chunk)
      append(a, run.buffer.read(run.field(kABase) + int64_t(cluster) * run.field(kACluster) +
                                    int64_t(item) * run.field(kABatch) +
                                    int64_t(chunk) * run.field(kAChunk),
                                int64_t(rowsOf(chunk)) * shape.depth_steps * kDepth));
  int64_t stride = int64_t(cluster) * run.field(lastBlock ? kWClusterEnd : kWCluster);
  int64_t tile = int64_t(kParameterRows + shape.depth_steps * kDepth) * kWidth;
  for (int item = 0; item < (parameters ? 1 : batch); ++item)
    for (int step = 0; step < steps; ++step) {
      int64_t at = stride + int64_t(step) * run.field(kWTile);
      append(w, parameters
                    ? run.dram.read(dramBlock + at, tile)
                    : run.buffer.read(
                          run.field(kWBaseEven) + at + int64_t(item) * run.field(kWBatch), tile));
    }
  // Segments of results in the order in which they leave.
  std::vector<std::pair<int64_t, int64_t>> segments;
  bool weightOrder = shape.hold == kHoldWeight;
  for (int item = 0; item < batch; ++item)
    for (int i = 0; i < (weightOrder ? steps : chunks); ++i)
      for (int j = 0; j < (weightOrder ? chunks : steps); ++j) {
        int chunk = weightOrder ? j : i, step = weightOrder ? i : j;
        segments.emplace_back(
            int64_t(block) * run.field(kZBlock) + int64_t(item) * run.field(kZBatch) +
                int64_t(chunk) * run.field(kZChunk) + int64_t(step) * run.field(kZTile),
            int64_t(rowsOf(chunk)) * kWidth);
      }
  int64_t results = 0;
  for (const auto &segment : segments) {
    results += segment.second;
    if (shape.residual)
      append(residual, run.buffer.read(run.field(kRBase) + int64_t(cluster) * run.field(kRCluster) +
                                           segment.first,
                                       segment.second));
  }
  for (int i = 0; i < 256; ++i)
    table[i] = static_cast<int8_t>(run.registers[kTable + i / 4] >> (8 * (i % 4)));

  std::vector<int8_t> z(results);
  residual.resize(std::max<size_t>(1, residual.size()));
  catc_gemm(shape, a.data(), w.data(), table.data(), residual.data(), z.data());
  int64_t done = 0;
  for (const auto &segment : segments) {
    run.buffer.write(run.field(kZBase) + int64_t(cluster) * run.field(kZCluster) + segment.first,
                     z.data() + done, segment.second);
    done += segment.second;
  }
}

/// Runs a case; false if results differ.
bool runCase(Case &run) {
  if ((run.field(kOperation) & 3) != 0) {
    std::printf("%s: no matrix product\n", run.name.c_str());
    return true;
  }
  int active = run.field(kClusters) & 0xff;
  int blocks = run.low(kBlocks), blockSteps = run.high(kBlocks);
  int64_t dramBlock = run.field(kDramBase);
  for (int block = 0; block < blocks; ++block) {
    bool lastBlock = block == blocks - 1;
    int left = run.high(kColumnSteps) - block * blockSteps;
    for (int cluster = 0; cluster < active; ++cluster) {
      bool last = cluster == active - 1;
      int all = (last ? run.high(kColumnSteps) : run.low(kColumnSteps)) - block * blockSteps;
      if (all > 0)
        runCluster(run, cluster, last, block, std::min(all, blockSteps), lastBlock, dramBlock);
    }
    dramBlock += run.field(lastBlock ? kDmaOthersEnd : kDmaOthers);
    dramBlock += left >= blockSteps ? run.field(kDmaWhole) : left > 0 ? run.field(kDmaPart) : 0;
  }
  size_t differences = run.buffer.differences(run.expected);
  std::printf("%s: %zu differences\n", run.name.c_str(), differences);
  return differences == 0;
}

bool isDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == 'x'; }

/// Reads and runs the cases of a file. 0: all as expected, 1: differences, 2: it cannot be read.
int runFile(const char *path) {
  std::ifstream file(path);
  int status = file ? 0 : 2, number = 0;
  Case run;
  std::string line;
  while (std::getline(file, line)) {
    ++number;
    std::istringstream fields(line);
    std::string kind, where, value;
    fields >> kind >> where >> value;
    if (kind.empty() || kind[0] == '#')
      continue;
    if (kind == "case") {
      run = Case();
      run.name = where;
      continue;
    }
    if (kind == "run") {
      if (!runCase(run))
        status = 1;
      continue;
    }
    int64_t address = std::strtoll(where.c_str(), nullptr, 16);
    bool good = !where.empty() && !value.empty() && value.size() <= 2 * kWord;
    for (char c : value)
      good = good && isDigit(c);
    if (good && kind == "register") {
      if (address < kRegisters)
        run.registers[address] = static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 16));
      continue;
    }
    Memory *memory = kind == "buffer"          ? &run.buffer
                     : kind == "dram"          ? &run.dram
                     : kind == "expect-buffer" ? &run.expected
                                               : nullptr;
    if (!good || (!memory && kind != "expect-dram")) {
      std::fprintf(stderr, "%s:%d: not a line of a case for words of %d bytes\n", path, number,
                   kWord);
      return 2;
    }
    // Digits stand most significant first, two a byte.
    for (size_t i = 0; memory && i < value.size(); i += 2) {
      size_t end = value.size() - i, begin = end >= 2 ? end - 2 : 0;
      std::string digits = value.substr(begin, end - begin);
      bool known = digits.find('x') == std::string::npos;
      memory->put(
          address, static_cast<int>(i / 2),
          {static_cast<int8_t>(known ? std::strtol(digits.c_str(), nullptr, 16) : 0), known});
    }
  }
  if (status == 2)
    std::fprintf(stderr, "%s: cannot be read\n", path);
  return status;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CASES...\n", argv[0]);
    return 2;
  }
  int status = 0;
  for (int i = 1; i < argc; ++i)
    status = std::max(status, runFile(argv[i]));
  return status;
}
