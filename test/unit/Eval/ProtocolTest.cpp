//===- ProtocolTest.cpp - Lines of evaluators, right and wrong ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/Protocol.h"
#include "gmock/gmock.h"

using namespace cat::eval;
using testing::HasSubstr;

namespace {

/// The content of a line that must be a message of that kind.
template <typename Content> Content contentOf(std::string_view line) {
  std::variant<WorkerMessage, std::string> parsed = parseMessage(line);
  if (auto *problem = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << *problem;
    return {};
  }
  auto *content = std::get_if<Content>(&std::get<WorkerMessage>(parsed).content);
  EXPECT_NE(content, nullptr) << line;
  return content ? *content : Content();
}

/// What is wrong with a line.
std::string complaint(std::string_view line) {
  std::variant<WorkerMessage, std::string> parsed = parseMessage(line);
  EXPECT_EQ(parsed.index(), 1u) << line;
  return parsed.index() == 1 ? std::get<1>(parsed) : "";
}

std::string helloComplaint(std::string_view line) {
  std::variant<Description, std::string> parsed = parseHello(line);
  EXPECT_EQ(parsed.index(), 1u) << line;
  return parsed.index() == 1 ? std::get<1>(parsed) : "";
}

} // namespace

TEST(ProtocolTest, ReadsHellos) {
  auto hello = std::get<Description>(parseHello(
      R"({"catc":"evaluator/1","name":"my_eval","metric":"top-1","fidelities":["short","full"],"x":{}})"));
  EXPECT_EQ(hello.name, "my_eval");
  EXPECT_EQ(hello.metric, "top-1");
  EXPECT_FALSE(hello.configurable);
  EXPECT_FALSE(hello.test);
  ASSERT_EQ(hello.fidelities.size(), 2u);
  EXPECT_EQ(hello.fidelities[0].name, "short");
  EXPECT_EQ(hello.fidelities[1].cost, 1);
}

