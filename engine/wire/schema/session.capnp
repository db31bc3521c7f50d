@0xb456f427bb1c3751;
# The handshake and the heartbeat of one link.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mpreg::wire::schema");

enum PeerRole {
  node @0;
  client @1;
}

struct Hello {
  major @0 :UInt16;
  minor @1 :UInt16;
  role @2 :PeerRole;
  hasKey @3 :Bool;
  cluster @4 :UInt64;
  node @5 :UInt64;
  incarnation @6 :UInt64;
  clusterName @7 :Text;
  name @8 :Text;
  challenge @9 :Data;  # exactly 32 bytes
  addresses @10 :List(Text);
}

struct Proof {
  tag @0 :Data;  # exactly 32 bytes
}

struct Refusal {
  code @0 :UInt16;  # Errc; open: an unknown number is kept
  message @1 :Text;
}

struct SessionPing {
  nonce @0 :UInt64;
}

struct SessionPong {
  nonce @0 :UInt64;
}
