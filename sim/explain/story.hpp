#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/explain/chronicle.hpp"
#include "sim/history/history.hpp"
#include "sim/plan.hpp"

/// What a chronicle says, in words and in order of cause.
namespace mpreg::sim::explain {

/// The place and moment at which a run first went wrong, as far as it can be told.
struct FirstBad {
  std::uint64_t happening = 0;
  std::string why;  ///< Why it is this one, for people.
};

/// Where the first violation came from. What a process did wrong is the event in which it did it.
/// What was not there in time has no event: then the last change of a view that the violation
/// names, or else of anybody's view, before it. None without a violation, or when nothing is kept.
[[nodiscard]] std::optional<FirstBad> first_bad(const Chronicle& chronicle,
                                                const std::vector<Violation>& violations,
                                                const History* calls = nullptr);

/// What led to a happening, by cause: itself first, then what brought it about, and so on to a step
/// of the plan or to the beginning, or to where the chronicle's memory begins.
[[nodiscard]] std::vector<std::uint64_t> causes_of(const Chronicle& chronicle,
                                                   std::uint64_t happening);

/// The frames that a happening could know of: those taken at its place before it, those taken at
/// their senders before these were sent, and so on. Ascending numbers of passages.
[[nodiscard]] std::vector<std::uint64_t> past_of(const Chronicle& chronicle,
                                                 std::uint64_t happening);

/// "n3 takes rpc.answer from n1, sent at +12.340000s", "timer probe_round of n3", "calls rate=...".
[[nodiscard]] std::string describe(const Chronicle& chronicle, const Happening& happening,
                                   const Plan& plan);
/// "rpc.call n1->n3, lost: partition_drop".
[[nodiscard]] std::string describe(const Chronicle& chronicle, const Passage& passage);
/// "n3 sees n5 as dead, before: suspect".
[[nodiscard]] std::string describe(const Chronicle& chronicle, const MemberEntry& entry);
/// "n3 loses power".
[[nodiscard]] std::string describe(const Chronicle& chronicle, const ProcessEntry& entry);
/// "partition n1..n3 | n4,n5", places by their names.
[[nodiscard]] std::string describe(const Chronicle& chronicle, const RuleEntry& entry);

/// The name of a passage's message, "unreadable" for one that is damaged or forged.
[[nodiscard]] std::string_view message_name(std::uint8_t message);

/// Where two runs of nearly the same plan part.
struct Parting {
  Instant at;
  std::string first;   ///< What happens in the first run there; empty: nothing more.
  std::string second;  ///< The same of the second run.
};

/// The first thing that happens in one of two runs and not in the other: a process starts or ends,
/// a rule begins, a frame is sent or lost, an event by its causal name. None when what both keep is
/// equal.
[[nodiscard]] std::optional<Parting> parting_of(const Chronicle& a, const Plan& a_plan,
                                                const Chronicle& b, const Plan& b_plan);

}  // namespace mpreg::sim::explain
