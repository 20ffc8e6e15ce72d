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
#include "llvm/Support/raw_ostream.h"
#include <limits>

using namespace cat;
using namespace cat::torcheval;
using data::Split;

/// The rendered data set is classified by the shape of a scene's first object.
static constexpr data::ShapesAttribute kClasses = data::ShapesAttribute::Shape;

/// Of a split that is held in memory, and of a part of a training set that is not.
static constexpr int64_t kMostSplitBytes = int64_t(8) << 30, kPartBytes = int64_t(2) << 30;

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
static std::string fillTemplate(std::string text, const std::string &name) {
  const size_t place = text.find("{}");
  return place == std::string::npos ? text : text.replace(place, 2, name);
}

/// Whether the splits are parts of one data set, that of `train`.
static bool isOneSet(const Settings &settings) { return settings.validation.empty(); }

/// What a split is read from, and how many of its pairs at most; 0: all.
static std::pair<std::string, int64_t> partOf(const Settings &settings, Split split) {
  const bool one = isOneSet(settings);
  switch (split) {
  case Split::Train:
    return {settings.train, settings.trainPairs};
  case Split::Validation:
    return {one ? settings.train : settings.validation, settings.validationPairs};
  case Split::Test:
    break;
  }
  return {one ? settings.train : settings.test, settings.testPairs};
}

/// The records of a split that is a list.
static Result<data::Manifest> readList(const Settings &settings, Split split) {
  const std::string file = partOf(settings, split).first;
  if (settings.data == "csv")
    return data::readCsv(file, settings.images);
  if (settings.data == "coco")
    return data::readCoco(file, settings.images);
  // The file says itself which split a record belongs to.
  static constexpr const char *kNames[] = {"train", "val", "test"};
  return data::readKarpathy(file, settings.images, kNames[static_cast<int>(split)]);
}

/// Why the test split would not be one that selected nothing, or nothing.
static std::optional<std::string> checkTest(const Settings &settings) {
  if (isOneSet(settings) || settings.test.empty())
    return std::nullopt;
  for (Split other : {Split::Validation, Split::Train}) {
    const std::string file = partOf(settings, other).first;
    if (settings.data == "webdataset") {
      // Keys of different archives may be the same.
      if (file == settings.test)
        return "'test' and '" + std::string(data::splitName(other)) + "' are the same: " + file;
      continue;
    }
    auto pathsOf = [&](Split split) -> Result<std::vector<std::string>> {
      Result<data::Manifest> list = readList(settings, split);
      if (!list)
        return Fault{list.error()};
      std::vector<std::string> paths;
      for (const data::Entry &entry : list->entries)
        paths.push_back(entry.path);
      return paths;
    };
    Result<std::vector<std::string>> tested = pathsOf(Split::Test), seen = pathsOf(other);
    if (!tested || !seen)
      return tested ? seen.error() : tested.error();
    if (std::optional<Fault> both = data::checkDisjoint(*tested, settings.test, *seen, file))
      return both->message;
  }
  return std::nullopt;
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
        sets.prompts_.push_back(fillTemplate(text, name));
  } else {
    const std::string file = partOf(settings, Split::Validation).first;
    sets.name_ = file.substr(file.rfind('/') + 1);
    if (std::optional<std::string> problem = checkTest(settings))
      return Fault{*problem};
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
    if (settings_.captions == 0 || static_cast<int64_t>(captions.size()) < settings_.captions)
      captions.push_back(tokenizer_->encodePadded(caption, model_.context));
  set.add(image.rgb, captions, label);
}

