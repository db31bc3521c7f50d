#include "engine/catalog/record.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/base/semantic_version.hpp"
#include "engine/base/text.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::catalog {
namespace {

using wire::RecordKey;
using wire::RecordKind;

/// Joins the parts of a key; texts that contain it are refused.
constexpr char separator = '\n';

struct TextRule {
  std::string_view field;
  std::size_t bytes_max;
  bool may_be_empty = false;
};

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

Status check_text(const TextRule& rule, std::string_view text) {
  if (text.empty() && !rule.may_be_empty)
    return fail(Errc::invalid_argument, std::string(rule.field) + " is empty");
  if (text.size() > rule.bytes_max)
    return fail(Errc::too_large, std::string(rule.field) + " '" + printable(text, 40) + "' has " +
                                     std::to_string(text.size()) + " bytes; at most " +
                                     std::to_string(rule.bytes_max) + " are allowed");
  if (!is_printable(text))
    return fail(Errc::invalid_argument, std::string(rule.field) + " '" + printable(text, 40) +
                                            "' contains a control character");
  return {};
}

Status check_texts(const TextRule& rule, const std::vector<std::string>& texts) {
  if (texts.size() > limits::list_max)
    return fail(Errc::too_large, std::string(rule.field) + " lists " +
                                     std::to_string(texts.size()) + " items; at most " +
                                     std::to_string(limits::list_max) + " are allowed");
  for (const std::string& text : texts) MPREG_CHECK(check_text(rule, text));
  return {};
}

void sort_set(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

/// Strictly ascending: what sort_set leaves behind.
bool is_set(const std::vector<std::string>& texts) {
  return std::adjacent_find(texts.begin(), texts.end(), std::greater_equal<>()) == texts.end();
}

template <class Pairs>
bool is_sorted_by_key(const Pairs& pairs) {
  return std::adjacent_find(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
           return a.first >= b.first;
         }) == pairs.end();
}

// --- one overload of check(), tidy(), is_tidy() and key_text() a kind ----------------------------
// check() says whether the content is allowed; tidy() then brings what may be said in several ways
// into the one of which is_tidy() holds.

Status tidy(wire::NodeRecord& node) {
  sort_set(node.capabilities);
  sort_set(node.resources);
  return {};
}
bool is_tidy(const wire::NodeRecord& node) {
  return is_set(node.capabilities) && is_set(node.resources);
}
Status check(const wire::NodeRecord& node) {
  MPREG_CHECK(check_text({"node name", limits::name_bytes_max}, node.name));
  MPREG_CHECK(check_text({"cluster name", limits::name_bytes_max, true}, node.cluster_name));
  MPREG_CHECK(check_texts({"address", limits::address_bytes_max}, node.addresses));
  MPREG_CHECK(check_texts({"capability", limits::name_bytes_max}, node.capabilities));
  return check_texts({"resource", limits::name_bytes_max}, node.resources);
}

Status tidy(wire::FunctionRecord& function) {
  sort_set(function.resources);
  return {};
}
/// What may be left out of a function; before check().
Status fill_in(wire::FunctionRecord& function) {
  if (function.function_id.empty()) function.function_id = function.name;
  MPREG_TRY(const SemanticVersion version,
            SemanticVersion::parse(function.version.empty() ? "1.0.0" : function.version));
  function.version = mpreg::describe(version);
  return {};
}
template <class Record>
Status fill_in(Record&) {
  return {};
}
bool is_tidy(const wire::FunctionRecord& function) {
  const Result<SemanticVersion> version = SemanticVersion::parse(function.version);
  return version && mpreg::describe(*version) == function.version && is_set(function.resources);
}
Status check(const wire::FunctionRecord& function) {
  MPREG_CHECK(check_text({"function name", limits::name_bytes_max}, function.name));
  MPREG_CHECK(check_text({"function id", limits::name_bytes_max}, function.function_id));
  MPREG_CHECK(check_text({"function version", limits::name_bytes_max}, function.version));
  return check_texts({"resource", limits::name_bytes_max}, function.resources);
}

Status tidy(wire::SubscriptionRecord& subscription) {
  sort_set(subscription.patterns);
  return {};
}
bool is_tidy(const wire::SubscriptionRecord& subscription) { return is_set(subscription.patterns); }
Status check(const wire::SubscriptionRecord& subscription) {
  MPREG_CHECK(check_text({"subscription id", limits::text_bytes_max}, subscription.id));
  return check_texts({"pattern", limits::topic_bytes_max}, subscription.patterns);
}

Status tidy(wire::QueueRecord& queue) {
  sort_set(queue.guarantees);
  std::sort(queue.metadata.begin(), queue.metadata.end());
  if (!is_sorted_by_key(queue.metadata))
    return fail(Errc::invalid_argument, "queue metadata has a key twice");
  return {};
}
bool is_tidy(const wire::QueueRecord& queue) {
  return is_set(queue.guarantees) && is_sorted_by_key(queue.metadata);
}
Status check(const wire::QueueRecord& queue) {
  MPREG_CHECK(check_text({"queue name", limits::text_bytes_max}, queue.name));
  MPREG_CHECK(check_texts({"guarantee", limits::name_bytes_max}, queue.guarantees));
  if (queue.health > wire::QueueHealth::unavailable)
    return fail(Errc::invalid_argument, "queue health is none of the known ones");
  if (queue.metadata.size() > limits::list_max)
    return fail(Errc::too_large,
                "queue metadata has more than " + std::to_string(limits::list_max) + " entries");
  for (const auto& [key, value] : queue.metadata) {
    MPREG_CHECK(check_text({"metadata key", limits::text_bytes_max}, key));
    MPREG_CHECK(check_text({"metadata value", limits::text_bytes_max, true}, value));
  }
  return {};
}

Status tidy(wire::CacheRoleRecord&) { return {}; }
bool is_tidy(const wire::CacheRoleRecord&) { return true; }
Status check(const wire::CacheRoleRecord& role) {
  if (role.role > wire::CacheRole::monitor)
    return fail(Errc::invalid_argument, "cache role is none of the known ones");
  return {};
}

Status tidy(wire::CacheProfileRecord&) { return {}; }
bool is_tidy(const wire::CacheProfileRecord&) { return true; }
Status check(const wire::CacheProfileRecord& profile) {
  return check_text({"region", limits::text_bytes_max, true}, profile.region);
}

template <class Record>
Status normalize(Record& record) {
  MPREG_CHECK(fill_in(record));
  MPREG_CHECK(check(record));
  return tidy(record);
}

std::string key_text(const wire::NodeRecord&) { return {}; }
std::string key_text(const wire::FunctionRecord& function) {
  std::string text = function.function_id + separator + function.version;
  for (const std::string& resource : function.resources) text += separator + resource;
  return text;
}
std::string key_text(const wire::SubscriptionRecord& subscription) { return subscription.id; }
std::string key_text(const wire::QueueRecord& queue) { return queue.name; }
std::string key_text(const wire::CacheRoleRecord& role) {
  return std::to_string(static_cast<unsigned>(role.role));
}
std::string key_text(const wire::CacheProfileRecord&) { return {}; }

// --- sizes on the wire: content, and 16 bytes for the pointer and padding of each text -----------

std::size_t size_of(std::string_view text) { return text.size() + 16; }
std::size_t size_of(const std::vector<std::string>& texts) {
  std::size_t size = 16;
  for (const std::string& text : texts) size += size_of(text);
  return size;
}
std::size_t body_size(const wire::NodeRecord& node) {
  return size_of(node.name) + size_of(node.cluster_name) + size_of(node.addresses) +
         size_of(node.capabilities) + size_of(node.resources);
}
std::size_t body_size(const wire::FunctionRecord& function) {
  return size_of(function.name) + size_of(function.function_id) + size_of(function.version) +
         size_of(function.resources);
}
std::size_t body_size(const wire::SubscriptionRecord& subscription) {
  return size_of(subscription.id) + size_of(subscription.patterns);
}
std::size_t body_size(const wire::QueueRecord& queue) {
  std::size_t size = size_of(queue.name) + size_of(queue.guarantees) + 24;
  for (const auto& [key, value] : queue.metadata) size += size_of(key) + size_of(value);
  return size;
}
std::size_t body_size(const wire::CacheRoleRecord&) { return 8; }
std::size_t body_size(const wire::CacheProfileRecord& profile) {
  return size_of(profile.region) + 48;
}

}  // namespace

RecordKey key_of(const wire::RecordBody& body) {
  return {static_cast<RecordKind>(body.index()),
          std::visit([](const auto& record) { return key_text(record); }, body)};
}

RecordKey key_of(const wire::FunctionRecord& function) {
  return {RecordKind::function, key_text(function)};
}

Result<wire::RecordBody> normalized(wire::RecordBody body) {
  MPREG_CHECK(std::visit([](auto& record) { return normalize(record); }, body));
  return body;
}

bool is_normal(const RecordKey& key, const wire::RecordBody& body) {
  return std::visit([](const auto& record) { return is_tidy(record) && check(record); }, body) &&
         key == key_of(body);
}

std::size_t size_bytes(const RecordKey& key) { return 24 + size_of(key.key); }

std::size_t size_bytes(const wire::RecordBody& body) {
  return 16 + std::visit([](const auto& record) { return body_size(record); }, body);
}

std::string describe(const RecordKey& key) {
  std::string text(wire::describe(key.kind));
  if (key.key.empty()) return text;
  std::string name = key.key;
  std::replace(name.begin(), name.end(), separator, ' ');
  return text + ' ' + printable(name);
}

}  // namespace mpreg::catalog
