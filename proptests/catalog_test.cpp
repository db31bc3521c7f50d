#include "engine/catalog/catalog.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/catalog/record.hpp"
#include "tests/support/catalog_room.hpp"
#include "tests/support/probe.hpp"

// Laws of replication: the state is a function of what was said, not of how it arrived.

namespace mpreg::catalog {
namespace {

using testing::CatalogRoom;
using testing::function_named;
using testing::Probe;

class Silence : public ChangeSink {
 public:
  void removing(const wire::RecordKey&, std::uint64_t, const wire::RecordBody&, bool) override {}
  void added(const wire::RecordKey&, std::uint64_t, const wire::RecordBody&) override {}
};

wire::FunctionRecord any_function() {
  const auto name = *rc::gen::inRange(0, 4);
  const auto id = *rc::gen::weightedElement<int>({{6, -1}, {1, 0}, {1, 1}});
  const auto version = *rc::gen::inRange(0, 3);
  static const std::vector<std::vector<std::string>> choices{{}, {"cpu"}, {"cpu", "gpu"}};
  auto resources = *rc::gen::elementOf(choices);
  return {"f" + std::to_string(name), "f" + std::to_string(id < 0 ? name : id),
          std::to_string(version) + ".0.0", std::move(resources)};
}

/// One life of one owner: random writes, and a difference cut out after each of them.
struct Life {
  explicit Life(NodeId id, std::size_t tombstones_max = 2)
      : owner(id), state(ClusterId{1}, Incarnation{1}), tombstones(tombstones_max) {}

  void step() {
    const std::uint64_t since = state.version();
    const wire::FunctionRecord function = any_function();
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        state.renew();
        break;
      case 1:
      case 2:
        erase_any();
        break;
      default:
        state.put(key_of(function), function, silence);
        break;
    }
    tell(*rc::gen::arbitrary<bool>() ? since : 0);
  }
  void erase_any() {
    std::vector<wire::RecordKey> keys;
    state.for_each(
        [&](const wire::RecordKey& key, std::uint64_t, const auto&) { keys.push_back(key); });
    if (keys.empty())
      state.renew();
    else
      state.erase(*rc::gen::elementOf(keys), silence, tombstones);
  }
  void tell(std::uint64_t since) {
    Budget budget{1, 100, 100'000};
    auto delta = state.collect(since, budget);
    RC_ASSERT(delta);
    delta->owner = owner;
    delta->lease_remaining = seconds(100);
    told.push_back(std::move(*delta));
  }

  NodeId owner;
  OwnerState state;
  std::size_t tombstones;
  Silence silence;
  std::vector<wire::OwnerDelta> told;
};

/// A node that believes in n2 and n3.
struct Listener {
  explicit Listener(std::size_t tombstones_max = 2) : catalog(options(tombstones_max)) {
    probe.run([&](Turn& turn) {
      catalog.on_started(turn, Incarnation{1});
      for (const std::uint64_t node : {2U, 3U}) {
        event::MemberChanged alive;
        alive.node = NodeId{node};
        alive.incarnation = Incarnation{1};
        catalog.on_member_changed(turn, alive);
      }
    });
  }
  static Options options(std::size_t tombstones_max) {
    Options options;
    options.self = NodeId{1};
    options.cluster = ClusterId{1};
    options.tombstones_max = static_cast<std::uint32_t>(tombstones_max);
    return options;
  }
  void hear(const std::vector<wire::OwnerDelta>& deltas) {
    for (const wire::OwnerDelta& delta : deltas)
      probe.run([&](Turn& turn) { catalog.apply(turn, delta); });
  }
  /// What anti-entropy ends with: the whole of each owner.
  void repair(const Life& life) {
    for (int i = 0; i < 100; ++i) {
      const OwnerState* mine = catalog.find_owner(life.owner);
      Budget budget{1, 2, 100'000};
      auto delta = life.state.collect(mine == nullptr ? 0 : mine->version(), budget);
      if (!delta) return;
      delta->owner = life.owner;
      delta->lease_remaining = seconds(100);
      hear({*delta});
    }
    RC_FAIL("the repair does not end");
  }
  Probe probe;
  Catalog catalog;
};

std::string text_of(const Catalog& catalog, NodeId owner) {
  std::string text;
  if (const OwnerState* state = catalog.find_owner(owner))
    state->for_each([&](const wire::RecordKey& key, std::uint64_t version, const auto&) {
      text += describe(key) + " " + std::to_string(version) + "\n";
    });
  return text;
}

std::string text_of(const std::vector<FunctionEntry>& entries) {
  std::string text;
  for (const FunctionEntry& entry : entries)
    text += mpreg::describe(entry.owner) + " " + entry.record->name + " " +
            entry.record->function_id + " " + entry.record->version + " " +
            std::to_string(entry.record->resources.size()) + "\n";
  return text;
}

// Any order, with repetitions and losses, and then a repair: always the owners' own states.
RC_GTEST_PROP(CatalogLaw, AnyArrivalOfDeltasConvergesToTheOwnersState, ()) {
  Life two(NodeId{2});
  Life three(NodeId{3});
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) (*rc::gen::arbitrary<bool>() ? two : three).step();
  std::vector<wire::OwnerDelta> all = two.told;
  all.insert(all.end(), three.told.begin(), three.told.end());
  Listener listener;
  const auto picks =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, all.size()));
  std::vector<wire::OwnerDelta> heard;
  for (const std::size_t pick : picks) heard.push_back(all[pick]);
  listener.hear(heard);
  listener.repair(two);
  listener.repair(three);
  Listener ordered;
  ordered.repair(three);
  ordered.repair(two);
  for (const Life* life : {&two, &three}) {
    std::string truth;
    life->state.for_each([&](const wire::RecordKey& key, std::uint64_t version, const auto&) {
      truth += describe(key) + " " + std::to_string(version) + "\n";
    });
    RC_ASSERT(text_of(listener.catalog, life->owner) == truth);
    RC_ASSERT(text_of(ordered.catalog, life->owner) == truth);
  }
  RC_ASSERT(listener.catalog.summary() == ordered.catalog.summary());
  RC_ASSERT(listener.catalog.visible_hash() == ordered.catalog.visible_hash());
  for (const char* name : {"f0", "f1", "f2", "f3"})
    RC_ASSERT(text_of(listener.catalog.functions_named(name)) ==
              text_of(ordered.catalog.functions_named(name)));
}

