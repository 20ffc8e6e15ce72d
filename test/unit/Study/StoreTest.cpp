//===- StoreTest.cpp - The trials of a study, on disk ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StoreFixture.h"
#include <cmath>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace cat::study;
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

using StoreTest = StoreFixture;

/// Runs SQL on a database file without the store.
static void runSql(const std::string &path, const std::string &sql) {
  sqlite3 *handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

/// Runs `body` in a child process and returns its exit status.
template <typename Body> static int inChild(Body body) {
  pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static Observation someObservation(double value) {
  return {"accuracy", 1, value, 0.011, 0.002, "measured", true};
}

//===----------------------------------------------------------------------===//
// Trials
//===----------------------------------------------------------------------===//

TEST_F(StoreTest, KeepsWhatWasCommitted) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    expectOk(store.beginTrial(0, 1071874));
    expectOk(store.observe(0, {"accuracy", 0.25, 0.4, 0.03, 0.01, "early", false}));
    expectOk(store.observe(0, {"accuracy", 0.25, 0.41, 0.03, 0.01, "early", false}));
    expectOk(
        store.finishTrial(0, {someObservation(0.1 + 0.2), {"recall", 1, 0.3, 0, 0, "", false}}));
    expectOk(store.beginTrial(1, INT64_MAX));
    expectOk(store.failTrial(1, "worker died: \xE9 'quoted'\nline two"));
  }
  Store store = opened(Store::openForResume(folder, someIdentity()));
  EXPECT_EQ(store.identity().seed, UINT64_MAX);
  EXPECT_EQ(store.identity().name, "low_carbon");
  ASSERT_EQ(store.identity().sources.size(), 2u);
  EXPECT_EQ(store.identity().sources[1].path, "catlib/carbon.cat");
  EXPECT_EQ(store.identity().sources[0].text, "one\ntwo\nthree\n");

  std::vector<Trial> trials = trialsOf(store);
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].index, 0);
  EXPECT_EQ(trials[0].model, 1071874);
  EXPECT_EQ(trials[0].state, TrialState::Done);
  EXPECT_EQ(trials[0].attempt, 1);
  EXPECT_THAT(trials[0].started, MatchesRegex("[0-9]{4}-..-..T..:..:..\\....Z"));
  EXPECT_GE(trials[0].finished, trials[0].started);
  ASSERT_EQ(trials[0].observations.size(), 3u);
  EXPECT_EQ(trials[0].observations[0].fidelity, 0.25);
  EXPECT_EQ(trials[0].observations[0].value, 0.41); // the later one replaced the earlier
  EXPECT_EQ(trials[0].observations[1].value, 0.1 + 0.2);
  EXPECT_EQ(trials[0].observations[1].sigma, 0.011);
  EXPECT_EQ(trials[0].observations[1].noise, 0.002);
  EXPECT_EQ(trials[0].observations[1].source, "measured");
  EXPECT_TRUE(trials[0].observations[1].extrapolated);
  EXPECT_EQ(trials[0].observations[2].metric, "recall");
  EXPECT_EQ(trials[1].model, INT64_MAX);
  EXPECT_EQ(trials[1].state, TrialState::Failed);
  EXPECT_EQ(trials[1].error, "worker died: \xE9 'quoted'\nline two");
}

TEST_F(StoreTest, KeepsCurvesUsageAndFigures) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    expectOk(store.beginTrial(0, 5));
    expectOk(store.addCurvePoint(0, {20, 0.4, 0.02}));
    expectOk(store.addCurvePoint(0, {10, 0.1, 0.03}));
    expectOk(store.addCurvePoint(0, {20, 0.5, 0.02}));
    expectOk(store.failTrial(0, "killed", {3, 30}));
    expectOk(store.setFigure("energy_j", "29"));
    expectOk(store.setFigure("energy_j", "30"));
  }
  Store store = opened(Store::openForResume(folder, someIdentity()));
  StoreResult<std::vector<CurvePoint>> curve = store.curve(0);
  ASSERT_TRUE(curve);
  ASSERT_EQ(curve->size(), 2u);
  EXPECT_EQ((*curve)[0].step, 10);
  EXPECT_EQ((*curve)[1].value, 0.5); // the later one replaced the earlier
  EXPECT_EQ((*curve)[1].noise, 0.02);
  StoreResult<std::string> figure = store.figure("energy_j"), none = store.figure("name");
  ASSERT_TRUE(figure && none);
  EXPECT_EQ(*figure, "30");
  EXPECT_EQ(*none, "") << "a figure has the name of a record";
  // Another attempt has a curve of its own, and adds to what the trial took.
  expectOk(store.beginTrial(0, 5));
  EXPECT_TRUE(store.curve(0)->empty());
  expectOk(store.finishTrial(0, {someObservation(0.5)}, {4, 40}));
  // A test split is measured once the search is over.
  expectOk(store.observe(0, {"accuracy.test", 1, 0.48, 0.01, 0.01, "measured", false}));
  std::vector<Trial> trials = trialsOf(store);
  ASSERT_EQ(trials.size(), 1u);
  EXPECT_EQ(trials[0].usage.seconds, 7);
  EXPECT_EQ(trials[0].usage.joules, 70);
  ASSERT_EQ(trials[0].observations.size(), 2u);
  EXPECT_EQ(trials[0].observations[1].metric, "accuracy.test");
}

