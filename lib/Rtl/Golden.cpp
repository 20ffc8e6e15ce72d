//===- Golden.cpp - Cases with pseudo-random operands ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rtl/Golden.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModelVector.h"
#include "Int8/VectorStream.h"
#include <cmath>

using namespace cat;
using namespace cat::rtl;
using namespace cat::cost;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) of a counter.
uint64_t Random::at(uint64_t index) const {
  uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static void fill(std::vector<int8_t> &values, int64_t size, Random random) {
  values.resize(static_cast<size_t>(size));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int8_t>(random.at(i, -128, 127));
}

/// A factor with which sums of `k` products spread over about the range of a byte.
static int8::Requantization randomChannel(Random random, int64_t k) {
  int8::Requantization channel;
  double spread = 74.0 * 74.0 * std::sqrt(static_cast<double>(k));
  // From saturation of most results to a fraction of a step.
  static constexpr double Spreads[] = {40, 40, 40, 80, 20, 1000, 1};
  double factor = Spreads[random.at(0) % std::size(Spreads)] / spread *
                  (1.0 + static_cast<double>(random.at(1, 0, 999)) / 1000.0);
  int8::Factor quantized = *int8::quantizeFactor(factor);
  channel.multiplier = quantized.multiplier;
  channel.shift = quantized.shift;
  auto half = static_cast<int64_t>(spread / 2);
  channel.bias = static_cast<int32_t>(random.at(2, -half, half));
  channel.zeroPoint = static_cast<int8_t>(random.at(3, -20, 20));
  return channel;
}

static int8::Addition randomAddition(Random random) {
  auto scale = [&](uint64_t index) { return static_cast<double>(random.at(index, 50, 200)) / 100; };
  auto zero = [&](uint64_t index) { return static_cast<int>(random.at(index, -10, 10)); };
  return *int8::quantizeAddition({scale(0), zero(1)}, {scale(2), zero(3)}, {1.0, zero(4)});
}

static int8::Table randomTable(Random random) {
  static constexpr int8::Pointwise Functions[] = {int8::Pointwise::Identity, int8::Pointwise::Relu,
                                                  int8::Pointwise::Gelu,
                                                  int8::Pointwise::QuickGelu};
  return int8::makeTable(Functions[random.at(0) % 4],
                         {0.05, static_cast<int>(random.at(1, -10, 10))},
                         {0.04, static_cast<int>(random.at(2, -10, 10))});
}

GemmOperands::GemmOperands(const HardwareParameters &hw, const GemmDescriptor &gemm, uint64_t seed)
    : columns(divideUp(gemm.n, hw.width) * hw.width) {
  Random random(seed);
  fill(input, gemm.batch * gemm.m * gemm.k, random.stream(0));
  fill(weights, gemm.batch * gemm.k * columns, random.stream(1));
  for (int64_t i = 0; i < gemm.batch * columns; ++i) {
    bool padding = i % columns >= gemm.n;
    channels.push_back(padding
                           ? int8::Requantization{}
                           : randomChannel(random.stream(16 + static_cast<uint64_t>(i)), gemm.k));
  }
  for (int64_t row = 0; row < gemm.batch * gemm.k; ++row)
    for (int64_t n = gemm.n; n < columns; ++n)
      weights[static_cast<size_t>(row * columns + n)] = 0;
  if (gemm.residual) {
    fill(residual, gemm.batch * gemm.m * columns, random.stream(2));
    addition = randomAddition(random.stream(3));
  }
  if (gemm.table)
    table = randomTable(random.stream(4));
}

std::vector<int8_t> GemmOperands::reference(const GemmDescriptor &gemm) const {
  std::vector<int8_t> results(static_cast<size_t>(gemm.batch * gemm.m * columns));
  std::vector<int32_t> sums(static_cast<size_t>(columns));
  for (int64_t batch = 0; batch < gemm.batch; ++batch)
    for (int64_t m = 0; m < gemm.m; ++m) {
      std::fill(sums.begin(), sums.end(), 0);
      for (int64_t k = 0; k < gemm.k; ++k) {
        int32_t a = input[static_cast<size_t>((batch * gemm.m + m) * gemm.k + k)];
        const int8_t *w = weights.data() + (batch * gemm.k + k) * columns;
        for (int64_t n = 0; n < columns; ++n)
          sums[static_cast<size_t>(n)] += a * w[n];
      }
      for (int64_t n = 0; n < columns; ++n) {
        auto at = static_cast<size_t>((batch * gemm.m + m) * columns + n);
        int8_t y = int8::requantize(sums[static_cast<size_t>(n)],
                                    channels[static_cast<size_t>(batch * columns + n)]);
        if (gemm.table)
          y = int8::lookUp(table, y);
        if (gemm.residual)
          y = int8::add(y, residual[at], addition);
        results[at] = y;
      }
    }
  return results;
}

/// Puts a column step's constants and weights at word `word`.
static void putTile(MemoryImage &image, int64_t word, const HardwareParameters &hw,
                    const GemmDescriptor &gemm, const GemmOperands &operands, int64_t batch,
                    int64_t column) {
  int64_t offset = 0;
  for (int64_t lane = 0; lane < hw.width; ++lane) {
    const int8::Requantization &c =
        operands.channels[static_cast<size_t>(batch * operands.columns + column * hw.width + lane)];
    uint64_t bytes = static_cast<uint32_t>(c.bias) | static_cast<uint64_t>(c.multiplier) << 32 |
                     static_cast<uint64_t>(c.shift) << 48 |
                     static_cast<uint64_t>(static_cast<uint8_t>(c.zeroPoint)) << 56;
    for (int64_t byte = 0; byte < 8; ++byte)
      image.put(word, offset++, static_cast<uint8_t>(bytes >> 8 * byte));
  }
  int64_t depth = divideUp(gemm.k, hw.depth) * hw.depth;
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t lane = 0; lane < hw.width; ++lane) {
      int64_t at = (batch * gemm.k + k) * operands.columns + column * hw.width + lane;
      image.put(word, offset++,
                k < gemm.k ? static_cast<uint8_t>(operands.weights[static_cast<size_t>(at)]) : 0);
    }
}

