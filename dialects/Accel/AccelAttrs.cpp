//===- AccelAttrs.cpp - Mapping and count attributes ----------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <array>

using namespace mlir;
using namespace cat;
using namespace cat::accel;

llvm::hash_code cost::hash_value(const Mapping &m) {
  return llvm::hash_combine(static_cast<int>(m.split), static_cast<int>(m.hold), m.chunkRows,
                            m.blockColumns, m.serial, m.resident, m.blockBatch, m.blockRows);
}

llvm::hash_code cost::hash_value(const EventCounts &counts) {
  llvm::hash_code hash(0);
  EventCounts copy = counts;
  EventCounts::zip(copy, counts,
                   [&hash](int64_t &, int64_t v) { hash = llvm::hash_combine(hash, v); });
  return hash;
}

#define GET_ATTRDEF_CLASSES
#include "Accel/AccelAttrs.cpp.inc"

void AccelDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Accel/AccelAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// MappingAttr
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kSplits[] = {"none", "rows", "columns", "batch"};
static constexpr StringLiteral kHolds[] = {"neither", "input", "weight"};

/// Parses one of `names`; its index goes to `value`.
template <typename Enum, size_t N>
static ParseResult parseOneOf(AsmParser &parser, const StringLiteral (&names)[N], StringRef what,
                              Enum &value) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  for (size_t i = 0; i < N; ++i)
    if (keyword == names[i]) {
      value = static_cast<Enum>(i);
      return success();
    }
  return parser.emitError(loc) << "unknown " << what << " '" << keyword << "'";
}

/// A size of at least one.
static ParseResult parseSize(AsmParser &parser, int64_t &value) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseInteger(value))
    return failure();
  return value > 0 ? success() : ParseResult(parser.emitError(loc) << "a size must be positive");
}

Attribute MappingAttr::parse(AsmParser &parser, Type) {
  cost::Mapping mapping;
  if (parser.parseLess() || parser.parseKeyword("split") ||
      parseOneOf(parser, kSplits, "cluster split", mapping.split) || parser.parseComma() ||
      parser.parseKeyword("hold") || parseOneOf(parser, kHolds, "operand to hold", mapping.hold) ||
      parser.parseComma() || parser.parseKeyword("chunk") || parseSize(parser, mapping.chunkRows) ||
      parser.parseComma() || parser.parseKeyword("block") ||
      parseSize(parser, mapping.blockColumns))
    return {};
  mapping.serial = succeeded(parser.parseOptionalKeyword("serial"));
  if (parser.parseComma())
    return {};
  mapping.resident = succeeded(parser.parseOptionalKeyword("resident"));
  if (!mapping.resident && (parser.parseKeyword("activations") || parser.parseLSquare() ||
                            parseSize(parser, mapping.blockBatch) || parser.parseComma() ||
                            parseSize(parser, mapping.blockRows) || parser.parseRSquare()))
    return {};
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), mapping);
}

void MappingAttr::print(AsmPrinter &p) const {
  cost::Mapping mapping = getMapping();
  p << "<split " << kSplits[static_cast<size_t>(mapping.split)] << ", hold "
    << kHolds[static_cast<size_t>(mapping.hold)] << ", chunk " << mapping.chunkRows << ", block "
    << mapping.blockColumns << (mapping.serial ? " serial" : "");
  if (mapping.resident)
    p << ", resident>";
  else
    p << ", activations [" << mapping.blockBatch << ", " << mapping.blockRows << "]>";
}

//===----------------------------------------------------------------------===//
// CountsAttr
//===----------------------------------------------------------------------===//

/// Names of the fields, in the order of EventCounts::zip.
static constexpr std::array<StringLiteral, 12> kCountNames = {
    "cycles",     "macs",        "accumulator_bytes", "requantizations",
    "local_read", "local_write", "global_read",       "global_write",
    "dram_read",  "dram_write",  "vector_operations", "array_cycles"};
static_assert(sizeof(cost::EventCounts) == kCountNames.size() * sizeof(int64_t),
              "every count needs a name");

Attribute CountsAttr::parse(AsmParser &parser, Type) {
  cost::EventCounts counts;
  auto parseField = [&]() -> ParseResult {
    StringRef name;
    int64_t value = 0;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual() || parser.parseInteger(value))
      return failure();
    size_t i = 0;
    bool known = false;
    cost::EventCounts::zip(counts, counts, [&](int64_t &field, int64_t) {
      if (kCountNames[i++] == name) {
        field = value;
        known = true;
      }
    });
    return known ? success()
                 : ParseResult(parser.emitError(loc) << "unknown count '" << name << "'");
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseField))
    return {};
  return get(parser.getContext(), counts);
}

void CountsAttr::print(AsmPrinter &p) const {
  cost::EventCounts counts = getCounts();
  size_t i = 0;
  bool first = true;
  p << "<";
  cost::EventCounts::zip(counts, counts, [&](int64_t &value, int64_t) {
    StringRef name = kCountNames[i++];
    if (!value && name != "cycles")
      return;
    p << (first ? "" : ", ") << name << " = " << value;
    first = false;
  });
  p << ">";
}
