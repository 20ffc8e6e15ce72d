//===- SyntaxErrors.h - Wording and recovery of syntax errors ---*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the parser: this header needs antlr4-runtime.h, which only Parser.cpp and
// SyntaxErrors.cpp include.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_SYNTAXERRORS_H
#define CATC_FRONTEND_SYNTAXERRORS_H

#include "CatParser.h"
#include "Frontend/Diagnostics.h"
#include "antlr4-runtime.h"

namespace cat::frontend {

/// Maps ANTLR's tokens to the source buffer: the parser is fed one character for each byte, so that
/// its indices are offsets.
class TokenRanges {
public:
  explicit TokenRanges(llvm::StringRef text) : text_(text) {}

  llvm::SMRange of(antlr4::Token *token) const;
  llvm::SMRange of(antlr4::ParserRuleContext *context) const;
  llvm::StringRef textOf(antlr4::Token *token) const { return frontend::textOf(of(token)); }

private:
  llvm::StringRef text_;
};

/// Says what was expected in the words of the language, and resumes at ';', '}' or a keyword that
/// starts a member.
class SyntaxErrors : public antlr4::DefaultErrorStrategy {
public:
  SyntaxErrors(const TokenRanges &ranges, DiagnosticEngine &diagnostics)
      : ranges_(ranges), diagnostics_(diagnostics) {}

  void sync(antlr4::Parser *parser) override;
  antlr4::Token *recoverInline(antlr4::Parser *parser) override;
  void recover(antlr4::Parser *parser, std::exception_ptr error) override;

protected:
  void reportNoViableAlternative(antlr4::Parser *parser,
                                 const antlr4::NoViableAltException &e) override;
  void reportInputMismatch(antlr4::Parser *parser,
                           const antlr4::InputMismatchException &e) override;
  void reportUnwantedToken(antlr4::Parser *parser) override;
  void reportMissingToken(antlr4::Parser *parser) override;

private:
  /// Reports that `found` does not fit where one of `expected` should stand.
  void report(antlr4::Parser *parser, antlr4::Token *found,
              const antlr4::misc::IntervalSet &expected);
  void reportMissingSemicolon(antlr4::Parser *parser);
  void reportUnexpectedStart(antlr4::Parser *parser, antlr4::Token *found);
  std::string describe(antlr4::Token *token) const;
  std::string describeBlock(antlr4::ParserRuleContext *context) const;
  /// What stands before the ';' of the statement: "the value of 'clock'".
  std::string describeStatement(antlr4::ParserRuleContext *context) const;

  const TokenRanges &ranges_;
  DiagnosticEngine &diagnostics_;
};

} // namespace cat::frontend

#endif // CATC_FRONTEND_SYNTAXERRORS_H