Result<std::unique_ptr<data::Source>> DataSets::open(Split split) const {
  // A list after Karpathy has splits of its own; another data set is divided by its keys.
  data::KeyFilter filter;
  if (isOneSet(settings_) && settings_.data != "karpathy")
    filter = data::keysOfSplit(split, {});
  std::unique_ptr<data::Source> source;
  if (settings_.data == "webdataset") {
    data::WebDatasetOptions options;
    options.filter = filter;
    auto archives = data::webDatasetSource(partOf(settings_, split).first, options);
    if (!archives)
      return archives;
    source = std::move(*archives);
  } else {
    Result<data::Manifest> list = readList(settings_, split);
    if (!list)
      return Fault{list.error()};
    source = data::manifestSource(std::move(*list), filter);
  }
  if (settings_.badRecords == 0)
    return source;
  return data::skipBadRecords(std::move(source), settings_.badRecords, [](const Fault &fault) {
    llvm::errs() << "passed over: " << fault.message << '\n';
  });
}

Result<bool> DataSets::fill(data::Source &source, const std::string &name, int64_t most,
                            PairSet &set) const {
  const int64_t bytes = model_.image * model_.image * 3;
  while (set.size() < most) {
    data::Next next = source.next();
    if (next.fault)
      return Fault{next.fault->message};
    if (!next.sample)
      return true;
    if ((set.size() + 1) * bytes > kMostSplitBytes)
      return Fault{name + ": its pictures take more than " + std::to_string(kMostSplitBytes >> 30) +
                   " GiB of memory; give a number of pairs in the spec"};
    add(set, *next.sample, -1);
  }
  return false;
}

std::optional<std::string> DataSets::readFiles(Split split, PairSet &set) {
  const auto [file, limit] = partOf(settings_, split);
  Result<std::unique_ptr<data::Source>> source = open(split);
  if (!source)
    return source.error();
  const int64_t most = limit > 0 ? limit : std::numeric_limits<int64_t>::max();
  int64_t held = most;
  if (split == Split::Train) {
    // What is held comes from all over the set.
    (*source)->reset(seed_);
    held = std::min(most, settings_.heldPairs > 0 ? settings_.heldPairs
                                                  : kPartBytes / (model_.image * model_.image * 3));
  }
  Result<bool> ended = fill(**source, file, held, set);
  if (!ended)
    return ended.error();
  if (!*ended && held < most) {
    stream_ = std::make_unique<Stream>();
    stream_->source = std::move(*source);
    stream_->passed = set.size();
  }
  return std::nullopt;
}

std::optional<std::string> DataSets::readNextPart() {
  const auto [file, limit] = partOf(settings_, Split::Train);
  const int64_t size = read_[Split::Train]->size();
  auto part = std::make_unique<PairSet>(model_.image, model_.context);
  while (part->size() < size) {
    const int64_t before = part->size();
    const int64_t most = limit > 0 ? std::min(size, before + limit - stream_->passed) : size;
    Result<bool> ended = fill(*stream_->source, file, most, *part);
    if (!ended)
      return ended.error();
    stream_->passed += part->size() - before;
    if (*ended || (limit > 0 && stream_->passed >= limit)) {
      stream_->source->reset(seed_ + ++stream_->pass);
      stream_->passed = 0;
    }
  }
  stream_->held = std::move(part);
  ++stream_->part;
  return std::nullopt;
}

Result<const PairSet *> DataSets::trainingPart(int64_t index) {
  Result<const PairSet *> first = split(Split::Train);
  if (!first || index == 0 || !stream_)
    return first;
  if (index < stream_->part) {
    // Back to the beginning, past the first part, which is known.
    Result<std::unique_ptr<data::Source>> source = open(Split::Train);
    if (!source)
      return Fault{source.error()};
    (*source)->reset(seed_);
    PairSet passed(model_.image, model_.context);
    Result<bool> ended = fill(**source, settings_.train, (*first)->size(), passed);
    if (!ended)
      return Fault{ended.error()};
    *stream_ = Stream();
    stream_->source = std::move(*source);
    stream_->passed = passed.size();
  }
  while (stream_->part < index)
    if (std::optional<std::string> problem = readNextPart())
      return Fault{*problem};
  return stream_->held.get();
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
