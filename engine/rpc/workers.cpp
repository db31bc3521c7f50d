#include "engine/rpc/workers.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/catalog/record.hpp"
#include "engine/rpc/selection.hpp"

namespace mpreg::rpc {

namespace {

std::string label(const wire::FunctionRecord& function) {
  return "'" + printable(function.name) + "'";
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_same_version(const wire::FunctionRecord& a, const wire::FunctionRecord& b) {
  return a.name == b.name && a.function_id == b.function_id && a.version == b.version;
}

void erase_from(std::vector<std::uint32_t>& list, std::uint32_t value) {
  list.erase(std::remove(list.begin(), list.end(), value), list.end());
}

template <class Key>
void erase_from(std::map<std::string, std::vector<std::uint32_t>, std::less<>>& index,
                const Key& key, std::uint32_t value) {
  const auto found = index.find(key);
  erase_from(found->second, value);
  if (found->second.empty()) index.erase(found);
}

/// Offers that a selector names by its parts; the constraint is looked at by the caller.
bool matches_parts(const wire::FunctionSelector& selector, const wire::FunctionRecord& function) {
  if (!selector.name.empty() && selector.name != function.name) return false;
  if (!selector.function_id.empty() && selector.function_id != function.function_id) return false;
  return std::all_of(
      selector.resources.begin(), selector.resources.end(), [&](const std::string& resource) {
        return std::binary_search(function.resources.begin(), function.resources.end(), resource);
      });
}

}  // namespace

void Workers::add_builtins() {
  for (const wire::BuiltinFunction& function : wire::builtin_functions()) {
    const std::uint32_t offer = open(function.record, function.number);
    offers_[offer].servers.push_back(LinkId{});
    servers_[LinkId{}].offers.push_back(offer);
  }
}

Workers::Functions Workers::add(LinkId link, Functions functions) {
  Functions appeared;
  for (wire::FunctionRecord& function : functions) {
    std::optional<std::uint32_t> offer = find_exact(function);
    if (!offer) offer = open(std::move(function), Builtin::none);
    std::vector<LinkId>& servers = offers_[*offer].servers;
    if (servers.empty()) appeared.push_back(offers_[*offer].record);
    const auto place = std::lower_bound(servers.begin(), servers.end(), link);
    if (place != servers.end() && *place == link) continue;
    servers.insert(place, link);
    servers_[link].offers.push_back(*offer);
  }
  return appeared;
}

Result<Workers::Functions> Workers::remove(LinkId link, Functions functions) {
  MPREG_TRY(functions, normalized(std::move(functions)));
  std::vector<std::uint32_t> offers;
  for (const wire::FunctionRecord& function : functions) {
    const std::optional<std::uint32_t> offer = find_exact(function);
    const bool is_served =
        offer && offers_[*offer].builtin == Builtin::none &&
        std::binary_search(offers_[*offer].servers.begin(), offers_[*offer].servers.end(), link);
    if (!is_served)
      return fail(Errc::not_found, "function " + label(function) + " " + function.version +
                                       " is not registered here by you");
    if (std::find(offers.begin(), offers.end(), *offer) == offers.end()) offers.push_back(*offer);
  }
  Functions vanished;
  for (const std::uint32_t offer : offers) detach(link, offer, vanished);
  return vanished;
}

Workers::Functions Workers::drop(LinkId link) {
  Functions vanished;
  const auto found = servers_.find(link);
  if (found == servers_.end()) return vanished;
  const std::vector<std::uint32_t> offers = found->second.offers;
  for (const std::uint32_t offer : offers) detach(link, offer, vanished);
  return vanished;
}

std::optional<std::uint32_t> Workers::find(const wire::FunctionSelector& selector) const {
  const auto& index = selector.name.empty() ? by_id_ : by_name_;
  const auto found = index.find(selector.name.empty() ? selector.function_id : selector.name);
  if (found == index.end()) return std::nullopt;
  std::optional<std::uint32_t> best;
  std::optional<VersionConstraint> constraint;
  for (const std::uint32_t offer : found->second) {
    const Offer& candidate = offers_[offer];
    if (candidate.servers.empty() || !matches_parts(selector, candidate.record)) continue;
    if (selector.constraint != candidate.selector.constraint) {
      if (!constraint) {
        auto parsed = VersionConstraint::parse(selector.constraint);
        if (!parsed) return std::nullopt;
        constraint = std::move(*parsed);
      }
      if (!constraint->matches(candidate.version)) continue;
    }
    if (best) {
      const Offer& other = offers_[*best];
      if (other.version > candidate.version) continue;
      if (other.version == candidate.version &&
          std::make_pair(other.record.resources.size(), other.record.resources) <=
              std::make_pair(candidate.record.resources.size(), candidate.record.resources))
        continue;
    }
    best = offer;
  }
  return best;
}

std::uint64_t Workers::builtins() const {
  std::uint64_t bits = 0;
  for (const wire::BuiltinFunction& function : wire::builtin_functions())
    if (find_exact(function.record)) bits |= bit_of(function.number);
  return bits;
}

Workers::Functions Workers::list() const {
  Functions functions;
  for (const auto& [name, offers] : by_name_)
    for (const std::uint32_t offer : offers)
      if (offers_[offer].builtin == Builtin::none && !offers_[offer].servers.empty())
        functions.push_back(offers_[offer].record);
  std::sort(functions.begin(), functions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.function_id, a.version, a.resources) <
           std::tie(b.name, b.function_id, b.version, b.resources);
  });
  return functions;
}

