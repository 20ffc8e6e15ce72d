//===- Clip.cpp - The CLIP family -----------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models/Clip.h"
#include "Space/Space.h"
#include <algorithm>

using namespace mlir;
using namespace cat;
using namespace cat::models;

namespace {

class ClipBuilder {
public:
  ClipBuilder(OpBuilder &b, const ModelDescription &d) : b(b), d(d) {}

  FailureOr<nn::ModelOp> build();

private:
  /// The sizes of one tower, with what the ops need under short names.
  struct Tower {
    const SizeGroup *group = nullptr;
    Location loc;
    Attribute layers, ffn, heads, width, headDim;
    /// Prefix of weight names: "" for text, "visual." for vision, as in OpenCLIP.
    std::string prefix;
  };

  const SizeGroup *findTower(StringRef name);
  /// A required size, or an error at the group.
  Attribute require(const SizeGroup &group, StringRef name);
  Attribute optional(const SizeGroup &group, StringRef name, int64_t missing);
  FailureOr<Tower> getTower(StringRef name, StringRef prefix);

  /// product of two sizes, folded.
  Attribute times(Attribute a, Attribute c) {
    return space::ExprAttr::fold(b.getContext(), ExprOp::Mul, {a, c});
  }
  Location sizeLoc(const SizeGroup &group, StringRef name, Location missing) {
    auto it = group.sizes.find(name.str());
    return it == group.sizes.end() ? missing : it->second.loc;
  }

  nn::SegmentOp beginSegment(const Tower &tower);
  void endSegment(nn::SegmentOp segment, Value result);
  /// The identical pre-norm layers of a tower.
  Value buildLayers(const Tower &tower, Value x, bool causal);
  /// The product with a projection, which OpenCLIP stores as a bare [width, embed] parameter.
  Value buildProjection(Location loc, Value x, StringRef weight) {
    return nn::LinearOp::create(b, loc, x, embed, false, weight, b.getStrArrayAttr(weight), true);
  }
  Value buildText(const Tower &tower, Attribute context, Attribute vocab);
  Value buildVision(const Tower &tower, Attribute patch, Attribute image);

  OpBuilder &b;
  const ModelDescription &d;
  Attribute embed, images, texts;
  std::string activation = "gelu";
};

} // namespace

const SizeGroup *ClipBuilder::findTower(StringRef name) {
  for (const SizeGroup &tower : d.towers)
    if (tower.name == name)
      return &tower;
  emitError(d.model.loc) << "a model of family 'clip' needs a tower '" << name << "'";
  return nullptr;
}

Attribute ClipBuilder::require(const SizeGroup &group, StringRef name) {
  auto it = group.sizes.find(name.str());
  if (it != group.sizes.end())
    return it->second.value;
  emitError(group.loc) << "'" << group.name << "' needs a value for '" << name << "'";
  return {};
}

Attribute ClipBuilder::optional(const SizeGroup &group, StringRef name, int64_t missing) {
  auto it = group.sizes.find(name.str());
  return it == group.sizes.end() ? Attribute(b.getI64IntegerAttr(missing)) : it->second.value;
}

FailureOr<ClipBuilder::Tower> ClipBuilder::getTower(StringRef name, StringRef prefix) {
  const SizeGroup *group = findTower(name);
  if (!group)
    return failure();
  Tower tower{group, group->loc, {}, {}, {}, {}, {}, prefix.str()};
  tower.layers = require(*group, "layers");
  tower.ffn = require(*group, "ffn");
  tower.heads = require(*group, "heads");
  tower.width = require(*group, "width");
  tower.headDim = require(*group, "head_dim");
  if (!tower.layers || !tower.ffn || !tower.heads || !tower.width || !tower.headDim)
    return failure();
  return tower;
}

nn::SegmentOp ClipBuilder::beginSegment(const Tower &tower) {
  SmallVector<NamedAttribute> sizes, parent;
  for (const auto &[name, size] : tower.group->sizes) {
    sizes.push_back(b.getNamedAttr(name, size.value));
    if (size.parent)
      parent.push_back(b.getNamedAttr(name, size.parent));
  }
  // The type is replaced by that of the value the segment yields.
  auto type = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic}, b.getF32Type());
  auto segment = nn::SegmentOp::create(b, tower.loc, type, tower.group->name,
                                       b.getDictionaryAttr(sizes), b.getDictionaryAttr(parent));
  b.createBlock(&segment.getBody());
  return segment;
}

void ClipBuilder::endSegment(nn::SegmentOp segment, Value result) {
  nn::YieldOp::create(b, segment.getLoc(), result);
  Value(segment.getResult()).setType(result.getType());
  b.setInsertionPointAfter(segment);
}

