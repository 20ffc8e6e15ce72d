//===- Program.cpp - Functions on tensors, compiled for the host ----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execution/Program.h"
#include "Analysis/Pipelines.h"
#include "Execution/Lower.h"
#include "NN/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace cat;
using namespace cat::execution;

int64_t Port::elementCount() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

Program::Program() = default;
Program::~Program() = default;

//===----------------------------------------------------------------------===//
// Signature
//===----------------------------------------------------------------------===//

/// The function to compile, or null after an error.
static func::FuncOp findEntry(ModuleOp module, StringRef entry) {
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration() && (entry.empty() || function.getSymName() == entry))
      functions.push_back(function);
  if (functions.size() == 1)
    return functions.front();
  if (!entry.empty())
    module.emitError("has no model or function '") << entry << "'";
  else if (functions.empty())
    module.emitError("has no model or function to run");
  else
    module.emitError("has several functions; name the one to run, '")
        << functions[0].getSymName() << "' or '" << functions[1].getSymName() << "'";
  return {};
}

/// The port that a parameter or result of `function` is, called `what` in errors.
static FailureOr<Port> portOf(func::FuncOp function, Type type, DictionaryAttr attributes,
                              StringRef name, const Twine &what, bool idsAllowed) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  bool isId = tensor && idsAllowed && tensor.getElementType().isInteger(32);
  if (!tensor || !tensor.hasStaticShape() || !(isId || tensor.getElementType().isF32()))
    return function.emitError() << what << " is of type " << type << ", not a tensor of f32"
                                << (idsAllowed ? " or i32" : "") << " with a known shape";
  Port port;
  port.name = name.str();
  port.shape = tensor.getShape().vec();
  port.isId = isId;
  if (auto limit = attributes ? attributes.getAs<IntegerAttr>("nn.limit") : IntegerAttr())
    port.limit = limit.getInt();
  return port;
}

static LogicalResult
readSignature(func::FuncOp function, Signature &signature,
              std::vector<std::pair<const std::vector<Port> Signature::*, size_t>> &parameters) {
  auto add = [&](std::vector<Port> Signature::*list, FailureOr<Port> port) -> LogicalResult {
    if (failed(port))
      return failure();
    parameters.emplace_back(list, (signature.*list).size());
    (signature.*list).push_back(std::move(*port));
    return success();
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    DictionaryAttr attributes = function.getArgAttrDict(i);
    auto input = function.getArgAttrOfType<StringAttr>(i, "nn.input");
    auto weight = function.getArgAttrOfType<StringAttr>(i, "nn.weight");
    if (!input && !weight)
      return function.emitError("parameter ") << i << " has neither 'nn.input' nor 'nn.weight'";
    if (failed(add(input ? &Signature::inputs : &Signature::weights,
                   portOf(function, function.getArgumentTypes()[i], attributes,
                          (input ? input : weight).getValue(), "parameter " + Twine(i),
                          static_cast<bool>(input)))))
      return failure();
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "nn.output");
    if (!name)
      return function.emitError("result ") << i << " has no 'nn.output'";
    if (failed(add(&Signature::outputs, portOf(function, function.getResultTypes()[i], {},
                                               name.getValue(), "result " + Twine(i), false))))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// Optimises a module for a machine. Loops are not unrolled: kernels have as many operations in
/// flight as the processor takes without, and extents are constants, so that small models would be
/// unrolled altogether and take long to compile.
static llvm::Error optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
  return llvm::Error::success();
}

std::unique_ptr<Program> Program::compile(ModuleOp module, StringRef entry) {
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  buildLinalgPipeline(pm);
  if (failed(pm.run(module)))
    return nullptr;
  func::FuncOp function = findEntry(module, entry);
  std::unique_ptr<Program> program(new Program());
  if (!function || failed(readSignature(function, program->signature_, program->parameters_)))
    return nullptr;
  program->symbol_ = function.getSymName().str();

  // Alone in a module: machines and the like have no machine code.
  OwningOpRef<ModuleOp> alone = ModuleOp::create(function.getLoc());
  function = function.clone();
  function.setPublic();
  // It is called with addresses, not with descriptors.
  function->removeAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName());
  // They are in the signature now, and mean nothing to LLVM.
  function.removeArgAttrsAttr();
  function.removeResAttrsAttr();
  alone->push_back(function);
  if (failed(lowerToLLVM(*alone, Processor::host())))
    return nullptr;

  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto fail = [&](llvm::Error error) {
    module.emitError("cannot be compiled: ") << llvm::toString(std::move(error));
    return nullptr;
  };
  auto host = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!host)
    return fail(host.takeError());
  host->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = host->createTargetMachine();
  if (!machine)
    return fail(machine.takeError());
  // The engine calls it when it is made; it owns the machine then.
  auto transformer = [&target = **machine](llvm::Module *module) {
    return optimise(*module, target);
  };
  ExecutionEngineOptions options;
  options.transformer = transformer;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  auto engine = ExecutionEngine::create(*alone, options, std::move(*machine));
  if (!engine)
    return fail(engine.takeError());
  program->engine_ = std::move(*engine);
  // Machine code is made when a symbol is first looked up.
  auto entryPoint = program->engine_->lookupPacked(program->symbol_);
  if (!entryPoint)
    return fail(entryPoint.takeError());
  return program;
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

/// The first id of a buffer beyond the limit, as an error.
static std::optional<std::string> checkIds(const Port &port, const void *buffer) {
  if (!port.isId || !port.limit)
    return std::nullopt;
  auto *ids = static_cast<const int32_t *>(buffer);
  for (int64_t i = 0, e = port.elementCount(); i < e; ++i)
    if (ids[i] < 0 || ids[i] >= *port.limit)
      return "'" + port.name + "' has the id " + std::to_string(ids[i]) + " at element " +
             std::to_string(i) + ", but ids must be 0 to " + std::to_string(*port.limit - 1);
  return std::nullopt;
}

std::optional<std::string> Program::run(const std::vector<const void *> &inputs,
                                        const std::vector<const float *> &weights,
                                        const std::vector<float *> &outputs) const {
  for (size_t i = 0; i < signature_.inputs.size(); ++i)
    if (auto problem = checkIds(signature_.inputs[i], inputs[i]))
      return problem;
  std::vector<const void *> buffers;
  for (auto [list, index] : parameters_)
    buffers.push_back(list == &Signature::inputs    ? inputs[index]
                      : list == &Signature::weights ? weights[index]
                                                    : outputs[index]);
  // A packed call takes the address of every argument, and the arguments are addresses themselves.
  std::vector<void *> arguments;
  for (const void *&buffer : buffers)
    arguments.push_back(&buffer);
  if (llvm::Error error = engine_->invokePacked(symbol_, arguments))
    return llvm::toString(std::move(error));
  return std::nullopt;
}
