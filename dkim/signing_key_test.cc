#include "dkim/signing_key.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/rfc8463_example.h"
#include "dkim/rsa_key.h"
#include "dkim/testdata.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

std::shared_ptr<const SigningKey> Load(std::string_view text) {
  const auto key = SigningKey::FromPem(text);
  EXPECT_TRUE(key.ok()) << key.status();
  return key.ok() ? *key : nullptr;
}
std::shared_ptr<const SigningKey> LoadFile(const std::string& name) {
  return Load(ReadTestdata(absl::StrCat("keys/", name)));
}

std::string SignBase64(const SigningKey& key, const Digest& digest) {
  const auto signature = key.Sign(digest);
  EXPECT_TRUE(signature.ok()) << signature.status();
  return signature.ok() ? absl::Base64Escape(*signature) : "";
}

// PublishedKey is the p= in a zone line of opendkim-genkey.
std::string PublishedKey(const std::string& zone_file) {
  const std::string text = ReadTestdata(absl::StrCat("keys/", zone_file));
  const size_t start = text.find("\"p=") + 3;
  std::string key = text.substr(start, text.find("\" )") - start);
  return absl::StrReplaceAll(key, {{"\"\n\t  \"", ""}});
}

// Both algorithms are deterministic: RFC 8017 §8.2.1, RFC 8032 §5.1.6.
TEST(SigningKeyTest, SignsTheExamplesOfRfc8463) {
  const auto ed25519 = LoadFile("rfc8463_ed25519.b64");
  ASSERT_NE(ed25519, nullptr);
  EXPECT_EQ(ed25519->key_type(), KeyType::kEd25519);
  EXPECT_EQ(ed25519->bits(), 256);
  EXPECT_EQ(ed25519->public_key_base64(), rfc8463::kEd25519PublicKey);
  EXPECT_EQ(SignBase64(*ed25519, rfc8463::SignedDigest(rfc8463::kEd25519Field)),
            rfc8463::kEd25519Signature);

  const auto rsa = LoadFile("rfc8463_rsa.pem");
  ASSERT_NE(rsa, nullptr);
  EXPECT_EQ(rsa->key_type(), KeyType::kRsa);
  EXPECT_EQ(rsa->bits(), 1024);
  EXPECT_EQ(rsa->public_key_base64(), rfc8463::kRsaPublicKey);
  EXPECT_EQ(SignBase64(*rsa, rfc8463::SignedDigest(rfc8463::kRsaField)), rfc8463::kRsaSignature);
}

// RFC 6376 appendix C has the key and the record.
TEST(SigningKeyTest, PublicHalfOfRfc6376) {
  const auto key = LoadFile("rfc6376.pem");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->public_key_base64(),
            "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
            "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
            "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
            "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
            "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB");
}

TEST(SigningKeyTest, PublicHalfIsWhatTheZoneLineSays) {
  for (const char* name : {"rsa1024", "rsa2048", "rsa4096", "ed25519"}) {
    const auto key = LoadFile(absl::StrCat(name, ".pem"));
    ASSERT_NE(key, nullptr) << name;
    EXPECT_EQ(key->public_key_base64(), PublishedKey(absl::StrCat(name, ".txt"))) << name;
  }
}

TEST(SigningKeyTest, TheSameKeyInAnotherForm) {
  const struct {
    const char* a;
    const char* b;
  } kPairs[] = {
      {"rsa2048.pem", "rsa2048_pkcs1.pem"},
      {"ed25519.pem", "ed25519.b64"},
      {"ed25519.pem", "ed25519.seed"},
  };
  const Digest digest = Sha256("a header");
  for (const auto& pair : kPairs) {
    const auto a = LoadFile(pair.a);
    const auto b = LoadFile(pair.b);
    ASSERT_TRUE(a != nullptr && b != nullptr) << pair.b;
    EXPECT_EQ(a->public_key_base64(), b->public_key_base64()) << pair.b;
    EXPECT_EQ(SignBase64(*a, digest), SignBase64(*b, digest)) << pair.b;
  }
}

