//===- Safetensors.h - Read and write safetensors files ---------*- C++ -*-===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is the header's length (64 bits, little-endian), the header, a JSON object
//   {"__metadata__": {NAME: TEXT}, NAME: {"dtype", "shape", "data_offsets": [begin, end]}}
// padded with spaces, and the tensors' bytes; offsets count from the end of the header.
//
// A file from elsewhere is not trusted. It is refused unless its header is at most 100 MB, names
// nothing twice, knows each type, and describes the rest of the file exactly: no byte without a
// tensor, none with two. An error names the file and the tensor.
//
//===----------------------------------------------------------------------===//

#ifndef CATC_WEIGHTS_SAFETENSORS_H
#define CATC_WEIGHTS_SAFETENSORS_H

#include "Support/Result.h"
#include "Weights/Tensor.h"
#include <functional>
#include <string_view>

namespace cat::weights {

/// The longest header that is read or written, in bytes; the format's own library has the same
/// limit.
inline constexpr size_t kMaxHeader = 100'000'000;

/// Reads a file. Each byte is read once, into the tensor it belongs to.
Result<TensorFile> readSafetensors(const std::string &path);

/// Reads the text of a file; `name` stands for it in errors.
Result<TensorFile> parseSafetensors(std::string_view bytes, const std::string &name);

/// Writes a file whole or not at all. What was read from a file that the format's own library wrote
/// gives the same bytes again. Returns why it could not be written, or nothing.
std::optional<std::string> writeSafetensors(const std::string &path, const TensorFile &file);

/// Gives the bytes of a file to `write`, part by part. Returns why they do not fit the format, or
/// nothing.
std::optional<std::string> printSafetensors(const TensorFile &file,
                                            const std::function<void(std::string_view)> &write);

} // namespace cat::weights

#endif // CATC_WEIGHTS_SAFETENSORS_H
