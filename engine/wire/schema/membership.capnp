@0x836933b37639c3d5;
# SWIM probes and the member table.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mpreg::wire::schema");

enum MemberState {
  alive @0;
  suspect @1;
  dead @2;
  left @3;
}

enum GoodbyeReason {
  gracefulShutdown @0;
  maintenance @1;
  clusterRebalance @2;
  manualRemoval @3;
}

struct MemberUpdate {
  node @0 :UInt64;
  incarnation @1 :UInt64;
  reporter @2 :UInt64;
  cluster @3 :UInt64;
  refutation @4 :UInt32;
  state @5 :MemberState;
  reason @6 :GoodbyeReason;
  name @7 :Text;
  addresses @8 :List(Text);
}

struct Ping {
  sequence @0 :UInt64;
  membersHash @1 :UInt64;
  updates @2 :List(MemberUpdate);
}

struct Ack {
  sequence @0 :UInt64;
  subject @1 :UInt64;
  membersHash @2 :UInt64;
  updates @3 :List(MemberUpdate);
}

struct PingRequest {
  sequence @0 :UInt64;
  subject @1 :UInt64;
  updates @2 :List(MemberUpdate);
}

struct Nack {
  sequence @0 :UInt64;
  subject @1 :UInt64;
}

struct MemberSync {
  membersHash @0 :UInt64;
  from @1 :UInt64;
  to @2 :UInt64;
  isRequest @3 :Bool;
  updates @4 :List(MemberUpdate);
}

struct Goodbye {
  incarnation @0 :UInt64;
  refutation @1 :UInt32;
  reason @2 :GoodbyeReason;
}
