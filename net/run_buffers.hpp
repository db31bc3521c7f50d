#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace mpreg::net {

/// Buffers for small frames that come together, used again and again.
///
/// To glibc they are large: it answers such a request by tidying up every small block that is free,
/// so that the next small ones are slow, too. A buffer may come back on any thread, and later than
/// its owner lets go of this. Bounds: `kept_max` wait to be used, whatever is out.
class RunBuffers : public std::enable_shared_from_this<RunBuffers> {
 public:
  static constexpr std::size_t buffer_bytes = 4096;
  static constexpr std::size_t kept_max = 64;

  RunBuffers() { kept_.reserve(kept_max); }
  /// A buffer of buffer_bytes, not cleared. Requires: this is owned by a shared_ptr.
  [[nodiscard]] std::shared_ptr<std::byte[]> take();
  [[nodiscard]] std::size_t kept() const;

 private:
  void give_back(std::unique_ptr<std::byte[]> buffer);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte[]>> kept_;  ///< Guarded.
};

}  // namespace mpreg::net
