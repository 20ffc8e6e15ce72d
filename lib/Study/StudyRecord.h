//===- StudyRecord.h - What a run folder belongs to -------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file format's marks and the table `study` (key, value): written once when a study is created,
// checked whenever it is opened. Private to lib/Study.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_STUDYRECORD_H
#define CATC_STUDY_STUDYRECORD_H

#include "Study/Sqlite.h"
#include "Study/Store.h"
#include <optional>
#include <string>

namespace cat::study {

/// Marks a new database as a study of catc and makes its tables. Within a transaction.
std::optional<StoreError> createTables(Database &database);

/// Fills the table `study`. Within a transaction.
std::optional<StoreError> writeStudyRecord(Database &database, const StudyIdentity &identity);

/// Why the file `path` is no study that this version can read, or is damaged; or nothing. Tables
/// must be those that createTables makes, to the letter.
std::optional<StoreError> checkFormat(Database &database, const std::string &path);

/// Reads the table `study`.
StoreResult<StudyIdentity> readStudyRecord(Database &database);

/// Why the study stored in `folder` cannot be continued as `current`, saying what differs; or
/// nothing.
std::optional<StoreError> compareStudies(const std::string &folder, const StudyIdentity &stored,
                                         const StudyIdentity &current);

} // namespace cat::study

#endif // CATC_STUDY_STUDYRECORD_H