Result<Case> rtl::gemmCase(const HardwareParameters &hw, const GemmDescriptor &gemm, uint64_t seed,
                           std::string name) {
  if (auto reason = checkGemm(hw, gemm))
    return Fault{name + ": " + *reason};
  GemmPlan plan(hw, gemm);
  Result<GemmLayout> layout = layoutGemm(hw, gemm, plan);
  if (!layout)
    return Fault{name + ": " + layout.error()};
  GemmOperands operands(hw, gemm, seed);
  constexpr int64_t DramBase = 64;
  Case result(std::move(name), hw.wordBytes);
  result.descriptor = describe(hw, gemm, plan, *layout, operands.addition, DramBase);
  result.table = operands.table;
  result.hasTable = gemm.table;

  // Input, residual operand and results: a chunk is some rows of one batch item. The chunks of a
  // cluster are of equal size but for the last one.
  std::vector<int8_t> reference = operands.reference(gemm);
  int64_t shareRows = gemm.split == ClusterSplit::Rows && plan.active > 1
                          ? (plan.full.chunks - 1) * plan.rows + plan.full.lastRows
                          : gemm.m;
  for (int64_t batch = 0; batch < gemm.batch; ++batch)
    for (int64_t chunk = 0; chunk < layout->chunks; ++chunk) {
      int64_t cluster = chunk / plan.full.chunks;
      int64_t begin = cluster * shareRows + chunk % plan.full.chunks * plan.rows;
      int64_t end = std::min({begin + plan.rows, (cluster + 1) * shareRows, gemm.m});
      int64_t rows = end - begin;
      for (int64_t m = 0; m < rows; ++m)
        for (int64_t k = 0; k < plan.depthSteps * hw.depth; ++k) {
          int64_t at = (batch * gemm.m + begin + m) * gemm.k + k;
          result.buffer.put(
              layout->inputAt(batch, chunk), (k / hw.depth * rows + m) * hw.depth + k % hw.depth,
              k < gemm.k ? static_cast<uint8_t>(operands.input[static_cast<size_t>(at)]) : 0);
        }
      for (int64_t column = 0; column < layout->columnSteps; ++column)
        for (int64_t m = 0; m < rows; ++m)
          for (int64_t lane = 0; lane < hw.width; ++lane) {
            auto at = static_cast<size_t>((batch * gemm.m + begin + m) * operands.columns +
                                          column * hw.width + lane);
            int64_t offset = m * hw.width + lane;
            if (gemm.residual)
              result.buffer.put(layout->resultAt(layout->residual, batch, chunk, column), offset,
                                static_cast<uint8_t>(operands.residual[at]));
            result.expectedBuffer.put(layout->resultAt(layout->results, batch, chunk, column),
                                      offset, static_cast<uint8_t>(reference[at]));
          }
    }

  // Weights.
  if (!gemm.parameters) {
    for (int64_t batch = 0; batch < gemm.batch; ++batch)
      for (int64_t column = 0; column < layout->columnSteps; ++column)
        putTile(result.buffer,
                layout->weights[0] + (batch * layout->columnSteps + column) * layout->tileWords, hw,
                gemm, operands, batch, column);
    return result;
  }
  int64_t word = DramBase;
  int64_t clusters = gemm.split == ClusterSplit::Columns ? plan.active : 1;
  for (int64_t block = 0; block < plan.blocks; ++block)
    for (int64_t cluster = 0; cluster < clusters; ++cluster) {
      const GemmShare &share = cluster == clusters - 1 ? plan.last : plan.full;
      int64_t first = cluster * plan.full.columnSteps + block * plan.blockColumns;
      for (int64_t i = 0; i < plan.columnsIn(block, share.columnSteps); ++i) {
        putTile(result.dram, word, hw, gemm, operands, 0, first + i);
        word += layout->tileWords;
      }
    }
  return result;
}

