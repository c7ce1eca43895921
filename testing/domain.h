// Domain: a domain that does everything right, for tests of programs over postseal: its
// zone, its key, its signatures. With kNow as the clock, nothing depends on time.
//
//   testing::Domain domain("example.com");
//   const std::string message = domain.Sign(testing::MessageFrom("alice@example.com"));
//   EXPECT_THAT(domain.Verify(message), testing::Passes());
#ifndef POSTSEAL_TESTING_DOMAIN_H_
#define POSTSEAL_TESTING_DOMAIN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "dkim/algorithm.h"
#include "dkim/key_pair.h"
#include "dns/zone_resolver.h"

namespace postseal::testing {

// kNow is a fixed clock: 2026-01-01T00:00:00Z.
inline constexpr int64_t kNow = 1767225600;

// CannedKey is a new key, the same each time in one process: an RSA key takes a while to
// make.
const dkim::KeyPair& CannedKey(dkim::KeyType type = dkim::KeyType::kEd25519);

// MessageFrom is a message of |author| with the fields that every message has, and |fields|
// besides: whole fields, each with CRLF.
std::string MessageFrom(std::string_view author, std::string_view body = "Hello.\r\n",
                        std::string_view fields = "");

class Domain {
 public:
  // Ends the test when |name| is no domain name. The key is CannedKey(|type|), under the
  // selector s1; the members below are what the domain publishes and may be changed, an
  // empty record is none.
  explicit Domain(std::string_view name, dkim::KeyType type = dkim::KeyType::kEd25519);

  std::string client_ip = "192.0.2.1";
  std::string spf = "v=spf1 ip4:192.0.2.1 -all";
  std::string dmarc = "v=DMARC1; p=reject";
  std::string key_record;
  // Further lines of the zone.
  std::string extra;

  // ZoneText is the domain's zone, and Zone a resolver that knows nothing else.
  std::string ZoneText() const;
  std::unique_ptr<dns::ZoneResolver> Zone() const;

  // Mail is the envelope of mail from |local_part| at the domain, from client_ip.
  auth::Envelope Mail(std::string_view local_part = "alice") const;

  // Sign is |message| with the domain's signature on top.
  std::string Sign(std::string_view message, int64_t now = kNow) const;

  // Verify is what a receiver finds that knows this domain's zone.
  auth::Report Verify(std::string_view message, int64_t now = kNow) const;

 private:
  std::string name_;
  dkim::KeyType type_;
};

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_DOMAIN_H_
