#include "engine/rpc/call.hpp"

#include <algorithm>
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
  message.message = first_line(answer.message);
  message.function = std::move(answer.function);
  if (message.function.size() > limits::name_bytes_max)
    message.function.resize(limits::name_bytes_max);
  message.node = answer.node;
  message.content_type = std::move(answer.content_type);
  if (message.content_type.size() > limits::text_bytes_max)
    message.content_type.resize(limits::text_bytes_max);
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

Status check(const runtime::CallRequest& what) {
  const wire::FunctionSelector& selector = what.selector;
  const bool is_small =
      selector.name.size() <= limits::name_bytes_max &&
      selector.function_id.size() <= limits::name_bytes_max &&
      selector.constraint.size() <= limits::text_bytes_max &&
      selector.resources.size() <= limits::list_max &&
      std::all_of(selector.resources.begin(), selector.resources.end(),
                  [](const std::string& one) { return one.size() <= limits::name_bytes_max; }) &&
      what.content_type.size() <= limits::text_bytes_max;
  if (!is_small) return fail(Errc::invalid_argument, "a text of the call is too long");
  if (what.payload.size() > limits::payload_bytes_max)
    return fail(Errc::too_large, "the payload is larger than a message may be");
  return {};
}

Status check(const std::vector<wire::FunctionRecord>& functions) {
  if (functions.size() > limits::register_functions_max)
    return fail(Errc::too_large, "too many functions at once");
  for (const wire::FunctionRecord& function : functions) {
    const bool is_small =
        function.name.size() <= limits::name_bytes_max &&
        function.function_id.size() <= limits::name_bytes_max &&
        function.version.size() <= limits::name_bytes_max &&
        function.resources.size() <= limits::list_max &&
        std::all_of(function.resources.begin(), function.resources.end(),
                    [](const std::string& one) { return one.size() <= limits::name_bytes_max; });
    if (!is_small) return fail(Errc::invalid_argument, "a text of the registration is too long");
  }
  return {};
}

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  return std::string(text.substr(0, limits::text_bytes_max));
}

}  // namespace mpreg::rpc
