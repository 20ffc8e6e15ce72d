//===- Worker.cpp - The evaluator's side of the protocol ------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Worker.h"
#include "Session.h"
#include "Throughput.h"
#include <chrono>
#include <cmath>
#include <filesystem>
#include <new>
#include <sys/resource.h>

using namespace cat;
using namespace cat::torcheval;
using llvm::StringRef;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// Processor time of this process, its threads included.
static double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

namespace {

class Stopwatch {
public:
  void addTo(json::Object &answer) const {
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    answer["seconds"] = passed.count();
    answer["cpu_seconds"] = cpuSeconds() - cpuBegin_;
  }

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double cpuBegin_ = cpuSeconds();
};

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

class Worker {
public:
  explicit Worker(Channel &channel) : channel_(channel) {}

  void greet();
  json::Object answer(const json::Object &request, int64_t id);

private:
  json::Object configure(const json::Object &request, const Report &report);
  json::Object evaluate(const json::Object &request, const Report &report);

  Channel &channel_;
  std::unique_ptr<Session> session_;
};

} // namespace

static json::Object errorAnswer(std::string message) {
  return json::Object{{"error", std::move(message)}, {"retry", false}};
}

static Result<weights::ClipConfig> modelOf(const json::Object &request, StringRef key) {
  const json::Value *record = request.get(key);
  if (!record)
    return Fault{"the request has no '" + key.str() + "'"};
  Result<weights::ModelRecord> read = weights::readModelRecord(*record, key.str());
  if (!read)
    return Fault{read.error()};
  return read->config;
}

static json::Object scoreOf(const Score &score) {
  return json::Object{{"value", score.value}, {"standard_error", score.standardError}};
}

static json::Object detailsOf(const Measurement &measured) {
  json::Object details;
  if (measured.raw)
    details["raw"] = scoreOf(*measured.raw);
  details["kept_raw"] = measured.keptRaw;
  if (measured.loss != 0)
    details["loss"] = measured.loss;
  const Retrieval &retrieval = measured.retrieval;
  for (size_t k = 0; k < kRecallDepths.size(); ++k) {
    const std::string at = "_r" + std::to_string(kRecallDepths[k]);
    details["image_to_text" + at] = scoreOf(retrieval.imageToText[k]);
    details["text_to_image" + at] = scoreOf(retrieval.textToImage[k]);
  }
  details["images"] = retrieval.images;
  details["captions"] = retrieval.captions;
  if (measured.zeroShot)
    details["zero_shot"] = scoreOf(*measured.zeroShot);
  return details;
}

void Worker::greet() {
  channel_.send(
      json::Object{{"catc", "evaluator/1"}, {"name", "catc-eval-torch"}, {"configurable", true}});
}

json::Object Worker::configure(const json::Object &request, const Report &report) {
  const json::Object *config = request.getObject("config");
  if (!config)
    return errorAnswer("the request has no 'config'");
  Result<Settings> settings = readSettings(*config);
  if (!settings)
    return errorAnswer(settings.error());
  Result<weights::ClipConfig> parent = modelOf(request, "parent");
  if (!parent)
    return errorAnswer(parent.error());
  const std::string cache = request.getString("cache").value_or("").str();
  std::error_code failed;
  std::filesystem::create_directories(cache, failed);
  if (failed)
    return errorAnswer("cannot make the cache folder '" + cache + "': " + failed.message());
  const auto seed = static_cast<uint64_t>(request.getInteger("seed").value_or(0));
  auto session = Session::create(*settings, *parent, cache, seed, report);
  if (!session)
    return errorAnswer(session.error());
  session_ = std::move(*session);

  json::Array warnings;
  if (std::optional<std::string> advice = adviseOnMatmul(measureMatmul()))
    warnings.push_back(*advice);
  json::Array fidelities;
  for (size_t f = 0; f < kFidelityNames.size(); ++f)
    fidelities.push_back(json::Object{{"name", StringRef(kFidelityNames[f])},
                                      {"cost", session_->cost(static_cast<Fidelity>(f))}});
  return json::Object{{"ready", true},
                      {"metric", session_->metric()},
                      {"protocol", session_->protocol()},
                      {"identity", session_->identity()},
                      {"fidelities", std::move(fidelities)},
                      {"warnings", std::move(warnings)},
                      {"test", session_->hasTest()},
                      {"artefacts", true},
                      {"parent_accuracy", session_->teacherFigures().accuracy.value},
                      {"parent", detailsOf(session_->teacherFigures())}};
}

json::Object Worker::evaluate(const json::Object &request, const Report &report) {
  if (!session_)
    return errorAnswer("the worker has not been configured");
  EvaluateRequest wanted;
  Result<weights::ClipConfig> model = modelOf(request, "model");
  if (!model)
    return errorAnswer(model.error());
  wanted.model = *model;
  const StringRef fidelity = request.getString("fidelity").value_or(kFidelityNames.back());
  auto known = std::find(kFidelityNames.begin(), kFidelityNames.end(), std::string_view(fidelity));
  if (known == kFidelityNames.end())
    return errorAnswer("unknown fidelity '" + fidelity.str() + "'");
  wanted.fidelity = static_cast<Fidelity>(known - kFidelityNames.begin());
  const StringRef split = request.getString("split").value_or("validation");
  if (split != "validation" && split != "test")
    return errorAnswer("unknown split '" + split.str() + "'");
  wanted.test = split == "test";
  wanted.seed = static_cast<uint64_t>(request.getInteger("seed").value_or(0));
  wanted.artefacts = request.getString("artefacts").value_or("").str();
  Result<Measurement> measured = session_->evaluate(wanted, report);
  if (!measured)
    return errorAnswer(measured.error());
  return json::Object{{"accuracy", measured->accuracy.value},
                      {"noise", measured->accuracy.standardError},
                      {"source", session_->metric() + ", " + fidelity.str() + ", " +
                                     (wanted.test ? "test" : "validation") + " split"},
                      {"details", detailsOf(*measured)}};
}

json::Object Worker::answer(const json::Object &request, int64_t id) {
  const StringRef type = request.getString("type").value_or("");
  Report report = [&](json::Object progress) {
    channel_.send(json::Object{{"id", id}, {"progress", std::move(progress)}});
    return !channel_.cancelled(id);
  };
  Stopwatch watch;
  json::Object answer;
  try {
    if (type == "configure")
      answer = configure(request, report);
    else if (type == "evaluate")
      answer = evaluate(request, report);
    else
      answer = errorAnswer("unknown request '" + type.str() + "'");
  } catch (const std::bad_alloc &) {
    answer = errorAnswer("out of memory; a smaller batch needs less");
  } catch (const c10::Error &error) {
    // libtorch's allocators have no exception of their own.
    const StringRef text = error.what_without_backtrace();
    answer = text.contains("out of memory") || text.contains("allocate memory")
                 ? errorAnswer("out of memory; a smaller batch needs less")
                 : errorAnswer("libtorch: " + text.split('\n').first.str());
  }
  watch.addTo(answer);
  answer["id"] = id;
  return answer;
}

void torcheval::serve(Channel &channel) {
  Worker worker(channel);
  worker.greet();
  while (std::optional<json::Object> request = channel.next()) {
    // A cancellation that comes after its answer.
    if (request->getString("type") == StringRef("cancel"))
      continue;
    std::optional<int64_t> id = request->getInteger("id");
    if (!id) {
      channel.send(json::Object{{"id", nullptr}, {"error", "a request needs a whole 'id'"}});
      continue;
    }
    channel.send(worker.answer(*request, *id));
  }
}