TEST_F(StoreTest, DiscardedStudiesMayBeBegunAgain) {
  {
    opened(Store::create(folder, someIdentity()));
  }
  Store::discard(folder);
  EXPECT_EQ(failure(Store::openForReading(folder)).kind, StoreErrorKind::Missing);
  opened(Store::create(folder, someIdentity()));
}

TEST_F(StoreTest, RunningTrialsOfAClosedStoreBecomePending) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    expectOk(store.beginTrial(0, 5));
    expectOk(store.observe(0, someObservation(0.5)));
    expectOk(store.beginTrial(1, 6));
    expectOk(store.finishTrial(1, {someObservation(0.6)}));
  }
  Store store = opened(Store::openForResume(folder, someIdentity()));
  std::vector<Trial> trials = trialsOf(store);
  EXPECT_EQ(trials[0].state, TrialState::Pending);
  EXPECT_EQ(trials[0].attempt, 2);
  EXPECT_EQ(trials[1].state, TrialState::Done);
  EXPECT_EQ(trials[1].attempt, 1);
  expectOk(store.beginTrial(0, 5));
  trials = trialsOf(store);
  EXPECT_EQ(trials[0].state, TrialState::Running);
  EXPECT_EQ(trials[0].attempt, 2);
  EXPECT_TRUE(trials[0].observations.empty()); // of the attempt that was lost
}

TEST_F(StoreTest, FailedTrialsMayBeTriedAgain) {
  Store store = opened(Store::create(folder, someIdentity()));
  expectOk(store.beginTrial(3, 7));
  expectOk(store.failTrial(3, "out of memory"));
  expectOk(store.beginTrial(3, 7));
  Trial trial = trialsOf(store).at(0);
  EXPECT_EQ(trial.state, TrialState::Running);
  EXPECT_EQ(trial.attempt, 2);
  EXPECT_EQ(trial.error, "");
  EXPECT_EQ(trial.finished, "");
}

TEST_F(StoreTest, ServesSeveralThreads) {
  Store store = opened(Store::create(folder, someIdentity()));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 10; ++i) {
        int64_t index = t * 10 + i;
        expectOk(store.beginTrial(index, index));
        expectOk(store.finishTrial(index, {someObservation(0.01 * static_cast<double>(index))}));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  std::vector<Trial> trials = trialsOf(store);
  ASSERT_EQ(trials.size(), 40u);
  for (const Trial &trial : trials)
    EXPECT_EQ(trial.observations.at(0).value, 0.01 * static_cast<double>(trial.index));
}

TEST_F(StoreTest, MisuseIsAnInternalError) {
  Store store = opened(Store::create(folder, someIdentity()));
  expectOk(store.beginTrial(0, 1));
  EXPECT_EXIT((void)store.beginTrial(0, 1), testing::ExitedWithCode(70), "running or done");
  EXPECT_EXIT((void)store.finishTrial(0, {someObservation(std::nan(""))}),
              testing::ExitedWithCode(70), "not finite");
  EXPECT_EXIT((void)store.finishTrial(9, {}), testing::ExitedWithCode(70), "not running");
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

TEST_F(StoreTest, CreateRefusesAFolderInUse) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  StoreError error = failure(Store::create(folder, someIdentity()));
  EXPECT_EQ(error.kind, StoreErrorKind::Exists);
  EXPECT_EQ(error.message, "'" + folder + "' holds a study already");
  EXPECT_THAT(error.remedy, HasSubstr("--resume"));
}

