// Setup: everything that is ready before a message comes, made anew at each reload.
#ifndef POSTSEAL_MILTER_SETUP_H_
#define POSTSEAL_MILTER_SETUP_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/options.h"
#include "dkim/public_key_cache.h"
#include "dns/zone_resolver.h"
#include "milter/config.h"
#include "milter/negotiation.h"
#include "milter/published_keys.h"
#include "milter/signing_tables.h"
#include "store/fact.h"

namespace postseal::milter {

// kMaxCachedKeys bounds the parsed public keys that are kept: some 2 KiB each.
inline constexpr size_t kMaxCachedKeys = 1000;

// kMaxFieldOctets bounds one header field, in octets: Postfix's header_size_limit lets
// 102,400 through.
inline constexpr size_t kMaxFieldOctets = 128 * 1024;

// Setup never changes, and threads share it. A message keeps the one it began with.
struct Setup {
  Config config;
  std::shared_ptr<const SigningTables> signing;
  // For mail from outside, and for the rest, of which signatures alone are verified.
  std::shared_ptr<const auth::Options> outside;
  std::shared_ptr<const auth::Options> own;
  // Of ZoneFile and its like: answers in place of the DNS. May be null.
  std::shared_ptr<const dns::ZoneResolver> zone;
  // The name servers when it was made, for comparison and the log: Nameservers, or those of
  // /etc/resolv.conf, which libunbound reads itself. Empty with |zone|.
  std::vector<std::string> name_servers;
  // Parsed public keys of senders.
  std::shared_ptr<dkim::PublicKeyCache> public_keys;
  // Which keys sign nothing yet; null: all sign. It outlives every setup.
  const PublishedKeys* published_keys = nullptr;
  // Where facts for reports go; null: nowhere. It outlives every setup.
  store::FactSink* facts = nullptr;

  // MakeOptions fills |outside|, |own| and |public_keys| from |config|.
  void MakeOptions();

  // needs is what the MTA must, or may, grant.
  Needs needs() const;
};

// Implementation.

inline void Setup::MakeOptions() {
  public_keys = std::make_shared<dkim::PublicKeyCache>(kMaxCachedKeys);
  auto options = std::make_shared<auth::Options>();
  options->header.max_field_octets = kMaxFieldOctets;
  if (config.maximum_headers > 0) options->header.max_header_octets = config.maximum_headers;
  if (config.maximum_signatures_to_verify > 0) {
    options->dkim.max_signatures = config.maximum_signatures_to_verify;
  }
  options->dkim.min_rsa_bits = config.minimum_key_bits;
  options->dkim.allow_rsa_sha1 = config.allow_rsa_sha1;
  if (config.clock_drift_seconds.has_value()) {
    options->dkim.clock_skew_seconds = *config.clock_drift_seconds;
  }
  options->dkim.key_cache = public_keys.get();
  auto signatures_alone = std::make_shared<auth::Options>(*options);
  signatures_alone->check_dmarc = false;
  outside = std::move(options);
  own = std::move(signatures_alone);
}

inline Needs Setup::needs() const {
  Needs needs;
  needs.change_headers = !config.keep_auth_results;
  return needs;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SETUP_H_