// Hearing a thing twice in a row is hearing it once: no effect, no event, no change.
RC_GTEST_PROP(CatalogLaw, ARepeatedDeltaLeavesNoTrace, ()) {
  Life two(NodeId{2});
  const int steps = *rc::gen::inRange(1, 15);
  for (int i = 0; i < steps; ++i) two.step();
  Listener listener;
  for (const wire::OwnerDelta& delta : two.told) {
    Verdict first = Verdict::count;
    listener.probe.run([&](Turn& turn) { first = listener.catalog.apply(turn, delta); });
    if (first != Verdict::news) continue;
    const auto summary = listener.catalog.summary();
    Verdict again = Verdict::count;
    listener.probe.run([&](Turn& turn) { again = listener.catalog.apply(turn, delta); });
    RC_ASSERT(again == Verdict::known);
    RC_ASSERT(listener.probe.effects.empty());
    RC_ASSERT(listener.probe.events.empty());
    RC_ASSERT(listener.catalog.summary() == summary);
  }
}

/// The binding rule, said once more without an index.
bool is_bound(const std::vector<std::pair<NodeId, wire::Record>>& all, const wire::Record& record) {
  const auto& mine = std::get<wire::FunctionRecord>(record.body);
  const auto rank_of_pair = [&](const wire::FunctionRecord& pair) {
    std::pair first{NodeId{~std::uint64_t{0}}, ~std::uint64_t{0}};
    for (const auto& [other, r] : all) {
      const auto& f = std::get<wire::FunctionRecord>(r.body);
      if (f.name == pair.name && f.function_id == pair.function_id)
        first = std::min(first, std::pair{other, r.version});
    }
    return first;
  };
  return std::none_of(all.begin(), all.end(), [&](const auto& other) {
    const auto& theirs = std::get<wire::FunctionRecord>(other.second.body);
    const bool clashes = (theirs.name == mine.name) != (theirs.function_id == mine.function_id);
    return clashes && rank_of_pair(theirs) < rank_of_pair(mine);
  });
}

std::string text_of(const FunctionIndex& index) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    const std::string name = "f" + std::to_string(i);
    text += "n " + text_of(index.named(name)) + "i " + text_of(index.identified(name));
  }
  for (const std::string_view name : index.names()) text += " " + std::string(name);
  for (const std::string_view name : index.names_with("gpu")) text += " " + std::string(name);
  return text;
}

// Who has a name is decided by the set of records: not by the order in which they came, nor by what
// came and went in between.
RC_GTEST_PROP(CatalogLaw, WhoHasANameDoesNotDependOnTheOrderOfArrival, ()) {
  struct Offer {
    NodeId owner;
    std::uint64_t written = 0;
    wire::FunctionRecord function;
    bool is_passing = false;
  };
  const auto count = *rc::gen::inRange<std::size_t>(1, 16);
  std::vector<Offer> offers(count);
  for (std::size_t i = 0; i < count; ++i)
    offers[i] = {NodeId{*rc::gen::inRange<std::uint64_t>(1, 5)}, i + 1, any_function(),
                 *rc::gen::weightedElement<bool>({{3, false}, {1, true}})};
  std::vector<FunctionShift> shifts;
  FunctionIndex straight;
  for (const Offer& offer : offers)
    if (!offer.is_passing)
      straight.add(offer.owner, ClusterId{1}, offer.written, offer.function, shifts);
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  Random random(*rc::gen::arbitrary<std::uint64_t>(), NodeId{1});
  random.shuffle(Purpose::workload, order);
  FunctionIndex shuffled;
  for (const std::size_t i : order)
    shuffled.add(offers[i].owner, ClusterId{1}, offers[i].written, offers[i].function, shifts);
  random.shuffle(Purpose::workload, order);
  for (const std::size_t i : order)
    if (offers[i].is_passing) shuffled.remove(offers[i].owner, offers[i].function, shifts);
  RC_ASSERT(text_of(shuffled) == text_of(straight));
  for (const Offer& offer : offers)
    RC_ASSERT(shuffled.find_rival(offer.owner, offer.function.name, offer.function.function_id) ==
              straight.find_rival(offer.owner, offer.function.name, offer.function.function_id));
  for (const Offer& offer : offers)
    if (!offer.is_passing) shuffled.remove(offer.owner, offer.function, shifts);
  RC_ASSERT(text_of(shuffled) == text_of(FunctionIndex()));
}

