//===- Simulate.cpp - catc simulate ---------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/Interrupt.h"
#include "Driver/Picker.h"
#include "Driver/Version.h"
#include "Emit/Rtl/Simulation.h"
#include "Results/Table.h"
#include "Results/WriteFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include <limits>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

static cl::SubCommand command("simulate", "Simulate the hardware of a design of a finished search, "
                                          "and compare its cycles with the predicted ones");
static PickOptions options(command);
static cl::opt<unsigned> ops("ops", cl::desc("Only the first N distinct operators"),
                             cl::value_desc("N"), cl::sub(command));
static cl::opt<unsigned>
    maxCycles("max-cycles",
              cl::desc("Scale down what would take more cycles than this at once (default: so many "
                       "that all of it takes some minutes)"),
              cl::value_desc("M"), cl::sub(command));
static cl::opt<std::string> keep("keep",
                                 cl::desc("Keep sources, vectors and results in this folder, new "
                                          "or empty (default: nothing)"),
                                 cl::value_desc("folder"), cl::sub(command));

cl::SubCommand &driver::simulateCommand() { return command; }

/// "12,345".
static std::string grouped(int64_t value) {
  std::string text = std::to_string(value);
  for (size_t i = text.size(); i > 3 + (value < 0); i -= 3)
    text.insert(i - 3, ",");
  return text;
}

/// The deviation of a prediction in percent.
static std::string deviation(int64_t predicted, int64_t simulated) {
  std::string text;
  double percent = 100.0 * static_cast<double>(predicted - simulated) /
                   static_cast<double>(std::max<int64_t>(1, simulated));
  llvm::raw_string_ostream(text) << llvm::format("%+.2f %%", percent);
  return text;
}

namespace {
/// Cycles of an operator or of all: simulated, and predicted twice.
struct Cycles {
  int64_t simulated = 0, rowModel = 0, closedForm = 0;

  Cycles &add(const Cycles &other, int64_t times) {
    simulated += times * other.simulated;
    rowModel += times * other.rowModel;
    closedForm += times * other.closedForm;
    return *this;
  }
};
} // namespace

static Cycles cyclesOf(const emit::HardwareProgram &program, const emit::OperatorStarts &op) {
  Cycles cycles;
  for (auto [index, times] : op.starts) {
    const emit::Start &start = program.starts[index];
    cycles.add({*start.simulated, start.rowModel, start.closedForm}, times);
  }
  return cycles;
}

/// Prints the comparison. Returns the number of starts that differ.
static size_t report(const emit::HardwareProgram &program, int64_t wholeCycles) {
  std::vector<std::string> names, executions, simulated, rowModel, closedForm, deviations;
  Cycles total;
  auto row = [&](const std::string &name, const std::string &times, const Cycles &cycles) {
    names.push_back(name);
    executions.push_back(times);
    simulated.push_back(grouped(cycles.simulated));
    rowModel.push_back(grouped(cycles.rowModel));
    closedForm.push_back(grouped(cycles.closedForm));
    deviations.push_back(deviation(cycles.closedForm, cycles.simulated));
  };
  for (const emit::OperatorStarts &op : program.operators) {
    Cycles cycles = cyclesOf(program, op);
    row(op.name, grouped(op.executions), cycles);
    total.add(cycles, op.executions);
  }
  row("total", "", total);
  results::Table table;
  using results::Align;
  table.addColumn("operator", names, Align::Left);
  table.addColumn("executions", executions, Align::Right);
  table.addColumn("simulated", simulated, Align::Right);
  table.addColumn("row model", rowModel, Align::Right);
  table.addColumn("closed form", closedForm, Align::Right);
  table.addColumn("its error", deviations, Align::Right);
  llvm::outs() << table.str();

  size_t differences = 0;
  bool scaled = false;
  for (const emit::Start &start : program.starts) {
    if (!start.scaled.empty()) {
      scaled = true;
      llvm::outs() << "scaled down: " << start.name << ", " << emit::describe(start.whole) << ": "
                   << start.scaled << "\n";
    }
    if (*start.simulated == start.rowModel && !*start.mismatches)
      continue;
    ++differences;
    llvm::outs() << "DIFFERENT: " << start.name << ", " << emit::describe(start.run) << ": "
                 << grouped(*start.simulated) << " cycles and " << *start.mismatches
                 << " wrong bytes; the row model says " << grouped(start.rowModel) << " cycles\n";
  }
  if (scaled)
    llvm::outs()
        << "cycles above are of operators as they were simulated; at full size, the closed "
           "form says "
        << grouped(wholeCycles) << " in total\n";
  return differences;
}

namespace {
/// A folder where temporary files are, which goes when this does.
class TemporaryFolder {
public:
  TemporaryFolder() = default;
  TemporaryFolder(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    if (!path_.empty())
      (void)!fs::remove_directories(path_);
  }

  /// Where it will be: TMPDIR, unless that is not set.
  static std::string parent() {
    llvm::SmallString<128> path;
    llvm::sys::path::system_temp_directory(/*erasedOnReboot=*/true, path);
    (void)!fs::make_absolute(path);
    return std::string(path);
  }

