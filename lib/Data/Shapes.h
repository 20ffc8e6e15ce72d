//===- Shapes.h - A data set that renders itself ----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two objects before a noisy grey background, and a caption that says which they are and how they
// lie: "small red circle above large blue square". An object is one of 2 sizes x 8 colours x 6
// shapes = 96; a scene is an ordered pair of different objects and one of the relations "above" and
// "left of", 96 x 95 x 2 = 18,240 scenes. The caption, by a coin, states the inverse instead
// ("large blue square below small red circle"). Where the objects lie, how they are lit, and the
// noise are drawn per scene. A model has to read both objects with their attributes and their
// places to tell scenes apart.
//
// Everything is a function of (seed, scene): the same sample on every machine and in every order.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_SHAPES_H
#define CATC_DATA_SHAPES_H

#include "Data/Dataset.h"
#include "Data/Tokenizer.h"

namespace cat::data {

struct ShapesConfig {
  int64_t image = 32; ///< pixels of a side
  int64_t train = 8192;
  int64_t validation = 500;
  int64_t test = 500;
  uint64_t seed = 0;
};

inline constexpr int64_t kShapesScenes = 18240;
/// Start, eight words at most, end, and room for two.
inline constexpr int64_t kShapesContext = 12;

struct ShapesObject {
  int64_t size;   ///< index into shapesWords(ShapesAttribute::Size)
  int64_t colour; ///< and so on
  int64_t shape;
};

/// The two objects of a scene; the first lies above or left of the second.
struct ShapesScene {
  int64_t index; ///< below kShapesScenes
  ShapesObject first, second;
  bool above; ///< else left of
};

enum class ShapesAttribute { Size, Colour, Shape };
const std::vector<std::string> &shapesWords(ShapesAttribute attribute);
/// Every word of a caption.
std::vector<std::string> shapesVocabulary();

ShapesScene shapesScene(int64_t index);

/// Zero-shot classification by an attribute of a scene's first object. A template is a caption with
/// "{}" in the attribute's place; between them they describe the rest of the first object in every
/// way, for both relations.
struct ShapesClasses {
  std::vector<std::string> names;
  std::vector<std::string> templates;
};
ShapesClasses shapesClasses(ShapesAttribute attribute);
/// The index of a scene's class in names.
int64_t shapesClass(const ShapesScene &scene, ShapesAttribute attribute);

/// Three splits that have no scene in common.
class Shapes {
public:
  /// An error if the splits need more scenes than there are, are negative, or the image has fewer
  /// than 16 or more than 1024 pixels a side.
  static Result<Shapes> create(const ShapesConfig &config);

  const ShapesConfig &config() const { return config_; }
  int64_t size(Split split) const;
  /// Sample `index` < size(split) of a split: what it shows, and itself. Its key is "sceneN".
  ShapesScene scene(Split split, int64_t index) const;
  Sample render(Split split, int64_t index) const;

private:
  explicit Shapes(const ShapesConfig &config);

  ShapesConfig config_;
  std::vector<int64_t> order_; ///< scenes: train, validation, test, the unused
};

std::unique_ptr<Source> shapesSource(Shapes shapes, Split split);

} // namespace cat::data

#endif // CATC_DATA_SHAPES_H
