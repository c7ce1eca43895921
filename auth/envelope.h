// Envelope: what the SMTP server knows of a message besides its content.
#ifndef POSTSEAL_AUTH_ENVELOPE_H_
#define POSTSEAL_AUTH_ENVELOPE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "dns/address.h"

namespace postseal::auth {

// kMaxPctDraw is the largest Envelope::pct_draw. RFC 7489 §6.6.4
inline constexpr uint8_t kMaxPctDraw = 99;

// Envelope may leave out what is not known; what depends on it is then not
// evaluated, which is not the same as "none". Leave |client_ip| out for mail of
// your own, of authenticated and of loopback clients, and for address families
// that are no IP: SPF says nothing about them.
struct Envelope {
  // The SMTP client's address.
  std::optional<dns::IpAddress> client_ip;
  // The argument of HELO or EHLO; empty when it is not known.
  std::string helo;
  // The reverse-path, with or without angle brackets. Empty is the null
  // reverse-path of a bounce, which is not the same as none known.
  std::optional<std::string> rfc5321_mail_from;
  // The name of this host, for SPF's %{r} (RFC 7208 §7.2).
  std::string receiver = "unknown";
  // The message came with SMTPUTF8: header fields made for it may hold UTF-8.
  // RFC 6531 §3.4
  bool smtputf8 = false;
  // A random number from 0 to 99 for pct= of RFC 7489 §6.6.4, drawn for this message; it
  // counts before Options::dmarc.sample. A receiver should draw it from a secret: a sender
  // who can compute the number can try messages until one escapes the policy.
  std::optional<uint8_t> pct_draw;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_ENVELOPE_H_
