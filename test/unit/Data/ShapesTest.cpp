//===- ShapesTest.cpp - A data set that renders itself --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Shapes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <set>

using namespace cat;
using namespace cat::data;
using testing::HasSubstr;

namespace {

Shapes shapes(ShapesConfig config = {}) {
  Result<Shapes> made = Shapes::create(config);
  EXPECT_TRUE(made) << made.error();
  return std::move(*made);
}

std::string words(const ShapesObject &object) {
  return shapesWords(ShapesAttribute::Size)[object.size] + " " +
         shapesWords(ShapesAttribute::Colour)[object.colour] + " " +
         shapesWords(ShapesAttribute::Shape)[object.shape];
}

} // namespace

TEST(ShapesTest, HasEachSceneOnce) {
  std::set<std::string> scenes;
  for (int64_t i = 0; i < kShapesScenes; ++i) {
    ShapesScene scene = shapesScene(i);
    EXPECT_NE(words(scene.first), words(scene.second));
    scenes.insert(words(scene.first) + (scene.above ? " above " : " left of ") +
                  words(scene.second));
  }
  EXPECT_EQ(static_cast<int64_t>(scenes.size()), kShapesScenes);
}

TEST(ShapesTest, SplitsHaveNoSceneInCommon) {
  Shapes all = shapes({32, kShapesScenes - 1000, 500, 500, 7});
  std::set<int64_t> scenes;
  int64_t total = 0;
  for (Split split : {Split::Train, Split::Validation, Split::Test})
    for (int64_t i = 0; i < all.size(split); ++i, ++total)
      scenes.insert(all.scene(split, i).index);
  EXPECT_EQ(total, kShapesScenes);
  EXPECT_EQ(static_cast<int64_t>(scenes.size()), total);
}

TEST(ShapesTest, SaysWhatItShows) {
  Shapes some = shapes();
  WordTokenizer tokenizer(shapesVocabulary());
  EXPECT_EQ(tokenizer.vocabularySize(), 25);
  int64_t inverse = 0;
  for (int64_t i = 0; i < 500; ++i) {
    ShapesScene scene = some.scene(Split::Validation, i);
    Sample sample = some.render(Split::Validation, i);
    ASSERT_EQ(sample.captions.size(), 1u);
    std::string first = words(scene.first), second = words(scene.second);
    std::string straight = first + (scene.above ? " above " : " left of ") + second;
    std::string turned = second + (scene.above ? " below " : " right of ") + first;
    EXPECT_TRUE(sample.captions[0] == straight || sample.captions[0] == turned)
        << sample.captions[0];
    inverse += sample.captions[0] == turned;
    std::vector<int32_t> ids = tokenizer.encode(sample.captions[0]);
    EXPECT_LE(static_cast<int64_t>(ids.size()) + 2, kShapesContext);
    EXPECT_THAT(ids, testing::Not(testing::Contains(tokenizer.unknownToken())));
  }
  EXPECT_GT(inverse, 200);
  EXPECT_LT(inverse, 300);
}

TEST(ShapesTest, IsAFunctionOfSeedAndScene) {
  Shapes one = shapes({32, 100, 10, 10, 3});
  Shapes same = shapes({32, 100, 10, 10, 3});
  Shapes other = shapes({32, 100, 10, 10, 4});
  Sample sample = one.render(Split::Train, 42);
  EXPECT_EQ(sample.image.width, 32);
  EXPECT_EQ(sample.image.height, 32);
  ASSERT_EQ(sample.image.rgb.size(), 32u * 32 * 3);
  one.render(Split::Train, 1);
  EXPECT_EQ(same.render(Split::Train, 42).image.rgb, sample.image.rgb);
  EXPECT_EQ(same.render(Split::Train, 42).captions, sample.captions);
  EXPECT_NE(other.render(Split::Train, 42).image.rgb, sample.image.rgb);
  // The picture of a scene does not depend on which split it lies in.
  Shapes moved = shapes({32, 10, 100, 10, 3});
  EXPECT_EQ(moved.render(Split::Validation, 32).key, sample.key);
  EXPECT_EQ(moved.render(Split::Validation, 32).image.rgb, sample.image.rgb);
  // The bytes themselves, so that cached models of one version are those of the next.
  uint32_t hash = 2166136261;
  for (uint8_t byte : shapes().render(Split::Train, 0).image.rgb)
    hash = (hash ^ byte) * 16777619;
  EXPECT_EQ(hash, 410363084u);
}

