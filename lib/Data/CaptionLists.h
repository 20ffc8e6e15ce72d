//===- CaptionLists.h - What the readers of lists share ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CATC_DATA_CAPTIONLISTS_H
#define CATC_DATA_CAPTIONLISTS_H

#include <cstdint>
#include <string>
#include <string_view>

namespace cat::data {

/// The largest list that is read, in bytes.
inline constexpr int64_t kMaxListBytes = int64_t(4) << 30;

/// `path` itself if it is absolute or `folder` is empty.
std::string joinPath(const std::string &folder, const std::string &path);

/// Whether a caption says nothing.
bool isBlank(std::string_view caption);

} // namespace cat::data

#endif // CATC_DATA_CAPTIONLISTS_H
