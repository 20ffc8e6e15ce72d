//===- Int8Errors.cpp - How far INT8 functions are from real ones ---------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints one JSON line for each function and kind of input, for scripts/int8_docs.py: errors in
// steps of the output against the function in double precision of the same quantised input, so that
// an ideal result is off by a half at most, and the share of results that are not the ideal ones.
//
//===----------------------------------------------------------------------===//

#include "Int8/Pointwise.h"
#include "Int8/Rows.h"
#include "Search/CounterRandom.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace cat;
using namespace cat::int8;

namespace {

constexpr uint64_t kSeed = 2101;

/// Collects the errors of one line.
class Errors {
public:
  Errors(const char *function, std::string input) : function(function), input(std::move(input)) {}

  /// `exact` in steps, with the zero point; what saturates has no error if the result does.
  void add(int result, double exact) {
    exact = std::clamp(exact, -128.0, 127.0);
    double error = std::abs(result - exact);
    worst = std::max(worst, error);
    sum += error;
    other += result != static_cast<int>(std::floor(exact + 0.5));
    ++count;
  }
  void print() const {
    std::printf("{\"function\": \"%s\", \"input\": \"%s\", \"results\": %lld, \"worst\": %.4f, "
                "\"mean\": %.4f, \"other\": %.6f}\n",
                function, input.c_str(), static_cast<long long>(count), worst, sum / count,
                static_cast<double>(other) / static_cast<double>(count));
  }

private:
  const char *function;
  std::string input;
  double worst = 0, sum = 0;
  int64_t count = 0, other = 0;
};

/// The value of parameters that are right by construction.
template <typename T> T valid(Result<T> result) {
  if (result)
    return *result;
  std::fprintf(stderr, "%s\n", result.error().c_str());
  std::exit(1);
}

/// Normal values, quantised so that four standard deviations reach the ends; one of a hundred
/// columns is `outlier` times as large.
std::vector<int8_t> normalRow(search::CounterRandom &random, int64_t n, double outlier = 1) {
  std::vector<int8_t> row;
  for (int64_t i = 0; i != n; ++i)
    row.push_back(quantize(random.normal() * (i % 100 == 7 ? outlier : 1), {4 * outlier / 127, 0}));
  return row;
}

void measureRequantize(const char *input, unsigned leastShift, unsigned mostShift) {
  search::CounterRandom random(kSeed, mostShift);
  Errors errors("requantise", input);
  for (int i = 0; i != 1000000; ++i) {
    Requantization channel;
    channel.multiplier = static_cast<uint16_t>(32768 + random.below(32768));
    channel.shift = static_cast<uint8_t>(leastShift + random.below(mostShift - leastShift + 1));
    double factor = std::ldexp(channel.multiplier, -channel.shift);
    auto sum =
        static_cast<int32_t>((2 * random.uniform() - 1) * std::min(128 / factor, 0x1p31 - 1));
    errors.add(requantize(sum, channel), sum * factor);
  }
  errors.print();
}

void measureTable(const char *name, Pointwise function) {
  Errors errors("table", name);
  for (double range : {2.0, 6.0, 20.0}) {
    Affine in{range / 127, 0}, out{range / 255, -118};
    Table table = makeTable(function, in, out);
    for (int x = -128; x != 128; ++x)
      errors.add(lookUp(table, static_cast<int8_t>(x)),
                 evaluate(function, in.scale * x) / out.scale + out.zeroPoint);
  }
  errors.print();
}

void measureAddition() {
  search::CounterRandom random(kSeed, 100);
  Errors errors("add", "scales of 1/8 .. 2 times the result's");
  for (int i = 0; i != 1000; ++i) {
    Affine a{std::exp2(4 * random.uniform() - 3), 0}, b{std::exp2(4 * random.uniform() - 3), 0};
    Addition addition = valid(quantizeAddition(a, b, {1, 0}));
    for (int j = 0; j != 1000; ++j) {
      auto x = static_cast<int8_t>(random.next()), y = static_cast<int8_t>(random.next());
      errors.add(add(x, y, addition), a.scale * x + b.scale * y);
    }
  }
  errors.print();
}

void measureSoftmax(int64_t n, double deviation) {
  search::CounterRandom random(kSeed, static_cast<uint64_t>(n));
  Affine out{1.0 / 256, -128};
  double scale = 4 * deviation / 127;
  Softmax softmax = valid(quantizeSoftmax(scale, out));
  Errors errors("softmax", std::to_string(n) + " logits of deviation " +
                               std::to_string(static_cast<int>(deviation)));
  for (int64_t row = 0; row < 200000 / n; ++row) {
    std::vector<int8_t> x = normalRow(random, n), y(x.size());
    softmaxRow(x.data(), n, softmax, y.data());
    double sum = 0;
    for (int8_t q : x)
      sum += std::exp(scale * q);
    for (size_t i = 0; i != x.size(); ++i)
      errors.add(y[i], std::exp(scale * x[i]) / sum / out.scale + out.zeroPoint);
  }
  errors.print();
}

void measureNorm(bool centred, int64_t n, double outlier) {
  search::CounterRandom random(kSeed, static_cast<uint64_t>(n));
  Affine in{4 * outlier / 127, 0};
  double root = std::sqrt(static_cast<double>(n));
  // Outputs in which four standard deviations, of an outlier too, reach the ends.
  Affine out{4 * outlier / 127 / (centred ? 1 : root), 0};
  std::vector<double> gamma, beta;
  for (int64_t i = 0; i != n; ++i) {
    gamma.push_back(centred ? 0.5 + random.uniform() / 2 : 1);
    beta.push_back(centred ? random.normal() / 4 : 0);
  }
  Normalization norm =
      valid(centred ? quantizeLayerNorm(in, gamma, beta, 1e-5, out) : quantizeL2Norm(in, n, out));
  Errors errors(centred ? "layer norm" : "L2 norm",
                std::to_string(n) + " columns" +
                    (outlier == 1
                         ? ""
                         : ", one of 100 is " + std::to_string(int(outlier)) + " times as large"));
  for (int64_t row = 0; row < 400000 / n; ++row) {
    std::vector<int8_t> x = normalRow(random, n, outlier), y(x.size());
    normalizeRow(x.data(), norm, y.data());
    double mean = 0, square = 0;
    for (int8_t q : x)
      mean += centred ? in.scale * q / static_cast<double>(n) : 0;
    for (int8_t q : x)
      square += (in.scale * q - mean) * (in.scale * q - mean);
    double divisor =
        centred ? std::sqrt(square / static_cast<double>(n) + 1e-5) : std::sqrt(square);
    for (size_t i = 0; i != x.size(); ++i)
      errors.add(y[i], (gamma[i] * (in.scale * x[i] - mean) / divisor + beta[i]) / out.scale);
  }
  errors.print();
}

} // namespace

int main() {
  measureRequantize("shifts of 1 .. 22", 1, 22);
  measureRequantize("shifts of 23 .. 38", 23, 38);
  measureTable("GELU", Pointwise::Gelu);
  measureTable("QuickGELU", Pointwise::QuickGelu);
  measureAddition();
  for (int64_t n : {50, 77, 197, 257, 1024, 4096})
    for (double deviation : {1.0, 4.0})
      measureSoftmax(n, deviation);
  for (double outlier : {1.0, 20.0})
    for (int64_t n : {512, 768, 1024, 4096})
      measureNorm(true, n, outlier);
  for (int64_t n : {512, 768, 1024})
    measureNorm(false, n, 1);
  return 0;
}
