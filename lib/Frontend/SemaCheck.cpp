//===- SemaCheck.cpp - Validity of whole blocks ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Frontend/Sema.h"
#include "Frontend/Spelling.h"
#include "Search/Strategy.h"
#include "Space/Space.h"
#include "llvm/ADT/DenseSet.h"

using namespace cat::frontend;
using llvm::StringRef;

const Value *Sema::valueOf(const Object &object, StringRef key) {
  Field *field = object.field(key);
  return field ? &evaluate(*field) : nullptr;
}

void Sema::checkRequiredKeys(const Object &object) {
  for (const KeySchema &schema : object.kind->keys)
    if (schema.required && !object.field(schema.name))
      diagnostics_.error(object.range, object.describe() + " has no '" + schema.name + "'; add '" +
                                           schema.name + " = ...;'");
}

void Sema::validate(Object &object) {
  checkRequiredKeys(object);
  for (auto &[name, field] : object.fields)
    evaluate(*field);
  for (Object *child : object.children)
    validate(*child);
  for (const auto &[require, scope, file] : object.requirements) {
    Value value = evaluate(*require->condition, {scope, file});
    if (!expectTruth(value, *require->condition, "a requirement"))
      continue;
    if (std::optional<double> constant = constantOf(value); constant && *constant == 0)
      diagnostics_.error(require->condition->range, "this requirement is false for every design");
    if (object.kind->goals)
      checkEvaluators(object, value.attribute, require->condition->range, /*isGoal=*/false);
  }
  if (object.kind->goals)
    validateStudy(object);
}

/// Calls `visit` with each metric that a value depends on, once.
static void visitMetrics(mlir::Attribute value, llvm::function_ref<void(StringRef)> visit) {
  llvm::SmallVector<mlir::Attribute> pending{value};
  llvm::DenseSet<mlir::Attribute> seen;
  while (!pending.empty()) {
    mlir::Attribute next = pending.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    if (auto metric = llvm::dyn_cast<cat::space::MetricAttr>(next))
      visit(metric.getName().getValue());
    else if (auto expr = llvm::dyn_cast<cat::space::ExprAttr>(next))
      pending.append(expr.getOperands().begin(), expr.getOperands().end());
  }
}

void Sema::checkEvaluators(Object &study, mlir::Attribute value, llvm::SMRange range, bool isGoal) {
  Object *evaluate = study.childOfKind("evaluate");
  visitMetrics(value, [&](StringRef name) {
    StringRef metric = name.split('.').first;
    const MetricSchema *schema = lookupMetric(metric);
    if (!schema || !schema->evaluated || (evaluate && evaluate->field(metric)))
      return;
    diagnostics_
        .error(range, (isGoal ? "objective '" + metric + "' has" : "'" + metric + "' has") +
                          " no evaluator in study '" + study.name + "'")
        .note(evaluate ? evaluate->range : study.range,
              "add '" + metric + " = ...;' to 'evaluate'");
  });
}

void Sema::checkStrategy(Object &study) {
  Object *strategy = study.childOfKind("strategy");
  if (!strategy)
    return;
  std::vector<std::string_view> names = search::searchNames();
  llvm::SmallVector<StringRef> known(names.begin(), names.end());
  if (!llvm::is_contained(known, strategy->name))
    diagnostics_.error(strategy->range, "unknown strategy '" + strategy->name + "'" +
                                            listKnown(strategy->name, "strategies", known));
  Field *trials = strategy->field("trials");
  if (trials && constantOf(evaluate(*trials)) == 0.0)
    diagnostics_.error(trials->value->range, "'trials' must be at least 1");
}

void Sema::validateStudy(Object &study) {
  checkStrategy(study);
  if (study.goals.empty())
    diagnostics_.error(study.range,
                       study.describe() + " has no goal; add 'minimize ...;' or 'maximize ...;'");
  llvm::DenseMap<mlir::Attribute, llvm::SMRange> seen;
  for (const auto &[goal, scope, file] : study.goals) {
    Value value = evaluate(*goal->value, {scope, file});
    if (!expectNumber(value, *goal->value, "a goal"))
      continue;
    checkEvaluators(study, value.attribute, goal->value->range, /*isGoal=*/true);
    if (auto [it, inserted] = seen.insert({value.attribute, goal->value->range}); !inserted)
      diagnostics_.error(goal->value->range, quoted(goal->value->range) + " is a goal twice")
          .note(it->second, "previous here");
    if (!goal->threshold)
      continue;
    Value threshold = evaluate(*goal->threshold, {scope, file});
    if (!expectNumber(threshold, *goal->threshold, "a threshold"))
      continue;
    if (threshold.dimension != value.dimension)
      diagnostics_.error(goal->threshold->range, "the threshold of " + quoted(goal->value->range) +
                                                     " must be " + value.dimension.describe() +
                                                     ", but " + quoted(goal->threshold->range) +
                                                     " is " + describe(threshold));
    else if (!constantOf(threshold))
      diagnostics_.error(goal->threshold->range, "a threshold must be a constant");
  }
  for (const auto &[design, scope, file] : study.baselines) {
    Value value = evaluate(*design, {scope, file});
    bool isDesign = value.kind == Value::Kind::Block && !value.isChoice() &&
                    value.objects.front()->kind->name == "design";
    if (!value.isError() && !isDesign)
      diagnostics_.error(design->range, "a baseline must be a design, but " +
                                            quoted(design->range) + " is " + describe(value));
  }
}
