//===- Parser.cpp - Text to syntax tree -----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Parser.h"
#include "CatLexer.h"
#include "Frontend/SyntaxErrors.h"
#include "Support/Check.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include <cmath>

using namespace cat::frontend;
using antlr4::Token;
using P = cat::parser::CatParser;
using L = cat::parser::CatLexer;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Characters and tokens
//===----------------------------------------------------------------------===//

/// Stands for each byte of a character outside ASCII, which the grammar allows in strings and
/// comments only.
static constexpr char kForeignByte = '\x1a';

/// A copy of the text with one ASCII character for each byte; reports what is no UTF-8 text. The
/// first fault only: a binary file has thousands.
static std::string sanitize(StringRef text, DiagnosticEngine &diagnostics) {
  std::string ascii(text);
  bool reported = false;
  auto reportAt = [&](size_t at, const llvm::Twine &message) {
    SMLoc loc = SMLoc::getFromPointer(text.data() + at);
    if (!reported)
      diagnostics.error({loc, SMLoc::getFromPointer(text.data() + at + 1)}, message);
    reported = true;
  };
  if (text.starts_with("\xef\xbb\xbf"))
    ascii.replace(0, 3, "   ");
  for (size_t i = 0; i < ascii.size();) {
    unsigned char c = ascii[i];
    if (c < 0x80) {
      if (llvm::isPrint(c) || StringRef("\t\r\n\f").contains(c)) {
        ++i;
        continue;
      }
      reportAt(i, "control character 0x" + llvm::utohexstr(c, /*LowerCase=*/true, 2));
      ascii[i++] = ' ';
      continue;
    }
    const auto *bytes = reinterpret_cast<const llvm::UTF8 *>(text.data());
    unsigned length = llvm::getNumBytesForUTF8(c);
    if (i + length > text.size() || !llvm::isLegalUTF8Sequence(bytes + i, bytes + i + length)) {
      reportAt(i, "byte 0x" + llvm::utohexstr(c, /*LowerCase=*/true) + " is not UTF-8 text");
      length = 1;
    }
    for (; length > 0; --length)
      ascii[i++] = kForeignByte;
  }
  return ascii;
}

/// Reports tokens that no rule uses and repairs them, so that they cause no second error.
static void checkTokens(antlr4::CommonTokenStream &tokens, const TokenRanges &ranges,
                        DiagnosticEngine &diagnostics) {
  std::vector<Token *> all = tokens.getTokens();
  auto isForeign = [&](Token *token) {
    return token->getType() == P::UNKNOWN && token->getText()[0] == kForeignByte;
  };
  for (size_t i = 0; i < all.size(); ++i) {
    auto *token = static_cast<antlr4::CommonToken *>(all[i]);
    if (token->getType() == P::BAD_STRING) {
      diagnostics.error(ranges.of(token),
                        "unterminated string: expected '\"' before the end of the line");
      token->setType(P::STRING);
      continue;
    }
    if (token->getType() != P::UNKNOWN)
      continue;
    token->setChannel(Token::HIDDEN_CHANNEL);
    if (!isForeign(token)) {
      diagnostics.error(ranges.of(token), "unexpected character '" + ranges.textOf(token) + "'");
      continue;
    }
    // A run of characters outside ASCII is one error, and stands for a name unless it adjoins one.
    size_t last = i;
    while (last + 1 < all.size() && isForeign(all[last + 1]))
      static_cast<antlr4::CommonToken *>(all[++last])->setChannel(Token::HIDDEN_CHANNEL);
    SMRange range = join(ranges.of(token), ranges.of(all[last]));
    i = last;
    StringRef text = textOf(range);
    const auto *bytes = reinterpret_cast<const llvm::UTF8 *>(text.data());
    if (!llvm::isLegalUTF8String(&bytes, bytes + text.size()))
      continue; // sanitize() has reported it
    size_t first = token->getTokenIndex();
    if (!(first > 0 && all[first - 1]->getType() == P::ID) && all[last + 1]->getType() != P::ID) {
      token->setChannel(Token::DEFAULT_CHANNEL);
      token->setType(P::ID);
    }
    bool isMicro = text == "\u00b5" || text == "\u03bc";
    diagnostics.error(range, "unexpected character '" + text + "'" +
                                 (isMicro ? "; write 'u' for micro" : ""));
  }
}

