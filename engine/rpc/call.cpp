#include "engine/rpc/call.hpp"

#include <utility>

namespace mpreg::rpc {

Answer failure(Errc code, std::string message, std::string function, NodeId node) {
  Answer answer;
  answer.code = code;
  answer.message = std::move(message);
  answer.function = std::move(function);
  answer.node = node;
  return answer;
}

wire::RpcAnswer message_of(const CallKey& key, std::uint32_t attempt, Answer&& answer) {
  wire::RpcAnswer message;
  message.call = key.call;
  message.origin = key.origin;
  message.origin_incarnation = key.incarnation;
  message.attempt = attempt;
  message.code = answer.code;
  message.is_retryable = is_retryable(answer.code);
  message.message = std::move(answer.message);
  message.function = std::move(answer.function);
  message.node = answer.node;
  message.content_type = std::move(answer.content_type);
  return message;
}

Answer answer_of(wire::RpcAnswer&& message, Bytes&& payload) {
  Answer answer;
  answer.code = message.code;
  answer.message = std::move(message.message);
  answer.function = std::move(message.function);
  answer.node = message.node;
  answer.content_type = std::move(message.content_type);
  answer.payload = std::move(payload);
  return answer;
}

wire::Envelope envelope_of(const CallKey& key, const Travel& travel) {
  wire::Envelope envelope;
  envelope.kind = wire::Kind::rpc;
  envelope.priority = travel.priority;
  envelope.correlation = key.call.value;
  envelope.trace = travel.trace;
  return envelope;
}

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  return std::string(text.substr(0, limits::text_bytes_max));
}

}  // namespace mpreg::rpc
