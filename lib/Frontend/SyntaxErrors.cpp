//===- SyntaxErrors.cpp - Wording and recovery of syntax errors -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/SyntaxErrors.h"

using namespace cat::frontend;
using antlr4::ParserRuleContext;
using antlr4::Token;
using antlr4::misc::IntervalSet;
using P = cat::parser::CatParser;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

SMRange TokenRanges::of(Token *token) const {
  // Tokens that recovery made up, and the end of the file, have no text of their own.
  size_t start = std::min(token->getStartIndex(), text_.size());
  size_t stop =
      token->getType() == Token::EOF ? start : std::min(token->getStopIndex() + 1, text_.size());
  return {SMLoc::getFromPointer(text_.data() + start),
          SMLoc::getFromPointer(text_.data() + std::max(start, stop))};
}

SMRange TokenRanges::of(ParserRuleContext *context) const {
  return join(of(context->start), of(context->stop ? context->stop : context->start));
}

/// Keywords that begin a member or declaration: where parsing can resume although a ';' is missing.
static bool startsWithKeyword(size_t type) {
  switch (type) {
  case P::IMPORT:
  case P::LET:
  case P::SEARCH:
  case P::REQUIRE:
  case P::MINIMIZE:
  case P::MAXIMIZE:
  case P::BASELINE:
    return true;
  default:
    return false;
  }
}

static bool isKeyword(size_t type) { return type >= P::IMPORT && type <= P::FALSE; }

/// The nearest enclosing context of a rule, or null.
static ParserRuleContext *enclosing(ParserRuleContext *context, size_t rule) {
  while (context && context->getRuleIndex() != rule)
    context = static_cast<ParserRuleContext *>(context->parent);
  return context;
}

//===----------------------------------------------------------------------===//
// Recovery
//===----------------------------------------------------------------------===//

void SyntaxErrors::sync(antlr4::Parser *parser) {
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  size_t rule = context->getRuleIndex();
  auto *state =
      parser->getInterpreter<antlr4::atn::ParserATNSimulator>()->atn.states[parser->getState()];
  size_t kind = state->getStateType();
  bool isLoop = kind == antlr4::atn::ATNState::STAR_LOOP_ENTRY ||
                kind == antlr4::atn::ATNState::STAR_LOOP_BACK;
  if (!isLoop || (rule != P::RuleFile && rule != P::RuleBlock))
    return;
  // Between members: skip whatever cannot begin one.
  while (true) {
    size_t next = parser->getInputStream()->LA(1);
    bool closes = next == Token::EOF || (next == P::RBRACE && rule == P::RuleBlock);
    bool starts =
        next == P::ID || next == P::LET ||
        (rule == P::RuleFile ? next == P::IMPORT : startsWithKeyword(next) && next != P::IMPORT);
    if (closes || starts)
      return;
    if (!inErrorRecoveryMode(parser)) {
      beginErrorCondition(parser);
      reportUnexpectedStart(parser, parser->getCurrentToken());
    }
    bool resync = false;
    do {
      resync = next == P::SEMI || next == P::RBRACE;
      parser->consume();
      next = parser->getInputStream()->LA(1);
    } while (!resync && next != Token::EOF && next != P::RBRACE && !startsWithKeyword(next));
    if (resync)
      endErrorCondition(parser);
  }
}

Token *SyntaxErrors::recoverInline(antlr4::Parser *parser) {
  // A made-up 'as' would take the next declaration's kind for the alias.
  if (getExpectedTokens(parser).contains(size_t(P::AS)))
    throw antlr4::InputMismatchException(parser);
  return DefaultErrorStrategy::recoverInline(parser);
}

void SyntaxErrors::recover(antlr4::Parser *parser, std::exception_ptr) {
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  size_t rule = context->getRuleIndex();
  bool isStatement = rule == P::RuleMember || rule == P::RuleLetDecl || rule == P::RuleImportDecl ||
                     rule == P::RuleBlock;
  bool isHeader = rule == P::RuleQualifiedName && context->parent &&
                  static_cast<ParserRuleContext *>(context->parent)->getRuleIndex() == P::RuleBlock;
  // An import that breaks off at the end of its line leaves the next line alone.
  if (rule == P::RuleImportDecl &&
      parser->getCurrentToken()->getLine() > parser->getTokenStream()->LT(-1)->getLine())
    return;
  bool inChoices = false;
  for (auto *c = context; c && c->getRuleIndex() != P::RuleBlock;
       c = static_cast<ParserRuleContext *>(c->parent))
    inChoices |= dynamic_cast<P::ChoiceDomainContext *>(c) != nullptr;
  size_t start = parser->getInputStream()->index();
  while (true) {
    size_t next = parser->getInputStream()->LA(1);
    if (next == Token::EOF || startsWithKeyword(next) || (isHeader && next == P::LBRACE))
      break;
    if (next == P::RBRACE && !inChoices)
      break;
    if (next == P::SEMI) {
      if (isStatement) {
        parser->consume();
        endErrorCondition(parser);
      }
      return;
    }
    inChoices &= next != P::RBRACE;
    parser->consume();
  }
  // A statement that fails on the very token it began with must not be tried again for ever.
  if (rule == P::RuleMember && parser->getInputStream()->index() == start &&
      context->start->getTokenIndex() == start && parser->getInputStream()->LA(1) != P::RBRACE &&
      parser->getInputStream()->LA(1) != Token::EOF)
    parser->consume();
}

