#include "sim/call_ledger.hpp"

#include <algorithm>

namespace mpreg::sim {
namespace {

constexpr Duration window = seconds(120);  ///< Ended calls are remembered so long.
/// What a reply may come later than the timeout: a clock that runs 10 % slow over the longest
/// timeout of the plans (10 s), and a pause of two seconds.
constexpr Duration grace = seconds(3);

}  // namespace

std::uint64_t CallLedger::start(Instant now, std::uint32_t entry, std::uint32_t life,
                                Function function, bool is_idempotent, Duration timeout,
                                std::int64_t left, std::int64_t right) {
  Call call;
  call.started = now;
  call.deadline = now + timeout + grace;
  call.entry = entry;
  call.life = life;
  call.function = function;
  call.is_idempotent = is_idempotent;
  call.left = left;
  call.right = right;
  calls_.push_back(call);
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
  call->is_ended = true;
  --open_;
  if (outcome.code != Errc::ok && outcome.code != Errc::handler_failed) {
    ++counts_.failed;
    ++counts_.failed_of[call->is_idempotent ? 1 : 0];
    ++failures_[std::min<std::size_t>(static_cast<std::size_t>(outcome.code),
                                      failures_.size() - 1)];
    return;
  }
  const runtime::Outcome right =
      evaluate(call->function, write_argument({number, call->left, call->right}));
  if (outcome.code != right.code || outcome.payload.text() != right.payload.text())
    return violate(now, node, number,
                   "was answered '" + std::string(outcome.payload.text().substr(0, 80)) +
                       "', right is '" + std::string(right.payload.text()) + "'");
  if (call->executions == 0) return violate(now, node, number, "was answered, never executed");
  ++counts_.answered;
  ++counts_.answered_of[call->is_idempotent ? 1 : 0];
  counts_.slowest = std::max(counts_.slowest, now - call->started);
}

void CallLedger::entry_ended(std::uint32_t node) {
  for (Call& call : calls_) {
    if (call.is_ended || call.entry != node) continue;
    call.is_ended = true;
    --open_;
    ++counts_.entry_lost;
  }
}

void CallLedger::sweep(Instant now, const std::vector<bool>& is_excused) {
  for (std::size_t index = 0; index < calls_.size() && open_ > 0; ++index) {
    Call& call = calls_[index];
    if (call.is_ended || call.is_reported || now <= call.deadline) continue;
    if (call.entry < is_excused.size() && is_excused[call.entry]) {
      call.deadline = now + grace;  // its process stands still: its timers fire when it runs again
      continue;
    }
    call.is_reported = true;
    violate(now, call.entry, first_ + index, "has not ended in time");
  }
  while (!calls_.empty() && calls_.front().is_ended && calls_.front().deadline + window < now) {
    calls_.pop_front();
    ++first_;
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
