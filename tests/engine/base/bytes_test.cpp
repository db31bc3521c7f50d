#include "engine/base/bytes.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

TEST(Bytes, CopiesDoNotFollowTheirSource) {
  std::string source = "hello";
  const Bytes bytes = Bytes::copy_of(source);
  source[0] = 'J';
  EXPECT_EQ(bytes.text(), "hello");
  EXPECT_EQ(bytes.size(), 5U);
}

// Forwarding a payload must not copy it: a slice is the same memory, and keeps it alive alone.
TEST(Bytes, SlicesShareTheirBufferAndKeepItAlive) {
  const auto owner = std::make_shared<const std::string>("frame:payload");
  Bytes slice;
  {
    const Bytes whole = Bytes::wrap(owner, as_bytes(*owner));
    slice = whole.slice(6, 7).slice(0, 3);
    EXPECT_EQ(slice.data(), whole.data() + 6);
  }
  EXPECT_EQ(owner.use_count(), 2);
  EXPECT_EQ(slice.text(), "pay");
  slice = {};
  EXPECT_EQ(owner.use_count(), 1);
}

TEST(Bytes, TakeKeepsTheBuffersMemory) {
  std::vector<std::byte> buffer(100, std::byte{7});
  const std::byte* const memory = buffer.data();
  const Bytes bytes = Bytes::take(std::move(buffer));
  EXPECT_EQ(bytes.data(), memory);
  EXPECT_EQ(bytes.size(), 100U);
}

TEST(Bytes, EqualityLooksAtTheContentOnly) {
  EXPECT_EQ(Bytes::copy_of("abc"), Bytes::copy_of("xabcx").slice(1, 3));
  EXPECT_NE(Bytes::copy_of("abc"), Bytes::copy_of("abd"));
  EXPECT_NE(Bytes::copy_of("abc"), Bytes::copy_of("ab"));
  EXPECT_EQ(Bytes{}, Bytes::copy_of(""));
  EXPECT_EQ(Bytes::take({}), Bytes::copy_of("abc").slice(3, 0));
}

TEST(Bytes, AnEmptySliceHoldsNothingAlive) {
  const auto owner = std::make_shared<const std::string>("x");
  const Bytes whole = Bytes::wrap(owner, as_bytes(*owner));
  const Bytes none = whole.slice(1, 0);
  EXPECT_EQ(owner.use_count(), 2);
  EXPECT_TRUE(none.empty());
}

TEST(BytesDeathTest, SlicesNeverReachOutside) {
  const Bytes bytes = Bytes::copy_of("abc");
  EXPECT_DEATH(static_cast<void>(bytes.slice(2, 2)), "assertion failed");
  EXPECT_DEATH(static_cast<void>(bytes.slice(4, 0)), "assertion failed");
  EXPECT_DEATH(static_cast<void>(bytes.slice(1, static_cast<std::size_t>(-1))), "assertion failed");
}

}  // namespace
}  // namespace mpreg
