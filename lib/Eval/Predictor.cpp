//===- Predictor.cpp - Accuracy estimated from published results ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Predictor.h"
#include "Support/Check.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace cat::eval;

namespace {

constexpr double kLn2 = 0.69314718055994530942;

double logit(double p) { return std::log(p / (1 - p)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

double size(const Sizes &sizes, const std::string &name) {
  auto it = sizes.find(name);
  CATC_CHECK(it != sizes.end(), "a tower lacks one of its parent's sizes");
  return it->second;
}

/// True if every size that `partial` names has that value in `whole`.
bool agrees(const Sizes &partial, const Sizes &whole) {
  return std::all_of(partial.begin(), partial.end(), [&](const auto &entry) {
    auto it = whole.find(entry.first);
    return it != whole.end() && it->second == entry.second;
  });
}

bool agrees(const MeasuredModel &model, const ModelShape &shape) {
  return std::all_of(model.towers.begin(), model.towers.end(), [&](const auto &tower) {
    auto it = shape.find(tower.first);
    return it != shape.end() && agrees(tower.second, it->second.sizes);
  });
}

/// The sizes of one of a measured model's towers, filled up with its parent's.
Sizes completed(const MeasuredModel &model, const std::string &segment, const Sizes &parent) {
  Sizes sizes = parent;
  if (auto it = model.towers.find(segment); it != model.towers.end())
    for (const auto &[name, value] : it->second)
      sizes[name] = value;
  return sizes;
}

std::string quoted(const std::string &text) { return "'" + text + "'"; }

bool isShare(double value) { return value > 0 && value < 1; }

/// What is wrong with the numbers of a predictor, or nothing.
std::string checkData(const PredictorData &data) {
  std::string where = "predictor " + quoted(data.name);
  if (data.towers.empty())
    return where + " has no tower";
  for (const TowerFit &fit : data.towers)
    if (!(fit.macsLow > 0) || !(fit.macsLow <= fit.macsHigh) || !std::isfinite(fit.exponent))
      return where + ": tower " + quoted(fit.segment) +
             " needs a finite exponent and 0 < macs_low <= macs_high";
  if (!std::isfinite(data.constant))
    return where + ": 'constant' must be finite";
  for (auto [name, sigma] : {std::pair("sigma", data.sigmaInside),
                             {"sigma_outside", data.sigmaOutside},
                             {"sigma_published", data.sigmaPublished},
                             {"sigma_recipe", data.sigmaRecipe},
                             {"shape_prior", data.shapePrior}})
    if (!(sigma >= 0) || !std::isfinite(sigma))
      return where + ": " + quoted(name) + " must not be negative";
  if (data.sigmaOutside < data.sigmaInside)
    return where + ": 'sigma_outside' must not be below 'sigma'";
  auto checkModel = [&](const MeasuredModel &model) {
    return isShare(model.accuracy) ? std::string()
                                   : where + ": the accuracy of " + quoted(model.name) +
                                         " must lie between 0 and 100 %";
  };
  for (const ParentModel &parent : data.parents)
    if (std::string error = checkModel(parent); !error.empty())
      return error;
  for (const PublishedModel &model : data.published) {
    if (std::string error = checkModel(model); !error.empty())
      return error;
    if (std::none_of(data.parents.begin(), data.parents.end(),
                     [&](const ParentModel &parent) { return parent.name == model.parent; }))
      return where + ": " + quoted(model.name) + " has an unknown parent " + quoted(model.parent);
  }
  return "";
}

std::string unknownParent(const PredictorData &data, const std::string &checkpoint) {
  std::string known;
  bool otherSizes = false;
  for (const ParentModel &parent : data.parents) {
    otherSizes |= parent.checkpoint == checkpoint;
    known += (known.empty() ? "" : ", ") + quoted(parent.checkpoint) + " (" + parent.name + ")";
  }
  return "predictor " + quoted(data.name) + " knows no accuracy of checkpoint " +
         quoted(checkpoint) + (otherSizes ? " for a model of these sizes" : "") + "; it knows " +
         known;
}

} // namespace

std::variant<Predictor, std::string> Predictor::create(const PredictorData &data,
                                                       const std::string &checkpoint,
                                                       const ModelShape &parentShape) {
  if (std::string error = checkData(data); !error.empty())
    return error;
  auto parent = std::find_if(data.parents.begin(), data.parents.end(), [&](const ParentModel &p) {
    return p.checkpoint == checkpoint && agrees(p, parentShape);
  });
  if (parent == data.parents.end())
    return unknownParent(data, checkpoint);

  Predictor result;
  result.metric_ = data.metric;
  result.source_ = data.source;
  result.shapeDimensions_ = data.shapeDimensions;
  result.shapePrior_ = data.shapePrior;
  result.intercept_ = logit(parent->accuracy) + data.constant;
  double recipe = parent->calibrated ? 0 : data.sigmaRecipe;
  result.varianceInside_ = data.sigmaInside * data.sigmaInside + recipe * recipe;
  result.varianceOutside_ =
      data.sigmaOutside * data.sigmaOutside - data.sigmaInside * data.sigmaInside;
  result.sigmaPublished_ = data.sigmaPublished;

  std::vector<const MeasuredModel *> measured = {&*parent};
  for (const PublishedModel &model : data.published)
    if (model.parent == parent->name)
      measured.push_back(&model);
  if (measured.size() > 64)
    return "predictor " + quoted(data.name) + " has more than 63 published models of parent " +
           quoted(parent->name);
  for (const MeasuredModel *model : measured) {
    result.measuredAccuracy_.push_back(model->accuracy);
    result.measuredSource_.push_back("published: " + model->name + ", " + model->source);
  }

  for (const TowerFit &fit : data.towers) {
    auto segment = parentShape.find(fit.segment);
    if (segment == parentShape.end() || segment->second.macs <= 0)
      return "predictor " + quoted(data.name) + " needs a model with a tower " +
             quoted(fit.segment);
    const Sizes &sizes = segment->second.sizes;
    for (const std::string &dimension : data.shapeDimensions)
      if (auto it = sizes.find(dimension); it == sizes.end() || !(it->second > 0))
        return "predictor " + quoted(data.name) + " needs a size " + quoted(dimension) +
               " of tower " + quoted(fit.segment);
    Tower &tower = result.towers_.emplace_back();
    tower.fit = fit;
    tower.parent = segment->second;
    result.segments_.push_back(fit.segment);
    for (const MeasuredModel *model : measured)
      tower.measured.push_back(completed(*model, fit.segment, sizes));
    // The parent's own mix: nothing shrinks.
    tower.mixes.emplace_back(data.shapeDimensions.size(), 0.0);
    for (const PublishedModel &model : data.published) {
      if (!model.calibration)
        continue;
      const ParentModel &own =
          *std::find_if(data.parents.begin(), data.parents.end(),
                        [&](const ParentModel &p) { return p.name == model.parent; });
      Sizes whole = completed(own, fit.segment, sizes);
      tower.mixes.push_back(result.mix(completed(model, fit.segment, whole), whole));
    }
  }
  return result;
}

std::vector<double> Predictor::mix(const Sizes &sizes, const Sizes &parent) const {
  std::vector<double> mix;
  double mean = 0;
  for (const std::string &dimension : shapeDimensions_) {
    mix.push_back(std::log(size(sizes, dimension) / size(parent, dimension)));
    mean += mix.back() / static_cast<double>(shapeDimensions_.size());
  }
  for (double &x : mix)
    x -= mean;
  return mix;
}

double Predictor::distanceToCalibration(const Tower &tower, const Sizes &sizes) const {
  std::vector<double> own = mix(sizes, tower.parent.sizes);
  double nearest = std::numeric_limits<double>::infinity();
  for (const std::vector<double> &other : tower.mixes) {
    double squared = 0;
    for (size_t i = 0; i < own.size(); ++i)
      squared += (own[i] - other[i]) * (own[i] - other[i]);
    nearest = std::min(nearest, squared);
  }
  return std::sqrt(nearest);
}

SegmentTerm Predictor::segmentTerm(size_t index, const SegmentShape &shape) const {
  CATC_CHECK(shape.macs > 0, "a tower without MACs");
  const Tower &tower = towers_[index];
  const TowerFit &fit = tower.fit;
  double ratio = static_cast<double>(shape.macs) / static_cast<double>(tower.parent.macs);

  SegmentTerm term;
  term.logit = fit.exponent * std::log(ratio);
  double beyond = std::log(std::max({1.0, fit.macsLow / ratio, ratio / fit.macsHigh})) / kLn2;
  term.outside = beyond * beyond;
  double shapeSigma = shapePrior_ * fit.exponent * distanceToCalibration(tower, shape.sizes);
  term.shapeVariance = shapeSigma * shapeSigma;
  term.extrapolated = beyond > 0;
  for (const auto &[name, whole] : tower.parent.sizes) {
    double value = size(shape.sizes, name);
    term.extrapolated |= value < 0.5 * whole || value > whole;
  }
  for (size_t i = 0; i < tower.measured.size(); ++i)
    if (agrees(tower.measured[i], shape.sizes))
      term.measured |= uint64_t(1) << i;
  return term;
}

Prediction Predictor::combine(const SegmentTerm *terms) const {
  uint64_t measured = ~uint64_t(0);
  double x = intercept_, outside = 0, shapeVariance = 0;
  Prediction prediction;
  for (size_t i = 0; i < towers_.size(); ++i) {
    x += terms[i].logit;
    outside += terms[i].outside;
    shapeVariance += terms[i].shapeVariance;
    measured &= terms[i].measured;
    prediction.extrapolated |= terms[i].extrapolated;
  }
  if (measured != 0) {
    size_t i = 0;
    while (!(measured >> i & 1))
      ++i;
    prediction.value = measuredAccuracy_[i];
    prediction.sigma = sigmaPublished_;
    prediction.source = measuredSource_[i];
    prediction.extrapolated = false;
    return prediction;
  }
  prediction.value = logistic(x);
  double slope = prediction.value * (1 - prediction.value);
  prediction.sigma =
      std::sqrt(varianceInside_ + varianceOutside_ * outside + slope * slope * shapeVariance);
  prediction.source = source_;
  return prediction;
}

std::vector<SegmentTerm> Predictor::terms(const ModelShape &model) const {
  std::vector<SegmentTerm> terms;
  for (size_t i = 0; i < towers_.size(); ++i) {
    auto segment = model.find(segments_[i]);
    CATC_CHECK(segment != model.end(), "a model lacks one of its parent's towers");
    terms.push_back(segmentTerm(i, segment->second));
  }
  return terms;
}

Prediction Predictor::predict(const ModelShape &model) const {
  return combine(terms(model).data());
}

Prediction Predictor::fitted(const ModelShape &model) const {
  std::vector<SegmentTerm> parts = terms(model);
  for (SegmentTerm &term : parts)
    term.measured = 0;
  return combine(parts.data());
}
