//===- catc-onnx.cpp - Weights of CLIP to ONNX ----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of its own, which catc runs: ONNX's libraries would make catc start more slowly.
//
//===----------------------------------------------------------------------===//

#include "Driver/Version.h"
#include "Emit/Onnx/Onnx.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace cat;
namespace cl = llvm::cl;

static cl::OptionCategory category("catc-onnx options");
static cl::opt<std::string>
    configFile("config", cl::Required, cl::value_desc("file"), cl::cat(category),
               cl::desc("The model: catc's record (model.catc.json), or OpenCLIP's or Hugging "
                        "Face's configuration"));
static cl::opt<std::string>
    weightsFile("weights", cl::Required, cl::value_desc("file"), cl::cat(category),
                cl::desc("Safetensors with OpenCLIP's or Hugging Face's names"));
static cl::opt<std::string> out("out", cl::Required, cl::value_desc("file"), cl::cat(category),
                                cl::desc("The ONNX file to write"));
static cl::opt<int64_t>
    batch("batch", cl::value_desc("N"), cl::cat(category),
          cl::desc("Images and texts at a time (default: chosen by the graph's user)"));
static cl::opt<int64_t> mostInside(
    "external-above", cl::init(emit::OnnxOptions().mostInside), cl::value_desc("bytes"),
    cl::cat(category),
    cl::desc("Weights of more bytes go to a file beside, FILE.data (default: 2000000000)"));

static int fail(const std::string &message, int code = 1) {
  llvm::errs() << "catc-onnx: error: " << message << '\n';
  return code;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter(
      [](llvm::raw_ostream &stream) { stream << "catc-onnx " << driver::kVersion << '\n'; });
  cl::ParseCommandLineOptions(argc, argv, "Writes a CLIP model as an ONNX graph, opset 17.\n");
  if (batch.getNumOccurrences() > 0 && batch < 1)
    return fail("--batch must be at least 1", 2);
  Result<weights::ClipConfig> config = weights::readClipConfig(configFile);
  if (!config)
    return fail(config.error());
  Result<weights::StateDict> weights = weights::readClipWeights(weightsFile, *config);
  if (!weights)
    return fail(weights.error());
  emit::OnnxOptions options;
  if (batch.getNumOccurrences() > 0)
    options.batch = batch;
  options.mostInside = mostInside;
  options.version = driver::kVersion;
  if (std::optional<std::string> problem =
          emit::writeOnnx(out, *config, std::move(*weights), options))
    return fail(*problem);
  return 0;
}