TEST_F(StoreTest, CreateIgnoresLeftOversOfAKilledProcess) {
  fs::create_directories(folder);
  std::ofstream(folder + "/.study.sqlite.new") << "half a database";
  std::ofstream(folder + "/study.sqlite-wal") << "the log of a study that was removed";
  Store store = opened(Store::create(folder, someIdentity()));
  EXPECT_TRUE(trialsOf(store).empty());
  EXPECT_FALSE(fs::exists(folder + "/.study.sqlite.new"));
}

TEST_F(StoreTest, CreateNamesTheFolderItCannotMake) {
  std::ofstream(parent + "/file") << "";
  StoreError error = failure(Store::create(parent + "/file/run", someIdentity()));
  EXPECT_EQ(error.kind, StoreErrorKind::Access);
  EXPECT_THAT(error.message, HasSubstr("'" + parent + "/file/run': Not a directory"));
}

TEST_F(StoreTest, ResumeNeedsAStudy) {
  StoreError error = failure(Store::openForResume(folder, someIdentity()));
  EXPECT_EQ(error.kind, StoreErrorKind::Missing);
  EXPECT_EQ(error.message, "there is no study in '" + folder + "'");
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(StoreTest, ResumeSaysHowTheSpecDiffers) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  StudyIdentity other = someIdentity();
  other.hash = "beef";
  other.sources = {{"elsewhere/spec.cat", "one\ntwo\nTHREE\n"}, {"mine.cat", "grid\n"}};
  StoreError error = failure(Store::openForResume(folder, other));
  EXPECT_EQ(error.kind, StoreErrorKind::OtherSpec);
  EXPECT_EQ(error.message,
            "the study in '" + folder +
                "' belongs to another spec (identity 1f0c, and this spec's is beef): "
                "'elsewhere/spec.cat' differs from line 3 on; 'mine.cat' is new; "
                "'catlib/carbon.cat' is not imported any more");
}

TEST_F(StoreTest, ResumeIgnoresTextThatLeavesTheIdentity) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  StudyIdentity commented = someIdentity();
  commented.sources[0].text = "# a comment\n" + commented.sources[0].text;
  opened(Store::openForResume(folder, commented));
}

TEST_F(StoreTest, ResumeChecksVersionSeedAndStrategy) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  StudyIdentity other = someIdentity();
  other.version = "0.2.0";
  StoreError error = failure(Store::openForResume(folder, other));
  EXPECT_EQ(error.kind, StoreErrorKind::OtherVersion);
  EXPECT_THAT(error.message, HasSubstr("was begun by catc 0.1.0, and this is catc 0.2.0"));

  other = someIdentity();
  other.seed = 7;
  error = failure(Store::openForResume(folder, other));
  EXPECT_EQ(error.kind, StoreErrorKind::OtherOptions);
  EXPECT_THAT(error.message, HasSubstr("--seed 18446744073709551615, not 7"));

  other = someIdentity();
  other.strategy = "random";
  error = failure(Store::openForResume(folder, other));
  EXPECT_EQ(error.kind, StoreErrorKind::OtherOptions);
  EXPECT_THAT(error.remedy, StartsWith("resume with --strategy greybox"));
}

/// A study of another format, and one of this format whose tables are not ours (as when a developer
/// changes them and forgets the number), are neither read nor continued, nor touched.
TEST_F(StoreTest, StudiesOfAnotherFormatAreRefused) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
  }
  auto refused = [&] {
    std::string message;
    for (bool resume : {false, true}) {
      StoreError error = failure(resume ? Store::openForResume(folder, someIdentity())
                                        : Store::openForReading(folder));
      EXPECT_EQ(error.kind, StoreErrorKind::OtherVersion) << error.message;
      EXPECT_THAT(error.remedy, StartsWith("use the version of catc that wrote it"));
      EXPECT_TRUE(message.empty() || message == error.message) << error.message;
      message = error.message;
    }
    return message;
  };
  for (int version : {0, 1, 99}) {
    runSql(database, "PRAGMA user_version = " + std::to_string(version));
    EXPECT_EQ(refused(), "'" + database + "' has format " + std::to_string(version) +
                             ", but this version of catc reads format 2");
  }
  runSql(database, "PRAGMA user_version = 2");
  std::string whole = database + ".whole";
  fs::copy_file(database, whole);
  for (const char *change :
       {"ALTER TABLE trial ADD COLUMN host TEXT", "ALTER TABLE observation RENAME noise TO spread",
        "ALTER TABLE study RENAME TO studies", "DROP TABLE observation",
        "CREATE TABLE worker (name TEXT)", "CREATE INDEX by_model ON trial (model)"}) {
    fs::copy_file(whole, database, fs::copy_options::overwrite_existing);
    runSql(database, change);
    EXPECT_EQ(refused(), "'" + database +
                             "' has format 2, but its tables are not those of this "
                             "version of catc")
        << change;
  }
  fs::copy_file(whole, database, fs::copy_options::overwrite_existing);
  opened(Store::openForResume(folder, someIdentity()));
}

