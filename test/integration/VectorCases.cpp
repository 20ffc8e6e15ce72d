//===- VectorCases.cpp - Random work for the vector unit ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: VectorCases LANES ROW_BYTES CASES SEED
//
// Writes cases for hw/tb/catc_vector_tb.cpp: random work with results of lib/Int8 and cycles of
// lib/Cost/RowModelVector.h. Parameters and bytes take extreme values often.
//
//===----------------------------------------------------------------------===//

#include "Cost/RowModelVector.h"
#include "Int8/VectorStream.h"
#include "Search/CounterRandom.h"
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace cat;

namespace {

using Bytes = std::vector<uint8_t>;

struct Streams {
  Bytes in, out;
};

class Generator {
public:
  Generator(int64_t lanes, int64_t rowBytes, uint64_t seed, uint64_t index)
      : random(seed, index), lanes(lanes), rowBytes(rowBytes) {}

  void writeCase() {
    cost::VectorWork work;
    work.lanes = lanes;
    work.function = static_cast<cost::VectorFunction>(random.below(5));
    // Short rows are frequent: they show the latencies.
    work.columns =
        1 + random.below(random.below(3) ? std::min<int64_t>(rowBytes, 4 * lanes) : rowBytes);
    work.rows = 1 + random.below(1 + std::min<int64_t>(40, 20000 / work.columns));
    Streams streams = makeStreams(work);

    std::vector<int64_t> inWaits = makeWaits(work.inputGroups());
    std::vector<int64_t> outWaits = makeWaits(work.outputGroups());
    auto transfer = [](const std::vector<int64_t> &waits) {
      return [&waits, last = int64_t(0)](int64_t index, int64_t earliest) mutable {
        last = std::max(earliest, last + 1 + waits[static_cast<size_t>(index)]);
        return last;
      };
    };
    int64_t cycles = cost::runVectorUnit(work, transfer(inWaits), transfer(outWaits));
    std::printf("case %d %lld %lld %lld %lld %lld\n", static_cast<int>(work.function),
                static_cast<long long>(work.rows), static_cast<long long>(work.columns),
                static_cast<long long>(work.inputGroups()),
                static_cast<long long>(work.outputGroups()), static_cast<long long>(cycles));
    writeGroups(streams.in, inWaits);
    writeGroups(streams.out, outWaits);
  }

private:
  search::CounterRandom random;
  int64_t lanes, rowBytes;

  /// None, a few, or many groups that wait.
  std::vector<int64_t> makeWaits(int64_t count) {
    int64_t share = random.below(3), longest = 1 + random.below(30);
    std::vector<int64_t> waits(static_cast<size_t>(count));
    for (int64_t &wait : waits)
      wait = share && random.below(share == 1 ? 10 : 2) == 0 ? random.below(longest) : 0;
    return waits;
  }

  template <typename Number> Number bits() { return static_cast<Number>(random.next()); }

  /// A row of one character: any bytes, few values around one, extremes, or a constant with one
  /// other.
  std::vector<int8_t> makeRow(int64_t columns) {
    std::vector<int8_t> row(static_cast<size_t>(columns));
    int64_t kind = random.below(4);
    auto centre = bits<int8_t>();
    for (int8_t &x : row)
      x = kind == 0   ? bits<int8_t>()
          : kind == 1 ? static_cast<int8_t>(centre + random.below(5))
          : kind == 2 ? (random.below(2) ? int8_t(127) : int8_t(-128))
                      : centre;
    if (kind == 3)
      row[static_cast<size_t>(random.below(columns))] = bits<int8_t>();
    return row;
  }

  /// Gains and offsets as wide as the format, or as a network has them.
  int8::Gain makeGain(int64_t typical) {
    if (random.below(2))
      return {bits<int16_t>(), bits<int16_t>()};
    return {static_cast<int16_t>(random.below(2 * typical) - typical / 4),
            static_cast<int16_t>(random.below(8192) - 4096)};
  }

