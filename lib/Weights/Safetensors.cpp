//===- Safetensors.cpp - Read and write safetensors files -----------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/Safetensors.h"
#include "Results/WriteFile.h"
#include "Support/Check.h"
#include "Weights/SafetensorsHeader.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace cat;
using namespace cat::weights;

namespace {

constexpr size_t kLengthBytes = 8;

/// An open file; reading never goes through a mapping, which a file that shrinks would tear away.
class InputFile {
public:
  explicit InputFile(const std::string &path) : path_(path) {
    do
      fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    while (fd_ < 0 && errno == EINTR);
    struct stat status;
    if (fd_ < 0 || ::fstat(fd_, &status) != 0)
      error_ = errno;
    else if (!S_ISREG(status.st_mode))
      error_ = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    else
      size_ = static_cast<uint64_t>(status.st_size);
  }
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;
  ~InputFile() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  uint64_t size() const { return size_; }

  /// Reads the next `size` bytes; false on an error or an early end, and ever after.
  bool read(void *to, size_t size) {
    auto *out = static_cast<char *>(to);
    while (size > 0 && error_ == 0 && !ended_) {
      ssize_t got = ::read(fd_, out, size);
      if (got > 0) {
        out += got;
        size -= static_cast<size_t>(got);
      } else if (got == 0) {
        ended_ = true;
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    return error_ == 0 && !ended_;
  }

  bool ok() const { return error_ == 0; }
  Fault fault() const {
    return Fault{"cannot read '" + path_ +
                 "': " + (error_ ? std::generic_category().message(error_) : "it became shorter")};
  }

private:
  const std::string &path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  int error_ = 0; ///< an errno
  bool ended_ = false;
};

uint64_t readLength(const unsigned char *bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i)
    length |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return length;
}

/// Why a file of `size` bytes cannot have a header of `length`, or nothing.
std::optional<Fault> checkLength(uint64_t size, uint64_t length, const std::string &file) {
  if (length > kMaxHeader)
    return Fault{file + ": a header of " + std::to_string(length) + " bytes exceeds the limit of " +
                 std::to_string(kMaxHeader) + ": this is no safetensors file"};
  if (length > size - kLengthBytes)
    return Fault{file + ": a header of " + std::to_string(length) +
                 " bytes exceeds the file: it is truncated or no safetensors file"};
  return std::nullopt;
}

Fault tooShort(const std::string &file) {
  return Fault{file + ": too short for a safetensors file"};
}

/// Makes the file of a header; `readData` fills each tensor in the order of the data.
template <typename Fn> bool assemble(Header &header, TensorFile &file, Fn readData) {
  for (auto &[name, value] : header.metadata) {
    file.metadataOrder.push_back(name);
    file.metadata.emplace(name, std::move(value));
  }
  for (HeaderEntry &entry : header.entries) {
    Tensor &tensor = file.tensors[entry.name];
    tensor.dtype = entry.dtype;
    tensor.shape = std::move(entry.shape);
    tensor.bytes.resize(entry.end - entry.begin);
    if (!readData(entry, tensor))
      return false;
    file.tensorOrder.push_back(std::move(entry.name));
  }
  return true;
}

/// The keys of `map` in the order of `order`, without those that exist no more; then the others.
template <typename Map>
std::vector<typename Map::const_iterator> ordered(const Map &map,
                                                  const std::vector<std::string> &order) {
  std::vector<typename Map::const_iterator> result;
  std::set<std::string_view> placed;
  for (const std::string &name : order)
    if (auto it = map.find(name); it != map.end() && placed.insert(it->first).second)
      result.push_back(it);
  for (auto it = map.begin(); it != map.end(); ++it)
    if (!placed.count(it->first))
      result.push_back(it);
  return result;
}

} // namespace

Result<TensorFile> cat::weights::readSafetensors(const std::string &path) {
  InputFile in(path);
  if (!in.ok())
    return in.fault();
  if (in.size() < kLengthBytes)
    return tooShort(path);
  unsigned char lengthBytes[kLengthBytes];
  if (!in.read(lengthBytes, kLengthBytes))
    return in.fault();
  uint64_t length = readLength(lengthBytes);
  if (std::optional<Fault> fault = checkLength(in.size(), length, path))
    return *fault;
  std::string text(length, '\0');
  if (!in.read(text.data(), text.size()))
    return in.fault();
  Result<Header> header = parseHeader(text, in.size() - kLengthBytes - length, path);
  if (!header)
    return header.fault();
  TensorFile file;
  bool whole = assemble(*header, file, [&](const HeaderEntry &, Tensor &tensor) {
    return in.read(tensor.bytes.data(), tensor.bytes.size());
  });
  if (!whole)
    return in.fault();
  return file;
}

Result<TensorFile> cat::weights::parseSafetensors(std::string_view bytes, const std::string &name) {
  if (bytes.size() < kLengthBytes)
    return tooShort(name);
  uint64_t length = readLength(reinterpret_cast<const unsigned char *>(bytes.data()));
  if (std::optional<Fault> fault = checkLength(bytes.size(), length, name))
    return *fault;
  std::string_view data = bytes.substr(kLengthBytes + length);
  Result<Header> header = parseHeader(bytes.substr(kLengthBytes, length), data.size(), name);
  if (!header)
    return header.fault();
  TensorFile file;
  assemble(*header, file, [&](const HeaderEntry &entry, Tensor &tensor) {
    if (!tensor.bytes.empty())
      std::memcpy(tensor.bytes.data(), data.data() + entry.begin, tensor.bytes.size());
    return true;
  });
  return file;
}

std::optional<std::string>
cat::weights::printSafetensors(const TensorFile &file,
                               const std::function<void(std::string_view)> &write) {
  Header header;
  for (auto it : ordered(file.metadata, file.metadataOrder))
    header.metadata.emplace_back(it->first, it->second);
  auto tensors = ordered(file.tensors, file.tensorOrder);
  // The largest elements first, then by name, as the format's own library does, so that each tensor
  // is aligned.
  std::set<std::string_view> known(file.tensorOrder.begin(), file.tensorOrder.end());
  auto added = std::find_if(tensors.begin(), tensors.end(),
                            [&](auto it) { return !known.count(it->first); });
  std::stable_sort(added, tensors.end(), [](auto a, auto b) {
    return sizeOf(a->second.dtype) > sizeOf(b->second.dtype);
  });
  uint64_t offset = 0;
  for (auto it : tensors) {
    const Tensor &tensor = it->second;
    CATC_CHECK(it->first != "__metadata__", "a tensor has the name of the metadata");
    tensor.elementCount(); // checks that the bytes are those of the shape
    header.entries.push_back(
        {it->first, tensor.dtype, tensor.shape, offset, offset + tensor.bytes.size()});
    offset += tensor.bytes.size();
  }
  std::string text = printHeader(header);
  if (text.size() > kMaxHeader)
    return "a header of " + std::to_string(text.size()) + " bytes exceeds the limit of " +
           std::to_string(kMaxHeader);
  char length[kLengthBytes];
  for (size_t i = 0; i < kLengthBytes; ++i)
    length[i] = static_cast<char>(text.size() >> (8 * i));
  write({length, kLengthBytes});
  write(text);
  for (auto it : tensors)
    write({it->second.data<char>(), it->second.bytes.size()});
  return std::nullopt;
}

std::optional<std::string> cat::weights::writeSafetensors(const std::string &path,
                                                          const TensorFile &file) {
  results::FileWriter writer(path);
  std::optional<std::string> misfit =
      printSafetensors(file, [&](std::string_view part) { writer.append(part); });
  if (misfit)
    return "cannot write '" + path + "': " + *misfit;
  return writer.commit();
}
