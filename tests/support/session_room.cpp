#include "tests/support/session_room.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mpreg::testing {

std::vector<std::string> SessionRoom::End::story() const {
  std::vector<std::string> words;
  for (const Event& event : heard) {
    if (const auto* up = std::get_if<event::PeerUp>(&event))
      words.push_back("up " + describe(up->peer.node));
    if (const auto* down = std::get_if<event::PeerDown>(&event))
      words.push_back("down " + describe(down->peer.node));
    if (const auto* ended = std::get_if<event::DialEnded>(&event))
      words.push_back("dialed " + std::string(describe(ended->code)));
  }
  return words;
}

std::size_t SessionRoom::End::count(runtime::NoteKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      notes.begin(), notes.end(), [kind](const runtime::Note& note) { return note.kind == kind; }));
}

std::string SessionRoom::End::text_of(runtime::NoteKind kind) const {
  for (const runtime::Note& note : notes)
    if (note.kind == kind) return note.text;
  return {};
}

std::size_t SessionRoom::start(const Config& config) {
  session::Options options;
  options.role = config.role;
  options.version = config.version;
  options.self = NodeId{config.node};
  options.name = config.name.empty() ? "n" + std::to_string(config.node) : config.name;
  options.cluster = cluster_id_of(config.cluster);
  options.cluster_name = config.cluster;
  options.has_key = config.has_key;
  const std::uint64_t seed = config.node * 1'000 + config.incarnation;
  const std::uint64_t key = config.has_key ? config.key : 0;
  ends_.push_back(std::make_unique<End>(End{options.name,
                                            Probe(options.self, options.cluster, seed),
                                            session::Sessions(options),
                                            HashKey{key, key},
                                            false,
                                            0,
                                            {},
                                            {},
                                            {}}));
  const std::size_t end = ends_.size() - 1;
  act(end, [&](Turn& turn, session::Sessions& sessions) {
    sessions.on_started(turn, Incarnation{config.incarnation}, {options.name + ":1"});
  });
  return end;
}

std::size_t SessionRoom::dial(std::size_t dialer, std::size_t acceptor) {
  Wire wire;
  wire.dialer = dialer;
  wire.acceptor = acceptor;
  wire.dialer_link = LinkId{++at(dialer).links_made};
  wire.acceptor_link = LinkId{++at(acceptor).links_made};
  wire.dial = DialId{1'000'000 + wires_.size()};
  wires_.push_back(wire);
  Item there{acceptor, wire.acceptor_link, {}, {}, {}};
  there.up = input::LinkUp{wire.acceptor_link, DialId{}, at(dialer).name + ":50000"};
  Item here{dialer, wire.dialer_link, {}, {}, {}};
  here.up = input::LinkUp{wire.dialer_link, wire.dial, at(acceptor).name + ":1"};
  queue_.push_back(std::move(there));
  queue_.push_back(std::move(here));
  return wires_.size() - 1;
}

void SessionRoom::run() {
  for (int i = 0; i < 100'000 && step(); ++i) {
  }
}

bool SessionRoom::step() {
  if (queue_.empty()) return false;
  const Item item = std::move(queue_.front());
  queue_.pop_front();
  if (at(item.end).is_dead) return true;
  act(item.end, [&](Turn& turn, session::Sessions& sessions) {
    if (item.up) sessions.on_link_up(turn, *item.up);
    if (item.down) sessions.on_link_down(turn, *item.down);
    if (item.message)
      sessions.on_message(turn, item.link, item.message->envelope, item.message->message);
  });
  return true;
}

void SessionRoom::advance(Duration span) {
  const Instant until = now_ + span;
  for (;;) {
    run();
    std::size_t who = ends_.size();
    Instant first = until;
    runtime::TimerKey key;
    for (std::size_t end = 0; end < ends_.size(); ++end)
      for (const auto& [timer, time] : at(end).timers)
        if (!at(end).is_dead && (time < first || (time == first && who == ends_.size()))) {
          who = end;
          first = time;
          key = timer;
        }
    now_ = first;
    if (who == ends_.size()) return;
    at(who).timers.erase(key);
    act(who, [&](Turn& turn, session::Sessions& sessions) { sessions.on_timer(turn, key); });
  }
}

