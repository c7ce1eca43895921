// MessageParts: everything that is done for one message, and each method alone.
#ifndef POSTSEAL_BENCH_MESSAGE_CASES_H_
#define POSTSEAL_BENCH_MESSAGE_CASES_H_

#include <functional>
#include <span>
#include <string>
#include <utility>

namespace postseal::bench {

// MessagePart is one way to treat the message: m10k of bench/dkim_cases.h with an
// RSA-2048 signature of the author's domain, from a subdomain whose SPF record
// includes two, the second of which matches, and a DMARC record in relaxed mode.
struct MessagePart {
  MessagePart(std::string part_name, std::function<bool(bool changed)> check)
      : name(std::move(part_name)), passes(std::move(check)) {}

  std::string name;  // "whole.cached"
  // Goes through it once, with |changed| on a message and from a client for which the
  // part must not pass, and says whether it passes.
  std::function<bool(bool changed)> passes;
};

// MessageParts returns all of them, which live as long as the process:
//   whole.cached  a VerifySession from its start to the report, with the key's numbers
//   whole.fresh   at hand (dkim::PublicKeyCache), and without
//   dkim.cached   the same of DKIM alone
//   dkim.fresh
//   spf           an SpfSession in use
//   dmarc         a DmarcSession in use, by RFC 9989
// Answers come from memory. Ends the process when a key cannot be read.
std::span<const MessagePart> MessageParts();

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MESSAGE_CASES_H_
