#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/membership/member_table.hpp"
#include "engine/membership/rumors.hpp"
#include "engine/membership/suspicion.hpp"
#include "tests/support/session_room.hpp"

namespace mpreg {
namespace {

using membership::Member;
using membership::MemberState;
using membership::MemberTable;
using membership::MemberUpdate;
using membership::Suspicion;

/// Few nodes, lives and refutations, so that claims meet often.
rc::Gen<MemberUpdate> any_claim() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<std::uint64_t>(1, 4), rc::gen::inRange<std::uint64_t>(1, 3),
                     rc::gen::inRange<std::uint32_t>(0, 3), rc::gen::inRange(0, 4),
                     rc::gen::inRange(0, 3), rc::gen::inRange(0, 4)),
      [](const auto& drawn) {
        MemberUpdate update;
        update.node = NodeId{std::get<0>(drawn)};
        update.incarnation = Incarnation{std::get<1>(drawn)};
        update.refutation = std::get<2>(drawn);
        update.state = static_cast<MemberState>(std::get<3>(drawn));
        const int variant = std::get<4>(drawn);
        if (variant > 0) update.addresses = {"a" + std::to_string(variant)};
        update.name = variant == 2 ? "x" : "";
        if (update.state == MemberState::suspect) update.reporter = NodeId{9};
        if (update.state == MemberState::left)
          update.reason = static_cast<wire::GoodbyeReason>(std::get<5>(drawn));
        return update;
      });
}

MemberTable table_of(const std::vector<MemberUpdate>& claims) {
  MemberTable table;
  for (const MemberUpdate& claim : claims) table.apply(claim, Instant{});
  return table;
}

bool is_equal(const MemberTable& a, const MemberTable& b) {
  return a.members() == b.members() && a.live() == b.live() && a.dead() == b.dead() &&
         a.hash() == b.hash();
}

RC_GTEST_PROP(MemberLaws, AnyOrderAndAnyRepetitionOfClaimsGivesEqualTables, ()) {
  const auto claims = *rc::gen::container<std::vector<MemberUpdate>>(any_claim());
  auto shuffled = claims;
  Random random(*rc::gen::arbitrary<std::uint64_t>(), NodeId{1});
  shuffled.insert(shuffled.end(), claims.begin(), claims.end());
  random.shuffle(Purpose::workload, shuffled);
  RC_ASSERT(is_equal(table_of(claims), table_of(shuffled)));
}

RC_GTEST_PROP(MemberLaws, MergingTablesIsAssociativeAndCommutative, ()) {
  const auto a = *rc::gen::container<std::vector<MemberUpdate>>(any_claim());
  const auto b = *rc::gen::container<std::vector<MemberUpdate>>(any_claim());
  const auto c = *rc::gen::container<std::vector<MemberUpdate>>(any_claim());
  const auto merged = [](const std::vector<MemberUpdate>& x, const std::vector<MemberUpdate>& y) {
    MemberTable table = table_of(x);
    const MemberTable other = table_of(y);
    for (const auto& [node, member] : other.members())
      table.apply(membership::update_of(member), Instant{});
    std::vector<MemberUpdate> out;
    for (const auto& [node, member] : table.members()) out.push_back(membership::update_of(member));
    return out;
  };
  RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
  RC_ASSERT(merged(a, b) == merged(b, a));
  RC_ASSERT(merged(merged(a, b), b) == merged(a, b));
}

// The hash and the lists are kept up to date by difference; they must equal those built anew.
RC_GTEST_PROP(MemberLaws, TheIncrementalHashEqualsTheOneBuiltAnew, ()) {
  const auto claims = *rc::gen::container<std::vector<MemberUpdate>>(any_claim());
  const MemberTable table = table_of(claims);
  std::vector<MemberUpdate> final_claims;
  for (const auto& [node, member] : table.members())
    final_claims.push_back(membership::update_of(member));
  RC_ASSERT(is_equal(table, table_of(final_claims)));
}

RC_GTEST_PROP(MemberLaws, FurtherAccusersNeverPutTheDeadlineOff, ()) {
  const auto needed = *rc::gen::inRange<std::uint32_t>(0, 8);
  const auto accusers =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 12));
  Suspicion suspicion(Instant{0}, seconds(4), seconds(24), needed, NodeId{1});
  Instant deadline = suspicion.deadline();
  RC_ASSERT(deadline <= Instant{0} + seconds(24));
  for (const std::uint64_t accuser : accusers) {
    const bool moved = suspicion.confirm(NodeId{accuser});
    RC_ASSERT(moved == (suspicion.deadline() < deadline));
    deadline = suspicion.deadline();
    RC_ASSERT(deadline >= Instant{0} + seconds(4));
  }
}