void SessionRoom::cut(std::size_t index) {
  Wire& cut_wire = wires_[index];
  if (cut_wire.is_down) return;
  cut_wire.is_down = true;
  Item here{cut_wire.dialer, cut_wire.dialer_link, {}, {}, {}};
  here.down = input::LinkDown{cut_wire.dialer_link, "reset"};
  Item there{cut_wire.acceptor, cut_wire.acceptor_link, {}, {}, {}};
  there.down = input::LinkDown{cut_wire.acceptor_link, "reset"};
  queue_.push_back(std::move(here));
  queue_.push_back(std::move(there));
}

void SessionRoom::kill(std::size_t end) {
  at(end).is_dead = true;
  for (Wire& one : wires_)
    if (one.dialer == end || one.acceptor == end) one.is_silent = true;
}

void SessionRoom::inject(std::size_t end, LinkId link, const mpreg::wire::Message& message) {
  Item item{end, link, Sent{link, {}, message, {}}, {}, {}};
  queue_.push_back(std::move(item));
}

/// Takes what a turn put out; signatures are answered in further turns, as the Driver does.
void SessionRoom::settle(std::size_t end) {
  End& actor = at(end);
  std::vector<input::Signed> tags;
  const std::vector<Effect> effects = std::move(actor.probe.effects);
  for (const Event& event : actor.probe.events) actor.heard.push_back(event);
  for (const Effect& one : effects) {
    if (const auto* send = std::get_if<effect::Send>(&one)) transmit(end, *send);
    if (const auto* hang_up = std::get_if<effect::HangUp>(&one)) close(end, hang_up->link);
    if (const auto* arm = std::get_if<effect::Arm>(&one)) actor.timers[arm->timer] = arm->at;
    if (const auto* off = std::get_if<effect::Disarm>(&one)) actor.timers.erase(off->timer);
    if (const auto* sign = std::get_if<effect::Sign>(&one))
      tags.push_back(input::Signed{sign->id, tag_of(actor, sign->message)});
    if (const auto* note = std::get_if<runtime::Note>(&one)) actor.notes.push_back(*note);
  }
  for (const input::Signed& tag : tags)
    act(end, [&](Turn& turn, session::Sessions& sessions) { sessions.on_signed(turn, tag); });
}

void SessionRoom::transmit(std::size_t from, const effect::Send& send) {
  const Sent sent = read_back(send.link, send.frame);
  if (watch) watch(from, send.link, sent.message);
  const Wire* way = wire_of(from, send.link);
  if (way == nullptr || way->is_down || way->is_silent) return;
  const bool is_dialer = way->dialer == from && way->dialer_link == send.link;
  const std::size_t to = is_dialer ? way->acceptor : way->dialer;
  const LinkId link = is_dialer ? way->acceptor_link : way->dialer_link;
  const int times = copies ? copies(to, link, sent.message) : 1;
  for (int i = 0; i < times; ++i) queue_.push_back(Item{to, link, sent, {}, {}});
}

void SessionRoom::close(std::size_t from, LinkId link) {
  Wire* way = wire_of(from, link);
  if (way == nullptr || way->is_down) return;
  way->is_down = true;
  Item here{from, link, {}, {}, {}};
  here.down = input::LinkDown{link, "hung up"};
  queue_.push_back(std::move(here));
  if (way->is_silent) return;
  const bool is_dialer = way->dialer == from && way->dialer_link == link;
  const std::size_t to = is_dialer ? way->acceptor : way->dialer;
  const LinkId other = is_dialer ? way->acceptor_link : way->dialer_link;
  Item there{to, other, {}, {}, {}};
  there.down = input::LinkDown{other, "closed by the other end"};
  queue_.push_back(std::move(there));
}

SessionRoom::Wire* SessionRoom::wire_of(std::size_t end, LinkId link) {
  for (Wire& one : wires_)
    if ((one.dialer == end && one.dialer_link == link) ||
        (one.acceptor == end && one.acceptor_link == link))
      return &one;
  return nullptr;
}

/// Stands for the Crypto port: four keyed hashes instead of one BLAKE2b.
wire::Tag SessionRoom::tag_of(const End& end, const Bytes& message) const {
  mpreg::wire::Tag tag{};
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t word = sip_hash(HashKey{end.key.k0, end.key.k1 + i}, message.view());
    std::memcpy(tag.data() + i * 8, &word, 8);
  }
  return tag;
}

}  // namespace mpreg::testing
