//===- Diagnostics.cpp - Errors with their place in the source ------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace cat::frontend;
using llvm::raw_ostream;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

Diagnostic &Diagnostic::note(SMRange place, const llvm::Twine &text) {
  notes.push_back({place, text.str()});
  return *this;
}

Diagnostic &Diagnostic::fixIt(SMRange place, const llvm::Twine &replacement) {
  fixIts.push_back({place, replacement.str()});
  return *this;
}

unsigned DiagnosticEngine::addSource(std::unique_ptr<llvm::MemoryBuffer> buffer) {
  return sources_.AddNewSourceBuffer(std::move(buffer), SMLoc());
}

Diagnostic &DiagnosticEngine::add(Severity severity, SMRange range, const llvm::Twine &message) {
  Diagnostic &diagnostic = diagnostics_.emplace_back();
  diagnostic.severity = severity;
  diagnostic.range = range;
  diagnostic.message = message.str();
  return diagnostic;
}

Diagnostic &DiagnosticEngine::error(SMRange range, const llvm::Twine &message) {
  if (!seen_.insert({range.Start.getPointer(), message.str()}).second)
    return repeated_ = Diagnostic();
  ++errors_;
  return add(Severity::Error, range, message);
}

Diagnostic &DiagnosticEngine::warning(SMRange range, const llvm::Twine &message) {
  return add(Severity::Warning, range, message);
}

void DiagnosticEngine::flush(raw_ostream &os) {
  struct Entry {
    unsigned buffer;
    const char *place;
    const Diagnostic *diagnostic;
  };
  std::vector<Entry> entries;
  for (; flushed_ < diagnostics_.size(); ++flushed_) {
    const Diagnostic &d = diagnostics_[flushed_];
    unsigned buffer = d.range.isValid() ? sources_.FindBufferContainingLoc(d.range.Start) : 0;
    entries.push_back({buffer, d.range.Start.getPointer(), &d});
  }
  llvm::stable_sort(entries, [](const Entry &a, const Entry &b) {
    return std::make_pair(a.buffer, a.place) < std::make_pair(b.buffer, b.place);
  });
  for (const Entry &entry : entries) {
    if (entry.diagnostic->severity == Severity::Error && printedErrors_++ >= kErrorLimit)
      continue;
    printDiagnostic(os, sources_, *entry.diagnostic);
  }
  if (printedErrors_ > kErrorLimit && !entries.empty())
    os << "error: too many errors; the first " << kErrorLimit << " of " << printedErrors_
       << " are shown\n";
}

//===----------------------------------------------------------------------===//
// Rendering
//===----------------------------------------------------------------------===//

namespace {

/// Columns that a tab advances to a multiple of.
constexpr unsigned kTabStop = 8;

/// Longest line, in bytes, that is shown whole.
constexpr ptrdiff_t kLongestLine = 160;

/// A source line prepared for display: tabs expanded, bytes mapped to screen columns.
class DisplayLine {
public:
  explicit DisplayLine(StringRef line) {
    for (size_t i = 0; i < line.size();) {
      unsigned char c = line[i];
      if (c == '\t') {
        column_.push_back(width_);
        do
          text_ += ' ', ++width_;
        while (width_ % kTabStop != 0);
        ++i;
        continue;
      }
      size_t length = 1;
      while (c >= 0xc0 && i + length < line.size() && (line[i + length] & 0xc0) == 0x80 &&
             length < 4)
        ++length;
      StringRef character = line.substr(i, length);
      int columns = llvm::sys::unicode::columnWidthUTF8(character);
      // Control characters and bytes that are not UTF-8 would disturb the terminal.
      if (columns < 0 || (length == 1 && (c < 0x20 || c >= 0x7f))) {
        text_ += '?';
        columns = 1;
      } else {
        text_ += character;
      }
      column_.insert(column_.end(), length, width_);
      width_ += columns;
      i += length;
    }
    column_.push_back(width_);
  }

  StringRef text() const { return text_; }
  unsigned column(size_t byte) const { return column_[std::min(byte, column_.size() - 1)]; }

private:
  std::string text_;
  std::vector<unsigned> column_;
  unsigned width_ = 0;
};

} // namespace

