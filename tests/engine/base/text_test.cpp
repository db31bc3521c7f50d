#include "engine/base/text.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

using namespace std::string_view_literals;

TEST(Text, WritesHexWithLeadingZerosAndInOrder) {
  EXPECT_EQ(hex(std::uint64_t{0}), "0000000000000000");
  EXPECT_EQ(hex(std::uint64_t{0x0123456789abcdef}), "0123456789abcdef");
  EXPECT_EQ(hex(as_bytes("\x00\x7f\xff"sv)), "007fff");
  EXPECT_EQ(hex(ByteView{}), "");
}

// A peer chooses names and messages: none may forge a trace line or move a terminal's cursor.
TEST(Text, MakesForeignTextSafeForOneLine) {
  EXPECT_EQ(printable("plain ~ text"), "plain ~ text");
  EXPECT_EQ(printable("a\nb\x1b[0m"), "a\\x0ab\\x1b[0m");
  EXPECT_EQ(printable("\x00\x7f"sv), "\\x00\\x7f");
  EXPECT_EQ(printable("\xc3\xa9"), "\\xc3\\xa9");
}

TEST(Text, ShortensAtTheGivenNumberOfSourceBytes) {
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abcde", 4), "abcd...");
  EXPECT_EQ(printable("\n\n", 1), "\\x0a...");
  EXPECT_EQ(printable(std::string(81, 'x')), std::string(80, 'x') + "...");
}

}  // namespace
}  // namespace mpreg