Value ClipBuilder::buildLayers(const Tower &tower, Value x, bool causal) {
  auto repeat = nn::RepeatOp::create(b, sizeLoc(*tower.group, "layers", tower.loc), x.getType(), x,
                                     tower.layers, DenseI64ArrayAttr());
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&repeat.getBody(), {}, x.getType(), tower.loc);
  Location attention = sizeLoc(*tower.group, "heads", tower.loc);
  Location ffn = sizeLoc(*tower.group, "ffn", tower.loc);
  Attribute qkvWidth = times(b.getI64IntegerAttr(3), times(tower.heads, tower.headDim));
  std::string layer = tower.prefix + "transformer.resblocks.{layer}.";

  Value in = body->getArgument(0);
  Value h = nn::LayerNormOp::create(b, attention, in, layer + "ln_1");
  h = nn::LinearOp::create(
      b, attention, h, qkvWidth, true, layer + "attn.in_proj",
      b.getStrArrayAttr({layer + "attn.in_proj_weight", layer + "attn.in_proj_bias"}));
  h = nn::AttentionOp::create(b, attention, h, tower.heads, tower.headDim, causal);
  h = nn::LinearOp::create(b, attention, h, tower.width, true, layer + "attn.out_proj");
  Value mid = nn::AddOp::create(b, attention, h, in);

  h = nn::LayerNormOp::create(b, ffn, mid, layer + "ln_2");
  h = nn::LinearOp::create(b, ffn, h, tower.ffn, true, layer + "mlp.c_fc");
  h = nn::PointwiseOp::create(b, ffn, h, activation);
  h = nn::LinearOp::create(b, ffn, h, tower.width, true, layer + "mlp.c_proj");
  Value out = nn::AddOp::create(b, ffn, h, mid);
  nn::YieldOp::create(b, tower.loc, out);
  return repeat.getResult();
}

Value ClipBuilder::buildText(const Tower &tower, Attribute context, Attribute vocab) {
  nn::SegmentOp segment = beginSegment(tower);
  Location loc = tower.loc;
  Value ids = nn::InputOp::create(b, loc, "text", b.getArrayAttr({texts, context}), b.getI32Type());
  Value x = nn::TokenEmbedOp::create(b, loc, ids, vocab, tower.width, "token_embedding");
  x = nn::PositionEmbedOp::create(b, loc, x, "positional_embedding");
  x = buildLayers(tower, x, /*causal=*/true);
  // The final norm acts on each token alone, so the token that is kept may be picked first.
  x = nn::PoolOp::create(b, loc, x, ids, "eot");
  x = nn::LayerNormOp::create(b, loc, x, "ln_final");
  x = buildProjection(loc, x, "text_projection");
  x = nn::NormalizeOp::create(b, loc, x);
  endSegment(segment, x);
  return segment.getResult();
}

Value ClipBuilder::buildVision(const Tower &tower, Attribute patch, Attribute image) {
  nn::SegmentOp segment = beginSegment(tower);
  Location loc = tower.loc;
  Value x = nn::InputOp::create(b, loc, "image",
                                b.getArrayAttr({images, b.getI64IntegerAttr(3), image, image}),
                                b.getF32Type());
  x = nn::PatchEmbedOp::create(b, loc, x, patch, tower.width, "visual.conv1");
  x = nn::ClassTokenOp::create(b, loc, x, "visual.class_embedding");
  x = nn::PositionEmbedOp::create(b, loc, x, "visual.positional_embedding");
  x = nn::LayerNormOp::create(b, loc, x, "visual.ln_pre");
  x = buildLayers(tower, x, /*causal=*/false);
  x = nn::PoolOp::create(b, loc, x, Value(), "class");
  x = nn::LayerNormOp::create(b, loc, x, "visual.ln_post");
  x = buildProjection(loc, x, "visual.proj");
  x = nn::NormalizeOp::create(b, loc, x);
  endSegment(segment, x);
  return segment.getResult();
}

/// Calls `visit` with each value that a size may have, as far as it is a number or a parameter of
/// `module`, until it fails.
static LogicalResult forEachValue(const Size &size, ModuleOp module,
                                  function_ref<LogicalResult(int64_t)> visit) {
  if (std::optional<int64_t> number = getBoundInteger(size.value))
    return visit(*number);
  auto ref = dyn_cast<space::RefAttr>(size.value);
  auto param = ref && module ? module.lookupSymbol<space::ParamOp>(ref.getName()) : nullptr;
  if (!param)
    return success();
  // A range ascends; choices are few.
  constexpr int64_t kMost = 4096;
  DomainAttrInterface domain = param.getDomain();
  for (int64_t i = 0, e = std::min(domain.getSize(), kMost); i < e; ++i)
    if (std::optional<int64_t> number = getBoundInteger(domain.getValue(i)))
      if (failed(visit(*number)))
        return failure();
  return success();
}

