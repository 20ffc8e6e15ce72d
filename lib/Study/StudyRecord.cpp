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
/// Version of the tables. Raise it when their meaning changes.
constexpr int64_t kFormatVersion = 1;

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

std::optional<StoreError> cat::study::writeStudyRecord(Database &database,
                                                       const StudyIdentity &identity) {
  for (const std::string &sql : {"PRAGMA application_id = " + std::to_string(kApplicationId),
                                 "PRAGMA user_version = " + std::to_string(kFormatVersion),
                                 std::string("CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT "
                                             "NOT NULL) STRICT, WITHOUT ROWID")})
    if (auto error = database.run(sql))
      return error;
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
                      "use the version of catc that wrote it, or start again in another folder"};
  StoreResult<std::string> check = database.queryText("PRAGMA quick_check(1)");
  if (!check)
    return check.error();
  if (*check != "ok") {
    std::replace(check->begin(), check->end(), '\n', ' ');
    return StoreError{
        StoreErrorKind::Damaged, "the study '" + path + "' is damaged: " + *check,
        "restore the run folder from a copy, or start again in another one with --out"};
  }
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
  StudyIdentity identity;
  identity.name = values["name"];
  identity.hash = values["identity"];
  identity.strategy = values["strategy"];
  identity.version = values["version"];
  const std::string &seed = values["seed"];
  std::from_chars(seed.data(), seed.data() + seed.size(), identity.seed);
  for (size_t i = 0; values.count(sourceKey(i, "path")); ++i)
    identity.sources.push_back({values[sourceKey(i, "path")], values[sourceKey(i, "content")]});
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