std::optional<LinkId> Workers::choose(std::uint32_t offer, std::size_t running_max) const {
  const std::vector<LinkId>& servers = offers_[offer].servers;
  std::optional<LinkId> best;
  std::uint32_t best_running = 0;
  for (const LinkId link : servers) {  // ascending: of equals the lowest stays
    const std::uint32_t running_now = running(link);
    if (running_now >= running_max || (best && running_now >= best_running)) continue;
    best = link;
    best_running = running_now;
  }
  return best;
}

void Workers::start(std::uint32_t offer, LinkId link) {
  ++offers_[offer].running;
  ++servers_[link].running;
}

void Workers::finish(std::uint32_t offer, LinkId link) {
  MPREG_ASSERT(offers_[offer].running > 0);
  --offers_[offer].running;
  const auto server = servers_.find(link);
  MPREG_ASSERT(server != servers_.end() && server->second.running > 0);
  if (--server->second.running == 0 && server->second.offers.empty()) servers_.erase(server);
  close_if_unused(offer);
}

std::uint32_t Workers::running(LinkId link) const {
  const auto found = servers_.find(link);
  return found == servers_.end() ? 0 : found->second.running;
}

/// The functions in the form the catalog compares, with names fit for people.
Result<Workers::Functions> Workers::normalized(Functions functions) const {
  if (functions.empty()) return fail(Errc::invalid_argument, "no functions are named");
  if (functions.size() > limits::register_functions_max)
    return fail(
        Errc::invalid_argument,
        "more than " + std::to_string(limits::register_functions_max) + " functions at once");
  for (wire::FunctionRecord& function : functions) {
    if (function.name.empty() || function.name.size() > limits::name_bytes_max)
      return fail(Errc::invalid_argument,
                  "function name " + label(function) + ": expected 1 to 128 bytes");
    if (has_control(function.name) || has_control(function.function_id))
      return fail(Errc::invalid_argument,
                  "function name or id of " + label(function) + ": expected no control characters");
    auto body = catalog::normalized(std::move(function));
    if (!body) return fail(body.error().code, std::move(body.error().message));
    function = std::get<wire::FunctionRecord>(std::move(*body));
  }
  return functions;
}

Result<Workers::Functions> Workers::check(LinkId link, Functions functions) const {
  MPREG_TRY(functions, normalized(std::move(functions)));
  std::size_t added = 0;
  for (auto one = functions.begin(); one != functions.end(); ++one) {
    MPREG_CHECK(check_binding(*one));
    MPREG_CHECK(check_versions(link, *one));
    if (!find_exact(*one)) ++added;
    for (auto other = functions.begin(); other != one; ++other) {
      if ((other->name == one->name) != (other->function_id == one->function_id))
        return fail(Errc::conflict, "function " + label(*one) +
                                        ": the registration binds a name or id in two ways");
      if (is_same_version(*other, *one) && other->resources != one->resources)
        return fail(Errc::conflict, "function " + label(*one) + " " + one->version +
                                        " is named twice with other resources");
    }
  }
  if (offers_.size() + added > limits::offers_max)
    return fail(Errc::overloaded,
                "this node offers at most " + std::to_string(limits::offers_max) + " functions");
  return functions;
}

/// One link offers a version of a function with one set of resources.
Status Workers::check_versions(LinkId link, const wire::FunctionRecord& function) const {
  const auto found = by_name_.find(function.name);
  if (found == by_name_.end()) return {};
  for (const std::uint32_t offer : found->second) {
    const Offer& other = offers_[offer];
    if (is_same_version(other.record, function) && other.record.resources != function.resources &&
        std::binary_search(other.servers.begin(), other.servers.end(), link))
      return fail(Errc::conflict, "function " + label(function) + " " + function.version +
                                      " is already registered by you with other resources");
  }
  return {};
}

