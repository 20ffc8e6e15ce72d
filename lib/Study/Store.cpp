//===- Store.cpp - The trials of a study, on disk -------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Store.h"
#include "Study/FolderLock.h"
#include "Study/Sqlite.h"
#include "Study/StudyRecord.h"
#include "Support/Check.h"
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <unistd.h>

using namespace cat::study;
namespace fs = std::filesystem;

namespace {

// SQL's name for the current time, as Trial::started has it.
#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

std::string databasePath(const std::string &folder) { return folder + "/study.sqlite"; }

TrialState trialState(const std::string &name) {
  if (name == "pending")
    return TrialState::Pending;
  if (name == "running")
    return TrialState::Running;
  return name == "done" ? TrialState::Done : TrialState::Failed;
}

/// Settings that a connection has, not the file.
std::optional<StoreError> configure(Database &database) {
  for (const char *pragma : {"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"})
    if (std::optional<StoreError> error = database.run(pragma))
      return error;
  return std::nullopt;
}

std::optional<StoreError> insertObservation(Database &database, int64_t trial,
                                            const Observation &observation) {
  CATC_CHECK(std::isfinite(observation.value) && std::isfinite(observation.sigma) &&
                 std::isfinite(observation.noise) && std::isfinite(observation.fidelity),
             "an observation is not finite");
  StoreResult<Statement> statement =
      database.prepare("INSERT OR REPLACE INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  if (!statement)
    return statement.error();
  return statement->bind(trial)
      .bind(observation.metric)
      .bind(observation.fidelity)
      .bind(observation.value)
      .bind(observation.sigma)
      .bind(observation.noise)
      .bind(observation.source)
      .bind(static_cast<int64_t>(observation.extrapolated))
      .run();
}

/// Writes a whole new database into `path`, which does not exist, and closes it.
std::optional<StoreError> writeNewDatabase(const std::string &path, const StudyIdentity &identity) {
  StoreResult<std::unique_ptr<Database>> opened = Database::open(path, OpenMode::Create);
  if (!opened)
    return opened.error();
  Database &database = **opened;
  // The journal mode is a property of the file, and cannot change within a transaction.
  if (auto error = database.run("PRAGMA journal_mode = WAL"))
    return error;
  if (auto error = configure(database))
    return error;
  StoreResult<Transaction> transaction = Transaction::begin(database);
  if (!transaction)
    return transaction.error();
  if (auto error = createTables(database))
    return error;
  if (auto error = writeStudyRecord(database, identity))
    return error;
  if (auto error = transaction->commit())
    return error;
  return database.close();
}

/// Removes a database file and what SQLite keeps beside it.
void removeDatabase(const std::string &path) {
  for (const char *suffix : {"", "-wal", "-shm", "-journal"})
    ::unlink((path + suffix).c_str());
}

void syncFolder(const std::string &folder) {
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  ::fsync(fd);
  ::close(fd);
}

} // namespace

class Store::Impl {
public:
  std::optional<FolderLock> lock; ///< absent when opened for reading
  std::unique_ptr<Database> database;
  StudyIdentity identity;
  std::mutex mutex;

  void checkWritable() const { CATC_CHECK(lock, "a study opened for reading is written to"); }
  std::optional<StoreError> insertOrRestart(int64_t index, int64_t model);
  std::optional<StoreError> endTrial(int64_t index, const char *state, const std::string &error,
                                     const TrialUsage &usage);
  std::optional<StoreError> requeueOrphans();
  std::optional<StoreError> readObservations(std::vector<Trial> &trials);
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store &&) noexcept = default;
Store &Store::operator=(Store &&) noexcept = default;
Store::~Store() = default;

const StudyIdentity &Store::identity() const { return impl_->identity; }

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

StoreResult<Store> Store::create(const std::string &folder, const StudyIdentity &identity) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return StoreError{error == std::errc::no_space_on_device ? StoreErrorKind::DiskFull
                                                             : StoreErrorKind::Access,
                      "cannot make the run folder '" + folder + "': " + error.message(),
                      "choose another folder with --out"};
  StoreResult<FolderLock> lock = FolderLock::acquire(folder);
  if (!lock)
    return lock.error();
  std::string path = databasePath(folder);
  if (fs::exists(path, error))
    return StoreError{StoreErrorKind::Exists, "'" + folder + "' holds a study already",
                      "continue it with --resume, or choose another folder with --out"};

  // Built under another name, so that a study is there whole or not at all. A left-over of a killed
  // process goes.
  std::string building = folder + "/.study.sqlite.new";
  removeDatabase(building);
  if (std::optional<StoreError> failure = writeNewDatabase(building, identity)) {
    removeDatabase(building);
    if (failure->kind == StoreErrorKind::DiskFull)
      failure->remedy = "free some space and start again";
    return *failure;
  }
  // A log of a study that somebody removed must not be replayed into this one.
  removeDatabase(path);
  fs::rename(building, path, error);
  if (error)
    return StoreError{StoreErrorKind::Access, "cannot write '" + path + "': " + error.message(),
                      "check that you may write in the run folder"};
  syncFolder(folder);

