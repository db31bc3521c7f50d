#include "engine/runtime/turn.hpp"

#include <utility>

namespace mpreg::runtime {

void Turn::send(LinkId link, const wire::Message& message, wire::Priority priority) {
  wire::Envelope envelope;
  envelope.priority = priority;
  send(link, std::move(envelope), message);
}

void Turn::send(LinkId link, wire::Envelope envelope, const wire::Message& message, Bytes payload) {
  envelope.id = MessageId{next_id()};
  if (envelope.source.is_none()) envelope.source = context_.self;
  if (envelope.source_cluster.is_none()) envelope.source_cluster = context_.cluster;
  const wire::Priority priority = envelope.priority;
  send_frame(link, priority, wire::encode(envelope, message, std::move(payload)));
}

bool Turn::send_to(NodeId node, const wire::Message& message, wire::Priority priority) {
  const LinkId link = link_to(node);
  if (link.is_none()) return false;
  send(link, message, priority);
  return true;
}

void Turn::send_frame(LinkId link, wire::Priority priority, wire::Frame frame) {
  effects_.emplace_back(effect::Send{link, priority, std::move(frame)});
}

void Turn::arm(TimerKey key, Duration after) { arm_at(key, now_ + after); }

void Turn::arm_at(TimerKey key, Instant at) { effects_.emplace_back(effect::Arm{key, at}); }

void Turn::disarm(TimerKey key) { effects_.emplace_back(effect::Disarm{key}); }

DialId Turn::dial(std::string address) {
  const DialId id{next_id()};
  effects_.emplace_back(effect::Dial{id, std::move(address)});
  return id;
}

void Turn::hang_up(LinkId link, std::string why) {
  effects_.emplace_back(effect::HangUp{link, std::move(why)});
}

SignId Turn::sign(Bytes message) {
  const SignId id{next_id()};
  effects_.emplace_back(effect::Sign{id, std::move(message)});
  return id;
}

WriteId Turn::commit(Batch batch, Durability durability) {
  const WriteId id{next_id()};
  effects_.emplace_back(effect::Commit{id, std::move(batch), durability});
  return id;
}

ReadId Turn::fetch(std::string from, std::string to, std::uint32_t limit) {
  const ReadId id{next_id()};
  effects_.emplace_back(effect::Fetch{id, std::move(from), std::move(to), limit});
  return id;
}

InvokeId Turn::invoke(wire::FunctionRecord function, Duration deadline, std::string content_type,
                      Bytes payload) {
  const InvokeId id{next_id()};
  effects_.emplace_back(effect::Invoke{id, std::move(function), deadline, std::move(content_type),
                                       std::move(payload)});
  return id;
}

void Turn::recall(InvokeId invoke) { effects_.emplace_back(effect::Recall{invoke}); }

void Turn::reply(RequestId request, Outcome&& outcome) {
  effects_.emplace_back(effect::Reply{request, std::move(outcome)});
}

void Turn::emit(Event event) { events_.push_back(std::move(event)); }

void Turn::note(NoteKind kind, std::uint64_t subject, std::uint64_t detail, std::string text) {
  effects_.emplace_back(Note{kind, subject, detail, std::move(text)});
}

}  // namespace mpreg::runtime