//===----------------------------------------------------------------------===//
// Wording
//===----------------------------------------------------------------------===//

std::string SyntaxErrors::describe(Token *token) const {
  if (token->getType() == Token::EOF)
    return "the end of the file";
  StringRef text = ranges_.textOf(token);
  return text.size() > 40 ? ("'" + text.take_front(37) + "...'").str() : ("'" + text + "'").str();
}

std::string SyntaxErrors::describeBlock(ParserRuleContext *context) const {
  auto *block = static_cast<P::BlockContext *>(enclosing(context, P::RuleBlock));
  std::string text = ranges_.textOf(block->kind).str();
  if (block->name)
    text += " '" + ranges_.textOf(block->name).str() + "'";
  return text;
}

std::string SyntaxErrors::describeStatement(ParserRuleContext *context) const {
  for (; context; context = static_cast<ParserRuleContext *>(context->parent)) {
    if (auto *search = dynamic_cast<P::SearchMemberContext *>(context))
      return dynamic_cast<P::ChoiceDomainContext *>(search->domain()) ? "choice list" : "range";
    if (auto *assign = dynamic_cast<P::AssignMemberContext *>(context))
      return "the value of '" + ranges_.textOf(assign->name).str() + "'";
    if (auto *let = dynamic_cast<P::LetDeclContext *>(context))
      return "the value of '" + ranges_.textOf(let->name).str() + "'";
    if (dynamic_cast<P::RequireMemberContext *>(context))
      return "the requirement";
    if (auto *goal = dynamic_cast<P::GoalMemberContext *>(context))
      return goal->threshold ? "the threshold" : "the goal";
    if (dynamic_cast<P::BaselineMemberContext *>(context))
      return "the baseline";
    if (dynamic_cast<P::ImportDeclContext *>(context))
      return "the import";
  }
  return "the statement";
}

void SyntaxErrors::reportMissingSemicolon(antlr4::Parser *parser) {
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  Token *last = parser->getTokenStream()->LT(-1);
  // In "layers = 12 <newline> heads = 8" the parser has taken 'heads' for the unit of 12.
  if (last->getType() == P::ID && last->getTokenIndex() > 0) {
    Token *number = nullptr;
    for (size_t i = last->getTokenIndex(); i-- > 0 && !number;)
      if (parser->getTokenStream()->get(i)->getChannel() == Token::DEFAULT_CHANNEL)
        number = parser->getTokenStream()->get(i);
    bool isNumber = number && (number->getType() == P::INT || number->getType() == P::FLOAT);
    if (isNumber && number->getLine() < last->getLine())
      last = number;
  }
  // The ';' of an unterminated string, already reported, is inside it.
  StringRef lastText = ranges_.textOf(last);
  if (last->getType() == P::STRING && (lastText.size() < 2 || !lastText.ends_with("\"")))
    return;
  SMLoc end = ranges_.of(last).End;
  diagnostics_.error(caret(end), "expected ';' after " + describeStatement(context))
      .fixIt(caret(end), ";");
}

void SyntaxErrors::reportUnexpectedStart(antlr4::Parser *parser, Token *found) {
  SMRange range = ranges_.of(found);
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  if (found->getType() == P::RBRACE)
    diagnostics_.error(range, "unmatched '}'");
  else if (found->getType() == P::SEMI && parser->getTokenStream()->LT(-1) &&
           parser->getTokenStream()->LT(-1)->getType() == P::RBRACE)
    diagnostics_.error(range, "a block takes no ';' behind its '}'");
  else if (isKeyword(found->getType()) && parser->getInputStream()->LA(2) == P::ASSIGN)
    diagnostics_.error(range, describe(found) + " is a keyword and cannot be used as a name");
  else if (context->getRuleIndex() == P::RuleFile && startsWithKeyword(found->getType()))
    diagnostics_.error(range, describe(found) + " must stand inside a block");
  else if (context->getRuleIndex() == P::RuleFile)
    diagnostics_.error(range, "expected 'import', 'let' or a block, found " + describe(found));
  else if (found->getType() == P::IMPORT)
    diagnostics_.error(range, "'import' must stand outside of blocks");
  else
    diagnostics_.error(range, "unexpected " + describe(found) + " in " + describeBlock(context));
}

