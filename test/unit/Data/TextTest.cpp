//===- TextTest.cpp - Cleaning captions -----------------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data/CleanText.h"
#include "Data/Unicode.h"
#include "gtest/gtest.h"

using namespace cat;
using namespace cat::data;

namespace {

std::string repaired(std::string_view text) { return encodeUtf8(repairText(decodeUtf8(text))); }
std::string unescaped(std::string_view text) { return encodeUtf8(unescapeHtml(decodeUtf8(text))); }
std::string strictly(std::string_view text) {
  return encodeUtf8(unescapeHtmlStrictly(decodeUtf8(text)));
}

} // namespace

TEST(TextTest, DecodesUtf8) {
  EXPECT_EQ(decodeUtf8("aé€😀"), U"aé€😀");
  EXPECT_EQ(encodeUtf8(U"aé€😀"), "aé€😀");
  EXPECT_EQ(decodeUtf8("\xC0\x80"), U"\uFFFD\uFFFD");           // overlong
  EXPECT_EQ(decodeUtf8("\xE0\x80\x80"), U"\uFFFD\uFFFD\uFFFD"); // overlong
  EXPECT_EQ(decodeUtf8("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decodeUtf8("\xF0\x9F\x98"), U"\uFFFD"); // cut short
  EXPECT_EQ(decodeUtf8("\xE2\x82x"), U"\uFFFDx");
}

TEST(TextTest, LowerCase) {
  EXPECT_EQ(lowerCase(U"ÄẞÐ I"), U"äßð i");
  EXPECT_EQ(lowerCase(U"İ"), U"i\u0307");
  EXPECT_EQ(lowerCase(U"ΟΔΥΣΣΕΥΣ Σ ΑΣ' ΣΑ"), U"οδυσσευς σ ας' σα");
}

TEST(TextTest, CollapsesSpace) {
  EXPECT_EQ(collapseSpace(U" \u00A0a\u2003\tb\u200Bc \n"), U"a b\u200Bc");
  EXPECT_EQ(collapseSpace(U"  "), U"");
}

// Of Python's html.unescape.
TEST(TextTest, UnescapesHtml) {
  EXPECT_EQ(unescaped("&lt;b&gt; &amp;amp; &eacute;"), "<b> &amp; é");
  EXPECT_EQ(unescaped("&notit; &notin; &ampx &unknown; & &;"), "¬it; ∉ &x &unknown; & &;");
  EXPECT_EQ(unescaped("&#65;&#x42;&#x43 &#150; &#0; &#xD800; &#x110000; &#1;."),
            "ABC – \uFFFD \uFFFD \uFFFD .");
  EXPECT_EQ(unescaped("&#; &#x; &"), "&#; &#x; &");
  EXPECT_EQ(unescaped("&#99999999999999999999;"), "\uFFFD");
  EXPECT_EQ(unescaped("&NotEqualTilde;"), "≂̸");
}

TEST(TextTest, UnescapesHtmlStrictly) {
  EXPECT_EQ(strictly("&amp &ampx; &eacute; &EACUTE; &notit; a&r=2"),
            "&amp &ampx; é É &notit; a&r=2");
  EXPECT_EQ(strictly("&#65; &#65 &#x41;"), "A &#65 A");
}

TEST(TextTest, Repairs) {
  EXPECT_EQ(repaired("donâ€™t mojibake Ã©"), "don't mojibake é");
  EXPECT_EQ(repaired("ﬂubberiﬁc &hellip; “quoted” ‘it’"), "flubberific … \"quoted\" 'it'");
  EXPECT_EQ(repaired("ＬＯＵＤ　ＮＯＩＳＥＳ"), "LOUD NOISES");
  EXPECT_EQ(repaired("a\r\nb\rc\u2028d\x01\u007F\uFEFF"), "a\nb\nc\nd");
  EXPECT_EQ(repaired("\x1B[36;44mI'm blue\x1B[0m"), "I'm blue");
  EXPECT_EQ(repaired("e\u0301"), "é");
  // Where the text has "<", entities are HTML's own business.
  EXPECT_EQ(repaired("<b>&eacute;</b>"), "<b>&eacute;</b>");
}

// Texts and repairs from ftfy's own documentation and tests where Windows-1252 is the culprit, and
// texts that must stay.
TEST(TextTest, RepairsEncoding) {
  auto encoding = [](std::string_view text) {
    return encodeUtf8(repairEncoding(decodeUtf8(text)));
  };
  EXPECT_EQ(encoding("âœ” No problems"), "✔ No problems");
  EXPECT_EQ(encoding("The Mona Lisa doesnÃƒÂ¢Ã¢â€šÂ¬Ã¢â€žÂ¢t have eyebrows."),
            "The Mona Lisa doesn’t have eyebrows.");
  EXPECT_EQ(encoding("schÃ¶n und grÃ¼n"), "schön und grün");
  EXPECT_EQ(encoding("voilÃ  le travail"), "voilà le travail");
  EXPECT_EQ(encoding("Ã s vezes"), "às vezes");
  EXPECT_EQ(encoding("ðŸ˜€"), "😀");
  EXPECT_EQ(encoding("Ð¿Ñ€Ð¸Ð²ÐµÑ‚"), "привет");
  // A part that other scripts surround.
  EXPECT_EQ(encoding("здесь: Ã©tÃ©"), "здесь: été");
  for (const char *good :
       {"CAFÉ”", "“CAFÉ”", "naïve façade", "Zürich straße ẞ", "20 °C ± 5 µm", "Привет, мир!",
        "¿Qué?", "l’été à la plage…", "ÀÉÎÕÜ", "½ ² ℃", "İstanbul I ı"})
    EXPECT_EQ(encoding(good), good);
}

TEST(TextTest, CleansWhatIsComposedOnly) {
  EXPECT_EQ(cleanText(" ﬁ Ã© “É&amp;\u0301 ", Cleaning::Compose), "ﬁ ã© “é&amp;\u0301");
  EXPECT_EQ(cleanText(" ﬁ  &AMP;amp;lt; É", Cleaning::Repair), "fi < é");
}
