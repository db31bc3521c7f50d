#include "sim/history/linearizability.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::sim {
namespace {

/// Operations of one key that may be open at once: the bits of a word.
constexpr std::size_t slots_max = 64;
/// Windows that begin with more operations open are not tried: any of them may have happened.
constexpr std::size_t open_at_start_max = 8;
/// Windows of more operations are left as they are: each read would be tried.
constexpr std::size_t tidied_max = 500;

using State = Model::State;
using Mask = std::uint64_t;
using Operations = std::vector<const Operation*>;

/// An invocation or an end among the operations of one key.
struct Step {
  const Operation* operation = nullptr;
  bool is_end = false;
};

/// One way to explain the past: the state, and which of the open operations have happened.
struct Configuration {
  State state;
  Mask happened = 0;
};

/// Configurations, none of which makes another one superfluous.
///
/// Of two with the same state and the same happened operations whose end is known, the one that has
/// used up a subset of the others can do all that the other can.
class Frontier {
 public:
  explicit Frontier(Mask optional) : optional_(optional) {}

  /// False when what is held is as good already.
  bool add(const Configuration& one) {
    std::vector<Mask>& used = groups_[{one.state, one.happened & ~optional_}];
    const Mask mine = one.happened & optional_;
    for (const Mask other : used)
      if ((other & ~mine) == 0) return false;
    size_ -= used.size();
    std::erase_if(used, [mine](Mask other) { return (mine & ~other) == 0; });
    used.push_back(mine);
    size_ += used.size();
    return true;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<Configuration> take() {
    std::vector<Configuration> all;
    all.reserve(size_);
    for (const auto& [group, used] : groups_)
      for (const Mask mask : used) all.push_back({group.first, group.second | mask});
    return all;
  }

 private:
  Mask optional_;
  std::map<std::pair<State, Mask>, std::vector<Mask>> groups_;
  std::size_t size_ = 0;
};

/// Walks along the events of one key.
class Walk {
 public:
  enum class Outcome : std::uint8_t { good, bad, too_many };

  Walk(const Model& model, const JudgeLimits& limits) : model_(model), limits_(limits) {}

  /// Begins in one of these states; any of the operations open at the start may have happened.
  void begin(const std::vector<State>& states, const Operations& open) {
    configurations_.clear();
    slots_.fill(nullptr);
    optional_ = 0;
    for (const Operation* operation : open) MPREG_ASSERT(take_slot(*operation));
    for (const State& state : states)
      for (Mask happened = 0; happened < Mask{1} << open.size(); ++happened)
        configurations_.push_back({state, happened});
  }

  Outcome step(const Step& step) {
    if (!step.is_end) return take_slot(*step.operation) ? Outcome::good : Outcome::too_many;
    const auto place = std::find(slots_.begin(), slots_.end(), step.operation);
    MPREG_ASSERT(place != slots_.end());
    const Outcome outcome = let_happen(static_cast<std::size_t>(place - slots_.begin()));
    *place = nullptr;
    return outcome;
  }

  [[nodiscard]] std::size_t explored() const { return explored_; }
  /// The states that the object may be in, by the operations that ended.
  [[nodiscard]] const std::vector<Configuration>& configurations() const { return configurations_; }

 private:
  bool take_slot(const Operation& operation) {
    const auto place = std::find(slots_.begin(), slots_.end(), nullptr);
    if (place == slots_.end()) return false;
    *place = &operation;
    if (operation.ending == Ending::info) optional_ |= bit(place - slots_.begin());
    return true;
  }
  static Mask bit(std::ptrdiff_t slot) { return Mask{1} << slot; }

  /// An operation ended: it has happened in every configuration that is left. Others that are open
  /// may have happened before it.
  Outcome let_happen(std::size_t slot) {
    const Mask wanted = Mask{1} << slot;
    Frontier seen(optional_);
    Frontier done(optional_);
    std::vector<Configuration> next = std::move(configurations_);
    while (!next.empty()) {
      std::vector<Configuration> further;
      for (const Configuration& one : next) {
        ++explored_;
        if ((one.happened & wanted) != 0) {
          done.add({one.state, one.happened & ~wanted});
          continue;
        }
        expand(one, seen, further);
      }
      next = std::move(further);
      if (seen.size() + done.size() > limits_.configurations) return Outcome::too_many;
    }
    configurations_ = done.take();
    return configurations_.empty() ? Outcome::bad : Outcome::good;
  }

