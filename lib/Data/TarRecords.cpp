//===- TarRecords.cpp - The records of one tar archive --------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/TarRecords.h"
#include "Support/Check.h"
#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cstdio>

using namespace cat;
using namespace cat::data;

namespace {

constexpr size_t kMaxPictureBytes = 256 << 20;
constexpr size_t kMaxTextBytes = 16 << 20;
constexpr size_t kBlock = 512;

/// Pictures by extension, those included that are refused by name when they are decoded.
bool isPicture(const std::string &extension) {
  for (const char *known : {"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"})
    if (extension == known)
      return true;
  return false;
}

/// "folder/name.seg.png" has the key "folder/name" and the extension "seg.png", in lower case.
/// False for what has none, and for names that webdataset reserves.
bool divideName(const std::string &name, std::string &key, std::string &extension) {
  size_t base = name.find_last_of('/') + 1; // 0 if there is no folder
  size_t dot = name.find('.', base);
  if (dot == name.npos || dot == base || name.compare(base, 2, "__") == 0)
    return false;
  key = name.substr(0, dot);
  extension = name.substr(dot + 1);
  for (char &c : extension)
    if (c >= 'A' && c <= 'Z')
      c += 'a' - 'A';
  return true;
}

} // namespace

TarRecords::TarRecords(std::string path, KeyFilter filter, bool keysOnly)
    : path_(std::move(path)), filter_(std::move(filter)), keysOnly_(keysOnly) {
  open({});
}

TarRecords::TarRecords(std::string path, std::string_view bytes, KeyFilter filter)
    : path_(std::move(path)), filter_(std::move(filter)), inMemory_(true) {
  open(bytes);
}

TarRecords::TarRecords(TarRecords &&other) noexcept
    : path_(std::move(other.path_)), filter_(std::move(other.filter_)), keysOnly_(other.keysOnly_),
      inMemory_(other.inMemory_), archive_(std::exchange(other.archive_, nullptr)),
      pending_(std::move(other.pending_)), last_(std::move(other.last_)),
      fault_(std::move(other.fault_)) {}

TarRecords::~TarRecords() {
  if (archive_)
    archive_read_free(archive_);
}

void TarRecords::open(std::string_view bytes) {
  archive_ = archive_read_new();
  CATC_CHECK(archive_, "memory for an archive's reader");
  archive_read_support_format_tar(archive_);
  archive_read_support_filter_gzip(archive_);
  constexpr size_t kReadBlock = 1 << 16;
  int code = inMemory_ ? archive_read_open_memory(archive_, bytes.data(), bytes.size())
                       : archive_read_open_filename(archive_, path_.c_str(), kReadBlock);
  if (code != ARCHIVE_OK)
    fail(archive_error_string(archive_), Loss::File);
}

/// Ends the reading of the archive.
void TarRecords::fail(const std::string &why, Loss loss) {
  std::string place =
      last_.empty() ? "before its first whole record" : "after record '" + last_ + "'";
  fault_ = {Fault{path_ + ": " + place + ": " + why}, loss};
  archive_read_free(archive_);
  archive_ = nullptr;
}

std::optional<std::pair<Fault, Loss>> TarRecords::takeFault() {
  return std::exchange(fault_, std::nullopt);
}

/// Whether the file ends as tar's format wants it, with blocks of zeros. What libarchive takes for
/// the end may be where a copy was broken off.
bool TarRecords::endsWithMark() const {
  std::FILE *file = inMemory_ ? nullptr : std::fopen(path_.c_str(), "rb");
  if (!file)
    return true; // not to be told
  char block[kBlock];
  bool whole = std::fseek(file, -static_cast<long>(kBlock), SEEK_END) == 0 &&
               std::fread(block, 1, kBlock, file) == kBlock;
  std::fclose(file);
  return !whole || std::all_of(block, block + kBlock, [](char c) { return c == 0; });
}

/// Reads the member that the archive stands at into the record, if the record has use for it.
/// Returns false if the archive is broken.
bool TarRecords::readMember(RawRecord &record, const std::string &extension) {
  bool picture = isPicture(extension);
  std::optional<std::string> *field = picture               ? &record.picture
                                      : extension == "txt"  ? &record.text
                                      : extension == "json" ? &record.json
                                                            : nullptr;
  if (!field || keysOnly_)
    return true; // the next header passes over it
  if (*field) {
    record.problem = picture ? "has two pictures" : "has two members '" + extension + "'";
    return true;
  }
  size_t limit = picture ? kMaxPictureBytes : kMaxTextBytes;
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    la_ssize_t length = archive_read_data(archive_, block, sizeof block);
    if (length < 0)
      return false;
    if (length == 0)
      break;
    if (bytes.size() + static_cast<size_t>(length) > limit) {
      record.problem =
          "member '" + extension + "' is larger than " + std::to_string(limit) + " bytes";
      return true;
    }
    bytes.append(block, static_cast<size_t>(length));
  }
  *field = std::move(bytes);
  return true;
}

std::optional<RawRecord> TarRecords::next() {
  auto take = [&]() -> std::optional<RawRecord> {
    last_ = pending_->key;
    return std::exchange(pending_, std::nullopt);
  };
  while (archive_) {
    archive_entry *entry = nullptr;
    int code = archive_read_next_header(archive_, &entry);
    if (code == ARCHIVE_EOF) {
      std::optional<RawRecord> record = pending_ ? take() : std::nullopt;
      bool plain = archive_filter_code(archive_, 0) == ARCHIVE_FILTER_NONE;
      if (plain && !endsWithMark())
        fail("ends without tar's mark of the end: it may be cut short; copy it again, or append "
             "1024 zero bytes",
             Loss::Record);
      else {
        archive_read_free(archive_);
        archive_ = nullptr;
      }
      return record;
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
      // What is pending was whole, unless a member is missing.
      bool whole = pending_ && pending_->picture && (pending_->text || pending_->json);
      std::optional<RawRecord> record = whole ? take() : std::nullopt;
      pending_.reset();
      fail(std::string(archive_error_string(archive_)) + ": the archive is cut short or damaged",
           Loss::File);
      return record;
    }
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
      name = archive_entry_pathname(entry);
    std::string key, extension;
    if (!name || archive_entry_filetype(entry) != AE_IFREG || !divideName(name, key, extension))
      continue;
    std::optional<RawRecord> done;
    if (pending_ && pending_->key != key)
      done = take();
    bool wanted = !filter_ || filter_(key);
    if (wanted && !pending_)
      pending_ = RawRecord{key, path_, {}, {}, {}, {}};
    if (wanted && !readMember(*pending_, extension)) {
      std::string why = archive_error_string(archive_);
      pending_.reset();
      fail("member '" + std::string(name) + "': " + why + ": the archive is cut short or damaged",
           Loss::File);
    }
    if (done)
      return done;
  }
  return std::nullopt;
}
