//===- Settings.cpp - What a measurement block asks for -------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Settings.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <optional>

using namespace cat::torcheval;
using llvm::StringRef;
namespace json = llvm::json;

int64_t Settings::steps(Fidelity fidelity) const {
  switch (fidelity) {
  case Fidelity::Raw:
    return 0;
  case Fidelity::Short:
    return stepsShort;
  case Fidelity::Medium:
    return stepsMedium;
  case Fidelity::Full:
    return stepsFull;
  }
  return 0;
}

namespace {

/// Reads keys into variables; the first complaint is kept.
class Reader {
public:
  explicit Reader(const json::Object &config) : config_(config) {}

  void text(StringRef key, std::string &value) {
    if (const json::Value *given = config_.get(key)) {
      if (std::optional<StringRef> text = given->getAsString())
        value = text->str();
      else
        complain(key, "must be a string");
    }
  }
  void count(StringRef key, int64_t &value, int64_t least) {
    if (const json::Value *given = config_.get(key)) {
      std::optional<int64_t> number = given->getAsInteger();
      if (number && *number >= least)
        value = *number;
      else
        complain(key, "must be a whole number of at least " + std::to_string(least));
    }
  }
  void number(StringRef key, double &value, double least, double most) {
    if (const json::Value *given = config_.get(key)) {
      std::optional<double> number = given->getAsNumber();
      if (number && *number >= least && *number <= most)
        value = *number;
      else
        complain(key, "must be a number from " + json(least) + " to " + json(most));
    }
  }
  void truth(StringRef key, bool &value) {
    if (const json::Value *given = config_.get(key)) {
      if (std::optional<bool> truth = given->getAsBoolean())
        value = *truth;
      else
        complain(key, "must be true or false");
    }
  }
  void complain(StringRef key, const std::string &what) {
    if (error.empty())
      error = "'" + key.str() + "' of the measurement " + what;
  }

  std::string error;

private:
  static std::string json(double value) {
    std::string text;
    llvm::raw_string_ostream(text) << json::Value(value);
    return text;
  }

  const json::Object &config_;
};

} // namespace

cat::Result<Settings> cat::torcheval::readSettings(const json::Object &config) {
  Settings s;
  Reader reader(config);
  reader.text("data", s.data);
  reader.text("train", s.train);
  reader.text("validation", s.validation);
  reader.text("test", s.test);
  reader.text("images", s.images);
  reader.text("tokenizer", s.tokenizer);
  reader.text("weights", s.weights);
  reader.count("teacher_steps", s.teacherSteps, 1);
  reader.count("teacher_batch", s.teacherBatch, 2);
  reader.number("teacher_learning_rate", s.teacherLearningRate, 0, 1);
  reader.count("batch", s.batch, 2);
  reader.number("learning_rate", s.learningRate, 0, 1);
  reader.number("weight_decay", s.weightDecay, 0, 10);
  reader.number("warmup", s.warmup, 0, 1);
  reader.count("steps_short", s.stepsShort, 0);
  reader.count("steps_medium", s.stepsMedium, s.stepsShort);
  reader.count("steps_full", s.stepsFull, s.stepsMedium);
  reader.truth("distillation", s.distillation);
  reader.count("importance_pairs", s.importancePairs, 2);
  reader.count("train_pairs", s.trainPairs, 0);
  reader.count("validation_pairs", s.validationPairs, 0);
  reader.count("test_pairs", s.testPairs, 0);
  reader.count("bad_records", s.badRecords, 0);
  reader.count("captions", s.captions, 0);
  reader.count("held_pairs", s.heldPairs, 0);
  reader.text("device", s.device);

  std::string rule = "leave_one_out";
  reader.text("importance", rule);
  if (rule == "leave_one_out")
    s.importance = ImportanceRule::LeaveOneOut;
  else if (rule == "magnitude")
    s.importance = ImportanceRule::Magnitude;
  else if (rule == "leading")
    s.importance = ImportanceRule::Leading;
  else if (rule == "catransformers")
    s.importance = ImportanceRule::CaTransformers;
  else
    reader.complain(
        "importance",
        "must be \"leave_one_out\", \"magnitude\", \"leading\" or \"catransformers\", but is \"" +
            rule + "\"");
  if (s.device != "cpu" && s.device != "cuda" && s.device != "auto")
    reader.complain("device", "must be \"cpu\", \"cuda\" or \"auto\", but is \"" + s.device + "\"");
  static constexpr StringRef kData[] = {"shapes", "webdataset", "csv", "coco", "karpathy"};
  if (!llvm::is_contained(kData, s.data))
    reader.complain("data",
                    "must be \"shapes\", \"webdataset\", \"csv\", \"coco\" or \"karpathy\", "
                    "but is \"" +
                        s.data + "\"");
  if (s.data != "shapes") {
    if (s.train.empty())
      reader.complain("train", "is needed for data from files");
    if (s.tokenizer.empty())
      reader.complain("tokenizer", "is needed for data from files: the path of CLIP's merges");
    if (s.validation.empty() && !s.test.empty())
      reader.complain("validation", "is needed beside 'test': without both, 'train' is divided");
  }
  if (s.heldPairs > 0 && s.heldPairs < std::max(s.batch, s.teacherBatch))
    reader.complain("held_pairs", "must be at least a batch");
  if (!reader.error.empty())
    return Fault{reader.error};
  return s;
}
