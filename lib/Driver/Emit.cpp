//===- Emit.cpp - catc emit -----------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/Interrupt.h"
#include "Driver/Picker.h"
#include "Driver/Version.h"
#include "Emit/Manifest.h"
#include "Emit/Target.h"
#include "Frontend/Spelling.h"
#include "Study/DesignCost.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <utility>

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;
namespace fs = llvm::sys::fs;

namespace {

/// Takes the name of a registered target, and shows them all in the help.
class TargetParser : public cl::parser<const emit::Target *> {
public:
  using parser::parser;

  // Not before the option has its name, or the literals would become options of catc itself.
  void initialize() {
    for (const std::unique_ptr<emit::Target> &target : emit::targets())
      addLiteralOption(target->name(), target.get(), target->description());
  }

  // NOLINTNEXTLINE(readability-identifier-naming): the interface of LLVM's parsers
  bool parse(cl::Option &option, llvm::StringRef name, llvm::StringRef value,
             const emit::Target *&result) {
    std::vector<llvm::StringRef> known;
    for (const std::unique_ptr<emit::Target> &target : emit::targets()) {
      if (target->name() == value) {
        result = target.get();
        return false;
      }
      known.push_back(target->name());
    }
    return option.error(
        "unknown target '" + value + "'" + frontend::listKnown(value, "targets", known), name);
  }
};

} // namespace

/// "What to write (default: a and b):".
static const char *targetsText() {
  static const std::string text = [] {
    std::string defaults;
    for (const std::unique_ptr<emit::Target> &target : emit::targets())
      if (target->isDefault())
        defaults += (defaults.empty() ? "" : " and ") + target->name().str();
    return "What to write (default: " + defaults + "):";
  }();
  return text.c_str();
}

static cl::SubCommand command("emit",
                              "Write a design of a finished search as files for other tools");
static PickOptions options(command);
static cl::list<const emit::Target *, bool, TargetParser> targets("target", cl::desc(targetsText()),
                                                                  cl::sub(command));
static cl::opt<std::string> out("out", cl::desc("Folder to write, new or empty"),
                                cl::value_desc("folder"), cl::Required, cl::sub(command));

cl::SubCommand &driver::emitCommand() { return command; }

/// The weights that the search's evaluator saved for a model; empty if it saved none.
static std::string savedWeights(const std::string &models, int64_t model) {
  std::string path = models + "/" + std::to_string(model) + "/model.safetensors";
  return fs::exists(path) ? path : std::string();
}

/// Names of files, those of a subfolder together: "rtl/ (62 files)".
static std::vector<std::string> listed(const std::vector<emit::File> &files) {
  std::vector<std::string> names;
  llvm::MapVector<llvm::StringRef, size_t> folders;
  for (const emit::File &file : files)
    if (auto [first, rest] = llvm::StringRef(file.name).split('/'); !rest.empty())
      ++folders[first];
  for (const emit::File &file : files) {
    auto [first, rest] = llvm::StringRef(file.name).split('/');
    if (rest.empty()) {
      names.push_back(file.name);
    } else if (size_t count = std::exchange(folders[first], 0)) {
      names.push_back((first + "/ (" + llvm::Twine(count) + " files)").str());
    }
  }
  return names;
}

int driver::runEmit() {
  std::string path = llvm::StringRef(out).rtrim('/').str();
  if (path.empty())
    return failUsage("--out must name a folder");
  if (std::optional<std::string> problem = emit::Folder::whyNotWritable(path))
    return fail(*problem);
  std::optional<Picker> picker = Picker::create(options.pick.getValue());
  if (!picker)
    return kUsageError;
  std::unique_ptr<PickedDesign> picked = PickedDesign::load(options.runFolder, std::move(*picker));
  if (!picked)
    return kUserError;

  emit::Design design;
  design.bound = *picked->bound;
  design.annotated = *picked->annotated;
  design.graph = [&]() -> llvm::FailureOr<std::string> {
    mlir::OwningOpRef<mlir::ModuleOp> graph = picked->bound->clone();
    if (failed(study::runTo(*graph, study::Stage::Linalg)))
      return llvm::failure();
    std::string text;
    llvm::raw_string_ostream(text) << *graph;
    return text;
  };
  design.study = picked->summary;
  design.record = picked->record;
  design.models = picked->runFolder + "/models";
  design.savedWeights = savedWeights(design.models, picked->model);
  design.tools = toolFolder();
  design.data = dataFolder();

  Interrupt interrupt;
  auto give = [&](const std::string &problem) {
    std::optional<int> code = interrupt.stop();
    return code ? *code : fail(problem);
  };
  Result<emit::Folder> folder = emit::Folder::create(path, interrupt.descriptor());
  if (!folder)
    return fail(folder.error());
  emit::Output output(*folder);
  for (const std::unique_ptr<emit::Target> &target : emit::targets()) {
    if (targets.empty() ? !target->isDefault() : !llvm::is_contained(targets, target.get()))
      continue;
    emit::Problem problem = target->write(design, output);
    if (!picked->study->flush())
      return kUserError;
    if (problem)
      return give(*problem);
  }
  std::optional<std::string> problem =
      folder->add("manifest.json", emit::manifest(folder->files(), output.manifest, design.study,
                                                  picked->identity.hash, design.record, kVersion));
  if (!problem)
    problem = folder->commit();
  if (problem)
    return give(*problem);
  llvm::outs() << "design " << design.record.id.str() << " written: " << path << "/"
               << llvm::join(listed(folder->files()), ", ") << "\n";
  for (const std::string &line : output.lines)
    llvm::outs() << line << "\n";
  return kSuccess;
}