/// Sizes must be positive, and small enough for what is computed from them.
static LogicalResult checkSizes(const SizeGroup &group, ModuleOp module) {
  constexpr int64_t kLargest = int64_t(1) << 24;
  for (const auto &entry : group.sizes) {
    const std::string &name = entry.first;
    const Size &size = entry.second;
    bool searched = isa<space::RefAttr>(size.value);
    auto check = [&](int64_t number) -> LogicalResult {
      if (number >= 1 && number <= kLargest)
        return success();
      InFlightDiagnostic error = emitError(size.loc) << "'" << name << "' must be at ";
      if (number < 1)
        error << "least 1";
      else
        error << "most " << kLargest;
      return error << ", but " << (searched ? "may be " : "is ") << number;
    };
    if (failed(forEachValue(size, module, check)))
      return failure();
  }
  return success();
}

FailureOr<nn::ModelOp> ClipBuilder::build() {
  Operation *around = b.getInsertionBlock()->getParentOp();
  auto module =
      isa<ModuleOp>(around) ? cast<ModuleOp>(around) : around->getParentOfType<ModuleOp>();
  if (failed(checkSizes(d.model, module)) || failed(checkSizes(d.workload, module)))
    return failure();
  for (const SizeGroup &tower : d.towers)
    if (failed(checkSizes(tower, module)))
      return failure();
  FailureOr<Tower> text = getTower("text", ""), vision = getTower("vision", "visual.");
  if (failed(text) || failed(vision))
    return failure();
  for (const SizeGroup &tower : d.towers)
    if (tower.name != "text" && tower.name != "vision")
      return emitError(tower.loc) << "a model of family 'clip' has no tower '" << tower.name << "'";
  embed = require(d.model, "embed");
  Attribute context = require(*text->group, "context"), vocab = require(*text->group, "vocab");
  Attribute patch = require(*vision->group, "patch");
  if (!embed || !context || !vocab || !patch)
    return failure();
  images = optional(d.workload, "images", 1);
  texts = optional(d.workload, "texts", 1);
  auto workloadImage = d.workload.sizes.find("image");
  Attribute image = workloadImage != d.workload.sizes.end() ? workloadImage->second.value
                                                            : require(*vision->group, "image");
  if (!image)
    return failure();
  if (auto it = d.model.sizes.find("activation"); it != d.model.sizes.end()) {
    auto name = dyn_cast<StringAttr>(it->second.value);
    if (!name || (name.getValue() != "gelu" && name.getValue() != "quick_gelu"))
      return emitError(it->second.loc) << "'activation' must be \"gelu\" or \"quick_gelu\"";
    activation = name.getValue().str();
  }
  // Checked here because a graph that contradicts itself cannot be built at all; with parametric
  // sizes `bind` checks it.
  std::optional<int64_t> side = getBoundInteger(image), stride = getBoundInteger(patch);
  if (side && stride && (*stride <= 0 || *side % *stride))
    return emitError(workloadImage != d.workload.sizes.end() ? workloadImage->second.loc
                                                             : vision->loc)
           << "an image of " << *side << " px does not divide into patches of " << *stride;
  if (auto size = vision->group->sizes.find("patch"); side && size != vision->group->sizes.end())
    if (failed(forEachValue(size->second, module, [&](int64_t searched) -> LogicalResult {
          if (*side % searched == 0)
            return success();
          return emitError(size->second.loc)
                 << "an image of " << *side << " px does not divide into patches of " << searched;
        })))
      return failure();

  OpBuilder::InsertionGuard guard(b);
  auto model = nn::ModelOp::create(b, d.model.loc, d.model.name, d.family);
  b.createBlock(&model.getBody());
  Value textEmbedding = buildText(*text, context, vocab);
  Value imageEmbedding = buildVision(*vision, patch, image);

  SizeGroup joint{"similarity", d.model.loc, {}};
  nn::SegmentOp segment = beginSegment(Tower{&joint, d.model.loc, {}, {}, {}, {}, {}, ""});
  Value logits =
      nn::SimilarityOp::create(b, d.model.loc, imageEmbedding, textEmbedding, "logit_scale");
  endSegment(segment, logits);
  nn::ReturnOp::create(b, d.model.loc, Value(segment.getResult()));
  return model;
}

FailureOr<nn::ModelOp> models::buildClip(OpBuilder &builder, const ModelDescription &description) {
  return ClipBuilder(builder, description).build();
}
