#include "dkim/openssl_signer.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/signing_key.h"
#include "dkim/testdata.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// Skipped where the machine has no OpenSSL 3, as the caller would do without.
#define ASSERT_LOADED(signer)                                       \
  if ((signer).status().code() == absl::StatusCode::kUnavailable) { \
    GTEST_SKIP() << (signer).status();                              \
  }                                                                 \
  ASSERT_TRUE((signer).ok()) << (signer).status()

TEST(OpenSslSignerTest, MakesTheOctetsThatBoringSslMakes) {
  for (const char* name :
       {"rfc6376", "rfc8463_rsa", "rsa1024", "rsa2048", "rsa2048_pkcs1", "rsa4096"}) {
    SCOPED_TRACE(name);
    const std::string text = ReadTestdata(absl::StrCat("keys/", name, ".pem"));
    const auto boring = SigningKey::FromPem(text);
    ASSERT_TRUE(boring.ok()) << boring.status();
    const auto openssl = OpenSslSigner::FromPem(text);
    ASSERT_LOADED(openssl);
    EXPECT_EQ((*openssl)->key_type(), KeyType::kRsa);
    EXPECT_EQ((*openssl)->bits(), (*boring)->bits());
    EXPECT_EQ((*openssl)->public_key_base64(), (*boring)->public_key_base64());
    for (const char* header : {"from:a@example.com\r\n", "from:b@example.com\r\n", ""}) {
      const Digest digest = Sha256(header);
      const auto a = (*boring)->Sign(digest);
      const auto b = (*openssl)->Sign(digest);
      ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
      EXPECT_EQ(*a, *b) << header;
    }
  }
}

TEST(OpenSslSignerTest, ThreadsShareBothLibraries) {
  const std::string text = ReadTestdata("keys/rsa1024.pem");
  const auto openssl = OpenSslSigner::FromPem(text);
  ASSERT_LOADED(openssl);
  const auto boring = SigningKey::FromPem(text);
  ASSERT_TRUE(boring.ok()) << boring.status();
  std::vector<int> equal(4, 0);
  std::vector<std::thread> threads;
  for (int& count : equal) {
    threads.emplace_back([&openssl, &boring, &count] {
      for (int i = 0; i < 20; ++i) {
        const Digest digest = Sha256(absl::StrCat(i));
        const auto a = (*boring)->Sign(digest);
        const auto b = (*openssl)->Sign(digest);
        count += a.ok() && b.ok() && *a == *b ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, std::vector<int>(4, 20));
}

TEST(OpenSslSignerTest, SignsSha256Only) {
  const auto openssl = OpenSslSigner::FromPem(ReadTestdata("keys/rsa1024.pem"));
  ASSERT_LOADED(openssl);
  const Hasher sha1(HashAlgorithm::kSha1);
  for (const Digest& digest : {sha1.Peek(), Digest()}) {
    EXPECT_EQ((*openssl)->Sign(digest).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(OpenSslSignerTest, RefusesWhatSigningKeyRefuses) {
  for (const char* name : {"empty", "rsa512", "public", "rsa_wrong_d"}) {
    const std::string text = ReadTestdata(absl::StrCat("bad/keys/", name, ".pem"));
    EXPECT_EQ(OpenSslSigner::FromPem(text).status(), SigningKey::FromPem(text).status()) << name;
  }
}

TEST(OpenSslSignerTest, IsForRsaAlone) {
  EXPECT_EQ(OpenSslSigner::FromPem(ReadTestdata("keys/ed25519.pem")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace postseal::dkim
