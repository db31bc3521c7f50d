#pragma once

#include <optional>

#include "engine/runtime/input.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::fabric {

/// Finds the incarnation of this life and makes it durable before anybody hears it.
///
/// The larger of what the host proposes (microseconds of the start) and one more than the last one
/// on disk: a clock that was set back cannot make a node look older than its own past. Stages:
/// `reading` the last incarnation, `writing` the new one, `done`, or `failed` when storage says so;
/// a node whose mandatory state is damaged does not serve.
class Boot {
 public:
  enum class Stage : std::uint8_t {
    idle = 0,     ///< Started has not come.
    reading = 1,  ///< The last incarnation is being fetched.
    writing = 2,  ///< The new one is being made durable.
    done = 3,
    failed = 4,  ///< Storage failed or is corrupt; noted.
  };

  explicit Boot(bool is_durable) : is_durable_(is_durable) {}

  /// Each returns the incarnation when the boot is done with this input.
  std::optional<Incarnation> on_started(Turn& turn, Incarnation proposed);
  std::optional<Incarnation> on_fetched(Turn& turn, const input::Fetched& fetched);
  std::optional<Incarnation> on_written(Turn& turn, const input::Written& written);

  [[nodiscard]] Stage stage() const { return stage_; }
  /// The incarnation of this life. Requires: stage() is done.
  [[nodiscard]] Incarnation incarnation() const { return incarnation_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.stage_, self.incarnation_, self.read_, self.write_);
  }

 private:
  void give_up(Turn& turn, runtime::StorageStatus status, const char* what);

  bool is_durable_;
  Stage stage_ = Stage::idle;
  Incarnation incarnation_;
  ReadId read_;
  WriteId write_;
};

}  // namespace mpreg::fabric
