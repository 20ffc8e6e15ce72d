//===- Target.cpp - The model of a design as a target ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Target.h"
#include "Emit/Model/Model.h"
#include "Emit/Model/OpenClip.h"
#include "Emit/Tool.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

using namespace cat;
using namespace cat::emit;
namespace fs = llvm::sys::fs;
namespace json = llvm::json;

/// Runs catc-onnx on saved weights.
static Problem writeOnnx(const Design &design, Folder &folder, const char *name,
                         std::initializer_list<const char *> options) {
  constexpr llvm::StringRef kTool = "catc-onnx";
  llvm::ErrorOr<std::string> tool = llvm::sys::findProgramByName(kTool, {design.tools});
  if (!tool)
    tool = llvm::sys::findProgramByName(kTool);
  if (!tool)
    return ("'" + kTool + "', which writes ONNX, is neither beside catc nor in PATH").str();
  std::string config = folder.pathOf(kModelRecordFile), path = folder.pathOf(name);
  std::vector<std::string> arguments = {
      *tool, "--config", config, "--weights", design.savedWeights, "--out", path};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Result<int> status = runTool(std::move(arguments), /*log=*/"", folder.interrupt());
  if (!status)
    return status.error();
  // It says itself what is wrong.
  if (*status != 0)
    return "'" + *tool + "' could not write " + name;
  if (Problem problem = folder.adopt(name))
    return problem;
  std::string data = std::string(name) + ".data";
  return fs::exists(folder.pathOf(data)) ? folder.adopt(data) : std::nullopt;
}

/// Says what OpenCLIP makes of the model.
static void tellDifferences(const std::vector<Difference> &differences,
                            const std::optional<WeightsReport> &weights, Output &output) {
  auto say = [&](const llvm::Twine &line) { output.lines.push_back(line.str()); };
  if (!weights || !weights->loadable)
    for (const Difference &difference : differences)
      say("OpenCLIP cannot express the model: " + difference.where + ": " + difference.reason);
  if (!weights)
    return;
  for (const PaddedTower &tower : weights->padded)
    say("heads of " + tower.where + " padded with zeros in " + weights->file +
        ", so that OpenCLIP loads it exactly: " + llvm::Twine(tower.before.heads) + " of " +
        llvm::Twine(tower.before.headDim) + " -> " + llvm::Twine(tower.after.heads) + " of " +
        llvm::Twine(tower.after.headDim));
  if (!weights->loadable)
    say("no padding makes OpenCLIP load it: " + weights->file + " is for catc's own programs");
}

/// {"file", "loadable_by_openclip", "padded_heads": [{"where", "heads", "head_dim", "padded_heads",
/// "padded_head_dim"}], "obstacles": [{"where", "reason"}]}
static void writeReport(json::OStream &out, const WeightsReport &report) {
  out.object([&] {
    out.attribute("file", report.file);
    out.attribute("loadable_by_openclip", report.loadable);
    out.attributeArray("padded_heads", [&] {
      for (const PaddedTower &tower : report.padded)
        out.object([&] {
          out.attribute("where", tower.where);
          out.attribute("heads", tower.before.heads);
          out.attribute("head_dim", tower.before.headDim);
          out.attribute("padded_heads", tower.after.heads);
          out.attribute("padded_head_dim", tower.after.headDim);
        });
    });
    out.attributeArray("obstacles", [&] {
      for (const weights::Difference &obstacle : report.obstacles)
        out.object([&] {
          out.attribute("where", obstacle.where);
          out.attribute("reason", obstacle.reason);
        });
    });
  });
}

namespace {

class ModelTarget : public Target {
public:
  llvm::StringRef name() const override { return "model"; }
  llvm::StringRef description() const override {
    return "model.json: a configuration that OpenCLIP loads; model.catc.json: the exact sizes, and "
           "which of them OpenCLIP cannot express; model.mlir: its graph, which cat-run runs. If "
           "the search measured the model, also its weights: open_clip_model.safetensors with "
           "open_clip_config.json (or model.safetensors, if OpenCLIP cannot load them), model.onnx "
           "and model_batch1.onnx";
  }
  bool isDefault() const override { return true; }

  Problem write(const Design &design, Output &output) const override {
    llvm::FailureOr<Model> files = model(design.bound, design.record);
    if (failed(files))
      return "";
    llvm::FailureOr<std::string> graph = design.graph();
    if (failed(graph))
      return "";
    Problem problem = output.folder.add(kModelFile, files->configuration);
    if (!problem)
      problem = output.folder.add(kModelRecordFile, files->record);
    if (!problem)
      problem = output.folder.add("model.mlir", *graph);
    std::optional<WeightsReport> weights;
    if (!problem && !design.savedWeights.empty())
      problem = writeWeights(design, *files, output, weights);
    if (problem)
      return problem;
    tellDifferences(files->differences, weights, output);
    if (!weights && design.study.search)
      output.lines.push_back("no weights: the model was measured, but " + design.models +
                             " has none of it");
    return std::nullopt;
  }

private:
  static Problem writeWeights(const Design &design, const Model &model, Output &output,
                              std::optional<WeightsReport> &report) {
    if (!model.config)
      return "'" + design.savedWeights +
             "' cannot be of this model, whose towers' embeddings differ in size";
    {
      Result<weights::TensorFile> file = readSavedWeights(design.savedWeights, *model.config);
      if (!file)
        return file.error();
      Result<WeightsReport> written = writeOpenClip(output.folder, *model.config, *file);
      if (!written)
        return written.error();
      report = std::move(*written);
    }
    output.manifest.emplace_back(
        "weights", [report = *report](json::OStream &out) { writeReport(out, report); });
    // From the weights before padding: fewer operations, and the same function.
    Problem problem = writeOnnx(design, output.folder, "model.onnx", {});
    return problem ? problem
                   : writeOnnx(design, output.folder, "model_batch1.onnx", {"--batch", "1"});
  }
};

} // namespace

namespace cat::emit {
std::unique_ptr<Target> createModelTarget() { return std::make_unique<ModelTarget>(); }
} // namespace cat::emit
