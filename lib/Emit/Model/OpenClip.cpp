//===- OpenClip.cpp - Weights that OpenCLIP loads -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Model/OpenClip.h"
#include "Data/Preprocess.h"
#include "Results/JsonText.h"
#include "Support/Check.h"
#include "Weights/PadHeads.h"
#include "Weights/Safetensors.h"
#include <array>
#include <charconv>

using namespace cat;
using namespace cat::emit;
namespace json = llvm::json;

/// The metadata in which an evaluator writes which model it saved, as a record catc.model/1.
static constexpr const char *kModelKey = "catc.model";

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Result<weights::TensorFile> emit::readSavedWeights(const std::string &path,
                                                   const weights::ClipConfig &config) {
  Result<weights::TensorFile> file = weights::readSafetensors(path);
  if (!file)
    return file;
  if (auto record = file->metadata.find(kModelKey); record != file->metadata.end()) {
    std::string name = path + ": metadata '" + kModelKey + "'";
    llvm::Expected<json::Value> value = json::parse(record->second);
    if (!value)
      return Fault{name + ": " + llvm::toString(value.takeError())};
    Result<weights::ModelRecord> model = weights::readModelRecord(*value, name);
    if (!model)
      return Fault{model.error()};
    if (model->config != config)
      return Fault{name + " is of another model than the design; search again, into a new folder"};
  }
  Result<weights::StateDict> tensors = weights::toOpenClip(std::move(file->tensors));
  if (!tensors)
    return Fault{path + ": " + tensors.error()};
  if (std::optional<std::string> problem = weights::checkWeights(*tensors, config))
    return Fault{path + ": " + *problem};
  if (std::optional<std::string> problem = weights::checkFinite(*tensors))
    return Fault{path + ": " + *problem};
  file->tensors = std::move(*tensors);
  return file;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// The shortest text that reads back to the same float.
static std::string shortestFloat(float value) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

std::string emit::openClipConfig(const weights::ClipConfig &config) {
  llvm::Expected<json::Value> model = json::parse(weights::printOpenClipConfig(config));
  CATC_CHECK(bool(model), "an OpenCLIP configuration is JSON");
  // What the data sets of evaluators are normalised by, and resized.
  data::Normalisation normalisation;
  return results::jsonText([&](json::OStream &out) {
    auto channels = [&](llvm::StringRef key, const std::array<float, 3> &values) {
      out.attributeArray(key, [&] {
        for (float value : values)
          out.rawValue(shortestFloat(value));
      });
    };
    out.object([&] {
      out.attribute("model_cfg", *model);
      out.attributeObject("preprocess_cfg", [&] {
        channels("mean", normalisation.mean);
        channels("std", normalisation.deviation);
        out.attribute("interpolation", "bicubic");
        out.attribute("resize_mode", "shortest");
      });
    });
  });
}

/// The record of what a file holds: that of the evaluator, with the sizes after padding.
static void updateRecord(std::map<std::string, std::string> &metadata,
                         const weights::ClipConfig &config) {
  weights::ModelRecord record{config, config};
  if (auto given = metadata.find(kModelKey); given != metadata.end()) {
    llvm::Expected<json::Value> value = json::parse(given->second);
    CATC_CHECK(bool(value), "metadata of saved weights were read before");
    Result<weights::ModelRecord> model = weights::readModelRecord(*value, kModelKey);
    CATC_CHECK(bool(model), "metadata of saved weights were read before");
    record.parent = model->parent;
  }
  metadata[kModelKey] = weights::printModelRecord(record);
  // Without it, transformers refuses a file.
  metadata["format"] = "pt";
}

/// Writes weights of `config` as a file of the folder. Returns why it could not, or nothing.
static std::optional<std::string> writeWeights(Folder &folder, const char *name,
                                               const weights::ClipConfig &config,
                                               weights::TensorFile file) {
  updateRecord(file.metadata, config);
  std::optional<std::string> problem = weights::writeSafetensors(folder.pathOf(name), file);
  return problem ? problem : folder.adopt(name);
}

Result<WeightsReport> emit::writeOpenClip(Folder &folder, const weights::ClipConfig &config,
                                          const weights::TensorFile &file) {
  WeightsReport report;
  std::optional<weights::ClipConfig> padded = weights::padHeads(config);
  report.obstacles = weights::findOpenClipDifferences(padded.value_or(config));
  report.loadable = padded && report.obstacles.empty();
  report.file = report.loadable ? kOpenClipWeightsFile : kOwnWeightsFile;
  std::optional<std::string> problem;
  if (report.loadable) {
    if (!(padded->vision == config.vision))
      report.padded.push_back({"vision", config.vision, padded->vision});
    if (!(padded->text == config.text))
      report.padded.push_back({"text", config.text, padded->text});
    problem = folder.add(kOpenClipConfigFile, openClipConfig(*padded));
    if (!problem)
      problem =
          writeWeights(folder, kOpenClipWeightsFile, *padded,
                       report.padded.empty()
                           ? file
                           : weights::TensorFile{
                                 weights::padHeads(file.tensors, config), file.metadata, {}, {}});
  }
  if (!problem && (!report.loadable || !report.padded.empty()))
    problem = writeWeights(folder, kOwnWeightsFile, config, file);
  if (problem)
    return Fault{*problem};
  return report;
}
