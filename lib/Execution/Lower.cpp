//===- Lower.cpp - From tensor programs to LLVM's dialect -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execution/Lower.h"
#include "Conversion/Passes.h"
#include "Transforms/Passes.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace cat;

void execution::registerDialects(DialectRegistry &registry) {
  registry.insert<func::FuncDialect, linalg::LinalgDialect, arith::ArithDialect, math::MathDialect,
                  tensor::TensorDialect, scf::SCFDialect, LLVM::LLVMDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

/// Copies as a linalg op: memref.copy of strided buffers calls a library of MLIR's runners.
static LogicalResult copyBuffer(OpBuilder &b, Location loc, Value from, Value to) {
  linalg::makeMemRefCopyOp(b, loc, from, to);
  return success();
}

/// Tensors to buffers, results to parameters.
static LogicalResult bufferize(ModuleOp module) {
  auto function = bufferization::LayoutMapOption::IdentityLayoutMap;
  bufferization::OneShotBufferizationOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.setFunctionBoundaryTypeConversion(function);
  options.memCpyFn = copyBuffer;
  // Arguments belong to the caller.
  for (auto op : module.getOps<func::FuncOp>())
    for (unsigned i = 0; i < op.getNumArguments(); ++i)
      op.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                    BoolAttr::get(op.getContext(), false));
  bufferization::BufferizationState state;
  if (failed(bufferization::runOneShotModuleBufferize(module, options, state)))
    return failure();
  bufferization::BufferResultsToOutParamsOpts results;
  results.memCpyFn = copyBuffer;
  results.hoistStaticAllocs = true;
  results.modifyPublicFunctions = true;
  return bufferization::promoteBufferResultsToOutParams(module, results);
}

execution::Processor execution::Processor::host() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](StringRef feature) { return features.lookup(feature); };
  if (has("avx512f"))
    return {16};
  if (has("fma"))
    return {8};
  return {has("neon") ? 4 : 0};
}

LogicalResult execution::lowerToLLVM(ModuleOp module, const Processor &processor) {
  module.getContext()->loadDialect<bufferization::BufferizationDialect>();
  if (failed(bufferize(module)))
    return failure();
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  // Intermediate buffers are freed, and right after their last use.
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addNestedPass<func::FuncOp>(bufferization::createOptimizeAllocationLivenessPass());
  // Before kernels become loops, while equal ones are still seen to be equal.
  pm.addPass(createOutlineKernels());
  if (processor.lanes)
    pm.addPass(createConvertMatmulToVector({/*rows=*/6, processor.lanes}));
  pm.addPass(createTileTransposes());
  pm.addPass(createConvertLinalgToLoopsPass());
  // Views of buffers (slices, reshapes) become arithmetic on offsets, which uses affine ops.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  // What LLVM has no intrinsic for (erf) is a call of the mathematics library.
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  // All shapes and offsets are known: a buffer is passed as its address. Descriptors of many
  // kernels' buffers would make the calls take longer to compile than the kernels.
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(functions));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  return pm.run(module);
}
