//===- Parameters.h - The parameters of a study -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which parameters the model depends on and which the hardware, derived from the ops that refer to
// them, and the numbering of models, hardware points and designs.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_PARAMETERS_H
#define CATC_STUDY_PARAMETERS_H

#include "Results/DesignId.h"
#include "Results/Records.h"
#include "Space/Space.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace cat::study {

/// One search parameter with its levels.
struct ParameterInfo {
  std::string name; ///< dotted path
  std::string unit; ///< as people write it; empty if it has none
  double scale = 1; ///< that unit in base units
  bool categorical = false;
  std::vector<double> values;            ///< base units; the index for a categorical
  std::vector<std::string> labels;       ///< of a categorical
  std::vector<mlir::Attribute> literals; ///< what `bind` takes
  bool ofModel = false, ofHardware = false;

  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

/// Levels of all parameters, in the order of the table.
using Point = std::vector<int32_t>;

/// The parameters of a module in the order in which the spec declares them. A model's id is the
/// mixed-radix index over the parameters that its graph depends on, a hardware point's that over
/// the rest; a design's id combines the two, the model the more significant.
class ParameterTable {
public:
  /// Reads space.param ops and finds out what depends on them: everything below `model`, and
  /// everything below `hardware` and `carbon`. A parameter that neither depends on counts as the
  /// hardware's.
  ParameterTable(mlir::ModuleOp module, mlir::Operation *model, mlir::Operation *hardware,
                 mlir::Operation *carbon);

  const std::vector<ParameterInfo> &parameters() const { return parameters_; }
  const ParameterInfo &operator[](size_t i) const { return parameters_[i]; }
  size_t size() const { return parameters_.size(); }

  /// Index by name, or -1.
  int32_t find(llvm::StringRef name) const;

  /// Positions in the table of what the model depends on, and of the rest.
  const std::vector<int32_t> &modelParameters() const { return model_; }
  const std::vector<int32_t> &hardwareParameters() const { return hardware_; }
  /// Parameters of the model that the hardware depends on too.
  const std::vector<int32_t> &sharedParameters() const { return shared_; }

  /// Numbers of models and hardware points declared; at most 2^63 - 1, else -1.
  int64_t modelCount() const { return modelCount_; }
  int64_t hardwareCount() const { return hardwareCount_; }

  /// Writes the levels of a model, or of a hardware point, into a point.
  void setModel(int64_t model, Point &point) const { decode(model_, model, point); }
  void setHardware(int64_t hardware, Point &point) const { decode(hardware_, hardware, point); }
  int64_t modelOf(const Point &point) const { return encode(model_, point); }
  int64_t hardwareOf(const Point &point) const { return encode(hardware_, point); }
  results::DesignId idOf(const Point &point) const {
    return results::DesignId::of(modelOf(point), hardwareOf(point), hardwareCount_);
  }
  /// Number of designs, after checking that it can be numbered.
  results::DesignId designCount() const {
    return results::DesignId::of(modelCount_, 0, hardwareCount_);
  }
  /// The point of a design, or nothing if the id is not below designCount().
  std::optional<Point> pointOf(results::DesignId id) const;

  /// Value of a parameter at a point, in base units, as passes look it up.
  std::optional<double> valueAt(const Point &point, llvm::StringRef name) const;
  /// What `bind` takes for a point.
  llvm::StringMap<mlir::Attribute> literalsAt(const Point &point) const;
  /// The inverse, for a complete set of literals.
  Point pointOfLiterals(const llvm::StringMap<mlir::Attribute> &literals) const;
  /// Parameters as results show them.
  std::vector<results::ParameterRecord> recordsAt(const Point &point) const;
  /// The same, into records whose storage is reused.
  void readRecords(const Point &point, std::vector<results::ParameterRecord> &records) const;

private:
  void decode(const std::vector<int32_t> &digits, int64_t index, Point &point) const;
  int64_t encode(const std::vector<int32_t> &digits, const Point &point) const;
  int64_t count(const std::vector<int32_t> &digits) const;

  std::vector<ParameterInfo> parameters_;
  llvm::StringMap<int32_t> byName_;
  std::vector<int32_t> model_, hardware_, shared_;
  int64_t modelCount_ = 0, hardwareCount_ = 0;
};

} // namespace cat::study

#endif // CATC_STUDY_PARAMETERS_H