static StringRef severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  }
  return "";
}

/// A message with what stands in the middle left out if it is long: names and texts of a spec that
/// it quotes may have any length.
static std::string shortened(StringRef message) {
  constexpr size_t kShownAtEachEnd = 500;
  if (message.size() <= 3 * kShownAtEachEnd)
    return message.str();
  auto isInside = [](char c) { return (c & 0xc0) == 0x80; }; // of a UTF-8 character
  size_t head = kShownAtEachEnd, tail = message.size() - kShownAtEachEnd;
  while (head > 0 && isInside(message[head]))
    --head;
  while (tail < message.size() && isInside(message[tail]))
    ++tail;
  return (message.take_front(head) + " ... " + message.drop_front(tail)).str();
}

static void printHeader(raw_ostream &os, Severity severity, StringRef message) {
  const auto color = severity == Severity::Error     ? raw_ostream::RED
                     : severity == Severity::Warning ? raw_ostream::MAGENTA
                                                     : raw_ostream::CYAN;
  if (os.has_colors())
    os.changeColor(color, /*Bold=*/true);
  os << severityName(severity) << ": ";
  if (os.has_colors())
    os.resetColor();
  os << shortened(message) << '\n';
}

static void printOne(raw_ostream &os, const llvm::SourceMgr &sources, Severity severity,
                     SMRange range, StringRef message, llvm::ArrayRef<Diagnostic::FixIt> fixIts) {
  unsigned id = range.isValid() ? sources.FindBufferContainingLoc(range.Start) : 0;
  if (id == 0) {
    printHeader(os, severity, message);
    return;
  }
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(id);
  auto [lineNumber, columnNumber] = sources.getLineAndColumn(range.Start, id);
  os << buffer->getBufferIdentifier() << ':' << lineNumber << ':' << columnNumber << ": ";
  printHeader(os, severity, message);

  const char *begin = range.Start.getPointer(), *lineBegin = begin, *lineEnd = begin;
  while (lineBegin != buffer->getBufferStart() && lineBegin[-1] != '\n' && lineBegin[-1] != '\r')
    --lineBegin;
  while (lineEnd != buffer->getBufferEnd() && *lineEnd != '\n' && *lineEnd != '\r')
    ++lineEnd;
  // Of a very long line, only the part around the place is shown.
  const bool isCut = lineEnd - lineBegin > kLongestLine;
  if (isCut && begin - lineBegin > kLongestLine / 2)
    lineBegin = begin - kLongestLine / 2;
  if (isCut && lineEnd - begin > kLongestLine / 2)
    lineEnd = begin + kLongestLine / 2;
  DisplayLine line(StringRef(lineBegin, lineEnd - lineBegin));
  os << line.text() << '\n';

  // A range over several lines is underlined to the end of its first.
  unsigned first = line.column(begin - lineBegin);
  unsigned last = line.column(std::min(range.End.getPointer(), lineEnd) - lineBegin);
  os.indent(first);
  if (os.has_colors())
    os.changeColor(raw_ostream::GREEN, /*Bold=*/true);
  os << '^' << std::string(last > first + 1 ? last - first - 1 : 0, '~');
  if (os.has_colors())
    os.resetColor();
  os << '\n';
  for (const Diagnostic::FixIt &fixIt : fixIts) {
    const char *place = fixIt.range.Start.getPointer();
    if (place < lineBegin || place > lineEnd)
      continue;
    os.indent(line.column(place - lineBegin)) << StringRef(fixIt.replacement).rtrim() << '\n';
  }
}

void cat::frontend::printDiagnostic(raw_ostream &os, const llvm::SourceMgr &sources,
                                    const Diagnostic &diagnostic) {
  printOne(os, sources, diagnostic.severity, diagnostic.range, diagnostic.message,
           diagnostic.fixIts);
  for (const Diagnostic::Note &note : diagnostic.notes)
    printOne(os, sources, Severity::Note, note.range, note.message, {});
}
