//===- SafetensorsHeader.cpp - The header of a safetensors file -----------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights/SafetensorsHeader.h"
#include <algorithm>
#include <limits>
#include <set>

using namespace cat;
using namespace cat::weights;

namespace {

constexpr std::string_view kMetadata = "__metadata__";
/// More dimensions than any framework gives a tensor.
constexpr size_t kMaxRank = 64;

/// Bytes of the UTF-8 sequence that begins at `text`, or 0 if it is none (Unicode 15, table 3-7).
size_t utf8Length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto continues = [&](size_t from, size_t to) {
    for (size_t i = from; i <= to; ++i)
      if ((byte(i) & 0xC0) != 0x80)
        return false;
    return true;
  };
  unsigned first = byte(0), second = byte(1);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return continues(1, 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    bool fits = (first != 0xE0 || second >= 0xA0) && (first != 0xED || second < 0xA0);
    return fits && continues(1, 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    bool fits = (first != 0xF0 || second >= 0x90) && (first != 0xF4 || second < 0x90);
    return fits && continues(1, 3) ? 4 : 0;
  }
  return 0;
}

void appendUtf8(std::string &out, uint32_t code) {
  auto put = [&](uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// Reads the header by its schema, so that nesting is bounded. The first complaint is kept.
class Parser {
public:
  Parser(std::string_view text, const std::string &file) : text_(text), file_(file) {}

  bool parse(Header &header);
  const std::string &error() const { return error_; }

private:
  bool fail(const std::string &what) {
    if (error_.empty())
      error_ = file_ + ": " + (tensor_.empty() ? "header: " : tensor_ + ": ") + what;
    return false;
  }
  bool failHere(const char *expected) {
    return fail(std::string("expected ") + expected + " at byte " + std::to_string(at_) +
                " of the header");
  }

  void skipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != text_.npos)
      ++at_;
  }
  /// Takes a character if it comes next.
  bool take(char c) {
    skipSpace();
    if (at_ >= text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }
  bool expect(char c, const char *name) { return take(c) || failHere(name); }

  bool readString(std::string &out);
  bool readEscape(std::string &out);
  bool readHex(uint32_t &code);
  bool readNumber(int64_t &out);
  bool readNumbers(std::vector<int64_t> &out);
  bool readMetadata(Header &header);
  bool readEntry(HeaderEntry &entry);
  /// Reads an object; `readMember` gets each name and reads its value. Refuses a name that comes
  /// twice.
  template <typename Fn> bool readObject(Fn readMember);

  std::string_view text_;
  const std::string &file_;
  size_t at_ = 0;
  std::string tensor_; ///< what is being read, for errors
  std::string error_;
};

bool Parser::readHex(uint32_t &code) {
  code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    char c = at_ < text_.size() ? text_[at_] : '\0';
    uint32_t digit;
    if (c >= '0' && c <= '9')
      digit = static_cast<uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<uint32_t>(c - 'A' + 10);
    else
      return failHere("four hexadecimal digits");
    code = code << 4 | digit;
  }
  return true;
}

bool Parser::readEscape(std::string &out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  char letter = at_ < text_.size() ? text_[at_++] : '\0';
  if (size_t i = kLetters.find(letter); letter != '\0' && i != kLetters.npos) {
    out += kMeanings[i];
    return true;
  }
  if (letter != 'u')
    return failHere("an escape sequence");
  uint32_t code;
  if (!readHex(code))
    return false;
  if (code >= 0xD800 && code < 0xDC00) {
    uint32_t low = 0;
    if (text_.substr(at_, 2) != "\\u")
      return failHere("the second half of a surrogate pair");
    at_ += 2;
    if (!readHex(low))
      return false;
    if (low < 0xDC00 || low > 0xDFFF)
      return failHere("the second half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    return failHere("the first half of a surrogate pair");
  }
  appendUtf8(out, code);
  return true;
}

bool Parser::readString(std::string &out) {
  if (!expect('"', "a string"))
    return false;
  out.clear();
  while (true) {
    if (at_ >= text_.size())
      return failHere("the end of a string");
    char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      ++at_;
      if (!readEscape(out))
        return false;
      continue;
    }
    size_t length = utf8Length(text_.substr(at_));
    if (length == 0 || static_cast<unsigned char>(c) < 0x20)
      return failHere("a character of a string in UTF-8");
    out.append(text_, at_, length);
    at_ += length;
  }
}

bool Parser::readNumber(int64_t &out) {
  skipSpace();
  size_t begin = at_;
  out = 0;
  for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
    if (__builtin_mul_overflow(out, 10, &out) ||
        __builtin_add_overflow(out, text_[at_] - '0', &out))
      return failHere("a smaller number");
  bool more = at_ < text_.size() && std::string_view(".eE").find(text_[at_]) != text_.npos;
  if (at_ == begin || more || (text_[begin] == '0' && at_ - begin > 1)) {
    at_ = begin;
    return failHere("a whole number of zero or more");
  }
  return true;
}

bool Parser::readNumbers(std::vector<int64_t> &out) {
  out.clear();
  if (!expect('[', "'['"))
    return false;
  if (take(']'))
    return true;
  do {
    if (out.size() == kMaxRank)
      return fail("has more than " + std::to_string(kMaxRank) + " dimensions");
    if (!readNumber(out.emplace_back()))
      return false;
  } while (take(','));
  return expect(']', "',' or ']'");
}

template <typename Fn> bool Parser::readObject(Fn readMember) {
  if (!expect('{', "'{'"))
    return false;
  if (take('}'))
    return true;
  std::set<std::string> seen;
  do {
    std::string name;
    if (!readString(name))
      return false;
    if (!seen.insert(name).second)
      return fail(quoteName(name) + " stands there twice");
    if (!expect(':', "':'") || !readMember(name))
      return false;
  } while (take(','));
  return expect('}', "',' or '}'");
}

bool Parser::readMetadata(Header &header) {
  tensor_ = std::string(kMetadata);
  bool ok = readObject([&](const std::string &name) {
    auto &[key, value] = header.metadata.emplace_back();
    key = name;
    return readString(value);
  });
  tensor_.clear();
  return ok;
}

bool Parser::readEntry(HeaderEntry &entry) {
  tensor_ = "tensor " + quoteName(entry.name);
  std::vector<int64_t> offsets;
  bool hasType = false, hasShape = false;
  bool ok = readObject([&](const std::string &name) {
    if (name == "dtype") {
      std::string type;
      if (!readString(type))
        return false;
      std::optional<DType> dtype = parseDType(type);
      if (!dtype)
        return fail("has elements of the unknown type " + quoteName(type));
      entry.dtype = *dtype;
      return hasType = true;
    }
    if (name == "shape")
      return hasShape = readNumbers(entry.shape);
    if (name == "data_offsets") {
      if (!readNumbers(offsets))
        return false;
      return offsets.size() == 2 || fail("needs two data_offsets");
    }
    return fail("has the unknown member " + quoteName(name));
  });
  if (!ok)
    return false;
  for (auto [has, name] : {std::pair(hasType, "dtype"), std::pair(hasShape, "shape"),
                           std::pair(!offsets.empty(), "data_offsets")})
    if (!has)
      return fail(std::string("lacks \"") + name + "\"");
  entry.begin = static_cast<uint64_t>(offsets[0]);
  entry.end = static_cast<uint64_t>(offsets[1]);
  std::optional<int64_t> count = elementCount(entry.shape);
  int64_t bytes;
  if (!count || __builtin_mul_overflow(*count, static_cast<int64_t>(sizeOf(entry.dtype)), &bytes))
    return fail("has more elements than can be counted: shape " + str(entry.shape));
  if (entry.begin > entry.end || entry.end - entry.begin != static_cast<uint64_t>(bytes))
    return fail("needs " + std::to_string(bytes) + " bytes for " +
                std::string(nameOf(entry.dtype)) + " " + str(entry.shape) +
                ", but has data_offsets " + str(offsets));
  tensor_.clear();
  return true;
}

bool Parser::parse(Header &header) {
  if (text_.empty() || text_[0] != '{')
    return fail("expected '{': this is no safetensors file");
  bool ok = readObject([&](const std::string &name) {
    if (name == kMetadata)
      return readMetadata(header);
    HeaderEntry &entry = header.entries.emplace_back();
    entry.name = name;
    return readEntry(entry);
  });
  if (!ok)
    return false;
  skipSpace();
  return at_ == text_.size() || failHere("the end");
}

/// Checks that the entries, by place, cover the data without overlap or hole.
std::optional<std::string> findGap(const std::vector<HeaderEntry> &entries, uint64_t dataSize) {
  uint64_t covered = 0;
  for (const HeaderEntry &entry : entries) {
    std::string tensor = "tensor " + quoteName(entry.name);
    if (entry.end > dataSize)
      return tensor + ": ends at byte " + std::to_string(entry.end) + " of the data, which has " +
             std::to_string(dataSize) + ": the file is truncated";
    if (entry.begin < covered)
      return tensor + ": overlaps the tensor before it by " +
             std::to_string(covered - entry.begin) + " bytes";
    if (entry.begin > covered)
      return tensor + ": begins " + std::to_string(entry.begin - covered) +
             " bytes after what stands before it";
    covered = entry.end;
  }
  if (covered != dataSize)
    return "the last " + std::to_string(dataSize - covered) + " bytes belong to no tensor";
  return std::nullopt;
}

/// A string as the format's own library writes it.
void appendQuoted(std::string &out, std::string_view text) {
  constexpr std::string_view kLetters = "\"\\bfnrt", kMeanings = "\"\\\b\f\n\r\t";
  constexpr const char *kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    if (size_t i = kMeanings.find(c); i != kMeanings.npos) {
      out += '\\';
      out += kLetters[i];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

} // namespace

std::string cat::weights::quoteName(std::string_view name) {
  constexpr size_t kLongest = 120;
  std::string text = "'";
  for (size_t at = 0; at < name.size();) {
    size_t length = utf8Length(name.substr(at));
    auto c = static_cast<unsigned char>(name[at]);
    if (text.size() > kLongest) {
      text += "...";
      break;
    }
    if (length == 0 || c < 0x20 || c == 0x7F)
      text += '?';
    else
      text.append(name, at, length);
    at += std::max<size_t>(length, 1);
  }
  return text + "'";
}

Result<Header> cat::weights::parseHeader(std::string_view text, uint64_t dataSize,
                                         const std::string &file) {
  Header header;
  Parser parser(text, file);
  if (!parser.parse(header))
    return Fault{parser.error()};
  std::stable_sort(header.entries.begin(), header.entries.end(),
                   [](const HeaderEntry &a, const HeaderEntry &b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  if (std::optional<std::string> gap = findGap(header.entries, dataSize))
    return Fault{file + ": " + *gap};
  return header;
}

std::string cat::weights::printHeader(const Header &header) {
  std::string text = "{";
  auto separate = [&] {
    if (text.back() != '{')
      text += ',';
  };
  if (!header.metadata.empty()) {
    appendQuoted(text, kMetadata);
    text += ":{";
    for (const auto &[name, value] : header.metadata) {
      separate();
      appendQuoted(text, name);
      text += ':';
      appendQuoted(text, value);
    }
    text += '}';
  }
  for (const HeaderEntry &entry : header.entries) {
    separate();
    appendQuoted(text, entry.name);
    text += ":{\"dtype\":";
    appendQuoted(text, nameOf(entry.dtype));
    text += ",\"shape\":[";
    for (size_t i = 0; i < entry.shape.size(); ++i)
      text += (i ? "," : "") + std::to_string(entry.shape[i]);
    text += "],\"data_offsets\":[" + std::to_string(entry.begin) + "," + std::to_string(entry.end) +
            "]}";
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}
