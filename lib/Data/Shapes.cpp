//===- Shapes.cpp - A data set that renders itself ------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Shapes.h"
#include "Search/CounterRandom.h"
#include "Support/Check.h"
#include <array>
#include <cmath>

using namespace cat;
using namespace cat::data;

namespace {

constexpr int64_t kSizes = 2, kColours = 8, kShapes = 6;
constexpr int64_t kObjects = kSizes * kColours * kShapes;
static_assert(kObjects * (kObjects - 1) * 2 == kShapesScenes);

/// What the random streams of one seed are for; scenes have the numbers below.
constexpr uint64_t kOrderStream = uint64_t(1) << 32;

using Rgb = std::array<double, 3>;

/// In the order of the words of Colour.
constexpr std::array<Rgb, kColours> kPalette = {{{225, 40, 40},
                                                 {30, 165, 60},
                                                 {40, 75, 235},
                                                 {245, 225, 60},
                                                 {155, 55, 190},
                                                 {60, 210, 225},
                                                 {250, 140, 30},
                                                 {245, 245, 245}}};

constexpr double distance2(const Rgb &a, const Rgb &b) {
  return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
         (a[2] - b[2]) * (a[2] - b[2]);
}
constexpr bool coloursAreApart(double distance) {
  for (size_t i = 0; i < kPalette.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (distance2(kPalette[i], kPalette[j]) < distance * distance)
        return false;
  return true;
}
static_assert(coloursAreApart(85), "jitter and noise leave colours distinguishable");

/// Half the extent of an object, and how far it may lie from the middle of its half of the image,
/// in shares of the image's side: two large objects never touch, and the relation is never in doubt
/// (the distance along it exceeds that across it).
constexpr std::array<double, kSizes> kRadius = {0.125, 0.21};
constexpr double kRadiusJitter = 0.05;
constexpr double kJitterAlong = 0.02, kJitterAcross = 0.12;

constexpr double kColourJitter = 14, kBackgroundLow = 70, kBackgroundHigh = 125;
constexpr double kTint = 8, kGradient = 15, kNoise = 9; ///< in levels of 255
constexpr int kSupersampling = 4;                       ///< points a side of a pixel

ShapesObject objectOf(int64_t index) {
  return {index / (kColours * kShapes), index / kShapes % kColours, index % kShapes};
}

/// Whether the unit shape covers a point; y points down.
bool covers(int64_t shape, double x, double y) {
  double radius2 = x * x + y * y;
  switch (shape) {
  case 0: // circle
    return radius2 <= 0.95;
  case 1: // square
    return std::fabs(x) <= 0.86 && std::fabs(y) <= 0.86;
  case 2: // triangle
    return y <= 0.85 && std::fabs(x) <= (y + 1) / 1.85;
  case 3: // diamond
    return std::fabs(x) + std::fabs(y) <= 1;
  case 4: // cross
    return std::fmin(std::fabs(x), std::fabs(y)) <= 0.32 &&
           std::fmax(std::fabs(x), std::fabs(y)) <= 1;
  default: // ring
    return radius2 <= 1 && radius2 >= 0.3;
  }
}

double between(search::CounterRandom &random, double low, double high) {
  return low + (high - low) * random.uniform();
}

/// Nearly normal with deviation 1 by four uniform numbers: no library function, so the same bits
/// everywhere.
double bell(search::CounterRandom &random) {
  double sum = random.uniform() + random.uniform() + random.uniform() + random.uniform();
  return (sum - 2) * 1.7320508075688772;
}

/// An object as it is drawn, in pixels.
struct Placed {
  int64_t shape;
  double x, y, radius;
  Rgb colour;

  Placed(const ShapesObject &object, search::CounterRandom &random, double side, bool above,
         double half)
      : shape(object.shape) {
    double along = side * (half + between(random, -kJitterAlong, kJitterAlong));
    double across = side * (0.5 + between(random, -kJitterAcross, kJitterAcross));
    x = above ? across : along;
    y = above ? along : across;
    radius = side * kRadius[object.size] * between(random, 1 - kRadiusJitter, 1 + kRadiusJitter);
    for (int c = 0; c < 3; ++c)
      colour[c] = kPalette[object.colour][c] + between(random, -kColourJitter, kColourJitter);
  }

  /// The share of a pixel that is covered.
  double coverage(int64_t column, int64_t row) const {
    // Pixels wholly outside of the bounding square need no look.
    if (std::fabs(column + 0.5 - x) > radius + 1 || std::fabs(row + 0.5 - y) > radius + 1)
      return 0;
    int inside = 0;
    for (int j = 0; j < kSupersampling; ++j)
      for (int i = 0; i < kSupersampling; ++i)
        inside += covers(shape, (column + (i + 0.5) / kSupersampling - x) / radius,
                         (row + (j + 0.5) / kSupersampling - y) / radius);
    return static_cast<double>(inside) / (kSupersampling * kSupersampling);
  }
};

uint8_t level(double value) {
  return static_cast<uint8_t>(std::fmin(std::fmax(value, 0), 255) + 0.5);
}

std::string describe(const ShapesObject &object) {
  return shapesWords(ShapesAttribute::Size)[object.size] + " " +
         shapesWords(ShapesAttribute::Colour)[object.colour] + " " +
         shapesWords(ShapesAttribute::Shape)[object.shape];
}

std::string caption(const ShapesScene &scene, bool inverse) {
  std::string first = describe(scene.first), second = describe(scene.second);
  if (inverse)
    return second + (scene.above ? " below " : " right of ") + first;
  return first + (scene.above ? " above " : " left of ") + second;
}

int64_t &attributeOf(ShapesObject &object, ShapesAttribute attribute) {
  switch (attribute) {
  case ShapesAttribute::Size:
    return object.size;
  case ShapesAttribute::Colour:
    return object.colour;
  case ShapesAttribute::Shape:
    break;
  }
  return object.shape;
}

class ShapesSource final : public Source {
public:
  ShapesSource(Shapes shapes, Split split) : shapes_(std::move(shapes)), split_(split) {
    reset(std::nullopt);
  }

  Next next() override {
    if (order_.empty() && !std::exchange(told_, true))
      return {Fault{"shapes: the " + std::string(splitName(split_)) + " split has no scenes"},
              Loss::File};
    if (position_ == order_.size())
      return {};
    return shapes_.render(split_, order_[position_++]);
  }
  void reset(std::optional<uint64_t> seed) override {
    order_ = permutation(shapes_.size(split_), seed);
    position_ = 0;
    told_ = false;
  }
  std::optional<int64_t> size() const override { return shapes_.size(split_); }
  Result<std::vector<std::string>> keys() override {
    std::vector<std::string> keys;
    for (int64_t i = 0; i < shapes_.size(split_); ++i)
      keys.push_back("scene" + std::to_string(shapes_.scene(split_, i).index));
    return keys;
  }

private:
  Shapes shapes_;
  Split split_;
  std::vector<int64_t> order_;
  size_t position_ = 0;
  bool told_ = false;
};

} // namespace

const std::vector<std::string> &data::shapesWords(ShapesAttribute attribute) {
  static const std::vector<std::string> sizes = {"small", "large"};
  static const std::vector<std::string> colours = {"red",    "green", "blue",   "yellow",
                                                   "purple", "cyan",  "orange", "white"};
  static const std::vector<std::string> shapes = {"circle",  "square", "triangle",
                                                  "diamond", "cross",  "ring"};
  switch (attribute) {
  case ShapesAttribute::Size:
    return sizes;
  case ShapesAttribute::Colour:
    return colours;
  case ShapesAttribute::Shape:
    break;
  }
  return shapes;
}

std::vector<std::string> data::shapesVocabulary() {
  std::vector<std::string> words = {"above", "below", "left", "right", "of"};
  for (ShapesAttribute attribute :
       {ShapesAttribute::Size, ShapesAttribute::Colour, ShapesAttribute::Shape})
    words.insert(words.end(), shapesWords(attribute).begin(), shapesWords(attribute).end());
  return words;
}

ShapesScene data::shapesScene(int64_t index) {
  CATC_CHECK(index >= 0 && index < kShapesScenes, "a scene that there is");
  int64_t pair = index / 2;
  int64_t first = pair / (kObjects - 1);
  int64_t second = pair % (kObjects - 1);
  second += second >= first; // no object twice in a scene
  return {index, objectOf(first), objectOf(second), index % 2 == 0};
}

int64_t data::shapesClass(const ShapesScene &scene, ShapesAttribute attribute) {
  ShapesObject object = scene.first;
  return attributeOf(object, attribute);
}

ShapesClasses data::shapesClasses(ShapesAttribute attribute) {
  // The second object differs from the first in this attribute, so no template asks for a scene of
  // two equal objects, whatever its class.
  ShapesAttribute apart =
      attribute == ShapesAttribute::Size ? ShapesAttribute::Colour : ShapesAttribute::Size;
  ShapesClasses classes{shapesWords(attribute), {}};
  for (int64_t i = 0; i < kObjects; ++i) {
    ShapesObject first = objectOf(i);
    if (attributeOf(first, attribute) != 0)
      continue;
    for (bool above : {true, false}) {
      // A step that is prime to 96 leads through all objects.
      ShapesObject second =
          objectOf(static_cast<int64_t>(classes.templates.size()) * 37 % kObjects);
      if (attributeOf(second, apart) == attributeOf(first, apart)) {
        int64_t &value = attributeOf(second, apart);
        value = (value + 1) % static_cast<int64_t>(shapesWords(apart).size());
      }
      std::string text = caption({0, first, second, above}, false);
      const std::string &word = classes.names[0];
      text.replace(text.find(word), word.size(), "{}");
      classes.templates.push_back(std::move(text));
    }
  }
  return classes;
}

Result<Shapes> Shapes::create(const ShapesConfig &config) {
  if (config.image < 16 || config.image > 1024)
    return Fault{"shapes: an image of " + std::to_string(config.image) +
                 " pixels a side: it has from 16 to 1024"};
  for (int64_t size : {config.train, config.validation, config.test})
    if (size < 0 || size > kShapesScenes)
      return Fault{"shapes: a split of " + std::to_string(size) + " scenes: there are from 0 to " +
                   std::to_string(kShapesScenes)};
  int64_t sum = config.train + config.validation + config.test;
  if (sum > kShapesScenes)
    return Fault{"shapes: the splits need " + std::to_string(sum) + " scenes, and there are " +
                 std::to_string(kShapesScenes) + ": make the train split smaller"};
  return Shapes(config);
}

Shapes::Shapes(const ShapesConfig &config) : config_(config) {
  order_ = permutation(kShapesScenes, search::CounterRandom(config.seed, kOrderStream).next());
}

int64_t Shapes::size(Split split) const {
  switch (split) {
  case Split::Train:
    return config_.train;
  case Split::Validation:
    return config_.validation;
  case Split::Test:
    break;
  }
  return config_.test;
}

ShapesScene Shapes::scene(Split split, int64_t index) const {
  CATC_CHECK(index >= 0 && index < size(split), "a sample of the split");
  int64_t before = split == Split::Train        ? 0
                   : split == Split::Validation ? config_.train
                                                : config_.train + config_.validation;
  return shapesScene(order_[before + index]);
}

Sample Shapes::render(Split split, int64_t index) const {
  ShapesScene scene = this->scene(split, index);
  search::CounterRandom random(config_.seed, static_cast<uint64_t>(scene.index));
  bool inverse = random.uniform() < 0.5;
  double side = static_cast<double>(config_.image);
  Placed first(scene.first, random, side, scene.above, 0.25);
  Placed second(scene.second, random, side, scene.above, 0.75);

  double grey = between(random, kBackgroundLow, kBackgroundHigh);
  Rgb background;
  for (double &c : background)
    c = grey + between(random, -kTint, kTint);
  double slopeX = between(random, -kGradient, kGradient);
  double slopeY = between(random, -kGradient, kGradient);

  Sample sample;
  sample.key = "scene" + std::to_string(scene.index);
  sample.captions.push_back(caption(scene, inverse));
  sample.image.width = sample.image.height = config_.image;
  sample.image.rgb.reserve(static_cast<size_t>(config_.image * config_.image * 3));
  for (int64_t row = 0; row < config_.image; ++row)
    for (int64_t column = 0; column < config_.image; ++column) {
      double shade = slopeX * (2 * column / side - 1) + slopeY * (2 * row / side - 1);
      double one = first.coverage(column, row), other = second.coverage(column, row);
      for (int c = 0; c < 3; ++c) {
        double value = background[c] + shade;
        value += one * (first.colour[c] - value);
        value += other * (second.colour[c] - value);
        sample.image.rgb.push_back(level(value + kNoise * bell(random)));
      }
    }
  return sample;
}

std::unique_ptr<Source> data::shapesSource(Shapes shapes, Split split) {
  return std::make_unique<ShapesSource>(std::move(shapes), split);
}
