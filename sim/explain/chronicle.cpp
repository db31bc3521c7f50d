#include "sim/explain/chronicle.hpp"

#include <algorithm>
#include <utility>

#include "engine/wire/codec.hpp"
#include "engine/wire/describe.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::explain {
namespace {

/// The place of a frame's message in wire::message_names.
std::uint8_t message_of(const wire::Frame& frame) {
  constexpr auto unreadable = static_cast<std::uint8_t>(wire::message_names.size());
  const std::size_t size = frame.head.size();
  if (size < wire::frame_header_size) return unreadable;
  std::vector<std::byte> whole(frame.head.view().begin(), frame.head.view().end());
  whole.insert(whole.end(), frame.payload.view().begin(), frame.payload.view().end());
  const auto parts = wire::open_frame(Bytes::take(std::move(whole)));
  if (!parts) return unreadable;
  const auto message = wire::decode_message(parts->message);
  return message ? static_cast<std::uint8_t>(message->index()) : unreadable;
}

}  // namespace

std::string_view name_of(Plane plane) {
  static constexpr std::array<std::string_view, plane_count> names = {
      "session", "membership", "gossip", "rpc", "raft", "unreadable"};
  return names[static_cast<std::size_t>(plane)];
}

Plane plane_of(std::uint8_t message) {
  if (message >= wire::message_names.size()) return Plane::unreadable;
  const std::string_view name = wire::message_names[message];
  const std::string_view plane = name.substr(0, name.find('.'));
  for (std::size_t known = 0; known < plane_count; ++known)
    if (plane == name_of(static_cast<Plane>(known))) return static_cast<Plane>(known);
  return Plane::unreadable;
}

void Chronicle::begins(const World& world) {
  world_ = &world;
  nodes_ = world.cluster().size();
  workers_ = world.cluster().worker_count();
  places_ = nodes_ + workers_ + world.cluster().options().strangers;
  sample_every_ = std::max(
      milliseconds(100), world.scenario().length / static_cast<std::int64_t>(limits_.samples - 1));
}

void Chronicle::begins_recorded(std::uint32_t nodes, std::vector<std::string> names) {
  nodes_ = nodes;
  places_ = static_cast<std::uint32_t>(names.size());
  names_ = std::move(names);
}

std::string Chronicle::name_of(std::uint32_t place) const {
  if (place == 0) return "the world";
  if (is_recorded()) return names_[place - 1];
  if (place <= nodes_) return address_of(place);
  if (place <= nodes_ + workers_) return "w" + std::to_string(place - nodes_);
  return "s" + std::to_string(place - nodes_ - workers_);
}

void Chronicle::scheduled(Instant now, Instant at, const SimEvent& event) {
  pending_[event.name.value] = {first_happening_ + happenings_.size() - 1, at};
  if (pending_.size() < pending_limit_) return;
  // Events that were taken back never come.
  std::erase_if(pending_, [now](const auto& entry) { return entry.second.at < now; });
  pending_limit_ = 2 * pending_.size() + 1'024;
}

void Chronicle::note_violations() {
  const std::size_t found = world_->cluster().violations().kept().size();
  const std::uint64_t last = first_happening_ + happenings_.size() - 1;
  if (violations_.size() < found) violations_.resize(found, is_looked_ ? 0 : last);
}

void Chronicle::began(Instant now, const SimEvent& event) {
  note_violations();
  is_looked_ = false;
  Happening happening;
  happening.at = now;
  happening.kind = event.kind;
  happening.place = event.node;
  happening.name = event.name;
  if (event.kind == EventKind::timer) happening.detail = event.a & 0xffU;
  if (event.kind == EventKind::frame && event.a < flights_.size())
    happening.detail = flights_[event.a];
  // One that waited for its process keeps its cause for the second time.
  if (const auto known = pending_.find(event.name.value); known != pending_.end()) {
    happening.cause = known->second.cause;
    const bool may_wait = event.node != 0 && event.node <= nodes_ &&
                          world_->cluster().node(event.node).state() == SimNode::State::paused;
    if (!may_wait) pending_.erase(known);
  }
  happenings_.push_back(happening);
  if (happenings_.size() <= limits_.happenings) return;
  happenings_.pop_front();
  ++first_happening_;
}

void Chronicle::planned(std::uint32_t line) {
  if (line != 0 && !happenings_.empty()) happenings_.back().detail = line;
}

const Happening* Chronicle::happening(std::uint64_t number) const {
  if (number < first_happening_ || number - first_happening_ >= happenings_.size()) return nullptr;
  return &happenings_[number - first_happening_];
}

const Passage* Chronicle::passage(std::uint64_t number) const {
  if (number < first_passage_ || number - first_passage_ >= passages_.size()) return nullptr;
  return &passages_[number - first_passage_];
}

Passage* Chronicle::open_passage(std::uint64_t number) {
  return const_cast<Passage*>(std::as_const(*this).passage(number));
}

std::uint64_t Chronicle::happening_of_violation(std::size_t k) const {
  return k < violations_.size() ? violations_[k] : 0;
}

template <class Entry>
bool Chronicle::keep(std::vector<Entry>& list, Entry entry) {
  if (list.size() >= limits_.entries) {
    ++entries_left_out_;
    return false;
  }
  list.push_back(std::move(entry));
  return true;
}

void Chronicle::process_changed(Instant now, std::uint32_t place, ProcessChange change) {
  keep(processes_, {now, ++order_, place, change});
}

