//===- ProgramTest.cpp - Programs and their arguments ---------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execution/Lower.h"
#include "Execution/RunFiles.h"
#include "NN/NN.h"
#include "mlir/Parser/Parser.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace cat;
using namespace cat::execution;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using weights::DType;
using weights::makeFloat;
using weights::StateDict;
using weights::Tensor;

namespace {

class Programs : public ::testing::Test {
protected:
  Programs() {
    mlir::DialectRegistry registry;
    registry.insert<space::SpaceDialect, nn::NNDialect>();
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.printOpOnDiagnostic(false);
  }

  /// Compiles a text; what is wrong with it is in `errors`.
  std::unique_ptr<Program> compile(const std::string &text, const std::string &entry = "") {
    mlir::ScopedDiagnosticHandler handler(
        &context, [&](mlir::Diagnostic &diagnostic) { errors += diagnostic.str() + "\n"; });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    return module ? Program::compile(*module, entry) : nullptr;
  }

  /// A function of this name that doubles "x".
  static std::string doubling(const std::string &name, const std::string &attribute = "nn.input") {
    return "func.func @" + name + "(%x: tensor<3xf32> {" + attribute + R"( = "x"})
      -> (tensor<3xf32> {nn.output = "y"}) {
      %e = tensor.empty() : tensor<3xf32>
      %0 = linalg.add ins(%x, %x : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>)
        -> tensor<3xf32>
      return %0 : tensor<3xf32>
    })";
  }

  mlir::MLIRContext context;
  std::string errors;
};

/// Takes the token with the largest id, and looks ids up.
const char *const kTokens = R"(
nn.model @m family "f" {
  %s = nn.segment @token -> tensor<2x2xf32> {
    %i = nn.input "ids" [2, 3] of i32 : tensor<2x3xi32>
    %t = nn.token_embed %i {vocab = 5, width = 2, weight = "table"} : tensor<2x3xi32> -> tensor<2x3x2xf32>
    %y = nn.pool %t ids %i {token = "eot"} : (tensor<2x3x2xf32>, tensor<2x3xi32>) -> tensor<2x2xf32>
    nn.yield %y : tensor<2x2xf32>
  }
  nn.return
})";

Tensor ids(std::vector<int64_t> values) {
  Tensor tensor = weights::makeZeros(DType::I64, {2, 3});
  std::copy(values.begin(), values.end(), tensor.data<int64_t>());
  return tensor;
}

} // namespace

