#include "node/replay/recorded_chronicle.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace mpreg::node {
namespace {

constexpr std::size_t clients_max = 8;   ///< Who only call,
constexpr std::size_t workers_max = 64;  ///< and who serve.
constexpr std::uint32_t nobody = MomentSeen::nobody;

/// One thing to tell of a life.
struct Mark {
  enum class Kind : std::uint8_t { started, moment, paused, resumed, ended };
  Instant at;  ///< In shared time, as the clocks have it.
  Kind kind = Kind::moment;
  std::uint32_t moment = 0;  ///< Its index.
};

std::vector<Mark> marks_of(const RecordedCluster& cluster, std::uint32_t index) {
  const LifeSeen& life = cluster.lives[index];
  std::vector<Mark> marks;
  marks.push_back({life.shared(life.first), Mark::Kind::started, 0});
  for (std::uint32_t moment = 0; moment < life.moments.size(); ++moment)
    marks.push_back({life.shared(life.moments[moment].at), Mark::Kind::moment, moment});
  for (const PauseSeen& pause : life.pauses) {
    marks.push_back({life.shared(pause.from), Mark::Kind::paused, 0});
    marks.push_back({life.shared(pause.to), Mark::Kind::resumed, 0});
  }
  std::ranges::stable_sort(marks, {}, &Mark::at);
  if (cluster.how[index] != LifeEnd::running)
    marks.push_back({std::max(cluster.ends[index], marks.back().at), Mark::Kind::ended, 0});
  return marks;
}

/// The places of a chronicle and their names.
class Places {
 public:
  explicit Places(const RecordedCluster& cluster) {
    for (const NodeSeen& node : cluster.nodes) add(node.id, node.name);
    for (const LifeSeen& life : cluster.lives)
      for (const LinkSeen& link : life.links) {
        if (!link.heard || places_.contains(link.heard->node)) continue;
        const bool is_client = link.heard->role == wire::PeerRole::client;
        const bool is_worker = life.workers.contains(link.heard->node);
        if (!is_client || (is_worker ? workers_++ < workers_max : clients_++ < clients_max)) {
          add(link.heard->node, link.heard->name.empty() ? "client" : link.heard->name);
          continue;
        }
        if (others_ == 0) others_ = add({}, "clients");
        places_[link.heard->node] = others_;
      }
  }
  [[nodiscard]] std::uint32_t of(NodeId node) const { return places_.at(node); }
  /// 0 for one that was never met.
  [[nodiscard]] std::uint32_t find(NodeId node) const {
    const auto known = places_.find(node);
    return known == places_.end() ? 0 : known->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::uint32_t add(NodeId node, const std::string& name) {
    std::string plain;  // one word for every reader
    for (const char c : name) plain += c > ' ' && c < 127 && c != '"' && c != '\\' ? c : '_';
    if (std::ranges::find(names_, plain) != names_.end())
      plain += "-" + std::to_string(names_.size() + 1);
    names_.push_back(plain);
    const auto place = static_cast<std::uint32_t>(names_.size());
    places_[node] = place;
    return place;
  }

  std::vector<std::string> names_;
  std::map<NodeId, std::uint32_t> places_;
  std::size_t clients_ = 0;
  std::size_t workers_ = 0;
  std::uint32_t others_ = 0;
};

/// A link as the chronicle knows it.
struct Way {
  std::uint64_t connection = 0;
  std::uint32_t peer = 0;  ///< Its place.
  std::uint8_t end = 0;    ///< The own one.
  bool is_shared = false;  ///< The other end was recorded, too,
  Instant shared_from;     ///< from then on.
};

class Teller {
 public:
  Teller(const RecordedCluster& cluster, sim::explain::Chronicle& chronicle)
      : cluster_(cluster), chronicle_(chronicle), places_(cluster) {
    chronicle_.begins_recorded(static_cast<std::uint32_t>(cluster.nodes.size()), places_.names());
    for (std::uint32_t life = 0; life < cluster.lives.size(); ++life) {
      marks_.push_back(marks_of(cluster, life));
      ways_.emplace_back(cluster.lives[life].links.size());
      sent_.emplace_back(cluster.lives[life].moments.size());
    }
    next_.resize(cluster.lives.size());
    now_.resize(cluster.lives.size(), Instant{std::numeric_limits<std::int64_t>::min()});
    name_links();
  }