void SyntaxErrors::report(antlr4::Parser *parser, Token *found, const IntervalSet &expected) {
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  SMRange range = ranges_.of(found);
  auto expects = [&](size_t type) { return expected.contains(type); };
  auto *block = dynamic_cast<P::BlockContext *>(context);

  // At the end of the file, behind what is there.
  if (found->getType() == Token::EOF && parser->getTokenStream()->LT(-1))
    range = caret(ranges_.of(parser->getTokenStream()->LT(-1)).End);
  if (block && expects(P::RBRACE)) {
    diagnostics_.error(range, "expected '}' to close " + describeBlock(context))
        .note(ranges_.of(block->kind), "opened here");
    return;
  }
  if (block && expects(P::LBRACE)) {
    diagnostics_.error(range, "expected '{' to open the body of " + describeBlock(context) +
                                  ", found " + describe(found));
    return;
  }
  if (expects(P::SEMI) && !expects(P::LPAREN)) {
    reportMissingSemicolon(parser);
    return;
  }
  if (auto *search = dynamic_cast<P::SearchMemberContext *>(context); search && expects(P::IN)) {
    diagnostics_
        .error(range, "expected 'in' before the domain of '" + ranges_.textOf(search->name) + "'")
        .fixIt(caret(range.Start), "in ");
    return;
  }
  if (dynamic_cast<P::ImportDeclContext *>(context) && expects(P::AS)) {
    diagnostics_.error(range, "expected 'as' and a name after the path of the import, found " +
                                  describe(found));
    return;
  }
  if (dynamic_cast<P::ChoiceDomainContext *>(context) && expects(P::RBRACE)) {
    diagnostics_.error(range, "expected ',' or '}' in the choice list, found " + describe(found));
    return;
  }
  for (auto [close, open] :
       {std::pair<size_t, size_t>(P::RPAREN, P::LPAREN), {P::RBRACKET, P::LBRACKET}}) {
    if (!expects(close) || expects(P::ID))
      continue;
    const char *text = close == P::RPAREN ? ")" : "]";
    Diagnostic &d =
        diagnostics_.error(range, llvm::Twine("expected '") + text + "', found " + describe(found));
    for (antlr4::tree::ParseTree *child : context->children)
      if (auto *leaf = dynamic_cast<antlr4::tree::TerminalNode *>(child))
        if (leaf->getSymbol()->getType() == open) {
          d.note(ranges_.of(leaf->getSymbol()),
                 llvm::Twine("to match this '") + (close == P::RPAREN ? "(" : "[") + "'");
          break;
        }
    return;
  }
  if (isKeyword(found->getType()) && expects(P::ID)) {
    diagnostics_.error(range, describe(found) + " is a keyword and cannot be used as a name");
    return;
  }
  if (expects(P::LBRACKET)) {
    diagnostics_.error(range, "expected an expression, found " + describe(found));
    return;
  }
  if (expects(P::ID)) {
    diagnostics_.error(range, "expected a name, found " + describe(found));
    return;
  }
  if (expects(P::STRING)) {
    diagnostics_.error(range, "expected a string, found " + describe(found));
    return;
  }
  if (expects(P::ASSIGN)) {
    diagnostics_.error(range, "expected '=', found " + describe(found));
    return;
  }
  diagnostics_.error(range, "unexpected " + describe(found));
}

void SyntaxErrors::reportNoViableAlternative(antlr4::Parser *parser,
                                             const antlr4::NoViableAltException &e) {
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  Token *start = e.getStartToken(), *found = e.getOffendingToken();
  size_t rule = context->getRuleIndex();
  if ((rule == P::RuleMember || rule == P::RuleFile) && start->getType() == P::ID &&
      start != found) {
    diagnostics_.error(ranges_.of(found), "expected '=' or '{' after '" + ranges_.textOf(start) +
                                              "', found " + describe(found));
    return;
  }
  report(parser, found, getExpectedTokens(parser));
}

void SyntaxErrors::reportInputMismatch(antlr4::Parser *parser,
                                       const antlr4::InputMismatchException &e) {
  report(parser, e.getOffendingToken(), e.getExpectedTokens());
}

void SyntaxErrors::reportUnwantedToken(antlr4::Parser *parser) {
  if (inErrorRecoveryMode(parser))
    return;
  beginErrorCondition(parser);
  Token *found = parser->getCurrentToken();
  auto *context = static_cast<ParserRuleContext *>(parser->getContext());
  IntervalSet expected = getExpectedTokens(parser);
  if (expected.contains(size_t(P::SEMI)) && !expected.contains(size_t(P::LPAREN)))
    diagnostics_.error(ranges_.of(found),
                       "unexpected " + describe(found) + " after " + describeStatement(context));
  else
    report(parser, found, expected);
}

void SyntaxErrors::reportMissingToken(antlr4::Parser *parser) {
  if (inErrorRecoveryMode(parser))
    return;
  beginErrorCondition(parser);
  report(parser, parser->getCurrentToken(), getExpectedTokens(parser));
}
