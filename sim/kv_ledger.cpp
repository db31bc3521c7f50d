#include "sim/kv_ledger.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

using runtime::KvOp;

Bytes bytes_of(std::int64_t value) { return Bytes::copy_of(std::to_string(value)); }

template <class Number>
std::optional<Number> number_in(const Bytes& payload) {
  Number number{};
  const std::string_view text = payload.text();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::size_t KvLedger::add(const KvSpec& spec, const Draw& draw) {
  Step step{spec, draw, {}};
  step.clients.resize(spec.clients);
  for (std::size_t index = 0; index < step.clients.size(); ++index) {
    step.clients[index].process = next_process_++;
    step.clients[index].place = static_cast<std::uint32_t>(index);
  }
  steps_.push_back(std::move(step));
  return steps_.size() - 1;
}

void KvLedger::tick(World& world, std::size_t number, std::uint64_t count) {
  Step& step = steps_[number];
  const Instant now = world.now();
  for (std::size_t index = 0; index < step.clients.size(); ++index) {
    Client& client = step.clients[index];
    if (!client.is_busy && index == count % step.clients.size() && now < step.spec.stop)
      begin(now, step, client, count);
    if (!client.is_busy) continue;
    if (now >= client.until) {
      give_up(client, now);
      continue;
    }
    if (client.is_out && now >= client.attempt_until) {
      attempts_.erase(client.attempt);
      client.is_out = false;
      ++client.place;
    }
    if (!client.is_out) send(world, step, number, index);
  }
}

/// Half of the operations read; of the others most write, some compare before, few remove.
void KvLedger::begin(Instant now, Step& step, Client& client, std::uint64_t count) {
  client.is_busy = true;
  client.until = now + step.spec.timeout;
  client.request = {};
  client.request.group = step.spec.group;
  client.request.timeout = step.spec.attempt;
  if (client.session == 0) {
    client.request.op = KvOp::open;
    return;
  }
  const std::string key =
      "k" + std::to_string(step.draw.below(Purpose::workload, 2 * count, step.spec.keys));
  const std::uint64_t dice = step.draw.below(Purpose::workload, 2 * count + 1, 100);
  client.request.key = key;
  const auto seen = client.seen.find(key);
  std::string function = "read";
  Value argument;
  if (dice >= 50) {
    client.request.session = client.session;
    client.request.sequence = ++client.sequence;
    const std::int64_t value = next_value_++;
    client.request.value = bytes_of(value);
    if (dice < 70 && seen != client.seen.end()) {
      function = "cas";
      client.request.op = KvOp::cas;
      client.request.expected = bytes_of(seen->second);
      argument = {seen->second, value};
    } else if (dice < 75) {
      function = "delete";
      client.request.op = KvOp::erase;
      client.request.value = {};
    } else {
      function = "write";
      client.request.op = KvOp::put;
      argument = {value};
    }
  }
  ++counts_.begun;
  const auto place = history_.invoke_as(client.process, now, key, function, std::move(argument));
  MPREG_ASSERT(place.has_value());
  client.operation = *place;
}

void KvLedger::send(World& world, Step& step, std::size_t number, std::size_t index) {
  Client& client = step.clients[index];
  SimNode* const node = world.pick_serving(step.spec.members, client.place);
  if (node == nullptr) return;
  if (!client.attempt.is_none()) ++counts_.repeated;
  client.is_out = true;
  client.attempt = RequestId{next_request_++};
  client.attempt_until = world.now() + step.spec.attempt;
  attempts_[client.attempt] = {number, index};
  node->command(client.attempt, client.request);
}

void KvLedger::replied(Instant now, RequestId request, const runtime::Outcome& outcome) {
  const auto found = attempts_.find(request);
  if (found == attempts_.end()) return;  // the client no longer waits for it
  Step& step = steps_[found->second.first];
  Client& client = step.clients[found->second.second];
  attempts_.erase(found);
  client.is_out = false;
  if (outcome.code == Errc::not_leader && !outcome.node.is_none()) {
    const auto& members = step.spec.members.nodes();
    for (std::uint32_t place = 0; place < members.size(); ++place)
      if (NodeId{members[place]} == outcome.node) client.place = place;
    return;
  }
  switch (outcome.code) {
    case Errc::not_leader:
    case Errc::timeout:
    case Errc::overloaded:
    case Errc::shutting_down:
    case Errc::unavailable:
      ++client.place;
      return;  // once more, at the next tick
    default:
      client.request.op == KvOp::open ? opened(client, outcome) : settle(client, now, outcome);
  }
}

void KvLedger::opened(Client& client, const runtime::Outcome& outcome) {
  client.is_busy = false;
  client.attempt = {};
  client.sequence = 0;
  client.session = number_in<std::uint64_t>(outcome.payload).value_or(0);
}

void KvLedger::settle(Client& client, Instant now, const runtime::Outcome& outcome) {
  const runtime::KvRequest& request = client.request;
  const auto value = request.op == KvOp::get ? number_in<std::int64_t>(outcome.payload)
                                             : number_in<std::int64_t>(request.value);
  const bool is_absent = request.op == KvOp::get && outcome.code == Errc::not_found;
  if (request.op == KvOp::cas && outcome.code == Errc::conflict) {
    client.seen.erase(request.key);
    return end(client, now, Ending::fail, {}, "conflict");
  }
  if (outcome.code != Errc::ok && !is_absent) return give_up(client, now);
  if (value)
    client.seen[request.key] = *value;
  else
    client.seen.erase(request.key);
  const bool has_result = request.op == KvOp::get && value;
  end(client, now, Ending::ok, has_result ? Value{*value} : Value{}, {});
}

void KvLedger::end(Client& client, Instant now, Ending ending, Value result, std::string error) {
  client.is_busy = false;
  client.attempt = {};
  if (client.request.op == KvOp::open) return;
  ending == Ending::info ? ++counts_.unknown : ++counts_.done;
  history_.end(client.operation, now, ending, std::move(result), std::move(error));
}

/// Nobody knows what became of it: the client goes on as another one.
void KvLedger::give_up(Client& client, Instant now) {
  attempts_.erase(client.attempt);
  client.is_out = false;
  end(client, now, Ending::info, {}, "given up");
  client.process = next_process_++;
  client.session = 0;
  client.seen.clear();
}

}  // namespace mpreg::sim
