//===- Case.h - A run of the hardware, and what it should give --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The test benches' input (hw/README.md): register writes, images of the global buffer and of DRAM,
// and the bytes expected afterwards.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RTL_CASE_H
#define CATC_RTL_CASE_H

#include "Rtl/Descriptor.h"
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cat::rtl {

/// Words by address. Bytes that nothing was put into are zero in a memory's image, and not compared
/// in an expectation.
class MemoryImage {
public:
  explicit MemoryImage(int64_t wordBytes) : wordBytes(wordBytes) {}

  /// Puts a byte at an offset from the first byte of word `word`.
  void put(int64_t word, int64_t offset, uint8_t value) {
    auto &bytes = words[word + offset / wordBytes];
    if (bytes.empty())
      bytes.assign(static_cast<size_t>(wordBytes), Absent);
    bytes[static_cast<size_t>(offset % wordBytes)] = value;
  }
  void put(int64_t word, const std::vector<uint8_t> &values) {
    for (size_t i = 0; i < values.size(); ++i)
      put(word, static_cast<int64_t>(i), values[i]);
  }
  /// Lines `KIND ADDRESS WORD`; absent bytes are written as `absent` twice.
  void write(std::ostream &out, const char *kind, char absent) const;

private:
  static constexpr uint16_t Absent = 0x100;
  int64_t wordBytes;
  std::map<int64_t, std::vector<uint16_t>> words;
};

struct Case {
  Case(std::string name, int64_t wordBytes)
      : name(std::move(name)), buffer(wordBytes), dram(wordBytes), expectedBuffer(wordBytes),
        expectedDram(wordBytes) {}

  std::string name; ///< no white space
  Descriptor descriptor = {};
  int8::Table table = {};
  bool hasTable = false;
  MemoryImage buffer, dram, expectedBuffer, expectedDram;

  void write(std::ostream &out) const;
};

} // namespace cat::rtl

#endif // CATC_RTL_CASE_H
