//===- ParserTest.cpp - Tests of the parser on odd and broken input -------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Parser.h"
#include "gtest/gtest.h"
#include <fstream>
#include <sstream>

using namespace cat::frontend;

namespace {

struct Parsed {
  explicit Parsed(llvm::StringRef text) {
    file = parse(diagnostics.addSource(llvm::MemoryBuffer::getMemBufferCopy(text, "spec.cat")),
                 diagnostics);
  }
  std::string firstError() const {
    return diagnostics.diagnostics().empty() ? "" : diagnostics.diagnostics().front().message;
  }

  DiagnosticEngine diagnostics;
  std::unique_ptr<ast::File> file;
};

std::string repeat(llvm::StringRef text, unsigned count) {
  std::string result;
  for (unsigned i = 0; i < count; ++i)
    result += text;
  return result;
}

std::string readExample() {
  std::ifstream in(CATC_SOURCE_DIR "/examples/clip_vit_b16.cat");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace

TEST(Parser, BuildsTheTree) {
  Parsed parsed("import \"lib.cat\" as lib;\nlet a = 2 * (3 MiB + b.c);\n"
                "model m : lib.base { search n in {1, 2} KiB/cycle; tower t { x = -1_000; } }\n");
  ASSERT_TRUE(parsed.file) << parsed.firstError();
  EXPECT_EQ(parsed.file->imports.at(0).path, "lib.cat");
  auto *product = llvm::dyn_cast<ast::BinaryExpr>(parsed.file->lets.at(0).value.get());
  ASSERT_TRUE(product);
  EXPECT_EQ(product->op, cat::ExprOp::Mul);
  EXPECT_TRUE(product->rhs->parenthesized);
  EXPECT_EQ(textOf(product->range), "2 * (3 MiB + b.c)");
  const ast::Block &model = *parsed.file->blocks.at(0);
  EXPECT_EQ(model.searches.at(0).domain.unit.size(), 2u);
  auto *negated = llvm::cast<ast::UnaryExpr>(model.blocks.at(0)->assigns.at(0).value.get());
  EXPECT_EQ(llvm::cast<ast::NumberExpr>(negated->operand.get())->integer, 1000);
}

TEST(Parser, PrecedenceFollowsTheReference) {
  Parsed parsed("let a = not b + 1 == c and d or e implies f implies g;\n");
  ASSERT_TRUE(parsed.file);
  // ((not ((b + 1) == c)) and d) or e) implies (f implies g)
  auto *implies = llvm::cast<ast::BinaryExpr>(parsed.file->lets[0].value.get());
  EXPECT_EQ(textOf(implies->rhs->range), "f implies g");
  auto *either = llvm::cast<ast::BinaryExpr>(implies->lhs.get());
  EXPECT_EQ(either->op, cat::ExprOp::Or);
  auto *both = llvm::cast<ast::BinaryExpr>(either->lhs.get());
  EXPECT_EQ(textOf(both->lhs->range), "not b + 1 == c");
}

TEST(Parser, TakesMarksOfEveryPlatform) {
  EXPECT_TRUE(Parsed("\xef\xbb\xbflet a = 5;\r\nlet b = \"\xc3\xbc\"; # \xe2\x82\xac\r\n").file);
  EXPECT_TRUE(Parsed("let a = 5;\rlet b = 6;\r").file);
  EXPECT_TRUE(Parsed("").file);
  EXPECT_TRUE(Parsed("# only a comment").file);
}

TEST(Parser, RefusesWhatIsNoText) {
  EXPECT_EQ(Parsed(llvm::StringRef("let a = \0 5;\n", 13)).firstError(), "control character 0x00");
  EXPECT_EQ(Parsed("let a = \"\xff\";\n").firstError(), "byte 0xff is not UTF-8 text");
  EXPECT_EQ(Parsed("# \xc3").firstError(), "byte 0xc3 is not UTF-8 text");
  std::string bytes;
  for (int i = 0; i < 100000; ++i)
    bytes += static_cast<char>(i * 7919);
  EXPECT_FALSE(Parsed(bytes).file);
}

TEST(Parser, DeepNestingIsAnError) {
  const char *const message = "nested more than 200 levels deep";
  EXPECT_EQ(Parsed("let a = " + repeat("(", 100000) + "1").firstError(), message);
  EXPECT_EQ(Parsed("let a = " + repeat("-", 100000) + "1;").firstError(), message);
  EXPECT_EQ(Parsed("let a = " + repeat("not ", 100000) + "b;").firstError(), message);
  EXPECT_EQ(Parsed("let a = " + repeat("[", 100000)).firstError(), message);
  EXPECT_EQ(Parsed(repeat("a {", 100000)).firstError(), message);
  EXPECT_TRUE(Parsed("let a = " + repeat("(", 199) + "1" + repeat(")", 199) + ";").file);
}

TEST(Parser, LongExpressionsAreAnErrorOrFine) {
  EXPECT_TRUE(Parsed("let a = 1" + repeat(" + 1", 1000) + ";").file);
  EXPECT_TRUE(Parsed("let a = b" + repeat(" implies b", 1000) + ";").file);
  EXPECT_FALSE(Parsed("let a = 1" + repeat(" + 1", 1001) + ";").file);
  EXPECT_TRUE(Parsed("let a = [1" + repeat(", 1", 20000) + "];").file);
}

/// Whatever is cut off or lost, the parser says so and ends.
TEST(Parser, EveryTruncationIsAnErrorOrFine) {
  std::string text = readExample();
  ASSERT_GT(text.size(), 1000u);
  for (size_t length = 0; length < text.size(); length += 13) {
    Parsed parsed(llvm::StringRef(text).take_front(length));
    EXPECT_EQ(parsed.file == nullptr, parsed.diagnostics.hasErrors()) << length;
  }
}

TEST(Parser, EveryLostCharacterIsAnErrorOrFine) {
  std::string text = readExample();
  for (size_t at = 0; at < text.size(); at += 17) {
    Parsed parsed(text.substr(0, at) + text.substr(at + 1));
    EXPECT_EQ(parsed.file == nullptr, parsed.diagnostics.hasErrors()) << at;
  }
}
