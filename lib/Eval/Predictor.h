//===- Predictor.h - Accuracy estimated from published results --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An estimate of what a model that is pruned and distilled from a measured parent would reach,
// calibrated on published models. It is an estimate and says so: every answer has a sigma, a source
// and whether it extrapolates.
//
//   logit(accuracy) = logit(parent) + constant + sum over towers t of k_t ln(MACs_t / MACs_t of the
//   parent)
//
// The exponents k_t are data (catlib/predictor.cat). They were fitted with the MACs of a tower's
// layers and patch embedding; MACs here come from the lowered program, which also counts the
// projection into the joint space: below a tenth of a per cent of a tower, in the model and its
// parent alike.
//
// At a published model's sizes the published value is the answer, and at the parent's sizes the
// parent's, so the constant never applies to an unpruned model.
//
// Sigma, in points:
//   sigma^2 = inside^2 + (outside^2 - inside^2) sum_t (d_t / ln 2)^2 + slope^2 sum_t (prior k_t
//   m_t)^2 + recipe^2
// d_t  how far ln(MACs ratio) lies outside the range of the calibration models: sigma starts to
// widen smoothly there and reaches
//      `outside` at a factor of two beyond it.
// m_t  how far the tower's mix of dimensions lies from that of the nearest calibration model, the
// parent among them. The mix is the
//      vector of ln(dimension / parent's) less its mean: zero where all dimensions shrink alike.
//      The published models shrink depth, width, FFN and heads together, so they cannot tell how
//      much each of them matters beyond its share of the MACs. The shape prior says how much it may
//      (a share of k_t for each, one sigma), and so widens sigma; it does not move the value.
// slope  a (1 - a), which turns logits into accuracy. recipe: added if the parent is none of the
// calibration's.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_EVAL_PREDICTOR_H
#define CATC_EVAL_PREDICTOR_H

#include "Search/Problem.h"
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cat::eval {

/// Sizes of one tower by name ("layers", "width" ...).
using Sizes = std::map<std::string, double>;

/// A tower of a model: its sizes, and the MACs of its lowered program.
struct SegmentShape {
  int64_t macs = 0;
  Sizes sizes;
};

/// The segments of a model by name. Those without a fit (the similarity of embeddings) do not
/// matter here.
using ModelShape = std::map<std::string, SegmentShape>;

struct TowerFit {
  std::string segment;
  double exponent = 0;              ///< k_t
  double macsLow = 0, macsHigh = 1; ///< range of MACs ratios in the calibration
};

/// A model whose accuracy was measured. Sizes that it does not name are those of the parent in use.
struct MeasuredModel {
  std::string name;
  std::map<std::string, Sizes> towers;
  double accuracy = 0;
  std::string source;
};

/// An unpruned model that others are pruned from.
struct ParentModel : MeasuredModel {
  std::string checkpoint;  ///< of its weights, "datacomp_xl_s13b_b90k"
  bool calibrated = false; ///< whether the fit was made on models pruned from it
};

/// A published model, answered with its published accuracy.
struct PublishedModel : MeasuredModel {
  std::string parent;       ///< ParentModel::name
  bool calibration = false; ///< whether the fit was made on it
};

/// The contents of a `predictor` block for the accuracy that it names.
struct PredictorData {
  std::string name;    ///< "imagenet_top1"
  std::string metric;  ///< "ImageNet top-1"
  std::string source;  ///< of the fit
  double constant = 0; ///< of the fit, in logits
  double sigmaInside = 0, sigmaOutside = 0, sigmaPublished = 0, sigmaRecipe = 0;
  std::vector<std::string> shapeDimensions; ///< sizes that make up a tower's mix
  double shapePrior = 0;
  std::vector<TowerFit> towers;
  std::vector<ParentModel> parents;
  std::vector<PublishedModel> published; ///< those with a value of this accuracy
};

struct Prediction : search::Evaluation {
  std::string_view source; ///< lives as long as the predictor
  bool extrapolated = false;
};

/// What one tower contributes. Predictions are combined from these, so a study computes each tower
/// variant's once.
struct SegmentTerm {
  double logit = 0;         ///< k_t ln(MACs ratio)
  double outside = 0;       ///< (d_t / ln 2)^2
  double shapeVariance = 0; ///< (prior k_t m_t)^2, in logits squared
  uint64_t measured = 0;    ///< bit i: the tower equals that of measured model i
  bool extrapolated = false;
};

/// A predictor for models pruned from one parent. Immutable; safe to use from several threads.
class Predictor {
public:
  /// Picks the parent whose checkpoint and sizes are those given; `parent` has the MACs to compare
  /// with. Returns what is wrong in a sentence if there is none, or if the data contradicts itself.
  static std::variant<Predictor, std::string>
  create(const PredictorData &data, const std::string &checkpoint, const ModelShape &parent);

  /// Which accuracy is predicted.
  const std::string &metric() const { return metric_; }

  /// Segments with a fit, in the order in which combine() takes them.
  const std::vector<std::string> &segments() const { return segments_; }

  /// The term of segment `index` of segments().
  SegmentTerm segmentTerm(size_t index, const SegmentShape &shape) const;

  /// The prediction for one term of each of segments(). Costs tens of nanoseconds.
  Prediction combine(const SegmentTerm *terms) const;

  /// The prediction for a model: equals combine() bit for bit. The model has every one of
  /// segments().
  Prediction predict(const ModelShape &model) const;

  /// What the fit alone says, also at published sizes, to judge it by.
  Prediction fitted(const ModelShape &model) const;

private:
  struct Tower {
    TowerFit fit;
    SegmentShape parent;
    std::vector<std::vector<double>> mixes; ///< of the calibration models
    std::vector<Sizes> measured;            ///< sizes of each measured model
  };

  Predictor() = default;
  std::vector<SegmentTerm> terms(const ModelShape &model) const;
  std::vector<double> mix(const Sizes &sizes, const Sizes &parent) const;
  double distanceToCalibration(const Tower &tower, const Sizes &sizes) const;

  std::string metric_, source_;
  std::vector<std::string> segments_;
  std::vector<Tower> towers_;
  std::vector<std::string> shapeDimensions_;
  double shapePrior_ = 0;
  double intercept_ = 0; ///< logit(parent) + constant
  double varianceInside_ = 0, varianceOutside_ = 0, sigmaPublished_ = 0;
  /// The parent, then the published models pruned from it.
  std::vector<double> measuredAccuracy_;
  std::vector<std::string> measuredSource_;
};

} // namespace cat::eval

#endif // CATC_EVAL_PREDICTOR_H
