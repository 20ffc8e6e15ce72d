//===- LocationsTest.cpp - Tests of locations and rendered diagnostics ----===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Locations.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace cat::frontend;
using llvm::SMLoc;
using llvm::SMRange;

namespace {

struct Source {
  explicit Source(llvm::StringRef text) {
    id = diagnostics.addSource(llvm::MemoryBuffer::getMemBufferCopy(text, "spec.cat"));
  }
  SMRange find(llvm::StringRef what) {
    llvm::StringRef text = diagnostics.sources().getMemoryBuffer(id)->getBuffer();
    const char *begin = text.data() + text.find(what);
    return {SMLoc::getFromPointer(begin), SMLoc::getFromPointer(begin + what.size())};
  }
  std::string printed() {
    std::string text;
    llvm::raw_string_ostream os(text);
    diagnostics.flush(os);
    return text;
  }

  DiagnosticEngine diagnostics;
  unsigned id;
};

} // namespace

TEST(Locations, RoundTrip) {
  mlir::MLIRContext context;
  Source source("let a = 5;\n\tlet b = a +\n 7;\n");
  for (const char *text : {"let a", "5", "b = a +\n 7", ";"}) {
    SMRange range = source.find(text);
    SMRange back = rangeOf(locationOf(&context, source.diagnostics.sources(), range),
                           source.diagnostics.sources());
    EXPECT_EQ(back.Start, range.Start) << text;
    EXPECT_EQ(back.End, range.End) << text;
  }
  EXPECT_FALSE(rangeOf(mlir::UnknownLoc::get(&context), source.diagnostics.sources()).isValid());
}

TEST(Locations, MlirErrorsLookLikeOurOwn) {
  mlir::MLIRContext context;
  Source source("let a = 5;\nlet b = 6;\n");
  MlirDiagnosticHandler handler(&context, source.diagnostics);
  const llvm::SourceMgr &sources = source.diagnostics.sources();
  mlir::Location place = locationOf(&context, sources, source.find("5"));
  mlir::InFlightDiagnostic diagnostic = mlir::emitError(place)
                                        << "'accel.memory' op capacity must be positive";
  diagnostic.attachNote(locationOf(&context, sources, source.find("b"))) << "compare";
  diagnostic.report();
  EXPECT_EQ(source.printed(), "spec.cat:1:9: error: capacity must be positive\n"
                              "let a = 5;\n"
                              "        ^\n"
                              "spec.cat:2:5: note: compare\n"
                              "let b = 6;\n"
                              "    ^\n");
}

TEST(Diagnostics, AreSortedByPlaceAndShownOnce) {
  Source source("one two\nthree\n");
  source.diagnostics.error(source.find("three"), "third");
  source.diagnostics.error(source.find("two"), "second");
  source.diagnostics.error(source.find("one"), "first").fixIt(source.find("one"), "1");
  source.diagnostics.error(source.find("two"), "second");
  EXPECT_EQ(source.diagnostics.errorCount(), 3u);
  EXPECT_EQ(source.printed(), "spec.cat:1:1: error: first\none two\n^~~\n1\n"
                              "spec.cat:1:5: error: second\none two\n    ^~~\n"
                              "spec.cat:2:1: error: third\nthree\n^~~~~\n");
  EXPECT_EQ(source.printed(), "");
}

TEST(Diagnostics, UnderlineIsAlignedBehindTabsAndWideCharacters) {
  Source source("\tx = \"\xe4\xbd\xa0\xe5\xa5\xbd\" + yy;\r\n");
  source.diagnostics.error(source.find("yy"), "unknown");
  // A tab goes to column 8; each of the two characters takes two columns.
  EXPECT_EQ(source.printed(), "spec.cat:1:17: error: unknown\n"
                              "        x = \"\xe4\xbd\xa0\xe5\xa5\xbd\" + yy;\n"
                              "                     ^~\n");
}

TEST(Diagnostics, LongLinesAreCut) {
  Source source(std::string(5000, 'a') + " here " + std::string(5000, 'b'));
  source.diagnostics.error(source.find("here"), "this");
  std::string text = source.printed();
  EXPECT_LT(text.size(), 500u);
  EXPECT_NE(text.find(" here "), std::string::npos);
}
