//===- StudyRecord.cpp - What a run folder belongs to ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/StudyRecord.h"
#include <algorithm>
#include <charconv>
#include <map>

using namespace cat::study;

namespace {

/// SQLite's field for the program that a file belongs to: "catc" in ASCII.
constexpr int64_t kApplicationId = 0x63617463;
/// Version of the format. Raise it when the tables or the meaning of what is in them changes.
constexpr int64_t kFormatVersion = 2;

/// The tables, as SQLite keeps their texts.
constexpr const char *kTables[] = {
    R"sql(CREATE TABLE study (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID)sql",
    R"sql(CREATE TABLE trial (
  "index" INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed')),
  attempt INTEGER NOT NULL,
  started TEXT NOT NULL,
  finished TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  seconds REAL NOT NULL DEFAULT 0,
  energy_j REAL NOT NULL DEFAULT 0
) STRICT)sql",
    R"sql(CREATE TABLE observation (
  trial INTEGER NOT NULL REFERENCES trial,
  metric TEXT NOT NULL,
  fidelity REAL NOT NULL,
  value REAL NOT NULL,
  sigma REAL NOT NULL,
  noise REAL NOT NULL,
  source TEXT NOT NULL,
  extrapolated INTEGER NOT NULL,
  PRIMARY KEY (trial, metric, fidelity)
) STRICT, WITHOUT ROWID)sql",
    R"sql(CREATE TABLE curve (
  trial INTEGER NOT NULL REFERENCES trial,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  noise REAL NOT NULL,
  PRIMARY KEY (trial, step)
) STRICT, WITHOUT ROWID)sql",
};

constexpr const char *kVersionRemedy =
    "use the version of catc that wrote it, or start again in another folder";

/// The text of the tables in a database, in the order in which they were made.
StoreResult<std::vector<std::string>> readTables(Database &database) {
  StoreResult<Statement> select =
      database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  if (!select)
    return select.error();
  std::vector<std::string> tables;
  while (true) {
    StoreResult<bool> row = select->step();
    if (!row)
      return row.error();
    if (!*row)
      return tables;
    tables.push_back(select->text(0));
  }
}

std::string sourceKey(size_t index, const char *field) {
  return "source." + std::to_string(index) + "." + field;
}

std::optional<StoreError> insertValue(Database &database, std::string_view key,
                                      std::string_view value) {
  StoreResult<Statement> insert = database.prepare("INSERT INTO study VALUES (?, ?)");
  return insert ? insert->bind(key).bind(value).run() : std::optional(insert.error());
}

/// Where two texts first differ, as "from line 3 on"; empty if nowhere.
std::string firstDifference(const std::string &a, const std::string &b) {
  if (a == b)
    return "";
  auto [inA, inB] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return "from line " + std::to_string(1 + std::count(a.begin(), inA, '\n')) + " on";
}

/// Which of the files differ. The spec, the first of them, may have moved; imports go by their
/// path.
std::string describeDifference(const std::vector<SourceText> &stored,
                               const std::vector<SourceText> &current) {
  std::string text;
  auto add = [&](const std::string &path, const std::string &what) {
    text += (text.empty() ? "" : "; ") + ("'" + path + "' " + what);
  };
  std::map<std::string, const std::string *> before;
  for (size_t i = 1; i < stored.size(); ++i)
    before[stored[i].path] = &stored[i].text;
  for (size_t i = 0; i < current.size(); ++i) {
    const std::string *old = nullptr;
    if (i == 0) {
      old = stored.empty() ? nullptr : &stored[0].text;
    } else if (auto it = before.find(current[i].path); it != before.end()) {
      old = it->second;
      before.erase(it);
    }
    if (!old)
      add(current[i].path, "is new");
    else if (std::string where = firstDifference(*old, current[i].text); !where.empty())
      add(current[i].path, "differs " + where);
  }
  for (const auto &[path, old] : before)
    add(path, "is not imported any more");
  return text;
}

} // namespace

std::optional<StoreError> cat::study::createTables(Database &database) {
  for (const std::string &sql : {"PRAGMA application_id = " + std::to_string(kApplicationId),
                                 "PRAGMA user_version = " + std::to_string(kFormatVersion)})
    if (auto error = database.run(sql))
      return error;
  for (const char *table : kTables)
    if (auto error = database.run(table))
      return error;
  return std::nullopt;
}

