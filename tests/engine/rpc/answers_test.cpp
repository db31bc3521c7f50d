#include "engine/rpc/answers.hpp"

#include <string>

#include <gtest/gtest.h>

namespace mpreg::rpc {
namespace {

CallKey key(std::uint64_t call) { return {NodeId{1}, Incarnation{1}, CallId{call}}; }
Answer answer(std::size_t size, Errc code = Errc::ok) {
  Answer one;
  one.code = code;
  one.payload = Bytes::copy_of(std::string(size, 'x'));
  return one;
}

// Payloads decide how much a window holds, not their number alone.
TEST(Answers, AreBoundedByBytesAndTheOldestGoes) {
  Answers answers(100, 1000);
  answers.remember(key(1), 0, answer(400), Instant{1});
  answers.remember(key(2), 0, answer(400), Instant{2});
  answers.remember(key(3), 0, answer(400), Instant{3});
  EXPECT_FALSE(answers.find(key(1), 0));
  ASSERT_TRUE(answers.find(key(2), 0));
  EXPECT_EQ(answers.bytes(), 800u);
}

// Forgetting a large answer would execute the call again; keeping it would break the bound.
TEST(Answers, OfAnAnswerThatIsTooLargeTheFactIsKept) {
  Answers answers(100, 1000);
  answers.remember(key(4), 0, answer(5000), Instant{4});
  ASSERT_TRUE(answers.find(key(4), 0));
  EXPECT_EQ(answers.find(key(4), 0)->code, Errc::unavailable);
  EXPECT_LE(answers.bytes(), 1000u);
}

TEST(Answers, ALaterEndOfTheSameCallReplacesTheEarlierOne) {
  Answers answers(2, 1000);
  answers.remember(key(1), 0, answer(1), Instant{1});
  answers.remember(key(1), 0, answer(2), Instant{2});
  answers.remember(key(2), 0, answer(3), Instant{3});
  ASSERT_TRUE(answers.find(key(1), 0)) << "the stale entry went, not the call";
  EXPECT_EQ(answers.find(key(1), 0)->payload.size(), 2u);
  answers.purge(Instant{2});
  EXPECT_FALSE(answers.find(key(1), 0));
  EXPECT_TRUE(answers.find(key(2), 0));
}

TEST(Answers, AnOverloadDoesNotPushRealAnswersOut) {
  Answers answers(4, 1000);
  answers.remember(key(1), 0, answer(1), Instant{1});
  for (std::uint64_t call = 2; call < 10'000; ++call)
    answers.remember(key(call), 0, answer(0, Errc::overloaded), Instant{2});
  EXPECT_TRUE(answers.find(key(1), 9));
  EXPECT_EQ(answers.size(), 1 + limits::refusals_kept_max);
}

}  // namespace
}  // namespace mpreg::rpc
