//===- Diagnostics.h - Errors with their place in the source ----*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every error names file, line and column, shows the source line with the whole range underlined
// and, where there is one, a fix-it and notes at the other places involved.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_FRONTEND_DIAGNOSTICS_H
#define CATC_FRONTEND_DIAGNOSTICS_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/SourceMgr.h"
#include <deque>
#include <set>
#include <string>
#include <vector>

namespace cat::frontend {

enum class Severity : uint8_t { Error, Warning, Note };

/// A message at a place. An invalid range stands for no place at all.
struct Diagnostic {
  struct Note {
    llvm::SMRange range;
    std::string message;
  };
  struct FixIt {
    llvm::SMRange range; ///< what to replace; empty inserts
    std::string replacement;
  };

  Severity severity = Severity::Error;
  llvm::SMRange range;
  std::string message;
  std::vector<Note> notes;
  std::vector<FixIt> fixIts;

  Diagnostic &note(llvm::SMRange place, const llvm::Twine &text);
  Diagnostic &fixIt(llvm::SMRange place, const llvm::Twine &replacement);
};

/// Owns the source buffers, collects diagnostics and prints them in source order.
class DiagnosticEngine {
public:
  static constexpr unsigned kErrorLimit = 20;

  llvm::SourceMgr &sources() { return sources_; }
  const llvm::SourceMgr &sources() const { return sources_; }

  /// Adds a buffer under the name that diagnostics print, and returns its id.
  unsigned addSource(std::unique_ptr<llvm::MemoryBuffer> buffer);

  /// Records an error. The reference stays valid, so that notes can be added. The same message at
  /// the same place is recorded once: a block that many others derive from is checked with each of
  /// them.
  Diagnostic &error(llvm::SMRange range, const llvm::Twine &message);
  Diagnostic &warning(llvm::SMRange range, const llvm::Twine &message);

  bool hasErrors() const { return errors_ != 0; }
  unsigned errorCount() const { return errors_; }
  const std::deque<Diagnostic> &diagnostics() const { return diagnostics_; }

  /// Prints what has been recorded since the last flush, sorted by place; at most kErrorLimit
  /// errors in all.
  void flush(llvm::raw_ostream &os);

private:
  Diagnostic &add(Severity severity, llvm::SMRange range, const llvm::Twine &message);

  llvm::SourceMgr sources_;
  std::deque<Diagnostic> diagnostics_;
  std::set<std::pair<const char *, std::string>> seen_;
  Diagnostic repeated_;
  size_t flushed_ = 0;
  unsigned errors_ = 0, printedErrors_ = 0;
};

/// Prints one diagnostic: header, source line, underline, fix-it, notes.
void printDiagnostic(llvm::raw_ostream &os, const llvm::SourceMgr &sources,
                     const Diagnostic &diagnostic);

/// The source text of a range.
inline llvm::StringRef textOf(llvm::SMRange range) {
  return llvm::StringRef(range.Start.getPointer(),
                         range.End.getPointer() - range.Start.getPointer());
}

/// The range from the start of `a` to the end of `b`.
inline llvm::SMRange join(llvm::SMRange a, llvm::SMRange b) { return {a.Start, b.End}; }

/// The empty range at a place: a lone caret.
inline llvm::SMRange caret(llvm::SMLoc at) { return {at, at}; }

} // namespace cat::frontend

#endif // CATC_FRONTEND_DIAGNOSTICS_H
