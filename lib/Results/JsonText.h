//===- JsonText.h - JSON text and its numbers -------------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_RESULTS_JSONTEXT_H
#define CATC_RESULTS_JSONTEXT_H

#include "Results/Format.h"
#include "llvm/Support/JSON.h"
#include <string>

namespace cat::results {

/// A finite number with the shortest text that reads back to the same bits.
inline void number(llvm::json::OStream &out, llvm::StringRef key, double value) {
  out.attributeBegin(key);
  out.rawValue(shortestNumber(value));
  out.attributeEnd();
}

/// The text that `write` gives to a stream, with a line end.
template <typename Fn> std::string jsonText(Fn write) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  {
    llvm::json::OStream out(stream, /*IndentSize=*/2);
    write(out);
  }
  stream << "\n";
  return text;
}

} // namespace cat::results

#endif // CATC_RESULTS_JSONTEXT_H
