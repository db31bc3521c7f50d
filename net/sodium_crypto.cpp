#include "net/sodium_crypto.hpp"

#include <utility>

#include <sodium.h>

namespace mpreg::net {
namespace {
const unsigned char* raw(const void* data) { return static_cast<const unsigned char*>(data); }
}  // namespace

Result<SodiumCrypto> SodiumCrypto::make(std::string key) {
  if (sodium_init() < 0) return fail(Errc::internal, "libsodium does not start");
  if (!key.empty() && (key.size() < crypto_generichash_KEYBYTES_MIN ||
                       key.size() > crypto_generichash_KEYBYTES_MAX))
    return fail(Errc::invalid_argument,
                "the cluster key has " + std::to_string(key.size()) + " bytes; expected 16 to 64");
  return SodiumCrypto(std::move(key));
}

wire::Tag SodiumCrypto::sign(ByteView message) {
  wire::Tag tag{};
  crypto_generichash(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), raw(message.data()),
                     message.size(), key_.empty() ? nullptr : raw(key_.data()), key_.size());
  return tag;
}

std::uint64_t entropy64() {
  std::uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

}  // namespace mpreg::net
