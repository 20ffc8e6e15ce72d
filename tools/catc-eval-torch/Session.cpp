//===- Session.cpp - Measuring models pruned from one ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Session.h"
#include "FileLock.h"
#include "LeaveOneOut.h"
#include "Search/CounterRandom.h"
#include "Weights/CaTransformers.h"
#include "Weights/ClipWeights.h"
#include "Weights/Prune.h"
#include "Weights/Safetensors.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <filesystem>
#include <sstream>

using namespace cat;
using namespace cat::torcheval;
using data::Split;
namespace json = llvm::json;

/// Changes when the same settings would give another teacher.
static constexpr const char *kRecipe = "1";

static std::string digest(const std::string &text) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(text)), /*LowerCase=*/true);
}

static std::string digest(const weights::StateDict &weights) {
  llvm::SHA256 hash;
  for (const auto &[name, tensor] : weights) {
    hash.update(name);
    hash.update({reinterpret_cast<const uint8_t *>(tensor.bytes.data()), tensor.bytes.size()});
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

//===----------------------------------------------------------------------===//
// The unpruned model
//===----------------------------------------------------------------------===//

Result<std::unique_ptr<Session>> Session::create(const Settings &settings,
                                                 const weights::ClipConfig &parent,
                                                 const std::string &cache, uint64_t seed,
                                                 const Report &report) {
  std::unique_ptr<Session> session(new Session(settings, parent, cache, seed));
  if (std::optional<std::string> problem = session->load(report))
    return Fault{*problem};
  return session;
}

std::optional<std::string> Session::load(const Report &report) {
  const bool cuda = torch::hasCUDA();
  if (settings_.device == "cuda" && !cuda)
    return "device is \"cuda\", but this libtorch finds no CUDA device";
  if (settings_.device != "cpu" && cuda)
    device_ = torch::kCUDA;
  Result<DataSets> data = DataSets::open(settings_, parent_, seed_);
  if (!data)
    return data.error();
  data_ = std::move(*data);
  if (Result<const PairSet *> validation = data_.split(Split::Validation); !validation)
    return validation.error();
  if (std::optional<std::string> problem = findTeacher(report))
    return problem;
  Result<Clip> teacher = Clip::create(parent_, teacherWeights_, device_);
  if (!teacher)
    return teacher.error();
  teacherFigures_ = measure(*teacher, **data_.split(Split::Validation));
  std::string rests = teacherIdentity_ + (*data_.split(Split::Validation))->identity();
  if (data_.has(Split::Train)) {
    Result<const PairSet *> train = data_.split(Split::Train);
    if (!train)
      return train.error();
    rests += (*train)->identity();
  }
  identity_ = digest(rests);
  return findImportance(report);
}

std::optional<std::string> Session::findTeacher(const Report &report) {
  if (!settings_.weights.empty()) {
    Result<weights::StateDict> given = weights::readClipWeights(settings_.weights, parent_);
    if (!given)
      return given.error();
    teacherWeights_ = std::move(*given);
    teacherIdentity_ = digest(teacherWeights_);
    return std::nullopt;
  }
  Result<const PairSet *> train = data_.split(Split::Train);
  if (!train)
    return train.error();
  std::ostringstream recipe;
  recipe.precision(17);
  recipe << kRecipe << ' ' << weights::printModelRecord({parent_, parent_}) << ' '
         << settings_.teacherSteps << ' ' << settings_.teacherBatch << ' '
         << settings_.teacherLearningRate << ' ' << settings_.weightDecay << ' ' << settings_.warmup
         << ' ' << seed_ << ' ' << (*train)->identity();
  if (!data_.trainingIsOnePart())
    recipe << ' ' << settings_.train << ' ' << settings_.trainPairs;
  const std::string path = cache_ + "/teacher-" + digest(recipe.str()).substr(0, 16);
  FileLock lock(path + ".lock", [&] {
    return report(json::Object{{"message", "waiting for another worker to train the model"}});
  });
  if (!lock.held())
    return kCancelled;
  const std::string file = path + ".safetensors";
  if (Result<weights::StateDict> known = weights::readClipWeights(file, parent_)) {
    teacherWeights_ = std::move(*known);
  } else {
    // Not there yet, or spoilt.
    Result<weights::StateDict> trained = trainTeacher(path + ".checkpoint", report);
    if (!trained)
      return trained.error();
    weights::TensorFile saved;
    saved.tensors = *trained;
    saved.metadata["format"] = "pt";
    if (std::optional<std::string> problem = weights::writeSafetensors(file, saved))
      return problem;
    teacherWeights_ = std::move(*trained);
  }
  teacherIdentity_ = digest(teacherWeights_);
  return std::nullopt;
}

Result<weights::StateDict> Session::trainTeacher(const std::string &checkpoint,
                                                 const Report &report) {
  Result<Clip> model = Clip::create(parent_, weights::randomWeights(parent_, seed_), device_);
  if (!model)
    return Fault{model.error()};
  TrainingOptions options;
  options.optimizer.learningRate = settings_.teacherLearningRate;
  options.optimizer.weightDecay = settings_.weightDecay;
  options.steps = settings_.teacherSteps;
  options.batch = settings_.teacherBatch;
  options.warmup = settings_.warmup;
  options.seed = seed_;
  options.checkpoint = checkpoint;
  auto batches = [&](int64_t step) { return trainingBatch(step, options, /*distil=*/false); };
  std::optional<std::string> problem =
      train(*model, batches, (*data_.split(Split::Train))->identity(), options, 10,
            [&](const TrainingStep &step) {
              return report(json::Object{{"message", "training the unpruned model"},
                                         {"step", step.step},
                                         {"steps", step.steps},
                                         {"loss", step.loss}});
            });
  if (problem)
    return Fault{*problem};
  return model->stateDict();
}

std::optional<std::string> Session::findImportance(const Report &report) {
  if (settings_.importance == ImportanceRule::Magnitude ||
      settings_.importance == ImportanceRule::Leading) {
    importance_ = settings_.importance == ImportanceRule::Magnitude
                      ? weights::magnitudeImportance(teacherWeights_, parent_)
                      : weights::leadingImportance(parent_);
    return std::nullopt;
  }
  // On what is trained on: the validation split is kept for choosing between models.
  Result<const PairSet *> train =
      data_.split(data_.has(Split::Train) ? Split::Train : Split::Validation);
  if (!train)
    return train.error();
  PairSet pairs = (*train)->first(settings_.importancePairs);
  Result<Clip> model = Clip::create(parent_, teacherWeights_, device_);
  const std::string log = cache_ + "/importance-" +
                          digest(teacherIdentity_ + pairs.identity()).substr(0, 16) + ".jsonl";
  FileLock lock(log + ".lock", [&] {
    return report(
        json::Object{{"message", "waiting for another worker to find what parts are worth"}});
  });
  if (!lock.held())
    return kCancelled;
  Result<weights::Importance> found =
      leaveOneOut(*model, teacherIdentity_, pairs, log, [&](int64_t done, int64_t of) {
        return done % 10 ||
               report(json::Object{
                   {"message", "finding what each part is worth"}, {"step", done}, {"steps", of}});
      });
  if (!found)
    return found.error();
  importance_ = std::move(*found);
  return std::nullopt;
}

Result<TrainingBatch> Session::trainingBatch(int64_t step, const TrainingOptions &options,
                                             bool distil) {
  Result<const PairSet *> first = data_.split(Split::Train);
  if (!first)
    return Fault{first.error()};
  // Part after part, each once; a set that is one part goes through its epochs.
  int64_t part = 0;
  if (!data_.trainingIsOnePart()) {
    const int64_t steps = (*first)->size() / std::min(options.batch, (*first)->size());
    part = step / steps;
    step %= steps;
  }
  Result<const PairSet *> pairs = data_.trainingPart(part);
  if (!pairs)
    return Fault{pairs.error()};
  if (distil && embeddedPart_ != part) {
    Result<Clip> teacher = Clip::create(parent_, teacherWeights_, device_);
    if (!teacher)
      return Fault{teacher.error()};
    embeddings_ = embed(*teacher, **pairs);
    embeddedPart_ = part;
  }
  return batchOf(**pairs, distil ? &*embeddings_ : nullptr, step, options.batch,
                 options.seed + static_cast<uint64_t>(part), device_);
}

//===----------------------------------------------------------------------===//
// Pruned models
//===----------------------------------------------------------------------===//

Measurement Session::measure(const Clip &model, const PairSet &set) const {
  Features features = set.encode(model);
  Measurement result;
  result.retrieval = measureRetrieval(features, set.owner());
  result.accuracy = result.retrieval.meanRecall1;
  if (std::optional<torch::Tensor> prompts = data_.prompts())
    result.zeroShot = measureZeroShot(
        features.image, zeroShotClasses(model, *prompts, data_.templates()), set.labels());
  return result;
}

std::optional<std::string> Session::fineTune(const EvaluateRequest &request, Clip &model,
                                             Measurement &measured, const Report &report) {
  Result<const PairSet *> training = data_.split(Split::Train);
  if (!training)
    return training.error();
  const PairSet &validation = **data_.split(Split::Validation);
  TrainingOptions options;
  options.optimizer.learningRate = settings_.learningRate;
  options.optimizer.weightDecay = settings_.weightDecay;
  options.steps = settings_.steps(request.fidelity);
  options.batch = settings_.batch;
  options.warmup = settings_.warmup;
  options.seed = request.seed;
  if (!request.artefacts.empty())
    options.checkpoint = request.artefacts + "/checkpoint";
  auto batches = [&](int64_t step) { return trainingBatch(step, options, settings_.distillation); };
  // A learning curve of four points, the last of which is the result.
  const int64_t every = std::max<int64_t>(1, (options.steps + 3) / 4);
  double loss = 0;
  std::optional<std::string> problem =
      train(model, batches, (*training)->identity(), options, every, [&](const TrainingStep &step) {
        loss = step.loss;
        if (step.step == step.steps)
          return true;
        const Score score = measure(model, validation).accuracy;
        return report(json::Object{{"step", step.step},
                                   {"steps", step.steps},
                                   {"loss", step.loss},
                                   {"accuracy", score.value},
                                   {"noise", score.standardError}});
      });
  if (problem)
    return problem;
  Measurement tuned = measure(model, validation);
  tuned.raw = measured.accuracy;
  tuned.loss = loss;
  if (tuned.accuracy.value >= measured.accuracy.value) {
    measured = tuned;
  } else {
    measured.raw = measured.accuracy;
    measured.loss = loss;
    measured.keptRaw = true;
  }
  return std::nullopt;
}

/// Files of a model in its folder.
static std::string weightsOf(const std::string &folder) { return folder + "/model.safetensors"; }

Result<Measurement> Session::evaluateSaved(const EvaluateRequest &request) {
  if (request.artefacts.empty())
    return Fault{"a model is measured on the test split from its folder, but none was named"};
  Result<const PairSet *> test = data_.split(Split::Test);
  if (!test)
    return Fault{test.error()};
  Result<weights::StateDict> weights =
      weights::readClipWeights(weightsOf(request.artefacts), request.model);
  if (!weights)
    return Fault{weights.error()};
  Result<Clip> model = Clip::create(request.model, *weights, device_);
  if (!model)
    return Fault{model.error()};
  return measure(*model, **test);
}

Result<weights::Selection> Session::select(const weights::ClipConfig &target) const {
  if (settings_.importance != ImportanceRule::CaTransformers)
    return weights::selectByImportance(parent_, target, importance_);
  // Vision layers go last, by what they do to noise in the model that is left by then.
  weights::ClipConfig probed = target;
  probed.vision.layers = parent_.vision.layers;
  Result<weights::Selection> others =
      weights::selectAsCaTransformers(parent_, probed, importance_, {});
  if (!others)
    return others;
  Result<weights::StateDict> weights = weights::prune(teacherWeights_, parent_, *others);
  if (!weights)
    return Fault{weights.error()};
  Result<Clip> model = Clip::create(probed, *weights, device_);
  if (!model)
    return Fault{model.error()};
  search::CounterRandom random(seed_, 0);
  std::vector<float> noise(10 * probed.vision.width);
  for (float &value : noise)
    value = static_cast<float>(random.normal());
  torch::Tensor probe = torch::tensor(noise).view({10, probed.vision.width}).to(device_);
  return weights::selectAsCaTransformers(parent_, target, importance_,
                                         model->visionLayerCosines(probe));
}

Result<Measurement> Session::evaluate(const EvaluateRequest &request, const Report &report) {
  if (request.test)
    return evaluateSaved(request);
  Result<weights::Selection> selection = select(request.model);
  if (!selection)
    return Fault{selection.error()};
  Result<weights::StateDict> raw = weights::prune(teacherWeights_, parent_, *selection);
  if (!raw)
    return Fault{raw.error()};
  Result<Clip> model = Clip::create(request.model, *raw, device_);
  if (!model)
    return Fault{model.error()};
  if (!request.artefacts.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(request.artefacts, failed);
    if (failed)
      return Fault{"cannot make the folder '" + request.artefacts + "': " + failed.message()};
  }
  Measurement measured = measure(*model, **data_.split(Split::Validation));
  if (settings_.steps(request.fidelity) > 0)
    if (std::optional<std::string> problem = fineTune(request, *model, measured, report))
      return Fault{*problem};
  if (!request.artefacts.empty()) {
    weights::TensorFile file;
    file.tensors = measured.keptRaw ? std::move(*raw) : model->stateDict();
    file.metadata["format"] = "pt";
    file.metadata["catc.model"] = weights::printModelRecord({request.model, parent_});
    file.metadata["catc.selection"] = weights::printSelection(*selection);
    if (std::optional<std::string> problem =
            weights::writeSafetensors(weightsOf(request.artefacts), file))
      return Fault{*problem};
  }
  return measured;
}

//===----------------------------------------------------------------------===//
// What it measures
//===----------------------------------------------------------------------===//

std::string Session::metric() const { return "mean R@1 on " + data_.name(); }

std::string Session::protocol() const {
  const Retrieval &r = teacherFigures_.retrieval;
  std::ostringstream text;
  text << "mean of image-to-text and text-to-image recall at 1, " << data_.name() << ", validation "
       << r.images << " images with " << r.captions << " captions";
  return text.str();
}

double Session::cost(Fidelity fidelity) const {
  // A step backwards costs as much as two forwards.
  auto samples = [&](Fidelity f) {
    const double passes = settings_.steps(f) > 0 ? 5 : 1; // The curve's points, and the raw model.
    return 3.0 * static_cast<double>(settings_.steps(f) * settings_.batch) +
           passes * static_cast<double>(teacherFigures_.retrieval.images);
  };
  return samples(fidelity) / samples(Fidelity::Full);
}
