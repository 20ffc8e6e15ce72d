//===- HardwareProgram.cpp - What the hardware is started for -------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/HardwareProgram.h"
#include "Cost/ClosedForm.h"
#include "Cost/GemmModel.h"
#include "Cost/HardwareMath.h"
#include "Cost/RowModel.h"
#include "Results/JsonText.h"
#include "Support/Check.h"
#include <algorithm>
#include <map>
#include <set>

using namespace cat;
using namespace cat::emit;
using namespace cat::cost;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

namespace {
/// A visitor of descriptors.
template <typename... Fns> struct Overloaded : Fns... {
  using Fns::operator()...;
};
template <typename... Fns> Overloaded(Fns...) -> Overloaded<Fns...>;
} // namespace

std::string emit::describe(const Descriptor &descriptor) {
  return std::visit(Overloaded{[](const GemmDescriptor &d) {
                                 return "gemm " +
                                        (d.batch > 1 ? std::to_string(d.batch) + " x "
                                                     : std::string()) +
                                        std::to_string(d.m) + " x " + std::to_string(d.n) + " x " +
                                        std::to_string(d.k);
                               },
                               [](const VectorDescriptor &d) {
                                 return emit::nameOf(d.function).str() + " " +
                                        std::to_string(d.rows) + " x " + std::to_string(d.columns);
                               },
                               [](const CopyDescriptor &d) {
                                 return "copy of " + std::to_string(d.bytes) + " B " +
                                        (d.toDram ? "to" : "from") + " DRAM";
                               }},
                    descriptor);
}

static void writeDescriptor(json::OStream &out, const Descriptor &descriptor) {
  out.object([&] {
    std::visit(Overloaded{[&](const GemmDescriptor &d) {
                            out.attribute("kind", "gemm");
                            out.attribute("batch", d.batch);
                            out.attribute("m", d.m);
                            out.attribute("n", d.n);
                            out.attribute("k", d.k);
                            out.attribute("parameters", d.parameters);
                            out.attribute("table", d.table);
                            out.attribute("residual", d.residual);
                            out.attribute("split", emit::nameOf(d.split));
                            out.attribute("hold", emit::nameOf(d.hold));
                            out.attribute("chunk_rows", d.chunkRows);
                            out.attribute("block_columns", d.blockColumns);
                          },
                          [&](const VectorDescriptor &d) {
                            out.attribute("kind", "vector");
                            out.attribute("function", emit::nameOf(d.function));
                            out.attribute("rows", d.rows);
                            out.attribute("columns", d.columns);
                          },
                          [&](const CopyDescriptor &d) {
                            out.attribute("kind", "copy");
                            out.attribute("bytes", d.bytes);
                            out.attribute("to_dram", d.toDram);
                          }},
               descriptor);
  });
}

/// The text that tells descriptors apart.
static std::string keyOf(const Descriptor &descriptor) {
  return results::jsonText([&](json::OStream &out) { writeDescriptor(out, descriptor); });
}

static int64_t closedFormOf(const HardwareParameters &hardware, const Descriptor &descriptor) {
  return std::visit(Overloaded{[&](const GemmDescriptor &d) { return gemmCycles(hardware, d); },
                               [&](const VectorDescriptor &d) { return vectorCycles(hardware, d); },
                               [&](const CopyDescriptor &d) { return copyCycles(hardware, d); }},
                    descriptor);
}

Result<rtl::Case> emit::goldenCase(const HardwareParameters &hardware, const Start &start) {
  // Operands differ from start to start, and are the same for each.
  uint64_t seed = 1;
  for (char c : start.name)
    seed = seed * 1099511628211u ^ static_cast<unsigned char>(c);
  return std::visit(
      Overloaded{
          [&](const GemmDescriptor &d) { return rtl::gemmCase(hardware, d, seed, start.name); },
          [&](const VectorDescriptor &d) { return rtl::vectorCase(hardware, d, seed, start.name); },
          [&](const CopyDescriptor &d) { return rtl::copyCase(hardware, d, seed, start.name); }},
      start.run);
}

