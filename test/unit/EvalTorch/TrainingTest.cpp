//===- TrainingTest.cpp - Steps, losses, schedules, checkpoints -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Training.h"
#include "Fixtures.h"
#include "Losses.h"
#include <cmath>
#include <filesystem>
#include <fstream>

using namespace cat;
using namespace cat::torcheval;
using namespace cat::torcheval::test;
using torch::Tensor;

//===----------------------------------------------------------------------===//
// OpenCLIP's figures
//===----------------------------------------------------------------------===//

namespace {
/// train5: the learning rate and the rest of its metadata's text.
struct ReferenceTraining {
  weights::TensorFile file;
  Clip model;
  Tensor images, texts;

  static ReferenceTraining read(const std::string &path) {
    weights::TensorFile file = readFixture(path);
    Clip model = modelNamed(file.metadata.at("base"));
    Tensor images = toTorch(file.tensors.at("in.image")),
           texts = toTorch(file.tensors.at("in.text"));
    return {std::move(file), std::move(model), images, texts};
  }
  static OptimizerOptions options() { return {1e-3, 0.2, 0.9, 0.98, 1e-6}; }
};
} // namespace

TEST(Training, StepsEqualOpenClips) {
  CATC_FIXTURES_OR_SKIP(files, "train", ".safetensors");
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    ReferenceTraining reference = ReferenceTraining::read(path);
    Trainer trainer(reference.model, ReferenceTraining::options());
    Tensor losses = toTorch(reference.file.tensors.at("losses"));
    for (int64_t i = 0; i < losses.size(0); ++i)
      EXPECT_NEAR(trainer.step(reference.images, reference.texts, {}, 1e-3),
                  losses[i].item<double>(), 2e-4)
          << "step " << i;
    const std::string after = "after" + std::to_string(losses.size(0)) + ".";
    for (const auto &[name, expected] : reference.file.tensors)
      if (name.rfind(after, 0) == 0) {
        Tensor value = reference.model.at(name.substr(after.size())).detach();
        EXPECT_LE(difference(value.reshape(expected.shape), toTorch(expected)), 2e-4) << name;
      }
  }
}

TEST(Training, GradientsEqualOpenClips) {
  CATC_FIXTURES_OR_SKIP(files, "train", ".safetensors");
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    ReferenceTraining reference = ReferenceTraining::read(path);
    Clip &model = reference.model;
    model.requireGradients(true);
    contrastiveLoss(logitsPerImage(model.encode(reference.images, reference.texts), model.scale()))
        .backward();
    for (const auto &[name, expected] : reference.file.tensors) {
      if (name.rfind("grad0.", 0) == 0) {
        Tensor gradient = model.at(name.substr(6)).grad();
        EXPECT_LE(difference(gradient.reshape(expected.shape), toTorch(expected)), 1e-5) << name;
      } else if (name.rfind("gradnorm0.", 0) == 0) {
        const double norm = model.at(name.substr(10)).grad().norm().item<double>();
        const double expectedNorm = toTorch(expected).item<double>();
        EXPECT_NEAR(norm, expectedNorm, 1e-5 + 1e-4 * expectedNorm) << name;
      }
    }
  }
}

TEST(Training, DistillationLossesEqualOpenClips) {
  CATC_FIXTURES_OR_SKIP(files, "train", ".safetensors");
  torch::NoGradGuard noGradients;
  std::string missing;
  for (const std::string &path : files) {
    SCOPED_TRACE(path);
    ReferenceTraining reference = ReferenceTraining::read(path);
    auto logits = [&](const Clip &clip) {
      return logitsPerImage(clip.encode(reference.images, reference.texts), clip.scale());
    };
    auto expected = [&](const char *name) {
      return toTorch(reference.file.tensors.at(name)).item<double>();
    };
    EXPECT_NEAR(contrastiveLoss(logits(reference.model)).item<double>(),
                expected("distill.contrastive_loss"), 1e-5);
    const std::string teacher = reference.file.metadata.at("teacher");
    if (!std::filesystem::exists(fixtureFolder() + teacher + ".safetensors")) {
      missing += " " + teacher + ".safetensors";
      continue;
    }
    EXPECT_NEAR(
        distillationLoss(logits(reference.model), logits(modelNamed(teacher))).item<double>(),
        expected("distill.distill_loss"), 1e-5);
  }
  if (!missing.empty())
    GTEST_SKIP() << "no weights of the teacher in the reference data:" << missing;
}