/// A name and an id belong together; nobody takes over what the engine offers.
Status Workers::check_binding(const wire::FunctionRecord& function) const {
  if (const auto same_name = by_name_.find(function.name); same_name != by_name_.end()) {
    const Offer& other = offers_[same_name->second.front()];
    if (other.builtin != Builtin::none)
      return fail(Errc::conflict, "function name " + label(function) + " is built in");
    if (other.record.function_id != function.function_id)
      return fail(Errc::conflict, "function name " + label(function) + " is bound to id '" +
                                      printable(other.record.function_id) + "', not '" +
                                      printable(function.function_id) + "'");
  }
  if (const auto same_id = by_id_.find(function.function_id); same_id != by_id_.end()) {
    const Offer& other = offers_[same_id->second.front()];
    if (other.record.name != function.name)
      return fail(Errc::conflict, "function id '" + printable(function.function_id) +
                                      "' is bound to name '" + printable(other.record.name) +
                                      "', not " + label(function));
  }
  return {};
}

std::optional<std::uint32_t> Workers::find_exact(const wire::FunctionRecord& function) const {
  const auto found = by_name_.find(function.name);
  if (found == by_name_.end()) return std::nullopt;
  for (const std::uint32_t offer : found->second)
    if (offers_[offer].record == function) return offer;
  return std::nullopt;
}

std::uint32_t Workers::open(wire::FunctionRecord function, Builtin builtin) {
  const std::uint32_t index = offers_.add();
  Offer& offer = offers_[index];
  const auto version = SemanticVersion::parse(function.version);
  MPREG_ASSERT(version.has_value());  // normalized
  offer.version = *version;
  offer.selector = exact_selector(function);
  offer.builtin = builtin;
  offer.record = std::move(function);
  by_name_[offer.record.name].push_back(index);
  by_id_[offer.record.function_id].push_back(index);
  return index;
}

void Workers::detach(LinkId link, std::uint32_t offer, Functions& vanished) {
  std::vector<LinkId>& servers = offers_[offer].servers;
  servers.erase(std::remove(servers.begin(), servers.end(), link), servers.end());
  const auto server = servers_.find(link);
  erase_from(server->second.offers, offer);
  if (server->second.offers.empty() && server->second.running == 0) servers_.erase(server);
  if (!servers.empty()) return;
  vanished.push_back(offers_[offer].record);
  close_if_unused(offer);
}

void Workers::close_if_unused(std::uint32_t offer) {
  if (offers_[offer].running > 0 || !offers_[offer].servers.empty()) return;
  const wire::FunctionRecord& function = offers_[offer].record;
  erase_from(by_name_, function.name, offer);
  erase_from(by_id_, function.function_id, offer);
  offers_.release(offer);
}

bool Offer::restored() {
  const auto parsed = SemanticVersion::parse(record.version);
  if (!parsed) return false;
  version = *parsed;
  selector = exact_selector(record);
  return true;
}

bool Workers::restored() const {
  const auto holds = [](const Indexes& indexes, std::uint32_t offer) {
    return std::count(indexes.begin(), indexes.end(), offer) == 1;
  };
  const auto is_listed = [&](const auto& index, const std::string& key, std::uint32_t offer) {
    const auto found = index.find(key);
    return found != index.end() && holds(found->second, offer);
  };
  std::size_t servings = 0;
  for (std::uint32_t offer = 0; offer < offers_.extent(); ++offer) {
    if (!offers_.is_used(offer)) continue;
    const Offer& one = offers_[offer];
    if (!is_listed(by_name_, one.record.name, offer)) return false;
    if (!is_listed(by_id_, one.record.function_id, offer)) return false;
    for (const LinkId link : one.servers) {
      const auto server = servers_.find(link);
      if (server == servers_.end() || !holds(server->second.offers, offer)) return false;
    }
    servings += one.servers.size();
  }
  const auto is_all = [](const auto& index, std::size_t count, const auto& list_of) {
    for (const auto& [key, value] : index) {
      const std::size_t size = list_of(value).size();
      if (size > count) return false;
      count -= size;
    }
    return count == 0;
  };
  const auto itself = [](const Indexes& list) -> const Indexes& { return list; };
  const auto offers_of = [](const Server& server) -> const Indexes& { return server.offers; };
  return is_all(by_name_, offers_.size(), itself) && is_all(by_id_, offers_.size(), itself) &&
         is_all(servers_, servings, offers_of);
}

}  // namespace mpreg::rpc
