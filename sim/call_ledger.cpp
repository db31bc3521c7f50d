#include "sim/call_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "engine/base/hash.hpp"
#include "sim/call_ends.hpp"

namespace mpreg::sim {
namespace {

/// Of what the asker shall get as it was said.
std::uint64_t hash_of(const runtime::Outcome& outcome) {
  return combine(static_cast<std::uint64_t>(outcome.code),
                 sip_hash(HashKey{}, outcome.payload.text()));
}

}  // namespace

CallLedger::Entry& CallLedger::entry(std::uint32_t number) {
  if (entries_.size() <= number) entries_.resize(number + 1);
  return entries_[number];
}

void CallLedger::watch_clock(std::uint32_t number, const SimClock& clock) {
  entry(number).clock = &clock;
}

void CallLedger::disturbed(std::uint32_t number, Instant now) { entry(number).disturbed = now; }

Instant CallLedger::local(std::uint32_t number, Instant now) const {
  const bool has_clock = number < entries_.size() && entries_[number].clock != nullptr;
  return has_clock ? entries_[number].clock->local(now) : now;
}

bool CallLedger::is_late(const Call& call, Instant now) const {
  if (local(call.entry, now) <= call.deadline + late_max) return false;
  return call.entry >= entries_.size() || now > entries_[call.entry].disturbed + late_max;
}

void CallLedger::end(Call& call, Instant now) {
  call.is_ended = true;
  call.ended = now;
  --open_;
}

std::uint64_t CallLedger::start(Instant now, std::uint32_t entry, std::uint32_t life,
                                Function function, std::string_view name, bool is_idempotent,
                                Duration timeout, std::int64_t left, std::int64_t right) {
  Call call;
  call.started = now;
  call.deadline = local(entry, now) + timeout;
  call.entry = entry;
  call.life = life;
  call.function = function;
  call.is_idempotent = is_idempotent;
  call.left = left;
  call.right = right;
  if (history_ != nullptr)
    call.operation = history_->invoke(now, {}, std::string(name), {call.left, call.right});
  calls_.push_back(call);
  longest_ = std::max(longest_, timeout);
  ++open_;
  ++counts_.started;
  return first_ + calls_.size() - 1;
}

CallLedger::Call* CallLedger::find(std::uint64_t number) {
  if (number < first_ || number - first_ >= calls_.size()) return nullptr;
  return &calls_[number - first_];
}

void CallLedger::violate(Instant now, std::uint32_t node, std::uint64_t call,
                         const std::string& what) {
  violations_.add({"call_accounting", now, node, "call " + std::to_string(call) + " " + what});
}

void CallLedger::executed(Instant now, std::uint64_t number, std::uint32_t node) {
  ++counts_.executions;
  Call* const call = find(number);
  if (call == nullptr) return;
  if (call->is_not_executed)
    violate(now, node, number, "was executed after it had ended as not executed");
  if (++call->executions == 1) return;
  ++counts_.repeated;
  if (!call->is_idempotent)
    violate(now, node, number,
            "is not idempotent and was executed " + std::to_string(call->executions) + " times");
}

void CallLedger::replied(Instant now, std::uint64_t number, std::uint32_t node,
                         const runtime::Outcome& outcome) {
  Call* const call = find(number);
  if (call == nullptr) {
    if (number == 0 || number >= first_) violate(now, node, number, "was answered but never made");
    return;
  }
  if (call->is_ended) return violate(now, node, number, "was answered twice");
  if (is_late(*call, now))
    violate(now, node, number,
            "ended " + mpreg::describe(local(call->entry, now) - call->deadline) +
                " after its deadline");
  end(*call, now);
  if (history_ != nullptr) tell_end(*call, now, outcome);
  call->is_not_executed = !call->is_idempotent && is_not_executed(outcome.code);
  if (call->is_not_executed && call->executions > 0)
    violate(now, node, number,
            "ended as '" + std::string(describe(outcome.code)) + "', but it was executed");
  if (outcome.code != Errc::ok && outcome.code != Errc::handler_failed) {
    ++counts_.failed;
    ++counts_.failed_of[call->is_idempotent ? 1 : 0];
    ++failures_[std::min<std::size_t>(static_cast<std::size_t>(outcome.code),
                                      failures_.size() - 1)];
    if (call->started >= demanded_from_)
      violations_.add({"calls_answered", now, node,
                       "call " + std::to_string(number) + " ended as '" +
                           std::string(describe(outcome.code)) + "': " + outcome.message});
    return;
  }
  if (const auto wrong = misjudge(number, *call, outcome))
    return violate(now, node, number, *wrong);
  if (call->executions == 0) return violate(now, node, number, "was answered, never executed");
  ++counts_.answered;
  if (call->started >= demanded_from_) ++answered_as_demanded_;
  ++counts_.answered_of[call->is_idempotent ? 1 : 0];
  counts_.slowest = std::max(counts_.slowest, now - call->started);
}

void CallLedger::served(std::uint64_t number, const runtime::Outcome& outcome) {
  if (find(number) != nullptr) served_[number].push_back(hash_of(outcome));
}

std::optional<std::string> CallLedger::misjudge(std::uint64_t number, const Call& call,
                                                const runtime::Outcome& outcome) const {
  const std::string answered =
      "was answered '" + std::string(outcome.payload.text().substr(0, 80)) + "', ";
  if (call.function == Function::user) {
    const auto served = served_.find(number);
    const bool is_right =
        served != served_.end() && std::find(served->second.begin(), served->second.end(),
                                             hash_of(outcome)) != served->second.end();
    return is_right ? std::nullopt : std::optional(answered + "which nobody who served it said");
  }
  const runtime::Outcome right =
      evaluate(call.function, write_argument({number, call.left, call.right}));
  if (outcome.code == right.code && outcome.payload.text() == right.payload.text())
    return std::nullopt;
  return answered + "right is '" + std::string(right.payload.text()) + "'";
}

/// What the client of a call knows of it now.
void CallLedger::tell_end(const Call& call, Instant now, const runtime::Outcome& outcome) {
  const bool is_done = outcome.code == Errc::ok || outcome.code == Errc::handler_failed;
  // Of a call that was tried several times the last error says nothing about the tries before.
  const bool is_undone = !call.is_idempotent && is_not_executed(outcome.code);
  Value result;
  const std::string_view text = outcome.payload.text();
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  if (outcome.code == Errc::ok && read.ec == std::errc{} && read.ptr == end) result = {number};
  history_->end(call.operation, now,
                is_done     ? Ending::ok
                : is_undone ? Ending::fail
                            : Ending::info,
                std::move(result),
                outcome.code == Errc::ok ? std::string() : std::string(describe(outcome.code)));
}

void CallLedger::entry_ended(Instant now, std::uint32_t node) {
  for (std::size_t index = settled_; index < calls_.size(); ++index) {
    Call& call = calls_[index];
    if (call.is_ended || call.entry != node) continue;
    end(call, call.started);
    if (history_ != nullptr)
      history_->end(call.operation, now, Ending::info, {}, std::string(entry_lost_error));
    ++counts_.entry_lost;
  }
}

void CallLedger::sweep(Instant now, const std::vector<bool>& is_excused) {
  while (settled_ < calls_.size() && calls_[settled_].is_ended) ++settled_;
  for (std::size_t index = settled_; index < calls_.size() && open_ > 0; ++index) {
    Call& call = calls_[index];
    if (call.is_ended || call.is_reported || !is_late(call, now)) continue;
    if (call.entry < is_excused.size() && is_excused[call.entry]) continue;
    call.is_reported = true;
    violate(now, call.entry, first_ + index, "has not ended in time");
  }
  while (!calls_.empty() && calls_.front().is_ended && calls_.front().ended + window < now) {
    calls_.pop_front();
    served_.erase(first_);
    ++first_;
    if (settled_ > 0) --settled_;
  }
}

Ratio CallLedger::answered_share(std::optional<bool> is_idempotent) const {
  const std::size_t kind = is_idempotent.value_or(false) ? 1 : 0;
  const std::uint64_t answered = is_idempotent ? counts_.answered_of[kind] : counts_.answered;
  const std::uint64_t failed = is_idempotent ? counts_.failed_of[kind] : counts_.failed;
  if (answered + failed == 0) return Ratio::one();
  return {static_cast<std::uint32_t>(answered * 1'000'000 / (answered + failed))};
}

std::string CallLedger::describe_failures() const {
  std::string text;
  for (std::size_t code = 0; code < failures_.size(); ++code) {
    if (failures_[code] == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(describe(static_cast<Errc>(code))) + " " + std::to_string(failures_[code]);
  }
  return text;
}

}  // namespace mpreg::sim
