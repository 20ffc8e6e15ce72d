//===- At.cpp - --at NAME=VALUE,... ---------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/At.h"
#include "Driver/Options.h"
#include "Frontend/Dimension.h"
#include "Frontend/Spelling.h"
#include "Support/Check.h"
#include "Transforms/Bind.h"

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

AtOption::AtOption(cl::SubCommand &command)
    : bindings("at",
               cl::desc("Values of search parameters, in any unit of their dimension; a bare "
                        "number takes the domain's unit"),
               cl::value_desc("NAME=VALUE,..."), cl::CommaSeparated, cl::sub(command)) {}

/// The parameter that a name or the end of a dotted path means, or -1; prints why.
static int32_t findParameter(const study::ParameterTable &table, llvm::StringRef name) {
  if (int32_t exact = table.find(name); exact >= 0)
    return exact;
  llvm::SmallVector<int32_t> matches;
  llvm::SmallVector<llvm::StringRef> names;
  for (size_t i = 0; i < table.size(); ++i) {
    llvm::StringRef path = table[i].name;
    // A misspelt name may be any end of a path, too.
    for (llvm::StringRef end = path; !end.empty(); end = end.split('.').second)
      names.push_back(end);
    if (path.ends_with(("." + name).str()))
      matches.push_back(static_cast<int32_t>(i));
  }
  if (matches.size() == 1)
    return matches.front();
  if (matches.empty())
    fail("unknown parameter '" + name + "' in --at" + frontend::didYouMean(name, names));
  else
    fail("'" + name + "' in --at is ambiguous: '" + table[matches[0]].name + "' or '" +
         table[matches[1]].name + "'");
  return -1;
}

/// A unit in which a value of the parameter may be written, in base units.
static llvm::Expected<double> readUnit(space::ParamOp param, llvm::StringRef text) {
  std::optional<frontend::WrittenUnit> unit = frontend::parseUnit(text);
  if (!unit) {
    std::string suggestion = frontend::suggestUnit(text);
    return llvm::createStringError(
        "unknown unit '" + text + "' in --at" +
        (suggestion.empty() ? "" : "; did you mean " + suggestion + "?"));
  }
  std::optional<frontend::WrittenUnit> own = frontend::parseUnit(param.getUnit().value_or("1"));
  CATC_CHECK(own, "the unit of a parameter is none");
  if (unit->dimension != own->dimension)
    return llvm::createStringError("'" + text + "' in --at is " + unit->dimension.describe() +
                                   ", but '" + param.getSymName() + "' is " +
                                   own->dimension.describe() + ": " + formatDomain(param));
  return unit->scale;
}

std::optional<llvm::StringMap<mlir::Attribute>> AtOption::parse(const LoadedStudy &study,
                                                                bool all) const {
  const study::ParameterTable &table = study.table();
  llvm::StringMap<mlir::Attribute> values;
  for (llvm::StringRef binding : bindings) {
    auto [name, text] = binding.split('=');
    if (name.size() == binding.size())
      return fail("'" + binding + "' in --at has no value; write NAME=VALUE"), std::nullopt;
    int32_t p = findParameter(table, name.trim());
    if (p < 0)
      return std::nullopt;
    auto param = mlir::SymbolTable(study.module()).lookup<space::ParamOp>(table[p].name);
    llvm::Expected<int64_t> index =
        parseDomainValue(param, text, [&](llvm::StringRef unit) { return readUnit(param, unit); });
    if (!index)
      return fail(llvm::toString(index.takeError())), std::nullopt;
    if (!values.try_emplace(table[p].name, table[p].literals[*index]).second)
      return fail("'" + table[p].name + "' is given twice in --at"), std::nullopt;
  }
  std::string missing;
  for (const study::ParameterInfo &parameter : table.parameters())
    if (all && !values.count(parameter.name))
      missing += (missing.empty() ? "'" : ", '") + parameter.name + "'";
  if (!missing.empty())
    return fail("--at must place one design; it gives no value for " + missing), std::nullopt;
  return values;
}