  void expand(const Configuration& one, Frontier& seen, std::vector<Configuration>& further) const {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      const Mask mask = Mask{1} << slot;
      if (slots_[slot] == nullptr || (one.happened & mask) != 0) continue;
      Configuration after{one.state, one.happened | mask};
      if (model_.step(after.state, *slots_[slot]) && seen.add(after)) further.push_back(after);
    }
  }

  const Model& model_;
  JudgeLimits limits_;
  std::array<const Operation*, slots_max> slots_{};
  Mask optional_ = 0;  ///< Slots of operations that may never happen.
  std::vector<Configuration> configurations_;
  std::size_t explored_ = 0;
};

/// The events of one key: failed operations and unknown reads left out.
std::vector<Step> steps_of(const Operations& operations, const Model& model) {
  std::vector<std::pair<std::size_t, Step>> placed;
  for (const Operation* operation : operations) {
    if (operation->ending == Ending::fail) continue;
    if (operation->ending == Ending::info && model.is_read(*operation)) continue;
    placed.push_back({operation->invoked_at, {operation, false}});
    if (operation->ending == Ending::ok) placed.push_back({operation->ended_at, {operation, true}});
  }
  std::sort(placed.begin(), placed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Step> steps;
  steps.reserve(placed.size());
  for (const auto& [place, step] : placed) steps.push_back(step);
  return steps;
}

/// Finds a short stretch of events that contradicts itself whatever the state was before it.
class Narrowing {
 public:
  /// `bad` is the event at which nothing explains the past any more.
  Narrowing(const std::vector<Step>& steps, std::size_t bad, const Model& model,
            const JudgeLimits& limits)
      : steps_(steps), bad_(bad), model_(model), limits_(limits) {}

  [[nodiscard]] std::vector<Operation> window() const {
    const std::size_t from = latest_start();
    Operations kept = involved(from);
    drop_reads(from, kept);
    std::vector<Operation> window;
    for (const Operation* operation : kept) window.push_back(*operation);
    return window;
  }

 private:
  /// A later start is a weaker premise: what contradicts itself from there does so from before.
  [[nodiscard]] std::size_t latest_start() const {
    std::size_t harmless = bad_ + 1;
    std::size_t length = 1;
    while (length <= bad_ && !is_contradiction(bad_ + 1 - length, involved(bad_ + 1 - length))) {
      harmless = bad_ + 1 - length;
      length *= 2;
    }
    std::size_t found = length <= bad_ ? bad_ + 1 - length : 0;
    while (found + 1 < harmless) {
      const std::size_t middle = found + (harmless - found) / 2;
      (is_contradiction(middle, involved(middle)) ? found : harmless) = middle;
    }
    return found;
  }

  /// Operations open before an event, in order of their invocation.
  [[nodiscard]] Operations open_at(std::size_t from) const {
    Operations open;
    for (std::size_t at = 0; at < from; ++at) {
      if (!steps_[at].is_end)
        open.push_back(steps_[at].operation);
      else
        std::erase(open, steps_[at].operation);
    }
    return open;
  }
  /// Those and all that begin later, in order of their invocation.
  [[nodiscard]] Operations involved(std::size_t from) const {
    Operations all = open_at(from);
    for (std::size_t at = from; at <= bad_; ++at)
      if (!steps_[at].is_end) all.push_back(steps_[at].operation);
    return all;
  }

  [[nodiscard]] bool is_contradiction(std::size_t from, const Operations& kept) const {
    const auto is_kept = [&](const Operation* one) {
      return std::binary_search(
          kept.begin(), kept.end(), one,
          [](const Operation* a, const Operation* b) { return a->invoked_at < b->invoked_at; });
    };
    Operations open = open_at(from);
    std::erase_if(open, [&](const Operation* one) { return !is_kept(one); });
    if (open.size() > open_at_start_max) return false;
    const std::vector<State> states =
        from == 0 ? std::vector<State>{model_.initial()} : model_.states_in(kept);
    Walk walk(model_, limits_);
    walk.begin(states, open);
    for (std::size_t at = from; at <= bad_ && !states.empty(); ++at) {
      if (!is_kept(steps_[at].operation)) continue;
      const Walk::Outcome outcome = walk.step(steps_[at]);
      if (outcome != Walk::Outcome::good) return outcome == Walk::Outcome::bad;
    }
    return false;
  }

  /// A read changes nothing: without it everything else still had to fit together.
  void drop_reads(std::size_t from, Operations& kept) const {
    const Operations tried = kept;
    if (tried.size() > tidied_max) return;
    for (const Operation* one : tried) {
      if (!model_.is_read(*one)) continue;
      Operations fewer = kept;
      std::erase(fewer, one);
      if (is_contradiction(from, fewer)) kept = std::move(fewer);
    }
  }

  const std::vector<Step>& steps_;
  std::size_t bad_;
  const Model& model_;
  JudgeLimits limits_;
};

std::string text_of(const State& state) { return state ? std::to_string(*state) : "nothing"; }

std::string text_of(const Value& value) {
  std::string text;
  for (const std::int64_t number : value)
    text += (text.empty() ? "" : " ") + std::to_string(number);
  return value.empty() ? "nothing" : text;
}

/// "it can hold 1 or 2".
std::string possible_states(const std::vector<Configuration>& configurations) {
  constexpr std::size_t shown_max = 8;
  std::vector<State> states;
  states.reserve(configurations.size());
  for (const Configuration& one : configurations) states.push_back(one.state);
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  std::string text;
  for (std::size_t i = 0; i < states.size() && i < shown_max; ++i)
    text += (i == 0 ? "" : " or ") + text_of(states[i]);
  return text + (states.size() > shown_max ? " or others" : "");
}

/// Judges one key; the verdict stays `linearizable` when there is nothing against it.
void judge_key(const std::string& key, const Operations& operations, const Model& model,
               const JudgeLimits& limits, Judgement& judgement) {
  const std::vector<Step> steps = steps_of(operations, model);
  Walk walk(model, limits);
  walk.begin({model.initial()}, {});
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const std::vector<Configuration> before =
        steps[at].is_end ? walk.configurations() : std::vector<Configuration>();
    const Walk::Outcome outcome = walk.step(steps[at]);
    if (outcome == Walk::Outcome::good) continue;
    judgement.key = key;
    if (outcome == Walk::Outcome::too_many) {
      judgement.verdict = Judgement::Verdict::undecided;
      judgement.why = "too many operations are open at once at: " + describe(*steps[at].operation);
      break;
    }
    judgement.verdict = Judgement::Verdict::contradiction;
    judgement.why = "nothing explains: " + describe(*steps[at].operation) +
                    "; by all that ended before, the " + std::string(model.name()) + " held " +
                    possible_states(before);
    judgement.window = Narrowing(steps, at, model, limits).window();
    break;
  }
  judgement.operations += operations.size();
  judgement.explored += walk.explored();
}

}  // namespace