  void run() {
    while (true) {
      const std::uint32_t life = next_life();
      if (life == nobody) return;
      const Mark& mark = marks_[life][next_[life]++];
      now_[life] = std::max(now_[life], moment_of(life, mark));
      tell(life, mark);
    }
  }

 private:
  /// A frame sent that the other end took: when it was told, and by which number.
  struct Sent {
    Instant at;
    std::uint64_t flight = 0;
    bool is_told = false;
  };

  void name_links() {
    for (const ConnectionSeen& seen : cluster_.connections) {
      ++connections_;
      for (std::uint8_t end = 0; end < 2; ++end) {
        const LifeSeen& other = cluster_.lives[seen.life[1 - end]];
        ways_[seen.life[end]][seen.link[end]] = {connections_, other.node + 1, end, true,
                                                 other.shared(other.first)};
      }
    }
    for (std::uint32_t life = 0; life < cluster_.lives.size(); ++life)
      for (std::uint32_t link = 0; link < ways_[life].size(); ++link) {
        const LinkSeen& seen = cluster_.lives[life].links[link];
        if (!seen.heard || ways_[life][link].connection != 0) continue;
        const auto end = static_cast<std::uint8_t>(seen.is_dialed ? 0 : 1);
        ways_[life][link] = {++connections_, places_.of(seen.heard->node), end, false, {}};
      }
  }
  [[nodiscard]] const MomentSeen& moment(std::uint32_t life, const Mark& mark) const {
    return cluster_.lives[life].moments[mark.moment];
  }
  /// The frame sent that a mark is the taking of; null when it is something else.
  [[nodiscard]] const Sent* origin_of(std::uint32_t life, const Mark& mark) const {
    if (mark.kind != Mark::Kind::moment) return nullptr;
    const MomentSeen& seen = moment(life, mark);
    if (seen.kind != MomentSeen::Kind::taken || seen.other_life == nobody) return nullptr;
    return &sent_[seen.other_life][seen.other];
  }
  [[nodiscard]] Instant moment_of(std::uint32_t life, const Mark& mark) const {
    const Sent* const origin = origin_of(life, mark);
    return origin == nullptr ? mark.at : std::max(mark.at, origin->at);
  }
  /// The life whose next mark comes first, and is no taking of what was not sent yet.
  [[nodiscard]] std::uint32_t next_life() const {
    std::uint32_t best = nobody;
    Instant earliest = Instant::max();
    for (std::uint32_t life = 0; life < marks_.size(); ++life) {
      if (next_[life] == marks_[life].size()) continue;
      const Mark& mark = marks_[life][next_[life]];
      const Sent* const origin = origin_of(life, mark);
      if (origin != nullptr && !origin->is_told) continue;
      const Instant at = std::max(now_[life], moment_of(life, mark));
      if (best != nobody && at >= earliest) continue;
      best = life;
      earliest = at;
    }
    return best;
  }

  void tell(std::uint32_t life, const Mark& mark) {
    using sim::ProcessChange;
    const std::uint32_t place = cluster_.lives[life].node + 1;
    const Instant now = now_[life];
    switch (mark.kind) {
      case Mark::Kind::moment:
        return tell_moment(life, mark.moment);
      case Mark::Kind::started:
        return chronicle_.process_changed(now, place, ProcessChange::started);
      case Mark::Kind::paused:
        return chronicle_.process_changed(now, place, ProcessChange::paused);
      case Mark::Kind::resumed:
        return chronicle_.process_changed(now, place, ProcessChange::resumed);
      case Mark::Kind::ended: {
        const bool is_silent = cluster_.how[life] == LifeEnd::lost_power;
        chronicle_.process_changed(now, place,
                                   is_silent ? ProcessChange::lost_power : ProcessChange::ended);
        for (std::uint32_t link = 0; link < ways_[life].size(); ++link)
          if (!cluster_.lives[life].links[link].down) tell_down(now, ways_[life][link]);
      }
    }
  }

