// One process with libpostseal.so.0, OpenSSL, and symbols that have the names of what is
// inside the library: nobody's calls go astray.
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "capi/postseal.h"
#include "gtest/gtest.h"

// What another version of Abseil and of BoringSSL in this program would define. The
// library must call its own; these end the test.
extern "C" {
void postseal_test_absl_str_cat() __asm__("_ZN4absl12lts_202206236StrCatERKNS0_8AlphaNumES3_");
void postseal_test_absl_str_cat() { std::abort(); }
void postseal_test_status_string() __asm__(
    "_ZNK4absl12lts_202206236Status14ToStringSlowENS0_18StatusToStringModeE");
void postseal_test_status_string() { std::abort(); }
void CRYPTO_library_init() { std::abort(); }
void ED25519_sign() { std::abort(); }
void ED25519_verify() { std::abort(); }
}

namespace {

constexpr std::string_view kMessage = "From: a@example.com\r\n\r\nHello.\r\n";

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Ed25519ByOpenSsl signs and verifies with OpenSSL; true when that works.
bool Ed25519ByOpenSsl() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  uint8_t signature[64];
  size_t size = sizeof(signature);
  const bool good =
      EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestSign(context, signature, &size, Octets(kMessage), kMessage.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return good && size == sizeof(signature);
}

// Sha256ByOpenSsl says whether the digest of "abc" is that of FIPS 180-4.
bool Sha256ByOpenSsl() {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(Octets("abc"), 3, digest);
  return digest[0] == 0xba && digest[1] == 0x78 && digest[31] == 0xad;
}

// SignAndVerify signs and verifies with postseal; the result, or -1.
int32_t SignAndVerify() {
  postseal_keypair* pair = nullptr;
  postseal_bytes pem = {nullptr, 0};
  postseal_bytes zone_text = {nullptr, 0};
  postseal_key* key = nullptr;
  postseal_signer* signer = nullptr;
  postseal_sign* sign = nullptr;
  postseal_bytes fields = {nullptr, 0};
  postseal_zone* zone = nullptr;
  postseal_verify* verify = nullptr;
  int32_t result = -1;
  EXPECT_EQ(postseal_keypair_new(POSTSEAL_KEY_ED25519, 0, &pair, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_keypair_private_pem(pair, &pem), POSTSEAL_OK);
  EXPECT_EQ(postseal_keypair_zone_text(pair, "example.com", 11, "s", 1, &zone_text), POSTSEAL_OK);
  EXPECT_EQ(postseal_key_new(reinterpret_cast<const char*>(pem.data), pem.len, &key, nullptr),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_new(&signer), POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_add_key(signer, "example.com", 11, "s", 1, key), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_new(signer, 1767225600, &sign, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_feed(sign, Octets(kMessage), kMessage.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_end_of_message(sign), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_fields(sign, &fields), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
  EXPECT_EQ(
      postseal_zone_add(zone, reinterpret_cast<const char*>(zone_text.data), zone_text.len, "z", 1),
      POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_new(nullptr, nullptr, 1767225600, &verify, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_feed(verify, fields.data, fields.len), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_feed(verify, Octets(kMessage), kMessage.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_answer(zone, postseal_verify_exchange(verify)), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_result(verify, &result), POSTSEAL_OK);
  postseal_verify_free(verify);
  postseal_zone_free(zone);
  postseal_sign_free(sign);
  postseal_signer_free(signer);
  postseal_key_free(key);
  postseal_keypair_free(pair);
  return result;
}

TEST(CoexistenceTest, OpenSslAndOtherCopiesInOneProcess) {
  EXPECT_TRUE(Sha256ByOpenSsl());
  EXPECT_TRUE(Ed25519ByOpenSsl());
  EXPECT_EQ(SignAndVerify(), POSTSEAL_RESULT_PASS);
  EXPECT_TRUE(Sha256ByOpenSsl());
  EXPECT_TRUE(Ed25519ByOpenSsl());
}

}  // namespace
