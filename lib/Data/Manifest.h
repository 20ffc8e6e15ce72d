//===- Manifest.h - Data sets that list pictures and their captions -*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_MANIFEST_H
#define CATC_DATA_MANIFEST_H

#include "Data/Dataset.h"

namespace cat::data {

/// A record as its list has it.
struct Entry {
  std::string key;  ///< the picture's path as it is written in the list
  std::string path; ///< where the picture is
  std::vector<std::string> captions;
  std::string problem; ///< why it cannot be read, with its place in the list; empty if it can
};

struct Manifest {
  std::string name; ///< the list's path
  std::vector<Entry> entries;
};

/// How OpenCLIP writes its lists. A field may stand in double quotes, and then hold separators,
/// line ends, and quotes written twice.
struct CsvColumns {
  std::string picture = "filepath";
  std::string caption = "title";
  char separator = '\t';
};

/// Reads a list whose first line names its columns. Rows of one picture are one record with several
/// captions. `folder` is what paths are relative to; the list's own folder if empty.
Result<Manifest> readCsv(const std::string &path, const std::string &folder = "",
                         const CsvColumns &columns = {});

/// Reads COCO's captions_*.json: "images" with id and file_name, "annotations" with image_id and
/// caption. Pictures are in `folder`.
Result<Manifest> readCoco(const std::string &path, const std::string &folder);

/// Reads Karpathy and Fei-Fei's JSON of Flickr30k, Flickr8k or COCO: "images" with filename, split
/// and sentences. `split` is "train" (their "restval" is train, too), "val" or "test"; all if
/// empty.
Result<Manifest> readKarpathy(const std::string &path, const std::string &folder,
                              const std::string &split);

/// The same of texts that came from `path`.
Result<Manifest> parseCsv(const std::string &path, std::string_view text, const std::string &folder,
                          const CsvColumns &columns);
Result<Manifest> parseCoco(const std::string &path, const std::string &text,
                           const std::string &folder);
Result<Manifest> parseKarpathy(const std::string &path, const std::string &text,
                               const std::string &folder, const std::string &split);

/// The records that `filter` accepts. The order of a shuffled pass is a permutation of all records.
std::unique_ptr<Source> manifestSource(Manifest manifest, const KeyFilter &filter = {});

} // namespace cat::data

#endif // CATC_DATA_MANIFEST_H
