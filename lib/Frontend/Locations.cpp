//===- Locations.cpp - Source ranges as MLIR locations, and back ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Locations.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace cat::frontend;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

mlir::Location cat::frontend::locationOf(mlir::MLIRContext *context, const llvm::SourceMgr &sources,
                                         SMRange range) {
  unsigned id = range.isValid() ? sources.FindBufferContainingLoc(range.Start) : 0;
  if (id == 0)
    return mlir::UnknownLoc::get(context);
  auto file = mlir::StringAttr::get(context, sources.getMemoryBuffer(id)->getBufferIdentifier());
  auto [startLine, startColumn] = sources.getLineAndColumn(range.Start, id);
  auto [endLine, endColumn] = sources.getLineAndColumn(range.End, id);
  return mlir::FileLineColRange::get(file, startLine, startColumn, endLine, endColumn);
}

/// The first place in a file that a location, however composed, mentions.
static mlir::FileLineColRange placeOf(mlir::Location location) {
  mlir::FileLineColRange place;
  location->walk([&](mlir::Location inner) {
    place = llvm::dyn_cast<mlir::FileLineColRange>(inner);
    return place ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return place;
}

SMRange cat::frontend::rangeOf(mlir::Location location, const llvm::SourceMgr &sources) {
  mlir::FileLineColRange place = placeOf(location);
  if (!place)
    return {};
  for (unsigned id = 1; id <= sources.getNumBuffers(); ++id) {
    if (sources.getMemoryBuffer(id)->getBufferIdentifier() != place.getFilename().getValue())
      continue;
    // Safe on any line and column: invalid where the buffer has none.
    auto at = [&](unsigned line, unsigned column) {
      return const_cast<llvm::SourceMgr &>(sources).FindLocForLineAndColumn(id, line, column);
    };
    SMLoc start = at(place.getStartLine(), place.getStartColumn());
    SMLoc end = at(place.getEndLine(), place.getEndColumn());
    if (start.isValid())
      return {start, end.isValid() && end.getPointer() >= start.getPointer() ? end : start};
  }
  return {};
}

/// A verifier's message without the op's name before it: users never see IR.
static std::string withoutOpName(const mlir::Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  StringRef rest(text);
  if (rest.consume_front("'")) {
    auto [name, behind] = rest.split("' op ");
    if (!behind.empty() && name.contains('.') && !name.contains(' '))
      return behind.str();
  }
  return text;
}

MlirDiagnosticHandler::MlirDiagnosticHandler(mlir::MLIRContext *context,
                                             DiagnosticEngine &diagnostics)
    : handler_(context, [&diagnostics](mlir::Diagnostic &diagnostic) {
        SMRange range = rangeOf(diagnostic.getLocation(), diagnostics.sources());
        Diagnostic *recorded = nullptr;
        switch (diagnostic.getSeverity()) {
        case mlir::DiagnosticSeverity::Error:
          recorded = &diagnostics.error(range, withoutOpName(diagnostic));
          break;
        case mlir::DiagnosticSeverity::Warning:
          recorded = &diagnostics.warning(range, withoutOpName(diagnostic));
          break;
        case mlir::DiagnosticSeverity::Note:
        case mlir::DiagnosticSeverity::Remark:
          return;
        }
        for (mlir::Diagnostic &note : diagnostic.getNotes())
          recorded->note(rangeOf(note.getLocation(), diagnostics.sources()), withoutOpName(note));
      }) {
  // The op would be printed as a note.
  context->printOpOnDiagnostic(false);
}
