#include "engine/wire/rpc_codec.hpp"

#include "engine/wire/record_codec.hpp"

namespace mpreg::wire::detail {
namespace {

/// The selector is a group: its fields lie in the call, only its texts add to it.
std::size_t selector_words(const FunctionSelector& selector) {
  return text_words(selector.name, limits::name_bytes_max) +
         text_words(selector.function_id, limits::name_bytes_max) +
         text_words(selector.constraint, limits::text_bytes_max) +
         texts_words(selector.resources, limits::list_max, limits::name_bytes_max);
}
void write_selector(const FunctionSelector& selector, schema::RpcCall::Selector::Builder out) {
  out.setCluster(selector.cluster.value);
  out.setNode(selector.node.value);
  if (!selector.name.empty()) out.setName(as_text(selector.name));
  if (!selector.function_id.empty()) out.setFunctionId(as_text(selector.function_id));
  if (!selector.constraint.empty()) out.setConstraint(as_text(selector.constraint));
  if (const auto size = static_cast<unsigned>(selector.resources.size()); size != 0)
    write_texts(selector.resources, out.initResources(size));
}
FunctionSelector read_selector(schema::RpcCall::Selector::Reader in, Reading& reading) {
  FunctionSelector out;
  reading.text(in.getName(), limits::name_bytes_max, "selector.name", out.name);
  reading.text(in.getFunctionId(), limits::name_bytes_max, "selector.function_id", out.function_id);
  reading.text(in.getConstraint(), limits::text_bytes_max, "selector.constraint", out.constraint);
  out.resources = reading.texts(in.getResources(), limits::list_max, limits::name_bytes_max,
                                "selector.resources");
  out.cluster = ClusterId{in.getCluster()};
  out.node = NodeId{in.getNode()};
  return out;
}

}  // namespace

std::size_t words(const RpcCall& call) {
  return struct_words<schema::RpcCall> + selector_words(call.selector) +
         text_words(call.content_type, limits::text_bytes_max);
}
std::size_t words(const RpcAnswer& answer) {
  return struct_words<schema::RpcAnswer> + text_words(answer.message, limits::text_bytes_max) +
         text_words(answer.function, limits::name_bytes_max) +
         text_words(answer.content_type, limits::text_bytes_max);
}
std::size_t words(const RpcCancel&) { return struct_words<schema::RpcCancel>; }
std::size_t words(const RpcRegister& request) {
  return struct_words<schema::RpcRegister> +
         list_words(request.functions, limits::register_functions_max,
                    [](const FunctionRecord& record) { return words(record); });
}
std::size_t words(const RpcRegistered& answer) {
  return struct_words<schema::RpcRegistered> + text_words(answer.message, limits::text_bytes_max);
}

void write(const RpcCall& call, schema::RpcCall::Builder out) {
  out.setCall(call.call.value);
  out.setOrigin(call.origin.value);
  out.setOriginIncarnation(call.origin_incarnation.value);
  out.setAttempt(call.attempt);
  out.setIsIdempotent(call.is_idempotent);
  write_selector(call.selector, out.getSelector());
  if (!call.content_type.empty()) out.setContentType(as_text(call.content_type));
}
void write(const RpcAnswer& answer, schema::RpcAnswer::Builder out) {
  out.setCall(answer.call.value);
  out.setOrigin(answer.origin.value);
  out.setOriginIncarnation(answer.origin_incarnation.value);
  out.setNode(answer.node.value);
  out.setAttempt(answer.attempt);
  out.setLoad(answer.load);
  out.setCode(static_cast<std::uint16_t>(answer.code));
  out.setIsRetryable(answer.is_retryable);
  if (!answer.message.empty()) out.setMessage(as_text(answer.message));
  if (!answer.function.empty()) out.setFunction(as_text(answer.function));
  if (!answer.content_type.empty()) out.setContentType(as_text(answer.content_type));
}
void write(const RpcCancel& cancel, schema::RpcCancel::Builder out) {
  out.setCall(cancel.call.value);
  out.setOrigin(cancel.origin.value);
  out.setOriginIncarnation(cancel.origin_incarnation.value);
}
void write(const RpcRegister& request, schema::RpcRegister::Builder out) {
  out.setRequest(request.request);
  out.setIsRemoval(request.is_removal);
  if (const auto size = static_cast<unsigned>(request.functions.size()); size != 0)
    write_list(request.functions, out.initFunctions(size),
               [](const FunctionRecord& record, auto item) { write(record, item); });
}
void write(const RpcRegistered& answer, schema::RpcRegistered::Builder out) {
  out.setRequest(answer.request);
  out.setCode(static_cast<std::uint16_t>(answer.code));
  if (!answer.message.empty()) out.setMessage(as_text(answer.message));
}

RpcCall read(schema::RpcCall::Reader in, Reading& reading) {
  RpcCall out;
  out.call = CallId{in.getCall()};
  out.origin = NodeId{in.getOrigin()};
  out.origin_incarnation = Incarnation{in.getOriginIncarnation()};
  out.attempt = in.getAttempt();
  out.is_idempotent = in.getIsIdempotent();
  out.selector = read_selector(in.getSelector(), reading);
  reading.text(in.getContentType(), limits::text_bytes_max, "content_type", out.content_type);
  return out;
}
RpcAnswer read(schema::RpcAnswer::Reader in, Reading& reading) {
  RpcAnswer out;
  out.call = CallId{in.getCall()};
  out.origin = NodeId{in.getOrigin()};
  out.origin_incarnation = Incarnation{in.getOriginIncarnation()};
  out.attempt = in.getAttempt();
  out.code = static_cast<Errc>(in.getCode());
  out.is_retryable = in.getIsRetryable();
  reading.text(in.getMessage(), limits::text_bytes_max, "message", out.message);
  reading.text(in.getFunction(), limits::name_bytes_max, "function", out.function);
  out.node = NodeId{in.getNode()};
  out.load = in.getLoad();
  reading.text(in.getContentType(), limits::text_bytes_max, "content_type", out.content_type);
  return out;
}
RpcCancel read(schema::RpcCancel::Reader in, Reading&) {
  RpcCancel out;
  out.call = CallId{in.getCall()};
  out.origin = NodeId{in.getOrigin()};
  out.origin_incarnation = Incarnation{in.getOriginIncarnation()};
  return out;
}
RpcRegister read(schema::RpcRegister::Reader in, Reading& reading) {
  RpcRegister out;
  out.request = in.getRequest();
  out.is_removal = in.getIsRemoval();
  out.functions =
      reading.list<FunctionRecord>(in.getFunctions(), limits::register_functions_max, "functions");
  return out;
}
RpcRegistered read(schema::RpcRegistered::Reader in, Reading& reading) {
  RpcRegistered out;
  out.request = in.getRequest();
  out.code = static_cast<Errc>(in.getCode());
  reading.text(in.getMessage(), limits::text_bytes_max, "message", out.message);
  return out;
}

}  // namespace mpreg::wire::detail
