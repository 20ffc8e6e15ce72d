//===- Check.cpp - catc check ---------------------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver/Driver.h"
#include "Driver/LoadedStudy.h"
#include "Driver/Measuring.h"
#include "Search/Enumerate.h"

using namespace cat;
using namespace cat::driver;
namespace cl = llvm::cl;

static cl::SubCommand command("check", "Check a spec");
static SpecOptions options(command);
static cl::opt<bool> count("count",
                           cl::desc("Count the designs, and what each requirement rejects"),
                           cl::sub(command));
static JobsOption jobs(command);

cl::SubCommand &driver::checkCommand() { return command; }

/// "'label'", or "requirement 3".
static std::string describe(const std::string &label, size_t index) {
  return label.empty() ? "requirement " + std::to_string(index + 1) : "'" + label + "'";
}

/// ", REST with some values of 'clip.width'" where a count of hardware points depends on parameters
/// that they share with the model; else nothing.
static std::string partly(const study::ParameterTable &table, int64_t count, const char *rest) {
  if (count == 0)
    return "";
  std::string names;
  for (int32_t p : table.sharedParameters())
    names += (names.empty() ? "'" : ", '") + table[p].name + "'";
  return ", " + std::to_string(count) + " " + rest + " with some values of " + names;
}

/// Reports that no design is left, with the strictest requirements and their counts. Returns false
/// then.
static bool checkSatisfiable(LoadedStudy &study, const study::Codesign &codesign) {
  if (codesign.problem().hardwareCount > 0)
    return true;
  int64_t total = codesign.table().hardwareCount();
  accel::MachineOp machine = study.ops().machine;
  frontend::DiagnosticEngine &diagnostics = study.diagnostics();
  llvm::SMRange where = frontend::rangeOf(machine.getLoc(), diagnostics.sources());
  int64_t illegal = 0;
  const study::HardwareRejection *most = nullptr;
  for (const study::HardwareRejection &rejection : codesign.hardwareRejections())
    if (llvm::StringRef(rejection.label).starts_with(study::kLegalLabel)) {
      illegal += rejection.rejected;
      if (!most || rejection.rejected > most->rejected)
        most = &rejection;
    }
  std::string message = "no design satisfies the requirements of '" + machine.getSymName().str() +
                        "' (0 of " + std::to_string(total) + ")";
  if (most && illegal == total)
    message = "no machine of '" + machine.getSymName().str() + "' can be built (0 of " +
              std::to_string(total) + "); the rule most often broken: " +
              most->label.substr(llvm::StringRef(study::kLegalLabel).size());
  frontend::Diagnostic &error = diagnostics.error(where, message);
  for (const study::HardwareRejection &rejection : codesign.hardwareRejections())
    error.note(frontend::rangeOf(rejection.location, diagnostics.sources()),
               "this requirement rejects " + std::to_string(rejection.rejected) + " of " +
                   std::to_string(total) + partly(codesign.table(), rejection.partly, "more"));
  return false;
}

int driver::runCheck() {
  std::optional<unsigned> threads = jobs.threads();
  if (!threads)
    return kUsageError;
  std::unique_ptr<LoadedSpec> loaded = loadSpec(options, /*requireStudy=*/false);
  if (!loaded)
    return kUserError;
  mlir::ModuleOp module = *loaded->spec.module;
  if (module.getOps<space::StudyOp>().empty()) {
    if (count)
      return fail("'" + options.spec + "' declares no study to count the designs of");
    return kSuccess;
  }
  std::unique_ptr<LoadedStudy> study = LoadedStudy::of(std::move(loaded));
  if (!study)
    return kUserError;
  // Whether the block can be right; no worker is started.
  if (failed(planMeasurement(*study)))
    return study->flush(), kUserError;
  study::CodesignOptions codesignOptions;
  codesignOptions.threads = *threads;
  codesignOptions.hardwareOnly = true;
  auto codesign = study::Codesign::create(study->ops(), codesignOptions);
  bool satisfiable = succeeded(codesign) && checkSatisfiable(*study, **codesign);
  if (!study->flush() || !satisfiable)
    return kUserError;
  if (!count)
    return kSuccess;
  const study::ParameterTable &table = (*codesign)->table();
  llvm::outs() << table.designCount().str() << " designs: " << table.modelCount() << " models x "
               << table.hardwareCount() << " hardware points\n";
  size_t index = 0;
  for (const study::HardwareRejection &rejection : (*codesign)->hardwareRejections())
    llvm::outs() << describe(rejection.label, index++) << " rejects " << rejection.rejected
                 << " hardware points on its own" << partly(table, rejection.partly, "more")
                 << "\n";
  llvm::outs() << (*codesign)->hardwareSatisfying()
               << " hardware points satisfy what the hardware alone decides"
               << partly(table, (*codesign)->hardwareSatisfyingPartly(), "of them only") << "\n";
  for (auto [i, label] : llvm::enumerate((*codesign)->requirementLabels())) {
    llvm::outs() << describe(label, index++);
    if (std::optional<int64_t> rejected = (*codesign)->modelsRejected(i))
      llvm::outs() << " rejects " << *rejected << " models on its own\n";
    else
      llvm::outs() << " depends on the model too\n";
  }
  return kSuccess;
}