TEST_F(Programs, HaveTheirFunctionsSignature) {
  auto program = compile(kTokens);
  ASSERT_NE(program, nullptr) << errors;
  const Signature &signature = program->signature();
  ASSERT_EQ(signature.inputs.size(), 1u);
  EXPECT_EQ(signature.inputs[0].name, "ids");
  EXPECT_TRUE(signature.inputs[0].isId);
  EXPECT_EQ(signature.inputs[0].limit, 5);
  EXPECT_EQ(signature.inputs[0].elementCount(), 6);
  ASSERT_EQ(signature.weights.size(), 1u);
  EXPECT_EQ(signature.weights[0].name, "table.weight");
  EXPECT_THAT(signature.weights[0].shape, ElementsAre(5, 2));
  ASSERT_EQ(signature.outputs.size(), 1u);
  EXPECT_EQ(signature.outputs[0].name, "token");

  StateDict table{{"table.weight", makeFloat({5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}};
  auto learned = Arguments::find(signature.weights, table, "w");
  ASSERT_TRUE(learned) << learned.error();
  StateDict given{{"ids", ids({0, 3, 1, 4, 2, 4})}};
  auto inputs = Arguments::find(signature.inputs, given, "i");
  ASSERT_TRUE(inputs) << inputs.error();
  auto outputs = run(*program, *inputs, *learned);
  ASSERT_TRUE(outputs) << outputs.error();
  EXPECT_THAT(outputs->at("token").floats(), ElementsAre(6, 7, 8, 9));

  // An id beyond the table is never looked up.
  for (int64_t wrong : {-1, 5}) {
    StateDict bad{{"ids", ids({0, 1, 2, 3, wrong, 4})}};
    auto buffers = Arguments::find(signature.inputs, bad, "i");
    ASSERT_TRUE(buffers) << buffers.error();
    EXPECT_EQ(run(*program, *buffers, *learned).error(),
              "'ids' has the id " + std::to_string(wrong) +
                  " at element 4, but ids must be 0 to 4");
  }
  StateDict wide{{"ids", ids({int64_t(1) << 32, 0, 0, 0, 0, 0})}};
  EXPECT_EQ(Arguments::find(signature.inputs, wide, "i").error(),
            "i: 'ids' has an id that does not fit into 32 bits");
}

TEST_F(Programs, AreChosenByName) {
  std::string two = doubling("a") + doubling("b");
  EXPECT_NE(compile(two, "b"), nullptr) << errors;
  EXPECT_EQ(compile(two), nullptr);
  EXPECT_THAT(errors, HasSubstr("has several functions; name the one to run, 'a' or 'b'"));
  EXPECT_EQ(compile(two, "c"), nullptr);
  EXPECT_THAT(errors, HasSubstr("has no model or function 'c'"));
  EXPECT_EQ(compile("module {}"), nullptr);
  EXPECT_THAT(errors, HasSubstr("has no model or function to run"));
}

TEST_F(Programs, NeedNamedTensorsOfKnownShape) {
  EXPECT_EQ(compile(doubling("m", "some.name")), nullptr);
  EXPECT_THAT(errors, HasSubstr("parameter 0 has neither 'nn.input' nor 'nn.weight'"));
  EXPECT_EQ(compile(R"(func.func @m(%x: tensor<?xf32> {nn.input = "x"}) { return })"), nullptr);
  EXPECT_THAT(errors, HasSubstr("parameter 0 is of type 'tensor<?xf32>', not a tensor of f32 or "
                                "i32 with a known shape"));
  EXPECT_EQ(compile(R"(func.func @m(%x: tensor<2xi32> {nn.weight = "x"}) { return })"), nullptr);
  EXPECT_THAT(errors,
              HasSubstr("parameter 0 is of type 'tensor<2xi32>', not a tensor of f32 with"));
  EXPECT_EQ(compile(R"(func.func @m(%x: tensor<2xf32> {nn.input = "x"}) -> tensor<2xf32> {
                         return %x : tensor<2xf32> })"),
            nullptr);
  EXPECT_THAT(errors, HasSubstr("result 0 has no 'nn.output'"));
}

TEST_F(Programs, LeaveTheirArgumentsAlone) {
  // A result that is an argument, and one that is computed from it.
  auto program = compile(R"(
    func.func @m(%x: tensor<2xf32> {nn.input = "x"})
        -> (tensor<2xf32> {nn.output = "same"}, tensor<2xf32> {nn.output = "filled"}) {
      %c = arith.constant 7.0 : f32
      %0 = linalg.fill ins(%c : f32) outs(%x : tensor<2xf32>) -> tensor<2xf32>
      return %x, %0 : tensor<2xf32>, tensor<2xf32>
    })");
  ASSERT_NE(program, nullptr) << errors;
  StateDict given{{"x", makeFloat({2}, {1, 2})}};
  auto inputs = Arguments::find(program->signature().inputs, given, "i");
  auto outputs = run(*program, *inputs, Arguments());
  ASSERT_TRUE(outputs) << outputs.error();
  EXPECT_THAT(given.at("x").floats(), ElementsAre(1, 2));
  EXPECT_THAT(outputs->at("same").floats(), ElementsAre(1, 2));
  EXPECT_THAT(outputs->at("filled").floats(), ElementsAre(7, 7));
}

TEST(Arguments, AreCheckedAndConverted) {
  Port matrix{"m", {1, 2}, false, {}}, scalar{"s", {}, false, {}};
  StateDict tensors{{"in.m", makeFloat({1, 2}, {1, 2}, DType::BF16)},
                    {"in.s", makeFloat({1}, {3})}};
  auto found = Arguments::find({matrix, scalar}, tensors, "f", "in.");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(static_cast<const float *>(found->buffers()[0])[1], 2);
  EXPECT_EQ(static_cast<const float *>(found->buffers()[1])[0], 3);

  auto fault = [&](const Port &port, const Tensor &tensor) {
    return Arguments::find({port}, {{port.name, tensor}}, "f").error();
  };
  EXPECT_EQ(Arguments::find({matrix}, {}, "f").error(),
            "f: has no tensor 'm', which the model needs with the shape [1, 2]");
  EXPECT_EQ(fault(matrix, makeFloat({2, 1}, {1, 2})),
            "f: 'm' has the shape [2, 1], the model needs [1, 2]");
  EXPECT_EQ(fault(scalar, makeFloat({2}, {1, 2})), "f: 's' has the shape [2], the model needs []");
  EXPECT_EQ(fault(matrix, weights::makeZeros(DType::I64, {1, 2})),
            "f: 'm' is of type I64, the model needs a floating type");
  Port id{"i", {2, 3}, true, {}};
  EXPECT_EQ(fault(id, weights::makeZeros(DType::F32, {2, 3})),
            "f: 'i' is of type F32, the model needs I32 or I64");
}
