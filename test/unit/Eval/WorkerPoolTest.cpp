//===- WorkerPoolTest.cpp - Processes that evaluate -----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Eval/WorkerPool.h"
#include "gmock/gmock.h"
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <unistd.h>

using namespace cat::eval;
using testing::HasSubstr;
namespace json = llvm::json;

namespace {

constexpr const char *kHello = R"(echo '{"catc":"evaluator/1","name":"sh"}'; )";
/// Answers every request with 0.5; ids are taken from the requests.
constexpr const char *kAnswer =
    R"(while read line; do id=${line#*\"id\":}; id=${id%%[,\}]*}; echo "{\"id\":$id,\"accuracy\":0.5}"; done)";

PoolOptions shell(const std::string &script, unsigned workers = 1) {
  PoolOptions options;
  options.command = {"/bin/sh", "-c", script};
  options.workers = workers;
  options.startSeconds = options.answerSeconds = 20;
  return options;
}

std::unique_ptr<WorkerPool> created(PoolOptions options) {
  auto pool = WorkerPool::create(std::move(options));
  if (auto *error = std::get_if<PoolError>(&pool)) {
    ADD_FAILURE() << error->message;
    throw std::runtime_error(error->message);
  }
  return std::get<0>(std::move(pool));
}

std::string refusal(PoolOptions options) {
  auto pool = WorkerPool::create(std::move(options));
  EXPECT_EQ(pool.index(), 1u);
  return pool.index() == 1 ? std::get<PoolError>(pool).message : "";
}

/// The next event, which must be of that kind.
template <typename Content> Content next(WorkerPool &pool, int64_t ticket) {
  std::variant<PoolEvent, PoolError> event = pool.wait();
  if (auto *error = std::get_if<PoolError>(&event)) {
    ADD_FAILURE() << error->message;
    return {};
  }
  EXPECT_EQ(std::get<PoolEvent>(event).ticket, ticket);
  auto *content = std::get_if<Content>(&std::get<PoolEvent>(event).content);
  EXPECT_NE(content, nullptr);
  return content ? *content : Content();
}

class WorkerPoolTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "catc-pool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string textOf(const std::string &name) const {
    std::ifstream file(folder + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder;
};

} // namespace

TEST_F(WorkerPoolTest, AnswersOneRequestAfterTheOther) {
  auto pool = created(shell(std::string(kHello) + kAnswer));
  EXPECT_EQ(pool->description().name, "sh");
  ASSERT_EQ(pool->description().fidelities.size(), 1u);
  EXPECT_EQ(pool->description().fidelities[0].name, "full");
  for (int64_t ticket = 100; ticket < 120; ++ticket) {
    pool->submit(ticket, json::Object{{"type", "evaluate"}});
    EXPECT_EQ(next<WorkerAnswer>(*pool, ticket).accuracy, 0.5);
  }
}

TEST_F(WorkerPoolTest, WorkersRunAtOnce) {
  // The first waits for what the second writes.
  auto options = shell(std::string(kHello) +
                           R"(while read line; do id=${line#*\"id\":}; id=${id%%[,\}]*};
      case "$line" in
      *first*) while ! test -e done; do sleep 0.01; done;;
      *) touch done;;
      esac; echo "{\"id\":$id,\"accuracy\":0.5}"; done)",
                       2);
  options.folder = folder;
  auto pool = created(std::move(options));
  pool->submit(1, json::Object{{"type", "first"}});
  pool->submit(2, json::Object{{"type", "second"}});
  std::set<int64_t> tickets;
  for (int i = 0; i < 2; ++i)
    tickets.insert(std::get<PoolEvent>(pool->wait()).ticket);
  EXPECT_EQ(tickets, (std::set<int64_t>{1, 2}));
}