  Streams makeStreams(const cost::VectorWork &work) {
    switch (work.function) {
    case cost::VectorFunction::Softmax: {
      int8::Softmax softmax;
      softmax.step = bits<uint32_t>() >> (8 + random.below(12));
      softmax.output = makeGain(256);
      return rowStreams(work, int8::vectorHeader(softmax, lanes), [&](auto &x, int8_t *y) {
        int8::softmaxRow(x.data(), work.columns, softmax, y);
      });
    }
    case cost::VectorFunction::LayerNorm:
    case cost::VectorFunction::L2Norm: {
      int8::Normalization norm;
      norm.centred = work.function == cost::VectorFunction::LayerNorm;
      norm.zeroPoint = bits<int8_t>();
      norm.epsilon = random.below(2) ? 0 : random.next() >> (16 + random.below(48));
      for (int64_t i = 0; i != work.columns; ++i)
        norm.columns.push_back(makeGain(4096));
      return rowStreams(work, int8::vectorHeader(norm, lanes),
                        [&](auto &x, int8_t *y) { int8::normalizeRow(x.data(), norm, y); });
    }
    case cost::VectorFunction::Pointwise: {
      int8::Table table;
      for (int8_t &entry : table)
        entry = bits<int8_t>();
      return rowStreams(work, int8::vectorHeader(table, lanes), [&](auto &x, int8_t *y) {
        for (size_t i = 0; i != x.size(); ++i)
          y[i] = int8::lookUp(table, x[i]);
      });
    }
    case cost::VectorFunction::Add:
      break;
    }
    int8::Addition addition;
    addition.multiplierA = bits<uint16_t>() >> random.below(8);
    addition.multiplierB = bits<uint16_t>() >> random.below(8);
    addition.offset = bits<int32_t>() / (random.below(2) ? 1 : 1 << 8);
    Streams streams;
    streams.in = int8::vectorHeader(addition, lanes);
    for (int64_t row = 0; row != work.rows; ++row) {
      std::vector<int8_t> a = makeRow(work.columns), b = makeRow(work.columns), y(a.size());
      for (size_t i = 0; i != a.size(); ++i)
        y[i] = int8::add(a[i], b[i], addition);
      int8::appendRows(streams.in, a.data(), b.data(), work.columns, lanes);
      int8::appendRow(streams.out, y.data(), work.columns, lanes);
    }
    return streams;
  }

  template <typename Function>
  Streams rowStreams(const cost::VectorWork &work, Bytes header, Function function) {
    Streams streams;
    streams.in = std::move(header);
    std::vector<int8_t> y(static_cast<size_t>(work.columns));
    for (int64_t row = 0; row != work.rows; ++row) {
      std::vector<int8_t> x = makeRow(work.columns);
      function(x, y.data());
      int8::appendRow(streams.in, x.data(), work.columns, lanes);
      int8::appendRow(streams.out, y.data(), work.columns, lanes);
    }
    return streams;
  }

  void writeGroups(const Bytes &bytes, const std::vector<int64_t> &waits) {
    for (size_t group = 0; group != waits.size(); ++group) {
      std::printf("%lld ", static_cast<long long>(waits[group]));
      for (int64_t i = 0; i != lanes; ++i)
        std::printf("%02x", bytes[group * static_cast<size_t>(lanes) + static_cast<size_t>(i)]);
      std::printf("\n");
    }
  }
};

} // namespace

int main(int argc, char **argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: VectorCases LANES ROW_BYTES CASES SEED\n");
    return 2;
  }
  int64_t lanes = std::atoll(argv[1]), rowBytes = std::atoll(argv[2]), cases = std::atoll(argv[3]);
  auto seed = static_cast<uint64_t>(std::atoll(argv[4]));
  for (int64_t index = 0; index < cases; ++index)
    Generator(lanes, rowBytes, seed, static_cast<uint64_t>(index)).writeCase();
  return 0;
}
