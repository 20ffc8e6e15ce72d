//===- CaptionCsv.cpp - Read OpenCLIP's lists -----------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/CaptionLists.h"
#include "Data/Json.h"
#include "Data/Manifest.h"
#include <algorithm>
#include <unordered_map>

using namespace cat;
using namespace cat::data;

std::string data::joinPath(const std::string &folder, const std::string &path) {
  return folder.empty() || (!path.empty() && path[0] == '/') ? path : folder + "/" + path;
}

bool data::isBlank(std::string_view caption) {
  return caption.find_first_not_of(" \t\n\v\f\r") == caption.npos;
}

namespace {

/// Rows of fields, and the line that each begins in.
class CsvReader {
public:
  CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") // a byte order mark
      text_.remove_prefix(3);
  }

  int64_t line() const { return line_; } ///< of the row that was read last
  bool isUnterminated() const { return unterminated_; }

  /// Reads the next row that is not empty; false at the end, or if a quote does not end.
  bool read(std::vector<std::string> &fields) {
    do {
      if (at_ == text_.size())
        return false;
      fields.clear();
      line_ = next_;
      while (field(fields))
        ;
      if (unterminated_)
        return false;
    } while (fields.size() == 1 && fields[0].empty());
    return true;
  }

private:
  /// Reads a field and what ends it; returns whether another follows in the row.
  bool field(std::vector<std::string> &fields) {
    std::string &out = fields.emplace_back();
    bool quoted = at_ < text_.size() && text_[at_] == '"';
    at_ += quoted;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      next_ += c == '\n';
      if (quoted && c == '"') {
        if (at_ < text_.size() && text_[at_] == '"')
          out.push_back(text_[at_++]);
        else
          quoted = false;
      } else if (!quoted && c == separator_)
        return true;
      else if (!quoted && c == '\n') {
        if (!out.empty() && out.back() == '\r')
          out.pop_back();
        return false;
      } else
        out.push_back(c);
    }
    if (!out.empty() && out.back() == '\r')
      out.pop_back();
    unterminated_ = quoted;
    return false;
  }

  std::string_view text_;
  char separator_;
  size_t at_ = 0;
  int64_t line_ = 1, next_ = 1;
  bool unterminated_ = false;
};

} // namespace

Result<Manifest> data::readCsv(const std::string &path, const std::string &folder,
                               const CsvColumns &columns) {
  Result<std::string> text = readWhole(path, kMaxListBytes);
  return text ? parseCsv(path, *text, folder, columns) : text.fault();
}

Result<Manifest> data::parseCsv(const std::string &path, std::string_view text,
                                const std::string &folder, const CsvColumns &columns) {
  std::string base = folder.empty() ? path.substr(0, path.find_last_of('/') + 1) : folder;
  if (base.size() > 1 && base.back() == '/')
    base.pop_back();

  CsvReader reader(text, columns.separator);
  std::vector<std::string> fields;
  if (!reader.read(fields))
    return Fault{path + ": is empty: expected a line that names the columns"};
  auto columnOf = [&](const std::string &name) {
    return static_cast<size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
  };
  size_t picture = columnOf(columns.picture), caption = columnOf(columns.caption);
  for (const std::string &name : {columns.picture, columns.caption})
    if (columnOf(name) == fields.size())
      return Fault{path + ": line 1: has no column '" + name +
                   "': name the columns, or use the right separator"};

  Manifest manifest{path, {}};
  std::unordered_map<std::string, size_t> known; // by picture; looked up, never gone through
  while (reader.read(fields)) {
    std::string place = "line " + std::to_string(reader.line()) + ": ";
    if (fields.size() <= std::max(picture, caption)) {
      manifest.entries.push_back(
          {place,
           "",
           {},
           place + "has " + std::to_string(fields.size()) + " fields: too few for its columns"});
      continue;
    }
    const std::string &key = fields[picture];
    if (isBlank(key) || isBlank(fields[caption])) {
      manifest.entries.push_back(
          {key, "", {}, place + (isBlank(key) ? "has no picture" : "has no caption")});
      continue;
    }
    auto [found, isNew] = known.insert({key, manifest.entries.size()});
    if (isNew)
      manifest.entries.push_back({key, joinPath(base, key), {}, ""});
    manifest.entries[found->second].captions.push_back(fields[caption]);
  }
  if (reader.isUnterminated())
    return Fault{path + ": line " + std::to_string(reader.line()) +
                 ": a quote begins here, and does not end"};
  return manifest;
}