/// Why the machine cannot run a start, or nothing.
static std::optional<std::string> whyNotRunnable(const HardwareParameters &hardware,
                                                 const Descriptor &descriptor) {
  return std::visit(Overloaded{[&](const GemmDescriptor &d) -> std::optional<std::string> {
                                 if (std::optional<std::string> problem = checkGemm(hardware, d))
                                   return problem;
                                 auto layout = rtl::layoutGemm(hardware, d, GemmPlan(hardware, d));
                                 return layout ? std::nullopt : std::optional(layout.error());
                               },
                               [&](const VectorDescriptor &d) -> std::optional<std::string> {
                                 auto layout = rtl::layoutVector(hardware, d);
                                 return layout ? std::nullopt : std::optional(layout.error());
                               },
                               [&](const CopyDescriptor &d) -> std::optional<std::string> {
                                 if (d.bytes <= hardware.globalBytes)
                                   return std::nullopt;
                                 return "it is larger than the global buffer";
                               }},
                    descriptor);
}

//===----------------------------------------------------------------------===//
// Scaling down
//===----------------------------------------------------------------------===//

/// Halves the direction of a GEMM with the most steps. False if every direction is at its least,
/// which still has several steps of each loop, and of the split, where there were as many.
static bool halve(const HardwareParameters &hardware, GemmDescriptor &d) {
  int64_t split = hardware.clusters + 1;
  struct Direction {
    int64_t steps, least;
    int64_t *size;
  };
  Direction directions[] = {
      {d.batch, d.split == ClusterSplit::Batch ? split : 2, &d.batch},
      {divideUp(d.m, 4), d.split == ClusterSplit::Rows ? split : 4, &d.m},
      {divideUp(d.n, hardware.width), d.split == ClusterSplit::Columns ? 2 * split : 3, &d.n},
      {divideUp(d.k, hardware.depth), 3, &d.k}};
  std::sort(std::begin(directions), std::end(directions),
            [](const Direction &a, const Direction &b) { return a.steps > b.steps; });
  for (const Direction &direction : directions) {
    if (direction.steps / 2 < direction.least)
      continue;
    *direction.size = divideUp(*direction.size, 2);
    int64_t rows = d.split == ClusterSplit::Rows ? divideUp(d.m, hardware.clusters) : d.m;
    d.chunkRows = std::min(d.chunkRows, rows);
    int64_t columns = divideUp(d.n, hardware.width);
    if (d.split == ClusterSplit::Columns)
      columns = divideUp(columns, hardware.clusters);
    d.blockColumns = std::min(d.blockColumns, columns);
    return true;
  }
  return false;
}

static bool halve(const HardwareParameters &hardware, VectorDescriptor &d) {
  if (d.rows < 4 * hardware.clusters)
    return false;
  d.rows = divideUp(d.rows, 2);
  return true;
}

static bool halve(const HardwareParameters &hardware, CopyDescriptor &d) {
  if (d.bytes < 8 * hardware.wordBytes)
    return false;
  d.bytes = divideUp(d.bytes, 2);
  return true;
}

