#pragma once

#include <concepts>
#include <type_traits>

#include "engine/runtime/effect.hpp"
#include "engine/runtime/input.hpp"

/// The fields of everything that is hashed or recorded, written down once.
///
/// `fields(archive, value)` hands every field of a struct, in a fixed order, to `archive.all(...)`.
/// The hash, the writer and the reader of recordings are three archives over the same lists, so
/// they cannot disagree. The order is part of the recording format: append only, and raise
/// recording_version when a list changes.
namespace mpreg::runtime {

/// T is U or const U: a field list serves readers and writers.
template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// --- parts --------------------------------------------------------------------------------------

template <class A, Is<TimerKey> T>
void fields(A& a, T& v) {
  a.all(v.kind, v.subject);
}
template <class A, Is<Change> T>
void fields(A& a, T& v) {
  a.all(v.key, v.is_erase, v.value);
}
template <class A, Is<Row> T>
void fields(A& a, T& v) {
  a.all(v.key, v.value);
}
template <class A, Is<Outcome> T>
void fields(A& a, T& v) {
  a.all(v.code, v.message, v.function, v.node, v.content_type, v.payload);
}
template <class A, Is<wire::FunctionSelector> T>
void fields(A& a, T& v) {
  a.all(v.name, v.function_id, v.constraint, v.resources, v.cluster, v.node);
}
template <class A, Is<wire::RecordKey> T>
void fields(A& a, T& v) {
  a.all(v.kind, v.key);
}
template <class A, Is<wire::NodeRecord> T>
void fields(A& a, T& v) {
  a.all(v.name, v.cluster_name, v.addresses, v.capabilities, v.resources, v.builtins);
}
template <class A, Is<wire::FunctionRecord> T>
void fields(A& a, T& v) {
  a.all(v.name, v.function_id, v.version, v.resources);
}
template <class A, Is<wire::SubscriptionRecord> T>
void fields(A& a, T& v) {
  a.all(v.id, v.patterns);
}
template <class A, Is<wire::QueueRecord> T>
void fields(A& a, T& v) {
  a.all(v.name, v.guarantees, v.health, v.subscribers, v.metadata);
}
template <class A, Is<wire::CacheRoleRecord> T>
void fields(A& a, T& v) {
  a.all(v.role);
}
template <class A, Is<wire::CacheProfileRecord> T>
void fields(A& a, T& v) {
  a.all(v.region, v.latitude_microdegrees, v.longitude_microdegrees, v.capacity_bytes,
        v.utilization, v.latency, v.reliability);
}

// --- requests -----------------------------------------------------------------------------------

template <class A, Is<CallRequest> T>
void fields(A& a, T& v) {
  a.all(v.selector, v.timeout, v.is_idempotent, v.content_type, v.payload);
}
template <class A, Is<CancelRequest> T>
void fields(A& a, T& v) {
  a.all(v.call);
}
template <class A, Is<RegisterRequest> T>
void fields(A& a, T& v) {
  a.all(v.is_removal, v.functions);
}
template <class A, Is<AdvertiseRequest> T>
void fields(A& a, T& v) {
  a.all(v.is_removal, v.key, v.body);
}
template <class A, Is<DrainRequest> T>
void fields(A& a, T&) {
  a.all();
}
template <class A, Is<LeaveRequest> T>
void fields(A& a, T& v) {
  a.all(v.reason);
}

template <class A, Is<KvRequest> T>
void fields(A& a, T& v) {
  a.all(v.group, v.op, v.key, v.expected, v.value, v.session, v.sequence, v.timeout);
}

// --- inputs -------------------------------------------------------------------------------------

template <class A, Is<input::Started> T>
void fields(A& a, T& v) {
  a.all(v.seed, v.incarnation);
}
template <class A, Is<input::LinkUp> T>
void fields(A& a, T& v) {
  a.all(v.link, v.dial, v.remote);
}
template <class A, Is<input::LinkDown> T>
void fields(A& a, T& v) {
  a.all(v.link, v.why);
}
template <class A, Is<input::DialFailed> T>
void fields(A& a, T& v) {
  a.all(v.dial, v.why);
}
template <class A, Is<input::Received> T>
void fields(A& a, T& v) {
  a.all(v.link, v.frame);
}
template <class A, Is<input::Expired> T>
void fields(A& a, T& v) {
  a.all(v.timer);
}
template <class A, Is<input::Signed> T>
void fields(A& a, T& v) {
  a.all(v.id, v.tag);
}
template <class A, Is<input::Written> T>
void fields(A& a, T& v) {
  a.all(v.write, v.status);
}
template <class A, Is<input::Fetched> T>
void fields(A& a, T& v) {
  a.all(v.read, v.status, v.rows);
}
template <class A, Is<input::Returned> T>
void fields(A& a, T& v) {
  a.all(v.invoke, v.outcome);
}
template <class A, Is<input::Command> T>
void fields(A& a, T& v) {
  a.all(v.request, v.what);
}

// --- effects (hashed, never read back) ----------------------------------------------------------

template <class A>
void fields(A& a, const effect::Send& v) {
  // The checksum stands for the content of both pieces: nothing is read twice on the hot path.
  a.all(v.link, v.priority, v.frame.checksum, v.frame.head.size(), v.frame.payload.size());
}
template <class A>
void fields(A& a, const effect::Dial& v) {
  a.all(v.dial, v.address);
}
template <class A>
void fields(A& a, const effect::HangUp& v) {
  a.all(v.link, v.why);
}
template <class A>
void fields(A& a, const effect::Arm& v) {
  a.all(v.timer, v.at);
}
template <class A>
void fields(A& a, const effect::Disarm& v) {
  a.all(v.timer);
}
template <class A>
void fields(A& a, const effect::Sign& v) {
  a.all(v.id, v.message);
}
template <class A>
void fields(A& a, const effect::Commit& v) {
  a.all(v.write, v.durability, v.batch);
}
template <class A>
void fields(A& a, const effect::Fetch& v) {
  a.all(v.read, v.from, v.to, v.limit);
}
template <class A>
void fields(A& a, const effect::Invoke& v) {
  a.all(v.invoke, v.function, v.deadline, v.content_type, v.payload);
}
template <class A>
void fields(A& a, const effect::Recall& v) {
  a.all(v.invoke);
}
template <class A>
void fields(A& a, const effect::Reply& v) {
  a.all(v.request, v.outcome);
}
template <class A>
void fields(A& a, const Note& v) {
  a.all(v.kind, v.subject, v.detail, v.text);
}

}  // namespace mpreg::runtime