RC_GTEST_PROP(MemberLaws, EveryRumorIsToldExactlyAsOftenAsAllowed, ()) {
  const auto nodes = *rc::gen::inRange<std::uint64_t>(1, 40);
  const auto each = *rc::gen::inRange<std::size_t>(1, 10);
  const auto told_max = *rc::gen::inRange<std::uint32_t>(1, 6);
  membership::Rumors rumors;
  for (std::uint64_t node = 1; node <= nodes; ++node) rumors.add(NodeId{node});
  std::map<NodeId, std::uint32_t> told;
  while (rumors.size() > 0)
    for (const NodeId node : rumors.take(each, told_max)) ++told[node];
  RC_ASSERT(told.size() == nodes);
  for (const auto& [node, times] : told) RC_ASSERT(times == told_max);
}

struct Weather {
  std::uint64_t seed = 0;
  std::uint64_t loss = 0;      ///< Percent.
  std::uint64_t repeated = 0;  ///< Percent.
};

void expose(testing::SessionRoom& room, const Weather& weather, Random& random) {
  room.copies = [weather, &random](std::size_t, LinkId, const wire::Message&) {
    if (random.below(Purpose::net_loss, 100) < weather.loss) return 0;
    return random.below(Purpose::net_duplicate, 100) < weather.repeated ? 2 : 1;
  };
}

Weather any_weather() {
  Weather weather;
  weather.seed = *rc::gen::arbitrary<std::uint64_t>();
  weather.loss = *rc::gen::inRange<std::uint64_t>(0, 60);
  weather.repeated = *rc::gen::inRange<std::uint64_t>(0, 60);
  return weather;
}

// Whatever is lost, repeated, replayed from other links or reflected: no key, no peer.
RC_GTEST_PROP(SessionLaws, NobodyIsAuthenticatedWithoutTheKey, ()) {
  const Weather weather = any_weather();
  Random random(weather.seed, NodeId{1});
  testing::SessionRoom room;
  const std::size_t a = room.start({1, 1, "blue", true, 42, ""});
  const std::size_t b = room.start({2, 1, "blue", true, 42, ""});
  const std::size_t stranger = room.start({3, 1, "blue", true, 7, ""});
  std::vector<wire::Message> overheard;
  room.watch = [&](std::size_t, LinkId, const wire::Message& message) {
    if (overheard.size() < 64) overheard.push_back(message);
  };
  expose(room, weather, random);
  room.dial(a, b);
  room.run();
  std::vector<std::size_t> wires;
  for (int i = 0; i < 4; ++i) {
    wires.push_back(i % 2 == 0 ? room.dial(stranger, a) : room.dial(a, stranger));
    while (random.below(Purpose::hostile, 4) != 0 && room.step()) {
    }
    const auto& wire = room.wire(wires.back());
    const LinkId at_a = i % 2 == 0 ? wire.acceptor_link : wire.dialer_link;
    for (int forged = 0; forged < 3; ++forged)
      room.inject(a, at_a, overheard[random.below(Purpose::hostile, overheard.size())]);
  }
  room.advance(seconds(5));
  for (const std::size_t end : {a, b})
    for (const Event& event : room.at(end).heard)
      if (const auto* up = std::get_if<event::PeerUp>(&event))
        RC_ASSERT(up->peer.node == NodeId{1} || up->peer.node == NodeId{2});
  RC_ASSERT(room.at(stranger).sessions.peer_count() == 0u);
}

// In any weather the two ends come to agree, once it is over: each has the other exactly once, or
// not at all, and everything that came up and is not up went down.
RC_GTEST_PROP(SessionLaws, BothEndsAgreeAfterAnyWeather, ()) {
  const Weather weather = any_weather();
  Random random(weather.seed, NodeId{2});
  testing::SessionRoom room;
  const std::size_t a = room.start({1, 1, "blue", true, 42, ""});
  const std::size_t b = room.start({2, 1, "blue", true, 42, ""});
  expose(room, weather, random);
  const auto dials = *rc::gen::inRange(1, 6);
  for (int i = 0; i < dials; ++i) {
    if (random.below(Purpose::workload, 2) == 0) {
      room.dial(a, b);
    } else {
      room.dial(b, a);
    }
    while (random.below(Purpose::workload, 3) != 0 && room.step()) {
    }
    if (random.below(Purpose::workload, 4) == 0)
      room.cut(random.below(Purpose::workload, room.wires()));
  }
  room.run();
  room.copies = nullptr;
  room.advance(seconds(20));
  RC_ASSERT(room.at(a).sessions.handshake_count() == 0u);
  RC_ASSERT(room.at(a).sessions.peer_count() == room.at(b).sessions.peer_count());
  for (const std::size_t end : {a, b}) {
    int up = 0;
    int dials_ended = 0;
    for (const Event& event : room.at(end).heard) {
      if (std::holds_alternative<event::PeerUp>(event)) ++up;
      if (std::holds_alternative<event::PeerDown>(event)) --up;
      if (std::holds_alternative<event::DialEnded>(event)) ++dials_ended;
      RC_ASSERT(up == 0 || up == 1);
    }
    RC_ASSERT(static_cast<std::size_t>(up) == room.at(end).sessions.peer_count());
    int dialed = 0;
    for (std::size_t i = 0; i < room.wires(); ++i) dialed += room.wire(i).dialer == end ? 1 : 0;
    RC_ASSERT(dialed == dials_ended);
  }
}

}  // namespace
}  // namespace mpreg