/// "rows 77 -> 39, depth 512 -> 128".
static std::string changes(const Descriptor &from, const Descriptor &to) {
  std::string text;
  auto say = [&](const char *what, int64_t before, int64_t after) {
    if (before != after)
      text += (text.empty() ? "" : ", ") + std::string(what) + " " + std::to_string(before) +
              " -> " + std::to_string(after);
  };
  if (const auto *a = std::get_if<GemmDescriptor>(&from)) {
    const auto &b = std::get<GemmDescriptor>(to);
    say("batch", a->batch, b.batch);
    say("rows", a->m, b.m);
    say("columns", a->n, b.n);
    say("depth", a->k, b.k);
  } else if (const auto *a = std::get_if<VectorDescriptor>(&from)) {
    say("rows", a->rows, std::get<VectorDescriptor>(to).rows);
  } else if (const auto *a = std::get_if<CopyDescriptor>(&from)) {
    say("bytes", a->bytes, std::get<CopyDescriptor>(to).bytes);
  }
  return text;
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

/// The starts of one execution of an operator.
static std::vector<Starts> startsOf(const MappedProgram &program, const MappedOperator &op) {
  const cost::Machine &machine = program.machine;
  switch (op.op.kind) {
  case OperatorKind::Gemm:
    return GemmModel(machine, op.op.gemm).starts(*op.mapping);
  case OperatorKind::Vector:
    return vectorStarts(machine, op.op.vector);
  case OperatorKind::Copy:
    return {{CopyDescriptor{op.op.copy.elements * machine.elementBytes, op.op.copy.toDram}, 1}};
  }
  CATC_CHECK(false, "no such operator");
}

Result<HardwareProgram> emit::hardwareProgram(const MappedProgram &program, int64_t count,
                                              int64_t maxCycles) {
  HardwareProgram result;
  result.hardware = program.hardware;
  const HardwareParameters &hardware = result.hardware;
  std::map<std::string, size_t> known;
  std::set<std::string> names;
  for (const MappedOperator &op : program.operators) {
    if (static_cast<int64_t>(result.operators.size()) == count)
      break;
    OperatorStarts &starts = result.operators.emplace_back();
    starts.name = op.op.name;
    starts.executions = op.executions;
    for (auto &[descriptor, times] : startsOf(program, op)) {
      auto [entry, fresh] = known.try_emplace(keyOf(descriptor), result.starts.size());
      if (fresh) {
        Start &start = result.starts.emplace_back();
        start.name = identifierOf(op.op.name);
        for (int number = 2; !names.insert(start.name).second; ++number)
          start.name = identifierOf(op.op.name) + "_" + std::to_string(number);
        start.whole = start.run = descriptor;
        start.wholeCycles = closedFormOf(hardware, descriptor);
      }
      starts.starts.emplace_back(entry->second, times);
    }
  }

  if (!maxCycles) {
    // Verilator takes some hundredths of a second for a million multiply-accumulates, and as long
    // for each cycle of the rest as for some hundred of them.
    constexpr int64_t kMacSlots = 32'000'000'000, kRest = 256;
    int64_t slots = kRest + hardware.clusters * hardware.width * hardware.depth;
    maxCycles = std::clamp<int64_t>(
        kMacSlots / (slots * std::max<int64_t>(1, static_cast<int64_t>(result.starts.size()))),
        2'000, 1'000'000);
  }
  for (Start &start : result.starts) {
    if (std::optional<std::string> problem = whyNotRunnable(hardware, start.whole))
      return Fault{"the hardware cannot run " + describe(start.whole) + ": " + *problem};
    auto smaller = [&] {
      return std::visit([&](auto &run) { return halve(hardware, run); }, start.run);
    };
    while (closedFormOf(hardware, start.run) > maxCycles && smaller()) {
    }
    start.scaled = changes(start.whole, start.run);
    start.closedForm = closedFormOf(hardware, start.run);
    start.rowModel =
        std::visit([&](const auto &run) { return rowExactCycles(hardware, run); }, start.run);
  }
  return result;
}

std::string emit::operatorsJson(const HardwareProgram &program) {
  const HardwareParameters &hw = program.hardware;
  return results::jsonText([&](json::OStream &out) {
    out.object([&] {
      out.attribute("schema", "catc.operators/1");
      out.attributeObject("hardware", [&] {
        out.attribute("clusters", hw.clusters);
        out.attribute("width", hw.width);
        out.attribute("depth", hw.depth);
        out.attribute("style", hw.style == ArrayStyle::Systolic ? "systolic" : "vector_mac");
        out.attribute("requantizers", hw.requantizers);
        out.attribute("accumulator_rows", hw.accumulatorRows);
        out.attribute("output_rows", hw.outputRows);
        out.attribute("input_words", hw.inputWords);
        out.attribute("weight_rows", hw.weightRows);
        out.attribute("vector_lanes", hw.vectorLanes);
        out.attribute("vector_row_bytes", hw.vectorRowBytes);
        out.attribute("word_bytes", hw.wordBytes);
        out.attribute("link_bytes", hw.linkBytes);
        out.attribute("global_bytes", hw.globalBytes);
        out.attribute("dram_rate", hw.dramRate);
        out.attribute("dram_latency", hw.dramLatency);
      });
      out.attributeArray("starts", [&] {
        for (const Start &start : program.starts)
          out.object([&] {
            out.attribute("name", start.name);
            out.attributeBegin("operation");
            writeDescriptor(out, start.run);
            out.attributeEnd();
            if (!start.scaled.empty()) {
              out.attribute("scaled_down", start.scaled);
              out.attributeBegin("whole");
              writeDescriptor(out, start.whole);
              out.attributeEnd();
              out.attribute("whole_closed_form_cycles", start.wholeCycles);
            }
            out.attribute("closed_form_cycles", start.closedForm);
            out.attribute("row_model_cycles", start.rowModel);
            if (start.simulated)
              out.attribute("simulated_cycles", *start.simulated);
            if (start.mismatches)
              out.attribute("mismatches", *start.mismatches);
          });
      });
      out.attributeArray("operators", [&] {
        for (const OperatorStarts &op : program.operators)
          out.object([&] {
            out.attribute("name", op.name);
            out.attribute("executions", op.executions);
            out.attributeArray("starts", [&] {
              for (auto [index, times] : op.starts)
                out.object([&] {
                  out.attribute("name", program.starts[index].name);
                  out.attribute("times", times);
                });
            });
          });
      });
    });
  });
}