  void tell_moment(std::uint32_t life, std::uint32_t index) {
    const MomentSeen& seen = cluster_.lives[life].moments[index];
    const Instant now = now_[life];
    const std::uint32_t place = cluster_.lives[life].node + 1;
    if (seen.kind == MomentSeen::Kind::view) {
      event::MemberChanged change = seen.view;
      const std::uint32_t member = places_.find(change.node);
      change.node = NodeId{member == 0 ? ~std::uint64_t{0} : member};
      return chronicle_.member_changed(now, place, change);
    }
    const Way& way = ways_[life][seen.link];
    if (way.connection == 0) return;
    switch (seen.kind) {
      case MomentSeen::Kind::link_up:
        if (std::exchange(is_open_[way.connection], true)) return;
        return chronicle_.link_opened(now, way.connection, way.end == 0 ? place : way.peer,
                                      way.end == 0 ? way.peer : place);
      case MomentSeen::Kind::link_down:
        return tell_down(now, way);
      case MomentSeen::Kind::sent:
        return tell_sent(life, index, {way.connection, place, way.peer, way.end});
      case MomentSeen::Kind::taken:
        return tell_taken(
            life, seen, {way.connection, way.peer, place, static_cast<std::uint8_t>(1 - way.end)});
      case MomentSeen::Kind::view:
        return;
    }
  }

  void tell_down(Instant now, const Way& way) {
    if (way.connection == 0) return;
    chronicle_.link_closed(now, way.connection, way.end);
    if (!way.is_shared)
      chronicle_.link_closed(now, way.connection, static_cast<std::uint8_t>(1 - way.end));
  }
  void tell_sent(std::uint32_t life, std::uint32_t index, const sim::Route& route) {
    const MomentSeen& seen = cluster_.lives[life].moments[index];
    const Instant now = now_[life];
    const Way& way = ways_[life][seen.link];
    if (seen.other_life == nobody && way.is_shared && now >= way.shared_from)
      return chronicle_.frame_lost(now, route, seen.frame, std::nullopt);
    Sent& sent = sent_[life][index];
    sent = {now, flights_++, true};
    chronicle_.frame_sent(now, route, seen.frame, sent.flight);
    if (seen.other_life == nobody) chronicle_.frame_came(now, sent.flight, true);
  }
  void tell_taken(std::uint32_t life, const MomentSeen& seen, const sim::Route& route) {
    const Instant now = now_[life];
    if (seen.other_life != nobody)
      return chronicle_.frame_came(now, sent_[seen.other_life][seen.other].flight, true);
    chronicle_.frame_sent(now, route, seen.frame, flights_);
    chronicle_.frame_came(now, flights_++, true);
  }

  const RecordedCluster& cluster_;
  sim::explain::Chronicle& chronicle_;
  Places places_;
  std::vector<std::vector<Mark>> marks_;  ///< By life; so are all of these.
  std::vector<std::size_t> next_;
  std::vector<Instant> now_;             ///< Of what was told last.
  std::vector<std::vector<Way>> ways_;   ///< By link.
  std::vector<std::vector<Sent>> sent_;  ///< By moment.
  std::map<std::uint64_t, bool> is_open_;
  std::uint64_t connections_ = 0;
  std::uint64_t flights_ = 0;
};

}  // namespace

void tell(const RecordedCluster& cluster, sim::explain::Chronicle& chronicle) {
  Teller(cluster, chronicle).run();
}

}  // namespace mpreg::node