  StoreResult<std::unique_ptr<Database>> database = Database::open(path, OpenMode::Write);
  if (!database)
    return database.error();
  if (std::optional<StoreError> failure = configure(**database))
    return *failure;
  auto impl = std::make_unique<Impl>();
  impl->lock.emplace(std::move(*lock));
  impl->database = std::move(*database);
  impl->identity = identity;
  return Store(std::move(impl));
}

StoreResult<Store> Store::open(const std::string &folder, const StudyIdentity *expected) {
  std::string path = databasePath(folder);
  std::error_code error;
  if (!fs::exists(path, error))
    return StoreError{StoreErrorKind::Missing, "there is no study in '" + folder + "'",
                      expected ? "start one without --resume, or name its folder with --out"
                               : "name the run folder of a search"};
  auto impl = std::make_unique<Impl>();
  if (expected) {
    StoreResult<FolderLock> lock = FolderLock::acquire(folder);
    if (!lock)
      return lock.error();
    impl->lock.emplace(std::move(*lock));
  }
  StoreResult<std::unique_ptr<Database>> database =
      Database::open(path, expected ? OpenMode::Write : OpenMode::Read);
  if (!database)
    return database.error();
  impl->database = std::move(*database);
  if (std::optional<StoreError> failure = checkFormat(*impl->database, path))
    return *failure;
  StoreResult<StudyIdentity> stored = readStudyRecord(*impl->database);
  if (!stored)
    return stored.error();
  impl->identity = std::move(*stored);
  if (expected) {
    if (std::optional<StoreError> failure = compareStudies(folder, impl->identity, *expected))
      return *failure;
    if (std::optional<StoreError> failure = configure(*impl->database))
      return *failure;
    if (std::optional<StoreError> failure = impl->requeueOrphans())
      return *failure;
  }
  return Store(std::move(impl));
}

StoreResult<Store> Store::openForResume(const std::string &folder, const StudyIdentity &identity) {
  return open(folder, &identity);
}

void Store::discard(const std::string &folder) { removeDatabase(databasePath(folder)); }

StoreResult<Store> Store::openForReading(const std::string &folder) {
  return open(folder, nullptr);
}

std::optional<StoreError> Store::Impl::requeueOrphans() {
  return database->run(
      "UPDATE trial SET state = 'pending', attempt = attempt + 1 WHERE state = 'running'");
}

//===----------------------------------------------------------------------===//
// Trials
//===----------------------------------------------------------------------===//

std::optional<StoreError> Store::Impl::insertOrRestart(int64_t index, int64_t model) {
  StoreResult<Statement> find =
      database->prepare("SELECT model, state FROM trial WHERE \"index\" = ?");
  if (!find)
    return find.error();
  StoreResult<bool> exists = find->bind(index).step();
  if (!exists)
    return exists.error();
  if (!*exists) {
    StoreResult<Statement> insert =
        database->prepare("INSERT INTO trial (\"index\", model, state, attempt, started) VALUES "
                          "(?, ?, 'running', 1, " NOW ")");
    return insert ? insert->bind(index).bind(model).run() : std::optional(insert.error());
  }

  TrialState state = trialState(find->text(1));
  CATC_CHECK(find->integer(0) == model, "a trial begins again with another model");
  CATC_CHECK(state == TrialState::Pending || state == TrialState::Failed,
             "a trial begins that is running or done");
  for (const char *sql :
       {"DELETE FROM observation WHERE trial = ?", "DELETE FROM curve WHERE trial = ?"}) {
    StoreResult<Statement> forget = database->prepare(sql);
    if (!forget)
      return forget.error();
    if (auto error = forget->bind(index).run())
      return error;
  }
  StoreResult<Statement> restart = database->prepare(
      "UPDATE trial SET attempt = attempt + (state = 'failed'), state = 'running', started = " NOW
      ", finished = '', error = '' WHERE \"index\" = ?");
  return restart ? restart->bind(index).run() : std::optional(restart.error());
}

std::optional<StoreError> Store::Impl::endTrial(int64_t index, const char *state,
                                                const std::string &error, const TrialUsage &usage) {
  CATC_CHECK(std::isfinite(usage.seconds) && std::isfinite(usage.joules),
             "what a trial took is not finite");
  StoreResult<Statement> update = database->prepare(
      "UPDATE trial SET state = ?, finished = " NOW ", error = ?, seconds = seconds + ?, "
      "energy_j = energy_j + ? WHERE \"index\" = ? AND state = 'running'");
  if (!update)
    return update.error();
  if (auto failure = update->bind(std::string_view(state))
                         .bind(std::string_view(error))
                         .bind(usage.seconds)
                         .bind(usage.joules)
                         .bind(index)
                         .run())
    return failure;
  CATC_CHECK(database->changedRows() == 1, "a trial ends that is not running");
  return std::nullopt;
}

std::optional<StoreError> Store::beginTrial(int64_t index, int64_t model) {
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Transaction> transaction = Transaction::begin(*impl_->database);
  if (!transaction)
    return transaction.error();
  if (auto error = impl_->insertOrRestart(index, model))
    return error;
  return transaction->commit();
}

