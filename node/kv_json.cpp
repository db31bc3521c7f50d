#include "node/kv_json.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "engine/base/text.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using runtime::KvOp;

constexpr std::array<std::pair<std::string_view, KvOp>, 5> op_names = {{{"get", KvOp::get},
                                                                        {"put", KvOp::put},
                                                                        {"cas", KvOp::cas},
                                                                        {"delete", KvOp::erase},
                                                                        {"open", KvOp::open}}};

std::string_view op_name(KvOp op) {
  for (const auto& [name, known] : op_names)
    if (known == op) return name;
  return "unknown";
}

/// A key and two values, each byte of them an escape of six.
constexpr std::size_t question_bytes_max = 512U << 10;

/// Every code that describe() has a word for.
std::optional<Errc> errc_of(std::string_view word) {
  for (std::uint16_t number = 0; describe(static_cast<Errc>(number)) != "unknown"; ++number)
    if (describe(static_cast<Errc>(number)) == word) return static_cast<Errc>(number);
  return std::nullopt;
}

tl::unexpected<Error> wrong(std::string_view field, std::string_view expected) {
  return fail(Errc::invalid_argument,
              "\"" + std::string(field) + "\": expected " + std::string(expected));
}

Result<std::string> text_in(const json::object& document, std::string_view field) {
  const json::value* const value = document.if_contains(field);
  if (value == nullptr || !value->is_string()) return wrong(field, "a text");
  return std::string(value->as_string());
}

/// 0 when it is not there.
Result<std::uint64_t> number_in(const json::object& document, std::string_view field) {
  const json::value* const value = document.if_contains(field);
  if (value == nullptr) return 0U;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error) return wrong(field, "a whole number that is not negative");
  return number;
}

Bytes text_of(const json::object& document) { return Bytes::copy_of(json::serialize(document)); }

}  // namespace

std::string kv_function(const std::string& group) { return "mpreg.kv." + group; }

Bytes kv_question(const runtime::KvRequest& request) {
  json::object document{{"op", op_name(request.op)}};
  if (request.op != KvOp::open) document["key"] = request.key;
  if (request.op == KvOp::put || request.op == KvOp::cas) document["value"] = request.value.text();
  if (request.op == KvOp::cas) {
    document["expected"] = nullptr;
    if (request.expected) document["expected"] = request.expected->text();
  }
  if (request.session != 0) {
    document["session"] = request.session;
    document["sequence"] = request.sequence;
  }
  return text_of(document);
}

Result<KvQuestion> read_kv_question(const Bytes& payload) {
  if (payload.size() >= question_bytes_max)
    return fail(Errc::too_large, "a question has less than " + std::to_string(question_bytes_max) +
                                     " bytes, this one " + std::to_string(payload.size()));
  json::error_code error;
  const json::value value = json::parse(payload.text(), error);
  if (error || !value.is_object())
    return fail(Errc::invalid_argument, "a question is a JSON object with \"op\" and \"key\"");
  const json::object& document = value.get_object();
  KvQuestion question;
  runtime::KvRequest& request = question.request;
  MPREG_TRY(const std::string word, text_in(document, "op"));
  question.is_for_status = word == "status";
  if (question.is_for_status) return question;
  const auto* const op = std::find_if(op_names.begin(), op_names.end(),
                                      [&](const auto& known) { return known.first == word; });
  if (op == op_names.end()) return wrong("op", "get, put, cas, delete, open or status");
  request.op = op->second;
  if (request.op != KvOp::open) {
    MPREG_TRY(request.key, text_in(document, "key"));
  }
  if (request.op == KvOp::put || request.op == KvOp::cas) {
    MPREG_TRY(const std::string text, text_in(document, "value"));
    request.value = Bytes::copy_of(text);
  }
  if (request.op == KvOp::cas) {
    const json::value* const expected = document.if_contains("expected");
    if (expected == nullptr || !expected->is_null()) {
      MPREG_TRY(const std::string text, text_in(document, "expected"));
      request.expected = Bytes::copy_of(text);
    }
  }
  MPREG_TRY(request.session, number_in(document, "session"));
  MPREG_TRY(request.sequence, number_in(document, "sequence"));
  return question;
}

Bytes kv_answer(const runtime::Outcome& outcome) {
  json::object document{{"code", describe(outcome.code)}};
  if (!outcome.message.empty()) document["message"] = printable(outcome.message, 512);
  if (outcome.code == Errc::not_leader) document["leader"] = outcome.node.value;
  if (outcome.code == Errc::ok) document["value"] = outcome.payload.text();
  return text_of(document);
}

Result<KvAnswer> read_kv_answer(const Bytes& payload) {
  json::error_code error;
  const json::value value = json::parse(payload.text(), error);
  if (error || !value.is_object()) return fail(Errc::malformed, "the answer is no JSON object");
  const json::object& document = value.get_object();
  const auto read = [&]() -> Result<KvAnswer> {
    KvAnswer answer;
    MPREG_TRY(const std::string word, text_in(document, "code"));
    const auto code = errc_of(word);
    answer.code = code.value_or(Errc::internal);
    if (document.contains("message")) {
      MPREG_TRY(answer.message, text_in(document, "message"));
    }
    if (document.contains("value")) {
      MPREG_TRY(answer.value, text_in(document, "value"));
    }
    MPREG_TRY(answer.leader.value, number_in(document, "leader"));
    return answer;
  };
  Result<KvAnswer> answer = read();
  if (!answer) return fail(Errc::malformed, "the answer: " + answer.error().message);
  return answer;
}

}  // namespace mpreg::node
