#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/semantic_version.hpp"
#include "engine/rpc/slab.hpp"
#include "engine/wire/builtin_functions.hpp"
#include "engine/wire/rpc_messages.hpp"

namespace mpreg::rpc {

using wire::Builtin;

/// A function this node offers, and who executes it.
struct Offer {
  wire::FunctionRecord record;
  SemanticVersion version;
  wire::FunctionSelector selector;  ///< Exact; what a worker is told.
  Builtin builtin = Builtin::none;
  std::vector<LinkId> servers;  ///< Sorted; none (0) is the Host of this node.
  std::uint32_t running = 0;    ///< Executions that refer to it.

  /// Not what runs, which the Callee starts anew.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.record, self.builtin, self.servers);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();
};

/// Who serves which functions at this node.
///
/// Rules of registration: a name and a function id belong together within the node, both ways;
/// versions stand side by side; one link offers one version of a function with one set of
/// resources; built-in functions cannot be taken over; the same offer twice is one offer. A whole
/// registration holds or none of it.
/// Limits: limits::register_functions_max a registration, limits::offers_max in all.
class Workers {
 public:
  using Functions = std::vector<wire::FunctionRecord>;

  /// Adds the functions of the engine itself. Requires: first of all.
  void add_builtins();

  /// Would add() take these functions of a link? Returns them in canonical form.
  /// Errors: invalid_argument, conflict, overloaded (too many).
  [[nodiscard]] Result<Functions> check(LinkId link, Functions functions) const;
  /// Registers functions of a link (none = Host); returns the offers that are new at this node.
  /// Requires: they came from check() for the same link just now.
  [[nodiscard]] Functions add(LinkId link, Functions functions);
  /// Takes functions of a link back; returns the offers that nobody here serves any more.
  /// Errors: invalid_argument, not_found; then nothing changed.
  [[nodiscard]] Result<Functions> remove(LinkId link, Functions functions);
  /// The link is gone: its functions too. Returns the offers that nobody here serves any more.
  [[nodiscard]] Functions drop(LinkId link);

  /// The offer that fits a selector best (highest version, fewest resources), or nothing.
  [[nodiscard]] std::optional<std::uint32_t> find(const wire::FunctionSelector& selector) const;
  [[nodiscard]] const Offer& operator[](std::uint32_t offer) const { return offers_[offer]; }
  /// Offers, also those without servers that still run.
  [[nodiscard]] std::size_t size() const { return offers_.size(); }
  /// The functions of the engine itself: bits of wire::Builtin.
  [[nodiscard]] std::uint64_t builtins() const;
  /// Every function of workers and the Host offered now, by name, id, version and resources.
  [[nodiscard]] Functions list() const;

  /// Who should execute: fewest executions running, then the lowest link. Nothing when nobody
  /// serves the offer or everybody has `running_max`.
  [[nodiscard]] std::optional<LinkId> choose(std::uint32_t offer, std::size_t running_max) const;
  void start(std::uint32_t offer, LinkId link);
  /// Ends what `start` began; an offer without servers lives until its last execution ends.
  void finish(std::uint32_t offer, LinkId link);
  [[nodiscard]] std::uint32_t running(LinkId link) const;
  [[nodiscard]] bool is_offer(std::uint32_t offer) const { return offers_.is_used(offer); }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.offers_, self.by_name_, self.by_id_, self.servers_);
  }
  /// False unless each offer is where it can be found, and nothing else.
  [[nodiscard]] bool restored() const;

 private:
  /// What one link serves and does.
  struct Server {
    std::vector<std::uint32_t> offers;  ///< In order of registration.
    std::uint32_t running = 0;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.offers);
    }
  };
  using Indexes = std::vector<std::uint32_t>;

  [[nodiscard]] Result<Functions> normalized(Functions functions) const;
  [[nodiscard]] Status check_versions(LinkId link, const wire::FunctionRecord& function) const;
  [[nodiscard]] Status check_binding(const wire::FunctionRecord& function) const;
  [[nodiscard]] std::optional<std::uint32_t> find_exact(const wire::FunctionRecord& function) const;
  std::uint32_t open(wire::FunctionRecord function, Builtin builtin);
  void detach(LinkId link, std::uint32_t offer, Functions& vanished);
  void close_if_unused(std::uint32_t offer);

  Slab<Offer> offers_;
  std::map<std::string, Indexes, std::less<>> by_name_;  ///< Offers with servers or executions.
  std::map<std::string, Indexes, std::less<>> by_id_;
  std::map<LinkId, Server> servers_;  ///< Links with functions or executions; none is the Host.
};

}  // namespace mpreg::rpc
