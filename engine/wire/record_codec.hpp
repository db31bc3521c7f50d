#pragma once

#include "engine/wire/catalog_messages.hpp"
#include "engine/wire/codec_support.hpp"
#include "engine/wire/schema/catalog.capnp.h"

/// Catalog records <-> Cap'n Proto. Internal to engine/wire; the contract is in codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const FunctionRecord& record);
/// Requires: the key's kind is that of the body (asserted).
[[nodiscard]] std::size_t words(const Record& record);
[[nodiscard]] std::size_t words(const Tombstone& tombstone);

void write(const FunctionRecord& record, schema::FunctionRecord::Builder out);
void write(const Record& record, schema::Record::Builder out);
void write(const Tombstone& tombstone, schema::Tombstone::Builder out);

[[nodiscard]] FunctionRecord read(schema::FunctionRecord::Reader in, Reading& reading);
[[nodiscard]] Record read(schema::Record::Reader in, Reading& reading);
[[nodiscard]] Tombstone read(schema::Tombstone::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
