//===- Parser.h - Text to syntax tree ---------------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_PARSER_H
#define CATC_FRONTEND_PARSER_H

#include "Frontend/Ast.h"
#include "Frontend/Diagnostics.h"

namespace cat::frontend {

/// Brackets, braces and prefix operators may nest this deep; an expression may have kMaxOperators
/// operators.
inline constexpr unsigned kMaxNesting = 200;
inline constexpr unsigned kMaxOperators = 1000;

/// Parses a buffer of the engine. After a syntax error it resumes behind the next ';' or '}',
/// reports what else is wrong and returns null.
std::unique_ptr<ast::File> parse(unsigned bufferId, DiagnosticEngine &diagnostics);

} // namespace cat::frontend

#endif // CATC_FRONTEND_PARSER_H
