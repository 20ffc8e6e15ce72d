//===- Dataset.h - Pictures with captions, one after the other --*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_DATASET_H
#define CATC_DATA_DATASET_H

#include "Data/Image.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cat::data {

/// A picture and what it shows: one caption or more.
struct Sample {
  std::string key; ///< identifies the sample within its data set
  Image image;
  std::vector<std::string> captions;
};

/// How much of a data set a fault takes with it.
enum class Loss {
  Record, ///< this record; the next call goes on with the one that follows
  File,   ///< the rest of this file; the next call goes on with the next file, if there is one
};

/// What a source has next: a sample, or a fault that names the file and the record, or neither at
/// the end.
struct Next {
  std::optional<Sample> sample;
  std::optional<Fault> fault;
  Loss loss = Loss::File; ///< of a fault

  Next() = default;
  Next(Sample next) : sample(std::move(next)) {}
  Next(Fault why, Loss lost) : fault(std::move(why)), loss(lost) {}
};

/// A pass over a data set.
class Source {
public:
  virtual ~Source() = default;

  /// A source without any record reports that as a fault, once a pass.
  virtual Next next() = 0;

  /// Begins a new pass: in the order of the files, or shuffled, the order a function of `seed` and
  /// the data set alone.
  virtual void reset(std::optional<uint64_t> seed) = 0;

  /// Records of a pass, bad ones included, where that is known before reading them.
  virtual std::optional<int64_t> size() const = 0;

  /// The keys of all records, without decoding a picture, in the order of the files.
  virtual Result<std::vector<std::string>> keys() = 0;
};

/// Passes over at most `limit` faults that lose a record in each pass, telling `skipped` of each;
/// the one after that is returned as one that loses the file, and names the limit. Others are
/// returned.
std::unique_ptr<Source> skipBadRecords(std::unique_ptr<Source> source, int64_t limit,
                                       std::function<void(const Fault &)> skipped);

/// The numbers 0 to n - 1 in the order that `seed` gives them; in their own without one.
std::vector<int64_t> permutation(int64_t n, std::optional<uint64_t> seed);

enum class Split { Train, Validation, Test };
const char *splitName(Split split);

/// Parts of a data set that is given as one: each key falls into one split, by a hash of the key
/// and the seed alone, so more or fewer files move no key from one split to another.
struct SplitShares {
  double train = 0.9;
  double validation = 0.05; ///< the rest is the test split
  uint64_t seed = 0;
};
Split splitOf(std::string_view key, const SplitShares &shares);

/// Which keys of a data set belong to the source; all if empty.
using KeyFilter = std::function<bool(std::string_view key)>;
KeyFilter keysOfSplit(Split split, const SplitShares &shares);

/// For splits that are given as separate files: returns a fault that names a key which stands in
/// both, or nothing.
std::optional<Fault> checkDisjoint(const std::vector<std::string> &keys, const std::string &name,
                                   const std::vector<std::string> &others,
                                   const std::string &otherName);

} // namespace cat::data

#endif // CATC_DATA_DATASET_H
