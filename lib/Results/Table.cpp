//===- Table.cpp - Aligned text tables ------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Table.h"
#include "Results/Format.h"
#include <algorithm>

using namespace cat::results;

/// Code points of UTF-8 text: bytes that do not continue one.
static size_t displayWidth(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void Table::addColumn(std::string header, std::vector<std::string> cells, Align align) {
  columns_.push_back({std::move(header), std::move(cells), align});
}

void Table::addColumn(const std::string &header, const std::vector<double> &values,
                      std::string_view baseUnit) {
  FormattedColumn column = formatColumn(values, baseUnit);
  addColumn(column.unit.empty() ? header : header + " [" + column.unit + "]",
            std::move(column.cells), Align::Right);
}

std::string Table::str() const {
  size_t rows = 0;
  std::vector<size_t> widths;
  for (const Column &column : columns_) {
    rows = std::max(rows, column.cells.size());
    widths.push_back(displayWidth(column.header));
    for (const std::string &cell : column.cells)
      widths.back() = std::max(widths.back(), displayWidth(cell));
  }

  std::string out;
  auto addLine = [&](auto cellOf) {
    std::string line;
    for (size_t c = 0; c < columns_.size(); ++c) {
      std::string cell = cellOf(c);
      std::string padding(widths[c] - displayWidth(cell), ' ');
      line += c == 0 ? "" : "  ";
      line += columns_[c].align == Align::Right ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  addLine([&](size_t c) { return columns_[c].header; });
  addLine([&](size_t c) { return std::string(widths[c], '-'); });
  for (size_t r = 0; r < rows; ++r)
    addLine([&](size_t c) {
      const std::vector<std::string> &cells = columns_[c].cells;
      return r < cells.size() ? cells[r] : std::string();
    });
  return out;
}
