// The example of RFC 8463 appendix A, for the tests of this folder.
#ifndef POSTSEAL_DKIM_RFC8463_EXAMPLE_H_
#define POSTSEAL_DKIM_RFC8463_EXAMPLE_H_

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "dkim/digest.h"
#include "gtest/gtest.h"

namespace postseal::dkim::rfc8463 {

// The p= of the two records. Appendix A.2
inline constexpr std::string_view kEd25519PublicKey =
    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
inline constexpr std::string_view kRsaPublicKey =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
    "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
    "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
    "Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

// The b= of the two signatures. Appendix A.3
inline constexpr std::string_view kEd25519Signature =
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
    "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
inline constexpr std::string_view kRsaSignature =
    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
    "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
    "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=";

// The header that both signatures cover, in canonical form (relaxed).
inline constexpr std::string_view kHeader =
    "from:Joe SixPack <joe@football.example.com>\r\n"
    "to:Suzie Q <suzie@shopping.example.net>\r\n"
    "subject:Is dinner ready?\r\n"
    "date:Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "message-id:<20030712040037.46341.5F8J@football.example.com>\r\n";
// And the signature fields with an empty b=, likewise.
inline constexpr std::string_view kEd25519Field =
    "dkim-signature:v=1; a=ed25519-sha256; c=relaxed/relaxed; d=football.example.com; "
    "i=@football.example.com; q=dns/txt; s=brisbane; t=1528637909; h=from : to : subject : date : "
    "message-id : from : subject : date; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=";
inline constexpr std::string_view kRsaField =
    "dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com; "
    "i=@football.example.com; q=dns/txt; s=test; t=1528637909; h=from : to : subject : date : "
    "message-id : from : subject : date; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=";

// SignedDigest is the digest of kHeader and |field|.
inline Digest SignedDigest(std::string_view field) {
  return Sha256(std::string(kHeader) + std::string(field));
}

// Decode decodes base64 by another decoder than the one under test.
inline std::string Decode(std::string_view base64) {
  std::string octets;
  EXPECT_TRUE(absl::Base64Unescape(base64, &octets)) << base64;
  return octets;
}

}  // namespace postseal::dkim::rfc8463

#endif  // POSTSEAL_DKIM_RFC8463_EXAMPLE_H_
