#include "node/demo_functions.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>

#include <sodium.h>

#include <boost/json.hpp>

#include "engine/base/text.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr std::int64_t sleep_ms_max = 600'000;

json::value arguments_of(const Invocation& invocation) {
  boost::system::error_code error;
  json::value value = json::parse(invocation.payload.text(), error);
  if (error) throw std::invalid_argument("the arguments are no JSON: " + error.message());
  return value;
}

Returned result(const json::value& value) {
  return {Errc::ok, {}, "application/json", Bytes::copy_of(json::serialize(value))};
}

std::vector<std::int64_t> numbers_of(const Invocation& invocation) {
  const json::value value = arguments_of(invocation);
  std::vector<std::int64_t> numbers;
  if (value.is_array()) {
    for (const json::value& item : value.as_array())
      if (item.is_int64()) numbers.push_back(item.as_int64());
    if (numbers.size() == value.as_array().size()) return numbers;
  }
  throw std::invalid_argument("expected a list of whole numbers, such as [2, 3]");
}

Returned add(const Invocation& invocation) {
  std::int64_t sum = 0;
  for (const std::int64_t number : numbers_of(invocation))
    if (__builtin_add_overflow(sum, number, &sum))
      throw std::overflow_error("the sum is too large");
  return result(sum);
}

Returned multiply(const Invocation& invocation) {
  std::int64_t product = 1;
  for (const std::int64_t number : numbers_of(invocation))
    if (__builtin_mul_overflow(product, number, &product))
      throw std::overflow_error("the product is too large");
  return result(product);
}

Returned sleep_for(const Invocation& invocation) {
  const json::value value = arguments_of(invocation);
  if (!value.is_int64() || value.as_int64() < 0 || value.as_int64() > sleep_ms_max)
    throw std::invalid_argument("expected milliseconds from 0 to 600000");
  std::this_thread::sleep_for(std::chrono::milliseconds(value.as_int64()));
  return result(value);
}

Returned fail_always(const Invocation& invocation) {
  const json::value value = arguments_of(invocation);
  throw std::runtime_error(value.is_string() ? std::string(value.as_string()) : "asked to fail");
}

Returned sha256(const Invocation& invocation) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(),
                     reinterpret_cast<const unsigned char*>(invocation.payload.data()),
                     invocation.payload.size());
  return result(json::value(hex(std::as_bytes(std::span(digest)))));
}

}  // namespace

std::vector<DemoFunction> demo_functions() {
  return {{"add", "the sum of a list of whole numbers", add, RunOn::loop},
          {"multiply", "the product of a list of whole numbers", multiply, RunOn::loop},
          {"sleep", "answers after so many milliseconds", sleep_for, RunOn::pool},
          {"fail", "fails with the message given", fail_always, RunOn::loop},
          {"sha256", "the SHA-256 of the payload in hex", sha256, RunOn::pool}};
}

}  // namespace mpreg::node
