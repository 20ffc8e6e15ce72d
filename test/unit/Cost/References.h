//===- References.h - Reading reference data --------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reference data of other tools, as flat records: JSON objects (in an array, or one a line) and CSV
// rows. Tests skip where the folder is absent.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_TEST_UNIT_COST_REFERENCES_H
#define CATC_TEST_UNIT_COST_REFERENCES_H

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cat::cost::test {

/// Text fields by name; numbers keep their digits.
struct Record {
  std::map<std::string, std::string> fields;
  const std::string &text(const std::string &key) const {
    auto it = fields.find(key);
    if (it == fields.end())
      throw std::runtime_error("no field '" + key + "' in the reference data");
    return it->second;
  }
  double number(const std::string &key) const { return std::stod(text(key)); }
  int64_t integer(const std::string &key) const { return std::stoll(text(key)); }
};

inline std::string referencePath(const std::string &name) {
  const char *folder = std::getenv("CATC_REFS");
  return std::string(folder ? folder : CATC_DEFAULT_REFS) + "/" + name;
}

/// Every innermost object of a JSON text, with the scalar fields of the objects around it.
inline std::vector<Record> readJsonRecords(const std::string &path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::vector<Record> records, open;
  std::string key, token;
  bool leaf = false;
  size_t list = 0;
  auto flush = [&] {
    if (!key.empty() && !token.empty() && !open.empty())
      open.back().fields[list ? key + std::to_string(list++ - 1) : key] = token;
    token.clear();
  };
  for (size_t i = 0; i != text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      size_t end = text.find('"', i + 1);
      token = text.substr(i + 1, end - i - 1);
      i = end;
    } else if (c == ':') {
      key = token;
      token.clear();
    } else if (c == '{') {
      Record record = open.empty() ? Record{} : open.back();
      if (!key.empty())
        record.fields["name"] = key;
      open.push_back(record);
      key.clear();
      leaf = true;
    } else if (c == '}') {
      flush();
      if (leaf)
        records.push_back(open.back());
      leaf = false;
      open.pop_back();
      key.clear();
    } else if (c == '[' && !open.empty()) {
      list = 1;
    } else if (c == ']') {
      flush();
      list = 0;
    } else if (c == ',') {
      flush();
    } else if (!std::isspace(static_cast<unsigned char>(c)) && c != '[') {
      token += c;
    }
  }
  return records;
}

inline std::vector<Record> readCsvRecords(const std::string &path) {
  std::ifstream file(path);
  std::string line, cell;
  std::vector<std::string> header;
  std::vector<Record> records;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::string current;
    bool quoted = false;
    for (char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted) {
        cells.push_back(current);
        current.clear();
      } else if (c != '\r')
        current += c;
    }
    cells.push_back(current);
    if (header.empty()) {
      header = cells;
      continue;
    }
    Record record;
    for (size_t i = 0; i != cells.size() && i != header.size(); ++i)
      record.fields[header[i]] = cells[i];
    records.push_back(record);
  }
  return records;
}

} // namespace cat::cost::test

/// Reads all records of a reference file into `records`, or skips the test.
#define CATC_READ_REFERENCE(records, reader, name)                                                 \
  const std::string records##Path = ::cat::cost::test::referencePath(name);                        \
  if (!std::ifstream(records##Path))                                                               \
    GTEST_SKIP() << "no reference data at " << records##Path << "; set CATC_REFS";                 \
  const auto records = ::cat::cost::test::reader(records##Path);                                   \
  ASSERT_FALSE(records.empty()) << records##Path

#endif // CATC_TEST_UNIT_COST_REFERENCES_H
