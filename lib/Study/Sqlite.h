//===- Sqlite.h - SQLite with owned handles and our errors ------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of SQLite's interface that the store needs: every failure becomes a StoreError that
// names the file. Private to lib/Study.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_SQLITE_H
#define CATC_STUDY_SQLITE_H

#include "Study/Store.h"
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace cat::study {

class Database;

/// A prepared statement that runs once. Parameters are bound in order; columns are read in order
/// from 0.
class Statement {
public:
  Statement(Statement &&other) noexcept;
  Statement(const Statement &) = delete;
  ~Statement();

  Statement &bind(int64_t value);
  Statement &bind(double value);
  Statement &bind(std::string_view text);

  /// Advances to the next row: true if there is one.
  StoreResult<bool> step();
  /// Runs a statement that gives no rows, or whose rows do not matter.
  std::optional<StoreError> run();

  int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

private:
  friend class Database;
  Statement(Database &database, sqlite3_stmt *statement)
      : database_(&database), statement_(statement) {}
  Database *database_;
  sqlite3_stmt *statement_;
  int bound_ = 0;
};

enum class OpenMode { Create, Write, Read };

class Database {
public:
  /// Opens the file `path`. Errors speak of it as `path`.
  static StoreResult<std::unique_ptr<Database>> open(const std::string &path, OpenMode mode);
  Database(const Database &) = delete;
  ~Database();

  StoreResult<Statement> prepare(std::string_view sql);
  /// Prepares and runs.
  std::optional<StoreError> run(std::string_view sql);
  /// The integer in the first column of the first row.
  StoreResult<int64_t> queryInteger(std::string_view sql);
  StoreResult<std::string> queryText(std::string_view sql);

  int64_t changedRows() const;

  /// Closes, which also folds the write-ahead log into the file if nobody else has it open.
  std::optional<StoreError> close();

  /// The error for a result code of SQLite.
  StoreError error(int code) const;
  /// The error of a file whose content cannot be right.
  StoreError damaged(const std::string &what) const;

private:
  Database(std::string path, sqlite3 *handle) : path_(std::move(path)), handle_(handle) {}
  std::string path_;
  sqlite3 *handle_;
};

/// A transaction that is rolled back unless committed.
class Transaction {
public:
  static StoreResult<Transaction> begin(Database &database);
  Transaction(Transaction &&other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  Transaction(const Transaction &) = delete;
  ~Transaction();
  std::optional<StoreError> commit();

private:
  explicit Transaction(Database &database) : database_(&database) {}
  Database *database_;
};

} // namespace cat::study

#endif // CATC_STUDY_SQLITE_H