//===----------------------------------------------------------------------===//
// Locks and readers
//===----------------------------------------------------------------------===//

TEST_F(StoreTest, OneSearchWrites) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    for (const StoreError &error : {failure(Store::openForResume(folder, someIdentity())),
                                    failure(Store::create(folder, someIdentity()))}) {
      EXPECT_EQ(error.kind, StoreErrorKind::Locked);
      EXPECT_THAT(error.message, StartsWith("another search is writing in '" + folder +
                                            "' (process " + std::to_string(::getpid()) + " on "));
    }
  }
  opened(Store::openForResume(folder, someIdentity()));
}

TEST_F(StoreTest, AnotherProcessIsKeptOut) {
  Store store = opened(Store::create(folder, someIdentity()));
  EXPECT_EQ(inChild([&] {
              auto result = Store::openForResume(folder, someIdentity());
              return !result && result.error().kind == StoreErrorKind::Locked ? 0 : 1;
            }),
            0);
}

TEST_F(StoreTest, ReadersSeeARunningSearch) {
  Store writer = opened(Store::create(folder, someIdentity()));
  Store reader = opened(Store::openForReading(folder));
  EXPECT_TRUE(trialsOf(reader).empty());
  expectOk(writer.beginTrial(0, 1));
  EXPECT_EQ(trialsOf(reader).at(0).state, TrialState::Running);
  expectOk(writer.finishTrial(0, {someObservation(0.5)}));
  EXPECT_EQ(trialsOf(reader).at(0).observations.at(0).value, 0.5);
  EXPECT_EXIT((void)reader.beginTrial(1, 1), testing::ExitedWithCode(70), "opened for reading");
}

TEST_F(StoreTest, ReadsAFolderThatMayNotBeWritten) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    expectOk(store.beginTrial(0, 42));
  }
  fs::permissions(parent, fs::perms(0755));
  fs::permissions(folder, fs::perms(0555));
  constexpr int kCannot = 77;
  int status = inChild([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0)
      return kCannot;
    auto resumed = Store::openForResume(folder, someIdentity());
    if (resumed)
      return 1;
    auto store = Store::openForReading(folder);
    if (!store)
      return 2;
    auto trials = store->trials();
    return trials && trials->size() == 1 && trials->at(0).model == 42 ? 0 : 3;
  });
  fs::permissions(folder, fs::perms::owner_all);
  if (status == kCannot)
    GTEST_SKIP() << "cannot give up the superuser's rights here";
  EXPECT_EQ(status, 0);
}

//===----------------------------------------------------------------------===//
// Damage and full disks
//===----------------------------------------------------------------------===//

/// Content that SQLite finds no fault with.
TEST_F(StoreTest, RecordsThatCannotBeRightAreReported) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    expectOk(store.beginTrial(0, 1));
    expectOk(store.finishTrial(0, {someObservation(0.5)}));
  }
  std::string whole = database + ".whole";
  fs::copy_file(database, whole);
  auto damagedBy = [&](const char *change) {
    fs::copy_file(whole, database, fs::copy_options::overwrite_existing);
    runSql(database, change);
    StoreResult<Store> store = Store::openForResume(folder, someIdentity());
    std::optional<StoreError> error;
    if (!store)
      error = store.error();
    else if (StoreResult<std::vector<Trial>> trials = store->trials(); !trials)
      error = trials.error();
    EXPECT_TRUE(error) << change;
    EXPECT_TRUE(!error || error->kind == StoreErrorKind::Damaged) << error->message;
    return error ? error->message : "";
  };
  std::string start = "the study '" + database + "' is damaged: ";
  EXPECT_EQ(damagedBy("DELETE FROM study WHERE key = 'seed'"), start + "it does not say its seed");
  EXPECT_EQ(damagedBy("UPDATE study SET value = '1x' WHERE key = 'seed'"),
            start + "its seed is '1x'");
  EXPECT_EQ(damagedBy("DELETE FROM study WHERE key LIKE 'source.%'"),
            start + "its spec is missing");
  EXPECT_EQ(damagedBy("DELETE FROM trial"),
            start + "it has an observation of trial 0, which is missing");
}