Result<Case> rtl::copyCase(const HardwareParameters &hw, const CopyDescriptor &copy, uint64_t seed,
                           std::string name) {
  if (copy.bytes < 1 || copy.bytes > hw.globalBytes)
    return Fault{name + ": a transfer of " + std::to_string(copy.bytes) + " bytes"};
  Random random(seed);
  Case result(std::move(name), hw.wordBytes);
  int64_t words = divideUp(copy.bytes, hw.wordBytes);
  int64_t bufferBase = random.at(0, 0, hw.globalBytes / hw.wordBytes - words);
  int64_t dramBase = random.at(1, 0, 1000);
  result.descriptor = describe(hw, copy, bufferBase, dramBase);
  Random bytes = random.stream(0);
  for (int64_t i = 0; i < copy.bytes; ++i) {
    auto value = static_cast<uint8_t>(bytes.at(static_cast<uint64_t>(i)));
    (copy.toDram ? result.buffer : result.dram).put(copy.toDram ? bufferBase : dramBase, i, value);
    (copy.toDram ? result.expectedDram : result.expectedBuffer)
        .put(copy.toDram ? dramBase : bufferBase, i, value);
  }
  return result;
}

namespace {

/// A vector operator's function with its constants.
class VectorFunctionCase {
public:
  VectorFunctionCase(VectorFunction function, int64_t columns, Random random)
      : function(function), columns(columns) {
    switch (function) {
    case VectorFunction::Softmax:
      softmax =
          *int8::quantizeSoftmax(static_cast<double>(random.at(0, 1, 40)) / 100, {1.0 / 256, -128});
      break;
    case VectorFunction::LayerNorm: {
      std::vector<double> gamma, beta;
      for (int64_t i = 0; i < columns; ++i) {
        gamma.push_back(static_cast<double>(random.at(static_cast<uint64_t>(2 * i), -200, 200)) /
                        100);
        beta.push_back(static_cast<double>(random.at(static_cast<uint64_t>(2 * i + 1), -100, 100)) /
                       100);
      }
      normalization = *int8::quantizeLayerNorm({0.05, 3}, gamma, beta, 1e-5, {0.04, -5});
      break;
    }
    case VectorFunction::L2Norm:
      normalization = *int8::quantizeL2Norm({0.05, static_cast<int>(random.at(0, -5, 5))}, columns,
                                            {1.0 / 127, 0});
      break;
    case VectorFunction::Add:
      addition = randomAddition(random);
      break;
    case VectorFunction::Pointwise:
      table = randomTable(random);
      break;
    }
  }

