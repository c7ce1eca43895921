// Standing: whose mail a message is, by who handed it in. It decides whether it may be
// signed, and whether there is anybody outside to be verified.
#ifndef POSTSEAL_MILTER_STANDING_H_
#define POSTSEAL_MILTER_STANDING_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "dns/address.h"
#include "milter/client.h"
#include "milter/config.h"
#include "milter/macros.h"

namespace postseal::milter {

// Standing of a message's client. It never depends on what the message says.
struct Standing {
  // PeerList: the filter does nothing at all.
  bool is_peer = false;
  // The client is one of ours: its mail is signed when SigningTable names its author.
  bool is_own = false;
  // TrustedRelays: a host of ours that hands on what others sent. Its mail is not its
  // own: DMARC is evaluated by DKIM alone, and not acted on.
  bool is_trusted_relay = false;
  // A stranger: SPF and DMARC apply, and what they say may be acted on. Not for own
  // clients, trusted relays, loopback and IgnoreHosts. A client whose address the MTA
  // does not tell is a stranger without SPF.
  bool is_outside = true;
  // Nobody's concern that it writes in our name: ExternalIgnoreList.
  bool may_claim_our_domains = false;
  // The client has logged in.
  bool is_authenticated = false;
  // For LogWhy: why the client is own, or why not.
  std::string_view why;

  // evaluates_dmarc says whether DMARC is evaluated, whether or not it is acted on.
  bool evaluates_dmarc() const { return is_outside || is_trusted_relay; }

  static Standing Of(const Config& config, const Client& client, const Macros& macros);
};

// Implementation.

namespace internal {

// MatchesMacro says whether a row of MTA or MacroList does.
inline bool MatchesMacro(const Config& config, const Macros& macros) {
  const auto has = [](const std::vector<std::string>& values, std::string_view value) {
    return std::any_of(values.begin(), values.end(), [value](const std::string& one) {
      return base::EqualsIgnoreCase(one, value);
    });
  };
  if (!config.mta.empty() && has(config.mta, macros.Value("daemon_name"))) return true;
  return std::any_of(config.macro_list.begin(), config.macro_list.end(),
                     [&](const MacroMatch& row) {
                       const std::optional<std::string_view> value = macros.Find(row.name);
                       return value.has_value() && (row.values.empty() || has(row.values, *value));
                     });
}

}  // namespace internal

inline Standing Standing::Of(const Config& config, const Client& client, const Macros& macros) {
  // A program that hands mail in on this host is a client at its loopback address.
  std::optional<dns::IpAddress> address = client.address;
  if (client.is_local) address = dns::IpAddress::ParseV4("127.0.0.1");

  Standing standing;
  standing.is_peer = config.peer_list.Matches(address, client.host_name);
  standing.may_claim_our_domains = config.external_ignore_list.Matches(address, client.host_name);
  const bool is_ignored = config.ignore_hosts.Matches(address, client.host_name);
  const bool is_relay = config.trusted_relays.Matches(address, client.host_name);
  const bool is_authenticated = !macros.Value("auth_type").empty();
  standing.is_authenticated = is_authenticated;
  // A relay hands on what strangers write: its address alone makes no message ours.
  if (!is_relay && config.internal_hosts.Matches(address, client.host_name)) {
    standing.is_own = true;
    standing.why = "internal host";
  } else if (is_authenticated) {
    standing.is_own = true;
    standing.why = "authenticated";
  } else if (internal::MatchesMacro(config, macros)) {
    standing.is_own = true;
    standing.why = "MTA or MacroList matches";
  } else if (is_relay) {
    standing.why = "trusted relay";
  } else {
    standing.why = "not internal, not authenticated";
  }
  // A client that is us has no SPF record to meet. IgnoreAuthenticatedClients no: who
  // logs in from outside is a client from outside, and its mail is signed all the same.
  const bool is_exempt = is_authenticated ? config.ignore_authenticated_clients : standing.is_own;
  standing.is_trusted_relay = is_relay && !is_exempt && !is_ignored;
  standing.is_outside = !is_relay && !is_exempt && !is_ignored && !client.IsLoopback();
  return standing;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_STANDING_H_
