#include <set>

#include <gtest/gtest.h>

#include "engine/runtime/fold.hpp"
#include "tests/support/runtime_samples.hpp"

namespace mpreg::runtime {
namespace {

template <class Whole, class Alternative, class Edit>
void expect_counts(const char* field, const Alternative& original, Edit edit) {
  Alternative changed = original;
  edit(changed);
  EXPECT_NE(hash_of(Whole(original)), hash_of(Whole(changed))) << field;
}

// A field that the hash overlooks is a difference that the trace matrix and replays overlook.
TEST(HashOfInput, CoversEveryField) {
  const auto count = [](const char* field, const auto& original, auto edit) {
    expect_counts<Input>(field, original, edit);
  };
  count("seed", input::Started{1, Incarnation{2}}, [](auto& v) { ++v.seed; });
  count("incarnation", input::Started{1, Incarnation{2}}, [](auto& v) { ++v.incarnation.value; });
  const input::LinkUp up{LinkId{3}, DialId{8}, "remote"};
  count("link", up, [](auto& v) { ++v.link.value; });
  count("dial", up, [](auto& v) { ++v.dial.value; });
  count("remote", up, [](auto& v) { v.remote += "x"; });
  count("why", input::LinkDown{LinkId{3}, "a"}, [](auto& v) { v.why = "b"; });
  count("timer kind", input::Expired{}, [](auto& v) { v.timer.kind = TimerKind::leave; });
  count("timer subject", input::Expired{}, [](auto& v) { ++v.timer.subject; });
  count("tag", input::Signed{}, [](auto& v) { v.tag[31] = std::byte{1}; });
  count("status", input::Written{}, [](auto& v) { v.status = StorageStatus::full; });
  count("row", input::Fetched{ReadId{1}, {}, {{"k", {}}}}, [](auto& v) { v.rows.pop_back(); });
  count("value", input::Fetched{ReadId{1}, {}, {{"k", {}}}},
        [](auto& v) { v.rows[0].value = Bytes::copy_of("v"); });
  const input::Returned returned{InvokeId{12}, testing::sample_outcome()};
  count("code", returned, [](auto& v) { v.outcome.code = Errc::ok; });
  count("message", returned, [](auto& v) { v.outcome.message.clear(); });
  count("function", returned, [](auto& v) { v.outcome.function.clear(); });
  count("node", returned, [](auto& v) { ++v.outcome.node.value; });
  count("content type", returned, [](auto& v) { v.outcome.content_type.clear(); });
  count("payload", returned, [](auto& v) { v.outcome.payload = {}; });
}

TEST(HashOfInput, TellsEverySampleFromEveryOther) {
  std::set<std::uint64_t> seen;
  const auto inputs = testing::sample_inputs();
  for (const Input& input : inputs) seen.insert(hash_of(input));
  EXPECT_EQ(seen.size(), inputs.size());
}

// A frame is hashed by its header only. That is enough because the header's checksum covers the
// rest: a frame that says something else has another checksum.
TEST(HashOfInput, CoversAFrameByItsHeader) {
  const Bytes one = testing::sample_received(1);
  const Bytes two = testing::sample_received(2);
  EXPECT_NE(hash_of(Input(input::Received{LinkId{1}, one})),
            hash_of(Input(input::Received{LinkId{1}, two})));
  EXPECT_NE(hash_of(Input(input::Received{LinkId{1}, one})),
            hash_of(Input(input::Received{LinkId{2}, one})));
  EXPECT_NE(hash_of(Input(input::Received{LinkId{1}, one})),
            hash_of(Input(input::Received{LinkId{1}, one.slice(0, one.size() - 1)})));
  EXPECT_NE(hash_of(Input(input::Received{LinkId{1}, Bytes::copy_of("short a")})),
            hash_of(Input(input::Received{LinkId{1}, Bytes::copy_of("short b")})));
}

TEST(HashOfEffect, CoversEveryField) {
  const auto count = [](const char* field, const auto& original, auto edit) {
    expect_counts<Effect>(field, original, edit);
  };
  const effect::Send send{LinkId{3}, wire::Priority::high, testing::sample_frame(1)};
  count("link", send, [](auto& v) { ++v.link.value; });
  count("priority", send, [](auto& v) { v.priority = wire::Priority::bulk; });
  count("frame", send, [](auto& v) { v.frame = testing::sample_frame(2); });
  count("address", effect::Dial{DialId{1}, "a"}, [](auto& v) { v.address = "b"; });
  count("why", effect::HangUp{LinkId{1}, "a"}, [](auto& v) { v.why = "b"; });
  count("at", effect::Arm{}, [](auto& v) { ++v.at.nanos; });
  count("timer", effect::Disarm{}, [](auto& v) { ++v.timer.subject; });
  count("message", effect::Sign{}, [](auto& v) { v.message = Bytes::copy_of("x"); });
  const effect::Commit commit{WriteId{1}, {{"k", false, {}}}, Durability::sync};
  count("erase", commit, [](auto& v) { v.batch[0].is_erase = true; });
  count("durability", commit, [](auto& v) { v.durability = Durability::lazy; });
  count("from", effect::Fetch{ReadId{1}, "a", "b", 1}, [](auto& v) { v.from = "0"; });
  count("to", effect::Fetch{ReadId{1}, "a", "b", 1}, [](auto& v) { v.to = "c"; });
  count("limit", effect::Fetch{ReadId{1}, "a", "b", 1}, [](auto& v) { ++v.limit; });
  const effect::Invoke invoke{InvokeId{1}, testing::sample_function(), seconds(1), "", {}};
  count("function", invoke, [](auto& v) { v.function.version = "1.2.1"; });
  count("resource", invoke, [](auto& v) { v.function.resources.pop_back(); });
  count("deadline", invoke, [](auto& v) { ++v.deadline.nanos; });
  count("payload", invoke, [](auto& v) { v.payload = Bytes::copy_of("x"); });
  const Note note{NoteKind::member_dead, 6, 2, "silent"};
  count("kind", note, [](auto& v) { v.kind = NoteKind::member_left; });
  count("subject", note, [](auto& v) { ++v.subject; });
  count("detail", note, [](auto& v) { ++v.detail; });
  count("text", note, [](auto& v) { v.text.clear(); });
}

TEST(HashOfEffect, TellsEverySampleFromEveryOther) {
  std::set<std::uint64_t> seen;
  const auto effects = testing::sample_effects();
  for (const Effect& effect : effects) seen.insert(hash_of(effect));
  EXPECT_EQ(seen.size(), effects.size());
}

// Neighbouring texts must not flow into each other: ("a","bc") is not ("ab","c").
TEST(HashOfEffect, KeepsNeighbouringFieldsApart) {
  EXPECT_NE(hash_of(Effect(effect::Fetch{ReadId{1}, "a", "bc", 1})),
            hash_of(Effect(effect::Fetch{ReadId{1}, "ab", "c", 1})));
}

// Written into golden hashes and recordings: another compiler must come to the same numbers.
TEST(Fold, IsTheSameInEveryBuild) {
  Fold fold;
  fold.add(1);
  fold.add(2);
  EXPECT_EQ(fold.value(), 13779129674885508830U);
  EXPECT_EQ(hash_of(Input(input::Started{1, Incarnation{2}})), 15231039028225794796U);
  EXPECT_EQ(content_hash(as_bytes("mpreg")), 18297114481478468211U);
}

TEST(Fold, DependsOnOrderAndOnZeros) {
  const auto folded = [](std::initializer_list<std::uint64_t> words) {
    Fold fold;
    for (const std::uint64_t word : words) fold.add(word);
    return fold.value();
  };
  EXPECT_NE(folded({1, 2}), folded({2, 1}));
  EXPECT_NE(folded({}), folded({0}));
  EXPECT_NE(folded({0}), folded({0, 0}));
  EXPECT_NE(folded({1, 0}), folded({1}));
}

}  // namespace
}  // namespace mpreg::runtime
