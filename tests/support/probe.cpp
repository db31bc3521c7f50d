#include "tests/support/probe.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/wire/codec.hpp"

namespace mpreg::testing {

Probe::Probe(NodeId self, ClusterId cluster, std::uint64_t seed) {
  context.self = self;
  context.cluster = cluster;
  context.random = Random(seed, self);
}

std::string Probe::text() const {
  std::string lines;
  for (const Effect& effect : effects) lines += describe(effect) + "\n";
  return lines + event_text();
}

std::string Probe::event_text() const {
  std::string lines;
  for (const Event& event : events) lines += describe(event) + "\n";
  return lines;
}

std::vector<Sent> Probe::sent() const {
  std::vector<Sent> found;
  for (const effect::Send& send : effects_of<effect::Send>())
    found.push_back(read_back(send.link, send.frame));
  return found;
}

std::vector<runtime::Note> Probe::notes_of(runtime::NoteKind kind) const {
  std::vector<runtime::Note> found = effects_of<runtime::Note>();
  std::erase_if(found, [&](const runtime::Note& note) { return note.kind != kind; });
  return found;
}

std::optional<Instant> Probe::armed(runtime::TimerKey timer) const {
  std::optional<Instant> at;
  for (const Effect& one : effects) {
    if (const auto* arm = std::get_if<effect::Arm>(&one); arm != nullptr && arm->timer == timer)
      at = arm->at;
    if (const auto* off = std::get_if<effect::Disarm>(&one); off != nullptr && off->timer == timer)
      at.reset();
  }
  return at;
}

Sent read_back(LinkId link, const wire::Frame& frame) {
  std::vector<std::byte> whole(frame.head.data(), frame.head.data() + frame.head.size());
  whole.insert(whole.end(), frame.payload.data(), frame.payload.data() + frame.payload.size());
  Sent sent;
  sent.link = link;
  const auto parts = wire::open_frame(Bytes::take(std::move(whole)));
  if (!parts) {
    ADD_FAILURE() << "frame does not open: " << parts.error().message;
    return sent;
  }
  const auto envelope = wire::decode_envelope(parts->envelope);
  const auto message = wire::decode_message(parts->message);
  if (!envelope || !message) {
    ADD_FAILURE() << "message does not decode: "
                  << (envelope ? message.error().message : envelope.error().message);
    return sent;
  }
  sent.envelope = *envelope;
  sent.message = *message;
  sent.payload = parts->payload;
  return sent;
}

}  // namespace mpreg::testing