// The index answers as a scan over all records would, conflicts included.
RC_GTEST_PROP(CatalogLaw, IndexQueriesEqualANaiveScan, ()) {
  Life two(NodeId{2});
  Life three(NodeId{3});
  Listener listener;
  const int steps = *rc::gen::inRange(1, 25);
  for (int i = 0; i < steps; ++i) {
    Life& life = *rc::gen::arbitrary<bool>() ? two : three;
    life.step();
    listener.repair(life);
  }
  std::vector<std::pair<NodeId, wire::Record>> all;
  for (const Life* life : {&two, &three})
    life->state.for_each(
        [&](const wire::RecordKey& key, std::uint64_t version, const wire::RecordBody& body) {
          all.push_back({life->owner, {key, version, body}});
        });
  wire::FunctionSelector selector;
  if (*rc::gen::arbitrary<bool>()) selector.name = "f" + std::to_string(*rc::gen::inRange(0, 4));
  if (*rc::gen::arbitrary<bool>())
    selector.function_id = "f" + std::to_string(*rc::gen::inRange(0, 4));
  if (*rc::gen::arbitrary<bool>()) selector.resources = {"gpu"};
  if (*rc::gen::arbitrary<bool>()) selector.node = NodeId{2};
  selector.constraint = *rc::gen::element<std::string>("", "^1", ">=1", "<2");
  const auto constraint = VersionConstraint::parse(selector.constraint);
  std::vector<FunctionEntry> expected;
  for (const auto& [owner, record] : all) {
    const auto& function = std::get<wire::FunctionRecord>(record.body);
    if (!selector.name.empty() && function.name != selector.name) continue;
    if (!selector.function_id.empty() && function.function_id != selector.function_id) continue;
    if (!selector.node.is_none() && owner != selector.node) continue;
    if (!selector.resources.empty() && function.resources.size() != 2) continue;
    if (!constraint->matches(*SemanticVersion::parse(function.version))) continue;
    if (is_bound(all, record)) expected.push_back({owner, {}, &function, nullptr, 0});
  }
  std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
    const auto key = [](const FunctionEntry& e) {
      return std::tuple(e.record->name, -std::stoi(e.record->version), e.owner,
                        e.record->resources);
    };
    return key(a) < key(b);
  });
  const auto found = listener.catalog.index().functions(selector);
  RC_ASSERT(found.has_value());
  RC_ASSERT(text_of(*found) == text_of(expected));
}

// Whatever was lost, repeated or late: when the noise ends, all nodes hold the same and see it.
RC_GTEST_PROP(CatalogLaw, NodesThatExchangeAtRandomEndEqual, ()) {
  CatalogRoom::Settings settings;
  settings.nodes = *rc::gen::inRange<std::size_t>(2, 6);
  settings.seed = *rc::gen::arbitrary<std::uint64_t>();
  settings.loss = Ratio::percent(*rc::gen::inRange<std::uint32_t>(0, 40));
  settings.duplication = Ratio::percent(*rc::gen::inRange<std::uint32_t>(0, 50));
  settings.latency_max = milliseconds(*rc::gen::inRange(1, 400));
  settings.tombstones_max = 2;
  CatalogRoom room(settings);
  room.start_all();
  for (std::uint64_t id = 2; id <= room.size(); ++id)
    room.link(id, *rc::gen::inRange<std::uint64_t>(1, id));
  const int steps = *rc::gen::inRange(1, 30);
  for (int i = 0; i < steps; ++i) {
    const auto id = *rc::gen::inRange<std::uint64_t>(1, room.size() + 1);
    const std::string name = "f" + std::to_string(*rc::gen::inRange(0, 5));
    if (*rc::gen::arbitrary<bool>())
      room.offer(id, name);
    else
      room.withdraw(id, name);
    room.run_for(milliseconds(*rc::gen::inRange(0, 300)));
  }
  room.set_loss(Ratio::zero());
  RC_ASSERT(room.run_until_equal(seconds(60)) >= Duration::zero());
  for (std::uint64_t id = 1; id <= room.size(); ++id) {
    const OwnerState* original = room.node(id).catalog.find_owner(NodeId{id});
    if (original->version() == 0) continue;
    for (std::uint64_t at = 1; at <= room.size(); ++at)
      RC_ASSERT(text_of(room.node(at).catalog, NodeId{id}) ==
                text_of(room.node(id).catalog, NodeId{id}));
  }
}

}  // namespace
}  // namespace mpreg::catalog
