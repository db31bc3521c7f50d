#include "net/frame_queue.hpp"

#include <string>

#include <gtest/gtest.h>

namespace mpreg::net {
namespace {

wire::Frame frame(const std::string& head, const std::string& payload) {
  return {Bytes::copy_of(head), Bytes::copy_of(payload), 0};
}

std::string text(ByteView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::string at(const FrameQueue& queue, std::size_t place) {
  const auto pieces = queue[place];
  return text(pieces.first) + "|" + text(pieces.second);
}

TEST(FrameQueue, KeepsOrderAndContentOfSmallAndLargeHeads) {
  FrameQueue queue;
  const std::string large(5000, 'L');
  queue.push(frame("a", "1"));
  queue.push(frame(large, "2"));
  queue.push(frame("c", ""));
  EXPECT_EQ(at(queue, 0), "a|1");
  EXPECT_EQ(at(queue, 1), large + "|2");
  EXPECT_EQ(at(queue, 2), "c|");
  EXPECT_EQ(queue.front_bytes(), 2u);
  queue.pop();
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(at(queue, 0), large + "|2");
}

TEST(FrameQueue, DoesNotCopyPayloads) {
  FrameQueue queue;
  wire::Frame one = frame("head", "payload");
  const std::byte* const where = one.payload.data();
  queue.push(std::move(one));
  EXPECT_EQ(queue[0].second.data(), where);
}

// The gap that popped frames leave is closed while others wait behind it.
TEST(FrameQueue, IsTheSameAfterThousandsHavePassed) {
  FrameQueue queue;
  std::size_t pushed = 0;
  std::size_t popped = 0;
  const auto head = [](std::size_t n) {
    return n % 7 == 0 ? std::string(2000, 'x') + std::to_string(n) : std::to_string(n);
  };
  for (std::size_t round = 0; round < 3000; ++round) {
    for (std::size_t i = 0; i < 1 + round % 5; ++i) queue.push(frame(head(pushed++), "p"));
    while (queue.size() > round % 700) {
      ASSERT_EQ(at(queue, 0), head(popped) + "|p");
      queue.pop();
      ++popped;
    }
    ASSERT_EQ(queue.size(), pushed - popped);
  }
}

}  // namespace
}  // namespace mpreg::net
