//===- Segments.cpp - Cost programs of every segment variant --------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Study/Segments.h"
#include "Accel/Accel.h"
#include "Analysis/Pipelines.h"
#include "Transforms/Bind.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <atomic>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace cat;
using namespace cat::study;

//===----------------------------------------------------------------------===//
// One segment on its own
//===----------------------------------------------------------------------===//

namespace {

/// A segment cut out of its model, as bytecode that any context can read.
struct SegmentTemplate {
  std::string name;
  std::vector<int32_t> parameters;
  std::string bytecode;
  int64_t variants = 1;
};

} // namespace

/// Adds to `out` the segments whose results `segment` uses, if their type depends on parameters:
/// then its own sizes do too.
static void collectSegments(nn::SegmentOp segment, llvm::SetVector<Operation *> &out) {
  segment.walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (auto source = operand.getDefiningOp<nn::SegmentOp>())
        if (!cast<RankedTensorType>(operand.getType()).hasStaticShape())
          collectSegments(source, out);
  });
  out.insert(segment);
}

/// Copies the segment, and those its sizes depend on, into a module of their own. Results of other
/// segments become inputs.
static OwningOpRef<ModuleOp> isolate(nn::SegmentOp segment) {
  auto model = segment->getParentOfType<nn::ModelOp>();
  llvm::SetVector<Operation *> segments;
  collectSegments(segment, segments);
  OpBuilder b(model.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(model.getLoc());
  b.setInsertionPointToEnd(module->getBody());
  auto copy = nn::ModelOp::create(b, model.getLoc(), model.getSymName(), model.getFamily());
  b.createBlock(&copy.getBody());
  IRMapping map;
  for (Operation *op : segments) {
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        auto source = operand.getDefiningOp<nn::SegmentOp>();
        if (!source || map.contains(operand))
          continue;
        auto type = cast<RankedTensorType>(operand.getType());
        map.map(operand,
                nn::InputOp::create(b, source.getLoc(), source.getSymName(),
                                    b.getI64ArrayAttr(type.getShape()), type.getElementType()));
      }
    });
    b.clone(*op, map);
  }
  nn::ReturnOp::create(b, model.getLoc(), map.lookup(Value(segment.getResult())));
  return module;
}

static FailureOr<SegmentTemplate> makeTemplate(nn::SegmentOp segment, const ParameterTable &table,
                                               int64_t maxVariants) {
  SegmentTemplate result;
  result.name = segment.getSymName().str();
  OwningOpRef<ModuleOp> module = isolate(segment);
  std::vector<bool> used(table.size());
  module->walk([&](Operation *op) {
    visitParameters(op->getAttrDictionary(), [&](StringRef name) {
      if (int32_t i = table.find(name); i >= 0)
        used[i] = true;
    });
  });
  for (size_t i = 0; i < used.size(); ++i)
    if (used[i]) {
      result.parameters.push_back(i);
      if (__builtin_mul_overflow(result.variants, table[i].size(), &result.variants) ||
          result.variants > maxVariants)
        return segment.emitError()
               << "segment '" << segment.getSymName() << "' has more than " << maxVariants
               << " variants; search over fewer values of its parameters";
    }
  llvm::raw_string_ostream os(result.bytecode);
  if (failed(writeBytecodeToFile(*module, os)))
    return failure();
  return result;
}

//===----------------------------------------------------------------------===//
// A worker
//===----------------------------------------------------------------------===//

namespace {

/// Lowers variants of one segment in a context of its own.
class VariantLowering {
public:
  VariantLowering(const SegmentTemplate &segment, const ParameterTable &table)
      : segment(segment), table(table) {
    DialectRegistry registry;
    registry.insert<accel::AccelDialect, nn::NNDialect, space::SpaceDialect>();
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
    context.loadAllAvailableDialects();
    // Errors come back to the caller as text: they belong to the main context.
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
      return success();
    });
    module = parseSourceString<ModuleOp>(segment.bytecode, ParserConfig(&context));
    pipeline.emplace(&context, ModuleOp::getOperationName());
    // The verifiers of conversion run in the lit tests; here they would double the time of a
    // variant.
    pipeline->enableVerifier(false);
    buildLoweringPipeline(*pipeline);
  }

  /// The program and sizes of a variant, or what is wrong with it.
  std::optional<std::string> lower(int64_t variant, cost::Program &program,
                                   std::map<std::string, double> &sizes) {
    Builder b(&context);
    llvm::StringMap<Attribute> values;
    for (size_t i = segment.parameters.size(); i-- > 0;) {
      const ParameterInfo &info = table[segment.parameters[i]];
      int64_t level = variant % info.size();
      variant /= info.size();
      double value = info.values[level];
      bool integral = isa<IntegerAttr>(info.literals[level]);
      values[info.name] = integral ? Attribute(b.getI64IntegerAttr(static_cast<int64_t>(value)))
                                   : Attribute(b.getF64FloatAttr(value));
    }
    message.clear();
    OwningOpRef<ModuleOp> bound = module->clone();
    nn::SegmentOp op = find<nn::SegmentOp>(*bound);
    if (failed(substitute(*bound, values)))
      return message;
    for (NamedAttribute size : op.getSizes())
      if (std::optional<double> number = getBoundNumber(size.getValue()))
        sizes[size.getName().str()] = *number;
    // The pipeline turns the segment into a program of the same name.
    if (failed(pipeline->run(*bound)))
      return message;
    FailureOr<cost::Program> lowered =
        accel::getProgram(find<accel::ProgramOp>(*bound), segment.name);
    if (failed(lowered))
      return message;
    program = std::move(*lowered);
    return std::nullopt;
  }