  std::vector<uint8_t> header(int64_t lanes) const {
    switch (function) {
    case VectorFunction::Softmax:
      return int8::vectorHeader(softmax, lanes);
    case VectorFunction::LayerNorm:
    case VectorFunction::L2Norm:
      return int8::vectorHeader(normalization, lanes);
    case VectorFunction::Add:
      return int8::vectorHeader(addition, lanes);
    case VectorFunction::Pointwise:
      break;
    }
    return int8::vectorHeader(table, lanes);
  }

  void run(const int8_t *a, const int8_t *b, int8_t *y) const {
    switch (function) {
    case VectorFunction::Softmax:
      return int8::softmaxRow(a, columns, softmax, y);
    case VectorFunction::LayerNorm:
    case VectorFunction::L2Norm:
      return int8::normalizeRow(a, normalization, y);
    case VectorFunction::Add:
      for (int64_t i = 0; i < columns; ++i)
        y[i] = int8::add(a[i], b[i], addition);
      return;
    case VectorFunction::Pointwise:
      for (int64_t i = 0; i < columns; ++i)
        y[i] = int8::lookUp(table, a[i]);
    }
  }

private:
  VectorFunction function;
  int64_t columns;
  int8::Softmax softmax;
  int8::Normalization normalization;
  int8::Addition addition;
  int8::Table table = {};
};

} // namespace

Result<Case> rtl::vectorCase(const HardwareParameters &hw, const VectorDescriptor &vector,
                             uint64_t seed, std::string name) {
  Result<VectorLayout> layout = layoutVector(hw, vector);
  if (!layout)
    return Fault{name + ": " + layout.error()};
  Random random(seed);
  VectorFunctionCase function(vector.function, vector.columns, random.stream(0));
  Case result(std::move(name), hw.wordBytes);
  result.descriptor = describe(hw, vector, *layout);
  result.buffer.put(layout->header, function.header(hw.vectorLanes));
  std::vector<int8_t> a, b, y(static_cast<size_t>(vector.columns));
  for (int64_t cluster = 0; cluster < layout->active; ++cluster) {
    int64_t rows = cluster == layout->active - 1 ? layout->lastRows : layout->rows;
    std::vector<uint8_t> input, output;
    for (int64_t row = 0; row < rows; ++row) {
      auto stream = static_cast<uint64_t>(cluster * layout->rows + row) * 2 + 16;
      fill(a, vector.columns, random.stream(stream));
      fill(b, vector.columns, random.stream(stream + 1));
      function.run(a.data(), b.data(), y.data());
      if (vector.function == VectorFunction::Add)
        int8::appendRows(input, a.data(), b.data(), vector.columns, hw.vectorLanes);
      else
        int8::appendRow(input, a.data(), vector.columns, hw.vectorLanes);
      int8::appendRow(output, y.data(), vector.columns, hw.vectorLanes);
    }
    result.buffer.put(layout->input + cluster * layout->inputWords, input);
    result.expectedBuffer.put(layout->results + cluster * layout->resultWords, output);
  }
  return result;
}
