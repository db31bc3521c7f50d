#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/wire/codec.hpp"
#include "sim/subject.hpp"

namespace mpreg::testing {

/// A tiny engine for tests of the simulated world: dials its seeds, pings each link once a second
/// with a numbered message, answers calls at once, and remembers everything it received.
class EchoSubject final : public sim::Subject, public runtime::Engine {
 public:
  /// What all subjects of one test remember, by node.
  struct Log {
    std::map<std::uint64_t, std::vector<std::string>> heard;
    std::map<std::uint64_t, std::map<std::uint64_t, std::vector<std::uint64_t>>> sequences;
    std::uint64_t refused = 0;  ///< Frames that did not open.
    TableSizes tables;          ///< What every subject says of its tables.
  };

  EchoSubject(const fabric::Options& options, Log& log) : options_(options), log_(log) {}

  runtime::Engine& engine() override { return *this; }
  sim::Standing standing() const override { return sim::Standing::serving; }
  Incarnation incarnation() const override { return Incarnation{1}; }
  std::uint64_t state_digest() const override { return sequence_; }
  std::uint64_t members_hash() const override { return 1; }
  std::size_t suspects() const override { return 0; }
  std::uint64_t visible_hash() const override { return 0; }
  std::uint64_t offered_hash() const override { return 0; }
  std::uint64_t catalog_hash() const override { return 1; }
  std::vector<sim::MemberSeen> members() const override { return {}; }
  std::vector<sim::RecordSeen> offered() const override { return {}; }
  std::vector<sim::RecordSeen> visible() const override { return {}; }
  TableSizes tables() const override { return log_.tables; }
  std::vector<std::string> pending() const override { return {}; }

  void hear(Turn&, const Event&) override {}
  void handle(Turn& turn, Input&& input) override {
    if (std::holds_alternative<input::Started>(input)) {
      for (const std::string& seed : options_.seeds) static_cast<void>(turn.dial(seed));
      turn.arm({runtime::TimerKind::probe_round, 0}, seconds(1));
    } else if (const auto* up = std::get_if<input::LinkUp>(&input)) {
      links_[up->link] = up->remote;
      say("up " + up->remote);
    } else if (const auto* down = std::get_if<input::LinkDown>(&input)) {
      say("down " + links_[down->link] + " " + down->why);
      links_.erase(down->link);
    } else if (const auto* failed = std::get_if<input::DialFailed>(&input)) {
      say("failed " + failed->why);
    } else if (const auto* received = std::get_if<input::Received>(&input)) {
      receive(*received);
    } else if (std::holds_alternative<input::Expired>(input)) {
      turn.arm({runtime::TimerKind::probe_round, 0}, seconds(1));
      ++sequence_;
      for (const auto& [link, remote] : links_) turn.send(link, wire::Ping{sequence_, 0, {}});
    }
  }

 private:
  void receive(const input::Received& received) {
    const auto parts = wire::open_frame(received.frame);
    if (!parts) {
      ++log_.refused;
      return;
    }
    const auto envelope = wire::decode_envelope(parts->envelope);
    const auto message = wire::decode_message(parts->message);
    if (!envelope || !message) {
      ++log_.refused;
      return;
    }
    if (const auto* ping = std::get_if<wire::Ping>(&*message))
      log_.sequences[options_.self.value][envelope->source.value].push_back(ping->sequence);
  }
  void say(const std::string& what) { log_.heard[options_.self.value].push_back(what); }

  fabric::Options options_;
  Log& log_;
  std::map<LinkId, std::string> links_;
  std::uint64_t sequence_ = 0;
};

inline sim::SubjectFactory echo_factory(EchoSubject::Log& log) {
  return [&log](const fabric::Options& options) {
    return std::make_unique<EchoSubject>(options, log);
  };
}

}  // namespace mpreg::testing
