//===- SeparableTest.cpp - What goals and requirements depend on ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search/Separable.h"
#include "RandomProblems.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::search;
using namespace cat::search::test;

namespace {

/// Two parameters, two segments, two hardware points; terms: 0 and 1 with tables, 2 without.
class SeparableTest : public ::testing::Test {
protected:
  SeparableTest() {
    problem.parameters = {{{2, 4}, false}, {{1, 3}, false}};
    problem.segments = {{{0}, 2}, {{1}, 2}};
    problem.hardwareCount = 2;
    problem.hardwareIds = {0, 1};
    problem.hardwareValues = {{2, 5}};
    problem.terms = {
        {{1, 2}, {{1, 2, 3, 4}, {5, 6, 7, 8}}}, {{}, {{1, 1, 2, 2}, {}}}, {{7, 9}, {}}};
    problem.symbols = {{SymbolKind::Term, 0},          {SymbolKind::Term, 1},
                       {SymbolKind::Term, 2},          {SymbolKind::ModelParameter, 0},
                       {SymbolKind::HardwareValue, 0}, {SymbolKind::Accuracy, 0},
                       {SymbolKind::AccuracySigma, 0}};
    problem.exactTerms = [this](ModelId m, HardwareId h, double *out) {
      out[0] = problem.terms[0].base[h] + problem.terms[0].tables[0][(m / 2) * 2 + h] +
               problem.terms[0].tables[1][(m % 2) * 2 + h];
      out[1] = problem.terms[1].tables[0][(m / 2) * 2 + h];
      out[2] = problem.terms[2].base[h];
    };
  }

  FactoredExpr goalOf(const Expr &value) {
    problem.goals = {{value, false, 0}};
    problem.requirements.clear();
    factoring = factor(problem);
    return factoring.goals[0];
  }
  static Expr s(int32_t i) { return Expr::symbol(i); }
  static Expr c(double v) { return Expr::constant(v); }
  static Expr op(ExprOp o, Expr a, Expr b) { return Expr::apply(o, {a, b}); }

  Problem problem;
  Factoring factoring;
};

} // namespace

TEST_F(SeparableTest, Classifies) {
  EXPECT_EQ(goalOf(s(4)).kind, ExprClass::HardwareOnly);
  EXPECT_EQ(goalOf(s(2)).kind, ExprClass::HardwareOnly);
  EXPECT_EQ(goalOf(op(ExprOp::Max, s(2), op(ExprOp::Mul, s(4), s(4)))).kind,
            ExprClass::HardwareOnly);
  EXPECT_EQ(goalOf(c(3)).kind, ExprClass::HardwareOnly);
  EXPECT_EQ(goalOf(op(ExprOp::Mul, s(3), c(2))).kind, ExprClass::ModelOnly);
  EXPECT_EQ(goalOf(op(ExprOp::Sub, s(5), s(6))).kind, ExprClass::Evaluated);
  EXPECT_EQ(goalOf(op(ExprOp::Div, s(5), s(3))).kind, ExprClass::Evaluated);
  EXPECT_EQ(goalOf(s(0)).kind, ExprClass::Additive);
  EXPECT_EQ(goalOf(op(ExprOp::Div, op(ExprOp::Add, s(0), s(1)), s(4))).kind, ExprClass::Additive);
  EXPECT_EQ(goalOf(op(ExprOp::Mul, s(0), s(1))).kind, ExprClass::Composite);
  EXPECT_EQ(goalOf(op(ExprOp::Div, s(4), s(0))).kind, ExprClass::Composite);
  EXPECT_EQ(goalOf(op(ExprOp::Mul, s(0), s(3))).kind, ExprClass::Composite);
  EXPECT_EQ(goalOf(op(ExprOp::Max, s(4), s(3))).kind, ExprClass::Composite);
  EXPECT_EQ(goalOf(op(ExprOp::Div, s(5), s(0))).kind, ExprClass::Mixed);
}

TEST_F(SeparableTest, LinearFormsReproduceTheExpression) {
  // (2 t0 - t1) / h0 + t2 - h0
  Expr e = op(ExprOp::Sub,
              op(ExprOp::Add,
                 op(ExprOp::Div, op(ExprOp::Sub, op(ExprOp::Mul, c(2), s(0)), s(1)), s(4)), s(2)),
              s(4));
  FactoredExpr goal = goalOf(e);
  ASSERT_TRUE(goal.isLeaf());
  const LinearForm &form = factoring.quantities[goal.leaves[0].quantity];
  ASSERT_EQ(form.parts.size(), 2u);
  for (ModelId m = 0; m < 4; ++m)
    for (HardwareId h = 0; h < 2; ++h) {
      std::vector<double> symbols = symbolValues(problem, m, h, {});
      double sum = form.constant[h];
      for (const LinearForm::Part &part : form.parts) {
        sum += part.coefficient[h] * symbols[part.term];
        EXPECT_GE(part.magnitude[h], std::fabs(part.coefficient[h]));
      }
      EXPECT_DOUBLE_EQ(sum, e.evaluate(symbols.data()));
    }
}

TEST_F(SeparableTest, CancellationKeepsItsMagnitude) {
  // t0 + 1e6 - 1e6: the constant vanishes, its rounding does not.
  FactoredExpr goal = goalOf(op(ExprOp::Sub, op(ExprOp::Add, s(0), c(1e6)), c(1e6)));
  const LinearForm &form = factoring.quantities[goal.leaves[0].quantity];
  EXPECT_EQ(form.constant[0], 0);
  EXPECT_EQ(form.constantMagnitude[0], 2e6);
}

TEST_F(SeparableTest, SplitsConjunctionsAndSharesQuantities) {
  problem.goals = {{s(0), false, 0}};
  problem.requirements = {
      op(ExprOp::And, op(ExprOp::LE, s(0), c(9)),
         op(ExprOp::And, op(ExprOp::GE, s(4), c(1)), op(ExprOp::LT, s(3), c(3)))),
      op(ExprOp::LE, s(0), op(ExprOp::Mul, s(4), c(4)))};
  factoring = factor(problem);
  ASSERT_EQ(factoring.requirements.size(), 4u);
  EXPECT_EQ(factoring.requirements[0].source, 0);
  EXPECT_EQ(factoring.requirements[2].kind, ExprClass::ModelOnly);
  EXPECT_EQ(factoring.requirements[3].source, 1);
  EXPECT_EQ(factoring.requirements[0].leaves[0].quantity, factoring.goals[0].leaves[0].quantity);
  // The comparison of two quantities is one of their difference with zero.
  EXPECT_EQ(factoring.requirements[3].leaves.size(), 1u);
}
