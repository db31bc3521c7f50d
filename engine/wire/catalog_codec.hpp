#pragma once

#include "engine/wire/catalog_messages.hpp"
#include "engine/wire/record_codec.hpp"
#include "engine/wire/schema/catalog.capnp.h"

/// Gossip of the catalog <-> Cap'n Proto. Internal to engine/wire; the contract is in
/// codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const OwnerDelta& delta);
[[nodiscard]] std::size_t words(const CatalogDelta& delta);
[[nodiscard]] std::size_t words(const GossipSummary& summary);
[[nodiscard]] std::size_t words(const GossipDigest& digest);

void write(const OwnerDelta& delta, schema::OwnerDelta::Builder out);
void write(const CatalogDelta& delta, schema::CatalogDelta::Builder out);
void write(const GossipSummary& summary, schema::GossipSummary::Builder out);
void write(const DigestEntry& entry, schema::DigestEntry::Builder out);
void write(const GossipDigest& digest, schema::GossipDigest::Builder out);

[[nodiscard]] CatalogDelta read(schema::CatalogDelta::Reader in, Reading& reading);
[[nodiscard]] GossipSummary read(schema::GossipSummary::Reader in, Reading& reading);
[[nodiscard]] DigestEntry read(schema::DigestEntry::Reader in, Reading& reading);
[[nodiscard]] GossipDigest read(schema::GossipDigest::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
