#include <algorithm>
#include <array>

#include "sim/lab/swarm.hpp"
#include "sim/lab/swarm_draft.hpp"
#include "sim/net_rules.hpp"

/// The faults that the swarm can switch on: one function and one line of the table each.
namespace mpreg::sim::lab {
namespace {

std::string down(const Dice& dice, Duration low, Duration high, Duration step) {
  const Duration first = dice.span("down from", low, high, step);
  return describe(first) + ".." + describe(dice.span("down to", first, high, step));
}

std::uint32_t fraction(const Draft& draft, std::uint32_t part) {
  return std::max(draft.nodes / part, 1U);
}

/// Calls `add(moment, dice)` for one to `most` moments, each with dice of its own.
template <class Add>
void sometimes(const Dice& dice, std::uint64_t most, const Add& add) {
  const std::uint64_t times = dice.number("times", 1, most);
  for (std::uint64_t time = 0; time < times; ++time) {
    const Dice own = dice.child("time", time);
    add(Draft::moment(own), own);
  }
}

void loss(Draft& draft, const Dice& dice) {
  draft.link += " loss=" + share(dice.number("share", 1, 80) * 1'000);
}
void duplicate(Draft& draft, const Dice& dice) {
  draft.link += " duplicate=" + share(dice.number("share", 1, 50) * 1'000);
}
void corrupt(Draft& draft, const Dice& dice) {
  draft.link += " corrupt=" + share(dice.number("share", 1, 20) * 100);
}
void reset_chance(Draft& draft, const Dice& dice) {
  draft.link += " reset=" + share(dice.number("share", 1, 10) * 100);
}
void tail(Draft& draft, const Dice& dice) {
  draft.link += " tail=" + share(dice.number("share", 1, 20) * 1'000) + " tail-delay=" +
                describe(dice.span("delay", milliseconds(50), seconds(1), milliseconds(50)));
}
void bandwidth(Draft& draft, const Dice& dice) {
  // On a narrow line little waits before it overflows, which ends the link. The largest single
  // message, all that a peer lacks, must fit: it grows with the cluster.
  const bool is_narrow = dice.percent("narrow", 30);
  draft.link += " bandwidth=" +
                std::to_string(is_narrow ? dice.number("bandwidth", 50, 200)
                                         : dice.number("bandwidth", 500, 2'000)) +
                "KB queue=" +
                std::to_string(is_narrow ? dice.number("queue", 4, 12) + draft.nodes / 8
                                         : dice.number("queue", 32, 512)) +
                "KB";
}

void crash(Draft& draft, const Dice& dice) {
  sometimes(dice, 6, [&](Duration at, const Dice& own) {
    draft.at(at, "crash " + draft.node(own) + " for=" +
                     describe(own.span("for", milliseconds(100), seconds(12), milliseconds(100))));
  });
}
void torn(Draft& draft, const Dice& dice) {
  sometimes(dice, 4, [&](Duration at, const Dice& own) {
    draft.at(at, "crash " + draft.node(own) + (own.percent("silent", 50) ? " silent" : "") +
                     " torn for=" +
                     describe(own.span("for", milliseconds(500), seconds(8), milliseconds(100))));
  });
}
void power_cut(Draft& draft, const Dice& dice) {
  sometimes(dice, 4, [&](Duration at, const Dice& own) {
    const bool is_empty = !draft.has("wall_clock") && own.percent("empty", 30);
    draft.at(at, "crash " +
                     draft.some_nodes(own, static_cast<std::uint32_t>(own.number("count", 1, 3))) +
                     " silent" + (is_empty ? " empty" : "") + " for=" +
                     describe(own.span("for", milliseconds(200), seconds(20), milliseconds(200))));
  });
}
void churn(Draft& draft, const Dice& dice) {
  draft.step(
      "churn from=" + describe(safety_from) + " to=" + describe(safety_to - seconds(1)) +
      " every=" + describe(dice.span("every", milliseconds(500), seconds(5), milliseconds(500))) +
      " down=" + down(dice, milliseconds(200), seconds(10), milliseconds(200)) +
      " silent=" + share(dice.number("silent", 0, 10) * 100'000) +
      (draft.has("wall_clock") ? "" : " empty=" + share(dice.number("empty", 0, 4) * 100'000)));
}
/// Who says goodbye is back before the faults end: nobody starts it then. The first node knows no
/// address in some topologies, and nobody looks for one that left: it stays.
void leave(Draft& draft, const Dice& dice) {
  static constexpr std::array<std::string_view, 4> reasons = {"shutdown", "maintenance",
                                                              "rebalance", "removal"};
  if (draft.nodes < 2) return;
  for (std::uint64_t time = 0; time < dice.number("times", 1, 4); ++time) {
    const Dice own = dice.child("time", time);
    draft.at(own.span("at", safety_from, safety_to - seconds(20), milliseconds(100)),
             "leave n" + std::to_string(own.number("node", 2, draft.nodes)) +
                 " reason=" + std::string(own.one_of("kind", reasons)) +
                 " for=" + describe(own.span("for", seconds(1), seconds(15), milliseconds(500))));
  }
}
/// Nothing wakes a process before its time: it is awake again when the faults end.
void pause(Draft& draft, const Dice& dice) {
  for (std::uint64_t time = 0; time < dice.number("times", 1, 6); ++time) {
    const Dice own = dice.child("time", time);
    draft.at(own.span("at", safety_from, safety_to - seconds(9), milliseconds(100)),
             "pause " + draft.node(own) + " for=" +
                 describe(own.span("for", milliseconds(100), seconds(8), milliseconds(100))));
  }
}
void slow_cpu(Draft& draft, const Dice& dice) {
  const Duration every = dice.span("every", milliseconds(500), seconds(3), milliseconds(100));
  draft.at(Draft::moment(dice), "pause " + draft.node(dice) + " for=" + describe(every / 2) +
                                    " every=" + describe(every) + " to=" + describe(safety_to));
}
void drift(Draft& draft, const Dice& dice) {
  draft.step("drift all +" + share(dice.number("drift", 1, 100) * 1'000) + " drawn");
}
void jump(Draft& draft, const Dice& dice) {
  sometimes(dice, 3, [&](Duration at, const Dice& own) {
    draft.at(at, "jump " + draft.node(own) +
                     " by=" + describe(own.span("by", seconds(1), seconds(60), seconds(1))));
  });
}
/// Who remembers nothing cannot know that its clock went back: nothing is promised of it.
void wall_clock(Draft& draft, const Dice& dice) {
  if (!draft.is_durable) return;
  const std::string node = draft.node(dice);
  const Duration at = dice.span("from", safety_from, seconds(40), milliseconds(100));
  draft.at(at, "wall-clock " + node +
                   " back=" + describe(dice.span("back", seconds(1), seconds(3'600), seconds(1))));
  draft.at(at + seconds(2),
           "crash " + node +
               " for=" + describe(dice.span("for", seconds(1), seconds(5), milliseconds(500))));
}

/// Some nodes are of a later minor version from the beginning: that harms nobody.
void version(Draft& draft, const Dice& dice) {
  draft.step(
      "version " +
      draft.some_nodes(dice, static_cast<std::uint32_t>(dice.number("count", 1, draft.nodes))) +
      " minor=" + std::to_string(dice.number("minor", 1, 9)));
}
/// Up and down again, one node after the other; without a goodbye, after which not everybody is
/// found again.
void upgrade(Draft& draft, const Dice& dice) {
  const Duration every = dice.span("every", milliseconds(100), seconds(1), milliseconds(100));
  for (std::uint64_t time = 0; time < dice.number("times", 1, 2); ++time) {
    const Dice own = dice.child("time", time);
    draft.at(own.span("at", safety_from, seconds(30), milliseconds(100)),
             "upgrade " +
                 draft.some_nodes(own, static_cast<std::uint32_t>(
                                           own.number("count", 1, std::min(draft.nodes, 20U)))) +
                 " minor=" + std::to_string(own.number("minor", 0, 9)) +
                 " every=" + describe(every) + " down=" +
                 describe(own.span("down", milliseconds(100), seconds(4), milliseconds(100))));
  }
}

std::string span_of_cut(const Dice& dice) {
  return " for=" + describe(dice.span("for", milliseconds(500), seconds(25), milliseconds(500)));
}
void partition(Draft& draft, const Dice& dice) {
  if (draft.nodes < 2) return;
  sometimes(dice, 3, [&](Duration at, const Dice& own) {
    // Every node draws its side; a side without anybody takes the first or the last.
    const std::uint64_t sides = own.number("sides", 2, std::min<std::uint64_t>(draft.nodes, 3));
    std::vector<std::string> groups(sides);
    for (std::uint32_t node = 1; node <= draft.nodes; ++node) {
      const std::uint64_t side =
          node <= sides ? node - 1 : own.child("side", node).number("side", 0, sides - 1);
      groups[side] += (groups[side].empty() ? "n" : ",n") + std::to_string(node);
    }
    std::string step = "partition " + groups[0];
    for (std::size_t side = 1; side < groups.size(); ++side) step += " | " + groups[side];
    if (own.percent("bridge", 30)) step += " bridge=" + draft.node(own);
    draft.at(at, step + span_of_cut(own));
  });
}
/// Everybody reaches two neighbours only: one bridge after the other, in a circle.
void ring_cut(Draft& draft, const Dice& dice) {
  const auto nodes =
      std::min<std::uint32_t>(draft.nodes, static_cast<std::uint32_t>(NetRules::groups_max));
  if (nodes < 4) return;
  sometimes(dice, 2, [&](Duration at, const Dice& own) {
    std::string step = "partition";
    for (std::uint32_t node = 1; node <= nodes; ++node)
      step += (node == 1 ? " n" : " | n") + std::to_string(node) + ",n" +
              std::to_string(node % nodes + 1);
    draft.at(at, step + span_of_cut(own));
  });
}
void one_way(Draft& draft, const Dice& dice) {
  sometimes(dice, 3, [&](Duration at, const Dice& own) {
    draft.at(at,
             "one-way " + draft.some_nodes(own, fraction(draft, 4)) + " | all" + span_of_cut(own));
  });
}
void clog(Draft& draft, const Dice& dice) {
  sometimes(dice, 4, [&](Duration at, const Dice& own) {
    draft.at(at, "clog " + draft.some_nodes(own, fraction(draft, 5)) + " for=" +
                     describe(own.span("for", milliseconds(200), seconds(8), milliseconds(200))));
  });
}
/// Clogs that begin one after the other and end in another order.
void swizzle(Draft& draft, const Dice& dice) {
  const Duration begin = dice.span("from", safety_from, seconds(40), milliseconds(100));
  const auto nodes = static_cast<std::uint32_t>(dice.number("count", 2, 6));
  for (std::uint32_t index = 0; index < std::min(nodes, draft.nodes); ++index)
    draft.at(
        begin + milliseconds(500) * index,
        "clog " + draft.node(dice.child("clog", index)) + " for=" +
            describe(
                dice.child("clog", index).span("for", seconds(3), seconds(10), milliseconds(200))));
}
void slow(Draft& draft, const Dice& dice) {
  sometimes(dice, 3, [&](Duration at, const Dice& own) {
    draft.at(at, "slow " + draft.some_nodes(own, fraction(draft, 4)) + " delay=" +
                     describe(own.span("delay", milliseconds(20), seconds(1), milliseconds(20))) +
                     span_of_cut(own));
  });
}
void reset(Draft& draft, const Dice& dice) {
  sometimes(dice, 4, [&](Duration at, const Dice& own) {
    draft.at(at, "reset " + draft.some_nodes(own, fraction(draft, 3)));
  });
}
void heal(Draft& draft, const Dice& dice) { draft.at(Draft::moment(dice), "heal"); }

void disk(Draft& draft, const Dice& dice, const std::string& how) {
  const std::string node = draft.node(dice);
  const Duration at = dice.span("from", safety_from, seconds(40), milliseconds(100));
  draft.at(at, "disk " + node + " " + how);
  draft.at(at + seconds(1),
           "crash " + node + " for=" +
               describe(dice.span("for", milliseconds(500), seconds(4), milliseconds(500))));
  if (dice.percent("well again", 50)) draft.at(at + seconds(10), "disk " + node);
}
void disk_slow(Draft& draft, const Dice& dice) {
  disk(draft, dice,
       "slow=" + describe(dice.span("slow", milliseconds(50), seconds(2), milliseconds(50))));
}
void disk_full(Draft& draft, const Dice& dice) { disk(draft, dice, "full"); }
void disk_damaged(Draft& draft, const Dice& dice) { disk(draft, dice, "damaged"); }
void disk_failing(Draft& draft, const Dice& dice) {
  disk(draft, dice, "failure=" + share(dice.number("failure", 1, 9) * 100'000));
}

/// A life that forgets itself and cannot read it off its clock either lives its past again: no
/// promise is made about that.
void disk_lying(Draft& draft, const Dice& dice) {
  if (draft.has("wall_clock")) return;
  const std::string node = draft.node(dice);
  const Duration at = dice.span("from", safety_from, seconds(35), milliseconds(100));
  draft.at(at, "disk " + node + " lying");
  // A life that writes who it is to such a disk, and one after it that finds nothing of that.
  const Duration life = dice.span("life", seconds(4), seconds(12), milliseconds(100));
  draft.at(at, "crash " + node + " for=1s");
  draft.at(at + life, "crash " + node + " silent for=1s");
}

/// Those whose addresses everybody was told say goodbye for good, and then the others are cut in
/// two for long enough to give each other up: they find each other by what they remember. Who
/// forgets, or did not come to know anybody in time, is not found again.
void hubs_gone(Draft& draft, const Dice& dice) {
  static constexpr std::array<std::string_view, 13> harmless = {
      "hubs_gone", "duplicate", "tail",    "pause",        "slow_cpu",     "drift", "version",
      "one_way",   "clog",      "swizzle", "worker_crash", "worker_churn", "slow"};
  const bool is_calm = std::ranges::all_of(draft.kinds, [](std::string_view kind) {
    return std::ranges::find(harmless, kind) != harmless.end();
  });
  if (!is_calm || draft.hubs == 0 || draft.nodes < draft.hubs + 2) {
    draft.kinds.erase("hubs_gone");
    return;
  }
  const auto range = [](std::uint64_t from, std::uint64_t to) {
    return "n" + std::to_string(from) + "..n" + std::to_string(to);
  };
  const std::uint64_t last = dice.number("cut", draft.hubs + 1, draft.nodes - 1);
  draft.at(dice.span("leave", safety_from, seconds(20), milliseconds(100)),
           "leave " + range(1, draft.hubs) + " reason=removal");
  draft.at(dice.span("from", seconds(22), seconds(26), milliseconds(100)),
           "partition " + range(1, last) + " | " + range(last + 1, draft.nodes) +
               " for=" + describe(dice.span("for", seconds(25), seconds(40), seconds(1))));
}

std::string attack_span(const Dice& dice, std::uint64_t rate_max) {
  const Duration from = dice.span("from", safety_from, seconds(45), seconds(1));
  return " rate=" + std::to_string(dice.number("rate", 1, rate_max)) + "/s from=" + describe(from) +
         " to=" + describe(from + dice.span("to", seconds(1), seconds(10), seconds(1)));
}
void hostile(Draft& draft, const Dice& dice) {
  draft.step("hostile " +
             (dice.percent("stranger", 50) ? std::string("stranger") : draft.node(dice)) +
             attack_span(dice, 40));
}
/// A new life of one who is dead is believed without proof (adr/0009), so "promoted" is drawn only
/// where nobody is taken for dead.
void liar(Draft& draft, const Dice& dice) {
  static constexpr std::array<std::string_view, 4> lies = {"accused", "recorded", "repeated",
                                                           "promoted"};
  static constexpr std::array<std::string_view, 6> harmless = {
      "liar", "duplicate", "drift", "version", "worker_crash", "worker_churn"};
  const bool is_calm = std::ranges::all_of(draft.kinds, [](std::string_view kind) {
    return std::ranges::find(harmless, kind) != harmless.end();
  });
  draft.step("liar " + draft.node(dice) + " lies=" +
             std::string(lies[dice.number("kind", 0, is_calm ? 3 : 2)]) + attack_span(dice, 20));
}
/// Each invented member must be suspected and buried: a few are enough.
void inventor(Draft& draft, const Dice& dice) {
  const Duration from = dice.span("from", safety_from, seconds(45), seconds(1));
  draft.invented = static_cast<std::uint32_t>(dice.number("count", 1, 5));
  draft.step("liar " + draft.node(dice) + " lies=invented rate=1/s from=" + describe(from) +
             " to=" + describe(from + seconds(1) * (draft.invented - 1)));
}

void worker_crash(Draft& draft, const Dice& dice) {
  if (draft.workers == 0) return;
  sometimes(dice, 4, [&](Duration at, const Dice& own) {
    draft.at(at, "worker crash w" + std::to_string(own.number("worker", 1, draft.workers)) +
                     " for=" +
                     describe(own.span("for", milliseconds(500), seconds(15), milliseconds(500))));
  });
}
void worker_churn(Draft& draft, const Dice& dice) {
  if (draft.workers == 0) return;
  draft.step(
      "worker-churn from=" + describe(safety_from) + " to=" + describe(safety_to - seconds(1)) +
      " every=" + describe(dice.span("every", milliseconds(500), seconds(4), milliseconds(500))) +
      " down=" + down(dice, milliseconds(500), seconds(8), milliseconds(500)) +
      " silent=" + share(dice.number("silent", 0, 10) * 100'000));
}

struct Kind {
  std::string_view name;
  std::uint64_t percent;  ///< Of the runs have it.
  void (*add)(Draft& draft, const Dice& dice);
};

/// What others ask about comes first.
constexpr std::array<Kind, 38> kinds = {{
    {"hubs_gone", 90, hubs_gone},
    {"wall_clock", 15, wall_clock},
    {"loss", 35, loss},
    {"duplicate", 25, duplicate},
    {"corrupt", 15, corrupt},
    {"reset_chance", 15, reset_chance},
    {"tail", 20, tail},
    {"bandwidth", 15, bandwidth},
    {"crash", 30, crash},
    {"torn", 20, torn},
    {"power_cut", 25, power_cut},
    {"churn", 20, churn},
    {"leave", 20, leave},
    {"pause", 25, pause},
    {"slow_cpu", 10, slow_cpu},
    {"drift", 20, drift},
    {"jump", 15, jump},
    {"version", 25, version},
    {"upgrade", 15, upgrade},
    {"partition", 30, partition},
    {"ring_cut", 15, ring_cut},
    {"one_way", 20, one_way},
    {"clog", 20, clog},
    {"swizzle", 15, swizzle},
    {"slow", 15, slow},
    {"reset", 20, reset},
    {"heal", 10, heal},
    {"disk_slow", 10, disk_slow},
    {"disk_full", 10, disk_full},
    {"disk_damaged", 10, disk_damaged},
    {"disk_failing", 10, disk_failing},
    {"disk_lying", 10, disk_lying},
    {"hostile", 10, hostile},
    {"liar", 10, liar},
    {"inventor", 5, inventor},
    {"worker_crash", 25, worker_crash},
    {"worker_churn", 20, worker_churn},
    {"budget", 40,
     [](Draft& draft, const Dice& dice) {
       draft.step("budget down=" + std::to_string(dice.number("down", 1, fraction(draft, 2))) +
                  " cut=" + std::to_string(dice.number("cut", 1, fraction(draft, 2))) +
                  " clogged=" + std::to_string(dice.number("clogged", 1, fraction(draft, 2))));
     }},
}};

/// The sum of all faults in a run is bounded: one run in four is gentle, so that what only a quiet
/// cluster promises is demanded as well.
std::uint64_t gentleness(std::uint64_t seed) {
  return Dice(seed, "gentle").percent("is", 25) ? 3 : 1;
}

}  // namespace

void add_faults(Draft& draft) {
  const std::uint64_t less = gentleness(draft.seed);
  std::array<bool, kinds.size()> is_on{};
  for (std::size_t index = 0; index < kinds.size(); ++index) {
    is_on[index] = Dice(draft.seed, std::string("has ") + std::string(kinds[index].name))
                       .percent("is on", kinds[index].percent / less);
    if (is_on[index]) draft.kinds.insert(kinds[index].name);
  }
  for (std::size_t index = 0; index < kinds.size(); ++index) {
    const Dice dice(draft.seed, kinds[index].name);
    if (is_on[index]) kinds[index].add(draft, dice);
  }
  draft.kinds.erase("budget");
  draft.step("link" + draft.link);
}

std::vector<std::string_view> swarm_faults() {
  std::vector<std::string_view> names;
  for (const Kind& kind : kinds)
    if (kind.name != "budget") names.push_back(kind.name);
  return names;
}

}  // namespace mpreg::sim::lab