/// Refuses what would need unreasonable stack space later. Returns false after an error.
static bool checkNesting(antlr4::CommonTokenStream &tokens, const TokenRanges &ranges,
                         DiagnosticEngine &diagnostics) {
  unsigned depth = 0, prefixes = 0, operators = 0;
  for (Token *token : tokens.getTokens()) {
    if (token->getChannel() != Token::DEFAULT_CHANNEL)
      continue;
    size_t type = token->getType();
    bool opens = type == P::LPAREN || type == P::LBRACKET || type == P::LBRACE;
    bool closes = type == P::RPAREN || type == P::RBRACKET || type == P::RBRACE;
    bool prefix = type == P::MINUS || type == P::NOT;
    bool isOperator = (type >= P::PLUS && type <= P::SLASH) || (type >= P::LE && type <= P::NE) ||
                      (type >= P::AND && type <= P::IMPLIES) || type == P::DOT;
    depth += opens;
    depth -= closes && depth > 0;
    prefixes = prefix ? prefixes + 1 : 0;
    if (depth > kMaxNesting || prefixes > kMaxNesting) {
      diagnostics.error(ranges.of(token),
                        "nested more than " + llvm::Twine(kMaxNesting) + " levels deep");
      return false;
    }
    if (type == P::SEMI || type == P::LBRACE || type == P::RBRACE)
      operators = 0;
    operators += isOperator;
    if (operators > kMaxOperators) {
      diagnostics.error(ranges.of(token), "expression with more than " +
                                              llvm::Twine(kMaxOperators) +
                                              " operators; name its parts with 'let'");
      return false;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Parse tree to syntax tree
//===----------------------------------------------------------------------===//

namespace {

class AstBuilder {
public:
  AstBuilder(const TokenRanges &ranges, DiagnosticEngine &diagnostics)
      : ranges_(ranges), diagnostics_(diagnostics) {}

  std::unique_ptr<ast::File> file(P::FileContext *context);

private:
  ast::Identifier identifier(Token *token) { return {ranges_.textOf(token), ranges_.of(token)}; }
  std::string unescape(Token *token);
  std::unique_ptr<ast::NameExpr> name(P::QualifiedNameContext *context);
  std::unique_ptr<ast::NumberExpr> number(P::NumberExprContext *context);
  ast::ExprPtr call(P::CallExprContext *context);
  ast::ExprPtr expr(P::ExprContext *context);
  ast::Domain domain(P::DomainContext *context, ast::Identifier name);
  ast::Let let(P::LetDeclContext *context);
  std::unique_ptr<ast::Block> block(P::BlockContext *context);
  void member(P::MemberContext *context, ast::Block &block);

  const TokenRanges &ranges_;
  DiagnosticEngine &diagnostics_;
};

} // namespace

static cat::ExprOp binaryOperator(size_t token) {
  using cat::ExprOp;
  switch (token) {
  case P::STAR:
    return ExprOp::Mul;
  case P::SLASH:
    return ExprOp::Div;
  case P::PLUS:
    return ExprOp::Add;
  case P::MINUS:
    return ExprOp::Sub;
  case P::LE:
    return ExprOp::LE;
  case P::GE:
    return ExprOp::GE;
  case P::LT:
    return ExprOp::LT;
  case P::GT:
    return ExprOp::GT;
  case P::EQ:
    return ExprOp::EQ;
  case P::NE:
    return ExprOp::NE;
  case P::AND:
    return ExprOp::And;
  case P::OR:
    return ExprOp::Or;
  case P::IMPLIES:
    return ExprOp::Implies;
  default:
    CATC_CHECK(false, "token is no binary operator");
  }
}

std::string AstBuilder::unescape(Token *token) {
  SMRange range = ranges_.of(token);
  StringRef body = textOf(range).drop_front();
  // The quote is missing from a string that checkTokens() has reported.
  if (body.ends_with("\""))
    body = body.drop_back();
  std::string value;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 == body.size()) {
      value += body[i];
      continue;
    }
    char escaped = body[++i];
    if (escaped == 'n')
      value += '\n';
    else if (escaped == 't')
      value += '\t';
    else if (escaped == '"' || escaped == '\\')
      value += escaped;
    else
      diagnostics_.error(
          {SMLoc::getFromPointer(body.data() + i - 1), SMLoc::getFromPointer(body.data() + i + 1)},
          "unknown escape in a string; known are \\\", \\\\, \\n and \\t");
  }
  return value;
}

std::unique_ptr<ast::NameExpr> AstBuilder::name(P::QualifiedNameContext *context) {
  auto result = std::make_unique<ast::NameExpr>(ranges_.of(context));
  for (antlr4::tree::TerminalNode *part : context->ID())
    result->parts.push_back(identifier(part->getSymbol()));
  return result;
}

std::unique_ptr<ast::NumberExpr> AstBuilder::number(P::NumberExprContext *context) {
  auto result = std::make_unique<ast::NumberExpr>(ranges_.of(context));
  SMRange range = result->digits = ranges_.of(context->value);
  std::string digits = llvm::join(llvm::split(textOf(range), '_'), "");
  result->integral = context->value->getType() == P::INT;
  if (result->integral && StringRef(digits).getAsInteger(10, result->integer))
    diagnostics_.error(range, "integer is too large: the largest is 9223372036854775807");
  if (StringRef(digits).getAsDouble(result->real) || !std::isfinite(result->real)) {
    if (!result->integral)
      diagnostics_.error(range, "number is too large");
    result->real = 1;
  }
  if (context->unitName)
    result->unit = identifier(context->unitName);
  return result;
}

ast::ExprPtr AstBuilder::call(P::CallExprContext *context) {
  auto result = std::make_unique<ast::CallExpr>(ranges_.of(context));
  result->callee = name(context->callee);
  for (P::ArgumentContext *argument : context->argument())
    result->arguments.push_back({argument->name ? identifier(argument->name) : ast::Identifier(),
                                 expr(argument->value), ranges_.of(argument)});
  return result;
}

ast::ExprPtr AstBuilder::expr(P::ExprContext *context) {
  SMRange range = ranges_.of(context);
  if (auto *e = dynamic_cast<P::ParenExprContext *>(context)) {
    ast::ExprPtr inner = expr(e->expr());
    inner->parenthesized = true;
    inner->range = range;
    return inner;
  }
  if (auto *e = dynamic_cast<P::BinaryExprContext *>(context))
    return std::make_unique<ast::BinaryExpr>(range, binaryOperator(e->op->getType()),
                                             ranges_.of(e->op), expr(e->lhs), expr(e->rhs));
  if (auto *e = dynamic_cast<P::UnaryExprContext *>(context))
    return std::make_unique<ast::UnaryExpr>(
        range, e->op->getType() == P::NOT ? cat::ExprOp::Not : cat::ExprOp::Neg, expr(e->expr()));
  if (auto *e = dynamic_cast<P::NumberExprContext *>(context))
    return number(e);
  if (auto *e = dynamic_cast<P::NameExprContext *>(context))
    return name(e->qualifiedName());
  if (auto *e = dynamic_cast<P::CallExprContext *>(context))
    return call(e);
  if (auto *e = dynamic_cast<P::StringExprContext *>(context))
    return std::make_unique<ast::StringExpr>(range, unescape(e->STRING()->getSymbol()));
  if (auto *e = dynamic_cast<P::BooleanExprContext *>(context))
    return std::make_unique<ast::BooleanExpr>(range, e->value->getType() == P::TRUE);
  auto *e = dynamic_cast<P::ListExprContext *>(context);
  CATC_CHECK(e, "expression of an unknown kind");
  auto list = std::make_unique<ast::ListExpr>(range);
  for (P::ExprContext *element : e->expr())
    list->elements.push_back(expr(element));
  return list;
}

ast::Domain AstBuilder::domain(P::DomainContext *context, ast::Identifier name) {
  ast::Domain result;
  result.range = ranges_.of(context);
  if (auto *range = dynamic_cast<P::RangeDomainContext *>(context)) {
    result.lo = expr(range->lo);
    if (!range->hi) {
      StringRef text = textOf(result.range);
      std::string message = ("expected a range or a choice list, found '" + text + "'").str();
      auto [lo, hi] = text.split('.');
      bool isPair =
          llvm::all_of(lo, llvm::isDigit) && llvm::all_of(hi, llvm::isDigit) && !hi.empty();
      std::string repaired = (lo + ".." + hi).str();
      Diagnostic &d = diagnostics_.error(
          result.range, message + "; write '" + (isPair ? repaired : ("{" + text + "}").str()) +
                            "' for " + (isPair ? "a range" : "a single choice"));
      if (isPair)
        d.fixIt(result.range, repaired);
      return result;
    }
    result.hi = expr(range->hi);
    if (range->step)
      result.step = expr(range->step);
    return result;
  }
  auto *choices = static_cast<P::ChoiceDomainContext *>(context);
  for (P::ExprContext *choice : choices->expr())
    result.choices.push_back(expr(choice));
  if (P::UnitContext *unit = choices->unit()) {
    result.unitRange = ranges_.of(unit);
    for (antlr4::tree::ParseTree *child : unit->children)
      if (auto *leaf = static_cast<antlr4::tree::TerminalNode *>(child);
          leaf->getSymbol()->getType() != P::SLASH)
        result.unit.push_back(identifier(leaf->getSymbol()));
  }
  return result;
}

ast::Let AstBuilder::let(P::LetDeclContext *context) {
  return {identifier(context->name), expr(context->value)};
}

void AstBuilder::member(P::MemberContext *context, ast::Block &block) {
  if (auto *m = dynamic_cast<P::LetMemberContext *>(context)) {
    block.lets.push_back(let(m->letDecl()));
  } else if (auto *m = dynamic_cast<P::SearchMemberContext *>(context)) {
    ast::Identifier id = identifier(m->name);
    block.searches.push_back({id, domain(m->domain(), id)});
  } else if (auto *m = dynamic_cast<P::RequireMemberContext *>(context)) {
    std::optional<std::string> label;
    if (m->label)
      label = unescape(m->label);
    block.requirements.push_back({std::move(label), expr(m->condition)});
  } else if (auto *m = dynamic_cast<P::GoalMemberContext *>(context)) {
    block.goals.push_back({m->sense->getType() == P::MAXIMIZE, expr(m->value),
                           m->threshold ? expr(m->threshold) : nullptr});
  } else if (auto *m = dynamic_cast<P::BaselineMemberContext *>(context)) {
    block.baselines.push_back(expr(m->design));
  } else if (auto *m = dynamic_cast<P::AssignMemberContext *>(context)) {
    block.assigns.push_back({identifier(m->name), expr(m->value)});
  } else {
    auto *nested = dynamic_cast<P::BlockMemberContext *>(context);
    CATC_CHECK(nested, "member of an unknown kind");
    block.blocks.push_back(this->block(nested->block()));
  }
}

std::unique_ptr<ast::Block> AstBuilder::block(P::BlockContext *context) {
  auto result = std::make_unique<ast::Block>();
  result->kind = identifier(context->kind);
  if (context->name)
    result->name = identifier(context->name);
  if (context->base)
    result->base = name(context->base);
  result->header =
      join(result->kind.range, context->name ? result->name.range : result->kind.range);
  for (P::MemberContext *m : context->member())
    member(m, *result);
  return result;
}

std::unique_ptr<ast::File> AstBuilder::file(P::FileContext *context) {
  auto result = std::make_unique<ast::File>();
  for (P::ImportDeclContext *import : context->importDecl())
    result->imports.push_back(
        {unescape(import->path), ranges_.of(import->path), identifier(import->alias)});
  for (P::LetDeclContext *declaration : context->letDecl())
    result->lets.push_back(let(declaration));
  for (P::BlockContext *declaration : context->block())
    result->blocks.push_back(block(declaration));
  return result;
}

std::unique_ptr<ast::File> cat::frontend::parse(unsigned bufferId, DiagnosticEngine &diagnostics) {
  StringRef text = diagnostics.sources().getMemoryBuffer(bufferId)->getBuffer();
  unsigned errorsBefore = diagnostics.errorCount();
  TokenRanges ranges(text);
  antlr4::ANTLRInputStream input(sanitize(text, diagnostics));
  L lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  checkTokens(tokens, ranges, diagnostics);
  if (!checkNesting(tokens, ranges, diagnostics))
    return nullptr;
  tokens.seek(0);

  P parser(&tokens);
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<SyntaxErrors>(ranges, diagnostics));
  P::FileContext *tree = parser.file();
  if (diagnostics.errorCount() != errorsBefore)
    return nullptr;
  std::unique_ptr<ast::File> file = AstBuilder(ranges, diagnostics).file(tree);
  return diagnostics.errorCount() == errorsBefore ? std::move(file) : nullptr;
}
