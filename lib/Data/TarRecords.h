//===- TarRecords.h - The records of one tar archive ------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_TARRECORDS_H
#define CATC_DATA_TARRECORDS_H

#include "Data/Dataset.h"

struct archive;

namespace cat::data {

/// Members of one key, not decoded yet.
struct RawRecord {
  std::string key;
  std::string archive; ///< the path of the archive it is from
  std::optional<std::string> picture, text, json;
  std::string problem; ///< why it cannot be used; empty if it can
};

/// Reads the records of an archive one after the other.
class TarRecords {
public:
  /// `filter` may be empty; members of a key that it rejects are not read. With `keysOnly` none
  /// are.
  TarRecords(std::string path, KeyFilter filter, bool keysOnly);
  /// Reads an archive in memory, which must outlive it; `path` stands for it in faults.
  TarRecords(std::string path, std::string_view bytes, KeyFilter filter);
  TarRecords(TarRecords &&other) noexcept;
  TarRecords &operator=(TarRecords &&) = delete;
  ~TarRecords();

  /// The next record; nothing at the end or behind a fault of the archive.
  std::optional<RawRecord> next();
  /// What is wrong with the archive, once next() has come to it; told once.
  std::optional<std::pair<Fault, Loss>> takeFault();

private:
  void open(std::string_view bytes);
  bool readMember(RawRecord &record, const std::string &extension);
  bool endsWithMark() const;
  void fail(const std::string &why, Loss loss);

  std::string path_;
  KeyFilter filter_;
  bool keysOnly_ = false, inMemory_ = false;
  archive *archive_ = nullptr;
  std::optional<RawRecord> pending_; ///< the record whose members are being read
  std::string last_;                 ///< the key of the last whole record
  std::optional<std::pair<Fault, Loss>> fault_;
};

} // namespace cat::data

#endif // CATC_DATA_TARRECORDS_H
