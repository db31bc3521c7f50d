@0xe87a1d5f82155ca8;
# The header of every message. A relay reads and rewrites this and nothing else.
# Numbers and texts are those of engine/wire/envelope.hpp; docs/PROTOCOL.md explains them.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mpreg::wire::schema");

enum Kind {
  control @0;
  rpc @1;
  pubsub @2;
  queue @3;
  cache @4;
  data @5;
}

enum Delivery {
  fireAndForget @0;
  atLeastOnce @1;
  exactlyOnce @2;
  broadcast @3;
  quorum @4;
}

enum Priority {
  critical @0;
  high @1;
  normal @2;
  low @3;
  bulk @4;
}

struct Envelope {
  id @0 :UInt64;
  correlation @1 :UInt64;
  sourceCluster @2 :UInt64;
  targetCluster @3 :UInt64;
  source @4 :UInt64;
  target @5 :UInt64;
  deadlineNanos @6 :Int64;  # remaining time; 0 = none
  traceHigh @7 :UInt64;
  traceLow @8 :UInt64;
  span @9 :UInt64;
  kind @10 :Kind;
  delivery @11 :Delivery;
  priority @12 :Priority;
  hopBudget @13 :UInt16;
  topic @14 :Text;
  routingPath @15 :List(UInt64);
  federationPath @16 :List(UInt64);
}
