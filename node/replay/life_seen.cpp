#include "node/replay/life_seen.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/overloaded.hpp"
#include "engine/wire/codec.hpp"

namespace mpreg::node {
namespace {

/// What a process that is due this long has not done, it could not do.
constexpr Duration pause_min = seconds(1);

/// The whole frame in one piece.
Bytes joined(const wire::Frame& frame) {
  std::vector<std::byte> whole(frame.head.view().begin(), frame.head.view().end());
  whole.insert(whole.end(), frame.payload.view().begin(), frame.payload.view().end());
  return Bytes::take(std::move(whole));
}

std::optional<wire::Message> message_in(const Bytes& frame) {
  const auto parts = wire::open_frame(frame);
  if (!parts) return std::nullopt;
  auto message = wire::decode_message(parts->message);
  if (!message) return std::nullopt;
  return std::move(*message);
}

Duration deadline_in(const Bytes& frame) {
  const auto parts = wire::open_frame(frame);
  if (!parts) return {};
  const auto envelope = wire::decode_envelope(parts->envelope);
  return envelope ? envelope->deadline : Duration{};
}

}  // namespace

void LifeObserver::input(Instant now, const Input& input) {
  before_ = now_;
  now_ = now;
  if (!std::exchange(has_begun_, true)) begin();
  life_.last = now;
  look_for_pause();
  std::visit([this](const auto& alternative) { take(alternative); }, input);
}

void LifeObserver::begins_late(const fabric::Fabric& node) {
  for (const auto& [id, known] : node.sessions().links()) {
    LinkSeen link;
    link.is_dialed = known.is_dialed();
    if (known.stage >= session::Stage::greeting) link.said = known.own_hello.challenge;
    link.heard = known.hello;
    if (known.is_authenticated()) link.known = now_;
    add_link(id, std::move(link));
  }
  const catalog::OwnerState* const own = node.catalog().find_owner(node.options().self);
  if (own == nullptr) return;
  own->for_each([this](const wire::RecordKey&, std::uint64_t, const wire::RecordBody& body) {
    if (const auto* function = std::get_if<wire::FunctionRecord>(&body))
      life_.offers.insert(function->name);
  });
}

void LifeObserver::begin() {
  before_ = life_.first = now_;
  for (LinkSeen& link : life_.links) {
    link.up = now_;
    if (link.known) link.known = now_;
  }
  for (MomentSeen& moment : life_.moments) moment.at = now_;
}

void LifeObserver::add_link(LinkId id, LinkSeen&& link) {
  const auto index = static_cast<std::uint32_t>(life_.links.size());
  life_.links.push_back(std::move(link));
  links_[id] = index;
  life_.moments.push_back({now_, MomentSeen::Kind::link_up, index, {}, {}});
}

void LifeObserver::take(const input::Started& started) {
  // Incarnations are the wall clock's microseconds.
  life_.wall = Instant{} + microseconds(static_cast<std::int64_t>(started.incarnation.value));
}

void LifeObserver::take(const input::LinkUp& up) {
  LinkSeen link;
  link.is_dialed = !up.dial.is_none();
  link.up = now_;
  add_link(up.link, std::move(link));
}

void LifeObserver::take(const input::LinkDown& down) {
  const auto known = links_.find(down.link);
  if (known == links_.end()) return;
  life_.links[known->second].down = now_;
  life_.moments.push_back({now_, MomentSeen::Kind::link_down, known->second, {}, {}});
}

void LifeObserver::take(const input::Received& received) {
  const auto known = links_.find(received.link);
  if (known == links_.end()) return;
  wire::Frame frame;
  frame.head = received.frame;
  if (const auto parts = wire::open_frame(received.frame)) frame.checksum = parts->checksum;
  life_.moments.push_back({now_, MomentSeen::Kind::taken, known->second, std::move(frame), {}});
  life_.links[known->second].last_taken = now_;
  heard(known->second, received.frame);
}

void LifeObserver::heard(std::uint32_t link, const Bytes& frame) {
  const bool is_known = life_.links[link].heard.has_value();
  if (is_known && !is_client(link)) return;  // nodes are understood by what they bring about
  const auto message = message_in(frame);
  if (!message) return;
  if (!is_known) {  // what a stranger says before his hello was refused
    if (const auto* hello = std::get_if<wire::Hello>(&*message)) life_.links[link].heard = *hello;
    return;
  }
  std::visit(Overloaded{[&](const wire::RpcCall& call) {
                          called(call.selector, call.is_idempotent, deadline_in(frame));
                        },
                        [&](const wire::RpcRegister& registration) {
                          if (registration.is_removal) return;
                          life_.workers.insert(life_.links[link].heard->node);
                          offered(registration.functions);
                        },
                        [&](const wire::RpcAnswer& answer) {
                          const auto asked = asked_.find({link, answer.call});
                          if (asked == asked_.end()) return;
                          executed(now_ - asked->second);
                          asked_.erase(asked);
                        },
                        [](const auto&) {}},
             *message);
}

void LifeObserver::take(const input::Expired& expired) { armed_.erase(expired.timer); }

/// Whatever is handled while a timer is due shows that the process runs.
void LifeObserver::look_for_pause() {
  if (now_ - before_ < pause_min || armed_.empty()) return;
  Instant due = Instant::max();
  for (const auto& [timer, at] : armed_) due = std::min(due, at);
  const Instant from = std::max(due, before_);
  if (now_ - from >= pause_min) life_.pauses.push_back({from, now_});
}

void LifeObserver::take(const input::Returned& returned) {
  const auto running = running_.find(returned.invoke);
  if (running == running_.end()) return;
  executed(now_ - running->second);
  running_.erase(running);
}

void LifeObserver::take(const input::Command& command) {
  std::visit(Overloaded{[this](const runtime::CallRequest& call) {
                          called(call.selector, call.is_idempotent, call.timeout);
                        },
                        [this](const runtime::RegisterRequest& registration) {
                          if (!registration.is_removal) offered(registration.functions);
                        },
                        [this](const runtime::LeaveRequest& leave) {
                          life_.goodbye = GoodbyeSeen{now_, leave.reason};
                        },
                        [](const auto&) {}},
             command.what);
}

void LifeObserver::event(const Event& event) {
  if (const auto* changed = std::get_if<event::MemberChanged>(&event))
    life_.moments.push_back({now_, MomentSeen::Kind::view, 0, {}, *changed});
  if (const auto* up = std::get_if<event::PeerUp>(&event))
    if (LinkSeen* const link = find(up->link)) link->known = now_;
  if (const auto* down = std::get_if<event::PeerDown>(&event))
    if (LinkSeen* const link = find(down->link)) link->lost = now_;
}

LinkSeen* LifeObserver::find(LinkId id) {
  const auto known = links_.find(id);
  return known == links_.end() ? nullptr : &life_.links[known->second];
}

void LifeObserver::effect(const Effect& effect) {
  if (const auto* send = std::get_if<effect::Send>(&effect)) sent(*send);
  if (const auto* arm = std::get_if<effect::Arm>(&effect)) armed_[arm->timer] = arm->at;
  if (const auto* disarm = std::get_if<effect::Disarm>(&effect)) armed_.erase(disarm->timer);
  if (const auto* invoke = std::get_if<effect::Invoke>(&effect)) running_[invoke->invoke] = now_;
  if (const auto* recall = std::get_if<effect::Recall>(&effect)) running_.erase(recall->invoke);
}

void LifeObserver::sent(const effect::Send& send) {
  const auto known = links_.find(send.link);
  if (known == links_.end()) return;
  const std::uint32_t index = known->second;
  if (life_.links[index].down) return;
  life_.moments.push_back({now_, MomentSeen::Kind::sent, index, send.frame, {}});
  if (life_.links[index].said && !is_client(index)) return;
  const auto message = message_in(joined(send.frame));
  if (!message) return;
  if (const auto* hello = std::get_if<wire::Hello>(&*message))
    life_.links[index].said = hello->challenge;
  if (const auto* call = std::get_if<wire::RpcCall>(&*message)) asked_[{index, call->call}] = now_;
}

/// By name, or by id where that is all it says.
void LifeObserver::called(const wire::FunctionSelector& selector, bool is_idempotent,
                          Duration timeout) {
  const std::string& name = selector.name.empty() ? selector.function_id : selector.name;
  if (!name.empty()) life_.calls.push_back({now_, name, is_idempotent, timeout});
}

void LifeObserver::offered(const std::vector<wire::FunctionRecord>& functions) {
  for (const wire::FunctionRecord& function : functions) life_.offers.insert(function.name);
}

void LifeObserver::executed(Duration span) {
  if (life_.executions.size() < LifeSeen::executions_max) life_.executions.push_back(span);
}

bool LifeObserver::is_client(std::uint32_t link) const {
  const auto& hello = life_.links[link].heard;
  return hello && hello->role == wire::PeerRole::client;
}

}  // namespace mpreg::node