std::optional<StoreError> cat::study::writeStudyRecord(Database &database,
                                                       const StudyIdentity &identity) {
  std::vector<std::pair<std::string, std::string>> values = {
      {"name", identity.name},         {"identity", identity.hash},
      {"strategy", identity.strategy}, {"seed", std::to_string(identity.seed)},
      {"version", identity.version},
  };
  for (size_t i = 0; i < identity.sources.size(); ++i) {
    values.emplace_back(sourceKey(i, "path"), identity.sources[i].path);
    values.emplace_back(sourceKey(i, "content"), identity.sources[i].text);
  }
  for (const auto &[key, value] : values)
    if (auto error = insertValue(database, key, value))
      return error;
  return std::nullopt;
}

std::optional<StoreError> cat::study::checkFormat(Database &database, const std::string &path) {
  StoreResult<int64_t> application = database.queryInteger("PRAGMA application_id");
  if (!application)
    return application.error();
  if (*application != kApplicationId)
    return StoreError{StoreErrorKind::Foreign, "'" + path + "' is not a study of catc",
                      "name another run folder with --out"};
  StoreResult<int64_t> version = database.queryInteger("PRAGMA user_version");
  if (!version)
    return version.error();
  if (*version != kFormatVersion)
    return StoreError{StoreErrorKind::OtherVersion,
                      "'" + path + "' has format " + std::to_string(*version) +
                          ", but this version of catc reads format " +
                          std::to_string(kFormatVersion),
                      kVersionRemedy};
  StoreResult<std::string> check = database.queryText("PRAGMA quick_check(1)");
  if (!check)
    return check.error();
  if (*check != "ok") {
    std::replace(check->begin(), check->end(), '\n', ' ');
    return database.damaged(*check);
  }
  StoreResult<std::vector<std::string>> tables = readTables(database);
  if (!tables)
    return tables.error();
  if (!std::equal(tables->begin(), tables->end(), std::begin(kTables), std::end(kTables)))
    return StoreError{StoreErrorKind::OtherVersion,
                      "'" + path + "' has format " + std::to_string(kFormatVersion) +
                          ", but its tables are not those of this version of catc",
                      kVersionRemedy};
  return std::nullopt;
}

StoreResult<StudyIdentity> cat::study::readStudyRecord(Database &database) {
  StoreResult<Statement> select = database.prepare("SELECT key, value FROM study");
  if (!select)
    return select.error();
  std::map<std::string, std::string> values;
  while (true) {
    StoreResult<bool> row = select->step();
    if (!row)
      return row.error();
    if (!*row)
      break;
    values[select->text(0)] = select->text(1);
  }
  for (const char *key : {"name", "identity", "strategy", "seed", "version"})
    if (!values.count(key))
      return database.damaged("it does not say its " + std::string(key));
  StudyIdentity identity;
  identity.name = values["name"];
  identity.hash = values["identity"];
  identity.strategy = values["strategy"];
  identity.version = values["version"];
  const std::string &seed = values["seed"];
  auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), identity.seed);
  if (error != std::errc() || end != seed.data() + seed.size())
    return database.damaged("its seed is '" + seed + "'");
  for (size_t i = 0; values.count(sourceKey(i, "path")); ++i)
    identity.sources.push_back({values[sourceKey(i, "path")], values[sourceKey(i, "content")]});
  if (identity.sources.empty())
    return database.damaged("its spec is missing");
  return identity;
}

std::optional<StoreError> cat::study::compareStudies(const std::string &folder,
                                                     const StudyIdentity &stored,
                                                     const StudyIdentity &current) {
  if (stored.version != current.version)
    return StoreError{StoreErrorKind::OtherVersion,
                      "the study in '" + folder + "' was begun by catc " + stored.version +
                          ", and this is catc " + current.version,
                      "use that version, or start again in another folder with --out"};
  if (stored.hash != current.hash) {
    std::string difference = describeDifference(stored.sources, current.sources);
    return StoreError{
        StoreErrorKind::OtherSpec,
        "the study in '" + folder + "' belongs to another spec (identity " + stored.hash +
            ", and this spec's is " + current.hash + ")" +
            (difference.empty() ? "" : ": " + difference),
        "resume with the spec it was begun with, or start again in another folder with --out"};
  }
  auto otherOption = [&](const std::string &option, const std::string &was, const std::string &is) {
    return StoreError{
        StoreErrorKind::OtherOptions,
        "the study in '" + folder + "' was begun with --" + option + " " + was + ", not " + is,
        "resume with --" + option + " " + was + ", or start again in another folder with --out"};
  };
  if (stored.seed != current.seed)
    return otherOption("seed", std::to_string(stored.seed), std::to_string(current.seed));
  if (stored.strategy != current.strategy)
    return otherOption("strategy", stored.strategy, current.strategy);
  return std::nullopt;
}
