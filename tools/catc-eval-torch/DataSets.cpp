//===- DataSets.cpp - The splits that a session works with ----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataSets.h"
#include "Data/Manifest.h"
#include "Data/Preprocess.h"
#include "Data/Shapes.h"
#include "Data/WebDataset.h"

using namespace cat;
using namespace cat::torcheval;
using data::Split;

/// The rendered data set is classified by the shape of a scene's first object.
static constexpr data::ShapesAttribute kClasses = data::ShapesAttribute::Shape;

/// Of a split, which is held in memory.
static constexpr int64_t kMostPixelBytes = int64_t(8) << 30;

static data::ShapesConfig shapesConfig(const Settings &settings, const weights::ClipConfig &model,
                                       uint64_t seed) {
  data::ShapesConfig config;
  config.image = model.image;
  config.seed = seed;
  auto given = [](int64_t pairs, int64_t &size) {
    if (pairs > 0)
      size = pairs;
  };
  given(settings.trainPairs, config.train);
  given(settings.validationPairs, config.validation);
  given(settings.testPairs, config.test);
  return config;
}

/// A template with a class's name in the place of "{}".
static std::string fill(std::string text, const std::string &name) {
  const size_t place = text.find("{}");
  return place == std::string::npos ? text : text.replace(place, 2, name);
}

Result<DataSets> DataSets::open(const Settings &settings, const weights::ClipConfig &model,
                                uint64_t seed) {
  DataSets sets;
  sets.settings_ = settings;
  sets.model_ = model;
  sets.seed_ = seed;
  if (settings.data == "shapes") {
    Result<data::Shapes> shapes = data::Shapes::create(shapesConfig(settings, model, seed));
    if (!shapes)
      return Fault{shapes.error()};
    if (model.context < data::kShapesContext)
      return Fault{"captions of 'shapes' have up to " + std::to_string(data::kShapesContext) +
                   " tokens, and the model's context is " + std::to_string(model.context)};
    sets.name_ = "shapes";
    sets.tokenizer_ = std::make_shared<data::WordTokenizer>(data::shapesVocabulary());
    data::ShapesClasses classes = data::shapesClasses(kClasses);
    sets.templates_ = static_cast<int64_t>(classes.templates.size());
    for (const std::string &name : classes.names)
      for (const std::string &text : classes.templates)
        sets.prompts_.push_back(fill(text, name));
  } else {
    sets.name_ = settings.validation;
    Result<std::unique_ptr<data::Tokenizer>> tokenizer = data::Tokenizer::load(settings.tokenizer);
    if (!tokenizer)
      return Fault{tokenizer.error()};
    sets.tokenizer_ = std::move(*tokenizer);
  }
  if (sets.tokenizer_->vocabularySize() > model.vocab)
    return Fault{"the tokenizer has " + std::to_string(sets.tokenizer_->vocabularySize()) +
                 " tokens, and the model's vocabulary " + std::to_string(model.vocab)};
  return sets;
}

/// What a split is read from, and how many of its pairs at most; 0: all.
static std::pair<std::string, int64_t> partOf(const Settings &settings, Split split) {
  switch (split) {
  case Split::Train:
    return {settings.train, settings.trainPairs};
  case Split::Validation:
    return {settings.validation, settings.validationPairs};
  case Split::Test:
    break;
  }
  return {settings.test, settings.testPairs};
}

/// The records of files, by the measurement's form of data.
static Result<std::unique_ptr<data::Source>> openSource(const Settings &settings,
                                                        const std::string &file) {
  if (settings.data == "webdataset")
    return data::webDatasetSource(file);
  Result<data::Manifest> manifest = settings.data == "csv" ? data::readCsv(file, settings.images)
                                                           : data::readCoco(file, settings.images);
  if (!manifest)
    return Fault{manifest.error()};
  return data::manifestSource(std::move(*manifest));
}

bool DataSets::has(Split split) const {
  if (settings_.data == "shapes")
    return true;
  return !partOf(settings_, split).first.empty();
}

std::optional<torch::Tensor> DataSets::prompts() const {
  if (prompts_.empty())
    return std::nullopt;
  std::vector<torch::Tensor> rows;
  for (const std::string &prompt : prompts_)
    rows.push_back(torch::tensor(tokenizer_->encodePadded(prompt, model_.context), torch::kInt64));
  return torch::stack(rows);
}

void DataSets::add(PairSet &set, const data::Sample &sample, int64_t label) const {
  data::Image image = sample.image;
  if (image.width != model_.image || image.height != model_.image)
    image = data::centreCrop(data::resizeShortest(image, model_.image), model_.image);
  std::vector<std::vector<int32_t>> captions;
  for (const std::string &caption : sample.captions)
    captions.push_back(tokenizer_->encodePadded(caption, model_.context));
  set.add(image.rgb, captions, label);
}

std::optional<std::string> DataSets::readFiles(Split split, PairSet &set) const {
  const auto [file, most] = partOf(settings_, split);
  Result<std::unique_ptr<data::Source>> source = openSource(settings_, file);
  if (!source)
    return source.error();
  // The same pairs in every process: those of a training set come from all over it.
  if (split == Split::Train)
    (*source)->reset(seed_);
  const int64_t bytes = model_.image * model_.image * 3;
  while (most == 0 || set.size() < most) {
    data::Next next = (*source)->next();
    if (next.fault)
      return next.fault->message;
    if (!next.sample)
      break;
    if ((set.size() + 1) * bytes > kMostPixelBytes)
      return file + ": its pictures take more than " + std::to_string(kMostPixelBytes >> 30) +
             " GiB of memory; give a number of pairs with '" + data::splitName(split) + "_pairs'";
    add(set, *next.sample, -1);
  }
  return std::nullopt;
}

Result<const PairSet *> DataSets::split(Split split) {
  std::unique_ptr<PairSet> &known = read_[split];
  if (known)
    return known.get();
  auto set = std::make_unique<PairSet>(model_.image, model_.context);
  if (settings_.data == "shapes") {
    data::Shapes shapes = *data::Shapes::create(shapesConfig(settings_, model_, seed_));
    for (int64_t i = 0; i < shapes.size(split); ++i)
      add(*set, shapes.render(split, i), data::shapesClass(shapes.scene(split, i), kClasses));
  } else if (std::optional<std::string> problem = readFiles(split, *set)) {
    return Fault{*problem};
  }
  if (set->size() == 0)
    return Fault{"the " + std::string(data::splitName(split)) + " split is empty"};
  known = std::move(set);
  return known.get();
}
