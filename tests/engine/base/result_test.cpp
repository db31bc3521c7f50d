#include "engine/base/result.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

Result<int> parse(int input) {
  if (input < 0) return fail(Errc::malformed, "negative");
  return input;
}
Status check(int input) {
  if (input > 100) return fail(Errc::too_large, "over 100");
  return {};
}
Result<std::string> both(int input) {
  MPREG_TRY(const int value, parse(input));
  MPREG_CHECK(check(value));
  return std::to_string(value);
}

TEST(Result, TryHandsOnTheFirstFailureOrBindsTheValue) {
  EXPECT_EQ(*both(7), "7");
  EXPECT_EQ(both(-1).error(), (Error{Errc::malformed, "negative"}));
  EXPECT_EQ(both(101).error(), (Error{Errc::too_large, "over 100"}));
}

Result<std::unique_ptr<int>> pass(Result<std::unique_ptr<int>> result) {
  MPREG_TRY(auto owned, std::move(result));
  return owned;
}

TEST(Result, TryMovesValuesThatCannotBeCopied) { EXPECT_EQ(**pass(std::make_unique<int>(5)), 5); }

// The words appear in traces and client replies: each code needs its own.
TEST(Errc, EveryCodeHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (std::uint16_t code = 0; code <= static_cast<std::uint16_t>(Errc::not_leader); ++code) {
    const std::string_view word = describe(static_cast<Errc>(code));
    EXPECT_NE(word, "unknown") << code;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_EQ(describe(static_cast<Errc>(60'000)), "unknown");
}

// A caller may repeat work blindly only when it certainly did not happen.
TEST(Errc, AmbiguousOutcomesAreNeverCalledNotExecuted) {
  for (const Errc code : {Errc::timeout, Errc::peer_lost, Errc::cancelled, Errc::handler_failed,
                          Errc::unavailable, Errc::internal})
    EXPECT_FALSE(is_not_executed(code)) << describe(code);
  EXPECT_TRUE(is_not_executed(Errc::overloaded));
  EXPECT_TRUE(is_not_executed(Errc::shutting_down));
  EXPECT_TRUE(is_retryable(Errc::timeout));
  EXPECT_FALSE(is_retryable(Errc::invalid_argument));
  EXPECT_FALSE(is_retryable(static_cast<Errc>(60'000))) << "unknown codes of newer peers";
}

}  // namespace
}  // namespace mpreg