TEST(Training, DistillationIsTheCrossEntropyBothWays) {
  Tensor student = torch::tensor({{2.0, 0.5}, {-1.0, 1.0}}),
         teacher = torch::tensor({{1.0, 0.0}, {0.0, 3.0}});
  auto crossEntropy = [](double s0, double s1, double t0, double t1) {
    const double p = std::exp(t0) / (std::exp(t0) + std::exp(t1));
    const double norm = std::log(std::exp(s0) + std::exp(s1));
    return -(p * (s0 - norm) + (1 - p) * (s1 - norm));
  };
  const double byImage = (crossEntropy(2, 0.5, 1, 0) + crossEntropy(-1, 1, 0, 3)) / 2;
  const double byText = (crossEntropy(2, -1, 1, 0) + crossEntropy(0.5, 1, 0, 3)) / 2;
  EXPECT_NEAR(distillationLoss(student, teacher).item<double>(), (byImage + byText) / 2, 1e-6);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

static bool goOn(const TrainingStep &) { return true; }

TEST(Training, LearnsWhatCanBeLearnt) {
  PairSet data = noise(32);
  Clip model = smallModel();
  TrainingOptions options;
  options.steps = 60;
  options.batch = 32;
  options.optimizer.learningRate = 3e-3;
  std::vector<double> losses;
  ASSERT_EQ(train(model, data, nullptr, options, 20,
                  [&](const TrainingStep &step) {
                    losses.push_back(step.loss);
                    return true;
                  }),
            std::nullopt);
  ASSERT_EQ(losses.size(), 3U);
  EXPECT_LT(losses.back(), losses.front() / 2);
}

TEST(Training, SameSeedSameWeights) {
  PairSet data = noise(24);
  TrainingOptions options;
  options.steps = 5;
  options.batch = 8;
  auto trained = [&](uint64_t seed) {
    options.seed = seed;
    Clip model = smallModel();
    EXPECT_EQ(train(model, data, nullptr, options, 5, goOn), std::nullopt);
    return model.stateDict();
  };
  EXPECT_EQ(trained(1), trained(1));
  EXPECT_NE(trained(1), trained(2));
}

TEST(Training, ACheckpointContinuesAsIfNothingHadHappened) {
  PairSet data = noise(24);
  const std::string path = ::testing::TempDir() + "/catc-training.pt";
  std::filesystem::remove(path);
  TrainingOptions options;
  options.steps = 9;
  options.batch = 8;
  Clip whole = smallModel();
  ASSERT_EQ(train(whole, data, nullptr, options, 3, goOn), std::nullopt);

  options.checkpoint = path;
  options.checkpointSeconds = 0;
  Clip stopped = smallModel();
  ASSERT_EQ(train(stopped, data, nullptr, options, 1,
                  [](const TrainingStep &step) { return step.step < 5; }),
            kCancelled);
  ASSERT_TRUE(std::filesystem::exists(path));
  Clip continued = smallModel();
  int64_t first = 0;
  ASSERT_EQ(train(continued, data, nullptr, options, 1,
                  [&](const TrainingStep &step) {
                    first = first ? first : step.step;
                    return true;
                  }),
            std::nullopt);
  EXPECT_EQ(first, 5);
  EXPECT_EQ(continued.stateDict(), whole.stateDict());
  EXPECT_FALSE(std::filesystem::exists(path));

  // Half a file, and one of another training, are not continued.
  std::ofstream(path) << "no archive";
  Clip fresh = smallModel();
  ASSERT_EQ(train(fresh, data, nullptr, options, 1, goOn), std::nullopt);
  EXPECT_EQ(fresh.stateDict(), whole.stateDict());
}

TEST(Training, ALossThatIsNotFiniteIsAnError) {
  PairSet data = noise(8);
  Clip model = smallModel();
  torch::NoGradGuard noGradients;
  Tensor projection = model.at("visual.proj");
  projection.fill_(std::numeric_limits<float>::infinity());
  torch::AutoGradMode gradients(true);
  TrainingOptions options;
  options.steps = 3;
  options.batch = 8;
  std::optional<std::string> problem = train(model, data, nullptr, options, 1, goOn);
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->find("not finite at step 0"), std::string::npos) << *problem;
  EXPECT_EQ(train(model, PairSet(32, 12), nullptr, options, 1, goOn), "the training set is empty");
}

TEST(Training, WarmsUpInProportion) {
  for (int64_t steps : {10, 100, 1000}) {
    TrainingOptions options;
    options.steps = steps;
    options.warmup = 0.2;
    options.optimizer.learningRate = 1;
    EXPECT_DOUBLE_EQ(learningRateAt(options, 0), 5.0 / static_cast<double>(steps));
    EXPECT_DOUBLE_EQ(learningRateAt(options, steps / 5 - 1), 1);
    EXPECT_DOUBLE_EQ(learningRateAt(options, steps / 5), 1);
    EXPECT_LT(learningRateAt(options, steps - 1), 0.05 + 1.0 / static_cast<double>(steps));
    EXPECT_GE(learningRateAt(options, steps - 1), 0);
  }
}

TEST(Training, AnEpochShowsEveryImageOnce) {
  PairSet data = noise(24);
  std::vector<int64_t> seen;
  for (int64_t step = 0; step < 3; ++step) {
    PairBatch batch = data.batch(step, 8, 7, torch::kCPU);
    for (int64_t i = 0; i < 8; ++i) {
      seen.push_back(batch.images[i].item<int64_t>());
      EXPECT_EQ(batch.captions[i].item<int64_t>(), seen.back());
    }
  }
  std::vector<int64_t> order = seen;
  std::sort(seen.begin(), seen.end());
  for (int64_t i = 0; i < 24; ++i)
    EXPECT_EQ(seen[i], i);
  EXPECT_NE(order, seen);
  EXPECT_FALSE(torch::equal(data.batch(0, 8, 7, torch::kCPU).images,
                            data.batch(3, 8, 7, torch::kCPU).images));
  EXPECT_EQ(data.batch(0, 100, 7, torch::kCPU).images.size(0), 24);
}
