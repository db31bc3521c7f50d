#include "engine/runtime/request_text.hpp"

#include <array>

#include "engine/base/text.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::runtime {
namespace {

std::string size_of(const Bytes& payload) { return std::to_string(payload.size()) + "B"; }

std::string text_of(const wire::FunctionSelector& selector) {
  std::string text = printable(selector.name.empty() ? selector.function_id : selector.name);
  if (!selector.constraint.empty()) text += "@" + printable(selector.constraint);
  for (const std::string& resource : selector.resources) text += "+" + printable(resource);
  if (!selector.cluster.is_none()) text += " in " + describe(selector.cluster);
  if (!selector.node.is_none()) text += " at " + describe(selector.node);
  return text;
}

std::string text_of(const CallRequest& request) {
  std::string text = "call{" + text_of(request.selector);
  text += " timeout=" + mpreg::describe(request.timeout);
  if (request.is_idempotent) text += " idempotent";
  return text + " " + size_of(request.payload) + "}";
}
std::string text_of(const CancelRequest& request) {
  return "cancel{request=" + std::to_string(request.call.value) + "}";
}
std::string text_of(const RegisterRequest& request) {
  std::string text = request.is_removal ? "unregister{" : "register{";
  for (std::size_t i = 0; i < request.functions.size(); ++i)
    text += (i == 0 ? "" : " ") + describe(request.functions[i]);
  return text + "}";
}
std::string text_of(const AdvertiseRequest& request) {
  const auto kind =
      request.is_removal ? request.key.kind : static_cast<wire::RecordKind>(request.body.index());
  std::string text = request.is_removal ? "withdraw{" : "advertise{";
  text += wire::describe(kind);
  if (!request.key.key.empty()) text += " " + printable(request.key.key);
  return text + "}";
}
std::string text_of(const DrainRequest&) { return "drain{}"; }
std::string text_of(const LeaveRequest& request) {
  return "leave{" + std::string(wire::describe(request.reason)) + "}";
}

std::string text_of(const KvRequest& request) {
  std::string text = "kv_" + std::string(name_of(request.op)) + "{" + printable(request.group);
  if (!request.key.empty()) text += " " + printable(request.key);
  if (request.session != 0)
    text += " #" + std::to_string(request.session) + "/" + std::to_string(request.sequence);
  return text + " " + size_of(request.value) + "}";
}

}  // namespace

std::string_view name_of(KvOp op) {
  constexpr std::array<std::string_view, 5> words{"get", "put", "cas", "erase", "open"};
  const auto index = static_cast<std::size_t>(op);
  return index < words.size() ? words[index] : "unknown";
}

std::string_view name_of(StorageStatus status) {
  constexpr std::array<std::string_view, 4> words{"ok", "failed", "corrupt", "full"};
  const auto index = static_cast<std::size_t>(status);
  return index < words.size() ? words[index] : "unknown";
}

std::string describe(const Outcome& outcome) {
  std::string text(mpreg::describe(outcome.code));
  if (!outcome.node.is_none()) text += " " + mpreg::describe(outcome.node);
  if (!outcome.message.empty()) text += " \"" + printable(outcome.message) + "\"";
  if (!outcome.payload.empty()) text += " " + size_of(outcome.payload);
  return text;
}

std::string describe(const ClientRequest& request) {
  return std::visit([](const auto& alternative) { return text_of(alternative); }, request);
}

std::string describe(const wire::FunctionRecord& function) {
  return printable(function.name) + "@" + printable(function.version);
}

}  // namespace mpreg::runtime
