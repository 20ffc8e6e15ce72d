//===- Screen.h - Conservative bounds of many designs at once ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Single-precision tables over the kept hardware that bound goals from below and say which designs
// may be feasible. Whoever uses them may discard what the bounds exclude and must decide the rest
// on exact values.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_SEARCH_SCREEN_H
#define CATC_SEARCH_SCREEN_H

#include "Search/Prepared.h"
#include <cstddef>
#include <vector>

namespace cat::search {

class Screen {
public:
  /// Hardware points are bounded in blocks of this many first.
  static constexpr size_t kBlock = 16;

  /// Scratch space and results of one thread.
  struct View {
    View() = default;
    View(View &&) = default; // `lower` points into the rest
    /// Least possible value of each axis, minimised: lower[axis][i] for the i-th entry asked for.
    std::vector<const double *> lower;
    /// Nonzero where the design may satisfy every requirement and beat every axis' threshold.
    std::vector<unsigned char> possible;

  private:
    friend class Screen;
    std::vector<int32_t> levels;
    std::vector<int64_t> variants;
    std::vector<double> modelValues, modelSymbols, scratch;
    std::vector<std::vector<float>> sums;
    std::vector<std::vector<double>> axisValues;
    std::vector<std::vector<double>> lo, hi;
  };

  /// Prepares bounds for the goals `axes`. The prepared problem must outlive the screen.
  Screen(const Prepared &prepared, const std::vector<int32_t> &axes, unsigned threads);

  /// Number of kept hardware points, and the blocks that hold them.
  size_t size() const { return hardware.size(); }
  size_t blocks() const { return (hardware.size() + kBlock - 1) / kBlock; }

  /// The hardware point at a position; positions are sorted so that neighbours are alike.
  HardwareId at(size_t position) const { return hardware[position]; }

  View makeView() const;

  /// False if bounds are the same whatever a model's evaluation.
  bool needsEvaluation() const { return !modelValuesUsed.empty(); }

  /// Chooses the model that the next calls are about. The evaluation matters only to goals and
  /// requirements that need it.
  void setModel(View &view, ModelId model, const Evaluation &evaluation) const;

  /// Bounds of blocks [0, blocks()): of each axis the least over the block, `possible` if some
  /// design in it may be.
  void boundBlocks(View &view) const;

  /// Bounds of the designs of one block; entries past size() are not possible.
  void boundBlock(View &view, size_t block) const;

  /// Bounds of all positions at once.
  void boundAll(View &view) const;

  /// Range of an axis over all models and kept hardware, minimised and cut off at the goal's
  /// threshold; infinite if not bounded.
  Interval axisRange(size_t axis) const;

private:
  /// Lower bounds of sign * quantity as a sum of rows, one for each segment. All rows have the
  /// padded width.
  struct Bound {
    int32_t quantity = 0;
    double sign = 1;
    std::vector<float> constant;          ///< [position], used if no segment has rows
    std::vector<std::vector<float>> rows; ///< [segment][variant * width + position], or empty
    std::vector<float> blockConstant;     ///< the same by block: minima
    std::vector<std::vector<float>> blockRows;
  };
  /// A limit on one bound: designs with a lower bound above it are impossible.
  struct Limit {
    size_t bound = 0;
    float most = 0;
  };
  /// How an axis is bounded.
  struct Axis {
    const FactoredExpr *goal = nullptr;
    int32_t bound = -1;      ///< a bound, or
    int32_t modelValue = -1; ///< exactly known, the same for all hardware, or
    std::vector<double> exact,
        blockExact; ///< exactly known of each position and block, or else an expression over leaves
    bool maximize = false;
    double threshold = 0; ///< values here or above do not count; NaN if there is none
  };

  void setDigits();
  void sortHardware(const std::vector<int32_t> &goalIndices);
  size_t boundFor(int32_t quantity, double sign);
  void fill(Bound &bound, unsigned threads) const;
  void addBlocks(Bound &bound) const;
  void addLimit(const FactoredExpr &requirement);
  void addExactValues(Axis &axis) const;
  template <bool Blocks> void evaluate(View &view, size_t begin, size_t count) const;
  template <bool Blocks>
  void evaluateExpr(View &view, const FactoredExpr &expr, size_t count, double *lo,
                    double *hi) const;

  /// Where a segment's parameters follow each other, its variant is (model / period) % variants;
  /// otherwise period is 0.
  struct Digits {
    int64_t period = 0, variants = 1;
  };

  const Prepared &prepared;
  std::vector<HardwareId> hardware;
  size_t width = 0;      // positions, padded to whole blocks
  size_t blockWidth = 0; // blocks, padded
  std::vector<Bound> bounds;
  std::vector<Limit> limits;
  std::vector<Axis> axes;
  std::vector<const FactoredExpr *> expressions; // requirements bounded as intervals
  std::vector<int32_t> modelValuesUsed;
  std::vector<Digits> digits; // [segment]
  bool needsLevels = false;
};

} // namespace cat::search

#endif // CATC_SEARCH_SCREEN_H