TEST_F(WorkerPoolTest, LargeMessagesPassBothWays) {
  // Far more than a pipe holds, while the worker does not read.
  auto pool = created(shell(
      std::string(kHello) +
      R"(sleep 0.2; read line; echo "{\"id\":0,\"accuracy\":0.5,\"source\":\"${#line}$(head -c 900000 /dev/zero | tr '\0' x)\"}"; cat)"));
  pool->submit(1, json::Object{{"text", std::string(1 << 20, 'y')}});
  EXPECT_GT(next<WorkerAnswer>(*pool, 1).source.size(), 900000u);
}

TEST_F(WorkerPoolTest, LinesMayEndAsInWindows) {
  auto pool = created(shell(R"(printf '{"catc":"evaluator/1"}\r\n\r\n'; read line; )"
                            R"(printf '{"id":0,"accuracy":1}\r\n'; cat)"));
  pool->submit(1, {});
  EXPECT_EQ(next<WorkerAnswer>(*pool, 1).accuracy, 1);
}

TEST_F(WorkerPoolTest, ConfiguresEachWorkerOnceAndTheFirstAlone) {
  auto options = shell(
      R"(echo '{"catc":"evaluator/1","name":"c","version":"3","configurable":true}'
      read line; echo "$line" >> seen; id=${line#*\"id\":}; id=${id%%[,\}]*}
      echo "{\"id\":$id,\"progress\":{\"message\":\"teacher\"}}"
      echo "{\"id\":$id,\"ready\":true,\"metric\":\"m\",\"test\":true}"; )" +
          std::string(kAnswer),
      2);
  options.folder = folder;
  options.configure = json::Object{{"type", "configure"}, {"seed", 7}};
  std::vector<std::string> said;
  options.report = [&](const WorkerProgress &progress) { said.push_back(progress.message); };
  auto pool = created(std::move(options));
  EXPECT_EQ(said, std::vector<std::string>{"teacher"});
  EXPECT_EQ(pool->description().metric, "m");
  EXPECT_EQ(pool->description().name, "c");
  EXPECT_EQ(pool->description().version, "3");
  EXPECT_TRUE(pool->description().test);
  std::string seen = textOf("seen");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 1);
  EXPECT_THAT(seen, HasSubstr("\"seed\":7"));
  pool->submit(1, {});
  pool->submit(2, {});
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(std::holds_alternative<PoolEvent>(pool->wait()));
  seen = textOf("seen");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 2);
}

TEST_F(WorkerPoolTest, ADeadWorkerFailsItsRequestAndIsReplaced) {
  auto options = shell(std::string(kHello) + R"(read line; echo $$ died >&2; exit 5)");
  options.logs = folder;
  auto pool = created(std::move(options));
  for (int64_t ticket : {1, 2, 3, 4}) {
    pool->submit(ticket, {});
    EXPECT_THAT(next<WorkerError>(*pool, ticket).message,
                testing::MatchesRegex("'sh' exited with status 5 without an answer; its standard "
                                      "error ends:\n[0-9]+ died"));
  }
  std::string log = textOf("0.log");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 4);
}

TEST_F(WorkerPoolTest, SaysWhichSignalEndedAWorker) {
  auto pool = created(shell(std::string(kHello) + "read line; kill -SEGV $$"));
  pool->submit(1, {});
  EXPECT_THAT(next<WorkerError>(*pool, 1).message,
              HasSubstr("was ended by signal 11 (Segmentation fault)"));
}

TEST_F(WorkerPoolTest, KeepsTheEndOfLongErrors) {
  auto pool = created(shell(std::string(kHello) +
                            "read line; i=0; while test $i -lt 2000; do echo line $i >&2; "
                            "i=$((i+1)); done; exit 1"));
  pool->submit(1, {});
  std::string message = next<WorkerError>(*pool, 1).message;
  EXPECT_LT(message.size(), 4300u);
  EXPECT_THAT(message, testing::EndsWith("line 1999"));
}

