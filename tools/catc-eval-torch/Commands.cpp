//===- Commands.cpp - What catc-eval-torch does by itself -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Clip.h"
#include "Losses.h"
#include "Weights/ClipWeights.h"
#include "Weights/Safetensors.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace cat;
using namespace cat::torcheval;
namespace cl = llvm::cl;

static cl::OptionCategory category("catc-eval-torch options");
static cl::SubCommand init("init", "Write random weights, as OpenCLIP initialises them");
static cl::SubCommand embedding("embed", "Write a model's embeddings of given images and texts");

static cl::opt<std::string>
    configFile("config", cl::Required, cl::value_desc("file"),
               cl::desc("The model: OpenCLIP's configuration, or catc's record (model.catc.json)"),
               cl::sub(init), cl::sub(embedding), cl::cat(category));
static cl::opt<std::string> out("out", cl::Required, cl::value_desc("file"),
                                cl::desc("The safetensors file to write"), cl::sub(init),
                                cl::sub(embedding), cl::cat(category));
static cl::opt<uint64_t> seed("seed", cl::init(0), cl::value_desc("N"),
                              cl::desc("Seed of the weights (default: 0)"), cl::sub(init),
                              cl::cat(category));
static cl::opt<std::string>
    weightsFile("weights", cl::Required, cl::value_desc("file"),
                cl::desc("Safetensors with OpenCLIP's or Hugging Face's names"), cl::sub(embedding),
                cl::cat(category));
static cl::opt<std::string>
    inputs("inputs", cl::Required, cl::value_desc("file"),
           cl::desc("Safetensors with 'image' (F32 [n, 3, side, side], normalised) and 'text' (I64 "
                    "[n, context])"),
           cl::sub(embedding), cl::cat(category));

static int fail(const std::string &message) {
  llvm::errs() << "catc-eval-torch: error: " << message << '\n';
  return 1;
}

static int runInit() {
  Result<weights::ClipConfig> config = weights::readClipConfig(configFile);
  if (!config)
    return fail(config.error());
  weights::TensorFile file;
  file.tensors = weights::randomWeights(*config, seed);
  file.metadata["format"] = "pt";
  if (std::optional<std::string> problem = weights::writeSafetensors(out, file))
    return fail(*problem);
  return 0;
}

static int runEmbed() {
  Result<weights::ClipConfig> config = weights::readClipConfig(configFile);
  if (!config)
    return fail(config.error());
  Result<weights::StateDict> weights = weights::readClipWeights(weightsFile, *config);
  if (!weights)
    return fail(weights.error());
  Result<Clip> clip = Clip::create(*config, *weights);
  if (!clip)
    return fail(weightsFile + ": " + clip.error());
  Result<weights::TensorFile> given = weights::readSafetensors(inputs);
  if (!given)
    return fail(given.error());
  auto need = [&](const char *name, weights::DType dtype,
                  const std::vector<int64_t> &rest) -> Result<torch::Tensor> {
    auto it = given->tensors.find(name);
    if (it == given->tensors.end())
      return Fault{inputs + " has no tensor '" + name + "'"};
    const weights::Shape &shape = it->second.shape;
    if (it->second.dtype != dtype || shape.size() != rest.size() + 1 || shape[0] < 1 ||
        !std::equal(rest.begin(), rest.end(), shape.begin() + 1))
      return Fault{inputs + ": '" + name + "' is " +
                   std::string(weights::nameOf(it->second.dtype)) + " " + weights::str(shape) +
                   ", and the model takes " + std::string(weights::nameOf(dtype)) + " [n, ...] " +
                   weights::str(rest)};
    return toTorch(it->second);
  };
  Result<torch::Tensor> images =
      need("image", weights::DType::F32, {3, config->image, config->image});
  Result<torch::Tensor> texts = need("text", weights::DType::I64, {config->context});
  if (!images || !texts)
    return fail(!images ? images.error() : texts.error());
  if (texts->min().item<int64_t>() < 0 || texts->max().item<int64_t>() >= config->vocab)
    return fail(inputs + ": 'text' has a token outside the vocabulary of " +
                std::to_string(config->vocab));
  torch::NoGradGuard noGradients;
  Features features = clip->encode(*images, *texts);
  weights::TensorFile file;
  file.tensors["image_features"] = fromTorch(features.image);
  file.tensors["text_features"] = fromTorch(features.text);
  file.tensors["logits_per_image"] = fromTorch(logitsPerImage(features, clip->scale()));
  if (std::optional<std::string> problem = weights::writeSafetensors(out, file))
    return fail(*problem);
  return 0;
}

int torcheval::runCommand(int argc, char **argv) {
  // LLVM's own are no concern of users.
  for (cl::SubCommand *command : {&init, &embedding, &cl::SubCommand::getTopLevel()})
    cl::HideUnrelatedOptions(category, *command);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Measures models for catc: a worker that speaks lines of JSON on standard input and output\n"
      "(docs/evaluator.md) when it is started without a command.\n");
  if (init)
    return runInit();
  if (embedding)
    return runEmbed();
  return fail("a command is needed: init or embed; see --help");
}
