//===- Manifest.cpp - Data sets that list pictures and their captions -----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/Manifest.h"
#include "Data/Json.h"
#include <algorithm>

using namespace cat;
using namespace cat::data;

namespace {

constexpr int64_t kMaxPictureBytes = 256 << 20;

class ManifestSource final : public Source {
public:
  ManifestSource(Manifest manifest, const KeyFilter &filter) : manifest_(std::move(manifest)) {
    bool any = !manifest_.entries.empty();
    if (filter) {
      auto rejected = [&](const Entry &entry) { return !filter(entry.key); };
      manifest_.entries.erase(
          std::remove_if(manifest_.entries.begin(), manifest_.entries.end(), rejected),
          manifest_.entries.end());
    }
    empty_ = any ? ": has no records of this split" : ": has no records";
    reset(std::nullopt);
  }

  Next next() override {
    if (order_.empty() && !std::exchange(told_, true))
      return {Fault{manifest_.name + empty_}, Loss::File};
    if (position_ == order_.size())
      return {};
    const Entry &entry = manifest_.entries[order_[position_++]];
    if (!entry.problem.empty())
      return {Fault{manifest_.name + ": " + entry.problem}, Loss::Record};
    auto bad = [&](const std::string &why) {
      return Next(Fault{manifest_.name + ": record '" + entry.key + "': " + why}, Loss::Record);
    };
    Result<std::string> bytes = readWhole(entry.path, kMaxPictureBytes);
    if (!bytes)
      return bad(bytes.error());
    Result<Image> image = decodeImage(*bytes);
    if (!image)
      return bad(entry.path + ": " + image.error());
    return Sample{entry.key, std::move(*image), entry.captions};
  }
  void reset(std::optional<uint64_t> seed) override {
    order_ = permutation(static_cast<int64_t>(manifest_.entries.size()), seed);
    position_ = 0;
    told_ = false;
  }
  std::optional<int64_t> size() const override {
    return static_cast<int64_t>(manifest_.entries.size());
  }
  Result<std::vector<std::string>> keys() override {
    std::vector<std::string> keys;
    for (const Entry &entry : manifest_.entries)
      keys.push_back(entry.key);
    return keys;
  }

private:
  Manifest manifest_;
  std::string empty_;
  std::vector<int64_t> order_;
  size_t position_ = 0;
  bool told_ = false;
};

} // namespace

std::unique_ptr<Source> data::manifestSource(Manifest manifest, const KeyFilter &filter) {
  return std::make_unique<ManifestSource>(std::move(manifest), filter);
}