TEST_F(StoreTest, ForeignFilesAreRefused) {
  fs::create_directories(folder);
  runSql(database, "CREATE TABLE t (x)");
  StoreError error = failure(Store::openForResume(folder, someIdentity()));
  EXPECT_EQ(error.kind, StoreErrorKind::Foreign);
  EXPECT_EQ(error.message, "'" + database + "' is not a study of catc");

  fs::resize_file(database, 0);
  EXPECT_EQ(failure(Store::openForResume(folder, someIdentity())).kind, StoreErrorKind::Foreign);

  std::ofstream(database) << std::string(10000, 'x');
  error = failure(Store::openForReading(folder));
  EXPECT_EQ(error.kind, StoreErrorKind::Damaged);
  EXPECT_EQ(error.message, "the study '" + database + "' is damaged: file is not a database");
}

TEST_F(StoreTest, DamageIsFoundWhereverItIs) {
  {
    Store store = opened(Store::create(folder, someIdentity()));
    for (int i = 0; i < 200; ++i) {
      expectOk(store.beginTrial(i, i));
      expectOk(store.finishTrial(i, {someObservation(0.5)}));
    }
  }
  constexpr std::streamoff kPage = 4096;
  auto size = static_cast<std::streamoff>(fs::file_size(database));
  ASSERT_GE(size, 4 * kPage);
  fs::copy_file(database, parent + "/whole");
  for (std::streamoff page = 0; page < size; page += kPage) {
    fs::copy_file(parent + "/whole", database, fs::copy_options::overwrite_existing);
    std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(page);
    file << std::string(kPage, '\x5a');
    file.close();
    StoreError error = failure(Store::openForResume(folder, someIdentity()));
    EXPECT_EQ(error.kind, StoreErrorKind::Damaged) << page << ": " << error.message;
    EXPECT_THAT(error.message, StartsWith("the study '" + database + "' is damaged: "));
  }
  fs::copy_file(parent + "/whole", database, fs::copy_options::overwrite_existing);
  fs::resize_file(database, static_cast<uintmax_t>(size / kPage / 2 * kPage));
  EXPECT_EQ(failure(Store::openForResume(folder, someIdentity())).kind, StoreErrorKind::Damaged);
}

/// Begins trials with long errors until the disk is full; true if that ended as it should, with
/// everything before kept.
static bool fillsUpCleanly(const std::string &folder) {
  int64_t failed = -1;
  {
    StoreResult<Store> store = Store::create(folder, someIdentity());
    if (!store)
      return false;
    for (int64_t i = 0; i < 2000 && failed < 0; ++i) {
      std::optional<StoreError> error = store->beginTrial(i, i);
      if (!error)
        error = store->failTrial(i, std::string(3000, 'e'));
      if (!error)
        continue;
      failed = i;
      if (error->kind != StoreErrorKind::DiskFull ||
          error->message.find("'" + folder + "/study.sqlite'") == std::string::npos)
        return false;
    }
  }
  StoreResult<Store> store = Store::openForReading(folder);
  if (!store || failed < 1)
    return false;
  StoreResult<std::vector<Trial>> trials = store->trials();
  return trials && static_cast<int64_t>(trials->size()) >= failed &&
         trials->at(static_cast<size_t>(failed) - 1).error.size() == 3000;
}

TEST_F(StoreTest, AFullDiskLosesNothing) {
  constexpr int kCannot = 77;
  int status = inChild([&] {
    std::string disk = parent + "/disk";
    ::mkdir(disk.c_str(), 0777);
    // A name space of our own, so that the small disk is gone with this process.
    int flags = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(flags) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=512k") != 0)
      return kCannot;
    return fillsUpCleanly(disk + "/run") ? 0 : 1;
  });
  if (status == kCannot)
    GTEST_SKIP() << "cannot mount a small file system here";
  EXPECT_EQ(status, 0);
}

TEST_F(StoreTest, AFileSizeLimitLosesNothing) {
  EXPECT_EQ(inChild([&] {
              ::signal(SIGXFSZ, SIG_IGN);
              rlimit limit{300000, 300000};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              return fillsUpCleanly(folder) ? 0 : 1;
            }),
            0);
}