TEST(ProtocolTest, RefusesHellosThatAreNone) {
  EXPECT_THAT(helloComplaint("Loading ..."), HasSubstr("no JSON: 'Loading ...'; what is meant"));
  EXPECT_THAT(helloComplaint("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(helloComplaint(R"({"name":"x"})"), HasSubstr("did not begin with {\"catc\""));
  EXPECT_EQ(helloComplaint(R"({"catc":"evaluator/2"})"),
            "speaks 'evaluator/2', and this catc speaks 'evaluator/1'");
  EXPECT_EQ(helloComplaint(R"({"catc":"evaluator/1","test":"yes"})"),
            "introduced itself wrongly: 'test' must be true or false");
  EXPECT_THAT(helloComplaint(R"({"catc":"evaluator/1","fidelities":[]})"), HasSubstr("a list of"));
  EXPECT_THAT(helloComplaint(R"({"catc":"evaluator/1","fidelities":[{"cost":1}]})"),
              HasSubstr("a list of"));
  EXPECT_THAT(helloComplaint(R"({"catc":"evaluator/1","fidelities":[{"name":"a","cost":2}]})"),
              HasSubstr("'cost' must be a number from 0 to 1, but is 2"));
}

TEST(ProtocolTest, ReadsAnswersProgressAndErrors) {
  auto answer = contentOf<WorkerAnswer>(
      R"({"id":5,"accuracy":0.81,"noise":0.017,"seconds":5.1,"cpu_seconds":5,"energy_j":75,"source":"s"})");
  EXPECT_EQ(answer.accuracy, 0.81);
  EXPECT_EQ(answer.noise, 0.017);
  EXPECT_EQ(answer.usage.seconds, 5.1);
  EXPECT_EQ(answer.usage.cpuSeconds, 5);
  EXPECT_EQ(answer.usage.joules, 75);
  EXPECT_EQ(answer.source, "s");
  EXPECT_EQ(contentOf<WorkerAnswer>(R"({"id":5,"accuracy":1})").usage.joules, std::nullopt);

  auto progress = contentOf<WorkerProgress>(
      R"({"id":5,"progress":{"step":20,"steps":50,"accuracy":0.61,"loss":NaN,"message":"m"}})");
  EXPECT_EQ(progress.step, 20);
  EXPECT_EQ(progress.steps, 50);
  EXPECT_EQ(progress.accuracy, 0.61);
  EXPECT_EQ(progress.message, "m");
  // Progress that cannot be read is none, and no reason to lose the evaluation.
  EXPECT_EQ(contentOf<WorkerProgress>(R"({"id":5,"progress":{"step":"many"}})").step, std::nullopt);

  auto error = contentOf<WorkerError>(R"({"id":5,"error":"image 17.jpg: truncated","retry":true})");
  EXPECT_EQ(error.message, "image 17.jpg: truncated");
  EXPECT_TRUE(error.retry);

  auto ready = contentOf<Description>(
      R"({"id":0,"ready":true,"metric":"R@1","protocol":"p","fidelities":[{"name":"raw","cost":0.02},{"name":"full"}],"test":true,"artefacts":true,"cpu_seconds":3})");
  EXPECT_EQ(ready.fidelities[0].cost, 0.02);
  EXPECT_TRUE(ready.test && ready.artefacts);
  EXPECT_EQ(ready.usage.cpuSeconds, 3);
}

TEST(ProtocolTest, FiguresThatAreNoneFailTheEvaluationOnly) {
  for (const char *value : {"NaN", "nan", "Infinity", "-Infinity", "null", "\"0.8\"", "-0.1", "1.1",
                            "81", "1e999", "[0.8]"}) {
    std::string line = "{\"id\":5,\"accuracy\":" + std::string(value) + "}";
    EXPECT_THAT(contentOf<WorkerError>(line).message,
                HasSubstr("'accuracy' must be a number from 0 to 1, but is "))
        << value;
  }
  EXPECT_THAT(contentOf<WorkerError>(R"({"id":5,"accuracy":0.8,"noise":-1})").message,
              HasSubstr("'noise' must be a number from 0 to 1, but is -1"));
  EXPECT_THAT(contentOf<WorkerError>(R"({"id":5,"accuracy":0.8,"noise":2.5})").message,
              HasSubstr("'noise' must be a number from 0 to 1, but is 2.5"));
  EXPECT_THAT(contentOf<WorkerError>(R"({"id":5,"accuracy":0.8,"energy_j":Infinity})").message,
              HasSubstr("'energy_j' must be a number of at least 0, but is not a finite number"));
  // Only outside of strings.
  EXPECT_EQ(contentOf<WorkerError>(R"({"id":5,"error":"the loss is \"NaN\", inf"})").message,
            "the loss is \"NaN\", inf");
}

TEST(ProtocolTest, RefusesLinesThatAreNoMessages) {
  EXPECT_THAT(complaint("epoch 1"), HasSubstr("no JSON: 'epoch 1'"));
  EXPECT_THAT(complaint(std::string(500, 'x')), HasSubstr("xxx...'"));
  EXPECT_THAT(complaint("\xFF\x01"), HasSubstr("no JSON: '\xEF\xBF\xBD "));
  EXPECT_THAT(complaint("{}"), HasSubstr("without a whole number \"id\""));
  EXPECT_THAT(complaint(R"({"id":null,"error":"x"})"), HasSubstr("without a whole number \"id\""));
  EXPECT_THAT(complaint(R"({"id":1.5,"accuracy":1})"), HasSubstr("without a whole number \"id\""));
  EXPECT_THAT(complaint(R"({"id":1})"), HasSubstr("neither progress nor an answer nor an error"));
  EXPECT_THAT(complaint(R"({"id":1,"ready":true,"metric":7})"), HasSubstr("'metric' must be text"));
  EXPECT_THAT(complaint(R"({"id":1,"progress":3})"), HasSubstr("\"progress\" is no object"));
  EXPECT_THAT(complaint(std::string(1000000, '[')), HasSubstr("nest too deeply"));
}