TEST(SigningKeyTest, WhatEditorsAndToolsDoToFiles) {
  const std::string pem = ReadTestdata("keys/ed25519.pem");
  const std::string seed = ReadTestdata("keys/ed25519.b64");
  const std::string public_key = LoadFile("ed25519.pem")->public_key_base64();
  const struct {
    std::string text;
    const char* why;
  } kCases[] = {
      {absl::StrReplaceAll(pem, {{"\n", "\r\n"}}), "CRLF"},
      {pem.substr(0, pem.size() - 1), "no LF at the end"},
      {absl::StrCat("Bag Attributes\n    friendlyName: mail\n", pem), "text before"},
      {absl::StrCat(pem, "\n\n"), "empty lines after"},
      {absl::StrReplaceAll(pem, {{"-----\n", "-----  \n"}}), "blanks at line ends"},
      {absl::StrCat("-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n", pem),
       "a certificate before the key"},
      {absl::StrCat("  ", seed, "\r\n"), "white space around a seed"},
      {seed.substr(0, seed.size() - 1), "a seed without LF"},
      // RFC 8410 §7 version 2: the same with the public key after it.
      {absl::StrCat(
           "-----BEGIN PRIVATE KEY-----\n",
           absl::Base64Escape(absl::StrCat(rfc8463::Decode("MFECAQEwBQYDK2VwBCIEIA=="),
                                           ReadTestdata("keys/ed25519.seed"),
                                           rfc8463::Decode("gSEA"), rfc8463::Decode(public_key))),
           "\n-----END PRIVATE KEY-----\n"),
       "OneAsymmetricKey"},
  };
  for (const auto& c : kCases) {
    const auto key = SigningKey::FromPem(c.text);
    ASSERT_TRUE(key.ok()) << c.why << ": " << key.status();
    EXPECT_EQ((*key)->public_key_base64(), public_key) << c.why;
  }
}

// RFC 8301 §3.1: SHA-1 is not signed; nor is anything else of another size.
TEST(SigningKeyTest, SignsSha256Only) {
  Hasher sha1(HashAlgorithm::kSha1);
  for (const char* name : {"rsa1024.pem", "ed25519.pem"}) {
    const auto key = LoadFile(name);
    ASSERT_NE(key, nullptr);
    for (const Digest& digest : {sha1.Peek(), Digest()}) {
      EXPECT_EQ(key->Sign(digest).status().code(), absl::StatusCode::kInvalidArgument) << name;
    }
  }
}

TEST(SigningKeyTest, TheLargestRsaKey) {
  const auto key = LoadFile("rsa8192.pem");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->bits(), kMaxRsaBits);
}

TEST(SigningKeyTest, ThreadsShareAKey) {
  const auto key = LoadFile("rsa1024.pem");
  ASSERT_NE(key, nullptr);
  const Digest digest = Sha256("a header");
  const std::string expected = SignBase64(*key, digest);
  std::vector<std::string> last(4);
  std::vector<std::thread> threads;
  for (std::string& signature : last) {
    threads.emplace_back([&key, &digest, &signature] {
      for (int i = 0; i < 20; ++i) signature = SignBase64(*key, digest);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(last, std::vector<std::string>(4, expected));
}

// Each file of testdata/bad/keys has an .error beside it: the whole message.
TEST(SigningKeyTest, BadFiles) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("testdata/bad/keys")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".pem") continue;
    ++files;
    SCOPED_TRACE(name);
    const absl::Status status =
        SigningKey::FromPem(ReadTestdata(absl::StrCat("bad/keys/", name))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    std::string expected =
        ReadTestdata(absl::StrCat("bad/keys/", entry.path().stem().string(), ".error"));
    EXPECT_EQ(absl::StrCat(status.message(), "\n"), expected);
  }
  EXPECT_GE(files, 35u) << "the files were not found";
}

}  // namespace
}  // namespace postseal::dkim
