//===- Fixtures.cpp - OpenCLIP's figures ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fixtures.h"
#include "Support/Check.h"
#include "Weights/ClipWeights.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace cat;
using namespace cat::torcheval;

std::string test::fixtureFolder() {
  const char *folder = std::getenv("CATC_REFS");
  return std::string(folder ? folder : CATC_DEFAULT_REFS) + "/torch/";
}

std::vector<std::string> test::fixtures(const std::string &begin, const std::string &end) {
  std::vector<std::string> result;
  std::error_code none;
  for (const auto &entry : std::filesystem::directory_iterator(fixtureFolder(), none)) {
    const std::string name = entry.path().filename().string();
    if (llvm::StringRef(name).starts_with(begin) && llvm::StringRef(name).ends_with(end))
      result.push_back(entry.path().string());
  }
  std::sort(result.begin(), result.end());
  return result;
}

weights::TensorFile test::readFixture(const std::string &path) {
  Result<weights::TensorFile> file = weights::readSafetensors(path);
  CATC_CHECK(file, "a fixture must be readable");
  return std::move(*file);
}

static Clip make(const weights::ClipConfig &config, const weights::StateDict &weights) {
  Result<Clip> clip = Clip::create(config, weights);
  CATC_CHECK(clip, "a fixture's weights fit its configuration");
  return std::move(*clip);
}

static weights::ClipConfig parse(const std::string &text) {
  Result<weights::ClipConfig> config = weights::parseClipConfig("fixture", text);
  CATC_CHECK(config, "a fixture's configuration is OpenCLIP's");
  return *config;
}

Clip test::modelOf(const weights::TensorFile &io) {
  llvm::Expected<llvm::json::Value> sums = llvm::json::parse(io.metadata.at("crc32"));
  CATC_CHECK(bool(sums), "a fixture's checksums are JSON");
  for (const std::string &path : fixtures("", ".safetensors")) {
    weights::TensorFile candidate = readFixture(path);
    bool all = true;
    for (const auto &[key, sum] : *sums->getAsObject()) {
      auto it = candidate.tensors.find(key.str());
      all = all && it != candidate.tensors.end() &&
            llvm::crc32({reinterpret_cast<const uint8_t *>(it->second.bytes.data()),
                         it->second.bytes.size()}) == *(*sum.getAsArray())[1].getAsInteger();
    }
    if (all)
      return make(parse(io.metadata.at("config")), candidate.tensors);
  }
  CATC_CHECK(false, "the weights of a fixture lie beside it");
}

Clip test::modelNamed(const std::string &name) {
  std::ifstream in(fixtureFolder() + name + ".config.json");
  std::stringstream text;
  text << in.rdbuf();
  return make(parse(text.str()), readFixture(fixtureFolder() + name + ".safetensors").tensors);
}

weights::ClipConfig test::smallConfig() {
  weights::ClipConfig config;
  config.embed = 16;
  config.vision = {2, 32, 2, 16, 64};
  config.text = {2, 24, 3, 8, 48};
  config.patch = 8;
  config.image = 32;
  config.context = 12;
  config.vocab = 64;
  return config;
}

Clip test::smallModel(uint64_t seed) {
  return make(smallConfig(), weights::randomWeights(smallConfig(), seed));
}

PairSet test::noise(int64_t images) {
  const weights::ClipConfig config = smallConfig();
  PairSet set(config.image, config.context);
  torch::manual_seed(5);
  for (int64_t i = 0; i < images; ++i) {
    torch::Tensor pixels = torch::randint(0, 256, {config.image * config.image * 3}, torch::kUInt8);
    std::vector<int32_t> caption(config.context, 0);
    caption[0] = 62;
    caption[1] = static_cast<int32_t>(i % 8);
    caption[2] = static_cast<int32_t>(8 + i / 8);
    caption[3] = 63;
    set.add({pixels.data_ptr<uint8_t>(), pixels.data_ptr<uint8_t>() + pixels.numel()}, {caption});
  }
  return set;
}

double test::difference(const torch::Tensor &a, const torch::Tensor &b) {
  CATC_CHECK(a.sizes() == b.sizes(), "tensors of one shape are compared");
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}
