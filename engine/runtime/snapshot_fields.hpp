#pragma once

#include "engine/base/result.hpp"
#include "engine/runtime/byte_archive.hpp"
#include "engine/runtime/event.hpp"
#include "engine/wire/builtin_functions.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/membership_messages.hpp"
#include "engine/wire/session_messages.hpp"

/// The fields of what components keep and no recorded input holds; as fields.hpp otherwise.
namespace mpreg::runtime {

template <>
inline constexpr wire::PeerRole last_of<wire::PeerRole> = wire::PeerRole::client;
template <>
inline constexpr wire::MemberState last_of<wire::MemberState> = wire::MemberState::left;
template <>
inline constexpr wire::Priority last_of<wire::Priority> = wire::Priority::bulk;
template <>
inline constexpr wire::Builtin last_of<wire::Builtin> =
    static_cast<wire::Builtin>(wire::builtin_end - 1);

template <class A, Is<Error> T>
void fields(A& a, T& v) {
  a.all(v.code, v.message);
}
template <class A, Is<PeerIdentity> T>
void fields(A& a, T& v) {
  a.all(v.role, v.node, v.name, v.cluster, v.incarnation, v.addresses);
}
template <class A, Is<wire::Hello> T>
void fields(A& a, T& v) {
  a.all(v.major, v.minor, v.role, v.has_key, v.cluster, v.cluster_name, v.node, v.name,
        v.incarnation, v.challenge, v.addresses);
}
template <class A, Is<wire::MemberUpdate> T>
void fields(A& a, T& v) {
  a.all(v.node, v.incarnation, v.refutation, v.state, v.reporter, v.reason, v.cluster, v.name,
        v.addresses);
}
template <class A, Is<wire::TraceContext> T>
void fields(A& a, T& v) {
  a.all(v.trace_high, v.trace_low, v.span);
}

}  // namespace mpreg::runtime
