//===- Sqlite.cpp - SQLite with owned handles and our errors --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Sqlite.h"
#include "Support/Check.h"
#include <cctype>
#include <cerrno>
#include <cstring>
#include <sqlite3.h>
#include <sys/stat.h>
#include <tuple>

using namespace cat::study;

/// How long a commit waits for another program that looks into the database.
static constexpr int kBusyTimeoutMilliseconds = 10000;

//===----------------------------------------------------------------------===//
// Statement
//===----------------------------------------------------------------------===//

Statement::Statement(Statement &&other) noexcept
    : database_(other.database_), statement_(other.statement_), bound_(other.bound_) {
  other.statement_ = nullptr;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

/// Binding fails only where the index is wrong or memory is short.
static void checkBound(int code) {
  CATC_CHECK(code == SQLITE_OK, "cannot bind a value to an SQL statement");
}

Statement &Statement::bind(int64_t value) {
  checkBound(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Statement &Statement::bind(double value) {
  checkBound(sqlite3_bind_double(statement_, ++bound_, value));
  return *this;
}

Statement &Statement::bind(std::string_view text) {
  // An empty view may have a null pointer, which would bind NULL.
  const char *data = text.empty() ? "" : text.data();
  checkBound(
      sqlite3_bind_text64(statement_, ++bound_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

StoreResult<bool> Statement::step() {
  errno = 0;
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  return database_->error(code);
}

std::optional<StoreError> Statement::run() {
  while (true) {
    StoreResult<bool> row = step();
    if (!row)
      return row.error();
    if (!*row)
      return std::nullopt;
  }
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::text(int column) const {
  auto *data = reinterpret_cast<const char *>(sqlite3_column_text(statement_, column));
  return data ? std::string(data, static_cast<size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string();
}

//===----------------------------------------------------------------------===//
// Database
//===----------------------------------------------------------------------===//

/// SQLite's form of a path as a URI, with everything but plain characters escaped.
static std::string immutableUri(const std::string &path) {
  static const char *const kHex = "0123456789abcdef";
  std::string uri = "file:";
  for (char c : path) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::strchr("/._-", c))
      uri += c;
    else
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return uri + "?immutable=1";
}

/// The database file of a clean close in a folder that we may not write: SQLite cannot make its
/// shared-memory file there, so it has to be told that the file does not change.
static bool mustOpenImmutable(const std::string &path) {
  struct stat status;
  return ::stat((path + "-wal").c_str(), &status) != 0 && errno == ENOENT;
}

StoreResult<std::unique_ptr<Database>> Database::open(const std::string &path, OpenMode mode) {
  int flags = SQLITE_OPEN_FULLMUTEX;
  flags |= mode == OpenMode::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  flags |= mode == OpenMode::Create ? SQLITE_OPEN_CREATE : 0;

  auto openFile = [&](const std::string &name, int extra) {
    sqlite3 *handle = nullptr;
    errno = 0;
    int code = sqlite3_open_v2(name.c_str(), &handle, flags | extra, nullptr);
    CATC_CHECK(handle, "out of memory while opening a database");
    std::unique_ptr<Database> database(new Database(path, handle));
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, kBusyTimeoutMilliseconds);
    return std::make_pair(std::move(database), code);
  };

  auto [database, code] = openFile(path, 0);
  // Opening is lazy; the first look at the schema is what fails.
  if (code == SQLITE_OK && mode == OpenMode::Read) {
    code = sqlite3_exec(database->handle_, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr,
                        nullptr);
    bool cannotShare = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (cannotShare && mustOpenImmutable(path))
      std::tie(database, code) = openFile(immutableUri(path), SQLITE_OPEN_URI);
  }
  if (code != SQLITE_OK)
    return database->error(code);
  return std::move(database);
}

Database::~Database() { sqlite3_close_v2(handle_); }

std::optional<StoreError> Database::close() {
  errno = 0;
  int code = sqlite3_close(handle_);
  if (code != SQLITE_OK)
    return error(code);
  handle_ = nullptr;
  return std::nullopt;
}

StoreResult<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt *statement = nullptr;
  int code =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK)
    return error(code);
  return Statement(*this, statement);
}

std::optional<StoreError> Database::run(std::string_view sql) {
  StoreResult<Statement> statement = prepare(sql);
  return statement ? statement->run() : std::optional(statement.error());
}

StoreResult<int64_t> Database::queryInteger(std::string_view sql) {
  StoreResult<Statement> statement = prepare(sql);
  if (!statement)
    return statement.error();
  StoreResult<bool> row = statement->step();
  if (!row)
    return row.error();
  return statement->integer(0);
}

StoreResult<std::string> Database::queryText(std::string_view sql) {
  StoreResult<Statement> statement = prepare(sql);
  if (!statement)
    return statement.error();
  StoreResult<bool> row = statement->step();
  if (!row)
    return row.error();
  return statement->text(0);
}

int64_t Database::changedRows() const { return sqlite3_changes(handle_); }

StoreError Database::error(int code) const {
  // SQLite notes the system's error for files that it cannot open, but not for failed writes; errno
  // still has these.
  int systemError = errno;
  if (int noted = sqlite3_system_errno(handle_))
    systemError = noted;
  std::string what = sqlite3_errmsg(handle_);
  std::string place = "'" + path_ + "'";
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return {StoreErrorKind::Locked, "the study " + place + " is locked by another program",
            "close the program that has it open and try again"};
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return damaged(what);
  case SQLITE_FULL:
    return {StoreErrorKind::DiskFull, "cannot write " + place + ": the disk is full",
            "free some space and continue with --resume"};
  case SQLITE_IOERR:
    if (systemError == ENOSPC || systemError == EDQUOT || systemError == EFBIG)
      return {StoreErrorKind::DiskFull, "cannot write " + place + ": " + std::strerror(systemError),
              "free some space and continue with --resume"};
    [[fallthrough]];
  case SQLITE_CANTOPEN:
    if (systemError != 0)
      what += std::string(" (") + std::strerror(systemError) + ")";
    [[fallthrough]];
  default:
    return {StoreErrorKind::Access, "cannot use " + place + ": " + what,
            "check that the run folder exists and that you may write in it"};
  }
}

StoreError Database::damaged(const std::string &what) const {
  return {StoreErrorKind::Damaged, "the study '" + path_ + "' is damaged: " + what,
          "restore the run folder from a copy, or start again in another one with --out"};
}

//===----------------------------------------------------------------------===//
// Transaction
//===----------------------------------------------------------------------===//

StoreResult<Transaction> Transaction::begin(Database &database) {
  // IMMEDIATE takes the write lock now, so that the busy timeout applies here and not half-way.
  if (std::optional<StoreError> error = database.run("BEGIN IMMEDIATE"))
    return *error;
  return Transaction(database);
}

Transaction::~Transaction() {
  // Some failures (a full disk) have rolled back already, and then this one fails harmlessly.
  if (database_)
    (void)database_->run("ROLLBACK");
}

std::optional<StoreError> Transaction::commit() {
  if (std::optional<StoreError> error = database_->run("COMMIT"))
    return error;
  database_ = nullptr;
  return std::nullopt;
}