TEST_F(WorkerPoolTest, AHangingWorkerIsEndedWithWhatItStarted) {
  auto options = shell(std::string(kHello) + "read line; sleep 1000 & echo $! > child; wait");
  options.folder = folder;
  options.answerSeconds = 0.3;
  auto pool = created(std::move(options));
  pool->submit(1, {});
  EXPECT_EQ(next<WorkerError>(*pool, 1).message,
            "'sh' did not answer within 0.3 s (key 'timeout')");
  pid_t child = std::stoi(textOf("child"));
  // Killed at once; whoever inherits it takes a moment to reap it.
  bool alive = true;
  for (int i = 0; i < 1000 && alive; ++i) {
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    std::string stat((std::istreambuf_iterator<char>(status)), {});
    alive = !stat.empty() && stat.find(") Z") == std::string::npos;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(alive);
}

TEST_F(WorkerPoolTest, WrongIdsAndLinesBeforeARequestAreErrors) {
  auto pool =
      created(shell(std::string(kHello) + R"(read line; echo '{"id":99,"accuracy":1}'; cat)"));
  pool->submit(1, {});
  EXPECT_THAT(next<WorkerError>(*pool, 1).message,
              HasSubstr("answered message 99, which is not the one sent, 0"));
  // Two answers to one question: the second is nobody's, and its worker is replaced.
  pool = created(shell(
      std::string(kHello) +
      R"(read line; echo '{"id":0,"accuracy":1}'; echo '{"id":0,"accuracy":1}'; read line; exit 1)"));
  pool->submit(1, {});
  EXPECT_EQ(next<WorkerAnswer>(*pool, 1).accuracy, 1);
}

TEST_F(WorkerPoolTest, WorkersThatDoNotStartEndThePool) {
  EXPECT_EQ(refusal(shell("echo no module named torch >&2; exit 1")),
            "the evaluator exited with status 1 without an answer; its standard error ends:\n"
            "no module named torch");
  EXPECT_THAT(refusal(shell("echo Hello")), HasSubstr("no JSON: 'Hello'"));
  EXPECT_THAT(refusal(shell("exec 1>&-; sleep 0.1; exit 4")), HasSubstr("exited with status 4"));
  auto options = shell("sleep 1000");
  options.startSeconds = 0.1;
  EXPECT_EQ(refusal(std::move(options)), "the evaluator did not introduce itself within 0.1 s");
  options = shell("");
  options.command = {"/no/such/program"};
  EXPECT_EQ(refusal(std::move(options)),
            "cannot run '/no/such/program': No such file or directory");
  options = shell("");
  options.folder = "/no/such/folder";
  EXPECT_EQ(refusal(std::move(options)),
            "cannot work in '/no/such/folder': No such file or directory");
  options = shell("");
  options.logs = "/no/such/folder";
  EXPECT_THAT(refusal(std::move(options)), HasSubstr("cannot write '/no/such/folder/0.log'"));
}

TEST_F(WorkerPoolTest, AWorkerThatDiesBetweenRequestsIsReplaced) {
  auto options = shell(
      std::string(kHello) +
      R"(read line; id=${line#*\"id\":}; id=${id%%[,\}]*}; echo "{\"id\":$id,\"accuracy\":0.5}")");
  auto pool = created(std::move(options));
  pool->submit(1, {});
  EXPECT_EQ(next<WorkerAnswer>(*pool, 1).accuracy, 0.5);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  pool->submit(2, {});
  // Either it was seen to be gone before it was asked, or the question was lost with it.
  std::variant<PoolEvent, PoolError> event = pool->wait();
  EXPECT_TRUE(std::holds_alternative<PoolEvent>(event));
}

TEST_F(WorkerPoolTest, InterruptsEndTheWait) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto options = shell(std::string(kHello) + "while read line; do echo \"$line\" >> seen; done");
  options.folder = folder;
  options.interrupt = ends[0];
  auto pool = created(std::move(options));
  pool->submit(1, json::Object{{"type", "evaluate"}});
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    (void)!::write(ends[1], "", 1);
  });
  std::variant<PoolEvent, PoolError> event = pool->wait();
  user.join();
  ASSERT_EQ(event.index(), 1u);
  EXPECT_TRUE(std::get<PoolError>(event).interrupted);
  pool.reset();
  EXPECT_THAT(textOf("seen"), HasSubstr("\"cancel\""));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(WorkerPoolTest, WorkersHaveOneProcessorUnlessTheUserDecides) {
  ::setenv("OPENBLAS_NUM_THREADS", "5", 1);
  ::unsetenv("OMP_NUM_THREADS");
  auto pool = created(shell(
      std::string(kHello) +
      R"(read line; echo "{\"id\":0,\"accuracy\":1,\"source\":\"$OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $OMP_WAIT_POLICY $GOMP_SPINCOUNT\"}"; cat)"));
  pool->submit(1, {});
  EXPECT_EQ(next<WorkerAnswer>(*pool, 1).source, "1 5 passive 0");
  ::unsetenv("OPENBLAS_NUM_THREADS");
}