// The object named in a scene lies where the caption says, in its colour.
TEST(ShapesTest, DrawsTheFirstObjectAboveOrLeft) {
  Shapes some = shapes();
  for (int64_t i = 0; i < 200; ++i) {
    ShapesScene scene = some.scene(Split::Train, i);
    if (scene.first.colour != 0 || scene.second.colour == 0)
      continue; // one red object alone
    Image image = some.render(Split::Train, i).image;
    double along = 0, weight = 0;
    for (int64_t y = 0; y < 32; ++y)
      for (int64_t x = 0; x < 32; ++x) {
        const uint8_t *p = &image.rgb[(y * 32 + x) * 3];
        if (p[0] > 190 && p[1] < 90 && p[2] < 90) {
          along += scene.above ? y : x;
          weight += 1;
        }
      }
    ASSERT_GT(weight, 4) << i;
    EXPECT_LT(along / weight, 12) << i;
  }
}

// Scenes that differ in one attribute of one object differ by far more than noise does.
TEST(ShapesTest, ScenesLookDifferent) {
  // Sum of absolute differences per pixel of the averages of many renderings of two scenes.
  auto average = [](int64_t scene) {
    std::vector<double> sum(32 * 32 * 3);
    constexpr int kSeeds = 48;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      Shapes all = shapes({32, kShapesScenes, 0, 0, seed});
      int64_t at = 0;
      while (all.scene(Split::Train, at).index != scene)
        ++at;
      std::vector<uint8_t> rgb = all.render(Split::Train, at).image.rgb;
      for (size_t i = 0; i < rgb.size(); ++i)
        sum[i] += rgb[i] / double(kSeeds);
    }
    return sum;
  };
  auto distance = [](const std::vector<double> &a, const std::vector<double> &b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i)
      sum += std::abs(a[i] - b[i]);
    return sum / 255;
  };
  // Scene index: ((first * 95) + second) * 2 + relation; objects: (size * 8 + colour) * 6 + shape.
  std::vector<double> base = average((0 * 95 + 60) * 2);
  EXPECT_GT(distance(base, average((1 * 95 + 60) * 2)), 5);      // square, not circle
  EXPECT_GT(distance(base, average((6 * 95 + 60) * 2)), 20);     // green, not red
  EXPECT_GT(distance(base, average((48 * 95 + 60) * 2)), 20);    // large, not small
  EXPECT_GT(distance(base, average((0 * 95 + 60) * 2 + 1)), 60); // left of, not above
}

TEST(ShapesTest, ClassifiesByTheFirstObject) {
  for (ShapesAttribute attribute :
       {ShapesAttribute::Size, ShapesAttribute::Colour, ShapesAttribute::Shape}) {
    ShapesClasses classes = shapesClasses(attribute);
    EXPECT_EQ(classes.names, shapesWords(attribute));
    EXPECT_EQ(classes.templates.size(), 96 / classes.names.size() * 2);
    // Filled in, each is the caption of a scene of that class.
    std::set<std::string> captions;
    for (int64_t i = 0; i < kShapesScenes; ++i) {
      ShapesScene scene = shapesScene(i);
      captions.insert(std::to_string(shapesClass(scene, attribute)) + words(scene.first) +
                      (scene.above ? " above " : " left of ") + words(scene.second));
    }
    for (size_t c = 0; c < classes.names.size(); ++c)
      for (std::string text : classes.templates) {
        text.replace(text.find("{}"), 2, classes.names[c]);
        EXPECT_TRUE(captions.count(std::to_string(c) + text)) << text;
      }
  }
}

TEST(ShapesTest, StreamsAndShuffles) {
  auto source = shapesSource(shapes({32, 20, 5, 0, 1}), Split::Train);
  auto pass = [&] {
    std::vector<std::string> keys;
    for (;;) {
      Next next = source->next();
      if (!next.sample)
        return keys;
      keys.push_back(next.sample->key);
    }
  };
  EXPECT_EQ(source->size(), 20);
  std::vector<std::string> ordered = pass();
  EXPECT_EQ(ordered, *source->keys());
  source->reset(5);
  std::vector<std::string> shuffled = pass();
  EXPECT_NE(shuffled, ordered);
  EXPECT_THAT(shuffled, testing::UnorderedElementsAreArray(ordered));
  source->reset(5);
  EXPECT_EQ(pass(), shuffled);
  source->reset(6);
  EXPECT_NE(pass(), shuffled);
  EXPECT_TRUE(shapesSource(shapes({32, 20, 5, 0, 1}), Split::Test)->next().fault);
}

TEST(ShapesTest, RefusesWhatCannotBe) {
  auto message = [](ShapesConfig config) {
    auto made = Shapes::create(config);
    return made ? std::string() : made.error();
  };
  EXPECT_THAT(message({32, 18000, 500, 500, 0}), HasSubstr("the splits need 19000 scenes"));
  EXPECT_THAT(message({32, -1, 500, 500, 0}), HasSubstr("a split of -1 scenes"));
  EXPECT_THAT(message({32, INT64_MAX, INT64_MAX, 500, 0}), HasSubstr("a split of"));
  EXPECT_THAT(message({8, 100, 10, 10, 0}), HasSubstr("8 pixels a side"));
}
