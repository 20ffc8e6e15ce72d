//===- StoreKillTest.cpp - The store survives kill -9 ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StoreFixture.h"
#include <csignal>
#include <cstring>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace cat::study;

using StoreKillTest = StoreFixture;

namespace {

/// What the writer reports over a pipe once a commit has returned.
struct Acknowledgement {
  int64_t index;
  int32_t finished; ///< 0: begun, 1: finished
};

double valueOf(int64_t index) { return 1.0 / static_cast<double>(index + 3); }

/// Opens the study and evaluates trials without end, telling `pipe` of each commit.
[[noreturn]] void writeForever(const std::string &folder, int pipe) {
  StoreResult<Store> store = Store::openForResume(folder, someIdentity());
  if (!store)
    ::_exit(1);
  StoreResult<std::vector<Trial>> trials = store->trials();
  if (!trials)
    ::_exit(2);
  auto report = [&](int64_t index, int32_t finished) {
    Acknowledgement done{index, finished};
    if (::write(pipe, &done, sizeof done) != sizeof done)
      ::_exit(3);
  };
  auto evaluate = [&](int64_t index) {
    if (store->beginTrial(index, index * 7))
      ::_exit(4);
    report(index, 0);
    if (store->finishTrial(index, {{"accuracy", 1, valueOf(index), 0.01, 0, "test", false}}))
      ::_exit(5);
    report(index, 1);
  };
  int64_t next = 0;
  for (const Trial &trial : *trials) {
    next = trial.index + 1;
    if (trial.state == TrialState::Pending)
      evaluate(trial.index);
  }
  while (true)
    evaluate(next++);
}

} // namespace

TEST_F(StoreKillTest, LosesAtMostTheEvaluationInFlight) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  std::mt19937 random(5);
  size_t finishedBefore = 0;
  int orphans = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      writeForever(folder, ends[1]);
    }
    ::close(ends[1]);

    // Kill it at some moment after it has told of a few commits.
    std::vector<Acknowledgement> told;
    Acknowledgement one;
    size_t count = 1 + random() % 9;
    while (told.size() < count && ::read(ends[0], &one, sizeof one) == sizeof one)
      told.push_back(one);
    ::usleep(random() % 3000);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &one, sizeof one) == sizeof one)
      told.push_back(one);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer gave up with " << WEXITSTATUS(status);
    ASSERT_GE(told.size(), count);

    // Every commit that was told of is there, and at most one trial is in flight.
    Store store = opened(Store::openForReading(folder));
    std::vector<Trial> trials = trialsOf(store);
    size_t finished = 0, running = 0;
    for (size_t i = 0; i < trials.size(); ++i) {
      const Trial &trial = trials[i];
      EXPECT_EQ(trial.index, static_cast<int64_t>(i));
      EXPECT_EQ(trial.model, trial.index * 7);
      finished += trial.state == TrialState::Done;
      running += trial.state == TrialState::Running;
      ASSERT_EQ(trial.observations.size(), trial.state == TrialState::Done ? 1u : 0u);
      if (trial.state == TrialState::Done) {
        EXPECT_EQ(trial.observations[0].value, valueOf(trial.index));
      }
    }
    EXPECT_LE(running, 1u);
    EXPECT_EQ(finished + running, trials.size());
    for (const Acknowledgement &ack : told) {
      ASSERT_LT(ack.index, static_cast<int64_t>(trials.size()));
      if (ack.finished) {
        EXPECT_EQ(trials[static_cast<size_t>(ack.index)].state, TrialState::Done);
      }
    }
    EXPECT_GE(finished, finishedBefore);
    finishedBefore = finished;
    orphans += static_cast<int>(running);
  }
  EXPECT_GT(orphans, 0) << "no round was killed within an evaluation";

  // Opened again, what was in flight is pending with its attempt counted up.
  Store store = opened(Store::openForResume(folder, someIdentity()));
  for (const Trial &trial : trialsOf(store))
    EXPECT_NE(trial.state, TrialState::Running);
}

TEST_F(StoreKillTest, WorkersOfAKilledSearchDoNotKeepTheLock) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t search = ::fork();
  if (search == 0) {
    StoreResult<Store> store = Store::create(folder, someIdentity());
    pid_t worker = ::fork();
    if (worker == 0) {
      ::execlp("sleep", "sleep", "60", nullptr);
      ::_exit(127);
    }
    ::usleep(200000); // until the worker runs its own program
    (void)!::write(ends[1], &worker, sizeof worker);
    ::pause();
  }
  pid_t worker = 0;
  ASSERT_EQ(::read(ends[0], &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
  ASSERT_EQ(::kill(worker, 0), 0) << "the worker is not running";
  ::kill(search, SIGKILL);
  ::waitpid(search, nullptr, 0);
  opened(Store::openForResume(folder, someIdentity()));
  ::kill(worker, SIGKILL);
  ::close(ends[0]);
  ::close(ends[1]);
}
