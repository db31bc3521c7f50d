#include "engine/fabric/boot.hpp"

#include <algorithm>
#include <charconv>

namespace mpreg::fabric {
namespace {
// "node/" is the keyspace of what a node knows about itself.
constexpr const char* incarnation_key = "node/incarnation";
constexpr const char* incarnation_end = "node/incarnation\x01";

bool parse(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}
}  // namespace

std::optional<Incarnation> Boot::on_started(Turn& turn, Incarnation proposed) {
  incarnation_ = proposed;
  if (!is_durable_) {
    stage_ = Stage::done;
    return incarnation_;
  }
  stage_ = Stage::reading;
  read_ = turn.fetch(incarnation_key, incarnation_end, 1);
  return std::nullopt;
}

std::optional<Incarnation> Boot::on_fetched(Turn& turn, const input::Fetched& fetched) {
  if (stage_ != Stage::reading || fetched.read != read_) return std::nullopt;
  if (fetched.status != runtime::StorageStatus::ok) {
    give_up(turn, fetched.status, "the last incarnation cannot be read");
    return std::nullopt;
  }
  if (!fetched.rows.empty()) {
    std::uint64_t last = 0;
    if (!parse(fetched.rows.front().value.text(), last)) {
      give_up(turn, runtime::StorageStatus::corrupt, "the last incarnation is no number");
      return std::nullopt;
    }
    incarnation_.value = std::max(incarnation_.value, last + 1);
  }
  stage_ = Stage::writing;
  runtime::Batch batch;
  batch.push_back({incarnation_key, false, Bytes::copy_of(std::to_string(incarnation_.value))});
  write_ = turn.commit(std::move(batch), runtime::Durability::sync);
  return std::nullopt;
}

std::optional<Incarnation> Boot::on_written(Turn& turn, const input::Written& written) {
  if (stage_ != Stage::writing || written.write != write_) return std::nullopt;
  if (written.status != runtime::StorageStatus::ok) {
    give_up(turn, written.status, "the incarnation cannot be written");
    return std::nullopt;
  }
  stage_ = Stage::done;
  return incarnation_;
}

void Boot::give_up(Turn& turn, runtime::StorageStatus status, const char* what) {
  stage_ = Stage::failed;
  turn.note(runtime::NoteKind::storage_failed, 0, static_cast<std::uint64_t>(status), what);
}

}  // namespace mpreg::fabric