  std::error_code create() {
    llvm::SmallString<128> path;
    std::error_code error = fs::createUniqueDirectory(parent() + "/catc-simulate", path);
    if (!error)
      path_ = std::string(path);
    return error;
  }
  const std::string &path() const { return path_; }

private:
  std::string path_;
};
} // namespace

/// Copies the files of a bench, and what was simulated, to the folder that is kept.
static emit::Problem keepIn(emit::Folder &kept, const emit::Folder &bench,
                            const emit::HardwareProgram &program) {
  for (const emit::File &file : bench.files()) {
    std::string text;
    emit::Problem problem = results::readFile(bench.pathOf(file.name), text);
    if (!problem)
      problem = kept.add(file.name, text);
    if (problem)
      return problem;
  }
  emit::Problem problem = kept.add("operators.json", emit::operatorsJson(program));
  return problem ? problem : kept.commit();
}

int driver::runSimulate() {
  std::string kept = llvm::StringRef(keep).rtrim('/').str();
  if (keep.getNumOccurrences() && kept.empty())
    return failUsage("--keep must name a folder");
  if (!kept.empty())
    if (std::optional<std::string> problem = emit::Folder::whyNotWritable(kept, "--keep"))
      return fail(*problem);
  for (const auto *option : {&ops, &maxCycles})
    if (option->getNumOccurrences() && *option == 0)
      return failUsage("--" + option->ArgStr + " must be at least 1");
  std::optional<Picker> picker = Picker::create(options.pick.getValue());
  if (!picker)
    return kUsageError;
  if (emit::Problem problem = emit::whyNoSimulator())
    return fail(*problem);
  if (emit::Problem problem = emit::whyNotBuilt(TemporaryFolder::parent()))
    return fail(*problem + "; set TMPDIR to another folder, as in TMPDIR=/tmp");
  std::unique_ptr<PickedDesign> picked = PickedDesign::load(options.runFolder, std::move(*picker));
  if (!picked)
    return kUserError;

  llvm::FailureOr<emit::MappedProgram> mapped = emit::readBuildableProgram(*picked->annotated);
  if (!picked->study->flush() || failed(mapped))
    return kUserError;
  Result<emit::HardwareProgram> program = emit::hardwareProgram(
      *mapped, ops.getNumOccurrences() ? int64_t(ops) : std::numeric_limits<int64_t>::max(),
      maxCycles);
  if (!program)
    return fail(program.error());
  Result<emit::RtlLibrary> library = emit::RtlLibrary::read(dataFolder(), program->hardware);
  if (!library)
    return fail(library.error());

  Interrupt interrupt;
  auto give = [&](const std::string &problem) {
    std::optional<int> code = interrupt.stop();
    return code ? *code : fail(problem);
  };
  // What is kept is built elsewhere: its path can be one that GNU make cannot take.
  std::optional<emit::Folder> result;
  if (!kept.empty()) {
    Result<emit::Folder> folder = emit::Folder::create(kept, interrupt.descriptor());
    if (!folder)
      return fail(folder.error());
    result.emplace(std::move(*folder));
  }
  TemporaryFolder temporary;
  if (std::error_code error = temporary.create())
    return fail("cannot make a temporary folder: " + error.message());
  Result<emit::Folder> folder =
      emit::Folder::create(temporary.path() + "/design", interrupt.descriptor());
  if (!folder)
    return give(folder.error());
  if (emit::Problem problem = emit::writeBench(*folder, "", *library, *program))
    return give(*problem);
  std::string bench = folder->pathOf("");
  bench.pop_back();
  llvm::errs() << "building the model of design " << picked->record.id.str() << " with Verilator\n";
  Result<std::string> model = emit::buildModel(bench, *library, interrupt.descriptor());
  if (!model)
    return give(model.error());
  emit::Problem problem =
      emit::simulate(*model, bench, *program, interrupt.descriptor(), [&](size_t index) {
        const emit::Start &start = program->starts[index];
        llvm::errs() << "simulating " << index + 1 << " of " << program->starts.size() << ": "
                     << start.name << ", " << grouped(start.rowModel) << " cycles\n";
      });
  if (!problem && result)
    problem = keepIn(*result, *folder, *program);
  if (problem)
    return give(*problem);

  int64_t whole = 0;
  for (const emit::OperatorStarts &op : program->operators)
    for (auto [index, times] : op.starts)
      whole += op.executions * times * program->starts[index].wholeCycles;
  bool all = program->operators.size() == mapped->operators.size();
  llvm::outs() << "design " << picked->record.id.str() << ": " << program->operators.size()
               << (all ? "" : " of the " + std::to_string(mapped->operators.size()))
               << " distinct operators, cycles of one execution each\n";
  if (size_t differences = report(*program, whole))
    return fail(std::to_string(differences) + " of " + std::to_string(program->starts.size()) +
                " simulated runs differ from what was predicted");
  llvm::outs() << "simulation and prediction agree: cycles with the row model, numbers with the "
                  "reference, in all "
               << program->starts.size() << " runs\n";
  return kSuccess;
}
