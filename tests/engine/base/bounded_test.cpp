#include "engine/base/bounded.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

template <class T>
std::vector<T> drain(BoundedQueue<T>& queue) {
  std::vector<T> items;
  while (auto item = queue.pop()) items.push_back(*item);
  return items;
}

TEST(BoundedQueue, RefusesAndCountsWhatPassesItsCapacity) {
  BoundedQueue<int> queue(3, Overflow::refuse);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.push(i), i < 3);
  EXPECT_TRUE(queue.is_full());
  EXPECT_EQ(queue.dropped(), 2U);
  EXPECT_EQ(drain(queue), (std::vector{0, 1, 2}));
}

TEST(BoundedQueue, DropsTheOldestWhenNewsMatterMore) {
  BoundedQueue<int> queue(3, Overflow::drop_oldest);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  EXPECT_EQ(queue.dropped(), 2U);
  EXPECT_EQ(queue.front(), 2);
  EXPECT_EQ(queue[2], 4);
  EXPECT_EQ(drain(queue), (std::vector{2, 3, 4}));
}

// The ring grows while its head stands anywhere: order must survive.
TEST(BoundedQueue, KeepsOrderWhenItGrowsWithItsHeadInTheMiddle) {
  for (int offset = 0; offset < 8; ++offset) {
    BoundedQueue<int> queue(100, Overflow::refuse);
    for (int i = 0; i < offset; ++i) queue.push(-1);
    for (int i = 0; i < offset; ++i) ASSERT_EQ(*queue.pop(), -1);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(queue.push(i));
    EXPECT_FALSE(queue.push(100));
    for (int i = 0; i < 100; ++i) ASSERT_EQ(*queue.pop(), i);
    EXPECT_FALSE(queue.pop());
  }
}

TEST(BoundedQueue, LetsGoOfItemsWhenTheyLeave) {
  const auto shared = std::make_shared<int>(1);
  BoundedQueue<std::shared_ptr<int>> queue(4, Overflow::drop_oldest);
  for (int i = 0; i < 6; ++i) queue.push(shared);
  EXPECT_EQ(shared.use_count(), 5);
  queue.pop();
  EXPECT_EQ(shared.use_count(), 4) << "the ring must not keep a copy";
  queue.clear();
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.dropped(), 2U) << "cleared is not dropped";
  EXPECT_TRUE(queue.push(shared));
}

TEST(BoundedQueueDeathTest, ChecksItsIndex) {
  BoundedQueue<int> queue(2, Overflow::refuse);
  EXPECT_DEATH(static_cast<void>(queue.front()), "assertion failed");
  EXPECT_DEATH(BoundedQueue<int>(0, Overflow::refuse), "assertion failed");
}

TEST(BoundedVector, RefusesAndCountsWhatPassesItsCapacity) {
  BoundedVector<int> items(2);
  EXPECT_TRUE(items.push_back(1));
  EXPECT_TRUE(items.push_back(2));
  EXPECT_FALSE(items.push_back(3));
  EXPECT_TRUE(items.is_full());
  EXPECT_EQ(items.dropped(), 1U);
  EXPECT_EQ(items[1], 2);
  EXPECT_EQ(items.take_items(), (std::vector{1, 2}));
  EXPECT_TRUE(items.push_back(4)) << "empty again, same capacity";
  EXPECT_DEATH(static_cast<void>(items[1]), "assertion failed");
}

}  // namespace
}  // namespace mpreg