void Chronicle::link_opened(Instant now, std::uint64_t connection, std::uint32_t dialer,
                            std::uint32_t acceptor) {
  LinkEntry entry;
  entry.opened = now;
  entry.connection = connection;
  entry.dialer = dialer;
  entry.acceptor = acceptor;
  entry.order = ++order_;
  if (keep(links_, entry))
    link_index_.insert_or_assign(connection, static_cast<std::uint32_t>(links_.size() - 1));
}

void Chronicle::link_closed(Instant now, std::uint64_t connection, std::uint8_t end) {
  if (const std::uint32_t* const known = link_index_.find(connection))
    links_[*known].ended[end] = now;
}

void Chronicle::make_room(Instant now) {
  if (is_full_ || passages_.size() < limits_.passages) return;
  const std::size_t before_max = limits_.passages - limits_.passages / 4;
  is_full_ = now > limits_.pivot && passages_before_ <= before_max;
  if (is_full_) return;
  passages_.pop_front();
  ++first_passage_;
  --passages_before_;
}

std::uint64_t Chronicle::add(Instant now, const Route& route, const wire::Frame& frame) {
  const std::uint8_t message = message_of(frame);
  ++passages_seen_;
  ++sums_.sent[static_cast<std::size_t>(plane_of(message))];
  sums_.bytes += frame.size();
  make_room(now);
  ++order_;
  if (is_full_) return 0;
  if (now <= limits_.pivot) ++passages_before_;
  Passage passage;
  passage.route = route;
  passage.sent = now;
  passage.cause = first_happening_ + happenings_.size() - 1;
  passage.sent_order = order_;
  passage.message = message;
  passage.frame = frame;
  passages_.push_back(std::move(passage));
  return first_passage_ + passages_.size() - 1;
}

void Chronicle::frame_sent(Instant now, const Route& route, const wire::Frame& frame,
                           std::uint64_t flight) {
  if (flights_.size() <= flight) flights_.resize(flight + 1);
  flights_[flight] = add(now, route, frame);
}

void Chronicle::frame_lost(Instant now, const Route& route, const wire::Frame& frame,
                           std::optional<Fault> why) {
  ++sums_.lost;
  Passage* const passage = open_passage(add(now, route, frame));
  if (passage == nullptr) return;
  passage->fate = Fate::lost;
  passage->why = why;
}

void Chronicle::frame_came(Instant now, std::uint64_t flight, bool is_taken) {
  if (flight >= flights_.size()) return;
  Passage* const passage = open_passage(flights_[flight]);
  ++order_;
  if (passage == nullptr) return;
  passage->fate = is_taken ? Fate::taken : Fate::not_taken;
  passage->came = now;
  passage->came_order = order_;
  passage->arrival = first_happening_ + happenings_.size() - 1;
}

void Chronicle::rule_set(Instant now, std::uint32_t rule, RuleKind kind,
                         const std::vector<NodeSet>& groups) {
  keep(rules_, {now, std::nullopt, rule, kind, groups});
}

void Chronicle::rule_lifted(Instant now, std::uint32_t rule) {
  for (auto entry = rules_.rbegin(); entry != rules_.rend(); ++entry)
    if (entry->rule == rule && !entry->lifted) {
      entry->lifted = now;
      return;
    }
}

void Chronicle::member_changed(Instant now, std::uint32_t node,
                               const event::MemberChanged& change) {
  MemberEntry entry;
  entry.at = now;
  entry.order = ++order_;
  entry.cause = first_happening_ + happenings_.size() - 1;
  entry.node = node;
  entry.member = change.node.value <= nodes_ ? static_cast<std::uint32_t>(change.node.value) : 0;
  if (!change.is_new) entry.before = change.before;
  if (!change.is_forgotten) entry.now = change.now;
  keep(members_, entry);
}

void Chronicle::looking(const World& world) {
  note_violations();
  is_looked_ = true;
  const bool is_due = samples_.empty() || world.now() - samples_.back().at >= sample_every_;
  if (!is_due || samples_.size() >= limits_.samples) return;
  const Cluster& cluster = world.cluster();
  sums_.at = world.now();
  sums_.faults = 0;
  for (std::size_t kind = 0; kind < fault_count; ++kind)
    sums_.faults += cluster.faults().of(static_cast<Fault>(kind));
  sums_.calls_answered = cluster.ledger().counts().answered;
  sums_.calls_failed = cluster.ledger().counts().failed;
  sums_.calls_open = static_cast<std::uint32_t>(cluster.ledger().open());
  sums_.links = static_cast<std::uint32_t>(cluster.network().usage().connections);
  sums_.up = sums_.suspects = sums_.disbelief = 0;
  std::vector<bool> is_up(nodes_ + 1);
  for (std::uint32_t node = 1; node <= nodes_; ++node) {
    is_up[node] = cluster.node(node).has_booted();
    sums_.up += cluster.node(node).is_up() ? 1U : 0U;
  }
  const auto running = static_cast<std::uint32_t>(std::count(is_up.begin(), is_up.end(), true));
  for (std::uint32_t node = 1; node <= nodes_; ++node) {
    if (!is_up[node]) continue;
    const Subject& subject = cluster.node(node).subject();
    sums_.suspects += static_cast<std::uint32_t>(subject.suspects());
    std::uint32_t believed = 0;
    for (const MemberSeen& member : subject.members()) {
      const bool is_node = member.node.value >= 1 && member.node.value <= nodes_;
      if (is_node && is_up[member.node.value] && member.state == wire::MemberState::alive)
        ++believed;
    }
    sums_.disbelief += running - std::min(believed, running);
  }
  samples_.push_back(sums_);
}

}  // namespace mpreg::sim::explain
