#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::catalog {

/// The key under which an owner holds a body; two bodies with one key replace each other.
[[nodiscard]] wire::RecordKey key_of(const wire::RecordBody& body);
[[nodiscard]] wire::RecordKey key_of(const wire::FunctionRecord& function);

/// Brings a body of this node into the form all nodes compare: lists sorted without repetition,
/// the function id filled in, the version canonical. Errors: invalid_argument, too_large; the text
/// names the field. What this accepts, the codec can encode.
[[nodiscard]] Result<wire::RecordBody> normalized(wire::RecordBody body);

/// True when a body that came from outside is in normal form and belongs under the key.
[[nodiscard]] bool is_normal(const wire::RecordKey& key, const wire::RecordBody& body);

/// About how many bytes the record takes on the wire; an upper estimate for budgets.
[[nodiscard]] std::size_t size_bytes(const wire::RecordKey& key);
[[nodiscard]] std::size_t size_bytes(const wire::RecordBody& body);

/// The kind and the key, "function add 1.0.0 gpu": for messages and notes.
[[nodiscard]] std::string describe(const wire::RecordKey& key);

}  // namespace mpreg::catalog