Result<Judgement> judge(const History& history, const Model& model, const JudgeLimits& limits) {
  std::map<std::string, Operations> by_key;
  for (const Operation& operation : history.operations()) {
    if (const auto why = model.misfit(operation)) return mpreg::fail(Errc::invalid_argument, *why);
    if (operation.ending != Ending::fail) by_key[operation.key].push_back(&operation);
  }
  Judgement judgement;
  for (const auto& [key, operations] : by_key) {
    // A contradiction is a proof and ends the search; a key that is too hard is none.
    if (judgement.verdict == Judgement::Verdict::contradiction) break;
    Judgement of_key;
    judge_key(key, operations, model, limits, of_key);
    of_key.operations += judgement.operations;
    of_key.explored += judgement.explored;
    if (of_key.verdict == Judgement::Verdict::linearizable) {
      judgement.operations = of_key.operations;
      judgement.explored = of_key.explored;
    } else {
      judgement = std::move(of_key);
    }
  }
  return judgement;
}

std::string describe(const Operation& operation) {
  std::string text = "process " + std::to_string(operation.process) + " " + operation.function;
  if (!operation.key.empty()) text += " of " + operation.key;
  if (!operation.argument.empty()) text += " " + text_of(operation.argument);
  text += " [" + describe(operation.invoked - Instant{}) + ", ";
  text += operation.is_open() ? "open]" : describe(operation.ended - Instant{}) + "]";
  text += " " + std::string(name_of(operation.ending));
  if (operation.ending == Ending::ok && (operation.function == "read" || !operation.result.empty()))
    text += " -> " + text_of(operation.result);
  return text;
}

std::string_view name_of(Judgement::Verdict verdict) {
  switch (verdict) {
    case Judgement::Verdict::linearizable:
      return "linearizable";
    case Judgement::Verdict::contradiction:
      return "contradiction";
    case Judgement::Verdict::undecided:
      return "undecided";
  }
  return "undecided";
}

}  // namespace mpreg::sim
