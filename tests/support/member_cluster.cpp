#include "tests/support/member_cluster.hpp"

#include <algorithm>
#include <cstdlib>

namespace mpreg::testing {
namespace {

constexpr Duration refused_after = milliseconds(5);  ///< Nobody listens there.
constexpr Duration timeout_after = seconds(1);       ///< Nothing comes back.

std::uint64_t id_of(const std::string& address) {
  return std::strtoull(address.c_str() + 1, nullptr, 10);
}

std::string address_of(std::uint64_t id) { return "n" + std::to_string(id) + ":1"; }

}  // namespace

void MemberCluster::start(std::uint64_t id, std::uint64_t incarnation,
                          std::vector<std::string> seeds) {
  membership::Options options = base_;
  options.self = NodeId{id};
  options.name = "n" + std::to_string(id);
  options.cluster = ClusterId{1};
  options.addresses = {address_of(id)};
  options.seeds = std::move(seeds);
  Process& process = processes_[id];
  process = Process{};
  process.probe = std::make_unique<Probe>(options.self, options.cluster, id * 100 + incarnation);
  process.membership = std::make_unique<Membership>(options);
  process.incarnation = incarnation;
  process.life = ++lives_;
  process.is_running = true;
  process.probe->now = now_;
  process.probe->run(
      [&](Turn& turn) { process.membership->on_started(turn, Incarnation{incarnation}); });
  settle(process, id);
}

void MemberCluster::kill(std::uint64_t id, bool with_resets) {
  processes_[id].is_running = false;
  for (auto& [link, ends] : links_) {
    if (!ends.is_up || (ends.dialer != id && ends.acceptor != id)) continue;
    if (with_resets) close(link, id, "reset");
  }
}

void MemberCluster::pause(std::uint64_t id, Duration span) {
  processes_[id].paused_until = now_ + span;
}

void MemberCluster::block(Block blocked, bool with_resets) {
  blocked_ = std::move(blocked);
  if (!with_resets) return;
  for (auto& [link, ends] : links_) {
    if (!ends.is_up || (is_open(ends.dialer, ends.acceptor) && is_open(ends.acceptor, ends.dialer)))
      continue;
    ends.is_up = false;
    post(latency_, ends.dialer, event::PeerDown{link, identity(ends.acceptor), "reset"});
    post(latency_, ends.acceptor, event::PeerDown{link, identity(ends.dialer), "reset"});
  }
}

void MemberCluster::run_for(Duration span) {
  const Instant until = now_ + span;
  while (!queue_.empty() && queue_.begin()->first.first <= until) {
    now_ = queue_.begin()->first.first;
    Item item = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    Process& process = processes_[item.to];
    if (!process.is_running || process.life != item.life) continue;
    if (now_ < process.paused_until) {
      const Instant later = process.paused_until;
      queue_.emplace(std::pair{later, ++next_}, std::move(item));
      continue;
    }
    handle(process, item.to, item);
  }
  now_ = until;
}

std::optional<Duration> MemberCluster::run_until_agreed(Duration limit) {
  const Instant began = now_;
  while (now_ - began < limit) {
    run_for(milliseconds(100));
    if (is_agreed()) return now_ - began;
  }
  return std::nullopt;
}

void MemberCluster::leave(std::uint64_t id, wire::GoodbyeReason reason) {
  Process& process = processes_[id];
  process.probe->now = now_;
  process.probe->run([&](Turn& turn) { process.membership->leave(turn, reason); });
  settle(process, id);
}

void MemberCluster::spread(std::uint64_t liar, const std::vector<wire::MemberUpdate>& claims) {
  for (const auto& [link, ends] : links_) {
    if (!ends.is_up || (ends.dialer != liar && ends.acceptor != liar)) continue;
    const std::uint64_t to = ends.dialer == liar ? ends.acceptor : ends.dialer;
    post(latency_, to, Deliver{link, liar, wire::Ping{1, 0, claims}});
  }
}

bool MemberCluster::is_agreed() const {
  for (const auto& [viewer, process] : processes_) {
    if (!process.is_running) continue;
    for (const auto& [subject, other] : processes_) {
      const Member* member = process.membership->find(NodeId{subject});
      const bool is_alive = member != nullptr && member->state == MemberState::alive &&
                            member->incarnation.value == other.incarnation;
      const bool is_gone = member == nullptr || !wire::is_live(member->state);
      if (other.is_running ? !is_alive : !is_gone) return false;
    }
  }
  return true;
}

std::optional<MemberState> MemberCluster::view(std::uint64_t viewer, std::uint64_t subject) const {
  const Member* member = at(viewer).find(NodeId{subject});
  if (member == nullptr) return std::nullopt;
  return member->state;
}

std::size_t MemberCluster::burials(std::uint64_t subject) const {
  std::size_t count = 0;
  for (const auto& [id, process] : processes_) count += process.buried.count(subject);
  return count;
}

std::size_t MemberCluster::burials() const {
  std::size_t count = 0;
  for (const auto& [id, process] : processes_) count += process.buried.size();
  return count;
}

void MemberCluster::post(Duration after, std::uint64_t to, What what) {
  post_at(now_ + after, to, std::move(what));
}

void MemberCluster::post_at(Instant at, std::uint64_t to, What what) {
  const std::uint64_t id = ++next_;
  queue_.emplace(std::pair{at, id}, Item{to, processes_[to].life, id, std::move(what)});
}

void MemberCluster::handle(Process& process, std::uint64_t id, const Item& item) {
  Membership& membership = *process.membership;
  if (const auto* timer = std::get_if<runtime::TimerKey>(&item.what)) {
    const auto armed = process.armed.find(*timer);
    if (armed == process.armed.end() || armed->second != item.id) return;
    process.armed.erase(armed);
  }
  process.probe->now = now_;
  process.probe->run([&](Turn& turn) {
    if (const auto* timer = std::get_if<runtime::TimerKey>(&item.what))
      membership.on_timer(turn, *timer);
    if (const auto* ended = std::get_if<event::DialEnded>(&item.what)) {
      --process.dials;
      membership.on_dial_ended(turn, *ended);
    }
    if (const auto* up = std::get_if<event::PeerUp>(&item.what)) {
      turn.links().set(up->peer.node, up->link);
      membership.on_peer_up(turn, *up);
    }
    if (const auto* down = std::get_if<event::PeerDown>(&item.what)) {
      if (turn.link_to(down->peer.node) != down->link) return;
      turn.links().erase(down->peer.node);
      membership.on_peer_down(turn, *down);
    }
    const auto* got = std::get_if<Deliver>(&item.what);
    if (got == nullptr || !links_[got->link].is_up) return;
    const NodeId from{got->from};
    if (const auto* m = std::get_if<wire::Ping>(&got->message))
      membership.on_ping(turn, got->link, from, *m);
    if (const auto* m = std::get_if<wire::Ack>(&got->message))
      membership.on_ack(turn, got->link, from, *m);
    if (const auto* m = std::get_if<wire::PingRequest>(&got->message))
      membership.on_ping_request(turn, got->link, from, *m);
    if (const auto* m = std::get_if<wire::Nack>(&got->message))
      membership.on_nack(turn, got->link, from, *m);
    if (const auto* m = std::get_if<wire::MemberSync>(&got->message))
      membership.on_member_sync(turn, got->link, from, *m);
    if (const auto* m = std::get_if<wire::Goodbye>(&got->message))
      membership.on_goodbye(turn, got->link, from, *m);
  });
  settle(process, id);
}

void MemberCluster::settle(Process& process, std::uint64_t id) {
  const std::vector<Effect> effects = std::move(process.probe->effects);
  const std::vector<Event> events = std::move(process.probe->events);
  for (const Effect& one : effects) {
    if (const auto* arm = std::get_if<effect::Arm>(&one)) {
      process.armed[arm->timer] = next_ + 1;
      post_at(arm->at, id, arm->timer);
    }
    if (const auto* off = std::get_if<effect::Disarm>(&one)) process.armed.erase(off->timer);
    if (const auto* dialed = std::get_if<effect::Dial>(&one)) dial(id, *dialed);
    const auto* send = std::get_if<effect::Send>(&one);
    if (send == nullptr) continue;
    const Sent sent = read_back(send->link, send->frame);
    ++counts.messages[sent.message.index()];
    const Link& link = links_[send->link];
    const std::uint64_t to = link.dialer == id ? link.acceptor : link.dialer;
    const bool is_lost = weather_.below(Purpose::net_loss, 100) < loss_percent;
    if (!is_lost && link.is_up && is_open(id, to))
      post(latency_, to, Deliver{send->link, id, sent.message});
  }
  for (const Event& one : events) {
    if (const auto* unwanted = std::get_if<event::PeerUnwanted>(&one))
      close(process.probe->context.links.find(unwanted->node), id, unwanted->why);
    const auto* changed = std::get_if<event::MemberChanged>(&one);
    if (changed != nullptr && !changed->is_forgotten && !wire::is_live(changed->now))
      process.buried.insert(changed->node.value);
  }
}

void MemberCluster::dial(std::uint64_t from, const effect::Dial& dialed) {
  const std::uint64_t to = id_of(dialed.address);
  ++counts.dials;
  ++counts.dialed[dialed.address];
  Process& dialer = processes_[from];
  counts.dials_at_once = std::max(counts.dials_at_once, ++dialer.dials);
  const auto found = processes_.find(to);
  if (!is_open(from, to) || !is_open(to, from))
    return post(timeout_after, from, event::DialEnded{dialed.dial, Errc::timeout, NodeId{}});
  if (found == processes_.end() || !found->second.is_running)
    return post(refused_after, from, event::DialEnded{dialed.dial, Errc::unavailable, NodeId{}});
  if (link_between(from, to).is_none()) {
    const LinkId link{++next_};
    links_[link] = Link{from, to, true};
    post(latency_ * 3, from, event::PeerUp{link, identity(to), true});
    post(latency_ * 4, to, event::PeerUp{link, identity(from), false});
  }
  post(latency_ * 4, from, event::DialEnded{dialed.dial, Errc::ok, NodeId{to}});
}

void MemberCluster::close(LinkId link, std::uint64_t by, const std::string& why) {
  const auto found = links_.find(link);
  if (found == links_.end() || !found->second.is_up) return;
  found->second.is_up = false;
  const std::uint64_t other =
      found->second.dialer == by ? found->second.acceptor : found->second.dialer;
  post(Duration::zero(), by, event::PeerDown{link, identity(other), why});
  if (is_open(by, other)) post(latency_, other, event::PeerDown{link, identity(by), "closed"});
}

LinkId MemberCluster::link_between(std::uint64_t a, std::uint64_t b) const {
  for (const auto& [id, link] : links_)
    if (link.is_up &&
        ((link.dialer == a && link.acceptor == b) || (link.dialer == b && link.acceptor == a))) {
      const auto knows = [this, which = id](std::uint64_t who, std::uint64_t whom) {
        return processes_.at(who).is_running &&
               processes_.at(who).probe->context.links.find(NodeId{whom}) == which;
      };
      if (knows(a, b) && knows(b, a)) return id;
    }
  return LinkId{};
}

bool MemberCluster::is_open(std::uint64_t from, std::uint64_t to) const {
  return !blocked_ || !blocked_(from, to);
}

runtime::PeerIdentity MemberCluster::identity(std::uint64_t id) const {
  runtime::PeerIdentity peer;
  peer.node = NodeId{id};
  peer.name = "n" + std::to_string(id);
  peer.cluster = ClusterId{1};
  peer.incarnation = Incarnation{processes_.at(id).incarnation};
  peer.addresses = {address_of(id)};
  return peer;
}

}  // namespace mpreg::testing
