//===- WebDataset.h - Data sets in tar archives -----------------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_WEBDATASET_H
#define CATC_DATA_WEBDATASET_H

#include "Data/Dataset.h"

namespace cat::data {

/// Expands "name{000..010}.tar" (numbers as wide as the first bound) and "{a,b}", nested or several
/// of them, in order. A fault if braces do not match or the paths are more than a million.
Result<std::vector<std::string>> expandBraces(const std::string &pattern);

struct WebDatasetOptions {
  /// Records that a shuffled pass chooses the next one from; the archives come in random order,
  /// too.
  int64_t shuffleBuffer = 1000;
  /// Whether each line of a text is a caption (as clip_benchmark's data sets have it) or the whole.
  bool captionPerLine = false;
  KeyFilter filter;
};

/// Reads tar archives (also gzip-compressed) in webdataset's convention: members that follow each
/// other and whose paths are equal up to the first dot of the file's name, the key, are a record.
/// Its picture is the member with the extension jpg, jpeg or png (another kind of picture is
/// refused by name), its caption the member txt, or without it "caption", a text or texts, in the
/// member json. Other members are passed over.
///
/// A fault if an archive is not there. Faults of a record (no picture, no caption, a picture that
/// is broken) and of an archive (cut short: what comes before still comes) follow while reading.
Result<std::unique_ptr<Source>> webDatasetSource(const std::string &pattern,
                                                 WebDatasetOptions options = {});

} // namespace cat::data

#endif // CATC_DATA_WEBDATASET_H