private:
  /// The op of the segment, in whatever form it has.
  template <typename Op> Op find(ModuleOp root) {
    Op found;
    root.walk([&](Op op) {
      if (op.getSymName() == segment.name)
        found = op;
    });
    return found;
  }
  const SegmentTemplate &segment;
  const ParameterTable &table;
  std::string message;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;
  std::optional<PassManager> pipeline;
};

/// A lowered variant before operators are numbered.
struct RawVariant {
  cost::Program program;
  std::map<std::string, double> sizes;
};

} // namespace

//===----------------------------------------------------------------------===//
// All segments
//===----------------------------------------------------------------------===//

/// Lowers all variants of a segment; `error` gets the first failure in variant order.
static std::vector<RawVariant> lowerVariants(const SegmentTemplate &segment,
                                             const ParameterTable &table, unsigned threads,
                                             std::optional<std::string> &error) {
  // A context keeps every attribute it has ever made; a fresh one now and then bounds that.
  constexpr int64_t kPerContext = 512;
  std::vector<RawVariant> variants(segment.variants);
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  int64_t failedAt = segment.variants;
  int64_t chunk = std::clamp<int64_t>(segment.variants / (2 * threads), 1, kPerContext);
  auto work = [&]() {
    for (;;) {
      int64_t begin = next.fetch_add(chunk);
      if (begin >= segment.variants)
        return;
      VariantLowering lowering(segment, table);
      for (int64_t v = begin; v < std::min(begin + chunk, segment.variants); ++v) {
        std::optional<std::string> problem =
            lowering.lower(v, variants[v].program, variants[v].sizes);
        if (!problem)
          continue;
        std::lock_guard<std::mutex> lock(mutex);
        if (v < failedAt) {
          failedAt = v;
          error = *problem;
        }
        return;
      }
    }
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads && i * chunk < segment.variants; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread &thread : pool)
    thread.join();
  return variants;
}

FailureOr<LoweredModel> study::lowerModel(nn::ModelOp model, const ParameterTable &table,
                                          unsigned threads, int64_t maxVariants) {
  LoweredModel result;
  using Key = decltype(cost::Operator().key());
  std::map<Key, int32_t> numbers;
  for (auto op : model.getBody().getOps<nn::SegmentOp>()) {
    FailureOr<SegmentTemplate> segment = makeTemplate(op, table, maxVariants);
    if (failed(segment))
      return failure();
    std::optional<std::string> error;
    std::vector<RawVariant> raw = lowerVariants(*segment, table, std::max(1u, threads), error);
    if (error)
      return op.emitError() << "segment '" << op.getSymName()
                            << "' cannot be lowered for some of its sizes: " << *error;
    LoweredSegment lowered;
    lowered.name = op.getSymName().str();
    lowered.parameters = segment->parameters;
    // Numbered in variant order, so the result does not depend on the number of threads.
    for (RawVariant &variant : raw) {
      SegmentVariant entry;
      entry.macs = variant.program.macs();
      entry.parameters = variant.program.parameters();
      entry.sizes = std::move(variant.sizes);
      for (cost::Operator &used : variant.program.operators) {
        auto [it, isNew] =
            numbers.try_emplace(used.key(), static_cast<int32_t>(result.operators.size()));
        entry.operators.push_back({it->second, used.repeat});
        if (isNew)
          result.operators.push_back(std::move(used));
      }
      lowered.variants.push_back(std::move(entry));
    }
    result.segments.push_back(std::move(lowered));
  }
  return result;
}
