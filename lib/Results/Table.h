//===- Table.h - Aligned text tables ----------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables for the terminal: a header, a rule of dashes, and rows whose columns line up.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_TABLE_H
#define CATC_RESULTS_TABLE_H

#include <string>
#include <string_view>
#include <vector>

namespace cat::results {

enum class Align { Left, Right };

/// A table built column by column. Columns may differ in length; missing cells are blank.
class Table {
public:
  void addColumn(std::string header, std::vector<std::string> cells, Align align);

  /// A right-aligned column of figures in a common unit, which the header names: "latency [ms]".
  void addColumn(const std::string &header, const std::vector<double> &values,
                 std::string_view baseUnit);

  /// The text, each line ended by a newline and free of trailing blanks. Widths count code points,
  /// not bytes.
  std::string str() const;

private:
  struct Column {
    std::string header;
    std::vector<std::string> cells;
    Align align;
  };
  std::vector<Column> columns_;
};

} // namespace cat::results

#endif // CATC_RESULTS_TABLE_H
