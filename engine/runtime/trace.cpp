#include "engine/runtime/trace.hpp"

#include "engine/base/text.hpp"

namespace mpreg::runtime {

std::string TraceWriter::peer_prefix(LinkId link) const {
  const auto found = peers_.find(link);
  return found == peers_.end() ? std::string() : mpreg::describe(found->second) + " ";
}

void TraceWriter::input(Instant now, const Input& input) {
  std::string line = "#" + std::to_string(++log_.turns_) + " " + mpreg::describe(now) + " " +
                     mpreg::describe(node_) + " <- ";
  if (const auto* received = std::get_if<input::Received>(&input))
    line += peer_prefix(received->link);
  line += mpreg::describe(input);
  if (log_.cause_ != CausalName{}) line += " @" + hex(log_.cause_.value);
  log_.cause_ = {};
  log_.write(line += '\n');
}

void TraceWriter::event(const Event& event) {
  if (const auto* up = std::get_if<event::PeerUp>(&event)) peers_[up->link] = up->peer.node;
  if (const auto* down = std::get_if<event::PeerDown>(&event)) peers_.erase(down->link);
  log_.write("  => " + mpreg::describe(event) + "\n");
}

void TraceWriter::effect(const Effect& effect) {
  std::string line = "  -> ";
  if (const auto* send = std::get_if<effect::Send>(&effect)) line += peer_prefix(send->link);
  line += mpreg::describe(effect);
  log_.write(line += '\n');
}

}  // namespace mpreg::runtime
