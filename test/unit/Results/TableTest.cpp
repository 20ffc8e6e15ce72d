//===- TableTest.cpp - Aligned text tables --------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Results/Table.h"
#include <gtest/gtest.h>

using namespace cat::results;

TEST(Table, AlignsColumnsAndTrimsLines) {
  Table table;
  table.addColumn("design", {"knee", "best:carbon"}, Align::Left);
  table.addColumn("latency", {0.0123, 0.0030}, "s");
  table.addColumn("note", {"", "smallest"}, Align::Left);
  EXPECT_EQ(table.str(), "design       latency [ms]  note\n"
                         "-----------  ------------  --------\n"
                         "knee                12.30\n"
                         "best:carbon          3.00  smallest\n");
}

TEST(Table, CountsCodePoints) {
  Table table;
  table.addColumn("a", {"\xC3\xA9t\xC3\xA9", "abc"}, Align::Right);
  table.addColumn("b", {"x", "y"}, Align::Left);
  EXPECT_EQ(table.str(), "  a  b\n---  -\n\xC3\xA9t\xC3\xA9  x\nabc  y\n");
}

TEST(Table, FillsShortColumnsWithBlanks) {
  Table table;
  table.addColumn("a", {"1"}, Align::Left);
  table.addColumn("b", {"1", "2"}, Align::Left);
  EXPECT_EQ(table.str(), "a  b\n-  -\n1  1\n   2\n");
}
