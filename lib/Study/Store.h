//===- Store.h - The trials of a study, on disk -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run folder holds study.sqlite: what was searched (table study), which models were evaluated
// (trial), what was seen (observation) and what was seen on the way (curve). A trial is committed
// before its evaluation starts and again when it ends, so a killed search loses at most the
// evaluations in flight; on resume these become pending again.
//
// Durability: SQLite in WAL mode with synchronous=FULL. A process that is killed loses nothing
// committed in either of FULL and NORMAL; FULL also survives a power loss. It costs one disk sync a
// commit, milliseconds beside evaluations that take minutes.
//
// One writer: a search holds an advisory lock (flock) on study.lock for as long as it has the store
// open. The kernel drops it when the process ends, however it ends. Readers need no lock.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_STUDY_STORE_H
#define CATC_STUDY_STORE_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cat::study {

enum class StoreErrorKind {
  Exists,       ///< create() where a study is already
  Missing,      ///< nothing to resume or read
  Foreign,      ///< the file is no study of catc
  OtherVersion, ///< written by another version of catc
  OtherSpec,    ///< the spec's identity differs
  OtherOptions, ///< the same spec with another seed or strategy
  Locked,       ///< another process is writing
  Damaged,      ///< the database is corrupt
  DiskFull,
  Access, ///< permissions, or an input/output error
};

/// What went wrong, naming the file, and what the user can do about it.
struct StoreError {
  StoreErrorKind kind = StoreErrorKind::Access;
  std::string message;
  std::string remedy; ///< may be empty
};

/// A value or the error that prevented it.
template <typename T> class StoreResult {
public:
  StoreResult(T value) : state_(std::move(value)) {}
  StoreResult(StoreError error) : state_(std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T &operator*() { return std::get<0>(state_); }
  T *operator->() { return &std::get<0>(state_); }
  const StoreError &error() const { return std::get<1>(state_); }

private:
  std::variant<T, StoreError> state_;
};

struct SourceText {
  std::string path;
  std::string text;
};

/// What a run folder belongs to.
struct StudyIdentity {
  std::string name;
  /// Hash of the canonical space IR: equal for specs that differ in comments or layout alone.
  std::string hash;
  uint64_t seed = 0;
  std::string strategy;
  std::string version; ///< of catc
  /// The spec and then its imports, kept so that a run can be read without them, and to say where
  /// another spec differs.
  std::vector<SourceText> sources;
};

enum class TrialState { Pending, Running, Done, Failed };

/// One value of an evaluated metric.
struct Observation {
  std::string metric;
  double fidelity = 1; ///< 1 is the full evaluation
  double value = 0;
  double sigma = 0; ///< what is not known
  double noise = 0; ///< what repeating the measurement would vary
  std::string source;
  bool extrapolated = false;
};

/// What an evaluation took, all attempts together.
struct TrialUsage {
  double seconds = 0, joules = 0;
};

/// What a model was worth while it was being trained.
struct CurvePoint {
  int64_t step = 0;
  double value = 0, noise = 0;
};

struct Trial {
  int64_t index = 0; ///< 0, 1, 2 ... in the order in which the search proposed them
  int64_t model = 0;
  TrialState state = TrialState::Pending;
  int attempt = 1;
  std::string started,
      finished;      ///< UTC, ISO 8601 with milliseconds; `finished` is empty until it is
  std::string error; ///< why it failed, with the worker's stderr
  TrialUsage usage;
  std::vector<Observation> observations; ///< by metric and fidelity
};

/// The open database of a run folder. Safe to use from several threads. Closing it releases the
/// lock.
class Store {
public:
  /// Starts a study in `folder`, which is made if need be. The database appears whole or not at
  /// all.
  static StoreResult<Store> create(const std::string &folder, const StudyIdentity &identity);

  /// Opens the study in `folder` to continue it, provided that it is the same study. Trials that a
  /// killed process left running become pending, with the attempt counted up.
  static StoreResult<Store> openForResume(const std::string &folder, const StudyIdentity &identity);

  /// Removes the study in `folder`, which nobody has open: one that could not begin.
  static void discard(const std::string &folder);

  /// Opens the study in `folder` to look at it, also while a search is writing. Writing to it is an
  /// internal error.
  static StoreResult<Store> openForReading(const std::string &folder);

  Store(Store &&) noexcept;
  Store &operator=(Store &&) noexcept;
  ~Store();

  const StudyIdentity &identity() const;

  /// Commits that the evaluation of a trial begins. The index is new, or that of a pending or
  /// failed trial of the same model; a failed one counts its attempt up. Call it before the
  /// evaluation.
  std::optional<StoreError> beginTrial(int64_t index, int64_t model);

  /// Commits an observation of a running trial, or a further one of a trial that is done. One of
  /// the same metric and fidelity is replaced.
  std::optional<StoreError> observe(int64_t index, const Observation &observation);

  /// Commits a point of a running trial's learning curve. One of the same step is replaced.
  std::optional<StoreError> addCurvePoint(int64_t index, const CurvePoint &point);

  /// Commits a running trial as done, together with its observations, all or none, and adds to what
  /// it took. Values must be finite.
  std::optional<StoreError> finishTrial(int64_t index, const std::vector<Observation> &observations,
                                        const TrialUsage &usage = {});

  /// Commits a running trial as failed, and adds to what it took.
  std::optional<StoreError> failTrial(int64_t index, const std::string &error,
                                      const TrialUsage &usage = {});

  /// Every trial by index, for replay.
  StoreResult<std::vector<Trial>> trials();

  /// A trial's learning curve by step.
  StoreResult<std::vector<CurvePoint>> curve(int64_t index);

  /// Keeps a figure of the whole study under a name, in place of an earlier one.
  std::optional<StoreError> setFigure(const std::string &name, const std::string &text);
  /// Such a figure; empty if there is none.
  StoreResult<std::string> figure(const std::string &name);

private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  static StoreResult<Store> open(const std::string &folder, const StudyIdentity *expected);
  std::unique_ptr<Impl> impl_;
};

} // namespace cat::study

#endif // CATC_STUDY_STORE_H
