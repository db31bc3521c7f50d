#include "sim/coverage.hpp"

#include <algorithm>
#include <string_view>

#include "engine/base/errc.hpp"
#include "engine/runtime/note.hpp"
#include "engine/wire/describe.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

constexpr std::size_t note_count = static_cast<std::size_t>(runtime::NoteKind::count);
/// How a call can end, apart from what its function answered.
constexpr std::array<Errc, 8> call_ends = {
    Errc::timeout,    Errc::function_not_found, Errc::no_route,    Errc::peer_lost,
    Errc::overloaded, Errc::shutting_down,      Errc::unavailable, Errc::not_permitted};

std::string word_of(std::size_t state) {
  return std::string(wire::describe(static_cast<wire::MemberState>(state)));
}

constexpr std::size_t forgotten = MemberChanges::kinds - 1;

/// A kind of change that can be: nothing changes from a state to itself within a life, and nobody
/// comes back within a life that he has left.
constexpr bool is_change(std::size_t kind) {
  return kind >= 16 ||
         (kind / 4 != kind % 4 && kind / 4 != static_cast<std::size_t>(wire::MemberState::left));
}

std::string name_of_change(std::size_t kind) {
  if (kind == forgotten) return "member.forgotten";
  if (kind >= 16) return "member.new-" + word_of(kind - 16);
  return "member." + word_of(kind / 4) + "-" + word_of(kind % 4);
}

std::vector<std::size_t> changes() {
  std::vector<std::size_t> kinds;
  for (std::size_t kind = 0; kind < MemberChanges::kinds; ++kind)
    if (is_change(kind)) kinds.push_back(kind);
  return kinds;
}

/// Calls `visit(name, count)` for every mark in order.
template <class Visit>
void for_each_mark(const World* world, const Visit& visit) {
  const auto if_run = [world](auto count) -> std::uint64_t {
    return world == nullptr ? 0 : count(*world);
  };
  for (std::size_t kind = 0; kind < fault_count; ++kind) {
    const auto fault = static_cast<Fault>(kind);
    visit("fault." + std::string(name_of(fault)),
          if_run([fault](const World& run) { return run.cluster().faults().of(fault); }));
  }
  for (std::size_t kind = 0; kind < note_count; ++kind) {
    const auto note = static_cast<runtime::NoteKind>(kind);
    visit("note." + std::string(name_of(note)), if_run([note](const World& run) {
            std::uint64_t sum = 0;
            const Cluster& cluster = run.cluster();
            for (std::uint32_t node = 1; node <= cluster.size(); ++node)
              sum += cluster.node(node).host().notes(note);
            return sum;
          }));
  }
  for (const std::size_t kind : changes())
    visit(name_of_change(kind),
          if_run([kind](const World& run) { return run.member_changes().of(kind); }));
  for (std::size_t kind = 0; kind < runtime::rare_point_count; ++kind) {
    const auto point = static_cast<runtime::RarePoint>(kind);
    visit("rare." + std::string(runtime::name_of(point)), if_run([point](const World& run) {
            std::uint64_t sum = 0;
            for (std::uint32_t node = 1; node <= run.cluster().size(); ++node)
              sum += run.cluster().node(node).rarely_taken(point);
            return sum;
          }));
  }
  for (const Errc code : call_ends)
    visit("call." + std::string(describe(code)),
          if_run([code](const World& run) { return run.cluster().ledger().failures(code); }));
}

const std::vector<std::string>& mark_names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> list;
    for_each_mark(nullptr,
                  [&list](std::string name, std::uint64_t) { list.push_back(std::move(name)); });
    return list;
  }();
  return all;
}

}  // namespace

std::size_t Coverage::size() { return mark_names().size(); }

std::string Coverage::name_of(std::size_t mark) { return mark_names()[mark]; }

void Coverage::add(const Coverage& other) {
  for (std::size_t mark = 0; mark < counts_.size(); ++mark) counts_[mark] += other.counts_[mark];
}

std::size_t Coverage::reached() const {
  return static_cast<std::size_t>(
      std::count_if(counts_.begin(), counts_.end(), [](std::uint64_t count) { return count > 0; }));
}

void MemberChanges::add(const event::MemberChanged& change) {
  const auto before = static_cast<std::size_t>(change.before);
  const auto now = static_cast<std::size_t>(change.now);
  if (change.is_forgotten)
    ++counts_[forgotten];
  else if (change.is_new)
    ++counts_[16 + now];
  else
    ++counts_[before * 4 + now];
}

Coverage coverage_of(const World& world) {
  Coverage coverage;
  std::size_t mark = 0;
  for_each_mark(&world,
                [&](const std::string&, std::uint64_t count) { coverage.add(mark++, count); });
  return coverage;
}

}  // namespace mpreg::sim