std::optional<StoreError> Store::observe(int64_t index, const Observation &observation) {
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  return insertObservation(*impl_->database, index, observation);
}

std::optional<StoreError> Store::addCurvePoint(int64_t index, const CurvePoint &point) {
  CATC_CHECK(std::isfinite(point.value) && std::isfinite(point.noise),
             "a point of a learning curve is not finite");
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Statement> insert =
      impl_->database->prepare("INSERT OR REPLACE INTO curve VALUES (?, ?, ?, ?)");
  if (!insert)
    return insert.error();
  return insert->bind(index).bind(point.step).bind(point.value).bind(point.noise).run();
}

std::optional<StoreError> Store::finishTrial(int64_t index,
                                             const std::vector<Observation> &observations,
                                             const TrialUsage &usage) {
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Transaction> transaction = Transaction::begin(*impl_->database);
  if (!transaction)
    return transaction.error();
  if (auto error = impl_->endTrial(index, "done", "", usage))
    return error;
  for (const Observation &observation : observations)
    if (auto error = insertObservation(*impl_->database, index, observation))
      return error;
  return transaction->commit();
}

std::optional<StoreError> Store::failTrial(int64_t index, const std::string &error,
                                           const TrialUsage &usage) {
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  return impl_->endTrial(index, "failed", error, usage);
}

std::optional<StoreError> Store::Impl::readObservations(std::vector<Trial> &trials) {
  StoreResult<Statement> select =
      database->prepare("SELECT * FROM observation ORDER BY trial, metric, fidelity");
  if (!select)
    return select.error();
  // Both lists ascend by trial.
  size_t next = 0;
  while (true) {
    StoreResult<bool> row = select->step();
    if (!row)
      return row.error();
    if (!*row)
      return std::nullopt;
    while (next < trials.size() && trials[next].index < select->integer(0))
      ++next;
    if (next >= trials.size() || trials[next].index != select->integer(0))
      return database->damaged("it has an observation of trial " +
                               std::to_string(select->integer(0)) + ", which is missing");
    Observation &observation = trials[next].observations.emplace_back();
    observation.metric = select->text(1);
    observation.fidelity = select->real(2);
    observation.value = select->real(3);
    observation.sigma = select->real(4);
    observation.noise = select->real(5);
    observation.source = select->text(6);
    observation.extrapolated = select->integer(7) != 0;
  }
}

StoreResult<std::vector<Trial>> Store::trials() {
  std::lock_guard<std::mutex> guard(impl_->mutex);
  // One transaction, so that a reader beside a running search sees trials and observations of the
  // same moment.
  if (auto error = impl_->database->run("BEGIN"))
    return *error;
  std::vector<Trial> trials;
  auto readTrials = [&]() -> std::optional<StoreError> {
    StoreResult<Statement> select = impl_->database->prepare(
        "SELECT \"index\", model, state, attempt, started, finished, error, "
        "seconds, energy_j FROM trial ORDER BY 1");
    if (!select)
      return select.error();
    while (true) {
      StoreResult<bool> row = select->step();
      if (!row)
        return row.error();
      if (!*row)
        return impl_->readObservations(trials);
      Trial &trial = trials.emplace_back();
      trial.index = select->integer(0);
      trial.model = select->integer(1);
      trial.state = trialState(select->text(2));
      trial.attempt = static_cast<int>(select->integer(3));
      trial.started = select->text(4);
      trial.finished = select->text(5);
      trial.error = select->text(6);
      trial.usage = {select->real(7), select->real(8)};
    }
  };
  std::optional<StoreError> failure = readTrials();
  std::optional<StoreError> ended = impl_->database->run("ROLLBACK");
  if (failure || ended)
    return failure ? *failure : *ended;
  return trials;
}

StoreResult<std::vector<CurvePoint>> Store::curve(int64_t index) {
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Statement> select = impl_->database->prepare(
      "SELECT step, value, noise FROM curve WHERE trial = ? ORDER BY step");
  if (!select)
    return select.error();
  select->bind(index);
  std::vector<CurvePoint> points;
  while (true) {
    StoreResult<bool> row = select->step();
    if (!row)
      return row.error();
    if (!*row)
      return points;
    points.push_back({select->integer(0), select->real(1), select->real(2)});
  }
}

std::optional<StoreError> Store::setFigure(const std::string &name, const std::string &text) {
  impl_->checkWritable();
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Statement> insert =
      impl_->database->prepare("INSERT OR REPLACE INTO study VALUES (?, ?)");
  return insert ? insert->bind("figure." + name).bind(text).run() : std::optional(insert.error());
}

StoreResult<std::string> Store::figure(const std::string &name) {
  std::lock_guard<std::mutex> guard(impl_->mutex);
  StoreResult<Statement> select = impl_->database->prepare("SELECT value FROM study WHERE key = ?");
  if (!select)
    return select.error();
  StoreResult<bool> row = select->bind("figure." + name).step();
  if (!row)
    return row.error();
  return *row ? select->text(0) : std::string();
}
