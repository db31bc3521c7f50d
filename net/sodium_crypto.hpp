#pragma once

#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::net {

/// The Crypto port: keyed BLAKE2b-256 by libsodium. Without a key the tags prove nothing.
class SodiumCrypto : public runtime::Crypto {
 public:
  /// Starts libsodium. Errors: internal; invalid_argument when the key is not 16 to 64 bytes.
  [[nodiscard]] static Result<SodiumCrypto> make(std::string key);

  [[nodiscard]] wire::Tag sign(ByteView message) override;
  [[nodiscard]] bool has_key() const { return !key_.empty(); }

 private:
  explicit SodiumCrypto(std::string key) : key_(std::move(key)) {}
  std::string key_;
};

/// Bytes of the operating system's entropy: the seed of a node's life.
[[nodiscard]] std::uint64_t entropy64();

}  // namespace mpreg::net
